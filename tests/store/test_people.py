from __future__ import annotations

from datetime import UTC, datetime

import pytest

from namemem.errors import Conflict, InvalidRequest, NotFound, StoreUnavailable
from namemem.people import NameKind, Status
from namemem.store import Repository, Store


def add(
    repo: Repository, display_name: str, *spellings: str, external_id: str | None = None
) -> str:
    person = repo.add_person(external_id, display_name)
    for spelling in spellings:
        repo.add_name(
            person.id,
            kind=NameKind.GIVEN,
            spelling=spelling,
            status=Status.HEARD,
            who="test",
            what="added",
        )
    return person.id


def test_a_person_is_remembered(store: Store) -> None:
    before = datetime.now(UTC)
    with store.transaction() as repo:
        added = repo.add_person("alice-1", "Alice ☃ 愛")
    with store.transaction(read_only=True) as repo:
        assert repo.person(added.id) == added
        assert repo.person_by_external_id("alice-1") == added
        assert repo.find_person_by_external_id("bob") is None
    assert added.id.startswith("p_")
    assert added.space == "default"
    assert added.created_at.tzinfo is UTC
    assert (added.created_at - before).total_seconds() < 60


def test_spaces_do_not_see_each_other(store: Store) -> None:
    with store.transaction("robot") as repo:
        theirs = add(repo, "Alice", "Alice", external_id="a")
        name_id = repo.person(theirs).names[0].id
    with store.transaction("kiosk") as repo:
        repo.add_person("a", "Another Alice")
        for ask in (
            lambda: repo.person(theirs),
            lambda: repo.name(theirs, name_id),
            lambda: repo.history(name_id),
            lambda: repo.delete_person(theirs),
            lambda: repo.update_person(theirs, display_name="x"),
            lambda: repo.export_person(theirs),
            lambda: repo.introductions(theirs),
        ):
            with pytest.raises(NotFound):
                ask()
        assert [p.display_name for p in repo.people()[0]] == ["Another Alice"]
        assert [p.display_name for p in repo.all_people_iter()] == ["Another Alice"]
        assert repo.name_counts()[Status.HEARD] == 0


def test_not_found_names_what_is_missing(store: Store) -> None:
    with store.transaction() as repo:
        with pytest.raises(NotFound, match="p_nobody"):
            repo.person("p_nobody")
        with pytest.raises(NotFound, match="carol-7"):
            repo.person_by_external_id("carol-7")


def test_an_external_id_is_taken_once(store: Store) -> None:
    with store.transaction() as repo:
        first = repo.add_person("a", "One")
        second = repo.add_person(None, "Two")
        repo.add_person(None, "Three")
        with pytest.raises(Conflict) as caught:
            repo.add_person("a", "Four")
        assert caught.value.details["external_id"] == "a"
        with pytest.raises(Conflict):
            repo.update_person(second.id, external_id="a")
        # The transaction goes on, and nothing of the refused changes is in it.
        assert repo.person(second.id) == second
        assert repo.get_or_add_person("a", "Five") == (first, False)
        made, was_made = repo.get_or_add_person("b", "Six")
        assert was_made
    with store.transaction() as repo:
        assert [p.display_name for p in repo.people()[0]] == ["Six", "Three", "Two", "One"]
        assert repo.person(made.id).external_id == "b"


def test_updating_a_person(store: Store) -> None:
    with store.transaction() as repo:
        person = repo.add_person("a", "One")
    with store.transaction() as repo:
        changed = repo.update_person(person.id, display_name="Uno")
        assert (changed.display_name, changed.external_id) == ("Uno", "a")
        assert changed.updated_at > person.updated_at
        assert repo.update_person(person.id, external_id=None).external_id is None
        assert repo.people(q="uno")[0] == [repo.person(person.id)]
        assert repo.people(q="one")[0] == []


def test_pages_newest_first_stay_whole_while_people_come(store: Store) -> None:
    with store.transaction() as repo:
        ids = [add(repo, f"Person {i}") for i in range(25)]
    seen: list[str] = []
    cursor = None
    for _ in range(10):
        with store.transaction() as repo:
            page, cursor = repo.people(limit=7, cursor=cursor)
            add(repo, "Newcomer")
        seen += [p.id for p in page]
        if cursor is None:
            break
    assert seen == ids[::-1]


