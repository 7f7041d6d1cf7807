"""People over HTTP: typed in, listed, found by sound, changed, exported, erased."""

from __future__ import annotations

import pytest
from plugins.http import AUDIO, expect_problem, introduce

PATH = "/v1/people"
ALICE = {
    "external_id": "alice",
    "display_name": "Alice Ní Bhriain",
    "names": [
        {"spelling": "Alice", "kind": "given", "language": "en", "ipa": "ˈælɪs"},
        {"spelling": "Ní Bhriain", "kind": "family", "respelling": "nee-VREE-an"},
        {"spelling": "Ali", "kind": "nickname"},
    ],
}


def add(client, **body):
    response = client.post(PATH, json=body)
    assert response.status_code == 201, response.text
    return response.json()


def test_typed_in(client):
    response = client.post(PATH, json=ALICE)
    assert response.status_code == 201
    person = response.json()
    assert response.headers["location"] == f"{PATH}/{person['id']}"
    assert person["external_id"] == "alice"
    given, family, nickname = person["names"]
    assert given["pronunciation"]["ipa"] == "ˈælɪs"
    assert given["pronunciation"]["arpabet"] == "AE1 L IH0 S"
    assert given["status"] == "corrected"
    assert family["pronunciation"]["ipa"].startswith("niː") or family["pronunciation"]["ipa"]
    assert nickname["pronunciation"] is None
    assert nickname["status"] == "heard"
    assert client.get(f"{PATH}/{person['id']}").json() == person
    assert client.get(f"{PATH}/by-external-id/alice").json() == person


def test_external_ids_with_any_character(client):
    person = add(client, external_id="crm/42?ü #1", display_name="X")
    found = client.get(f"{PATH}/by-external-id/crm%2F42%3F%C3%BC%20%231")
    assert found.json() == person


def test_a_name_is_enough_to_be_called_by(client):
    assert add(client, names=[{"spelling": "Zoë"}])["display_name"] == "Zoë"
    assert add(client, external_id="robot-7")["display_name"] == "robot-7"
    expect_problem(client.post(PATH, json={}), 422, "invalid-request")
    expect_problem(client.post(PATH, json={"display_name": "  "}), 422, "invalid-request")
    expect_problem(
        client.post(PATH, json={"display_name": "A", "names": [{}]}), 422, "invalid-request"
    )


def test_external_id_is_unique(client):
    add(client, external_id="alice", display_name="Alice")
    again = client.post(PATH, json={"external_id": "alice", "display_name": "Other"})
    expect_problem(again, 409, "conflict")


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ({"spelling": "A", "ipa": "ˈæ7s"}, "invalid-pronunciation"),
        ({"spelling": "A", "respelling": "q#x"}, "invalid-pronunciation"),
        ({"spelling": "A", "arpabet": "AE1 QQ"}, "invalid-pronunciation"),
        ({"spelling": "A", "ipa": ""}, "invalid-pronunciation"),
        ({"spelling": "A", "ipa": "a", "arpabet": "AA1"}, "invalid-request"),
        ({"spelling": "A", "kind": "stage"}, "invalid-request"),
        ({"spelling": "A", "language": "e n"}, "invalid-request"),
        ({"spelling": "A", "extra": 1}, "invalid-request"),
    ],
)
def test_wrong_names(client, name, slug):
    response = client.post(PATH, json={"display_name": "A", "names": [name]})
    expect_problem(response, 422, slug)
    assert client.get(PATH).json()["items"] == []


def test_malformed_pronunciation_names_position_and_symbol(client):
    wrong = {"display_name": "A", "names": [{"spelling": "A", "ipa": "ˈæ7s"}]}
    body = expect_problem(client.post(PATH, json=wrong), 422, "invalid-pronunciation")
    assert (body["position"], body["symbol"], body["field"]) == (2, "7", "ipa")


def test_broken_json(client):
    headers = {"content-type": "application/json"}
    expect_problem(client.post(PATH, content=b"{", headers=headers), 422, "invalid-request")
    response = client.post(PATH, content=b"\xff\xfe", headers=headers)
    expect_problem(response, response.status_code, response.json()["type"].split(":")[-1])
    assert response.status_code in (400, 422)


def test_pages(client):
    ids = [add(client, external_id=f"p{i}", display_name=f"P{i}")["id"] for i in range(7)]
    seen, cursor, pages = [], None, 0
    while pages == 0 or cursor:
        query = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = client.get(PATH, params=query).json()
        seen += [p["id"] for p in page["items"]]
        cursor, pages = page["next_cursor"], pages + 1
    assert pages == 3
    assert seen == ids[::-1]
    assert client.get(PATH).json()["next_cursor"] is None


def test_pages_stay_whole_while_people_come_and_go(client):
    ids = [add(client, display_name=f"P{i}")["id"] for i in range(6)]
    first = client.get(PATH, params={"limit": 2}).json()
    client.delete(f"{PATH}/{ids[3]}")
    add(client, display_name="new")
    rest = client.get(PATH, params={"limit": 10, "cursor": first["next_cursor"]}).json()
    assert [p["id"] for p in rest["items"]] == [ids[2], ids[1], ids[0]]


