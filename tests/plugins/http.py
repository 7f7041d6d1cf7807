"""The HTTP API in this process, heard for by a fake: `client`, `make_client`, `expect_problem`."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from namemem.app import create_app
from namemem.settings import Settings
from namemem.store import Store
from namemem.testing import FakeHearer

MakeClient = Callable[..., TestClient]
AUDIO = ("hello.wav", b"a fake hears whatever this is", "audio/wav")


def expect_problem(response: Any, status: int, slug: str) -> dict[str, Any]:
    """Checks that the answer is a complete problem document, and gives its body."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["type"] == f"urn:namemem:problem:{slug}"
    assert body["status"] == status
    assert body["title"]
    assert len(body["detail"]) > 10
    assert body["instance"].startswith("/")
    assert ("retry-after" in response.headers) == (status in (429, 503))
    assert "Traceback" not in response.text
    return body


def introduce(client: TestClient, **form: Any) -> dict[str, Any]:
    """Posts an introduction that must succeed, and gives its body."""
    response = client.post("/v1/introductions", files={"audio": AUDIO}, data=form)
    assert response.status_code == 201, response.text
    body: dict[str, Any] = response.json()
    return body


@pytest.fixture
def hearer() -> FakeHearer:
    """Hears Siobhan, whatever the recording is."""
    return FakeHearer("Siobhan", "ʃɪˈvɔːn", alternatives=("ˈsaɪ.əʊbæn", "ˈʃiːɒbhæn"))


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with all tables, to be copied: quicker than making them each time."""
    path = tmp_path_factory.mktemp("empty") / "namemem.db"
    store = Store(f"sqlite:///{path}")
    store.upgrade()
    store.close()
    return path


@pytest.fixture
def make_client(tmp_path: Path, hearer: FakeHearer, empty_database: Path) -> Iterator[MakeClient]:
    """Makes clients of new applications on one database; settings as keyword arguments."""
    shutil.copy(empty_database, tmp_path / "namemem.db")
    with ExitStack() as stack:

        def make(*, raise_server_exceptions: bool = True, **settings: Any) -> TestClient:
            settings = {"data_dir": tmp_path, "_env_file": None, **settings}
            app = create_app(Settings(**settings), engines=hearer)
            client = TestClient(
                app, "http://localhost", raise_server_exceptions=raise_server_exceptions
            )
            return stack.enter_context(client)

        yield make


@pytest.fixture
def client(make_client: MakeClient) -> TestClient:
    """A client of an application without API keys."""
    return make_client()
