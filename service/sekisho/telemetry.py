"""Telemetry by OpenTelemetry, off unless the standard variables ask for it.

Every signal's name is here. None carries an identifier: verdicts, rule codes, signals, causes and
versions only.
"""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING
from uuid import uuid4

from sekisho.application.ports.journal import JournalState
from sekisho.application.ports.ledger import Account
from sekisho.application.ports.telemetry import NoTelemetry, PolicyReload, Telemetry
from sekisho.domain.decision import Standing
from sekisho.domain.errors import JournalUnavailableError
from sekisho.domain.sim_change import ChangeKind

if TYPE_CHECKING:
    from opentelemetry.metrics import CallbackOptions, Counter, Observation
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

SCOPE = "sekisho"
SPAN = "sekisho.assess"
DURATION = "sekisho.assess.duration"
DECISIONS = "sekisho.decisions"
REASONS = "sekisho.reasons"
MISSING_SIGNALS = "sekisho.missing_signals"
REFUSALS = "sekisho.refusals"
POLICY_RELOADS = "sekisho.policy.reloads"
JOURNAL_PENDING = "sekisho.journal.pending"
JOURNAL_SIZE = "sekisho.journal.size"
JOURNAL_OLDEST_AGE = "sekisho.journal.oldest_age"
WORKERS = "sekisho.workers"
WORKER_RESTARTS = "sekisho.worker.restarts"

VERDICT = "sekisho.verdict"
KIND = "sekisho.kind"
DEGRADED = "sekisho.degraded"
POLICY_VERSION = "sekisho.policy_version"
RULES = "sekisho.rules"
RULE = "sekisho.rule"
SIGNAL = "sekisho.signal"
CAUSE = "sekisho.cause"
REFUSAL = "sekisho.refusal"
MISSING = "sekisho.missing"
OUTCOME = "sekisho.outcome"
STATE = "sekisho.state"

DURATION_BOUNDS = (
    *(0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02),
    *(0.03, 0.05, 0.075, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0),
)
"""Upper bounds of the duration's buckets, in seconds."""

_NO_BYTES = b""


def wanted(environ: Mapping[str, str]) -> frozenset[str]:
    """Return which of `traces` and `metrics` the standard OTEL_ variables ask for.

    Raises ValueError where they ask for what sekisho does not have.
    """
    if environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return frozenset()
    return frozenset(
        signal for signal in ("traces", "metrics") if _is_wanted(environ, signal.upper())
    )


