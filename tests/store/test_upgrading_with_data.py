"""From every schema to the newest with data in it, and back: nothing is lost, all is readable."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from namemem.store import Store
from namemem.store.engine import make_migration_engine, parse_url
from namemem.store.migrating import alembic_config
from namemem.store.tables import Base

RELEASED = {path.stem: path for path in Path(__file__).with_name("released").glob("*.json")}
REVISIONS = [r.revision for r in ScriptDirectory.from_config(alembic_config()).walk_revisions()][
    ::-1
]
Rows = dict[str, list[dict[str, Any]]]


def to_revision(connection: sa.Connection, revision: str, *, down: bool = False) -> None:
    (command.downgrade if down else command.upgrade)(alembic_config(connection), revision)


def released_rows(revision: str) -> Rows:
    """Of the newest release that is not newer than the revision."""
    known = [r for r in REVISIONS[: REVISIONS.index(revision) + 1] if r in RELEASED]
    rows: Rows = json.loads(RELEASED[known[-1]].read_text(encoding="utf-8"))
    return rows


def our_tables(connection: sa.Connection) -> list[sa.Table]:
    """The tables as they are in the database now, parents first."""
    found = sa.MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def value_for(column: sa.Column[Any], given: object) -> object:
    """A value of the JSON file as the column takes it."""
    if isinstance(given, dict) and "base64" in given:
        return base64.b64decode(given["base64"])
    if given is not None and isinstance(column.type, sa.DateTime):
        moment = datetime.fromisoformat(str(given))
        naive = column.table.bind_is_sqlite  # type: ignore[attr-defined]
        return moment.replace(tzinfo=None) if naive else moment
    if given is None and isinstance(column.type, sa.JSON):
        return sa.null()
    return given


def made_up(column: sa.Column[Any]) -> object:
    """Something for a column that no release has filled yet."""
    kind = column.type
    if isinstance(kind, sa.DateTime):
        return datetime.now(UTC).isoformat()
    if isinstance(kind, sa.JSON):
        return ["made up"]
    if isinstance(kind, sa.LargeBinary):
        return {"base64": "bWFkZSB1cA=="}
    return "made up" if isinstance(kind, sa.String) else 1


def fill(connection: sa.Connection, revision: str) -> Rows:
    """Rows in every table: those of the release, and one made up in tables it does not have."""
    rows = released_rows(revision)
    for table in our_tables(connection):
        table.bind_is_sqlite = connection.dialect.name == "sqlite"  # type: ignore[attr-defined]
        if table.name not in rows:
            rows[table.name] = [{}]
        for row in rows[table.name]:
            for column in table.columns:
                if column.name in row:
                    continue
                if column.foreign_keys:
                    (reference,) = column.foreign_keys
                    parent = rows[reference.column.table.name][0]
                    row[column.name] = None if column.nullable else parent[reference.column.name]
                else:
                    row[column.name] = None if column.nullable else made_up(column)
            values = {c.name: value_for(c, row[c.name]) for c in table.columns}
            connection.execute(table.insert().values(values))
    return rows


def assert_there(connection: sa.Connection, rows: Rows) -> None:
    """Every row is there, with its values in all columns that there still are."""
    for table in our_tables(connection):
        table.bind_is_sqlite = connection.dialect.name == "sqlite"  # type: ignore[attr-defined]
        for row in rows.get(table.name, ()):
            found = connection.execute(
                sa.select(table).where(*(c == row[c.name] for c in table.primary_key))
            ).one()
            for column in table.columns:
                if column.name in row:
                    wanted = value_for(column, row[column.name])
                    wanted = None if isinstance(wanted, sa.sql.elements.Null) else wanted
                    assert found._mapping[column.name] == wanted, (table.name, column.name)


def assert_readable(url: str, rows: Rows) -> None:
    """By the program itself: everybody's export, and nothing that is not whole."""
    store = Store(url)
    store.ping()
    assert store.findings() == []
    for person in rows["people"]:
        with store.transaction(person["space"], read_only=True) as repo:
            export = repo.export_person(person["id"])
            names = {name["id"]: name for name in export["names"]}
            for name in rows["names"]:
                if name["person_id"] == person["id"]:
                    assert names[name["id"]]["ipa"] == name["ipa"]
                    assert len(names[name["id"]]["history"]) == name["version"]
            heard = {i["id"] for i in rows["introductions"] if i["person_id"] == person["id"]}
            assert {i["id"] for i in export["introductions"]} == heard
    store.close()


def test_the_first_schema_was_released() -> None:
    assert REVISIONS[0] in RELEASED


@pytest.mark.parametrize("revision", REVISIONS)
def test_up_from_every_schema(empty_url: str, revision: str) -> None:
    engine = make_migration_engine(parse_url(empty_url), timeout_seconds=10.0)
    with engine.begin() as connection:
        to_revision(connection, revision)
        rows = fill(connection, revision)
    store = Store(empty_url)
    store.upgrade()
    store.close()
    with engine.begin() as connection:
        assert_there(connection, rows)
        assert {t.name for t in our_tables(connection)} == set(Base.metadata.tables)
    engine.dispose()
    assert_readable(empty_url, rows)


def test_down_step_by_step_and_up_again(empty_url: str) -> None:
    """What the older schema has room for stays; what it has not is gone, as it must."""
    engine = make_migration_engine(parse_url(empty_url), timeout_seconds=10.0)
    with engine.begin() as connection:
        to_revision(connection, "head")
        rows = fill(connection, REVISIONS[-1])
    for revision in REVISIONS[-2::-1]:
        with engine.begin() as connection:
            to_revision(connection, revision, down=True)
            assert_there(connection, rows)
    with engine.begin() as connection:
        to_revision(connection, "head")
        assert_there(connection, released_rows(REVISIONS[0]))
    engine.dispose()
    assert_readable(empty_url, rows)
