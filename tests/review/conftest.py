from __future__ import annotations

import pytest
from plugins.pages import Designer


@pytest.fixture
def designer(client) -> Designer:
    return Designer(client)


@pytest.fixture
def designer_of():
    return Designer


@pytest.fixture
def add(client):
    """Adds a typed person by the API; gives (person id, name id)."""

    def make(spelling="Siobhan", **name):
        body = {"names": [{"spelling": spelling, **name}]}
        person = client.post("/v1/people", json=body).json()
        return person["id"], person["names"][0]["id"]

    return make
