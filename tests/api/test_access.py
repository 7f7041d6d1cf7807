"""Keys and scopes on every route, limits, other sites, headers."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from fastapi.testclient import TestClient
from plugins.http import AUDIO, MakeClient, expect_problem, introduce
from starlette.websockets import WebSocketDisconnect

from namemem.api.scopes import INTRODUCES, NEEDS, PUBLIC, RouteTable, in_words, needs_of
from namemem.service.access import SCOPES, Caller, Keyring
from namemem.store.scope import utc_now

DOCS = Path(__file__).parents[2] / "docs" / "access.md"


def make_key(client: TestClient, *scopes: str, space: str = "museum", **more) -> dict[str, str]:
    """Headers with a new key."""
    token, _ = client.app.state.keyring.make(space, scopes, " ".join(scopes), **more)
    return {"Authorization": f"Bearer {token}"}


def opens(client: TestClient, headers: dict[str, str]) -> bool:
    """Whether the WebSocket is opened."""
    try:
        with client.websocket_connect("ws://localhost/v1/listen", headers=headers):
            return True
    except WebSocketDisconnect:
        return False


def ask(client: TestClient, method: str, path: str, headers: dict[str, str]):
    path = re.sub(r"\{[a-z_]+\}", "x", path)
    return client.request(method, path, headers=headers)


def test_every_route_of_the_application_is_in_the_table(client):
    routes = set(RouteTable(client.app.routes))
    assert routes - PUBLIC - set(NEEDS) == set(), "give it a row in namemem/api/scopes.py"
    assert set(NEEDS) - routes == set(), "no such route any more"
    assert set(NEEDS) & PUBLIC == set()
    assert set(NEEDS) >= INTRODUCES
    assert {path for _, path in routes} >= {"/v1/people/{person_id}", "/v1/listen", "/healthz"}


def test_every_route_demands_its_scope(client):
    keys = {scope: make_key(client, scope) for scope in SCOPES}
    for method, path in RouteTable(client.app.routes):
        if method == "WS":
            continue  # tests/api/test_listening.py
        needs = needs_of(method, path)
        if needs.public:
            continue  # tests/api/test_running.py
        expect_problem(ask(client, method, path, {}), 401, "unauthorized")
        allowed = [s for s in SCOPES if Caller("", frozenset({s}), "k", "").may(*needs.scopes)]
        for scope in set(SCOPES) - set(allowed):
            answer = ask(client, method, path, keys[scope])
            detail = expect_problem(answer, 403, "forbidden")["detail"]
            assert f"`{needs.scopes[0]}`" in detail, (method, path)
        answer = ask(client, method, path, keys[allowed[0]])
        assert answer.status_code not in (401, 403), (method, path, answer.text)


def test_which_scopes_include_others():
    held = {
        scope: {s for s in SCOPES if Caller("", frozenset({scope}), "k", "").may(s)}
        for scope in SCOPES
    }
    assert held == {
        "introduce": {"introduce"},
        "read": {"read"},
        "review": {"review", "read"},
        "admin": set(SCOPES),
    }
    assert not Caller("", frozenset(), "k", "").may(*SCOPES)


def test_the_websocket_demands_its_scope(client):
    token = make_key(client, "read")["Authorization"].removeprefix("Bearer ")
    with client.websocket_connect(f"/v1/listen?token={token}") as socket:
        told = socket.receive_json()
        assert told["type"] == "error"
        assert "`introduce`" in told["problem"]["detail"]
        with pytest.raises(WebSocketDisconnect) as gone:
            socket.receive_json()
    assert gone.value.code == 3003


def test_the_document_and_the_docs_name_the_scopes(client):
    document = client.get("/openapi.json").json()
    table = dict(re.findall(r"^\| `([A-Z]+ /\S+)` \| (.+) \|$", DOCS.read_text(), re.M))
    assert set(table) == {f"{method} {path}" for method, path in NEEDS}
    for (method, path), scopes in NEEDS.items():
        written = "any" if set(scopes) == set(SCOPES) else " ".join(f"`{s}`" for s in scopes)
        assert table[f"{method} {path}"] == written
        if method == "WS":
            continue
        operation = document["paths"][path][method.lower()]
        assert in_words(needs_of(method, path)) in operation["description"]
        assert {"401", "403", "429"} <= set(operation["responses"])


def test_the_first_key_ends_anonymity_even_when_it_is_revoked(client):
    assert client.get("/v1/people").status_code == 200
    ring: Keyring = client.app.state.keyring
    token, stored = ring.make("museum", ["read"], "first")
    headers = {"Authorization": f"Bearer {token}"}
    expect_problem(client.get("/v1/people"), 401, "unauthorized")
    assert client.get("/v1/people", headers=headers).status_code == 200
    ring.revoke(stored.id)
    detail = expect_problem(client.get("/v1/people", headers=headers), 401, "unauthorized")
    assert "revoked" in detail["detail"]
    expect_problem(client.get("/v1/people"), 401, "unauthorized")


def test_a_key_revoked_by_another_process_opens_nothing_from_then_on(make_client: MakeClient):
    one, another = make_client(), make_client()
    token, stored = one.app.state.keyring.make("museum", ["read"], "robot")
    headers = {"Authorization": f"Bearer {token}"}
    for client in (one, another):
        assert client.get("/v1/people", headers=headers).status_code == 200
    one.app.state.keyring.revoke(stored.id)
    for client in (one, another):
        expect_problem(client.get("/v1/people", headers=headers), 401, "unauthorized")


def test_keys_that_do_not_hold(client, monkeypatch):
    headers = make_key(client, "admin", days=1.0)
    token = headers["Authorization"]
    assert client.get("/v1/people", headers=headers).status_code == 200
    last = "A" if token[-2] != "A" else "B"
    for wrong in (
        f"{token[:-2]}{last}{token[-1]}",
        f"{token}x",
        token.lower(),
        "Bearer nm_",
        "Bearer ü",
    ):
        answer = client.get("/v1/people", headers={"Authorization": wrong.encode()})
        expect_problem(answer, 401, "unauthorized")
    later = utc_now() + timedelta(days=2)
    monkeypatch.setattr("namemem.store.key_queries.utc_now", lambda: later)
    detail = expect_problem(client.get("/v1/people", headers=headers), 401, "unauthorized")
    assert "expired" in detail["detail"]


def test_spaces_of_keys_do_not_see_each_other(client):
    museum, robot = make_key(client, "admin"), make_key(client, "admin", space="robot")
    person = client.post("/v1/people", json={"names": [{"spelling": "A"}]}, headers=museum).json()
    path = f"/v1/people/{person['id']}"
    assert client.get(path, headers=museum).status_code == 200
    expect_problem(client.get(path, headers=robot), 404, "not-found")
    expect_problem(client.delete(path, headers=robot), 404, "not-found")


def test_keys_of_the_settings_have_every_scope_and_go_with_made_ones(make_client: MakeClient):
    client = make_client(api_keys={"museum-secret": "museum"})
    configured = {"Authorization": "Bearer museum-secret"}
    made = make_key(client, "read")
    person = client.post("/v1/people", json={"display_name": "A"}, headers=configured).json()
    assert client.get(f"/v1/people/{person['id']}", headers=made).status_code == 200
    assert client.get("/v1/audit", headers=configured).status_code == 200
    assert client.delete(f"/v1/people/{person['id']}", headers=configured).status_code == 204


def test_without_a_key_no_body_is_read(client):
    make_key(client, "read")
    sent = []
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST",
        "path": "/v1/introductions", "raw_path": b"/v1/introductions", "query_string": b"",
        "root_path": "", "scheme": "http", "server": ("localhost", 80), "client": ("tester", 1),
        "headers": [(b"content-type", b"multipart/form-data; boundary=b")],
    }  # fmt: skip

    async def receive():
        raise AssertionError("the body was asked for")

    async def send(message):
        sent.append(message)

    asyncio.run(client.app(scope, receive, send))
    assert sent[0]["status"] == 401


class TestLimits:
    def test_requests_and_introductions_are_counted_apart(self, make_client: MakeClient):
        client = make_client(rate_limit=3, rate_limit_introductions=1)
        one, other = make_key(client, "read", "introduce"), make_key(client, "read")
        left = [client.get("/v1/people", headers=one).headers["RateLimit"] for _ in range(3)]
        assert [re.match(r'"requests";r=(\d);t=\d+$', value)[1] for value in left] == list("210")
        refused = client.get("/v1/people", headers=one)
        expect_problem(refused, 429, "too-many-requests")
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        assert refused.headers["RateLimit-Policy"] == '"requests";q=3;w=60'
        files = {"audio": AUDIO}
        heard = client.post("/v1/introductions", files=files, headers=one)
        assert heard.status_code == 201, "another limit"
        assert heard.headers["RateLimit-Policy"] == '"introductions";q=1;w=60'
        again = client.post("/v1/introductions", files=files, headers=one)
        expect_problem(again, 429, "too-many-requests")
        assert client.get("/v1/people", headers=other).status_code == 200, "another key"
        assert "RateLimit" not in client.get("/healthz").headers

    def test_nothing_is_limited_by_default(self, client):
        headers = make_key(client, "read")
        for _ in range(30):
            answer = client.get("/v1/people/x", headers=headers)
        assert answer.status_code == 404
        assert "RateLimit" not in answer.headers

    def test_wrong_keys_are_slowed_down_and_right_ones_are_not(self, make_client: MakeClient):
        client = make_client(wrong_keys_per_minute=3)
        known, unused = make_key(client, "read"), make_key(client, "read")
        assert client.get("/v1/people", headers=known).status_code == 200
        for number in range(3):
            wrong = {"Authorization": f"Bearer guess-{number}"}
            expect_problem(client.get("/v1/people", headers=wrong), 401, "unauthorized")
        for headers in (wrong, unused):
            answer = client.get("/v1/people", headers=headers)
            expect_problem(answer, 429, "too-many-requests")
        assert client.get("/v1/people", headers=known).status_code == 200
        expect_problem(client.get("/v1/people"), 429, "too-many-requests")

    @pytest.mark.parametrize("right", [False, True])
    def test_the_studio_s_login_is_slowed_down_too(self, make_client: MakeClient, right):
        client = make_client(wrong_keys_per_minute=3)
        key = make_key(client, "review")["Authorization"].removeprefix("Bearer ")
        page = client.get("/review/login").text
        csrf = re.search(r'name="csrf" value="([^"]+)"', page)[1]

        def log_in(key: str) -> int:
            form = {"key": key, "csrf": csrf}
            return client.post("/review/login", data=form, follow_redirects=False).status_code

        assert [log_in(f"guess-{n}") for n in range(3)] == [401] * 3
        assert log_in(key if right else "guess-4") == 429
        wrong = {"Authorization": "Bearer guess-5"}
        expect_problem(client.get("/v1/people", headers=wrong), 429, "too-many-requests")


class TestWithoutKeys:
    def test_this_machine_is_served(self, client):
        for host in ("localhost:8000", "127.0.0.1", "[::1]:80", "a.localhost"):
            for path in ("/v1/people", "/review/"):
                assert client.get(path, headers={"Host": host}).status_code == 200, host

    def test_other_names_of_this_machine_are_not(self, client):
        """DNS rebinding: a page's own host name, now pointing here."""
        for host in ("evil.example", "localhost.evil.example", "192.168.1.5:8000", "[::", ""):
            for path in ("/v1/people", "/review/"):
                answer = client.get(path, headers={"Host": host})
                assert "keys create" in expect_problem(answer, 403, "forbidden")["detail"]
            assert not opens(client, {"Host": host}), host
            assert client.get("/healthz", headers={"Host": host}).status_code == 200

    def test_pages_of_other_sites_change_nothing(self, client):
        person = {"display_name": "A"}
        for origin in ("https://evil.example", "null", "http://[", ""):
            headers = {"Origin": origin}
            answer = client.post("/v1/people", json=person, headers=headers)
            expect_problem(answer, 403, "forbidden")
            assert not opens(client, headers), origin
        headers = {"Origin": "http://localhost:3000"}
        assert client.post("/v1/people", json=person, headers=headers).status_code == 201
        assert opens(client, headers)
        assert len(client.get("/v1/people").json()["items"]) == 1

    def test_other_machines_are_not_served(self, client):
        elsewhere = TestClient(client.app, "http://localhost", client=("192.168.1.5", 4000))
        expect_problem(elsewhere.get("/v1/people"), 403, "forbidden")
        assert elsewhere.get("/review/").status_code == 403
        assert elsewhere.get("/healthz").status_code == 200
        mapped = TestClient(client.app, "http://localhost", client=("::ffff:127.0.0.1", 4000))
        assert mapped.get("/v1/people").status_code == 200

    @pytest.mark.parametrize(
        ("header", "value"),
        [
            ("X-Forwarded-For", "203.0.113.7"),
            ("X-Forwarded-For", "127.0.0.1, 203.0.113.7"),
            ("X-Forwarded-For", ""),
            ("X-Real-IP", "2001:db8::7"),
            ("X-Forwarded-Host", "names.example"),
            ("Forwarded", "for=203.0.113.7;proto=https"),
            ("Forwarded", 'for=127.0.0.1, For="[2001:db8::7]:4711"'),
            ("Forwarded", "for=_hidden"),
            ("Forwarded", "proto=https"),
            ("Via", "1.1 proxy"),
            ("CF-Connecting-IP", "203.0.113.7"),
        ],
    )
    def test_who_comes_through_a_proxy_on_this_machine_is_not(self, client, header, value):
        headers = {header: value}
        for path in ("/v1/people", "/review/"):
            answer = client.get(path, headers=headers)
            problem = expect_problem(answer, 403, "forbidden")
            assert f"its header {header.title()} tells" in problem["detail"]
        assert not opens(client, headers)
        assert client.get("/metrics", headers=headers).status_code == 403
        assert client.get("/healthz", headers=headers).status_code == 200
        key = make_key(client, "read", "introduce")
        assert client.get("/v1/people", headers=headers | key).status_code == 200

    def test_a_proxy_that_names_this_machine_alone(self, client):
        for header, value in (
            ("X-Forwarded-For", "127.0.0.1, ::1"),
            ("X-Forwarded-Host", "localhost:5173"),
            ("Forwarded", 'for="[::1]:4711";host=localhost, for=127.0.0.2'),
        ):
            assert client.get("/v1/people", headers={header: value}).status_code == 200, header

    def test_a_second_header_counts_too(self, client):
        headers = [("X-Forwarded-For", "127.0.0.1"), ("X-Forwarded-For", "203.0.113.7")]
        expect_problem(client.get("/v1/people", headers=headers), 403, "forbidden")

    def test_unless_it_is_wanted(self, make_client: MakeClient):
        client = make_client(allow_anonymous=True)
        elsewhere = TestClient(client.app, "http://robot.example", client=("192.168.1.5", 4000))
        assert elsewhere.get("/v1/people").status_code == 200
        assert elsewhere.get("/review/").status_code == 200

    def test_with_keys_the_host_does_not_matter(self, client):
        headers = make_key(client, "read") | {"Host": "names.example"}
        assert client.get("/v1/people", headers=headers).status_code == 200
        assert client.get("/review/login", headers={"Host": "names.example"}).status_code == 200


