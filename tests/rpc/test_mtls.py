"""Identities as they come over TLS, with certificates made here."""

import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import pytest

from sekisho.domain.sim_change import Counter
from sekisho.rpc.credentials import TlsFiles, server_credentials
from sekisho.rpc.server import ServerOptions
from sekisho.v1 import review_pb2, risk_check_pb2, shop_pb2, watchlist_pb2
from tests.support import certificates, requests
from tests.support.certificates import ANALYST, GATEWAY, TERMINAL, Authority, Pair
from tests.support.server import Client, Running, refused, running


@dataclass
class Secured:
    """A server with TLS, and the CA whose clients it knows."""

    api: Running
    authority: Authority
    files: TlsFiles
    channels: list[grpc.aio.Channel] = field(default_factory=list)

    def client(self, pair: Pair | None, authority: bytes = b"") -> Client:
        trusted = authority or self.authority.certificate
        self.channels.append(certificates.channel(self.api.port, trusted, pair))
        return Client(self.channels[-1])

    def named(self, *uris: str) -> Client:
        return self.client(self.authority.client(*uris))


@pytest.fixture
async def secured(tmp_path: Path) -> AsyncIterator[Secured]:
    authority = Authority()
    files = certificates.write(tmp_path, authority.server(), authority.certificate)
    options = ServerOptions(
        address="localhost:0",
        tls=files,
        trust_domain=certificates.TRUST_DOMAIN,
        grace_seconds=0.1,
    )
    async with running(options) as api:
        secured = Secured(api, authority, files)
        yield secured
        for channel in secured.channels:
            await channel.close()


def without_counter() -> risk_check_pb2.AssessSimChangeRequest:
    request = requests.assess()
    request.shop = request.terminal = ""
    return request


async def test_shop_and_terminal_come_from_a_terminals_certificate(secured: Secured) -> None:
    await secured.named(TERMINAL).risk_check.AssessSimChange(without_counter())
    last = secured.api.told.last
    assert last["counter"] == Counter("ginza", "t1")
    assert last["once"].caller == "ginza"


async def test_a_terminal_may_repeat_what_its_certificate_says(secured: Secured) -> None:
    await secured.named(TERMINAL).risk_check.AssessSimChange(requests.assess())
    assert secured.api.told.last["counter"] == Counter("ginza", "t1")


@pytest.mark.parametrize(("shop", "terminal"), [("ueno", "t1"), ("ginza", "t2"), ("", "t2")])
async def test_promise_9_a_terminal_that_names_another_is_refused(
    secured: Secured, shop: str, terminal: str
) -> None:
    request = requests.assess()
    request.shop, request.terminal = shop, terminal
    answer = await refused(secured.named(TERMINAL).risk_check.AssessSimChange(request))
    assert answer.code is grpc.StatusCode.PERMISSION_DENIED
    assert answer.reason == "IDENTITY_MISMATCH"
    assert not secured.api.told.calls


async def test_promise_9_a_terminals_word_on_the_line_is_a_claim_and_a_gateways_counts(
    secured: Secured,
) -> None:
    request = requests.assess()
    request.sim_change.line_record.CopyFrom(requests.line_record())
    await secured.named(TERMINAL).risk_check.AssessSimChange(request)
    assert secured.api.told.last["record_counts"] is False
    assert secured.api.told.last["change"].line_record is not None
    await secured.named(GATEWAY).risk_check.AssessSimChange(request)
    assert secured.api.told.last["record_counts"] is True


async def test_a_gateway_names_the_shop_and_terminal_that_it_speaks_for(secured: Secured) -> None:
    gateway = secured.named(GATEWAY)
    await gateway.risk_check.AssessSimChange(requests.assess())
    assert secured.api.told.last["counter"] == Counter("ginza", "t1")
    assert secured.api.told.last["once"].caller == "ginza"
    await gateway.line_event.UpsertLineRecord(requests.upsert())
    assert secured.api.told.last["once"].caller == "gateway/bss-1"
    answer = await refused(gateway.risk_check.AssessSimChange(without_counter()))
    assert set(answer.violations) == {"shop", "terminal"}


async def test_promise_9_no_terminal_assesses_without_a_trace(secured: Secured) -> None:
    request = requests.assess()
    request.validate_only = True
    answer = await refused(secured.named(TERMINAL).risk_check.AssessSimChange(request))
    assert answer.code is grpc.StatusCode.PERMISSION_DENIED
    assert not secured.api.told.calls
    for uri in (GATEWAY, ANALYST):
        await secured.named(uri).risk_check.AssessSimChange(request)
        assert secured.api.told.last["validate_only"] is True


async def test_an_analyst_cannot_make_a_decision(secured: Secured) -> None:
    answer = await refused(secured.named(ANALYST).risk_check.AssessSimChange(requests.assess()))
    assert answer.code is grpc.StatusCode.PERMISSION_DENIED


async def test_a_terminal_sees_its_own_shops_decisions_only(secured: Secured) -> None:
    request = risk_check_pb2.GetDecisionRequest(name=requests.DECISION)
    await secured.named(TERMINAL).risk_check.GetDecision(request)
    assert secured.api.told.last["shop"] == "ginza"
    ueno = secured.named(TERMINAL.replace("ginza", "ueno"))
    answer = await refused(ueno.risk_check.GetDecision(request))
    assert answer.code is grpc.StatusCode.NOT_FOUND
    await secured.named(GATEWAY).risk_check.GetDecision(request)
    assert secured.api.told.last["shop"] is None


