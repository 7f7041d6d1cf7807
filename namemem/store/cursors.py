"""Cursors of pages: where the last one ended, as a caller hands it back."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime

from namemem.errors import InvalidRequest
from namemem.store.scope import is_storable


def write_cursor(moment: datetime, row_id: str) -> str:
    """The place after a row, by its time (aware) and id."""
    text = json.dumps([moment.isoformat(), row_id])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[datetime, str]:
    """The time and id in a cursor. Raises `InvalidRequest`."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        written, row_id = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        moment = datetime.fromisoformat(written)
        if moment.tzinfo is None or not isinstance(row_id, str) or not is_storable(row_id):
            raise ValueError(cursor)
        return moment, row_id
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        raise InvalidRequest(
            "`cursor` is not one that this service gave out. Leave it out to begin again.",
            field="cursor",
        ) from error
