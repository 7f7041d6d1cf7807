"""The list: order, filters, search by spelling and sound, approving several, exports."""

from __future__ import annotations

import csv
import io
import json
import re
from xml.etree import ElementTree

from plugins.http import introduce
from sqlalchemy import event

from namemem.service.reviewing import PAGE
from namemem.testing import fake_hearing


def shown(page) -> list[str]:
    return re.findall(r"Play what the character says: ([^\"]*)", page.html)


def ident(client, name) -> str:
    person = client.get("/v1/people", params={"q": name}).json()["items"][0]
    one = person["names"][0]
    return f"{person['id']}:{one['id']}:{one['version']}"


def test_nobody_yet(designer):
    page = designer.page()
    assert "Nobody yet" in page.text
    assert " of 0 approved" not in page.text
    assert designer.get("").status_code == 200, "without the last slash too"


def test_least_certain_first_and_approved_last(client, designer, hearer, add):
    for spelling, confidence in (("Ann", 0.9), ("Bea", 0.3), ("Cid", 0.6)):
        hearer.hearing = fake_hearing(spelling, "ˈæn", confidence=confidence)
        introduce(client)
    add("Dora", ipa="ˈdɔɹə")
    assert shown(designer.page()) == ["Bea", "Cid", "Ann", "Dora"]
    designer.post("/approve", only=ident(client, "Bea"))
    page = designer.page()
    assert shown(page) == ["Cid", "Ann", "Dora", "Bea"]
    assert "1 of 4 approved" in page.text


def test_filters(client, designer, hearer, add):
    for spelling, confidence in (("Ann", 0.9), ("Bea", 0.3), ("Cid", 0.1)):
        hearer.hearing = fake_hearing(spelling, "ˈæn", confidence=confidence)
        introduce(client)
    add("Dóra", ipa="ˈdoːɾɒ")
    assert shown(designer.page(confidence="sure")) == ["Ann"]
    assert shown(designer.page(confidence="unsure")) == ["Bea"]
    assert shown(designer.page(confidence="doubtful")) == ["Cid"]
    assert shown(designer.page(status="corrected")) == ["Dóra"]
    assert shown(designer.page(q="dora")) == ["Dóra"], "without accents and capitals"
    assert "Nobody like that" in designer.page(q="zzz").text
    assert len(shown(designer.page(status="nonsense", page="-4"))) == 4


def test_search_by_sound(designer, add):
    add("Siobhan", ipa="ʃɪˈvɔːn")
    add("Xavier", ipa="ˈzeɪviəɹ")
    for sound in ("ʃəˈvɔn", "shi-VAWN", "shivawn"):
        page = designer.page(q=sound, by="sound")
        assert shown(page)[0] == "Siobhan", sound
        assert "Sounding like" in page.text
    assert "Nobody can tell" in designer.page(q="½!", by="sound").text


def test_pages_without_a_query_a_row(client, designer, add):
    for i in range(PAGE + 3):
        add(f"Anna {i:02}", ipa="ˈænə")
    engine = client.app.state.service.store._engine
    seen: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
    first = designer.page()
    selects = [s for s in seen if s.lstrip().startswith("SELECT")]
    # Whoever knocks is asked for a key, and jobs are looked for meanwhile.
    selects = [s for s in selects if "FROM api_keys" not in s and "FROM jobs" not in s]
    assert len(selects) <= 4, selects
    assert len(shown(first)) == PAGE
    assert "page 1 of 2" in first.text
    second = designer.page(page=2)
    assert len(shown(second)) == 3
    assert not set(shown(first)) & set(shown(second))
    assert shown(designer.page(page=99)) == shown(second)


def test_part_of_the_page_for_htmx(designer, add):
    add("Anna", ipa="ˈænə")
    designer.headers["HX-Target"] = "results"
    part = designer.get("/", q="anna")
    assert "<html" not in part.text
    assert "Anna" in part.text


def test_several_are_approved_and_the_changed_one_is_not(client, designer, add):
    for name in ("Ann", "Bea", "Cid"):
        add(name, ipa="ˈæn")
    chosen = [ident(client, n) for n in ("Ann", "Bea", "Cid")]
    person, name, _ = chosen[1].split(":")
    client.patch(f"/v1/people/{person}/names/{name}", json={"spelling": "Bee"},
                 headers={"If-Match": "*"})  # fmt: skip
    done = designer.post("/approve", names=chosen, back="?status=corrected")
    assert "2 approved." in done.text
    assert "1 could not be approved" in done.text
    assert "status=corrected" in str(done.url)
    approved = client.get("/v1/people", params={"status": "approved"}).json()["items"]
    assert {p["display_name"] for p in approved} == {"Ann", "Cid"}
    assert designer.post("/approve", names=["nonsense"]).status_code == 422


def test_a_person_without_a_name_is_there(client, designer):
    client.post("/v1/people", json={"external_id": "robot-7"})
    page = designer.page()
    assert "robot-7" in page.text
    assert "no name yet" in page.text
    link = next(a["href"] for t, a in page.tags if "/people/" in (a.get("href") or ""))
    assert "No name yet" in designer.page(link.removeprefix("/review")).text


def test_exports(designer, add):
    add("Siobhan", ipa="ʃɪˈvɔːn", language="ga")
    add("=1+1", ipa="ˈwʌn")
    rows = list(csv.DictReader(io.StringIO(designer.get("/export.csv").text)))
    assert {r["spelling"]: r["ipa"] for r in rows} == {"Siobhan": "ʃɪˈvɔːn", "'=1+1": "ˈwʌn"}
    people = json.loads(designer.get("/export.json").text)["people"]
    assert {p["names"][0]["spelling"] for p in people} == {"Siobhan", "=1+1"}
    pls = ElementTree.fromstring(designer.get("/export.pls").text)
    assert "Siobhan" in ElementTree.tostring(pls, encoding="unicode")


def test_a_version_that_no_name_can_have(designer, add):
    person, name = add("Anna", ipa="ˈænə")
    assert designer.post("/approve", only=f"{person}:{name}:{'9' * 30}").status_code == 422
    assert designer.post("/approve", only=f"{person}:{name}:{'9' * 9}").status_code == 200
