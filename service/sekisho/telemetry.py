"""Telemetry by OpenTelemetry, off unless the standard variables ask for it.

Every signal's name is here. None carries an identifier: verdicts, rule codes, signals, causes and
versions only.
"""

import os
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING
from uuid import uuid4

from sekisho.application.ports.ledger import Account
from sekisho.application.ports.telemetry import NoTelemetry, Telemetry
from sekisho.domain.decision import Standing
from sekisho.domain.sim_change import ChangeKind

if TYPE_CHECKING:
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
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.trace import NoOpTracerProvider, SpanKind
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        # Two workers that both say `sekisho` would overwrite each other's counters.
        about: dict[str, str | int] = {
            "service.instance.id": str(uuid4()),
            "process.pid": os.getpid(),
        }
        if not environ.get("OTEL_SERVICE_NAME"):
            about["service.name"] = "sekisho"
        resource = Resource.create({**about})
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

    def close(self) -> None:
        """Send what is left; waits as long as the OTEL_ timeouts say."""
        for provider in (self._traces, self._metrics):
            if provider is not None:
                provider.shutdown()


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
