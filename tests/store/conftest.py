"""Every test that takes `store` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from namemem.store import Store

BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with all tables."""
    if request.param == "postgresql":
        make: Callable[..., str] = request.getfixturevalue("make_postgres_database")
        return make()
    url = f"sqlite:///{tmp_path}/namemem.db"
    store = Store(url)
    store.upgrade()
    store.close()
    return url


@pytest.fixture(params=BOTH)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without tables."""
    if request.param == "postgresql":
        make: Callable[..., str] = request.getfixturevalue("make_postgres_database")
        return make(empty=True)
    return f"sqlite:///{tmp_path}/new/directory/namemem.db"


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store(database_url, timeout_seconds=20.0)
    yield store
    store.close()
