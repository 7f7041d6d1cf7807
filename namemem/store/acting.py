"""Who acts: set once where a request or a command comes in, read where the audit log is written.

It travels beside the call (a context variable), into threads and tasks too, so that no use case
has to hand it on, and none can forget to.
"""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, for the audit log.

    Attributes:
        key_id: the API key that was used; None where none was.
        label: what the key is called, or by which way somebody came (`command line`).
        who: what the caller says of the person who acts; may be empty.
    """

    key_id: str | None = None
    label: str = ""
    who: str = ""


NOBODY = Actor()
_actor: ContextVar[Actor] = ContextVar("namemem_actor", default=NOBODY)


def current_actor() -> Actor:
    """Who acts in this context; `NOBODY` where nobody has said so."""
    return _actor.get()


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """All that is changed in this block is the actor's doing."""
    token = _actor.set(actor)
    try:
        yield
    finally:
        _actor.reset(token)


@contextmanager
def acting_by_command() -> Iterator[None]:
    """All that is changed in this block, somebody did by typing a command."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # no such user, as in some containers
        user = ""
    with acting(Actor(None, "command line", user)):
        yield
