from __future__ import annotations

import pytest

from namemem.errors import NotFound, VersionConflict
from namemem.people import Name, NameKind, Status
from namemem.phones import parse_ipa
from namemem.store import Repository, Store

HEARD = parse_ipa("ʃɪˈvɔːn")
OTHER = parse_ipa("ʃəˈvɒn")


def add_siobhan(repo: Repository) -> Name:
    person = repo.add_person(None, "Siobhan")
    return repo.add_name(
        person.id,
        kind=NameKind.GIVEN,
        spelling="Siobhan",
        language="en-IE",
        pronunciation=HEARD,
        status=Status.HEARD,
        confidence=0.91,
        introduction_id="i_1",
        who="robot",
        what="heard",
        why="introduction i_1",
    )


def test_a_name_begins_in_version_1_with_its_history(store: Store) -> None:
    with store.transaction() as repo:
        name = add_siobhan(repo)
    with store.transaction() as repo:
        assert repo.name(name.person_id, name.id) == name
        assert repo.person(name.person_id).names == (name,)
        (entry,) = repo.history(name.id)
    assert (name.version, name.pronunciation, name.confidence) == (1, HEARD, 0.91)
    assert (entry.who, entry.what, entry.why) == ("robot", "heard", "introduction i_1")
    assert (entry.version, entry.pronunciation, entry.status) == (1, HEARD, Status.HEARD)
    assert entry.when.tzinfo is not None


def test_every_change_is_a_version_with_who_when_what_why(store: Store) -> None:
    with store.transaction() as repo:
        name = add_siobhan(repo)
    with store.transaction() as repo:
        second = repo.update_name(
            name.id,
            expected_version=1,
            who="dora",
            what="corrected",
            why="she said so",
            pronunciation=OTHER,
            status=Status.CORRECTED,
            confidence=None,
        )
    with store.transaction() as repo:
        third = repo.update_name(
            name.id,
            expected_version=2,
            who="dora",
            what="renamed",
            spelling="Siobhán",
            language=None,
            kind=NameKind.FULL,
        )
        assert repo.people(q="siobhan")[0][0].names == (third,)
    assert second.version == 2
    assert second.pronunciation == OTHER
    assert second.spelling == "Siobhan"
    assert third.version == 3
    assert (third.kind, third.language, third.confidence) == (NameKind.FULL, None, None)
    with store.transaction() as repo:
        history = repo.history(name.id)
        assert [h.version for h in history] == [1, 2, 3]
        assert [h.who for h in history] == ["robot", "dora", "dora"]
        assert [h.pronunciation for h in history] == [HEARD, OTHER, OTHER]
        assert history[0].when < history[1].when < history[2].when
        assert repo.name_version(name.id, 1) == history[0]
        assert repo.person(name.person_id).updated_at >= history[2].when
        with pytest.raises(NotFound, match="version 4"):
            repo.name_version(name.id, 4)


def test_an_old_version_is_refused_and_changes_nothing(store: Store) -> None:
    with store.transaction() as repo:
        name = add_siobhan(repo)
        new = repo.update_name(
            name.id, expected_version=1, who="a", what="approved", status=Status.APPROVED
        )
    for stale in (1, 3, 0):
        with pytest.raises(VersionConflict) as caught, store.transaction() as repo:
            repo.update_name(name.id, expected_version=stale, who="b", what="x", spelling="X")
        assert caught.value.details["current_version"] == 2
    with store.transaction() as repo:
        assert repo.name(name.person_id, name.id) == new
        assert len(repo.history(name.id)) == 2


def test_a_suggestion_leaves_the_approved_pronunciation(store: Store) -> None:
    with store.transaction() as repo:
        name = add_siobhan(repo)
        offered = repo.set_suggestion(name.id, OTHER, who="robot", why="introduction i_2")
        assert (offered.pronunciation, offered.suggestion, offered.version) == (HEARD, OTHER, 2)
        assert repo.set_suggestion(name.id, OTHER, who="robot") == offered
        assert len(repo.history(name.id)) == 2
        gone = repo.set_suggestion(name.id, None, who="dora", what="declined")
        assert (gone.suggestion, gone.version) == (None, 3)
        assert [h.what for h in repo.history(name.id)] == ["heard", "suggested", "declined"]


def test_a_name_belongs_to_its_person(store: Store) -> None:
    with store.transaction() as repo:
        name = add_siobhan(repo)
        other = repo.add_person(None, "Bob")
        with pytest.raises(NotFound, match="no name"):
            repo.name(other.id, name.id)
        with pytest.raises(NotFound, match="n_none"):
            repo.name(name.person_id, "n_none")
        with pytest.raises(NotFound, match="n_none"):
            repo.update_name("n_none", expected_version=1, who="a", what="x")
        with pytest.raises(NotFound, match="p_none"):
            repo.add_name(
                "p_none",
                kind=NameKind.GIVEN,
                spelling="X",
                status=Status.HEARD,
                who="a",
                what="x",
            )
