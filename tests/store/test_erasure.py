from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from plugins.examples import make_hearing
from sqlalchemy import create_engine, make_url, text

from namemem.consent import Consent
from namemem.people import NameKind, Status
from namemem.phones import parse_ipa
from namemem.store import Claim, Repository, Store
from namemem.store.erasure_queries import personal_tables
from namemem.store.tables import Base


def remember(repo: Repository, secret: str, clip_bytes: int = 3000) -> str:
    """A person with everything that can be stored, `secret` in every part."""
    person = repo.add_person(f"ext-{secret}", f"Display {secret}")
    name = repo.add_name(
        person.id,
        kind=NameKind.GIVEN,
        spelling=f"spelt {secret}",
        pronunciation=parse_ipa("ʃɪˈvɔːn"),
        status=Status.HEARD,
        who=f"who {secret}",
        what="heard",
        why=f"why {secret}",
    )
    for i in range(3):
        repo.update_name(
            name.id, expected_version=i + 1, who="d", what="x", spelling=f"{i} {secret}"
        )
    introduction = repo.add_introduction(
        person_id=person.id, name_id=name.id, hearing=make_hearing(secret), voice=secret
    )
    repo.save_clip(introduction.id, secret.encode() * (clip_bytes // len(secret)), "audio/wav")
    agreed = Consent(f"by {secret}", datetime(2026, 5, 4, tzinfo=UTC), ("pronunciation", "audio"))
    repo.add_consent(person.id, agreed, introduction.id)
    claim = repo.begin(f"key {secret}", "digest")
    assert isinstance(claim, Claim)
    repo.finish(claim, introduction_id=introduction.id, problem={"transcript": secret})
    return person.id


def rows(url: str) -> dict[str, int]:
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    engine = create_engine(parsed)
    with engine.connect() as connection:
        counts = {
            table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
            for table in Base.metadata.tables
        }
    engine.dispose()
    return counts


def found_on_disk(url: str, secret: str) -> list[str]:
    directory = Path(str(make_url(url).database)).parent
    secrets = [secret, secret.lower(), secret.casefold()]
    return [
        path.name
        for path in directory.iterdir()
        if any(s.encode() in path.read_bytes() for s in secrets)
    ]


def test_nothing_of_a_person_is_left(store: Store, database_url: str) -> None:
    with store.transaction() as repo:
        person_id = remember(repo, "SecretSiobhan")
    before = rows(database_url)
    assert all(before[table] >= 1 for table in personal_tables() if table != "jobs"), before
    with store.transaction() as repo:
        repo.delete_person(person_id)
    assert store.erase_traces()
    after = rows(database_url)
    assert {after[table] for table in personal_tables()} == {0}
    assert after["audit"] > before["audit"]  # ids alone, see test_every_table


def test_the_others_stay(store: Store) -> None:
    with store.transaction() as repo:
        first, second = remember(repo, "First"), remember(repo, "Second")
        before = repo.export_person(second)
        repo.delete_person(first)
        assert repo.export_person(second) == before


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_byte_of_a_person_is_left_in_the_files(store: Store, database_url: str) -> None:
    with store.transaction() as repo:
        person_id = remember(repo, "SecretSiobhan", clip_bytes=200_000)
    assert found_on_disk(database_url, "SecretSiobhan")
    with store.transaction() as repo:
        repo.delete_person(person_id)
    assert store.erase_traces()
    assert found_on_disk(database_url, "SecretSiobhan") == []


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_byte_is_left_among_many_others(store: Store, database_url: str, seed: int) -> None:
    # Pages split and merge as people come and go: copies must not stay behind in their gaps.
    chance = random.Random(seed)
    present: dict[str, str] = {}
    gone: list[str] = []
    for i in range(150):
        with store.transaction() as repo:
            if present and chance.random() < 0.35:
                secret = chance.choice(sorted(present))
                repo.delete_person(present.pop(secret))
                gone.append(secret)
            else:
                secret = f"Secret{seed:02}{i:04}Name"
                present[secret] = remember(repo, secret, chance.choice([40, 900, 9000, 70_000]))
    assert store.erase_traces()
    directory = Path(str(make_url(database_url).database)).parent
    content = b"".join(path.read_bytes() for path in directory.iterdir()).lower()
    assert len(gone) > 20
    assert [s for s in gone if s.lower().encode() in content] == []
    assert all(s.lower().encode() in content for s in present)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_swept_clip_is_gone_from_the_files(store: Store, database_url: str) -> None:
    with store.transaction() as repo:
        person_id = remember(repo, "Kept")
        introduction = repo.introductions(person_id)[0]
        repo.save_clip(introduction.id, b"SecretAudio" * 9999, "audio/wav", introduction.created_at)
    with store.transaction() as repo:
        assert repo.delete_expired_clips() == 1
    assert store.erase_traces()
    assert found_on_disk(database_url, "SecretAudio") == []
    assert found_on_disk(database_url, "Kept")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_reader_of_the_past_delays_the_erasing(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store(database_url, timeout_seconds=0.2)
    with store.transaction() as repo:
        person_id = remember(repo, "SecretSiobhan")
    with store.transaction(read_only=True) as reader:
        assert len(reader.people()[0]) == 1
        with store.transaction() as repo:
            repo.delete_person(person_id)
        assert not store.erase_traces()
        assert "write-ahead log" in caplog.text
    assert store.erase_traces()
    assert found_on_disk(database_url, "SecretSiobhan") == []
    store.close()