def test_wrong_queries(client):
    for query in ({"limit": 0}, {"limit": 1000}, {"status": "x"}, {"cursor": "nonsense"}):
        expect_problem(client.get(PATH, params=query), 422, "invalid-request")


def test_search(client):
    add(client, **ALICE)
    add(client, external_id="bob", names=[{"spelling": "Bob", "ipa": "bɒb"}])
    for query in ("ali", "bhriain", "alice"):
        items = client.get(PATH, params={"q": query}).json()["items"]
        assert [p["external_id"] for p in items] == ["alice"], query
    assert client.get(PATH, params={"q": "%"}).json()["items"] == []
    introduce(client, external_id="heard")
    found = client.get(PATH, params={"status": "corrected"}).json()["items"]
    assert {p["external_id"] for p in found} == {"alice", "bob"}


def test_sounds_like(client):
    add(client, external_id="siobhan", names=[{"spelling": "Siobhan", "ipa": "ʃɪˈvɔːn"}])
    add(client, external_id="chevonne", names=[{"spelling": "Chevonne", "ipa": "ʃɛˈvɒni"}])
    add(client, external_id="kate", names=[{"spelling": "Kate", "ipa": "keɪt"}])
    add(client, external_id="unsaid", names=[{"spelling": "Siobhan"}])
    items = client.get(PATH, params={"sounds_like": "ʃəˈvɔːn"}).json()["items"]
    assert [p["external_id"] for p in items][:2] == ["siobhan", "chevonne"]
    assert "unsaid" not in [p["external_id"] for p in items]
    distances = [p["distance"] for p in items]
    assert distances == sorted(distances)
    assert 0 <= distances[0] < 0.1
    assert len(client.get(PATH, params={"sounds_like": "ʃɪˈvɔːn", "limit": 1}).json()["items"]) == 1
    body = expect_problem(
        client.get(PATH, params={"sounds_like": "Ω"}), 422, "invalid-pronunciation"
    )
    assert body["position"] == 0


def test_change(client):
    person = add(client, **ALICE)
    url = f"{PATH}/{person['id']}"
    changed = client.patch(url, json={"display_name": "Alys"}).json()
    assert (changed["display_name"], changed["external_id"]) == ("Alys", "alice")
    assert client.patch(url, json={"external_id": None}).json()["external_id"] is None
    assert client.patch(url, json={}).json()["display_name"] == "Alys"
    add(client, external_id="taken", display_name="T")
    expect_problem(client.patch(url, json={"external_id": "taken"}), 409, "conflict")
    for wrong in ({"display_name": ""}, {"display_name": None}, {"id": "x"}, {"external_id": ""}):
        expect_problem(client.patch(url, json=wrong), 422, "invalid-request")


def test_unknown_person(client):
    missing = f"{PATH}/p_none"
    for call in (
        client.get(missing),
        client.patch(missing, json={"display_name": "A"}),
        client.delete(missing),
        client.get(f"{missing}/export"),
        client.get(f"{PATH}/by-external-id/none"),
    ):
        expect_problem(call, 404, "not-found")


def test_export_has_everything(client):
    body = introduce(client, external_id="alice", keep_audio="clip")
    client.post(f"/v1/introductions/{body['id']}/confirm")
    exported = client.get(f"{PATH}/{body['person_id']}/export")
    assert exported.status_code == 200
    text = exported.text
    for part in ("alice", "Siobhan", "ʃɪ.ˈvɔːn", "my name is siobhan", "confirmed", "UklGR"):
        assert part in text, part  # UklGR: "RIFF" in base64


def test_erasing_is_complete(client, tmp_path):
    client.post(PATH, json={"external_id": "stays", "display_name": "Stays"})
    headers = {"Idempotency-Key": "key-of-zaphod"}
    form = {"external_id": "zaphod", "spelling": "Zaphodine", "keep_audio": "clip"}
    body = client.post(
        "/v1/introductions", files={"audio": AUDIO}, data=form, headers=headers
    ).json()
    person, introduction = body["person_id"], body["id"]
    client.post(f"/v1/introductions/{introduction}/confirm")
    erased = client.delete(f"{PATH}/{person}")
    assert (erased.status_code, erased.content) == (204, b"")
    expect_problem(client.get(f"{PATH}/{person}"), 404, "not-found")
    expect_problem(client.get(f"/v1/introductions/{introduction}"), 404, "not-found")
    expect_problem(client.get(f"/v1/introductions/{introduction}/audio"), 404, "not-found")
    expect_problem(client.delete(f"{PATH}/{person}"), 404, "not-found")
    for file in tmp_path.rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            # The ids of person and name stay in the audit log, which says that somebody was
            # erased and by whom, and not who that was.
            for trace in ("zaphod", "Zaphodine", introduction):
                assert trace.encode() not in data, (file.name, trace)
    assert [p["external_id"] for p in client.get(PATH).json()["items"]] == ["stays"]
