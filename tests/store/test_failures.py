from __future__ import annotations

import stat
from pathlib import Path

import pytest

from namemem.errors import InvalidRequest, InvalidSettings, NotFound, StoreUnavailable
from namemem.people import NameKind, Status
from namemem.store import Store


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "",
        "mysql://root:geheim@localhost/x",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:x?uri=true",
        "postgresql://a:geheim@host:port/x",
    ],
)
def test_a_wrong_url_stops_the_start_and_keeps_its_password(url: str) -> None:
    with pytest.raises(InvalidSettings) as caught:
        Store(url)
    assert "geheim" not in caught.value.message


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_server_that_is_not_there(scheme: str) -> None:
    store = Store(f"{scheme}://me:geheim@127.0.0.1:1/none", timeout_seconds=2.0)
    for ask in (store.ping, store.upgrade, store.current_revision, store.erase_traces):
        with pytest.raises(StoreUnavailable) as caught:
            ask()
        assert caught.value.details["reason"] == "unreachable"
        assert "geheim" not in str(caught.value)
    with pytest.raises(StoreUnavailable), store.transaction() as repo:
        repo.people()
    assert "geheim" not in store.description
    store.close()


def test_a_full_disk(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/namemem.db")
    store.upgrade()
    with store.transaction() as repo:
        kept = repo.add_person("kept", "Kept")
    with (  # noqa: PT012
        pytest.raises(StoreUnavailable, match="disk") as caught,
        store.transaction() as repo,
    ):
        repo._session.connection().exec_driver_sql("PRAGMA max_page_count = 1")
        for i in range(1000):
            repo.add_person(f"ext-{i}", "x" * 500)
    assert caught.value.details["reason"] == "disk_full"
    store.close()
    again = Store(f"sqlite:///{tmp_path}/namemem.db")
    with again.transaction() as repo:
        assert repo.people()[0] == [kept]
        repo.add_person(None, "There is room again")
    again.close()


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "namemem.db").write_bytes(b"not a database at all" * 1000)
    store = Store(f"sqlite:///{tmp_path}/namemem.db")
    with pytest.raises(StoreUnavailable) as caught:
        store.upgrade()
    assert caught.value.details["reason"] == "damaged"
    store.close()


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match="cannot be opened"):
        Store(f"sqlite:///{tmp_path}/file/namemem.db")


def test_the_database_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/namemem.db")
    store.upgrade()
    with store.transaction() as repo:
        repo.add_person(None, "Alice")
        modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in tmp_path.iterdir()}
    store.close()
    assert modes == dict.fromkeys(["namemem.db", "namemem.db-wal", "namemem.db-shm"], 0o600)


def test_sqlite_is_set_up_to_be_safe(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/namemem.db")
    store.upgrade()
    with store.transaction() as repo:
        connection = repo._session.connection()

        def pragma(name: str) -> object:
            return connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()

        assert pragma("journal_mode") == "wal"
        assert (pragma("foreign_keys"), pragma("secure_delete"), pragma("synchronous")) == (1, 1, 2)
    store.close()


def test_a_person_erased_meanwhile_is_not_found(store: Store) -> None:
    with store.transaction() as repo:
        person = repo.add_person(None, "Alice")
    if not store.is_sqlite:  # on SQLite a writer is alone, so it cannot happen
        with pytest.raises(NotFound), store.transaction() as repo:  # noqa: PT012
            repo.person(person.id)
            with store.transaction() as other:
                other.delete_person(person.id)
            repo._session.expunge_all()
            row = {"person_id": person.id, "kind": "given", "spelling": "x"}
            from namemem.store.tables import NameRow

            repo._session.add(
                NameRow(
                    id="n_1",
                    folded="",
                    status="heard",
                    version=1,
                    created_at=person.created_at,
                    **row,
                )
            )
            repo._session.flush()


def test_a_change_to_someone_erased_meanwhile_is_not_found(store: Store) -> None:
    with store.transaction() as repo:
        person = repo.add_person(None, "Alice")
    if not store.is_sqlite:
        with pytest.raises(NotFound), store.transaction() as repo:  # noqa: PT012
            row = repo._person_row(person.id)
            with store.transaction() as other:
                other.delete_person(person.id)
            row.display_name = "Changed"
            repo._session.flush()


def test_errors_name_no_values(store: Store) -> None:
    with store.transaction() as repo:
        person = repo.add_person(None, "Alice")
    with pytest.raises(Exception) as caught, store.transaction() as repo:  # noqa: PT012
        repo.add_name(
            person.id,
            kind=NameKind.GIVEN,
            spelling="fine",
            status=Status.HEARD,
            who="a",
            what="b",
        )
        repo._session.connection().exec_driver_sql(
            "INSERT INTO people (id, space) VALUES ('Geheimnis', NULL)"
        )
    assert "Geheimnis" not in str(caught.value)


@pytest.mark.parametrize("space", ["x" * 101, "\0"])
def test_a_space_that_is_none(store: Store, space: str) -> None:
    with pytest.raises(InvalidRequest), store.transaction(space):
        pass


def test_a_connection_that_comes_back_after_the_end_is_closed(store: Store) -> None:
    with store.transaction() as repo:
        late = repo._session.connection().connection.dbapi_connection
        store.close()
    with pytest.raises(Exception, match="closed"):
        late.cursor().execute("SELECT 1")
    with store.transaction() as repo:  # it may be used again
        assert repo.people()[0] == []
