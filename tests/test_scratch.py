"""A disk for temporary files that is full, or not there: said, and mended without a restart."""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from plugins.http import expect_problem
from plugins.small_disk import SmallDisk

from namemem.asr import sphinx_carrier
from namemem.errors import NoTemporarySpace
from namemem.phone_recognition.sphinx import SphinxPhones
from namemem.scratch import scratch_folder
from namemem.tts import preview


def test_a_folder_of_ones_own() -> None:
    with scratch_folder() as folder:
        (folder / "file").write_text("here")
        assert folder.stat().st_mode & 0o77 == 0
    assert not folder.exists()


@pytest.fixture
def no_space(
    monkeypatch: pytest.MonkeyPatch, make_small_disk: Callable[[int], SmallDisk]
) -> SmallDisk:
    """The directory for temporary files, on a disk that is full."""
    disk = make_small_disk(1)
    disk.fill()
    monkeypatch.setattr(tempfile, "tempdir", str(disk.path))
    return disk


@pytest.mark.parametrize(
    "engine",
    [lambda: SphinxPhones().load(), sphinx_carrier._load_spotter, lambda: preview._Library()],
    ids=["phones", "carriers", "voice"],
)
def test_an_engine_that_finds_no_room(no_space: SmallDisk, engine: Callable[[], object]) -> None:
    with pytest.raises(NoTemporarySpace, match="is full or cannot be written to") as caught:
        engine()
    assert str(no_space.path) in caught.value.message
    assert caught.value.details["reason"] == "disk_full"
    assert list(no_space.path.iterdir()) == [no_space.path / "ballast"]


def test_a_directory_that_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(NoTemporarySpace), scratch_folder():
        pass


def test_other_errors_stay_what_they_are() -> None:
    with pytest.raises(OSError, match="broken pipe"), scratch_folder():
        raise OSError(errno.EPIPE, "broken pipe")


def test_speaking_without_room(
    client: Any, no_space: SmallDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview, "_loaded", None)
    spoken = client.post("/v1/speak", json={"ipa": "ˈmoʊ"})
    problem = expect_problem(spoken, 503, "no-temporary-space")
    assert "TMPDIR" in problem["detail"]
    monkeypatch.setattr(tempfile, "tempdir", None)
    assert client.post("/v1/speak", json={"ipa": "ˈmoʊ"}).status_code == 200
