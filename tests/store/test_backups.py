"""Backups while others write, and restoring them: all of it, or nothing."""

from __future__ import annotations

import asyncio
import stat
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from plugins import unattended
from sqlalchemy import text
from typer.testing import CliRunner

from namemem import cli
from namemem.consent import Consent
from namemem.errors import InvalidRequest, NamememError, NotFound, StoreUnavailable
from namemem.service import IntroduceRequest, IntroductionView, Service
from namemem.service.access import Keyring
from namemem.service.queueing import JobView
from namemem.store import Store
from namemem.store.backups import back_up, restore
from namemem.store.engine import make_migration_engine, parse_url

SPACE = "default"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "a backup.namemem"


@pytest.fixture
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path, database_url: str) -> str:
    """An empty database of the same kind."""
    if database_url.startswith("sqlite"):
        return f"sqlite:///{tmp_path}/elsewhere/namemem.db"
    make: Callable[..., str] = request.getfixturevalue("make_postgres_database")
    return make(empty=True)


def introduce(url: str, *who: str) -> Service:
    service = unattended.service_on(url)
    for external_id in who:
        for do in ("introduce", "again", "correct", "name"):
            step = {"do": do, "external_id": external_id, "key": f"{external_id}-{do}"}
            unattended.do(service, step)
    return service


def everything(service: Service) -> dict[str, Any]:
    with service.store.transaction(SPACE, read_only=True) as repo:
        return {p.id: repo.export_person(p.id) for p in repo.all_people_iter()}


def revision(url: str) -> str | None:
    store = Store(url)
    try:
        return store.current_revision()
    finally:
        store.close()


def sql(url: str, statement: str) -> None:
    engine = make_migration_engine(parse_url(url), timeout_seconds=10.0)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_there_and_back(database_url: str, elsewhere: str, file: Path) -> None:
    service = introduce(database_url, "alice", "bob")
    back_up(database_url, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [p.name for p in file.parent.iterdir() if file.name in p.name] == [file.name]
    done = restore(elsewhere, file)
    assert (done.people, done.related, done.ended.total()) == (2, False, 0)
    assert done.schema == done.schema_before == service.store.head_revision()
    copy = unattended.service_on(elsewhere)
    assert everything(copy) == everything(service)
    assert copy.store.findings() == []
    unattended.do(copy, {"do": "introduce", "external_id": "eve", "key": "eve"})
    for one in (service, copy):
        one.store.close()


def test_a_backup_during_writes_is_one_moment(
    database_url: str, elsewhere: str, file: Path
) -> None:
    service = introduce(database_url, "first")
    stop = threading.Event()
    problems: list[NamememError] = []

    def write(prefix: str) -> None:
        for step in unattended.steps(prefix, 1):
            if stop.is_set():
                return
            try:
                unattended.do(service, step)
            except NamememError as error:
                problems.append(error)

    writers = [threading.Thread(target=write, args=(f"w{n}",)) for n in range(2)]
    for writer in writers:
        writer.start()
    try:
        for number in range(3):
            back_up(database_url, file, replace=number > 0)
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert problems == []
    restore(elsewhere, file)
    copy = Store(elsewhere)
    assert copy.findings() == []
    with copy.transaction(read_only=True) as repo:
        assert repo.find_person_by_external_id("first") is not None
    for store in (copy, service.store):
        store.close()


def test_nothing_is_overwritten_unasked(database_url: str, elsewhere: str, file: Path) -> None:
    introduce(database_url, "alice").store.close()
    back_up(database_url, file)
    with pytest.raises(InvalidRequest, match="--force"):
        back_up(database_url, file)
    other = introduce_in(elsewhere, "bob")
    before = everything(other)
    with pytest.raises(InvalidRequest, match="--force"):
        restore(elsewhere, file)
    assert everything(other) == before
    assert restore(elsewhere, file, replace=True).people == 1
    (person,) = everything(other).values()  # the server that was running sees the new state
    assert person["person"]["external_id"] == "alice"
    unattended.do(other, {"do": "introduce", "external_id": "eve", "key": "eve"})
    assert other.store.findings() == []
    other.store.close()


def introduce_in(url: str, *who: str) -> Service:
    store = Store(url)
    store.upgrade()
    store.close()
    return introduce(url, *who)


def test_who_was_erased_since_stays_erased(database_url: str, file: Path) -> None:
    service = introduce(database_url, "alice", "bob")
    back_up(database_url, file)
    service.forget(SPACE, service.person_by_external_id(SPACE, "bob").id)
    unattended.do(service, {"do": "introduce", "external_id": "eve", "key": "eve"})
    done = restore(database_url, file, replace=True)
    assert (done.people, done.ended["erased"], done.carried.returned) == (1, 1, 0)
    (person,) = everything(service).values()
    assert person["person"]["external_id"] == "alice"
    service.store.close()


def test_a_space_that_is_empty_now_learns_that_it_was_restored(
    database_url: str, file: Path
) -> None:
    """Whose people were all erased again may ask its audit log why."""
    service = introduce(database_url, "alice")
    Keyring(service.store).make("robots", ["read"], "no people there yet")
    back_up(database_url, file)
    service.forget(SPACE, service.person_by_external_id(SPACE, "alice").id)
    done = restore(database_url, file, replace=True)
    assert done.people == 0
    told = rows(database_url, "SELECT space FROM audit WHERE what = 'space.restored'")
    assert sorted(space for (space,) in told) == sorted([SPACE, "robots"])
    service.store.close()


@pytest.mark.parametrize("left", [0, 1])
def test_keys_that_were_deleted_by_hand_stay_revoked(
    database_url: str, file: Path, left: int
) -> None:
    """Also when none is left."""
    service = introduce(database_url, "alice")
    keyring = Keyring(service.store)
    made = [keyring.make(SPACE, ["read"], f"robot {i}")[1].id for i in range(2)]
    back_up(database_url, file)
    engine = make_migration_engine(parse_url(database_url), timeout_seconds=10.0)
    with engine.begin() as connection:
        for key in made[left:]:
            connection.execute(text("DELETE FROM api_keys WHERE id = :id"), {"id": key})
    engine.dispose()
    done = restore(database_url, file, replace=True)
    assert done.ended["keys"] == 2 - left
    states = {key.id: key.state() for key in keyring.all()}
    assert [states[key] for key in made] == ["active"] * left + ["revoked"] * (2 - left)
    service.store.close()


def agreed(*purposes: str) -> Consent:
    return Consent("the person", datetime(2026, 5, 4, tzinfo=UTC), purposes)


def spoken(service: Service, external_id: str) -> IntroductionView:
    """Somebody who lets their recording be kept."""
    request = IntroduceRequest(
        audio=b"a fake hears whatever this is",
        external_id=external_id,
        keep_audio="clip",
        consent=agreed("audio"),
    )
    return asyncio.run(service.introduce(SPACE, request))


def rows(url: str, statement: str) -> list[tuple[Any, ...]]:
    engine = make_migration_engine(parse_url(url), timeout_seconds=10.0)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(statement))]
    engine.dispose()
    return found


