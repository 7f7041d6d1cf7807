"""Clips at rest: encrypted, bound to their introduction, readable through a change of keys."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator

import pytest
from plugins.examples import make_hearing
from plugins.raw_files import database_directory, files_with, run_sql
from sqlalchemy import create_engine, make_url, text

from namemem.errors import ClipSealed, InvalidSettings
from namemem.people import NameKind, Status
from namemem.store import Store
from namemem.store.sealing import ClipSealer, key_id, new_key, read_key

SOUND = b"RIFF" + random.Random(8).randbytes(12_000).replace(b"\n", b"")
"""Like sound in that a database cannot compress it."""
OLD, NEW = read_key(new_key()), read_key(new_key())


@pytest.fixture
def sealed(database_url: str) -> Iterator[Store]:
    store = Store(database_url, sealer=ClipSealer(NEW, [OLD]))
    yield store
    store.close()


def keep(store: Store, audio: bytes = SOUND) -> str:
    """An introduction with a clip."""
    with store.transaction() as repo:
        person = repo.add_person(None, "Anna")
        name = repo.add_name(
            person.id, kind=NameKind.GIVEN, spelling="Anna", status=Status.HEARD,
            who="t", what="heard",
        )  # fmt: skip
        made = repo.add_introduction(person_id=person.id, name_id=name.id, hearing=make_hearing())
        assert repo.save_clip(made.id, audio, "audio/wav").audio == audio
    return made.id


def read(store: Store, introduction_id: str) -> bytes:
    with store.transaction(read_only=True) as repo:
        return repo.clip(introduction_id).audio


def change_clip(url: str, **values: object) -> None:
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    engine = create_engine(parsed)
    assignments = ", ".join(f"{name} = :{name}" for name in values)
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE clips SET {assignments}"), values)
    engine.dispose()


def test_no_byte_of_the_sound_is_on_disk(sealed: Store, database_url: str) -> None:
    directory = database_directory(database_url)
    pieces = [SOUND[i : i + 24] for i in (0, 400, 4000)]
    made = keep(sealed)
    if not sealed.is_sqlite:
        run_sql(database_url, "CHECKPOINT")
    assert files_with(directory, pieces) == []
    assert read(sealed, made) == SOUND
    open_store = Store(database_url)
    keep(open_store)
    open_store.close()
    assert files_with(directory, pieces), "unencrypted they are: the search does find them"


def test_two_seals_of_one_sound_differ() -> None:
    sealer = ClipSealer(NEW)
    assert sealer.seal(SOUND, "i_1", "audio/wav") != sealer.seal(SOUND, "i_1", "audio/wav")


def test_the_export_has_it_decrypted(sealed: Store, database_url: str) -> None:
    made = keep(sealed)
    with sealed.transaction(read_only=True) as repo:
        exported = repo.export_person(repo.introduction(made).person_id)
    clip = exported["introductions"][0]["clip"]
    assert base64.b64decode(clip["audio_base64"]) == SOUND
    assert clip["encrypted_at_rest"] is True


def test_older_clips_stay_readable(sealed: Store, database_url: str) -> None:
    plain, older = Store(database_url), Store(database_url, sealer=ClipSealer(OLD))
    kept = [keep(plain, SOUND + b"1"), keep(older, SOUND + b"2"), keep(sealed, SOUND + b"3")]
    assert [read(sealed, one)[-1:] for one in kept] == [b"1", b"2", b"3"]
    with sealed.transaction(read_only=True) as repo:
        assert repo.clip_seals() == {
            None: 1, f"aes256gcm-1:{key_id(OLD)}": 1, f"aes256gcm-1:{key_id(NEW)}": 1
        }  # fmt: skip
    plain.close()
    older.close()


def test_a_missing_key_is_told_by_its_name(sealed: Store, database_url: str) -> None:
    made = keep(sealed)
    for sealer in (ClipSealer(), ClipSealer(OLD)):
        store = Store(database_url, sealer=sealer)
        with pytest.raises(ClipSealed, match=key_id(NEW)) as caught:
            read(store, made)
        assert caught.value.details == {"reason": "key_missing", "key_id": key_id(NEW)}
        assert "NAMEMEM_CLIP_OLD_KEYS" in caught.value.message
        person_id = _person_of(store, made)
        with pytest.raises(ClipSealed), store.transaction(read_only=True) as repo:
            repo.export_person(person_id)  # an export without it would not be complete
        store.close()
    with store.transaction() as repo:
        repo.delete_person(person_id)  # erasing needs no key
    store.close()


def _person_of(store: Store, introduction_id: str) -> str:
    with store.transaction(read_only=True) as repo:
        return repo.introduction(introduction_id).person_id


def test_a_clip_opens_only_where_it_was_sealed(sealed: Store, database_url: str) -> None:
    sealer = ClipSealer(NEW)
    stored, scheme = sealer.seal(SOUND, "i_1", "audio/wav")
    assert sealer.open(stored, scheme, "i_1", "audio/wav") == SOUND
    for other in (("i_2", "audio/wav"), ("i_1", "audio/mpeg")):
        with pytest.raises(ClipSealed, match="belongs to another"):
            sealer.open(stored, scheme, *other)
    made = keep(sealed)
    change_clip(database_url, audio=stored)  # a clip of another introduction in this one's place
    with pytest.raises(ClipSealed, match="belongs to another"):
        read(sealed, made)


@pytest.mark.parametrize("at", [0, 11, 12, 500, -1])
def test_a_changed_byte_is_noticed(at: int) -> None:
    sealer = ClipSealer(NEW)
    stored, scheme = sealer.seal(SOUND, "i_1", "audio/wav")
    changed = bytearray(stored)
    changed[at] ^= 1
    with pytest.raises(ClipSealed) as caught:
        sealer.open(bytes(changed), scheme, "i_1", "audio/wav")
    assert caught.value.details["reason"] == "damaged"


@pytest.mark.parametrize("left", [b"", b"short", b"x" * 27])
def test_what_is_too_short_is_damaged(left: bytes) -> None:
    with pytest.raises(ClipSealed) as caught:
        ClipSealer(NEW).open(left, ClipSealer(NEW).scheme, "i_1", "audio/wav")
    assert caught.value.details["reason"] == "damaged"


def test_an_unknown_format_says_upgrade() -> None:
    with pytest.raises(ClipSealed, match="Upgrade namemem"):
        ClipSealer(NEW).open(b"x" * 99, "aes256gcm-2:00", "i_1", "audio/wav")


def test_rotation(sealed: Store, database_url: str) -> None:
    plain, older = Store(database_url), Store(database_url, sealer=ClipSealer(OLD))
    lost = Store(database_url, sealer=ClipSealer(read_key(new_key())))
    kept = [keep(store) for store in (plain, older, older, plain, sealed)]
    locked = keep(lost)
    done, failed, after = 0, 0, ""
    while after is not None:
        with sealed.transaction() as repo:
            now, not_now, after = repo.reseal_clips(after, most=2)
        done, failed = done + now, failed + not_now
    assert (done, failed) == (4, 1)
    only_new = Store(database_url, sealer=ClipSealer(NEW))
    assert [read(only_new, one) for one in kept] == [SOUND] * 5
    with pytest.raises(ClipSealed):
        read(only_new, locked)
    with sealed.transaction(read_only=True) as repo:
        assert any("clips" in tables for _, tables in repo.noted_erasures())
    for store in (plain, older, lost, only_new):
        store.close()


@pytest.mark.parametrize(
    "text",
    ["", "not base64 !", "c2hvcnQ=", new_key()[:-4], "ключ"],
    ids=["empty", "no base64", "short", "cut off", "Cyrillic"],
)
def test_what_is_no_key(text: str) -> None:
    with pytest.raises(InvalidSettings, match="namemem clips new-key") as caught:
        read_key(text)
    assert "NAMEMEM_CLIP_KEY" in caught.value.message
    assert not text or text not in caught.value.message


def test_keys_of_both_alphabets() -> None:
    key = b"\xfb\xff\xfe" + bytes(29)
    assert read_key(base64.b64encode(key).decode()) == key
    assert read_key(base64.urlsafe_b64encode(key).decode().rstrip("=")) == key
    assert len({new_key() for _ in range(50)}) == 50
