"""Export and erasure are complete, whatever tables there are: a new one is found by itself."""

from __future__ import annotations

import base64
import json
import os
import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from plugins.raw_files import database_directory, files_with, run_sql, written
from sqlalchemy import JSON, Column, Float, Integer, LargeBinary, Table, create_engine, make_url
from sqlalchemy.pool import NullPool

from namemem.errors import NotFound
from namemem.g2p import Candidates
from namemem.service import Service
from namemem.service.base import Policy
from namemem.store import Store, TakenJob, traces
from namemem.store.erasure_queries import IMPERSONAL_TABLES
from namemem.store.tables import Base, UtcDateTime
from namemem.testing import FakeHearer
from namemem.tts.preview_engines import preview

NOW = datetime.now(UTC)
IPA = "ʃɪ.ˈvɔːn.ʒə.ˈɡʊ.θæ"
VALID = {
    "kind": "given", "status": "heard", "state": "done", "webhook_state": "sent",
    "ipa": IPA, "suggestion": IPA,
}  # fmt: skip
"""Columns that are read as something; the others take any text."""
NOT_EXPORTED = {
    "folded": "the display name and the spelling once more, for searching",
    "token": "a server's own mark of who works on a request",
    "sealed": "how a clip is encrypted; that it is, is told",
    "space": "told once, with the person",
}

postgresql_only = pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)


def text_of(table: Table, column: Column[Any], secret: str) -> str:
    return VALID.get(column.name) or f"{secret} {table.name}.{column.name}"


def value_of(table: Table, column: Column[Any], secret: str, sound: bytes) -> object:
    if column.name == "sealed":
        return None
    if column.name == "space":
        return "default"
    if isinstance(column.type, UtcDateTime):
        return NOW + timedelta(days=1)
    if isinstance(column.type, Integer):
        return 1
    if isinstance(column.type, Float):
        return 0.5
    if isinstance(column.type, LargeBinary):
        return sound
    if isinstance(column.type, JSON):
        return [text_of(table, column, secret)]
    length = getattr(column.type, "length", None)
    return text_of(table, column, secret)[:length]


def fill_every_table(url: str, secret: str, sound: bytes) -> tuple[str, dict[str, object]]:
    """One row about one person in every personal table, each value with the secret in it."""
    made: dict[str, dict[str, object]] = {}
    expected: dict[str, object] = {}
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    engine = create_engine(parsed, poolclass=NullPool)
    with engine.begin() as connection:
        for table in Base.metadata.sorted_tables:
            if table.name in IMPERSONAL_TABLES:
                continue
            row: dict[str, object] = {}
            for column in table.columns:
                if column.foreign_keys:
                    (reference,) = column.foreign_keys
                    row[column.name] = made[reference.column.table.name][reference.column.name]
                elif column.name in ("id", "introduction_id"):
                    row[column.name] = f"x_{uuid.uuid4().hex}"
                else:
                    row[column.name] = value_of(table, column, secret, sound)
                    if column.name not in NOT_EXPORTED:
                        expected[f"{table.name}.{column.name}"] = row[column.name]
            connection.execute(table.insert().values(**row))
            made[table.name] = row
    engine.dispose()
    return str(made["people"]["id"]), expected


@pytest.fixture
def secret() -> str:
    return f"Sëcret{uuid.uuid4().hex[:8]}Ŝiobhán"


@pytest.fixture
def sound() -> bytes:
    return bytes(b % 255 + (b % 255 >= 10) for b in os.urandom(60_000))  # no line feed in it


def patterns(secret: str, sound: bytes) -> list[bytes]:
    # A clip is stored in pieces: any sixteen bytes of it would be found within a piece.
    pieces = [sound[i : i + 16] for i in range(100, len(sound) - 16, 4000)]
    return [*written(secret), *written(IPA), *pieces]