def test_what_was_ended_since_does_not_come_back(database_url: str, file: Path) -> None:
    service = introduce(database_url, "alice")
    keyring = Keyring(service.store)
    _, revoked = keyring.make(SPACE, ["read"], "lost robot")
    _, holds = keyring.make(SPACE, ["read"], "robot")
    withdrawn, stays = spoken(service, "bob").introduction, spoken(service, "eve").introduction
    film = service.add_consent(SPACE, withdrawn.person_id, agreed("film"))
    job = asyncio.run(service.introduce_later(SPACE, IntroduceRequest(audio=b"taken back")))
    assert isinstance(job, JobView)
    waits = asyncio.run(service.introduce_later(SPACE, IntroduceRequest(audio=b"waits")))
    assert isinstance(waits, JobView)
    back_up(database_url, file)
    before = {row[0] for row in rows(database_url, "SELECT id FROM audit")}
    keyring.revoke(revoked.id)
    _, later = keyring.make(SPACE, ["read"], "new robot")
    service.withdraw_audio(SPACE, withdrawn.id)
    service.withdraw_consent(SPACE, withdrawn.person_id, film.id)
    service.forget_job(SPACE, job.job.id)
    service.forget(SPACE, service.person_by_external_id(SPACE, "alice").id)
    since = {row[0] for row in rows(database_url, "SELECT id FROM audit")} - before
    ended = {one.id: one.withdrawn_at for one in service.consents(SPACE, withdrawn.person_id)}
    done = restore(database_url, file, replace=True)
    assert done.related
    assert done.ended == Counter(erased=1, recordings=1, consents=2, keys=1, jobs=1)
    assert (done.carried.audit, done.carried.keys, done.carried.returned) == (len(since), 1, 0)
    states = {key.id: key.state() for key in keyring.all()}
    assert states == {revoked.id: "revoked", holds.id: "active", later.id: "active"}
    with pytest.raises(NotFound):
        service.clip(SPACE, withdrawn.id)
    assert service.clip(SPACE, stays.id)
    assert {
        one.id: one.withdrawn_at for one in service.consents(SPACE, withdrawn.person_id)
    } == ended  # to the microsecond
    assert [row[0] for row in rows(database_url, "SELECT id FROM jobs")] == [waits.job.id]
    log = rows(database_url, "SELECT id, what FROM audit")
    assert before | since <= {row[0] for row in log}
    assert [what for _, what in log].count("space.restored") == 1
    assert service.store.findings() == []
    again = restore(database_url, file, replace=True)
    assert again.ended == done.ended, "a second time it is all still known"
    service.store.close()


