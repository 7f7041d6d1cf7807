"""Python's garbage collector and what is loaded once: dictionaries, phrase books, models.

It goes through everything that lives, again and again while things are loaded, and once in a while
in the middle of a hearing (half a second for 600,000 objects). See "Garbage collector interface"
in the Python documentation for `freeze`, which is made for processes that load first.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator

_NEVER = 1_000_000
_ENOUGH = 350_000
"""New objects after which it is time for a whole collection, about."""


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Loading without collections in between: a third quicker, since all of it stays."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def settle() -> None:
    """What has been loaded is never gone through again; whole collections come by `tidy` only."""
    gc.freeze()
    gc.set_threshold(*gc.get_threshold()[:2], _NEVER)


def tidy() -> None:
    """A whole collection where one is due: called while nobody waits."""
    youngest, middle, _ = gc.get_threshold()
    if gc.get_count()[2] * youngest * middle >= _ENOUGH:
        gc.collect()
