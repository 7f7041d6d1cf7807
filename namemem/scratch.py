"""Temporary files for libraries that read nothing else; nothing of a recording is in them.

A full temporary disk is an error that says so: an `OSError` out of the middle of an engine helps
nobody.
"""

from __future__ import annotations

import contextlib
import errno
import tempfile
from collections.abc import Iterator
from pathlib import Path

from namemem.errors import NoTemporarySpace

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_UNUSABLE = frozenset({errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOENT})


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder of one's own, which goes at the end; it is there while the block runs.

    Raises:
        NoTemporarySpace: it cannot be made, or a disk is full within the block.
    """
    try:
        made = tempfile.TemporaryDirectory(prefix="namemem-", ignore_cleanup_errors=True)
    except OSError as error:
        if error.errno in _FULL | _UNUSABLE:
            raise no_temporary_space() from error
        raise
    try:
        with made as folder:
            yield Path(folder)
    except OSError as error:
        if is_full(error):
            raise no_temporary_space() from error
        raise


def is_full(error: BaseException) -> bool:
    """Whether a disk, or what somebody may use of it, is full."""
    return isinstance(error, OSError) and error.errno in _FULL


def no_temporary_space() -> NoTemporarySpace:
    """The error, with how to mend it."""
    try:
        where = tempfile.gettempdir()
    except OSError:  # it tries to write in each place it knows
        where = "the directory for temporary files"
    return NoTemporarySpace(
        f"There is no room for temporary files: {where} is full or cannot be written to. Free some "
        "space there, or start namemem with TMPDIR set to another directory.",
        reason="disk_full",
    )
