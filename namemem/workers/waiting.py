"""Whose turn it is: spaces take turns, and none can fill the waiting room against another.

Turns are round robin over the spaces with something waiting (Nagle 1987, RFC 970), first come
first served within a space. Who is alone may use the whole room. When it is full and somebody
comes whose space has less waiting than another, the newest of the space with the most waiting is
pushed out (longest queue drop: Suter et al. 1998), until all that want in have equal parts.
"""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class WaitingRoom(Generic[T]):
    """Who waits, by space. Not thread-safe; the pool holds a lock around it."""

    def __init__(self) -> None:
        # In order of their next turn; a space is here only while something of it waits.
        self._lines: dict[str, deque[T]] = {}

    def __len__(self) -> int:
        return sum(len(line) for line in self._lines.values())

    def waiting(self, space: str) -> int:
        """How many of a space wait."""
        return len(self._lines.get(space, ()))

    def admit(self, space: str, item: T, room: int) -> tuple[bool, T | None]:
        """Lets one in, if there is room or if it may push another out.

        Args:
            space: whose it is.
            item: who wants in.
            room: how many may wait in all.

        Returns:
            Whether it waits now, and who was pushed out for it.
        """
        pushed_out: T | None = None
        if len(self) >= room:
            longest = max(self._lines, key=self.waiting, default=space)
            if self.waiting(longest) <= self.waiting(space) + 1:
                return False, None
            pushed_out = self._lines[longest].pop()
        self._lines.setdefault(space, deque()).append(item)
        return True, pushed_out

    def put_first(self, space: str, item: T) -> None:
        """Lets one in again that had its turn already and lost it: it is next."""
        line = self._lines.pop(space, deque())
        line.appendleft(item)
        self._lines = {space: line, **self._lines}

    def take(self) -> T | None:
        """Who is next, or None; the space goes to the end of the line of spaces."""
        for space, line in self._lines.items():
            item = line.popleft()
            del self._lines[space]
            if line:
                self._lines[space] = line
            return item
        return None

    def remove(self, space: str, item: T) -> bool:
        """Takes out one that waits no more; whether it was there."""
        line = self._lines.get(space)
        if line is None or item not in line:
            return False
        line.remove(item)
        if not line:
            del self._lines[space]
        return True

    def empty(self) -> list[T]:
        """Takes out everybody."""
        everybody = [item for line in self._lines.values() for item in line]
        self._lines.clear()
        return everybody
