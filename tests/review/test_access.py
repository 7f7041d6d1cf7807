"""Login, sessions, forged requests, headers, hostile names."""

from __future__ import annotations

import re

import pytest
from plugins.pages import Page

KEYS = {"museum-secret": "museum", "robot-secret": "robot"}
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }}",
    "' onmouseover='alert(1)",
    "</textarea><b>x",
    "&lt;b&gt;",
]


@pytest.fixture
def locked(make_client, designer_of):
    return designer_of(make_client(api_keys=KEYS))


def log_in(designer, key="museum-secret", who="Mia"):
    return designer.post("/login", key=key, who=who)


def test_without_keys_nobody_logs_in(designer):
    assert "Nobody yet" in designer.page().text
    assert str(designer.get("/login").url).endswith("/review/")


def test_login(locked):
    assert str(locked.get().url).endswith("/review/login")
    assert locked.post("/login", key="wrong").status_code == 401
    assert "Nobody yet" in log_in(locked).text
    assert "Mia" in locked.page().text
    for path in ("/new", "/import", "/export.csv"):
        assert locked.get(path).status_code == 200
    assert "Log in" in locked.post("/logout").text
    assert str(locked.get("/new").url).endswith("/login")


def test_scripts_are_told_that_the_login_is_over(locked):
    locked.headers = {"Accept": "*/*"}
    answer = locked.get("/say", ipa="a")
    assert answer.status_code == 401
    assert "Log in" in answer.json()["detail"]


def test_a_space_sees_its_own_people_only(locked):
    mine = {"Authorization": "Bearer museum-secret"}
    other = {"Authorization": "Bearer robot-secret"}
    body = {"names": [{"spelling": "Anna", "ipa": "ˈænə"}]}
    locked.client.post("/v1/people", json=body, headers=mine)
    hidden = locked.client.post(
        "/v1/people", json={"names": [{"spelling": "Otto"}]}, headers=other
    ).json()
    log_in(locked)
    page = locked.page()
    assert "Anna" in page.text
    assert "Otto" not in page.text
    assert locked.get(f"/people/{hidden['id']}").status_code == 404


def test_the_cookie(locked):
    log_in(locked)
    locked.get()
    cookie = locked.get().headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    assert "Path=/review" in cookie
    value = re.search(r"namemem_review=([^;]+)", cookie)[1]
    locked.client.cookies.clear()
    locked.client.cookies.set("namemem_review", value[:-3] + "abc", path="/review")
    assert str(locked.get().url).endswith("/login"), "a forged signature"


def test_other_keys_end_every_session(make_client, designer_of):
    first = designer_of(make_client(api_keys=KEYS))
    log_in(first)
    value = first.client.cookies["namemem_review"]
    second = designer_of(make_client(api_keys={"museum-new-secret": "museum"}))
    second.client.cookies.set("namemem_review", value, path="/review")
    assert str(second.get().url).endswith("/login")


def test_forged_requests_change_nothing(client, designer, add):
    person, name = add(ipa="ʃɪˈvɔːn")
    path = f"/people/{person}/names/{name}/approve"
    assert designer.post(path, csrf="", version=1).status_code == 403
    assert designer.post(path, csrf="wrong", version=1).status_code == 403
    for site in ("cross-site", "same-site"):
        headers = {"Sec-Fetch-Site": site}
        assert designer.post(path, version=1, headers=headers).status_code == 403
    headers = {"Origin": "https://evil.example"}
    assert designer.post(path, version=1, headers=headers).status_code == 403
    assert designer.post("/import", csrf="", table="spelling\nEve").status_code == 403
    assert client.get(f"/v1/people/{person}").json()["names"][0]["status"] == "corrected"
    assert designer.post(path, version=1).status_code == 200


def test_policy(designer, add):
    person, _ = add(ipa="ʃɪˈvɔːn")
    for path in ("/", "/new", "/import", f"/people/{person}", "/people/nobody"):
        response = designer.get(path)
        csp = response.headers["content-security-policy"]
        assert "default-src 'none'" in csp
        assert "unsafe" not in csp
        assert "frame-ancestors 'none'" in csp
        assert response.headers["x-content-type-options"] == "nosniff"
        page = Page(response.text)
        for tag, attributes in page.tags:
            assert tag != "style"
            assert "style" not in attributes
            assert not [a for a in attributes if a.startswith("on")], attributes
            if tag == "script":
                assert attributes["src"].startswith("/review/static/")
        assert not re.findall(r"https?://", response.text)


@pytest.mark.parametrize("spelling", HOSTILE)
def test_names_are_text(designer, add, spelling):
    person, name = add(spelling, ipa="ˈænə")
    here = f"/people/{person}/names/{name}"
    conflict = designer.post(f"{here}/correct", version=0, ipa="a", why=spelling)
    assert conflict.status_code == 412
    table = f'spelling,external_id\n"{spelling.replace(chr(34), chr(34) * 2)}",'
    preview = designer.post("/import/preview", table=table)
    wrong = designer.post("/new", spelling=spelling, respelling="!")
    for html in (designer.get().text, designer.get(here).text, conflict.text, preview.text,
                 wrong.text, designer.get("/", q=spelling).text):  # fmt: skip
        page = Page(html)
        assert not [t for t, a in page.tags if t == "script" and "src" not in a]
        assert not [t for t, _ in page.tags if t in ("img", "b")]
        assert not [a for _, a in page.tags if "onmouseover" in a or "onerror" in a]
        assert " ".join(spelling.split()) in page.text + str([a for _, a in page.tags])


def test_errors_are_pages(designer):
    missing = designer.get("/people/nobody")
    assert missing.status_code == 404
    assert "To the list" in missing.text
    assert "There is no such page" in designer.get("/nowhere").text


def test_other_sites_put_no_cookie_in_the_place_of_ours(client, designer):
    html = {"Accept": "text/html"}
    cross = {**html, "Sec-Fetch-Site": "cross-site"}
    link = {**cross, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    image = {**cross, "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
    for headers in (cross, image):
        assert "set-cookie" not in client.get("/review/", headers=headers).headers
    for headers in (html, cross, link):
        forged = client.post("/review/who", data={"who": "X"}, headers=headers)
        assert forged.status_code == 403
        assert "set-cookie" not in forged.headers
    assert "set-cookie" in client.get("/review/", headers=link).headers, "a link that is followed"


def test_errors_of_ours_are_secured_too(make_client, designer_of, monkeypatch):
    client = make_client(raise_server_exceptions=False)

    def broken(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(client.app.state.service, "review_list", broken)
    response = designer_of(client).get()
    assert response.status_code == 500
    assert "Something went wrong" in response.text
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == "no-store"
    assert "set-cookie" not in response.headers
