"""OpenTelemetry traces, where they are wanted: a span a request, and one for each stage of hearing.

By hand rather than by `opentelemetry-instrumentation-fastapi`, which writes paths and queries as
they were sent into its spans: names, external ids, and tokens may be in them.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from namemem import __version__
from namemem.errors import InvalidSettings

_ONE_AFTER_THE_OTHER = ("decode", "listen", "transcribe", "recognise", "align")


class Span(Protocol):
    """What the middleware says of a request when it knows it."""

    def name(self, name: str) -> None:
        """Calls it by its route."""

    def set(self, key: str, value: str | int | float) -> None:
        """Adds an attribute."""

    def failed(self, kind: str) -> None:
        """It went wrong, by a slug or class."""


class Tracing(Protocol):
    """Makes spans, or does nothing."""

    def request(
        self, kind: str, headers: Mapping[str, str]
    ) -> contextlib.AbstractContextManager[Span]:
        """The span of a request; goes on with the caller's trace (`traceparent`)."""

    def hearing(self) -> contextlib.AbstractContextManager[Span]:
        """The span of asking for a hearing."""

    def stages(self, timings_ms: Mapping[str, float]) -> None:
        """The stages of a hearing that has just ended, as spans that lie in the past."""

    def close(self) -> None:
        """Sends what is left."""


class _Nothing:
    def name(self, name: str) -> None: ...

    def set(self, key: str, value: str | int | float) -> None: ...

    def failed(self, kind: str) -> None: ...


class NoTracing:
    """Traces nothing."""

    def request(
        self, kind: str, headers: Mapping[str, str]
    ) -> contextlib.AbstractContextManager[Span]:
        """Nothing."""
        return contextlib.nullcontext(_Nothing())

    def hearing(self) -> contextlib.AbstractContextManager[Span]:
        """Nothing."""
        return contextlib.nullcontext(_Nothing())

    def stages(self, timings_ms: Mapping[str, float]) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


class _OneSpan:
    def __init__(self, span: Any) -> None:
        self._span = span

    def name(self, name: str) -> None:
        self._span.update_name(name)

    def set(self, key: str, value: str | int | float) -> None:
        self._span.set_attribute(key, value)

    def failed(self, kind: str) -> None:
        from opentelemetry.trace import Status, StatusCode

        self._span.set_attribute("error.type", kind)
        self._span.set_status(Status(StatusCode.ERROR))


class OpenTelemetryTracing:
    """Spans of the OpenTelemetry SDK.

    Args:
        exporter: where spans go; an OTLP exporter over HTTP when not given, which reads the
            standard variables (`OTEL_EXPORTER_OTLP_ENDPOINT` and so on).
        batch: whether spans are sent in the background, many at once.

    Raises:
        InvalidSettings: the packages of the extra `otel` are not installed.
    """

    def __init__(self, exporter: Any = None, *, batch: bool = True) -> None:
        try:
            from opentelemetry.propagate import get_global_textmap  # noqa: F401 - is it there?
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor

            if exporter is None:
                from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

                exporter = OTLPSpanExporter()
        except ImportError as error:
            raise InvalidSettings(
                "NAMEMEM_TRACES=otlp needs OpenTelemetry: pip install 'namemem[otel]'."
            ) from error
        resource = Resource.create({"service.name": "namemem", "service.version": __version__})
        self._provider = TracerProvider(resource=resource)
        processor = BatchSpanProcessor if batch else SimpleSpanProcessor
        self._provider.add_span_processor(processor(exporter))
        self._tracer = self._provider.get_tracer("namemem", __version__)

    @contextlib.contextmanager
    def request(self, kind: str, headers: Mapping[str, str]) -> Iterator[Span]:
        """The span of a request, below the caller's where they sent `traceparent`."""
        from opentelemetry.trace import SpanKind
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        # `traceparent` alone: tracestate and baggage hold what others put there.
        above = {k: v for k, v in headers.items() if k == "traceparent"}
        context = TraceContextTextMapPropagator().extract(above)
        with self._span(kind, context=context, kind=SpanKind.SERVER) as span:
            yield span

    def hearing(self) -> contextlib.AbstractContextManager[Span]:
        """The span of asking for a hearing."""
        return self._span("hear")

    @contextlib.contextmanager
    def _span(self, name: str, **more: Any) -> Iterator[Span]:
        with self._tracer.start_as_current_span(
            name, record_exception=False, set_status_on_exception=False, **more
        ) as span:
            try:
                yield _OneSpan(span)
            except BaseException as error:  # its message may quote what was said
                _OneSpan(span).failed(type(error).__name__)
                raise

    def stages(self, timings_ms: Mapping[str, float]) -> None:
        """One span a stage. They ran one after the other, and the last ended just now."""
        known = [(s, timings_ms[s]) for s in _ONE_AFTER_THE_OTHER if s in timings_ms]
        at = time.time_ns() - round(sum(ms for _, ms in known) * 1e6)
        for stage, ms in known:
            span = self._tracer.start_span(stage, start_time=at)
            at += round(ms * 1e6)
            span.end(end_time=at)

    def close(self) -> None:
        """Sends what is left."""
        self._provider.shutdown()