def test_every_table_is_about_a_person_or_says_that_it_is_not() -> None:
    reached = {"people"}
    for table in Base.metadata.sorted_tables:
        to = {key.column.table.name for key in table.foreign_keys}
        cascading = all(key.ondelete == "CASCADE" for key in table.foreign_keys)
        if to & reached and cascading:
            reached.add(table.name)
    assert reached | IMPERSONAL_TABLES == set(Base.metadata.tables)
    assert not reached & IMPERSONAL_TABLES


def test_the_export_has_every_column_of_every_table(
    store: Store, database_url: str, secret: str, sound: bytes
) -> None:
    person_id, expected = fill_every_table(database_url, secret, sound)
    with store.transaction(read_only=True) as repo:
        exported = repo.export_person(person_id)
    as_text = json.dumps(exported, ensure_ascii=False)
    missing = []
    for where, value in expected.items():
        if isinstance(value, bytes):
            found = base64.b64encode(value).decode() in as_text
        elif isinstance(value, datetime):
            found = value.isoformat() in as_text
        else:
            found = json.dumps(value, ensure_ascii=False).strip("[]") in as_text
        if not found:
            missing.append(where)
    assert missing == []
    assert exported["introductions"][0]["clip"]["audio_base64"] == base64.b64encode(sound).decode()


def test_no_byte_of_any_table_is_left_in_any_file(
    store: Store, database_url: str, secret: str, sound: bytes, unrecycled_log: None
) -> None:
    directory = database_directory(database_url)
    person_id, _ = fill_every_table(database_url, secret, sound)
    if not store.is_sqlite:
        run_sql(database_url, "CHECKPOINT")
    looked_for = patterns(secret, sound)
    for pattern in (secret.encode(), json.dumps(secret)[1:-1].encode(), *looked_for[-3:]):
        assert files_with(directory, [pattern]), "what is not there before proves nothing after"
    with store.transaction() as repo:
        repo.delete_person(person_id)
    done = store.scrub()
    assert done.tables
    assert done.log, done.notes
    assert files_with(directory, looked_for) == []
    with store.transaction(read_only=True) as repo:
        assert repo.noted_erasures() == []


@pytest.fixture
def unrecycled_log(database_url: str) -> Iterator[None]:
    """PostgreSQL removes old segments of its log, as docs/privacy.md asks for."""
    if make_url(database_url).get_backend_name() == "sqlite":
        yield
        return
    run_sql(database_url, "ALTER SYSTEM SET wal_recycle = off", "SELECT pg_reload_conf()")
    yield
    run_sql(database_url, "ALTER SYSTEM RESET wal_recycle", "SELECT pg_reload_conf()")


@postgresql_only
def test_a_delete_leaves_bytes_in_the_tables_until_they_are_rewritten(
    store: Store, database_url: str, secret: str, sound: bytes
) -> None:
    # What makes all of this necessary; should PostgreSQL change, so may we.
    directory = database_directory(database_url)
    person_id, _ = fill_every_table(database_url, secret, sound)
    with store.transaction() as repo:
        repo.delete_person(person_id)
    run_sql(database_url, "VACUUM", "CHECKPOINT")
    number = "SELECT oid FROM pg_database WHERE datname = current_database()"
    tables = directory / "base" / str(run_sql(database_url, number))
    assert files_with(tables, written(secret))
    assert store.erase_traces(at_once=True)
    run_sql(database_url, "CHECKPOINT")
    assert files_with(tables, patterns(secret, sound)) == []
    with store.transaction(read_only=True) as repo:
        assert [tables for _, tables in repo.noted_erasures()] == [()]  # the log is still to do


@postgresql_only
def test_an_old_transaction_delays_the_erasing(
    store: Store, database_url: str, secret: str, sound: bytes
) -> None:
    person_id, _ = fill_every_table(database_url, secret, sound)
    url = make_url(database_url).set(drivername="postgresql+psycopg")
    engine = create_engine(url, poolclass=NullPool, isolation_level="REPEATABLE READ")
    with engine.connect() as reader:
        # It has looked at another table only, so that it holds no lock that would be waited for.
        reader.exec_driver_sql("SELECT count(*) FROM alembic_version")
        with store.transaction() as repo:
            repo.delete_person(person_id)
        done = store.scrub()
        assert not done.tables
        assert "old transaction" in done.notes[0]
        assert reader.exec_driver_sql("SELECT count(*) FROM people").scalar_one() == 1
    engine.dispose()
    assert store.scrub().tables


