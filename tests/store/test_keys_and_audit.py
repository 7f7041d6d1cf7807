"""API keys and the audit log, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from plugins.examples import make_hearing

from namemem.errors import InvalidRequest, NotFound
from namemem.people import NameKind, Status
from namemem.phones import parse_ipa
from namemem.store import Actor, Repository, Store, acting, new_key_id
from namemem.store.scope import utc_now

MIA = Actor("k_1", "studio", "mia")


def add_person_and_name(repo: Repository, spelling: str = "SecretSiobhan") -> tuple[str, str]:
    person = repo.add_person(None, spelling)
    name = repo.add_name(
        person.id, kind=NameKind.GIVEN, spelling=spelling, pronunciation=parse_ipa("ʃɪˈvɔːn"),
        status=Status.HEARD, who="person", what="heard",
    )  # fmt: skip
    return person.id, name.id


def test_each_change_leaves_a_line_by_whoever_acts(store: Store) -> None:
    with acting(MIA), store.transaction("museum") as repo:
        person, name = add_person_and_name(repo)
        repo.update_person(person, display_name="SecretOther")
        repo.add_introduction(person_id=person, name_id=name, hearing=make_hearing("SecretX"))
        repo.update_name(name, expected_version=1, who="mia", what="spelling", spelling="SecretY")
        repo.update_name(name, expected_version=2, who="mia", what="ok", status=Status.APPROVED)
        repo.set_suggestion(name, parse_ipa("a"), who="mia")
    with store.transaction("museum") as repo:
        repo.delete_person(person)
    with store.transaction("museum", read_only=True) as repo:
        entries, following = repo.audit()
        assert repo.audit(person_id=person)[0] == entries, "it outlives the person"
    assert following is None
    assert [(e.what, e.version) for e in reversed(entries)] == [
        ("person.created", None),
        ("name.added", 1),
        ("person.changed", None),
        ("introduction.heard", None),
        ("name.changed", 2),
        ("name.approved", 3),
        ("name.changed", 4),
        ("person.erased", None),
    ]
    assert {e.person_id for e in entries} == {person}
    assert [e.name_id for e in entries].count(name) == 5
    by = [(e.key_id, e.key_label, e.who) for e in entries]
    assert by == [(None, "", "")] + [("k_1", "studio", "mia")] * 7
    assert "Secret" not in str(entries)
    with store.transaction("robot", read_only=True) as repo:
        assert repo.audit() == ([], None), "another space"


def test_a_change_that_fails_leaves_no_line(store: Store) -> None:
    def fail() -> None:
        with store.transaction() as repo:
            add_person_and_name(repo)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with store.transaction(read_only=True) as repo:
        assert repo.audit() == ([], None)
    with store.transaction() as repo:
        repo.add_person("a", "A")
        with pytest.raises(NotFound):
            repo.delete_person("nobody")
    with store.transaction(read_only=True) as repo:
        assert [entry.what for entry in repo.audit()[0]] == ["person.created"]


def test_pages_and_retention(store: Store) -> None:
    with store.transaction() as repo:
        people = [repo.add_person(None, "A").id for _ in range(5)]
        middle = utc_now()
        people += [repo.add_person(None, "A").id for _ in range(2)]
        read, cursor = [], None
        while True:
            page, cursor = repo.audit(limit=3, cursor=cursor)
            read += page
            if cursor is None:
                break
        assert [entry.person_id for entry in read] == people[::-1]
        for limit in (0, 501):
            with pytest.raises(InvalidRequest):
                repo.audit(limit=limit)
        assert repo.audit(person_id="\0") == ([], None)
        assert repo.delete_audit(middle) == 5
        assert [entry.person_id for entry in repo.audit()[0]] == people[:4:-1]


def test_what_somebody_is_called_is_kept_within_bounds(store: Store) -> None:
    with acting(Actor("k_1", "a\nb\0", "x\u202e" + "y" * 500)), store.transaction() as repo:
        repo.add_person(None, "A")
        entry = repo.audit()[0][0]
    assert (entry.key_label, entry.who) == ("ab", "x" + "y" * 99)


def test_keys(store: Store) -> None:
    with store.transaction("museum", read_only=True) as repo:
        assert not repo.any_key()
    ends = utc_now() + timedelta(days=1)
    with store.transaction("museum") as repo:
        first = repo.add_key(new_key_id(), label="a", scopes=["read", "admin"], digest="d")
        second = repo.add_key(new_key_id(), label="b", scopes=["read"], digest="e", expires_at=ends)
        with pytest.raises(InvalidRequest, match="time zone"):
            repo.add_key("k", label="c", scopes=[], digest="f", expires_at=datetime(2026, 1, 1))
    with store.transaction("robot") as repo:
        assert repo.any_key()
        assert repo.keys() == []
        assert repo.keys(everywhere=True) == [first, second]
        assert repo.find_key(first.id) == first
        assert first.scopes == {"admin", "read"}
        assert repo.find_key("nothing") is repo.find_key("\0") is None
        for unknown in (first.id, "\0"):
            with pytest.raises(NotFound):
                repo.revoke_key(unknown)
    assert (second.state(), second.state(ends)) == ("active", "expired")
    with store.transaction("museum") as repo:
        revoked = repo.revoke_key(first.id)
        assert repo.revoke_key(first.id) == revoked, "once"
        log = [(entry.what, entry.subject_key_id) for entry in repo.audit()[0]]
    assert revoked.state() == "revoked"
    assert log == [
        ("key.revoked", first.id),
        ("key.created", second.id),
        ("key.created", first.id),
    ]
