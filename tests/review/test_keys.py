"""The studio's login with keys that were made: scopes, revoking, wrong ones."""

from __future__ import annotations

import pytest
from starlette.routing import Mount

from namemem.api.scopes import RouteTable


@pytest.fixture
def make_key(client):
    def make(*scopes: str, **more):
        return client.app.state.keyring.make("museum", scopes, "mia", **more)

    return make


def test_the_scope_of_a_key_is_asked_for(designer, make_key):
    reader, _ = make_key("read", "introduce")
    answer = designer.post("/login", key=reader)
    assert answer.status_code == 403
    assert "`review`" in answer.text
    assert str(designer.get().url).endswith("/login")
    for scope in ("review", "admin"):
        key, _ = make_key(scope)
        assert "Nobody yet" in designer.post("/login", key=key).text
        assert "Log in" in designer.post("/logout").text


def test_revoking_a_key_ends_its_sessions_alone(make_client, designer_of, make_key, client):
    first, second = designer_of(client), designer_of(make_client())
    (one, stored), (other, _) = make_key("review"), make_key("review")
    for designer, key in ((first, one), (second, other)):
        assert "Nobody yet" in designer.post("/login", key=key, who="Mia").text
    client.app.state.keyring.revoke(stored.id)
    assert str(first.get().url).endswith("/login")
    assert "revoked" in first.post("/login", key=one).text
    assert second.get().status_code == 200
    assert not str(second.get().url).endswith("/login")


def test_a_session_without_a_login_ends_with_the_first_key(designer, make_key):
    assert "Nobody yet" in designer.post("/who", who="Mia").text
    make_key("read")
    assert str(designer.get().url).endswith("/login")


def test_a_cookie_of_one_key_does_not_do_for_another(designer, client, make_key):
    (mine, stored), (_, other) = make_key("review"), make_key("admin")
    designer.post("/login", key=mine)
    cookie = client.cookies["namemem_review"]
    signed = cookie.strip('"').partition(":")[2]
    for key_id in (other.id, "settings-1", "", "k_nothing"):
        client.cookies.clear()
        client.cookies.set("namemem_review", f"{key_id}:{signed}", path="/review")
        assert str(designer.get().url).endswith("/login"), key_id
    client.cookies.clear()
    client.cookies.set("namemem_review", f"{stored.id}:{signed}", path="/review")
    assert not str(designer.get().url).endswith("/login"), "as it was"


def test_wrong_keys_are_slowed_down(make_client, designer_of):
    client = make_client(wrong_keys_per_minute=3, api_keys={"museum-secret": "museum"})
    designer = designer_of(client)
    for _ in range(3):
        assert designer.post("/login", key="wrong").status_code == 401
    refused = designer.post("/login", key="museum-secret")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) >= 1


def test_what_designers_do_is_in_the_audit_log(designer, client, make_key):
    key, stored = make_key("review")
    headers = {"Authorization": f"Bearer {key}"}
    body = {"names": [{"spelling": "Siobhan", "ipa": "ʃɪˈvɔːn"}]}
    person = client.post("/v1/people", json=body, headers=headers).json()
    designer.post("/login", key=key, who="Mia")
    name = person["names"][0]["id"]
    path = f"/people/{person['id']}/names/{name}/approve"
    assert designer.post(path, version=1, follow=False).status_code == 303
    assert designer.get("/export.csv").status_code == 200
    entries, _ = client.app.state.keyring.audit("museum")
    assert [(e.what, e.key_id, e.who) for e in entries[:2]] == [
        ("space.exported", stored.id, "Mia"),
        ("name.approved", stored.id, "Mia"),
    ]


def test_every_page_needs_a_login(client, make_key):
    make_key("review")
    studio = next(r.app for r in client.app.routes if isinstance(r, Mount) and r.path == "/review")
    pages = set(RouteTable(studio.routes)) - {("GET", "/login"), ("POST", "/login")}
    assert len(pages) > 15
    for method, path in pages:
        address = f"/review{path}".replace("{", "").replace("}", "")
        answer = client.request(method, address, headers={"Accept": "*/*"})
        assert answer.status_code == 401, (method, path)
        assert "not logged in" in answer.json()["title"]