@postgresql_only
def test_nothing_is_counted_from_the_first_upgrade_on(
    store: Store, database_url: str, secret: str, sound: bytes
) -> None:
    for i in range(12):
        fill_every_table(database_url, f"{secret}{i:02}", sound[:99])
    run_sql(database_url, "ANALYZE")
    asked = "SELECT {} FROM pg_stats WHERE schemaname = 'public'"
    assert run_sql(database_url, asked.format("count(*)")) > 30, "ids and states are counted"
    values = "concat(tablename, '.', attname, ': ', most_common_vals, histogram_bounds)"
    lines = f"string_agg({values}, '\n')"
    said = str(run_sql(database_url, asked.format(lines))).split("\n")
    assert any("default" in line for line in said)
    forms = [form.decode() for form in written(secret)]
    assert [line for line in said if any(form in line for form in forms)] == []


@postgresql_only
def test_the_planners_statistics_keep_no_names(
    store: Store, database_url: str, sound: bytes
) -> None:
    directory = database_directory(database_url) / "base"
    stem = f"Known{uuid.uuid4().hex[:8]}"
    run_sql(database_url, "ALTER TABLE people ALTER display_name SET STATISTICS 100")
    people = [fill_every_table(database_url, f"{stem}{i:02}", sound[:99])[0] for i in range(30)]
    run_sql(database_url, "ANALYZE people", "CHECKPOINT")
    found = "SELECT count(*) FROM pg_stats WHERE tablename = 'people' AND attname = 'display_name'"
    assert run_sql(database_url, found) == 1
    with store.transaction() as repo:
        for person_id in people:
            repo.delete_person(person_id)
    assert store.scrub().tables
    assert run_sql(database_url, found) == 0
    assert files_with(directory, written(stem)) == []
    fill_every_table(database_url, stem, sound[:99])
    run_sql(database_url, "ANALYZE")
    assert run_sql(database_url, found) == 0
    assert run_sql(database_url, "SELECT count(*) FROM pg_stats WHERE tablename = 'names'") > 0