def test_a_database_that_was_another_tells_nothing(
    database_url: str, elsewhere: str, file: Path
) -> None:
    """Its keys would open what they were not made for; what waits in the backup still waits."""
    service = introduce(database_url, "alice")
    Keyring(service.store).make(SPACE, ["read"], "robot")
    asyncio.run(service.introduce_later(SPACE, IntroduceRequest(audio=b"waits")))
    back_up(database_url, file)
    other = introduce_in(elsewhere, "bob")
    Keyring(other.store).make(SPACE, ["admin"], "of the staging area")
    done = restore(elsewhere, file, replace=True)
    assert (done.related, done.ended.total(), done.people) == (False, 0, 1)
    assert [key.label for key in Keyring(other.store).all()] == ["robot"]
    assert len(rows(elsewhere, "SELECT id FROM jobs")) == 1
    for one in (service, other):
        one.store.close()


def test_a_backup_without_any_key_opens_nothing(
    database_url: str, elsewhere: str, file: Path
) -> None:
    """Where there is no key nobody is asked for one: restoring must not end up there."""
    introduce(database_url, "alice").store.close()
    back_up(database_url, file)
    other = introduce_in(elsewhere, "bob")
    Keyring(other.store).make(SPACE, ["admin"], "mine")
    restore(elsewhere, file, replace=True)
    assert not Keyring(other.store).is_open()
    other.store.close()


def test_who_is_back_and_was_not_there_is_told(database_url: str, file: Path) -> None:
    """Their erasure is too long ago for the audit log, or their row was lost."""
    service = introduce(database_url, "alice", "bob")
    back_up(database_url, file)
    service.forget(SPACE, service.person_by_external_id(SPACE, "bob").id)
    sql(database_url, "DELETE FROM audit WHERE what = 'person.erased'")
    done = restore(database_url, file, replace=True)
    assert (done.people, done.related, done.carried.returned) == (2, True, 1)
    service.store.close()


def test_an_older_schema_ends_what_it_can(database_url: str, file: Path) -> None:
    """The backup knows of no keys, consents and jobs; the present does."""
    service = introduce(database_url, "alice", "bob")
    downgrade(database_url, "0001")
    old_backup(database_url, file)
    service.store.upgrade()
    Keyring(service.store).make(SPACE, ["read"], "robot")
    service.forget(SPACE, service.person_by_external_id(SPACE, "bob").id)
    done = restore(database_url, file, replace=True)
    assert (done.people, done.ended, done.carried.keys) == (1, Counter(erased=1), 1)
    service.store.close()


def test_a_present_of_an_older_schema_still_tells(database_url: str, file: Path) -> None:
    service = introduce(database_url, "alice", "bob")
    back_up(database_url, file)
    service.forget(SPACE, service.person_by_external_id(SPACE, "bob").id)
    service.store.close()
    downgrade(database_url, "0004")
    assert restore(database_url, file, replace=True).ended == Counter(erased=1)


def test_a_backup_of_an_older_schema_is_upgraded(
    database_url: str, elsewhere: str, file: Path
) -> None:
    introduce(database_url, "alice").store.close()
    at_head = Store(database_url)
    downgrade(database_url, "0001")
    old_backup(database_url, file)
    at_head.close()
    done = restore(elsewhere, file)
    assert (done.schema_before, done.schema) == ("0001", at_head.head_revision())
    assert done.people == 1


def downgrade(url: str, revision: str) -> None:
    from alembic import command

    from namemem.store.migrating import alembic_config

    engine = make_migration_engine(parse_url(url), timeout_seconds=10.0)
    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), revision)
    engine.dispose()


