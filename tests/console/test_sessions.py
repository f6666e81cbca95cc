"""Sessions by an issuer's tokens: how they are renewed, and how they end."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from sekisho.console.options import OidcOptions
from sekisho.console.sign_in.client import IssuerClient
from sekisho.console.sign_in.sessions import IssuerToken, Sessions
from sekisho.tokens import IssuerUnavailableError
from tests.support.desk import OPTIONS, Clock
from tests.support.issuer import CLIENT_ID, TestIssuer, issuing, rsa_key

KEY = rsa_key()


@pytest.fixture
def issuer() -> Iterator[TestIssuer]:
    with issuing(KEY) as issuer:
        yield issuer


class Signed:
    """One analyst's session, whose token ends in five minutes."""

    def __init__(self, issuer: TestIssuer) -> None:
        self.issuer = issuer
        self.clock = Clock()
        oidc = OidcOptions(issuer=issuer.url, client_id=CLIENT_ID, client_secret="s")
        client = IssuerClient(oidc, OPTIONS.public_url, self.clock)
        options = replace(OPTIONS, token_keys=(), oidc=oidc)
        self.sessions = Sessions(options, self.clock, client.renew)
        self.first = issuer.token()
        until = time.time() + 300
        token = IssuerToken(self.first, "sato@example.jp", until, "r1")
        self.cookie = self.sessions.begin(token.name, token)

    async def token(self) -> str | None:
        session = await self.sessions.find(self.cookie)
        return session.token if session else None

    def renewed(self, **claims: object) -> str:
        """Let the issuer renew once, and return the token that it will give."""
        exp = int(self.clock()) + 300
        token = self.issuer.token(KEY, "RS256", None, exp=exp, **claims)
        given: dict[str, object] = {"access_token": "a", "token_type": "Bearer", "id_token": token}
        self.issuer.gives.append(given | {"refresh_token": "r2"})
        return token


async def test_a_token_is_renewed_before_it_ends_and_once_for_all_who_wait(
    issuer: TestIssuer,
) -> None:
    signed = Signed(issuer)
    assert await signed.token() == signed.first
    assert not issuer.asked
    signed.clock.ahead = 250
    second = signed.renewed()
    assert await asyncio.gather(*(signed.token() for _ in range(20))) == [second] * 20
    assert [asked["refresh_token"] for asked in issuer.asked] == [["r1"]]
    signed.clock.ahead = 590
    third = signed.renewed()
    assert await signed.token() == third
    assert issuer.asked[-1]["refresh_token"] == ["r2"]


async def test_a_session_that_the_issuer_has_ended_ends_with_its_token(
    issuer: TestIssuer,
) -> None:
    signed = Signed(issuer)
    signed.clock.ahead = 250
    assert await signed.token() == signed.first
    assert await signed.token() == signed.first
    assert len(issuer.asked) == 1, "it is not asked again"
    signed.clock.ahead = 301
    assert await signed.token() is None


async def test_a_renewed_token_of_somebody_else_ends_the_session(issuer: TestIssuer) -> None:
    signed = Signed(issuer)
    signed.clock.ahead = 250
    signed.renewed(email="boss@example.jp")
    assert await signed.token() is None


async def test_while_the_issuer_is_away_a_token_holds_to_its_end() -> None:
    with issuing(KEY) as issuer:
        signed = Signed(issuer)
    signed.clock.ahead = 250
    assert await signed.token() == signed.first
    signed.clock.ahead = 301
    with pytest.raises(IssuerUnavailableError):
        await signed.token()


async def test_who_signs_out_while_a_token_is_renewed_stays_signed_out(
    issuer: TestIssuer,
) -> None:
    signed = Signed(issuer)
    signed.clock.ahead = 250
    signed.renewed()
    waiting = asyncio.create_task(signed.token())
    await asyncio.sleep(0)
    signed.sessions.end(signed.cookie)
    await waiting
    assert await signed.token() is None


async def test_a_restart_forgets_an_issuers_token(issuer: TestIssuer) -> None:
    """It is too large for a cookie; the browser goes to the issuer again."""
    signed, anew = Signed(issuer), Signed(issuer)
    assert await anew.sessions.find(signed.cookie) is None
