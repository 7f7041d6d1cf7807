"""The review's list: what needs somebody first, on both databases."""

from __future__ import annotations

import pytest

from namemem.errors import InvalidRequest
from namemem.people import NameKind, Status
from namemem.phones import parse_ipa
from namemem.store import ReviewFilter


def add(repo, spelling, status=Status.HEARD, confidence=None, ipa="ˈænə", external_id=None):
    person = repo.add_person(external_id, spelling)
    repo.add_name(
        person.id,
        kind=NameKind.GIVEN,
        spelling=spelling,
        pronunciation=parse_ipa(ipa) if ipa else None,
        status=status,
        confidence=confidence,
        who="t",
        what="t",
    )


def spellings(repo, limit=50, offset=0, **wanted):
    rows, total = repo.review_rows(ReviewFilter(**wanted), limit=limit, offset=offset)
    return [n.spelling if n else p.display_name for p, n in rows], total


def test_order_and_filters(store):
    with store.transaction() as repo:
        add(repo, "Approved", Status.APPROVED, 0.1)
        add(repo, "Sure", confidence=0.9)
        add(repo, "Dóubtful", confidence=0.1, external_id="crm-7")
        add(repo, "Typed", Status.CORRECTED)
        add(repo, "Never said", ipa=None)
        repo.add_person("robot", "No name")
    with store.transaction("other") as repo:
        add(repo, "Elsewhere")
    with store.transaction(read_only=True) as repo:
        everybody = ["No name", "Never said", "Dóubtful", "Sure", "Typed", "Approved"]
        assert spellings(repo) == (everybody, 6)
        assert spellings(repo, limit=2, offset=2) == (everybody[2:4], 6)
        assert spellings(repo, q="doubt") == (["Dóubtful"], 1)
        assert spellings(repo, q="crm-7") == (["Dóubtful"], 1)
        assert spellings(repo, q="%") == ([], 0)
        assert spellings(repo, status=Status.APPROVED) == (["Approved"], 1)
        assert spellings(repo, at_least=0.5) == (["Sure"], 1)
        assert spellings(repo, below=0.5) == (["Dóubtful", "Approved"], 2)
        with pytest.raises(InvalidRequest):
            spellings(repo, limit=0)
