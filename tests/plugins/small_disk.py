"""A disk of a few megabytes that a test may fill: a tmpfs, where it may be mounted."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest


class SmallDisk:
    """A mounted directory. `fill` leaves no room in it, `free` makes room again."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def fill(self) -> None:
        """Writes a file until no byte more fits."""
        ballast = os.open(self.path / "ballast", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        with contextlib.suppress(OSError):
            while os.write(ballast, b"\0" * 4096):
                pass
        os.close(ballast)

    def free(self) -> None:
        """Deletes that file."""
        (self.path / "ballast").unlink()

    def remount(self, how: str) -> None:
        """`ro` or `rw`; read-only only while no file is open for writing."""
        _mount("-o", f"remount,{how}", str(self.path))


def _mount(*arguments: str) -> None:
    try:
        subprocess.run(["mount", *arguments], check=True, capture_output=True, timeout=30)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"needs the right to mount a file system: {error}")


@pytest.fixture
def make_small_disk(tmp_path: Path) -> Iterator[Callable[[int], SmallDisk]]:
    """Mounts a disk of so many megabytes."""
    mounted: list[Path] = []

    def make(megabytes: int) -> SmallDisk:
        path = tmp_path / f"disk{len(mounted)}"
        path.mkdir()
        _mount("-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "none", str(path))
        mounted.append(path)
        return SmallDisk(path)

    yield make
    for path in mounted:
        subprocess.run(["umount", "--lazy", str(path)], check=True, timeout=30)
