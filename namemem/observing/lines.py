"""Log records as lines: JSON for machines, short ones for people. No message of an exception."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

from namemem import discretion
from namemem.observing.notes import current_note


class _Line(logging.Formatter):
    """What both have: the request, and exceptions without what they say."""

    @staticmethod
    def request_id() -> str | None:
        """Of the request at hand."""
        note = current_note()
        return note.request_id if note is not None else None

    @staticmethod
    def trouble(record: logging.LogRecord) -> list[str]:
        """The exception's type and where it was, outermost first; see `discretion.trouble`.

        `extra={"trouble": …}` has the same of one in another process.
        """
        if record.exc_info and record.exc_info[1] is not None:
            return discretion.trouble(record.exc_info[1])
        return list(getattr(record, "trouble", ()))


class JsonLine(_Line):
    """One JSON object a line: `time` (UTC), `level`, `logger`, `message`, `request_id`, fields."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        request_id = self.request_id()
        if request_id is not None:
            line["request_id"] = request_id
        fields = getattr(record, "fields", None)
        if isinstance(fields, dict):
            line.update(fields)
        trouble = self.trouble(record)
        if trouble:
            line["exception"] = trouble
        return json.dumps(line, ensure_ascii=False, default=str)


class TextLine(_Line):
    """For a terminal: time, level, logger, message, and the request's id at the end."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, and one for each frame of an exception."""
        time = datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
        request_id = self.request_id()
        behind = f" [{request_id}]" if request_id is not None else ""
        line = f"{time} {record.levelname:<7} {record.name}: {record.getMessage()}{behind}"
        return "\n".join([line, *self.trouble(record)])


class WithoutSockets(logging.Filter):
    """Keeps back uvicorn's own lines about WebSockets, which have the query and its token."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record may pass."""
        return ' - "WebSocket ' not in str(record.msg)
