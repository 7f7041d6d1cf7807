"""What is known of the request at hand: found by whoever works on it, in any thread of it."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field

_UUID_OR_HEX = re.compile(r"[0-9a-fA-F][0-9a-fA-F-]{14,62}[0-9a-fA-F]")
_ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
_LONGEST_WAIT = 3600.0


@dataclass(slots=True, eq=False)
class RequestNote:
    """One request.

    Attributes:
        request_id: the caller's, or ours; see `request_id_of`.
        wait: seconds the caller waits, from `Prefer: wait=…`; `waited` when that was heeded.
        gone: set when the caller has hung up; belongs to `loop`.
        problem: slug of the problem it was last answered with.
        on_problem: told each slug.
    """

    request_id: str
    wait: float | None = None
    waited: bool = False
    loop: asyncio.AbstractEventLoop | None = None
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    problem: str | None = None
    on_problem: Callable[[str], None] | None = None

    def refused(self, slug: str) -> None:
        """It is answered with a problem."""
        self.problem = slug
        if self.on_problem is not None:
            self.on_problem(slug)


_current: ContextVar[RequestNote | None] = ContextVar("namemem_request", default=None)


def current_note() -> RequestNote | None:
    """The request that is being worked on here; None outside of any."""
    return _current.get()


def begin(note: RequestNote) -> None:
    """From now on this task, and what it starts, works on `note`.

    Nothing ends it: each request has a task of its own, and what handles errors outside of the
    middleware is to know it as well.
    """
    _current.set(note)


def request_id_of(header: str | None) -> str:
    """The caller's `X-Request-ID` where it is an id, else a new one.

    Taken are UUIDs, 16 to 64 hexadecimal digits, and ULIDs: nothing in which somebody might
    have put a name, since the id is in every log line.
    """
    given = (header or "").strip()
    if _UUID_OR_HEX.fullmatch(given) or _ULID.fullmatch(given):
        return given
    return uuid.uuid4().hex


def wait_of(header: str | None) -> float | None:
    """Seconds from `Prefer: wait=2` (RFC 7240; decimals are taken as well).

    None where nothing of the kind is there: preferences that are not understood are ignored.
    """
    for preference in (header or "").split(","):
        name, equals, value = preference.partition(";")[0].partition("=")
        number = value.strip().strip('"')
        if (
            equals
            and name.strip().lower() == "wait"
            and re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,3})?", number)
        ):
            return min(float(number), _LONGEST_WAIT)
    return None
