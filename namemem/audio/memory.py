"""A bound on memory while untrusted bytes are decoded.

A few hundred bytes of MP4 can make FFmpeg allocate gigabytes. Linux bounds the writable private
memory of a process (RLIMIT_DATA, since Linux 4.7); what goes beyond fails inside FFmpeg as
"cannot allocate memory" and becomes an error of that one file.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

DECODING_BYTES = 256 * 2**20
"""What decoding one recording may take beyond what the process has."""
_STATUS = Path("/proc/self/status")


@contextlib.contextmanager
def memory_bounded(more: int) -> Iterator[None]:
    """Inside, this process may take `more` bytes beyond what it has.

    The bound is the whole process's, so this is for processes that do one thing at a time, as the
    workers do. Elsewhere than on Linux nothing is bounded.
    """
    taken = _data_bytes()
    if sys.platform != "linux" or taken is None:  # pragma: no cover
        yield
        return
    import resource

    before = resource.getrlimit(resource.RLIMIT_DATA)
    bound = taken + more
    if before[0] != resource.RLIM_INFINITY:
        bound = min(bound, before[0])
    resource.setrlimit(resource.RLIMIT_DATA, (bound, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)


def _data_bytes() -> int | None:
    """What counts against RLIMIT_DATA now."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in _STATUS.read_text("ascii").splitlines():
            if line.startswith("VmData:"):
                return int(line.split()[1]) * 1024
    return None
