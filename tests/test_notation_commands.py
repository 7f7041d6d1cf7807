"""`namemem convert`, `export`, `import` and `people`."""

from __future__ import annotations

import json
import os

import pytest
from plugins.server import clean_environment
from typer.testing import CliRunner

from namemem import bootstrap
from namemem.cli import app
from namemem.errors import InvalidPronunciation, InvalidRequest, UnknownTarget
from namemem.hearing_files import Nobody
from namemem.service import NewName
from namemem.settings import load_settings


@pytest.fixture(autouse=True)
def environment(monkeypatch, tmp_path) -> None:
    for name in [*os.environ]:
        if name.startswith("NAMEMEM_"):
            monkeypatch.delenv(name)
    for name, value in clean_environment(tmp_path / "data").items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def people() -> None:
    service = bootstrap.build_service(load_settings(), Nobody())
    service.store.upgrade()
    for external, spelling, ipa in (("s", "Siobhan", "ʃɪˈvɔːn"), ("j", "José", "xoˈse")):
        name = NewName(spelling, said={"ipa": ipa})
        service.add_person(
            "default", external_id=external, display_name=spelling, names=[name], who="test"
        )
    service.store.close()


def call(*arguments: object):
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_convert():
    assert call("convert", "ʃɪˈvɔːn", "--to", "x-sampa").stdout == 'SI"vO:n\n'
    assert call("convert", "shi-VAWN", "--from", "respelling", "--to", "ipa").stdout == "ʃɪˈvɔn\n"
    assert call("convert", "ʃɪˈvɔːn", "--to", "respelling:de").stdout == "schi-WONN\n"
    assert call("convert", "xoˈse", "--to", "arpabet").stdout.startswith("HH OW0 S EY1\n")
    body = json.loads(call("convert", "xoˈse", "--to", "arpabet", "--json").stdout)
    assert (body["exact"], body["grade"]) == (False, "close")


def test_convert_for_a_tts():
    arguments = ["convert", "ʃɪˈvɔːn", "--target", "azure", "--text", "Siobhan"]
    assert call(*arguments).stdout == '<phoneme alphabet="ipa" ph="ʃɪ.ˈvɔn">Siobhan</phoneme>\n'
    body = json.loads(call(*arguments, "--locale", "es-ES", "--json").stdout)
    assert body["phones"] == "tʃi.ˈbon"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["ʃɪQ", "--to", "ipa"], InvalidPronunciation),
        (["a"], InvalidRequest),
        (["a", "--to", "ipa", "--target", "azure"], InvalidRequest),
        (["a", "--to", "morse"], InvalidRequest),
        (["a", "--target", "hal"], UnknownTarget),
    ],
)
def test_wrong_conversions(arguments, error):
    assert isinstance(call("convert", *arguments).exception, error)


def test_export(people, tmp_path):
    table = call("export").stdout.splitlines()
    assert table[0] == "external_id,display_name,spelling,kind,language,ipa,status"
    assert sorted(table[1:])[1].startswith("s,Siobhan,Siobhan,")
    assert "SIOBHAN  SH IH0 V AO1 N" in call("export", "--target", "cmu").stdout
    done = call("export", "--target", "azure", "--locale", "es-ES", "--out", tmp_path / "made")
    assert done.exit_code == 0
    text = (tmp_path / "made" / "names.pls").read_text(encoding="utf-8")
    assert "tʃi.ˈbon" in text
    assert isinstance(call("export", "--target", "hal").exception, UnknownTarget)


def test_the_tables_are_those_of_the_review_pages(people):
    service = bootstrap.build_service(load_settings(), Nobody())
    assert call("export").stdout == service.table("default")
    assert json.loads(call("export", "--target", "json").stdout) == service.document("default")
    service.store.close()


def test_import_what_was_exported(people, tmp_path):
    call("export", "--out", tmp_path)
    table = tmp_path / "names.csv"
    again = call("import", table)
    assert (again.exit_code, again.stderr) == (0, "0 changed, 0 refused.\n")
    table.write_text(
        "external_id,spelling,ipa\ns,Siobhan,ˈʃɪvɔːn\na,Anh,\nb,Bad,ʃQ\n", encoding="utf-8-sig"
    )
    planned = call("import", table, "--dry-run")
    assert planned.exit_code == 2
    assert planned.stdout.splitlines() == [
        "~ line 2: Siobhan /ˈʃɪvɔːn/: changes ʃɪˈvɔːn to ˈʃɪvɔːn",
        "+ line 3: Anh: adds a person",
    ]
    assert "line 4: Bad: ipa:" in planned.stderr
    assert "2 would be changed, 1 refused." in planned.stderr
    assert "ʃɪˈvɔːn" in call("people", "Siobhan").stdout
    assert "2 changed, 1 refused." in call("import", table).stderr
    assert "/ˈʃɪvɔːn/" in call("people", "Siobhan").stdout
    space = call("import", table, "--space", "other")
    assert "2 changed, 1 refused." in space.stderr


def test_import_of_no_table(people, tmp_path):
    (tmp_path / "bytes.csv").write_bytes(b"spelling\nJos\xe9\n")
    (tmp_path / "empty.csv").write_text("")
    for name in ("nothing.csv", "bytes.csv", "empty.csv"):
        assert isinstance(call("import", tmp_path / name).exception, InvalidRequest)


def test_people(people):
    lines = call("people").stdout.splitlines()
    assert len(lines) == 2
    assert "(s)  Siobhan: Siobhan /ʃɪˈvɔːn/ shi-VAWN, given, " in "\n".join(lines)
    body = json.loads(call("people", "--sounds-like", "ʃɪˈvɔn", "--limit", 1, "--json").stdout)
    assert (body["external_id"], body["names"][0]["pronunciation"]["ipa"]) == ("s", "ʃɪˈvɔːn")
    assert len(call("people", "--limit", 1).stdout.splitlines()) == 1
    assert call("people", "nobody", "--json").stdout == ""
    wrong = call("people", "Siobhan", "--sounds-like", "a")
    assert isinstance(wrong.exception, InvalidRequest)
