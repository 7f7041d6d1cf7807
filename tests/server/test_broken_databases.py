"""A full disk, a read-only one, a database that is gone for a while: callers are told, nothing is
lost, and the server needs no restart.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from plugins.http import AUDIO, expect_problem
from plugins.private_postgres import PrivatePostgres
from plugins.small_disk import SmallDisk
from sqlalchemy import create_engine, text

from namemem.app import create_app
from namemem.settings import Settings
from namemem.store import Store
from namemem.store.backups import back_up
from namemem.testing import FakeHearer

LARGE = "x" * 200


@contextlib.contextmanager
def serving(url: str, data_dir: Path) -> Iterator[TestClient]:
    settings = Settings(database_url=url, data_dir=data_dir, _env_file=None)
    app = create_app(settings, engines=FakeHearer())
    with TestClient(app, "http://localhost") as client:
        yield client


def introduce(client: TestClient, key: str) -> Any:
    return client.post(
        "/v1/introductions",
        files={"audio": AUDIO},
        data={"external_id": key, "keep_audio": "clip"},
        headers={"Idempotency-Key": key},
    )


def add_until_refused(client: TestClient) -> tuple[list[str], Any]:
    """Adds people until one is refused: who was acknowledged, and the refusal."""
    added: list[str] = []
    for number in range(20_000):
        names = [{"spelling": LARGE}] * 20
        body = {"external_id": f"p{number}", "display_name": LARGE, "names": names}
        answer = client.post("/v1/people", json=body)
        if answer.status_code != 201:
            return added, answer
        added.append(answer.json()["id"])
    raise AssertionError("the disk never was full")


def check_full_disk(client: TestClient, disk: SmallDisk) -> None:
    first = introduce(client, "first")
    assert first.status_code == 201
    disk.fill()
    added, refused = add_until_refused(client)
    problem = expect_problem(refused, 503, "store-unavailable")
    assert "disk of the database is full" in problem["detail"]
    assert problem["reason"] == "disk_full"
    body = json.loads(refused.request.content)
    headers = {"Idempotency-Key": "again"}
    again = client.post("/v1/people", json=body, headers=headers)
    expect_problem(again, 503, "store-unavailable")
    # Reading goes on, and shows all that was acknowledged and nothing of what was not.
    for person_id in added:
        assert len(client.get(f"/v1/people/{person_id}").json()["names"]) == 20
    refused_id = body["external_id"]
    expect_problem(client.get(f"/v1/people/by-external-id/{refused_id}"), 404, "not-found")
    store: Store = client.app.state.service.store  # type: ignore[attr-defined]
    assert store.findings() == []
    disk.free()
    assert client.post("/v1/people", json=body, headers=headers).status_code == 201
    assert introduce(client, "later").status_code == 201
    assert introduce(client, "first").content == first.content
    assert store.findings() == []


def test_a_full_disk_under_sqlite(
    make_small_disk: Callable[[int], SmallDisk], tmp_path: Path, empty_database: Path
) -> None:
    disk = make_small_disk(3)
    shutil.copy(empty_database, disk.path / "namemem.db")
    with serving(f"sqlite:///{disk.path}/namemem.db", tmp_path) as client:
        check_full_disk(client, disk)


def test_starting_on_a_full_disk_under_sqlite(
    make_small_disk: Callable[[int], SmallDisk], empty_database: Path, tmp_path: Path
) -> None:
    """Not even SQLite's index of its log fits; it calls that an I/O error."""
    disk = make_small_disk(3)
    shutil.copy(empty_database, disk.path / "namemem.db")
    disk.fill()
    store = Store(f"sqlite:///{disk.path}/namemem.db")
    with pytest.raises(Exception, match="disk of the database is full"):
        store.ping()
    with pytest.raises(Exception, match="disk of the database is full"):
        back_up(f"sqlite:///{disk.path}/namemem.db", tmp_path / "backup")
    disk.free()
    store.ping()
    store.close()


def test_a_backup_onto_a_full_disk(
    make_small_disk: Callable[[int], SmallDisk], empty_database: Path
) -> None:
    disk = make_small_disk(1)
    disk.fill()
    with pytest.raises(Exception, match=r"full|No space left"):
        back_up(f"sqlite:///{empty_database}", disk.path / "backup")
    assert [p.name for p in disk.path.iterdir()] == ["ballast"]
    disk.free()
    back_up(f"sqlite:///{empty_database}", disk.path / "backup")


