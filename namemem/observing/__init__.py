"""Seeing inside: request ids, log lines, metrics and traces. None of them says who spoke, or what.

    notes       what is known of the request at hand, wherever it is worked on
    middleware  makes the note; writes the access line, the metrics and the span of each request
    hearing     measures what is heard; stops for callers who hang up or wait no longer
    metrics     Prometheus
    tracing     OpenTelemetry, where it is wanted
    lines       log records as JSON, or for people

What may appear: route templates, statuses, durations, problem slugs, engines, counts, and ids
that this service made. What may not: paths and queries as they were sent, addresses, names,
words, audio, keys, and the messages of unexpected exceptions, which may quote any of these.
"""

from namemem.observing.hearing import AttendedHearer
from namemem.observing.metrics import Metrics
from namemem.observing.middleware import Observing
from namemem.observing.notes import RequestNote, current_note

__all__ = ["AttendedHearer", "Metrics", "Observing", "RequestNote", "current_note"]
