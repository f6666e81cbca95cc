"""Whom a call's token names, over a real server."""

from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest

from sekisho.rpc.bearer import Bearers
from sekisho.rpc.server import ServerOptions
from sekisho.tokens import Tokens
from sekisho.v1 import review_pb2, risk_check_pb2, watchlist_pb2
from tests.support import certificates, requests
from tests.support.certificates import ANALYST, GATEWAY, TERMINAL, TRUST_DOMAIN, Authority
from tests.support.server import Client, Running, refused, running

NOW = 1_790_000_000.0
TOKENS = Tokens([b"k" * 32])
BEARERS = Bearers(tokens=TOKENS, clock=lambda: NOW)
CONSOLE = f"spiffe://{TRUST_DOMAIN}/console/desk-1"


def bearing(token: str) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {token}"),)


SATO = bearing(TOKENS.issue("analyst", "sato", NOW, 60))


async def analyst(client: Client, metadata: tuple[tuple[str, str | bytes], ...] = ()) -> str:
    request = review_pb2.GetAnalystRequest()
    answer = await client.review.GetAnalyst(request, timeout=10, metadata=metadata)
    return answer.name


@pytest.fixture
async def loopback() -> AsyncIterator[Running]:
    options = ServerOptions(address="127.0.0.1:0", bearers=BEARERS, grace_seconds=0.1)
    async with running(options) as api:
        yield api


async def test_without_tls_a_token_names_the_analyst_and_none_is_loopback(
    loopback: Running,
) -> None:
    assert await analyst(loopback.client, SATO) == "analyst/sato"
    assert await analyst(loopback.client) == "loopback"


async def test_a_token_takes_all_other_roles_away(loopback: Running) -> None:
    call = loopback.client.risk_check.AssessSimChange(requests.assess(), metadata=SATO, timeout=10)
    assert (await refused(call)).code is grpc.StatusCode.PERMISSION_DENIED


@pytest.mark.parametrize(
    "metadata",
    [
        bearing(""),
        bearing("x"),
        bearing(TOKENS.issue("link", "sato", NOW, 60)),
        bearing(TOKENS.issue("analyst", "sato", NOW - 120, 60)),
        bearing(Tokens([b"x" * 32]).issue("analyst", "sato", NOW, 60)),
        bearing(TOKENS.issue("analyst", "sato", NOW, 60)[:-1]),
        (("authorization", "Basic c2F0bzpzYXRv"),),
        (("authorization", ""),),
        SATO + SATO,
    ],
)
async def test_a_token_that_does_not_count_makes_nobody_of_its_caller(
    loopback: Running, metadata: tuple[tuple[str, str], ...]
) -> None:
    call = loopback.client.review.GetAnalyst(
        review_pb2.GetAnalystRequest(), metadata=metadata, timeout=10
    )
    refusal = await refused(call)
    assert refusal.code is grpc.StatusCode.UNAUTHENTICATED
    assert refusal.reason == "UNAUTHENTICATED"
    assert "sekisho." not in refusal.message


async def test_a_server_that_takes_no_tokens_says_so() -> None:
    async with running() as api:
        call = api.client.review.GetAnalyst(
            review_pb2.GetAnalystRequest(), metadata=SATO, timeout=10
        )
        refusal = await refused(call)
        assert refusal.code is grpc.StatusCode.UNAUTHENTICATED


@pytest.fixture
async def secured(tmp_path: Path) -> AsyncIterator[tuple[Running, Authority]]:
    authority = Authority()
    options = ServerOptions(
        address="localhost:0",
        tls=certificates.write(tmp_path, authority.server(), authority.certificate),
        trust_domain=TRUST_DOMAIN,
        bearers=BEARERS,
        grace_seconds=0.1,
    )
    async with running(options) as api:
        yield api, authority


def channel(secured: tuple[Running, Authority], uri: str) -> grpc.aio.Channel:
    api, authority = secured
    return certificates.channel(api.port, authority.certificate, authority.client(uri))


async def test_over_tls_a_token_counts_from_a_console_or_an_analyst(
    secured: tuple[Running, Authority],
) -> None:
    for uri in (CONSOLE, ANALYST):
        async with channel(secured, uri) as opened:
            assert await analyst(Client(opened), SATO) == "analyst/sato"


async def test_a_console_may_do_nothing_without_a_token(
    secured: tuple[Running, Authority],
) -> None:
    async with channel(secured, CONSOLE) as opened:
        client = Client(opened)
        for call in (
            client.review.GetAnalyst(review_pb2.GetAnalystRequest(), timeout=10),
            client.risk_check.AssessSimChange(requests.assess(), timeout=10),
            client.watchlist.ListWatchlists(watchlist_pb2.ListWatchlistsRequest(), timeout=10),
        ):
            assert (await refused(call)).code is grpc.StatusCode.PERMISSION_DENIED


async def test_a_token_makes_no_analyst_of_a_terminal_or_a_gateway(
    secured: tuple[Running, Authority],
) -> None:
    for uri in (TERMINAL, GATEWAY):
        async with channel(secured, uri) as opened:
            call = Client(opened).review.GetAnalyst(
                review_pb2.GetAnalystRequest(), metadata=SATO, timeout=10
            )
            assert (await refused(call)).code is grpc.StatusCode.PERMISSION_DENIED


async def test_a_watch_is_known_by_its_token_too(loopback: Running) -> None:
    call = loopback.client.risk_check.WatchDecision(
        risk_check_pb2.WatchDecisionRequest(name="decisions/x"), metadata=SATO, timeout=10
    )

    async def first() -> object:
        return await call.read()

    assert (await refused(first())).code is grpc.StatusCode.PERMISSION_DENIED