@pytest.mark.postgres
def test_a_full_disk_under_postgresql(
    make_small_disk: Callable[[int], SmallDisk], private_postgres: PrivatePostgres, tmp_path: Path
) -> None:
    """The tables' disk; PostgreSQL stops by itself when that of its log is full."""
    disk = make_small_disk(16)
    if os.geteuid() == 0:
        shutil.chown(disk.path, "postgres", "postgres")
    tablespace = disk.path / "tables"
    tablespace.mkdir(mode=0o700)
    if os.geteuid() == 0:
        shutil.chown(tablespace, "postgres", "postgres")
    for parent in disk.path.parents:  # pytest's directories are closed to others
        if parent.is_relative_to(tempfile.gettempdir()) and parent != Path(tempfile.gettempdir()):
            parent.chmod(0o755)
    engine = create_engine(
        private_postgres.url.replace("postgresql:", "postgresql+psycopg:"),
        isolation_level="AUTOCOMMIT",
    )
    with engine.connect() as connection:
        connection.execute(text(f"CREATE TABLESPACE small LOCATION '{tablespace}'"))
        name = private_postgres.new_database("small")
        try:
            with serving(private_postgres.url, tmp_path) as client:
                check_full_disk(client, disk)
        finally:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
            connection.execute(text("DROP TABLESPACE small"))
    engine.dispose()


def test_a_read_only_disk_under_sqlite(
    make_small_disk: Callable[[int], SmallDisk], tmp_path: Path, empty_database: Path
) -> None:
    disk = make_small_disk(3)
    shutil.copy(empty_database, disk.path / "namemem.db")
    with serving(f"sqlite:///{disk.path}/namemem.db", tmp_path) as client:
        first = introduce(client, "first")
        store: Store = client.app.state.service.store  # type: ignore[attr-defined]
        store.close()
        disk.remount("ro")
        problem = expect_problem(introduce(client, "later"), 503, "store-unavailable")
        assert problem["reason"] == "read_only"
        expect_problem(client.get("/v1/people"), 503, "store-unavailable")
        disk.remount("rw")
        assert introduce(client, "later").status_code == 201
        assert introduce(client, "first").content == first.content


def test_a_file_that_is_removed_or_replaced(tmp_path: Path, empty_database: Path) -> None:
    """What would be written to a file without a name would be lost; so nothing is."""
    file = tmp_path / "namemem.db"
    shutil.copy(empty_database, file)
    with serving(f"sqlite:///{file}", tmp_path) as client:
        first = introduce(client, "first")
        aside = file.rename(tmp_path / "aside.db")
        problem = expect_problem(introduce(client, "later"), 503, "store-unavailable")
        assert problem["reason"] == "replaced"
        aside.rename(file)
        assert introduce(client, "later").status_code == 201
        assert introduce(client, "first").content == first.content
        store: Store = client.app.state.service.store  # type: ignore[attr-defined]
        store.close()
        file.unlink()
        shutil.copy(empty_database, file)
        for _ in range(30):  # every pooled connection notices once
            answer = client.get("/v1/people")
            assert answer.status_code in (200, 503)
        assert answer.json() == {"items": [], "next_cursor": None}


@pytest.mark.postgres
def test_postgresql_goes_and_comes_back(private_postgres: PrivatePostgres, tmp_path: Path) -> None:
    with serving(private_postgres.url, tmp_path) as client:
        first = introduce(client, "first")
        assert first.status_code == 201
        for go in (private_postgres.stop, private_postgres.kill):
            go()
            problem = expect_problem(introduce(client, go.__name__), 503, "store-unavailable")
            assert problem["reason"] == "unreachable"
            expect_problem(client.get("/v1/people"), 503, "store-unavailable")
            assert client.get("/healthz").status_code == 200
            assert client.get("/readyz").status_code == 503
            private_postgres.start()
            again = client.get(f"/v1/introductions/{first.json()['id']}")
            assert again.json() == first.json()
            later = introduce(client, go.__name__)
            assert later.status_code == 201
            assert introduce(client, go.__name__).content == later.content
        assert len(client.get("/v1/people").json()["items"]) == 3
        store: Store = client.app.state.service.store  # type: ignore[attr-defined]
        assert store.findings() == []
