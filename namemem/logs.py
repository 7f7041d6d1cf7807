"""Logging of the server: one line an event on stderr, without names, words, addresses or queries.

What must not be in it is said in `namemem.observing`; the access lines are written there, too.
"""

from __future__ import annotations

import logging.config
import sys


def configure(level: str, form: str = "auto") -> None:
    """Sets up logging for the server.

    Args:
        level: debug, info, warning or error.
        form: `json`, `text`, or `auto`: text on a terminal.
    """
    if form == "auto":
        form = "text" if sys.stderr.isatty() else "json"
    # Below info, uvicorn and websockets write headers and frames: keys and words are in them.
    servers = max(logging.INFO, logging.getLevelName(level.upper()))
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "filters": {"sockets": {"()": "namemem.observing.lines.WithoutSockets"}},
            "formatters": {
                "json": {"()": "namemem.observing.lines.JsonLine"},
                "text": {"()": "namemem.observing.lines.TextLine"},
            },
            "handlers": {
                "stderr": {
                    "class": "logging.StreamHandler",
                    "formatter": form,
                    "filters": ["sockets"],
                },
            },
            "root": {"level": "WARNING", "handlers": ["stderr"]},
            "loggers": {
                "namemem": {"level": level.upper()},
                "uvicorn": {"level": servers},
                "uvicorn.access": {"level": "CRITICAL"},  # `namemem.access` takes its place
            },
        }
    )
