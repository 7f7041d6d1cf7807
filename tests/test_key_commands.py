"""`namemem keys`, `namemem audit`, and how far `namemem serve` reaches without a key."""

from __future__ import annotations

import json
import os

import pytest
import uvicorn
from plugins.server import clean_environment
from typer.testing import CliRunner

from namemem.cli import app
from namemem.errors import InvalidRequest, InvalidSettings, NotFound, Unauthorized
from namemem.service.access import Keyring
from namemem.settings import load_settings
from namemem.store import Store


@pytest.fixture(autouse=True)
def environment(monkeypatch, tmp_path):
    for name in [*os.environ]:
        if name.startswith("NAMEMEM_"):
            monkeypatch.delenv(name)
    for name, value in clean_environment(tmp_path / "data").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LOGNAME", "operator")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def ring():
    store = Store(load_settings().url)
    yield Keyring(store)
    store.close()


def call(*arguments: str):
    return CliRunner().invoke(app, [*arguments])


def test_a_key_from_its_making_to_its_end(ring):
    made = call(
        "keys", "create", "--space", "museum", "--scope", "read,introduce", "--scope", "review",
        "--label", "robot", "--expires-days", "2",
    )  # fmt: skip
    assert made.exit_code == 0, made.output
    assert "from now on every caller needs a key" in made.stderr
    token = made.stdout.strip()
    caller = ring.caller(token)
    assert (caller.space, caller.label) == ("museum", "robot")
    assert caller.scopes == {"introduce", "read", "review"}
    second = call("keys", "create", "--scope", "admin", "--label", "me")
    assert "needs a key" not in second.stderr
    listed = [json.loads(line) for line in call("keys", "list", "--json").stdout.splitlines()]
    assert [(key["space"], key["state"]) for key in listed] == [
        ("museum", "active"),
        ("default", "active"),
    ]
    assert call("keys", "list", "--space", "museum").stdout.count("\n") == 1
    everything = call("keys", "list").output + call("audit", "--space", "museum").output
    assert token not in everything
    assert token.rpartition("_")[2] not in everything
    assert call("keys", "revoke", caller.key_id).stdout.split()[1] == "revoked"
    with pytest.raises(Unauthorized, match="revoked"):
        ring.caller(token)
    log = [
        json.loads(line)
        for line in call("audit", "--space", "museum", "--json").stdout.splitlines()
    ]
    assert [(e["what"], e["key_label"], e["who"]) for e in log] == [
        ("key.revoked", "command line", "operator"),
        ("key.created", "command line", "operator"),
    ]
    assert "key.revoked" in call("audit", "--space", "museum", "--limit", "1").stdout
    assert call("audit").stdout.count("key.created") == 1


def test_the_database_file_has_no_key(ring, tmp_path):
    token = call("keys", "create", "--scope", "read", "--label", "robot").stdout.strip()
    assert ring.caller(token).may("read")
    secret = token.rpartition("_")[2].encode()
    files = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if secret in path.read_bytes()]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--scope", "fly", "--label", "a"], "introduce, read, review, admin: fly is none"),
        (["--scope", ",", "--label", "a"], "give at least one"),
        (["--scope", "read", "--label", " "], "label"),
        (["--scope", "read", "--label", "a", "--space", " "], "space"),
        (["--scope", "read", "--label", "a", "--expires-days", "0"], "expires"),
        (["--scope", "read", "--label", "a" * 101], "label"),
    ],
)
def test_keys_that_cannot_be(arguments, message):
    with pytest.raises(InvalidRequest, match=message):
        raise call("keys", "create", *arguments).exception


def test_no_such_key():
    with pytest.raises(NotFound, match="keys list"):
        raise call("keys", "revoke", "k_nothing").exception
    assert "only callers on this machine" in call("keys", "list").stderr


def test_import_and_export_are_in_the_log(tmp_path):
    table = tmp_path / "names.csv"
    table.write_text("spelling,ipa\nSiobhan,ʃɪˈvɔːn\n")
    assert call("db", "upgrade").exit_code == 0
    assert call("import", str(table)).exit_code == 0
    assert call("export").exit_code == 0
    log = [json.loads(line) for line in call("audit", "--json").stdout.splitlines()]
    assert [entry["what"] for entry in log] == ["space.exported", "name.added", "person.created"]
    assert {entry["key_label"] for entry in log} == {"command line"}


class TestServe:
    @pytest.fixture(autouse=True)
    def served(self, monkeypatch) -> list[str]:
        calls: list[str] = []
        monkeypatch.setattr(uvicorn, "run", lambda _, host, **__: calls.append(host))
        return calls

    @pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "names.example"])
    def test_without_a_key_it_is_refused_to_others(self, served, host):
        with pytest.raises(InvalidSettings, match="namemem keys create"):
            raise call("serve", "--host", host).exception
        assert served == []

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.0.1"])
    def test_without_a_key_this_machine_is_served(self, served, host):
        result = call("serve", "--host", host)
        assert f"listening on {host} only" in result.stderr
        assert served == [host]

    def test_unless_everybody_may(self, served, monkeypatch):
        result = call("serve", "--host", "0.0.0.0", "--allow-anonymous")
        assert "everybody who reaches 0.0.0.0" in result.stderr
        monkeypatch.setenv("NAMEMEM_ALLOW_ANONYMOUS", "true")
        assert "everybody who reaches" in call("serve", "--host", "::").stderr
        assert served == ["0.0.0.0", "::"]

    def test_with_a_key(self, served, monkeypatch):
        key = call("keys", "create", "--scope", "read", "--label", "robot")
        assert key.exit_code == 0
        assert "API key" not in call("serve", "--host", "0.0.0.0").stderr
        assert served == ["0.0.0.0"]

    def test_with_a_key_of_the_settings(self, served, monkeypatch):
        monkeypatch.setenv("NAMEMEM_API_KEYS", "museum:a-long-secret")
        call("serve", "--host", "0.0.0.0")
        assert served == ["0.0.0.0"]
        assert "1 in NAMEMEM_API_KEYS" in call("keys", "list").stderr