def test_everybody_is_iterated_over(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("namemem.store.people_queries._CHUNK", 4)
    with store.transaction() as repo:
        ids = [add(repo, f"Person {i}", "A", "B") for i in range(12)]
        people = list(repo.all_people_iter())
    assert [p.id for p in people] == ids[::-1]
    assert all([n.spelling for n in p.names] == ["A", "B"] for p in people)


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("siobhan", ["Siobhán Ní"]),
        ("SIOBHÁN", ["Siobhán Ní"]),
        ("åsa", ["ÅSA"]),
        ("100%", ["100%_sure"]),
        ("%", ["100%_sure"]),
        ("_", ["100%_sure"]),
        ("\\", []),
        ("/", []),
        ("weiss", ["Bob"]),
        ("EXT-7", ["Bob"]),
        ("nobody", []),
    ],
)
def test_searching(store: Store, q: str, found: list[str]) -> None:
    with store.transaction() as repo:
        add(repo, "Siobhán Ní")
        add(repo, "ÅSA")
        add(repo, "100%_sure")
        add(repo, "Bob", "Weiß", external_id="ext-7")
        assert [p.display_name for p in repo.people(q=q)[0]] == found


def test_searching_by_status(store: Store) -> None:
    with store.transaction() as repo:
        person = repo.person(add(repo, "A", "A", "B"))
        add(repo, "B", "B")
        repo.update_name(
            person.names[0].id,
            expected_version=1,
            who="t",
            what="approved",
            status=Status.APPROVED,
        )
        assert [p.id for p in repo.people(status=Status.APPROVED)[0]] == [person.id]
        assert len(repo.people(status=Status.HEARD)[0]) == 2
        assert repo.people(status=Status.CONFIRMED) == ([], None)
        assert repo.name_counts() == {
            Status.HEARD: 2,
            Status.CONFIRMED: 0,
            Status.CORRECTED: 0,
            Status.APPROVED: 1,
        }


@pytest.mark.parametrize("cursor", ["", "x", "é", "bnVsbA", "WzEsMl0", "[" * 99, "W10", "a" * 9])
def test_a_wrong_cursor_is_the_callers_mistake(store: Store, cursor: str) -> None:
    with store.transaction() as repo, pytest.raises(InvalidRequest):
        repo.people(cursor=cursor)


@pytest.mark.parametrize("limit", [0, -1, 501])
def test_a_wrong_limit_is_the_callers_mistake(store: Store, limit: int) -> None:
    with store.transaction() as repo, pytest.raises(InvalidRequest):
        repo.people(limit=limit)


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "x" * 501])
def test_what_no_database_keeps_is_refused(store: Store, text: str) -> None:
    with store.transaction() as repo:
        person = repo.add_person(None, "Alice")
        for ask in (
            lambda: repo.add_person(None, text),
            lambda: repo.add_person(text, "Alice"),
            lambda: repo.update_person(person.id, display_name=text),
            lambda: repo.people(q=text),
            lambda: add(repo, "Bob", text),
        ):
            with pytest.raises(InvalidRequest):
                ask()
        for look in (
            lambda: repo.person(text),
            lambda: repo.person_by_external_id(text),
            lambda: repo.name(person.id, text),
            lambda: repo.introduction(text),
        ):
            with pytest.raises(NotFound):
                look()
        assert repo.find_person_by_external_id(text) is None


def test_hostile_text_is_only_text(store: Store) -> None:
    hostile = ["'; DROP TABLE people; --", "<speak>&", "\u202eevil", "𝕬" * 100, "%s :x ? {}", "\n"]
    with store.transaction() as repo:
        ids = [add(repo, text, text, external_id=text) for text in hostile]
    with store.transaction() as repo:
        for person_id, text in zip(ids, hostile, strict=True):
            person = repo.person_by_external_id(text)
            assert (person.id, person.display_name, person.names[0].spelling) == (
                person_id,
                text,
                text,
            )


def test_the_longest_values_fit(store: Store) -> None:
    with store.transaction() as repo:
        person_id = add(repo, "愛" * 500, "𝕬" * 500, external_id="𝕬" * 255)
        assert len(repo.person(person_id).names[0].spelling) == 500


def test_an_error_takes_everything_back(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.transaction() as repo:  # noqa: PT012
        repo.add_person("a", "Alice")
        raise ZeroDivisionError
    with store.transaction() as repo:
        assert repo.people() == ([], None)


def test_a_reading_transaction_cannot_write(store: Store) -> None:
    with (
        pytest.raises(StoreUnavailable, match="cannot be written"),
        store.transaction(read_only=True) as repo,
    ):
        repo.add_person("a", "Alice")
    with store.transaction() as repo:
        repo.add_person("a", "Alice")
