"""What a log may say of an error: which it is and where it was; nothing that may quote anybody."""

from __future__ import annotations

import traceback

from namemem.errors import (
    DeadlineExceeded,
    EngineBusy,
    EngineUnavailable,
    NamememError,
    StoreUnavailable,
)

_TOLD = (StoreUnavailable, EngineUnavailable, EngineBusy, DeadlineExceeded)


def loggable(error: NamememError) -> str:
    """An error for the log: its class, and its message where that never quotes a caller.

    What broke in an engine may have had a name or the words in its hands.
    """
    kind = type(error).__name__
    return f"{kind}: {error.message}" if isinstance(error, _TOLD) else kind


def trouble(error: BaseException) -> list[str]:
    """An exception's type and where it was, then the same of what led to it.

    Without messages and source lines: an unexpected exception may quote what was said.
    """
    lines: list[str] = []
    seen: set[int] = set()
    now: BaseException | None = error
    while now is not None and id(now) not in seen:
        seen.add(id(now))
        kind = f"{type(now).__module__}.{type(now).__qualname__}"
        lines.append(kind.removeprefix("builtins."))
        frames = traceback.extract_tb(now.__traceback__)
        lines += [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
        now = now.__cause__ or (None if now.__suppress_context__ else now.__context__)
    return lines
