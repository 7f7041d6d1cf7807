"""`namemem clips …` and `namemem db scrub`."""

from __future__ import annotations

import pytest
from plugins.examples import make_hearing
from plugins.raw_files import files_with
from typer.testing import CliRunner

from namemem.cli import app
from namemem.people import NameKind, Status
from namemem.store import Store
from namemem.store.sealing import ClipSealer, new_key, read_key

SOUND = b"RIFF a sound that nobody else makes, as long as it is"


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Runs a command on a fresh database; settings as keyword arguments."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NAMEMEM_DATA_DIR", str(tmp_path))
    store = Store(f"sqlite:///{tmp_path}/namemem.db")
    store.upgrade()
    store.close()

    def run(*arguments, **settings):
        environment = {f"NAMEMEM_{name.upper()}": value for name, value in settings.items()}
        return CliRunner().invoke(app, arguments, env=environment)

    return run


def keep(tmp_path, sealer=None):
    """A person with a clip; ids of both."""
    store = Store(f"sqlite:///{tmp_path}/namemem.db", sealer=sealer)
    with store.transaction() as repo:
        person = repo.add_person(None, "Anna Secret")
        name = repo.add_name(
            person.id, kind=NameKind.GIVEN, spelling="Anna", status=Status.HEARD,
            who="t", what="heard",
        )  # fmt: skip
        made = repo.add_introduction(person_id=person.id, name_id=name.id, hearing=make_hearing())
        repo.save_clip(made.id, SOUND, "audio/wav")
    store.close()
    return person.id, made.id


def read(tmp_path, introduction_id, *keys):
    store = Store(f"sqlite:///{tmp_path}/namemem.db", sealer=ClipSealer(None, keys))
    with store.transaction(read_only=True) as repo:
        audio = repo.clip(introduction_id).audio
    store.close()
    return audio


def test_a_new_key_can_be_used(run):
    printed = [run("clips", "new-key").output.strip() for _ in range(2)]
    assert len(read_key(printed[0])) == 32
    assert printed[0] != printed[1]


def test_reseal_encrypts_changes_the_key_and_decrypts(run, tmp_path):
    _, made = keep(tmp_path)
    first, second = new_key(), new_key()
    for text, settings, says in (
        ("plain to first", {"clip_key": first}, "1 recordings encrypted"),
        ("again", {"clip_key": first}, "0 recordings"),
        ("first to second", {"clip_key": second, "clip_old_keys": first}, "1 recordings encrypted"),
    ):
        result = run("clips", "reseal", **settings)
        assert result.exit_code == 0, (text, result.output)
        assert says in result.output, text
    assert files_with(tmp_path, [SOUND[:24]]) == [], "not even what was there before"
    assert read(tmp_path, made, read_key(second)) == SOUND
    result = run("clips", "reseal", "--plain", clip_old_keys=second)
    assert "1 recordings decrypted" in result.output
    assert read(tmp_path, made) == SOUND


def test_reseal_counts_what_it_cannot_open(run, tmp_path):
    keep(tmp_path, ClipSealer(read_key(new_key())))
    keep(tmp_path)
    result = run("clips", "reseal", clip_key=new_key())
    assert result.exit_code == 2
    assert "1 recordings encrypted" in result.output
    assert "1 recordings cannot be opened" in result.output


def test_reseal_says_what_it_needs(run):
    key = new_key()
    for arguments, settings in (((), {}), (("--plain",), {"clip_key": key})):
        result = run("clips", "reseal", *arguments, **settings)
        assert result.exit_code != 0
        assert "NAMEMEM_CLIP" in str(result.exception)
        assert key not in str(result.exception)


def test_a_key_that_is_none_stops_every_command(run):
    result = run("clips", "reseal", clip_key="far too short")
    assert "NAMEMEM_CLIP_KEY" in str(result.exception)
    result = run("db", "scrub", clip_old_keys=f"{new_key()},nonsense")
    assert "NAMEMEM_CLIP_OLD_KEYS" in str(result.exception)


def test_scrub_does_what_a_crash_left_undone(run, tmp_path):
    person_id, _ = keep(tmp_path)
    store = Store(f"sqlite:///{tmp_path}/namemem.db")
    with store.transaction() as repo:
        repo.delete_person(person_id)
    assert files_with(tmp_path, [b"Anna Secret"]), "in the write-ahead log"
    result = run("db", "scrub")
    assert result.exit_code == 0, result.output
    assert "nothing of what was erased is left" in result.output
    assert files_with(tmp_path, [b"Anna Secret", SOUND[:24]]) == []
    store.close()


def test_scrub_says_when_it_cannot(run, tmp_path, monkeypatch):
    monkeypatch.setattr(Store.__init__, "__kwdefaults__", {
        **Store.__init__.__kwdefaults__, "timeout_seconds": 0.1
    })  # fmt: skip
    person_id, _ = keep(tmp_path)
    store = Store(f"sqlite:///{tmp_path}/namemem.db")
    with store.transaction(read_only=True) as reader:
        assert reader.person(person_id)
        with store.transaction() as repo:
            repo.delete_person(person_id)
        result = run("db", "scrub")
        assert result.exit_code == 1
        assert "not done" in result.output
        assert "Try again" in result.output
    assert run("db", "scrub").exit_code == 0
    store.close()