class TestBrowsers:
    PREFLIGHT: ClassVar = {
        "Origin": "https://robot.example",
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "authorization, if-match",
    }

    def test_no_other_origin_by_default(self, client):
        answer = client.options("/v1/people/x", headers=self.PREFLIGHT)
        assert answer.status_code == 405
        answer = client.get("/v1/people", headers={"Origin": "https://robot.example"})
        assert not [name for name in answer.headers if name.startswith("access-control")]

    def test_the_origins_of_the_setting(self, make_client: MakeClient):
        client = make_client(cors_origins="https://robot.example, https://other.example/")
        headers = make_key(client, "read")
        preflight = client.options("/v1/people/x", headers=self.PREFLIGHT)
        assert preflight.status_code == 200
        assert preflight.headers["access-control-allow-origin"] == "https://robot.example"
        assert "access-control-allow-credentials" not in preflight.headers
        for sent, status in ((headers, 200), ({}, 401)):
            answer = client.get("/v1/people", headers=sent | {"Origin": "https://robot.example"})
            assert answer.status_code == status
            assert answer.headers["access-control-allow-origin"] == "https://robot.example"
            assert "ETag" in answer.headers["access-control-expose-headers"]
        foreign = self.PREFLIGHT | {"Origin": "https://evil.example"}
        assert client.options("/v1/people/x", headers=foreign).status_code == 400

    def test_headers_of_every_answer(self, make_client: MakeClient):
        client = make_client(raise_server_exceptions=False)
        body = introduce(client)
        person = f"/v1/people/{body['person_id']}"
        said = client.get(f"{person}/pronunciation")
        unchanged = client.get(
            f"{person}/pronunciation", headers={"If-None-Match": said.headers["ETag"]}
        )
        assert unchanged.status_code == 304
        for answer in (said, unchanged):
            assert answer.headers["Cache-Control"] == "private, no-cache"
        answers = [client.get(path) for path in (person, "/v1/people/nobody", "/nowhere", "/docs")]
        for answer in (*answers, said, unchanged, client.get("/review/")):
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["X-Frame-Options"] == "DENY"
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
            assert answer.headers["Referrer-Policy"]
            assert "Strict-Transport-Security" not in answer.headers
            assert len(answer.headers.get_list("Content-Security-Policy")) == 1
        assert answers[0].headers["Cache-Control"] == "no-store"
        assert "script-src" not in answers[3].headers["Content-Security-Policy"], (
            "/docs has scripts"
        )

    def test_https(self, make_client: MakeClient):
        client = make_client(behind_https=True)
        answer = client.get("/version")
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert "Secure" in client.get("/review/").headers["set-cookie"]