def _is_wanted(environ: Mapping[str, str], signal: str) -> bool:
    exporter = environ.get(f"OTEL_{signal}_EXPORTER", "").strip().lower()
    endpoints = ("OTEL_EXPORTER_OTLP_ENDPOINT", f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT")
    if exporter == "none" or not (exporter or any(environ.get(name) for name in endpoints)):
        return False
    if exporter not in ("", "otlp"):
        raise ValueError(f"OTEL_{signal}_EXPORTER: expected otlp or none")
    names = (f"OTEL_EXPORTER_OTLP_{signal}_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
    protocol = next((environ[name] for name in names if environ.get(name)), "grpc")
    if protocol.strip().lower() != "grpc":
        raise ValueError(f"{names[1]}: expected grpc")
    return True


def start(environ: Mapping[str, str]) -> Telemetry:
    """Start what the environment asks for; without it nothing is imported and nothing costs.

    Call it in each worker process, after the fork. Raises ValueError (see `wanted`).
    """
    signals = wanted(environ)
    return OpenTelemetry(signals, environ) if signals else NoTelemetry()


class OpenTelemetry:
    """One span an assessment, and a few counters. The SDK reads its own variables."""

    def __init__(self, signals: frozenset[str], environ: Mapping[str, str]) -> None:
        from opentelemetry.metrics import NoOpMeterProvider
        from opentelemetry.trace import NoOpTracerProvider, SpanKind
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        resource = _resource(environ)
        self._traces = _traces(resource) if "traces" in signals else None
        self._metrics = _metrics(resource) if "metrics" in signals else None

        self._span: ContextVar[Span | None] = ContextVar("sekisho_span", default=None)
        self._tracer = (self._traces or NoOpTracerProvider()).get_tracer(SCOPE)
        self._span_kind = SpanKind.SERVER
        self._propagator = TraceContextTextMapPropagator()

        meter = (self._metrics or NoOpMeterProvider()).get_meter(SCOPE)
        self._duration = meter.create_histogram(
            DURATION,
            unit="s",
            description="Time of one assessment, from the request read to the decision durable.",
            explicit_bucket_boundaries_advisory=DURATION_BOUNDS,
        )
        self._decisions = meter.create_counter(
            DECISIONS, unit="{decision}", description="Decisions, by verdict, kind and degraded."
        )
        self._reasons = meter.create_counter(
            REASONS, unit="{rule}", description="Rules that fired, by code."
        )
        self._missing = meter.create_counter(
            MISSING_SIGNALS, unit="{signal}", description="Missing signals, by signal and cause."
        )
        self._refusals = meter.create_counter(
            REFUSALS, unit="{call}", description="Calls that got an error, by its reason."
        )
        self._policy_reloads = meter.create_counter(
            POLICY_RELOADS,
            unit="{reload}",
            description="Changes of the policy file, by whether they were put in force.",
        )
        self._meter = meter

    def begin(self, traceparent: str) -> bytes:
        """Begin a span; the caller's trace goes on where it sent one that can be read."""
        if self._traces is None:
            return _NO_BYTES
        parent = self._propagator.extract({"traceparent": traceparent}) if traceparent else None
        span = self._tracer.start_span(SPAN, context=parent, kind=self._span_kind)
        self._span.set(span)
        context = span.get_span_context()
        return context.trace_id.to_bytes(16, "big") if span.is_recording() else _NO_BYTES

    def assessed(
        self, kind: ChangeKind, standing: Standing, account: Account, seconds: float
    ) -> None:
        """Count an answered assessment, and write it on the span."""
        outcome = {
            VERDICT: standing.verdict.value,
            KIND: kind.value,
            DEGRADED: standing.degraded,
        }
        codes = [reason.code for reason in account.judgement.reasons]
        if self._metrics is not None:
            self._duration.record(seconds, outcome)
            self._decisions.add(1, outcome)
            for code in codes:
                self._reasons.add(1, {RULE: code})
            for missing in account.missing:
                self._missing.add(1, {SIGNAL: missing.signal, CAUSE: missing.cause.value})

        span = self._span.get()
        if span is not None and span.is_recording():
            attributes: dict[str, str | bool | Sequence[str]] = {
                **outcome,
                POLICY_VERSION: account.judgement.policy_version,
                RULES: codes,
                MISSING: [f"{missing.signal}:{missing.cause}" for missing in account.missing],
            }
            span.set_attributes(attributes)

    def end(self) -> None:
        """End the span of this task, if one is open."""
        span = self._span.get()
        if span is not None:
            span.end()
            self._span.set(None)

    def refused(self, reason: str) -> None:
        """Count a refusal, and mark the span of this task."""
        self._refusals.add(1, {REFUSAL: reason})
        span = self._span.get()
        if span is not None:
            span.set_attribute(REFUSAL, reason)

    def policy_reloaded(self, outcome: PolicyReload) -> None:
        """Count a change of the policy file."""
        self._policy_reloads.add(1, {OUTCOME: outcome.value})

    def watch_journal(self, state: Callable[[], JournalState]) -> None:
        """Show how much lies in the journal; all workers of a host show the same one."""

        def pending(_: "CallbackOptions") -> "Iterator[Observation]":
            yield from _observed(state, lambda now: now.pending)

        def size(_: "CallbackOptions") -> "Iterator[Observation]":
            yield from _observed(state, lambda now: now.bytes)

        def age(_: "CallbackOptions") -> "Iterator[Observation]":
            yield from _observed(state, _oldest_age)

        self._meter.create_observable_gauge(
            JOURNAL_PENDING, [pending], "{decision}", "Decisions that wait for the ledger."
        )
        self._meter.create_observable_gauge(
            JOURNAL_SIZE, [size], "By", "Bytes of the journal's file."
        )
        self._meter.create_observable_gauge(
            JOURNAL_OLDEST_AGE, [age], "s", "Age of the oldest decision that waits; 0 for none."
        )

    def close(self) -> None:
        """Send what is left; waits as long as the OTEL_ timeouts say."""
        for provider in (self._traces, self._metrics):
            if provider is not None:
                provider.shutdown()


class WorkerCounts:
    """What the parent of several workers tells: how many there are, and how often one ended.

    It costs nothing where metrics are not wanted.
    """

    def __init__(
        self, environ: Mapping[str, str], expected: int, running: Callable[[], int]
    ) -> None:
        """Take how many there should be, and what tells how many serve. Raises ValueError."""
        self._metrics: MeterProvider | None = None
        self._restarts: Counter | None = None
        if "metrics" not in wanted(environ):
            return
        from opentelemetry.metrics import Observation

        def count(_: "CallbackOptions") -> "Iterator[Observation]":
            yield Observation(expected, {STATE: "expected"})
            yield Observation(running(), {STATE: "running"})

        self._metrics = _metrics(_resource(environ))
        meter = self._metrics.get_meter(SCOPE)
        meter.create_observable_gauge(
            WORKERS, [count], "{worker}", "Workers of this host, expected and running."
        )
        self._restarts = meter.create_counter(
            WORKER_RESTARTS, "{restart}", "Workers started in place of one that ended by itself."
        )

    def restarted(self) -> None:
        """Count a worker started in place of one that ended by itself."""
        if self._restarts is not None:
            self._restarts.add(1)

    def close(self) -> None:
        """Send what is left."""
        if self._metrics is not None:
            self._metrics.shutdown()


def _observed(
    state: Callable[[], JournalState], value: Callable[[JournalState], float]
) -> "Iterator[Observation]":
    from opentelemetry.metrics import Observation

    # What cannot be read is not shown; health and the log tell why.
    with suppress(JournalUnavailableError):
        yield Observation(value(state()))


def _oldest_age(state: JournalState) -> float:
    return 0.0 if state.oldest_at is None else max(0.0, time.time() - state.oldest_at / 1000)


def _resource(environ: Mapping[str, str]) -> "Resource":
    from opentelemetry.sdk.resources import Resource

    # Two workers that both say `sekisho` would overwrite each other's counters.
    about: dict[str, str | int] = {
        "service.instance.id": str(uuid4()),
        "process.pid": os.getpid(),
    }
    if not environ.get("OTEL_SERVICE_NAME"):
        about["service.name"] = "sekisho"
    return Resource.create({**about})


def _traces(resource: "Resource") -> "TracerProvider":
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


def _metrics(resource: "Resource") -> "MeterProvider":
    from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

    reader = PeriodicExportingMetricReader(OTLPMetricExporter())
    return MeterProvider([reader], resource=resource, shutdown_on_exit=False)
