"""Names over HTTP: corrected under optimistic concurrency, with a history that can be gone back."""

from __future__ import annotations

import pytest
from plugins.http import expect_problem, introduce


@pytest.fixture
def url(client) -> str:
    body = introduce(client)
    return f"/v1/people/{body['person_id']}/names/{body['name_id']}"


def patch(client, url, body, version='"1"', **headers):
    return client.patch(url, json=body, headers={"If-Match": version, **headers})


def test_read_has_an_etag(client, url):
    response = client.get(url)
    assert response.headers["etag"] == '"1"'
    assert response.json()["version"] == 1


def test_add(client, url):
    names = url.rpartition("/")[0]
    response = client.post(names, json={"spelling": "Shiv", "kind": "nickname", "ipa": "ʃɪv"})
    assert response.status_code == 201
    assert response.headers["etag"] == '"1"'
    assert client.get(f"{names}/{response.json()['id']}").json() == response.json()
    wrong = client.post(names, json={"spelling": "Shiv", "ipa": "ʃɪ%"})
    assert expect_problem(wrong, 422, "invalid-pronunciation")["position"] == 2
    elsewhere = client.post("/v1/people/p_none/names", json={"spelling": "A"})
    expect_problem(elsewhere, 404, "not-found")


@pytest.mark.parametrize(
    ("field", "text", "ipa"),
    [
        ("ipa", "ʃəˈvɔːn", "ʃəˈvɔːn"),
        ("respelling", "shuh-VAWN", None),
        ("arpabet", "SH AH0 V AO1 N", "ʃəˈvɔn"),
    ],
)
def test_correct_in_any_notation(client, url, field, text, ipa):
    response = patch(client, url, {field: text, "why": "she said so"})
    assert response.status_code == 200, response.text
    assert response.headers["etag"] == '"2"'
    name = response.json()
    assert name["status"] == "corrected"
    assert name["pronunciation"]["arpabet"] == "SH AH0 V AO1 N"
    if ipa:
        assert name["pronunciation"]["ipa"] == ipa


def test_weak_and_bare_etags_will_do(client, url):
    assert patch(client, url, {"spelling": "Siobhán"}, 'W/"1"').status_code == 200
    assert patch(client, url, {"spelling": "Siobhan"}, "2").status_code == 200


def test_if_match_is_needed(client, url):
    expect_problem(client.patch(url, json={"ipa": "a"}), 428, "precondition-required")
    expect_problem(patch(client, url, {"ipa": "a"}, "yesterday"), 422, "invalid-request")
    assert client.get(url).json()["version"] == 1


def test_somebody_was_faster(client, url):
    assert patch(client, url, {"ipa": "ʃəˈvɔːn"}).status_code == 200
    expect_problem(patch(client, url, {"ipa": "ˈsaɪ.əʊbæn"}), 412, "version-conflict")
    expect_problem(patch(client, url, {}), 412, "version-conflict")
    assert client.get(url).json()["pronunciation"]["ipa"] == "ʃəˈvɔːn"


def test_malformed_names_position_and_symbol(client, url):
    body = expect_problem(patch(client, url, {"ipa": "ʃɪˈv!n"}), 422, "invalid-pronunciation")
    assert (body["position"], body["symbol"]) == (4, "!")
    body = expect_problem(patch(client, url, {"arpabet": "SH XX"}), 422, "invalid-pronunciation")
    assert body["symbol"] == "XX"
    assert body["field"] == "arpabet"
    expect_problem(patch(client, url, {"ipa": "a", "arpabet": "AA1"}), 422, "invalid-request")
    expect_problem(patch(client, url, {"status": "perfect"}), 422, "invalid-request")
    expect_problem(patch(client, url, {"status": None, "colour": 1}), 422, "invalid-request")


def test_status_only_moves_forward(client, url):
    assert patch(client, url, {"status": "confirmed"}).json()["status"] == "confirmed"
    problem = expect_problem(patch(client, url, {"status": "heard"}, '"2"'), 422, "invalid-request")
    assert problem["field"] == "status"
    assert patch(client, url, {"status": "approved"}, '"2"').json()["status"] == "approved"


def test_nothing_to_approve_without_a_pronunciation(client):
    person = client.post("/v1/people", json={"names": [{"spelling": "Zoë"}]}).json()
    name = f"/v1/people/{person['id']}/names/{person['names'][0]['id']}"
    expect_problem(patch(client, name, {"status": "approved"}), 422, "invalid-request")
    approved = patch(client, name, {"status": "approved", "ipa": "ˈzoʊi"}).json()
    assert approved["status"] == "approved"


def test_history_and_revert(client, url):
    patch(client, url, {"ipa": "ʃəˈvɔːn", "why": "heard it myself"}, **{"X-Namemem-User": "dana"})
    patch(client, url, {"spelling": "Siobhán"}, '"2"')
    items = client.get(f"{url}/history").json()["items"]
    assert [i["version"] for i in items] == [1, 2, 3]
    first, second, third = items
    assert first["who"] == "person"
    assert (second["who"], second["why"]) == ("dana", "heard it myself")
    assert "pronunciation" in second["what"]
    assert (third["who"], third["spelling"]) == ("api", "Siobhán")
    assert first["when"] <= second["when"] <= third["when"]
    response = client.post(f"{url}/revert", json={"version": 1})
    assert response.status_code == 200
    assert response.headers["etag"] == '"4"'
    reverted = response.json()
    assert (reverted["spelling"], reverted["status"]) == ("Siobhan", "heard")
    assert reverted["pronunciation"] == first["pronunciation"]
    assert client.get(f"{url}/history").json()["items"][:3] == items
    expect_problem(client.post(f"{url}/revert", json={"version": 99}), 404, "not-found")
    expect_problem(client.post(f"{url}/revert", json={"version": 0}), 422, "invalid-request")


def test_unknown_names(client, url):
    person = url.split("/names")[0]
    for missing in (f"{person}/names/n_none", "/v1/people/p_none/names/n_none"):
        expect_problem(client.get(missing), 404, "not-found")
        expect_problem(patch(client, missing, {"ipa": "a"}), 404, "not-found")
        expect_problem(client.get(f"{missing}/history"), 404, "not-found")
        expect_problem(client.post(f"{missing}/revert", json={"version": 1}), 404, "not-found")


def test_a_name_belongs_to_one_person(client, url):
    other = client.post("/v1/people", json={"display_name": "Other"}).json()["id"]
    expect_problem(
        client.get(f"/v1/people/{other}/names/{url.rpartition('/')[2]}"), 404, "not-found"
    )


def test_any_version_will_do_with_a_star(client):
    person = client.post("/v1/people", json={"names": [{"spelling": "Zoe"}]}).json()
    url = f"/v1/people/{person['id']}/names/{person['names'][0]['id']}"
    answer = client.patch(url, json={"ipa": "ˈzoʊi"}, headers={"If-Match": "*"})
    assert (answer.status_code, answer.json()["version"]) == (200, 2)


def test_going_back_heeds_if_match(client):
    person = client.post("/v1/people", json={"names": [{"spelling": "Zoe"}]}).json()
    url = f"/v1/people/{person['id']}/names/{person['names'][0]['id']}"
    client.patch(url, json={"ipa": "ˈzoʊi"}, headers={"If-Match": '"1"'})
    old = client.post(f"{url}/revert", json={"version": 1}, headers={"If-Match": '"1"'})
    expect_problem(old, 412, "version-conflict")
    now = client.post(f"{url}/revert", json={"version": 1}, headers={"If-Match": '"2"'})
    assert (now.status_code, now.json()["version"]) == (200, 3)