async def test_a_terminal_is_refused_what_is_the_carriers_and_the_fraud_teams(
    secured: Secured,
) -> None:
    terminal = secured.named(TERMINAL)
    calls = (
        terminal.line_event.UpsertLineRecord(requests.upsert()),
        terminal.shop.ListShops(shop_pb2.ListShopsRequest()),
        terminal.watchlist.ListWatchlists(watchlist_pb2.ListWatchlistsRequest()),
        terminal.review.GetCase(review_pb2.GetCaseRequest(name=requests.DECISION)),
    )
    for call in calls:
        answer = await refused(call)
        assert answer.code is grpc.StatusCode.PERMISSION_DENIED
        assert answer.reason == "PERMISSION_DENIED"
    assert not secured.api.told.calls


@pytest.mark.parametrize(
    "uris",
    [
        (),
        (TERMINAL, GATEWAY),
        ("spiffe://other.example/analyst/suzuki",),
        ("spiffe://carrier.example/root",),
        ("https://carrier.example/analyst/suzuki",),
    ],
)
async def test_a_certificate_that_names_nobody_is_refused(
    secured: Secured, uris: tuple[str, ...]
) -> None:
    client = secured.client(secured.authority.client(*uris, dns="terminal.example"))
    answer = await refused(client.risk_check.AssessSimChange(requests.assess()))
    assert answer.code is grpc.StatusCode.UNAUTHENTICATED
    assert answer.reason == "UNAUTHENTICATED"


async def test_a_stranger_and_a_caller_without_a_certificate_get_no_connection(
    secured: Secured,
) -> None:
    stranger = Authority("stranger").client(TERMINAL)
    for pair in (stranger, None):
        answer = await refused(secured.client(pair).risk_check.AssessSimChange(requests.assess()))
        assert answer.code is grpc.StatusCode.UNAVAILABLE
    assert not secured.api.told.calls


async def test_renewed_files_count_for_the_next_connection(secured: Secured) -> None:
    later = Authority("later")
    settle(certificates.write(secured.files.key.parent, later.server(), later.certificate))
    renewed = secured.client(later.client(TERMINAL), later.certificate)
    await renewed.risk_check.AssessSimChange(requests.assess())
    answer = await refused(secured.named(TERMINAL).risk_check.AssessSimChange(requests.assess()))
    assert answer.code is grpc.StatusCode.UNAVAILABLE


def settle(files: TlsFiles) -> None:
    """Let the files be as old as those that nobody is writing any more."""
    for path in (files.certificate, files.key, files.client_ca):
        if path.exists():
            written_at = path.stat().st_mtime - 5
            os.utime(path, (written_at, written_at))


async def test_files_that_are_being_written_do_not_count_yet(secured: Secured) -> None:
    later = Authority("later")
    certificates.write(secured.files.key.parent, later.server(), later.certificate)
    await secured.named(TERMINAL).risk_check.AssessSimChange(requests.assess())
    settle(secured.files)
    renewed = secured.client(later.client(TERMINAL), later.certificate)
    await renewed.risk_check.AssessSimChange(requests.assess())


def other_certificate(files: TlsFiles) -> None:
    files.certificate.write_bytes(Authority("later").server().certificate)


def other_key(files: TlsFiles) -> None:
    files.key.write_bytes(Authority("later").server().key)


def half_a_certificate(files: TlsFiles) -> None:
    files.certificate.write_bytes(files.certificate.read_bytes()[:200])


def half_a_second_certificate(files: TlsFiles) -> None:
    # The first block alone could be used.
    files.certificate.write_bytes(files.certificate.read_bytes() * 2)
    os.truncate(files.certificate, files.certificate.stat().st_size * 3 // 4)


def half_a_key(files: TlsFiles) -> None:
    os.truncate(files.key, 60)


def half_a_second_ca(files: TlsFiles) -> None:
    files.client_ca.write_bytes(Authority("later").certificate + files.client_ca.read_bytes()[:20])


def no_ca(files: TlsFiles) -> None:
    files.client_ca.write_bytes(b"")


def no_certificate(files: TlsFiles) -> None:
    files.certificate.unlink()


@pytest.mark.parametrize(
    "spoil",
    [
        other_certificate,
        other_key,
        half_a_certificate,
        half_a_second_certificate,
        half_a_key,
        half_a_second_ca,
        no_ca,
        no_certificate,
    ],
)
async def test_files_that_do_not_fit_together_are_left_alone(
    secured: Secured, spoil: Callable[[TlsFiles], None]
) -> None:
    before = secured.files.read()
    spoil(secured.files)
    settle(secured.files)
    await secured.named(TERMINAL).risk_check.AssessSimChange(requests.assess())
    # Repaired, they count again.
    for path, content in zip(
        (secured.files.certificate, secured.files.key, secured.files.client_ca), before, strict=True
    ):
        path.write_bytes(content)
    settle(secured.files)
    await secured.named(TERMINAL).risk_check.AssessSimChange(requests.assess())


def test_files_that_cannot_be_used_at_the_start_are_an_error(tmp_path: Path) -> None:
    authority = Authority()
    files = certificates.write(tmp_path, authority.server(), authority.certificate)
    files.key.write_bytes(authority.server().key)
    with pytest.raises(OSError, match="KEY_VALUES_MISMATCH"):
        server_credentials(files)
    files.key.unlink()
    with pytest.raises(FileNotFoundError):
        server_credentials(files)
