"""Logging: one line an event on stderr, without names, transcripts or query strings."""

from __future__ import annotations

import logging.config


class _WithoutQuery(logging.Filter):
    """Access logs show the path only: a query may hold a name."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple) and len(record.args) == 5:
            client, method, path, http, status = record.args
            bare = str(path).split("?")[0]
            if "/by-external-id/" in bare:
                bare = bare.split("/by-external-id/")[0] + "/by-external-id/…"
            record.args = (client, method, bare, http, status)
        return True


def configure(level: str) -> None:
    """Sets up logging for the server; `level` is debug, info, warning or error."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "filters": {"without_query": {"()": _WithoutQuery}},
            "formatters": {"line": {"format": "%(asctime)s %(levelname)-7s %(name)s: %(message)s"}},
            "handlers": {
                "stderr": {"class": "logging.StreamHandler", "formatter": "line"},
                "access": {
                    "class": "logging.StreamHandler",
                    "formatter": "line",
                    "filters": ["without_query"],
                },
            },
            "root": {"level": "WARNING", "handlers": ["stderr"]},
            "loggers": {
                "namemem": {"level": level.upper()},
                "uvicorn": {"level": level.upper()},
                "uvicorn.access": {"handlers": ["access"], "propagate": False},
            },
        }
    )
