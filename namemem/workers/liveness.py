"""Whether a process that has not answered is stuck, or only has too little of a busy machine.

A clock on the wall cannot tell: where other programs take the processor, a healthy worker takes
ten times as long. The kernel knows more. A thread that runs, or waits for its turn or for the
disk, is not stuck, however late its answer; one that is stopped, or waits for nothing that comes,
is; and so is one that has computed for much longer than the task takes.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_AT_WORK = frozenset(b"RD")  # running or waiting for its turn; waiting for the disk
_LONGEST_STEP = 0.5
"""Seconds that one look may count for: who looks is late too, and knows nothing of the gap."""


@dataclass(frozen=True, slots=True)
class Look:
    """A process at one moment.

    Attributes:
        cpu: seconds of processor time that it has used, all threads together.
        at_work: a thread of it runs, or would if it were let.
    """

    cpu: float
    at_work: bool


def look_at(pid: int) -> Look | None:
    """A process as the kernel sees it now; None where that cannot be known (no `/proc`)."""
    cpu, at_work = 0.0, False
    try:
        for thread in Path(f"/proc/{pid}/task").iterdir():
            state, used = _thread((thread / "stat").read_bytes())
            cpu += used
            at_work = at_work or state in _AT_WORK
    except (OSError, ValueError, IndexError):
        return None
    return Look(cpu, at_work)


def _thread(stat: bytes) -> tuple[int, float]:
    """State and processor seconds of proc(5)'s `stat`; the name in it may hold anything."""
    fields = stat[stat.rindex(b")") + 2 :].split()
    return fields[0][0], (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Stillness:
    """How long a process has done nothing for a task, and how much it has computed for it.

    Attributes:
        still: seconds in which it neither ran nor waited for its turn.
        cpu: seconds of processor time that it has used.
    """

    def __init__(
        self, pid: int, now: float, look: Callable[[int], Look | None] | None = None
    ) -> None:
        self.still = 0.0
        self.cpu = 0.0
        self._pid = pid
        self._look = look or look_at
        self._then = now
        self._began = self._look(pid)

    def observe(self, now: float) -> None:
        """Looks again; `now` is `time.monotonic()`. Call it several times a second."""
        step, self._then = now - self._then, now
        seen = self._look(self._pid)
        if seen is None or self._began is None:  # there is only the clock on the wall
            self.still += step
            return
        # A thread that ends takes its processor time along.
        used = max(0.0, seen.cpu - self._began.cpu - self.cpu)
        self.cpu += used
        if not seen.at_work:
            self.still += max(0.0, min(step, _LONGEST_STEP) - used)