@postgresql_only
def test_large_tables_wait_for_the_sweeper(
    store: Store, database_url: str, secret: str, sound: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    person_id, _ = fill_every_table(database_url, secret, sound)
    hearer = FakeHearer()

    def service(minutes: float) -> Service:
        policy = Policy(scrub_after=timedelta(minutes=minutes))
        return Service(store, hearer, Candidates(), preview("espeak-ng", "", ""), policy)

    monkeypatch.setattr(traces, "SMALL_BYTES", 1)
    service(10).forget("default", person_id)
    monkeypatch.undo()
    assert noted(store), "DELETE does not wait for it"
    service(10).sweep()
    assert noted(store), "others may be erased in these minutes, too"
    service(0).sweep()
    assert not noted(store)
    person_id, _ = fill_every_table(database_url, secret, sound)
    service(10).forget("default", person_id)
    assert noted(store) == [()], "small tables are rewritten at once"
    service(0).sweep()
    assert not noted(store)


@postgresql_only
def test_recordings_of_jobs_that_have_ended_go_too(
    store: Store, database_url: str, secret: str, sound: bytes
) -> None:
    directory = database_directory(database_url) / "base"
    fill_every_table(database_url, secret, sound[:99])
    waited = bytes(reversed(sound))
    with store.transaction() as repo:
        job = repo.add_job(
            kind="introduction", request={}, audio=waited, expires_at=NOW + timedelta(days=1)
        )
        taken = repo.take_job(job.id, lease_seconds=60.0)
        assert isinstance(taken, TakenJob)
    with store.transaction() as repo:
        repo.finish_job(taken, problem={"kind": "NoSpeech", "message": "m", "details": {}})
    run_sql(database_url, "CHECKPOINT")
    pieces = [waited[i : i + 16] for i in range(100, len(waited) - 16, 4000)]
    assert files_with(directory, pieces), "the emptied row is still there"
    policy = Policy(scrub_after=timedelta(0))
    Service(store, FakeHearer(), Candidates(), preview("espeak-ng", "", ""), policy).sweep()
    assert files_with(directory, pieces) == []


def noted(store: Store) -> list[tuple[str, ...]]:
    with store.transaction(read_only=True) as repo:
        return [tables for _, tables in repo.noted_erasures()]


@pytest.mark.postgres
def test_a_role_without_privileges_is_told_what_is_left(
    make_postgres_database: Callable[..., str], secret: str, sound: bytes
) -> None:
    admin = make_postgres_database(empty=True)
    name, role = make_url(admin).database, f"app_{uuid.uuid4().hex[:8]}"
    run_sql(admin, f"CREATE ROLE {role} LOGIN", f"ALTER DATABASE {name} OWNER TO {role}")
    url = make_url(admin).set(username=role).render_as_string(hide_password=False)
    store = Store(url)
    store.upgrade()
    person_id, _ = fill_every_table(url, secret, sound)
    with store.transaction() as repo:
        repo.delete_person(person_id)
    done = store.scrub()
    assert done.tables
    assert not done.log
    assert any("pg_checkpoint" in note for note in done.notes), done.notes
    assert any("wal_recycle" in note for note in done.notes), done.notes
    run_sql(admin, "CHECKPOINT")
    number = run_sql(admin, f"SELECT oid FROM pg_database WHERE datname = '{name}'")
    tables = database_directory(admin) / "base" / str(number)
    assert files_with(tables, patterns(secret, sound)) == []
    store.close()
    run_sql(admin, f"ALTER DATABASE {name} OWNER TO CURRENT_USER")
    run_sql(admin, f"REASSIGN OWNED BY {role} TO CURRENT_USER", f"DROP OWNED BY {role}")
    run_sql(admin, f"DROP ROLE {role}")


@postgresql_only
def test_two_scrubs_at_once_do_the_work_once(
    store: Store, database_url: str, secret: str, sound: bytes
) -> None:
    person_id, _ = fill_every_table(database_url, secret, sound)
    with store.transaction() as repo:
        repo.delete_person(person_id)
    done: list[bool] = []
    threads = [threading.Thread(target=lambda: done.append(store.erase_traces())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 3
    assert any(done) or store.erase_traces(), "each may have left it to another"
    with store.transaction(read_only=True) as repo:
        assert repo.noted_erasures() == []


def test_a_crash_before_the_scrubbing_does_not_forget_it(
    store: Store, database_url: str, secret: str, sound: bytes
) -> None:
    person_id, _ = fill_every_table(database_url, secret, sound)
    with store.transaction() as repo:
        repo.delete_person(person_id)
    store.close()
    another = Store(database_url)
    with another.transaction(read_only=True) as repo:
        ((_, tables),) = repo.noted_erasures()
        assert {"people", "names", "introductions", "clips", "idempotency_keys"} <= set(tables)
        assert repo.oldest_erasure() is not None
    assert another.erase_traces()
    with another.transaction(read_only=True) as repo:
        assert repo.noted_erasures() == []
    another.close()


def test_an_erasure_that_is_rolled_back_notes_nothing(
    store: Store, database_url: str, secret: str, sound: bytes
) -> None:
    person_id, _ = fill_every_table(database_url, secret, sound)

    def erase_and_fail() -> None:
        with store.transaction() as repo:
            repo.delete_person(person_id)
            repo.person(person_id)

    with pytest.raises(NotFound):
        erase_and_fail()
    with store.transaction(read_only=True) as repo:
        assert repo.noted_erasures() == []
        assert repo.person(person_id)