def test_the_audit_log_over_http(client):
    admin = make_key(client, "admin")
    designer = make_key(client, "review") | {"X-Namemem-User": "mia-7"}
    body = {"names": [{"spelling": "Siobhan", "ipa": "ʃɪˈvɔːn"}]}
    person = client.post("/v1/people", json=body, headers=designer).json()
    path, name = f"/v1/people/{person['id']}", person["names"][0]["id"]
    approve = {"status": "approved"}
    answer = client.patch(
        f"{path}/names/{name}", json=approve, headers=designer | {"If-Match": "*"}
    )
    assert answer.status_code == 200, answer.text
    assert client.get(f"{path}/export", headers=admin).status_code == 200
    assert client.delete(path, headers=admin).status_code == 204
    log = client.get("/v1/audit", params={"person_id": person["id"]}, headers=admin)
    entries = log.json()["items"]
    assert [entry["what"] for entry in entries] == [
        "person.erased",
        "person.exported",
        "name.approved",
        "name.added",
        "person.created",
    ]
    assert [entry["who"] for entry in entries] == ["", "", "mia-7", "mia-7", "mia-7"]
    assert [entry["key_label"] for entry in entries] == ["admin"] * 2 + ["review"] * 3
    assert (entries[2]["name_id"], entries[2]["version"]) == (name, 2)
    assert "iobhan" not in log.text
    assert "ʃ" not in log.text
    first = client.get("/v1/audit", params={"limit": 2}, headers=admin).json()
    second = client.get(
        "/v1/audit", params={"limit": 99, "cursor": first["next_cursor"]}, headers=admin
    ).json()
    assert [e["what"] for e in first["items"] + second["items"]][-2:] == ["key.created"] * 2
    assert second["next_cursor"] is None
    other = make_key(client, "admin", space="robot")
    assert len(client.get("/v1/audit", headers=other).json()["items"]) == 1, "its own key alone"
    bad = client.get("/v1/audit", params={"cursor": "x"}, headers=admin)
    expect_problem(bad, 422, "invalid-request")
