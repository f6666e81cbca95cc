"""Promise 9: a terminal speaks for itself only. Over mutual TLS, as in production."""

import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import grpc
import pytest

from sekisho.v1 import decision_pb2, line_event_pb2, review_pb2, shop_pb2
from tests.support import certificates, requests
from tests.support.server import Client, refused
from tests.support.service import opened_with, ordinary, until


class Counter:
    """The service over TLS, as a terminal, a gateway and an analyst see it."""

    def __init__(self, terminal: Client, gateway: Client, analyst: Client) -> None:
        self.terminal, self.gateway, self.analyst = terminal, gateway, analyst


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncIterator[Counter]:
    authority = certificates.Authority()
    files = certificates.write(tmp_path, authority.server(), authority.certificate)
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(
            opened_with(
                tmp_path / "data",
                tls_certificate_file=str(files.certificate),
                tls_key_file=str(files.key),
                tls_client_ca_file=str(files.client_ca),
                trust_domain=certificates.TRUST_DOMAIN,
            )
        )
        clients = []
        for uri in (certificates.TERMINAL, certificates.GATEWAY, certificates.ANALYST):
            channel = certificates.channel(
                service.port, authority.certificate, authority.client(uri)
            )
            clients.append(Client(await stack.enter_async_context(channel)))
        terminal, gateway, analyst = clients
        shop = requests.shop("ginza")
        for field in ("opening_hours", "terminals", "clerk_shifts"):
            shop.ClearField(field)
        await gateway.shop.ImportShops(
            shop_pb2.ImportShopsRequest(request_id=requests.REQUEST_ID, shops=[shop]), timeout=10
        )
        yield Counter(terminal, gateway, analyst)


async def facts(counter: Counter, decision: decision_pb2.Decision) -> dict[str, object]:
    case = await counter.analyst.review.GetCase(
        review_pb2.GetCaseRequest(name=decision.name), timeout=10
    )
    return {
        fact.name: getattr(fact, which) if (which := fact.WhichOneof("value")) else None
        for fact in case.facts
    }


async def test_a_terminals_record_of_the_line_is_a_claim_and_the_line_stays_unknown(
    counter: Counter,
) -> None:
    decision = await counter.terminal.risk_check.AssessSimChange(ordinary(), timeout=10)
    assert decision.verdict == decision_pb2.VERDICT_STEP_UP
    known = await facts(counter, decision)
    assert known["line.claimed"] is True
    assert known["line.known"] is False
    assert known["line.locked"] is None


async def test_once_the_carrier_has_told_of_the_line_the_terminals_request_passes(
    counter: Counter,
) -> None:
    upsert = requests.upsert()
    upsert.request_id = str(uuid.uuid4())
    upsert.record.ClearField("pin_change_time")
    await counter.gateway.line_event.UpsertLineRecord(upsert, timeout=10)

    async def allowed() -> bool:
        # Without a trace, so that asking often is no burst of tries; an analyst may.
        dry = ordinary(record=False)
        dry.validate_only = True
        decision = await counter.analyst.risk_check.AssessSimChange(dry, timeout=10)
        return decision.verdict == decision_pb2.VERDICT_ALLOW

    await until(allowed)
    decision = await counter.terminal.risk_check.AssessSimChange(ordinary(record=False), timeout=10)
    assert decision.verdict == decision_pb2.VERDICT_ALLOW


async def test_a_terminal_cannot_speak_for_another_nor_assess_without_a_trace(
    counter: Counter,
) -> None:
    other = await refused(
        counter.terminal.risk_check.AssessSimChange(ordinary("shop-1"), timeout=10)
    )
    assert (other.code, other.reason) == (
        grpc.StatusCode.PERMISSION_DENIED,
        "IDENTITY_MISMATCH",
    )
    traceless = ordinary()
    traceless.validate_only = True
    dry = await refused(counter.terminal.risk_check.AssessSimChange(traceless, timeout=10))
    assert dry.code is grpc.StatusCode.PERMISSION_DENIED


async def test_a_terminal_may_not_tell_the_carriers_truth(counter: Counter) -> None:
    call = await refused(
        counter.terminal.line_event.UpsertLineRecord(
            line_event_pb2.UpsertLineRecordRequest(), timeout=10
        )
    )
    assert call.code is grpc.StatusCode.PERMISSION_DENIED
