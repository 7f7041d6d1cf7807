"""Prometheus metrics: one registry an application, labels from short closed lists only.

Hearing happens in worker processes, but everything is measured where they are asked, in the
server's one process, so that no multiprocess directory is needed. Several API processes are
several targets for Prometheus.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from namemem import __version__
from namemem.errors import NamememError
from namemem.workers import Heard, PoolState, PoolStats

CONTENT_TYPE = CONTENT_TYPE_LATEST
"""Media type of `Metrics.page`."""
STAGES = ("decode", "listen", "transcribe", "recognise", "align", "total")
"""Stages of hearing that have a series of their own; others are `other`."""
_REQUEST_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_STAGE_SECONDS = (0.001, 0.005, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3.0, 6.0, 12.0, 30.0)
_CONFIDENCES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
_BACKLOG_SECONDS = 15.0  # for which a count of names is good enough


class Metrics:
    """What is counted and measured.

    Args:
        state: whether recordings can be heard.
        stats: how busy the workers are; None where no worker processes hear.
        names_by_status: counts names; asked at most every 15 s.
    """

    def __init__(
        self,
        *,
        state: Callable[[], PoolState],
        stats: Callable[[], PoolStats | None],
        names_by_status: Callable[[], Mapping[str, int]],
    ) -> None:
        self.registry = CollectorRegistry()
        self._requests = Histogram(
            "namemem_request_seconds",
            "Time to answer a request, by route template.",
            ("method", "route", "status"),
            buckets=_REQUEST_SECONDS,
            registry=self.registry,
        )
        self._stages = Histogram(
            "namemem_hearing_stage_seconds",
            "Time that hearing one recording took in its worker, by stage; total is the sum.",
            ("stage",),
            buckets=_STAGE_SECONDS,
            registry=self.registry,
        )
        self._hearing = Histogram(
            "namemem_hearing_seconds",
            "Time from asking to having heard, waiting for a worker included.",
            ("outcome",),
            buckets=_STAGE_SECONDS,
            registry=self.registry,
        )
        self._confidence = Histogram(
            "namemem_confidence",
            "Confidence of the answers given.",
            buckets=_CONFIDENCES,
            registry=self.registry,
        )
        self._refusals = Counter(
            "namemem_refusals",
            "Requests answered with a problem, by its slug.",
            ("problem",),
            registry=self.registry,
        )
        ProcessCollector(registry=self.registry)
        self.registry.register(_Gauges(state, stats, names_by_status))

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """One request was answered."""
        self._requests.labels(method, route, str(status)).observe(seconds)

    def refused(self, slug: str) -> None:
        """A request is answered with a problem."""
        self._refusals.labels(slug).inc()

    def heard(self, heard: Heard, seconds: float) -> None:
        """A recording was heard."""
        self._hearing.labels("heard").observe(seconds)
        for stage, milliseconds in heard.hearing.timings_ms.items():
            known = stage if stage in STAGES else "other"
            self._stages.labels(known).observe(milliseconds / 1000)
        if heard.hearing.readings:
            self._confidence.observe(heard.hearing.chosen.confidence)

    def not_heard(self, error: BaseException, seconds: float) -> None:
        """A recording was not heard; the outcome is the error's class."""
        known = type(error).__name__ if isinstance(error, NamememError) else "unexpected"
        self._hearing.labels(known).observe(seconds)

    def page(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self.registry)


class _Gauges(Collector):
    """What is looked at only when somebody asks."""

    def __init__(
        self,
        state: Callable[[], PoolState],
        stats: Callable[[], PoolStats | None],
        names_by_status: Callable[[], Mapping[str, int]],
    ) -> None:
        self._state = state
        self._stats = stats
        self._names_by_status = names_by_status
        self._names: Mapping[str, int] = {}
        self._counted = float("-inf")

    def describe(self) -> Iterable[Metric]:
        """Nothing: registering asks nobody."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """The gauges now."""
        ready = GaugeMetricFamily("namemem_ready", "1 when recordings can be heard.")
        ready.add_metric((), float(self._state().ready))
        yield ready
        build = GaugeMetricFamily("namemem_build", "Which namemem this is.", labels=("version",))
        build.add_metric((__version__,), 1.0)
        yield build
        stats = self._stats()
        if stats is not None:
            workers = GaugeMetricFamily(
                "namemem_workers", "Worker processes, by what they are.", labels=("state",)
            )
            workers.add_metric(("configured",), stats.workers)
            workers.add_metric(("ready",), stats.ready)
            workers.add_metric(("busy",), stats.busy)
            yield workers
            waiting = GaugeMetricFamily(
                "namemem_queue_waiting", "Recordings that wait for a worker."
            )
            waiting.add_metric((), stats.waiting)
            yield waiting
            restarts = CounterMetricFamily(
                "namemem_worker_restarts",
                "Workers replaced, by reason: died, stuck, broke, deadline, hung_up.",
                labels=("reason",),
            )
            for reason, count in sorted(stats.restarts.items()):
                restarts.add_metric((reason,), count)
            yield restarts
        names = GaugeMetricFamily(
            "namemem_names",
            "Names by review status; heard, confirmed and corrected ones wait for a designer.",
            labels=("status",),
        )
        for status, count in sorted(self._count().items()):
            names.add_metric((status,), count)
        yield names

    def _count(self) -> Mapping[str, int]:
        now = time.monotonic()
        if now - self._counted > _BACKLOG_SECONDS:
            try:
                self._names, self._counted = self._names_by_status(), now
            except NamememError:  # no database: the gauge is left out, /readyz says why
                return {}
        return self._names
