"""New people: typed, recorded, imported."""

from __future__ import annotations

from plugins.http import AUDIO
from plugins.pages import squeezed

from namemem.errors import NoNameHeard


def names(client):
    people = client.get("/v1/people").json()["items"]
    return {n["spelling"]: n for p in people for n in p["names"]}


def test_typed(client, designer):
    assert "Type it" in designer.page("/new").text
    designer.post("/new", spelling="Siobhan", respelling="shi-VAWN", kind="nickname")
    name = names(client)["Siobhan"]
    assert (name["pronunciation"]["ipa"], name["kind"]) == ("ʃɪˈvɔn", "nickname")
    wrong = designer.post("/new", spelling="Anna", respelling="an5")
    assert wrong.status_code == 422
    assert 'value="Anna"' in wrong.text, "what was typed is still there"
    assert "position 2" in wrong.text


def test_another_name_of_somebody(client, designer):
    person = client.post("/v1/people", json={"external_id": "robot-7"}).json()
    designer.post(f"/people/{person['id']}/names", spelling="Robbie", kind="nickname",
                  respelling="ROB-ee")  # fmt: skip
    assert names(client)["Robbie"]["kind"] == "nickname"


def test_recorded(client, designer, hearer):
    answer = designer.post(
        "/new/recording", files={"audio": AUDIO}, spelling="Siobhan", keep="true"
    )
    assert "What they said" in answer.text
    assert "The person" in answer.text
    hearer.error = NoNameHeard("Nobody gives a name.")
    failed = designer.post("/new/recording", files={"audio": AUDIO})
    assert failed.status_code == 422
    assert "Nobody gives a name." in failed.text
    designer.headers = {"Accept": "*/*"}
    hearer.error = None
    from plugins.pages import Page

    csrf = Page(designer.client.get("/review/new").text).csrf
    sent = designer.post("/new/recording", files={"audio": AUDIO}, csrf=csrf)
    assert sent.json()["go"].startswith("/review/people/")


TABLE = """\
external_id,spelling,kind,ipa,respelling
alice,Alice,given,ˈælɪs,
alice,Liddell,family,,lih-DEL
alice,Again,given,,
bob,Bob,given,ˈbɑb,
carl,Karl,given,ˈkɑɹl,
dora,Dora,given,ˈdɔɹə,
eve,Eve,given,ˈi5v,
fay,Fay,queen,,
,,given,,
,Gil,given,,
'=x,'=Hal,given,,
"""


def test_import(client, designer):
    for external_id, ipa in (("bob", "ˈbɑb"), ("carl", "ˈkaɹl"), ("dora", "ˈdoːɾə")):
        body = {"external_id": external_id, "names": [{"spelling": external_id, "ipa": ipa}]}
        person = client.post("/v1/people", json=body).json()
        if external_id == "dora":
            path = f"/v1/people/{person['id']}/names/{person['names'][0]['id']}"
            client.patch(path, json={"status": "approved"}, headers={"If-Match": "*"})
    files = {"file": ("names.csv", "\ufeff".encode() + TABLE.encode(), "text/csv")}
    preview = designer.post("/import/preview", files=files)
    text = squeezed(preview.text)
    assert "5 of 11 rows will change something" in text
    for what in ("adds a person", "adds a family name", "cannot: A row above gives alice",
                 "is there already", "changes ˈkaɹl to ˈkɑɹl", "cannot: is approved",
                 "at position 2", "kind is one of", "The spelling is missing"):  # fmt: skip
        assert what in text, what
    assert len(names(client)) == 3, "nothing has happened yet"
    done = designer.post("/import", table=TABLE)
    assert "6 rows done, 5 not" in squeezed(done.text)
    now = names(client)
    assert now["carl"]["pronunciation"]["ipa"] == "ˈkɑɹl"
    assert now["dora"]["pronunciation"]["ipa"] == "ˈdoːɾə"
    assert now["=Hal"]["pronunciation"] is None
    alice = client.get("/v1/people/by-external-id/alice").json()
    assert [n["spelling"] for n in alice["names"]] == ["Alice", "Liddell"]
    again = designer.post("/import/preview", table=designer.get("/export.csv").text)
    assert "adds" in squeezed(again.text), "those without an id of their own"


def test_tables_that_are_none(designer):
    tables = {
        "": "empty",
        "a,b\n1,2": "unknown columns",
        "kind\ngiven": "spelling",
        'spelling\n"x': "no CSV",
        "spelling\n" + "a\n" * 2001: "2000",
    }
    for table, says in tables.items():
        answer = designer.post("/import/preview", table=table)
        assert answer.status_code == 422, table[:20]
        assert says in answer.text
    binary = designer.post("/import/preview", files={"file": ("x.csv", b"\xff\xfe\0", "text/csv")})
    assert "UTF-8" in binary.text


def test_what_a_table_cannot_bring_is_told_before(client, designer):
    table = (
        "external_id,display_name,spelling,language,status\n"
        "a,Ann\u202e   Lee,Ann,,approved\n"
        "b,,Bea,,perhaps\n"
        f"c,,{'C' * 501},,\n"
        f"{'d' * 256},,Dora,,\n"
        f"e,,Eve,{'x' * 101},\n"
        f"f,{'F' * 501},Fay,,\n"
    )
    text = squeezed(designer.post("/import/preview", table=table).text)
    assert "1 of 6 rows will change something" in text
    for what in ("adds a person; status is not imported", "cannot: status is one of", "`spelling`",
                 "`external_id`", "A language is a BCP 47 tag", "`display_name`"):  # fmt: skip
        assert what in text, what
    designer.post("/import", table=table)
    person = client.get("/v1/people/by-external-id/a").json()
    assert (person["display_name"], person["names"][0]["status"]) == ("Ann Lee", "heard")
