from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from plugins.examples import make_hearing

from namemem.errors import NamememError, StoreUnavailable, VersionConflict
from namemem.people import NameKind, Status
from namemem.store import Repository, Store


def at_once(*works: Callable[[], object]) -> list[object]:
    """What each returned or raised, all begun at the same moment."""
    barrier = threading.Barrier(len(works))
    results: list[object] = [None] * len(works)

    def run(i: int) -> None:
        barrier.wait()
        try:
            results[i] = works[i]()
        except NamememError as error:
            results[i] = error

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def add_name(repo: Repository, spelling: str = "Anna") -> str:
    person = repo.add_person(None, spelling)
    return repo.add_name(
        person.id, kind=NameKind.GIVEN, spelling=spelling, status=Status.HEARD, who="a", what="b"
    ).id


def test_of_two_who_change_a_name_one_wins(store: Store) -> None:
    for _ in range(15):
        with store.transaction() as repo:
            name_id = add_name(repo)

        def change(spelling: str, name_id: str = name_id) -> str:
            with store.transaction() as repo:
                repo.update_name(
                    name_id, expected_version=1, who=spelling, what="x", spelling=spelling
                )
            return spelling

        results = at_once(lambda: change("one"), lambda: change("two"))
        (winner,) = [r for r in results if isinstance(r, str)]
        (conflict,) = [r for r in results if isinstance(r, VersionConflict)]
        assert conflict.details["current_version"] == 2
        with store.transaction() as repo:
            assert [h.who for h in repo.history(name_id)] == ["a", winner]


def test_of_two_who_reject_one_wins(store: Store) -> None:
    for _ in range(10):
        with store.transaction() as repo:
            name_id = add_name(repo)
            (person,) = [p for p in repo.people()[0] if p.names[0].id == name_id]
            read = repo.add_introduction(
                person_id=person.id, name_id=name_id, hearing=make_hearing()
            )

        def reject(spelling: str, read: object = read) -> str:
            with store.transaction() as repo:
                repo.update_introduction(
                    read.id,  # type: ignore[attr-defined]
                    expected=read,  # type: ignore[arg-type]
                    hearing=make_hearing(spelling),
                )
            return spelling

        results = at_once(lambda: reject("one"), lambda: reject("two"))
        assert sorted(type(r) is str for r in results) == [False, True]
        assert any(isinstance(r, VersionConflict) for r in results)


def test_suggestions_at_once_all_count(store: Store) -> None:
    with store.transaction() as repo:
        name_id = add_name(repo)

    def suggest(ipa: str) -> None:
        with store.transaction() as repo:
            repo.set_suggestion(name_id, make_hearing("", ipa).chosen.pronunciation, who=ipa)

    texts = ["ana", "ena", "ina", "ona"]
    assert at_once(*[lambda t=t: suggest(t) for t in texts]) == [None] * 4  # type: ignore[misc]
    with store.transaction() as repo:
        history = repo.history(name_id)
    assert [h.version for h in history] == [1, 2, 3, 4, 5]
    assert sorted(h.who for h in history[1:]) == texts


def test_the_same_stranger_twice_at_once_is_one_person(store: Store) -> None:
    for i in range(10):

        def come(external_id: str = f"ext-{i}") -> tuple[str, bool]:
            with store.transaction() as repo:
                person, made = repo.get_or_add_person(external_id, "X")
            return person.id, made

        results = at_once(come, come)
        assert len({r[0] for r in results}) == 1  # type: ignore[index]
        assert sorted(r[1] for r in results) == [False, True]  # type: ignore[index]


def test_eight_writers_and_four_readers_meet_no_lock(store: Store) -> None:
    each = 25

    def write(who: int) -> int:
        for i in range(each):
            with store.transaction() as repo:
                repo.people(limit=1)  # reads first: the classic way to a lock error
                add_name(repo, f"{who}-{i}")
        return each

    def read() -> int:
        for _ in range(each):
            with store.transaction(read_only=True) as repo:
                assert all(p.names for p in repo.people()[0])
        return 0

    works = [lambda w=w: write(w) for w in range(8)] + [read] * 4  # type: ignore[misc]
    assert sum(at_once(*works)) == 8 * each  # type: ignore[arg-type]
    with store.transaction(read_only=True) as repo:
        assert sum(1 for _ in repo.all_people_iter()) == 8 * each


def test_readers_do_not_wait_for_a_writer(store: Store) -> None:
    with store.transaction() as repo:
        add_name(repo)
    with store.transaction() as writer:
        add_name(writer, "Second")
        with store.transaction(read_only=True) as reader:
            assert len(reader.people()[0]) == 1


def test_a_writer_that_waits_too_long_is_told_so(store: Store, database_url: str) -> None:
    with store.transaction() as repo:
        name_id = add_name(repo)
    hasty = Store(database_url, timeout_seconds=0.2)
    with store.transaction() as repo:
        repo.update_name(name_id, expected_version=1, who="a", what="x")
        with pytest.raises(StoreUnavailable) as caught, hasty.transaction() as other:
            other.update_name(name_id, expected_version=1, who="b", what="x")
        assert caught.value.details["reason"] == "busy"
    with hasty.transaction() as other:  # and it works again afterwards
        assert other.update_name(name_id, expected_version=2, who="b", what="x").version == 3
    hasty.close()
