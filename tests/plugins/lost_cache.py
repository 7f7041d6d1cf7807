"""What a disk may hold after a power cut that loses the operating system's cache.

`record` runs a program under strace and takes down what it writes to a file and when it waits for
the disk. `images` makes what the disk may hold when the power goes at a random moment: all that was
waited for, and of the rest any part, in any order, sectors torn apart. What the program had printed
by then comes with it.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

_SECTOR = 512
_CALL = re.compile(
    r"^\d+ +(?P<call>\w+)\((?:(?P<fd>\d+)<(?P<path>[^>]*)>)?,? ?(?P<rest>.*?)"
    r"(?:\) += (?P<result>-?\d+).*| <unfinished \.\.\.>)$"
)
_RESUMED = re.compile(r"^(?P<pid>\d+) +<\.\.\. (?P<call>\w+) resumed>.*\) += (?P<result>-?\d+)")
_SYNCS = ("fsync", "fdatasync")


@dataclass(frozen=True)
class Event:
    """One thing that happened: `write`, `truncate`, `sync` or `unlink` of a file, or `print`."""

    what: str
    path: Path | None = None
    offset: int = 0
    data: bytes = b""


@dataclass
class _File:
    held: bytearray | None
    """What the disk holds for certain; None while there is no file."""
    pending: list[Event] = field(default_factory=list)


def record(command: Sequence[str], log: Path, environment: dict[str, str]) -> list[Event]:
    """Runs the command until it ends, and gives what it did in the order in which it happened."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("no strace: apt-get install strace")
    watched = "trace=pwrite64,write,ftruncate,fsync,fdatasync,unlink,unlinkat,rename"
    done = subprocess.run(
        [strace, "-f", "-y", "-xx", "-s", "10000000", "-e", watched, "-e", "signal=none",
         "-o", str(log), *command],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment, timeout=280, text=True,
    )  # fmt: skip
    if "PTRACE" in done.stderr or "ptrace" in done.stderr:
        pytest.skip(f"needs the right to trace: {done.stderr[:200]}")
    assert done.returncode == 0, done.stderr
    return list(_events(log))


def _events(log: Path) -> Iterator[Event]:
    waiting: dict[str, Event] = {}
    with log.open(encoding="ascii") as lines:
        for line in lines:
            resumed = _RESUMED.match(line)
            if resumed is not None:
                event = waiting.pop(resumed["pid"], None)
                if event is not None and int(resumed["result"]) >= 0:
                    yield event
                continue
            called = _CALL.match(line.rstrip("\n"))
            if called is None:
                continue
            event = _event(called["call"], called["fd"], called["path"], called["rest"])
            if event is None:
                continue
            if called["result"] is None and event.what == "sync":  # it counts once it has ended
                waiting[line.split()[0]] = event
            elif called["result"] is None or int(called["result"]) >= 0:
                yield event


def _event(call: str, fd: str | None, path: str | None, rest: str) -> Event | None:
    file = Path(_bytes(path).decode()) if path is not None else None
    if call == "write":
        return Event("print", data=_quoted(rest)[0]) if fd == "1" else None
    if call == "pwrite64":
        return Event("write", file, int(rest.rsplit(", ", 1)[1]), _quoted(rest)[0])
    if call == "ftruncate":
        return Event("truncate", file, int(rest))
    if call in _SYNCS:
        return Event("sync", file)
    if call in ("unlink", "unlinkat"):
        return Event("unlink", Path(_quoted(rest)[0].decode()))
    raise AssertionError(f"{call} is not foreseen here")


def _quoted(text: str) -> list[bytes]:
    return [_bytes(part) for part in re.findall(r'"([^"]*)"', text)]


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def images(
    events: Sequence[Event], start: dict[Path, bytes], chance: random.Random, count: int
) -> Iterator[tuple[bytes, dict[Path, bytes]]]:
    """So many moments at which the power goes.

    Args:
        events: from `record`.
        start: the files as they were before, on disk.
        chance: chooses moments, and what of the cache reaches the disk.
        count: how many.

    Returns:
        What was printed until then, and the files that there are.
    """
    moments = sorted(chance.randrange(len(events) + 1) for _ in range(count))
    files = {path: _File(bytearray(content)) for path, content in start.items()}
    printed = bytearray()
    done = 0
    for moment in moments:
        for event in events[done:moment]:
            if event.what == "print":
                printed += event.data
            elif event.path is not None:
                _happen(files.setdefault(event.path, _File(None)), event)
        done = moment
        left = {path: _cut(file, chance) for path, file in files.items()}
        yield bytes(printed), {path: bytes(held) for path, held in left.items() if held is not None}


def _happen(file: _File, event: Event) -> None:
    if event.what != "sync":
        file.pending.append(event)
        return
    for pending in file.pending:
        file.held = _apply(file.held, pending)
    file.pending.clear()


def _cut(file: _File, chance: random.Random) -> bytearray | None:
    """What the disk holds if the power goes now."""
    held = None if file.held is None else bytearray(file.held)
    reaches = chance.choice((0.0, 0.5, 0.9, 1.0))  # nothing of the cache, some, most, all
    pending = [event for event in file.pending if chance.random() < reaches]
    if chance.random() < 0.5:
        chance.shuffle(pending)
    for event in pending:
        if event.what != "write" or chance.random() < 0.5:
            held = _apply(held, event)
            continue
        for start in range(0, len(event.data), _SECTOR):  # torn
            if chance.random() < 0.7:
                part = event.data[start : start + _SECTOR]
                held = _apply(held, Event("write", event.path, event.offset + start, part))
    return held


def _apply(held: bytearray | None, event: Event) -> bytearray | None:
    if event.what == "unlink":
        return None
    held = bytearray() if held is None else held
    if event.what == "truncate":
        del held[event.offset :]
        held.extend(bytes(event.offset - len(held)))
        return held
    end = event.offset + len(event.data)
    if len(held) < end:
        held.extend(bytes(end - len(held)))
    held[event.offset : end] = event.data
    return held
