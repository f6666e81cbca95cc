"""Telemetry: off without the standard variables; with them, what a collector receives."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import grpc
import pytest
from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.metrics.v1 import (
    metrics_service_pb2,
    metrics_service_pb2_grpc,
)
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from sekisho import telemetry
from sekisho.application.ports.journal import JournalState
from sekisho.application.ports.ledger import Account
from sekisho.application.ports.telemetry import NoTelemetry, PolicyReload
from sekisho.domain.decision import (
    Judgement,
    MissingCause,
    MissingSignal,
    Reason,
    Standing,
    Verdict,
)
from sekisho.domain.errors import JournalUnavailableError
from sekisho.domain.sim_change import ChangeKind
from tests.support.use_cases import STANDING

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
LINE = "+819012345678"
ACCOUNT = Account(
    facts={"change.contact": LINE},
    judgement=Judgement(
        verdict=Verdict.STEP_UP,
        score=1.0,
        threshold=2.0,
        demands=(),
        reasons=(Reason("CHIP_UNREAD", 1.0, True, (), {"x": LINE}),),
        unevaluated=(),
        policy_version="default@abc",
    ),
    missing=(MissingSignal("velocity.line", MissingCause.CACHE_UNAVAILABLE),),
    hits=(),
    watchlist_versions={},
)


@dataclass
class Collector:
    """A collector of OTLP, and what it received."""

    port: int = 0
    traces: list[trace_service_pb2.ExportTraceServiceRequest] = field(default_factory=list)
    metrics: list[metrics_service_pb2.ExportMetricsServiceRequest] = field(default_factory=list)

    @property
    def spans(self) -> list[Span]:
        return [
            span
            for request in self.traces
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    @property
    def last_metrics(self) -> dict[str, Metric]:
        return {
            metric.name: metric
            for resource in self.metrics[-1].resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }

    def everything(self) -> str:
        return json.dumps([MessageToDict(each) for each in (*self.traces, *self.metrics)])


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    received = Collector()

    class Traces(trace_service_pb2_grpc.TraceServiceServicer):
        def Export(self, request, context):  # type: ignore[no-untyped-def]
            received.traces.append(request)
            return trace_service_pb2.ExportTraceServiceResponse()

    class Metrics(metrics_service_pb2_grpc.MetricsServiceServicer):
        def Export(self, request, context):  # type: ignore[no-untyped-def]
            received.metrics.append(request)
            return metrics_service_pb2.ExportMetricsServiceResponse()

    server = grpc.server(ThreadPoolExecutor(2))
    for add, servicer in (
        (trace_service_pb2_grpc.add_TraceServiceServicer_to_server, Traces()),
        (metrics_service_pb2_grpc.add_MetricsServiceServicer_to_server, Metrics()),
    ):
        add(servicer, server)  # type: ignore[no-untyped-call]
    received.port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{received.port}")
    yield received
    server.stop(None).wait()


def started() -> telemetry.OpenTelemetry:
    running = telemetry.start(os.environ)
    assert isinstance(running, telemetry.OpenTelemetry)
    return running


def standing(verdict: Verdict) -> Standing:
    return replace(STANDING, verdict=verdict, degraded=True)


def attributes(span: Span) -> dict[str, object]:
    found: dict[str, object] = {}
    for each in span.attributes:
        kind = each.value.WhichOneof("value")
        assert kind is not None
        value = getattr(each.value, kind)
        found[each.key] = (
            [item.string_value for item in value.values] if kind == "array_value" else value
        )
    return found


@pytest.mark.parametrize(
    ("environ", "signals"),
    [
        ({}, set()),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4317"}, {"traces", "metrics"}),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4317"}, {"traces"}),
        ({"OTEL_METRICS_EXPORTER": "otlp"}, {"metrics"}),
        ({"OTEL_TRACES_EXPORTER": "OTLP", "OTEL_METRICS_EXPORTER": "none"}, {"traces"}),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_TRACES_EXPORTER": "none"}, {"metrics"}),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_SDK_DISABLED": "true"}, set()),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, set()),
    ],
)
def test_the_standard_variables_alone_switch_telemetry_on(
    environ: dict[str, str], signals: set[str]
) -> None:
    assert telemetry.wanted(environ) == signals


@pytest.mark.parametrize(
    "environ",
    [
        {"OTEL_TRACES_EXPORTER": "console"},
        {"OTEL_METRICS_EXPORTER": "prometheus"},
        {"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"},
    ],
)
def test_what_is_not_there_is_said_and_not_ignored(environ: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="expected"):
        telemetry.wanted(environ)


def test_off_costs_not_even_an_import() -> None:
    script = (
        "import sys; from sekisho import telemetry; t = telemetry.start({});"
        "assert t.begin('x') == b''; t.refused('x'); t.end();"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
    assert isinstance(telemetry.start({}), NoTelemetry)


def test_an_assessment_is_one_span_that_goes_on_with_its_callers_trace(
    collector: Collector,
) -> None:
    running = started()
    trace_id = running.begin(PARENT)
    assert trace_id.hex() == "0af7651916cd43dd8448eb211c80319c"
    running.assessed(ChangeKind.SIM_REISSUE, standing(Verdict.STEP_UP), ACCOUNT, 0.002)
    running.end()
    running.close()
    (span,) = collector.spans
    assert span.name == telemetry.SPAN
    assert span.trace_id == trace_id
    assert span.parent_span_id.hex() == "b7ad6b7169203331"
    assert attributes(span) == {
        telemetry.VERDICT: "step_up",
        telemetry.KIND: "sim_reissue",
        telemetry.DEGRADED: True,
        telemetry.POLICY_VERSION: "default@abc",
        telemetry.RULES: ["CHIP_UNREAD"],
        telemetry.MISSING: ["velocity.line:cache_unavailable"],
    }


def test_without_a_caller_that_traces_a_trace_of_its_own_begins(collector: Collector) -> None:
    running = started()
    ids = []
    for sent in ("", "rubbish"):
        ids.append(running.begin(sent))
        running.end()
    running.close()
    assert len({*ids}) == 2
    assert [span.trace_id for span in collector.spans] == ids
    assert not any(span.parent_span_id for span in collector.spans)


def test_a_trace_that_its_caller_does_not_sample_is_not_sampled_here(collector: Collector) -> None:
    running = started()
    assert running.begin(f"{PARENT[:-2]}00") == b""
    running.assessed(ChangeKind.SIM_REISSUE, standing(Verdict.ALLOW), ACCOUNT, 0.002)
    running.end()
    running.close()
    assert not collector.spans


def test_a_refusal_is_counted_and_written_on_the_span(collector: Collector) -> None:
    running = started()
    running.begin("")
    running.refused("LEDGER_UNAVAILABLE")
    running.end()
    running.refused("OVERLOADED")
    running.close()
    (span,) = collector.spans
    assert attributes(span) == {telemetry.REFUSAL: "LEDGER_UNAVAILABLE"}
    points = collector.last_metrics[telemetry.REFUSALS].sum.data_points
    assert {point.attributes[0].value.string_value: point.as_int for point in points} == {
        "LEDGER_UNAVAILABLE": 1,
        "OVERLOADED": 1,
    }


def test_assessments_are_counted_by_what_came_of_them(collector: Collector) -> None:
    running = started()
    for seconds in (0.0004, 0.0012, 0.7):
        running.assessed(ChangeKind.SIM_REISSUE, standing(Verdict.STEP_UP), ACCOUNT, seconds)
    running.assessed(ChangeKind.MNP_PORT_OUT, standing(Verdict.ALLOW), ACCOUNT, 0.001)
    running.close()
    metrics = collector.last_metrics
    assert set(metrics) == {
        telemetry.DURATION,
        telemetry.DECISIONS,
        telemetry.REASONS,
        telemetry.MISSING_SIGNALS,
    }
    assert sorted(point.as_int for point in metrics[telemetry.DECISIONS].sum.data_points) == [1, 3]
    (reasons,) = metrics[telemetry.REASONS].sum.data_points
    assert reasons.as_int == 4
    duration = metrics[telemetry.DURATION]
    assert duration.unit == "s"
    points = duration.histogram.data_points
    assert list(points[0].explicit_bounds) == list(telemetry.DURATION_BOUNDS)
    assert sum(point.count for point in points) == 4


def test_promise_7_no_identifier_reaches_the_collector(collector: Collector) -> None:
    running = started()
    running.begin("")
    running.assessed(ChangeKind.SIM_REISSUE, standing(Verdict.STEP_UP), ACCOUNT, 0.002)
    running.end()
    running.close()
    sent = collector.everything()
    assert "CHIP_UNREAD" in sent
    for secret in (LINE, LINE[3:], "ginza", STANDING.case_number, STANDING.decision_id.hex()):
        assert secret not in sent


async def test_concurrent_assessments_have_a_span_each(collector: Collector) -> None:
    running = started()
    together = asyncio.Barrier(5)

    async def assess() -> bytes:
        trace_id = running.begin("")
        await together.wait()
        running.assessed(ChangeKind.SIM_REISSUE, standing(Verdict.ALLOW), ACCOUNT, 0.001)
        running.end()
        return trace_id

    ids = await asyncio.gather(*(assess() for _ in range(5)))
    running.close()
    assert {span.trace_id for span in collector.spans} == set(ids)
    assert all(span.attributes for span in collector.spans)


def test_metrics_alone_trace_nothing(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "none")
    running = started()
    assert running.begin(PARENT) == b""
    running.assessed(ChangeKind.SIM_REISSUE, standing(Verdict.ALLOW), ACCOUNT, 0.001)
    running.end()
    running.close()
    assert not collector.traces
    assert telemetry.DECISIONS in collector.last_metrics


def test_changes_of_the_policy_are_counted_by_what_came_of_them(collector: Collector) -> None:
    running = started()
    for outcome in (PolicyReload.IN_FORCE, PolicyReload.REFUSED, PolicyReload.REFUSED):
        running.policy_reloaded(outcome)
    running.close()
    points = collector.last_metrics[telemetry.POLICY_RELOADS].sum.data_points
    assert {point.attributes[0].value.string_value: point.as_int for point in points} == {
        "in_force": 1,
        "refused": 2,
    }


def test_the_journal_is_shown_as_it_is(collector: Collector) -> None:
    decided_at = round((time.time() - 60) * 1000)
    running = started()
    running.watch_journal(lambda: JournalState(3, 1200, 10_000, decided_at))
    running.close()
    assert gauge(collector, telemetry.JOURNAL_PENDING) == {"": 3}
    assert gauge(collector, telemetry.JOURNAL_SIZE) == {"": 1200}
    assert 60 <= gauge(collector, telemetry.JOURNAL_OLDEST_AGE)[""] < 90


def test_a_journal_that_cannot_be_read_is_not_shown(collector: Collector) -> None:
    def state() -> JournalState:
        raise JournalUnavailableError("no disk")

    running = started()
    running.watch_journal(state)
    running.refused("JOURNAL_UNAVAILABLE")
    running.close()
    assert set(collector.last_metrics) == {telemetry.REFUSALS}


def test_the_parent_of_workers_tells_how_many_there_are(collector: Collector) -> None:
    counts = telemetry.WorkerCounts(os.environ, 3, lambda: 2)
    counts.restarted()
    counts.close()
    assert gauge(collector, telemetry.WORKERS) == {"expected": 3, "running": 2}
    (restarts,) = collector.last_metrics[telemetry.WORKER_RESTARTS].sum.data_points
    assert restarts.as_int == 1


def test_a_parent_that_nobody_asks_counts_nothing() -> None:
    counts = telemetry.WorkerCounts({}, 3, lambda: 2)
    counts.restarted()
    counts.close()


def gauge(collector: Collector, name: str) -> dict[str, float]:
    """Return a gauge's values by its one attribute."""
    return {
        "".join(each.value.string_value for each in point.attributes): (
            point.as_double or point.as_int
        )
        for point in collector.last_metrics[name].gauge.data_points
    }


def test_each_process_names_itself(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    def resource() -> dict[str, str]:
        running = started()
        running.begin("")
        running.end()
        running.close()
        found = collector.traces[-1].resource_spans[0].resource.attributes
        return {each.key: each.value.string_value for each in found}

    first, second = resource(), resource()
    assert first["service.name"] == "sekisho"
    assert first["service.instance.id"] != second["service.instance.id"]
    monkeypatch.setenv("OTEL_SERVICE_NAME", "sekisho-west")
    assert resource()["service.name"] == "sekisho-west"


def test_a_collector_that_is_away_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    running = started()
    running.begin(PARENT)
    running.assessed(ChangeKind.SIM_REISSUE, standing(Verdict.ALLOW), ACCOUNT, 0.001)
    running.end()
    running.close()
