"""Which ID tokens count, against an issuer that is a real server."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest
from joserfc.jwk import Key

from sekisho.domain.errors import UnavailableError
from sekisho.oidc.id_token import IdTokens
from sekisho.oidc.issuer import Issuer
from sekisho.rpc.bearer import Bearers
from sekisho.tokens import LEEWAY_SECONDS, IssuerUnavailableError, TokenError
from tests.support.issuer import CLIENT_ID, TestIssuer, ec_key, ed_key, encoded, issuing, rsa_key

PUBLIC = rsa_key()
KEYS: tuple[Key, ...] = (PUBLIC, ec_key(), ed_key())
STRANGE = rsa_key()


@pytest.fixture
def issuer() -> Iterator[TestIssuer]:
    with issuing(*KEYS) as issuer:
        yield issuer


def read_by(issuer: TestIssuer, required: tuple[str, str] | None = None) -> IdTokens:
    return IdTokens(Issuer(issuer.url), CLIENT_ID, required_claim=required)


@pytest.mark.parametrize(("key", "algorithm"), [(0, "RS256"), (0, "PS256"), (1, "ES256")])
async def test_a_token_names_its_analyst_by_e_mail(
    issuer: TestIssuer, key: int, algorithm: str
) -> None:
    read = await read_by(issuer).read(issuer.token(KEYS[key], algorithm), time.time())
    assert read.name == "sato@example.jp"


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
async def test_an_edwards_curve_counts_too(issuer: TestIssuer) -> None:
    token = issuer.token(KEYS[2], "EdDSA")
    assert (await read_by(issuer).read(token, time.time())).name == "sato@example.jp"


@pytest.mark.parametrize(
    "other",
    [
        {"aud": "another-client"},
        {"aud": None},
        {"aud": [CLIENT_ID, "x"], "azp": "x"},
        {"iss": "https://elsewhere.example"},
        {"iss": None},
        {"exp": int(time.time()) - LEEWAY_SECONDS - 5},
        {"exp": None},
        {"exp": "tomorrow"},
        # Far ahead: these are made when tests are gathered, which may be long before they run.
        {"iat": int(time.time()) + LEEWAY_SECONDS + 86_400},
        {"nbf": int(time.time()) + LEEWAY_SECONDS + 86_400},
        {"email": None},
        {"email": "sa to@example.jp"},
        {"email": 7},
        {"email_verified": False},
        {"events": {"http://schemas.openid.net/event/backchannel-logout": {}}},
    ],
)
async def test_a_token_with_a_wrong_claim_does_not_count(
    issuer: TestIssuer, other: dict[str, Any]
) -> None:
    with pytest.raises(TokenError):
        await read_by(issuer).read(issuer.token(**other), time.time())


async def test_a_clock_that_is_a_little_behind_is_forgiven(issuer: TestIssuer) -> None:
    token = issuer.token(exp=int(time.time()) - 30)
    assert (await read_by(issuer).read(token, time.time())).name


async def test_a_forged_token_does_not_count(issuer: TestIssuer) -> None:
    """Signed by another key of the same name, by the public key as a secret, or by nothing."""
    public = PUBLIC.as_pem(private=False)
    good = issuer.token()
    head, body, signature = good.split(".")
    none = encoded({"alg": "none", "kid": "r1"})
    forged = encoded(issuer.claims(email="boss@example.jp"))
    for token in (
        issuer.token(STRANGE),
        issuer.signed_by_hand({"alg": "HS256", "kid": "r1"}, public),
        issuer.signed_by_hand({"alg": "RS256", "kid": "r1"}, public),
        issuer.signed_by_hand({"alg": "RS256", "kid": 7}, public),
        issuer.signed_by_hand({"alg": ["RS256"], "kid": "r1"}, public),
        issuer.signed_by_hand({"kid": "r1"}, public),
        issuer.token(KEYS[0], "RS384"),
        issuer.token(KEYS[0], header={"kid": "unknown"}),
        issuer.token(KEYS[0], header={"typ": "logout+jwt"}),
        f"{none}.{body}.",
        f"{none}.{body}.{signature}",
        f"{head}.{forged}.{signature}",
        f"{head}.{body}.",
        f"{head}.{body}",
        "",
        "a.b.c",
        good + "A",
        "A" * 20_000,
    ):
        with pytest.raises(TokenError):
            await read_by(issuer).read(token, time.time())


async def test_a_token_without_a_key_id_counts_where_there_is_no_choice(
    issuer: TestIssuer,
) -> None:
    token = issuer.token(header={"kid": None})
    issuer.keys = [KEYS[0], KEYS[1]]
    assert (await read_by(issuer).read(token, time.time())).name
    issuer.keys = [KEYS[0], STRANGE]
    with pytest.raises(TokenError):
        await read_by(issuer).read(token, time.time())


@pytest.mark.parametrize(
    "claims",
    [{"groups": ["staff", "fraud"]}, {"groups": "fraud"}],
)
async def test_a_required_claim_has_or_holds_its_value(
    issuer: TestIssuer, claims: dict[str, Any]
) -> None:
    required = read_by(issuer, ("groups", "fraud"))
    assert (await required.read(issuer.token(**claims), time.time())).name
    wrong: list[dict[str, Any]] = [
        {},
        {"groups": []},
        {"groups": "frauds"},
        {"groups": {"fraud": True}},
    ]
    for other in wrong:
        with pytest.raises(TokenError, match="groups"):
            await required.read(issuer.token(**other), time.time())


async def test_a_required_claim_may_lie_within_another(issuer: TestIssuer) -> None:
    required = read_by(issuer, ("realm_access.roles", "fraud"))
    token = issuer.token(realm_access={"roles": ["fraud"]})
    assert (await required.read(token, time.time())).name


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def test_a_new_key_is_found_and_a_flood_of_unknown_ones_is_not_passed_on(
    issuer: TestIssuer,
) -> None:
    clock = Clock()
    tokens = IdTokens(Issuer(issuer.url, clock), CLIENT_ID)
    await tokens.read(issuer.token(), time.time())
    assert issuer.looks == 1
    new = rsa_key("r2")
    issuer.keys.append(new)
    clock.now += 11
    assert (await tokens.read(issuer.token(new), time.time())).name
    assert issuer.looks == 2
    strangers = [issuer.token(rsa_key(f"x{number}")) for number in range(5)]
    clock.now += 11
    found = await asyncio.gather(
        *(tokens.read(token, time.time()) for token in strangers), return_exceptions=True
    )
    assert all(isinstance(each, TokenError) for each in found)
    assert issuer.looks == 3


async def test_keys_are_looked_at_anew_without_anybody_waiting(issuer: TestIssuer) -> None:
    clock = Clock()
    tokens = IdTokens(Issuer(issuer.url, clock), CLIENT_ID)
    token = issuer.token()
    await tokens.read(token, time.time())
    issuer.keys = [KEYS[1]]
    clock.now += 601
    assert (await tokens.read(token, time.time())).name
    async with asyncio.timeout(10):
        while issuer.looks < 2:
            await asyncio.sleep(0.01)
        while True:
            try:
                await tokens.read(token, time.time())
            except TokenError:
                break
            await asyncio.sleep(0.01)


async def test_an_issuer_that_is_away_is_not_the_callers_fault() -> None:
    with issuing(*KEYS) as issuer:
        token = issuer.token()
    bearers = Bearers(id_tokens=read_by(issuer))
    for _ in range(2):
        with pytest.raises(UnavailableError):
            await bearers.of(token)


@pytest.mark.parametrize(
    "tells",
    [
        {"issuer": "https://elsewhere.example"},
        {"jwks_uri": ""},
        {"token_endpoint": "ftp://x/"},
        {"jwks_uri": "http://127.0.0.1:1/"},
    ],
)
async def test_an_issuer_that_tells_nonsense_is_not_believed(
    issuer: TestIssuer, tells: dict[str, object]
) -> None:
    issuer.tells = tells
    with pytest.raises(IssuerUnavailableError):
        await read_by(issuer).read(issuer.token(), time.time())


async def test_a_token_that_counted_is_not_verified_again_until_it_ends(
    issuer: TestIssuer,
) -> None:
    clock = Clock()
    clock.now = time.time()
    bearers = Bearers(id_tokens=read_by(issuer), clock=clock)
    token = issuer.token()
    first = await bearers.of(token)
    assert first.name == "analyst/sato@example.jp"
    assert await bearers.of(token) is first
    clock.now += 300 + LEEWAY_SECONDS + 1
    with pytest.raises(Exception, match="expired"):
        await bearers.of(token)