def old_backup(url: str, file: Path) -> None:
    """As an older namemem made it, which asked for another schema."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Store, "ping", lambda self: None)
        back_up(url, file)


def test_a_backup_of_a_newer_schema_is_refused(
    database_url: str, elsewhere: str, file: Path
) -> None:
    sql(database_url, "UPDATE alembic_version SET version_num = '9999'")
    old_backup(database_url, file)
    with pytest.raises(StoreUnavailable, match="Upgrade namemem") as caught:
        restore(elsewhere, file)
    assert caught.value.details["reason"] == "newer_database"
    assert revision(elsewhere) is None


def test_what_is_no_backup_is_refused(database_url: str, elsewhere: str, file: Path) -> None:
    with pytest.raises(InvalidRequest, match="No such file"):
        restore(elsewhere, file)
    file.write_text("people, names")
    with pytest.raises(InvalidRequest, match="is no backup"):
        restore(elsewhere, file)
    file.unlink()
    introduce(database_url, "alice").store.close()
    back_up(database_url, file)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises((StoreUnavailable, InvalidRequest)):
        restore(elsewhere, file)
    assert revision(elsewhere) is None
    other = "postgresql://nobody@127.0.0.1:1/none"
    if not database_url.startswith("sqlite"):
        other = f"sqlite:///{file.parent}/other.db"
    with pytest.raises(InvalidRequest, match="NAMEMEM_DATABASE_URL"):
        restore(other, file)


def test_a_backup_with_broken_contents_is_refused(
    database_url: str, elsewhere: str, file: Path
) -> None:
    introduce(database_url, "alice").store.close()
    sql(database_url, "UPDATE names SET version = version + 1")
    back_up(database_url, file)
    with pytest.raises(StoreUnavailable, match="not whole"):
        restore(elsewhere, file)


def test_findings(database_url: str) -> None:
    """Each kind of damage is found; without it nothing is."""
    service = introduce(database_url, "alice", "bob")
    assert service.store.findings() == []
    for statement, finding in (
        ("UPDATE names SET spelling = 'Other' WHERE version = 3", "not as its newest version"),
        ("DELETE FROM name_versions WHERE version = 2", "are not 1 to its version"),
        ("UPDATE names SET introduction_id = 'i_0' WHERE version = 3", "is not there"),
        ("UPDATE introductions SET space = 'other'", "another's name or space"),
        ("UPDATE idempotency_keys SET status = 'pending'", "neither waits nor tells"),
        ("UPDATE name_versions SET ipa = '☃' WHERE version = 1", "cannot be read"),
        ("UPDATE introductions SET hearing = '{}'", "cannot be read"),
    ):
        sql(database_url, statement)
        assert any(finding in one for one in service.store.findings()), statement
    if service.store.is_sqlite:  # PostgreSQL lets nobody
        sql(database_url, "DELETE FROM people WHERE external_id = 'bob'")
        assert any("refers to people" in one for one in service.store.findings())
    service.store.close()


def test_on_the_command_line(tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database_url, elsewhere = (f"sqlite:///{tmp_path}/{name}.db" for name in ("here", "there"))
    introduce_in(database_url, "alice", "bob").store.close()

    def run(url: str, *arguments: str) -> Any:
        monkeypatch.setenv("NAMEMEM_DATABASE_URL", url)
        return CliRunner().invoke(cli.app, ["db", *arguments])

    assert run(database_url, "backup", str(file)).exit_code == 0
    restored = run(elsewhere, "restore", str(file)).output
    assert "2 people" in restored
    assert "is back, and keys that were revoked hold" in restored
    (line,) = rows(elsewhere, "SELECT what, key_label FROM audit ORDER BY at DESC LIMIT 1")
    assert line == ("space.restored", "command line")
    refused = run(elsewhere, "restore", str(file))
    assert isinstance(refused.exception, InvalidRequest)
    service = unattended.service_on(elsewhere)
    service.forget(SPACE, service.person_by_external_id(SPACE, "bob").id)
    service.store.close()
    over = run(elsewhere, "restore", str(file), "--force")
    assert over.exit_code == 0
    assert "1 people were erased after the backup and stay erased." in over.output
    assert "is back" not in over.output
    assert "is whole" in run(elsewhere, "check").output
    sql(elsewhere, "UPDATE names SET version = version + 1")
    broken = run(elsewhere, "check")
    assert (broken.exit_code, "findings" in broken.output) == (1, True)
