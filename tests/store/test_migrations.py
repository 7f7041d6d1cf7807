from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import make_url, text

from namemem.errors import NamememError, StoreUnavailable
from namemem.store import Store, migrating
from namemem.store.engine import make_migration_engine, parse_url
from namemem.store.tables import Base


def test_from_empty_to_head_and_again(empty_url: str) -> None:
    store = Store(empty_url)
    assert store.current_revision() is None
    with pytest.raises(StoreUnavailable, match="namemem db upgrade"):
        store.ping()
    with pytest.raises(StoreUnavailable, match="namemem db upgrade"), store.transaction() as repo:
        repo.people()
    store.upgrade()
    assert store.current_revision() == store.head_revision()
    store.ping()
    with store.transaction() as repo:
        repo.add_person("a", "Alice")
    store.upgrade()
    with store.transaction() as repo:
        assert len(repo.people()[0]) == 1
    store.close()


def test_the_migrations_arrive_at_the_tables(empty_url: str) -> None:
    store = Store(empty_url)
    store.upgrade()
    store.close()
    engine = make_migration_engine(parse_url(empty_url), timeout_seconds=10.0)
    with engine.begin() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, Base.metadata) == []
        command.check(migrating.alembic_config(connection))
    engine.dispose()


def test_down_and_up_again(empty_url: str) -> None:
    engine = make_migration_engine(parse_url(empty_url), timeout_seconds=10.0)
    for revision in ("head", "base", "head"):
        with engine.begin() as connection:
            config = migrating.alembic_config(connection)
            if revision == "base":
                command.downgrade(config, revision)
            else:
                command.upgrade(config, revision)
    engine.dispose()


def test_a_newer_database_says_upgrade_namemem(database_url: str) -> None:
    engine = make_migration_engine(parse_url(database_url), timeout_seconds=10.0)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    store = Store(database_url)
    for ask in (store.upgrade, store.ping):
        with pytest.raises(StoreUnavailable, match="Upgrade namemem") as caught:
            ask()
        assert caught.value.details["reason"] == "newer_database"
    store.close()


def test_a_program_older_than_the_database_does_not_start(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/namemem.db"
    store = Store(url)
    store.upgrade()
    store.close()
    engine = make_migration_engine(parse_url(url), timeout_seconds=10.0)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    ended = subprocess.run(
        [sys.executable, "-m", "namemem.cli", "serve", "--port", "0"],
        env={**os.environ, "NAMEMEM_DATABASE_URL": url, "NAMEMEM_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == 2
    assert "schema 9999" in ended.stderr
    assert "Upgrade namemem" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_migration_that_fails_leaves_nothing_behind(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def upgrade_then_fail(config: Config, revision: str) -> None:
        whole(config, revision)
        raise StoreUnavailable("on purpose")

    whole = command.upgrade
    store = Store(empty_url)
    with monkeypatch.context() as patched:
        patched.setattr(command, "upgrade", upgrade_then_fail)
        with pytest.raises(StoreUnavailable, match="on purpose"):
            store.upgrade()
    assert store.current_revision() is None
    store.upgrade()
    store.ping()
    store.close()


def test_four_threads_upgrade_at_once(empty_url: str) -> None:
    errors: list[NamememError] = []

    def upgrade() -> None:
        store = Store(empty_url)
        try:
            store.upgrade()
            store.ping()
        except NamememError as error:
            errors.append(error)
        finally:
            store.close()

    threads = [threading.Thread(target=upgrade) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_four_processes_upgrade_at_once(empty_url: str) -> None:
    code = (
        "import sys; from namemem.store import Store; s = Store(sys.argv[1]); "
        "sys.stdin.readline(); s.upgrade(); s.ping(); s.close()"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, empty_url], stdin=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(4)
    ]
    for process in started:
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
    for process in started:
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said.decode()


def test_alembics_own_command_line(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/cli.db"
    ini = migrating.migrations_directory() / "alembic.ini"
    alembic = [sys.executable, "-m", "alembic", "-c", str(ini)]

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        clean = {k: v for k, v in os.environ.items() if k != "NAMEMEM_DATABASE_URL"}
        return subprocess.run(
            [*alembic, *arguments], capture_output=True, text=True, env={**clean, **environment}
        )

    assert "NAMEMEM_DATABASE_URL" in run("upgrade", "head").stdout
    assert run("-x", f"url={url}", "upgrade", "head").returncode == 0
    checked = run("check", NAMEMEM_DATABASE_URL=url)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    offline = run("-x", f"url={url}", "upgrade", "head", "--sql")
    assert "CREATE TABLE people" in offline.stdout
    store = Store(url)
    store.ping()
    store.close()
    assert make_url(url).database == str(tmp_path / "cli.db")


def test_every_revision_can_be_told_by_what_it_made() -> None:
    script = ScriptDirectory.from_config(migrating.alembic_config())
    assert sorted(migrating.MADE) == sorted(one.revision for one in script.walk_revisions())


def set_revision(url: str, revision: str, *statements: str) -> None:
    engine = make_migration_engine(parse_url(url), timeout_seconds=10.0)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
        connection.execute(text(f"UPDATE alembic_version SET version_num = '{revision}'"))
    engine.dispose()


def test_a_database_that_only_counted_its_schema_up(empty_url: str) -> None:
    """As versions between two releases made it; the message says how to go on, and is right."""
    engine = make_migration_engine(parse_url(empty_url), timeout_seconds=10.0)
    with engine.begin() as connection:
        command.upgrade(migrating.alembic_config(connection), "0001")
    engine.dispose()
    set_revision(empty_url, "0004")
    store = Store(empty_url)
    with pytest.raises(StoreUnavailable, match="lacks api_keys, audit") as caught:
        store.upgrade()
    assert caught.value.details["reason"] == "damaged"
    found = re.search(r"SET version_num = '(\w+)'; and run `namemem db upgrade`", str(caught.value))
    assert found is not None
    set_revision(empty_url, found[1])
    store.upgrade()
    store.ping()
    assert store.findings() == []
    store.close()


@pytest.mark.parametrize("table", ["audit", "people"])
def test_a_database_whose_tables_were_dropped(database_url: str, table: str) -> None:
    cascade = "" if database_url.startswith("sqlite") else " CASCADE"
    set_revision(database_url, str(migrating.head_revision()), f"DROP TABLE {table}{cascade}")
    store = Store(database_url)
    with pytest.raises(StoreUnavailable, match=f"lacks {table}.*Restore a backup"):
        store.upgrade()
    store.close()
