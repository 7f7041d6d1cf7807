"""Request ids and how long a caller waits."""

from __future__ import annotations

import pytest

from namemem.observing.notes import request_id_of, wait_of


@pytest.mark.parametrize(
    "sane",
    [
        "0b5ad1f2-6a0c-4a0f-9f36-6d1c5d6d0f11",
        "0123456789abcdef",
        "DEADBEEF" * 8,
        "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    ],
)
def test_ids_that_are_taken(sane):
    assert request_id_of(sane) == sane


@pytest.mark.parametrize(
    "odd",
    [None, "", "Siobhan", "siobhan-murphy-1990", "abc", "a" * 65, "0123456789abcdef\nforged",
     "SIOBHANMVRPHYSIOBHANMVRPHY", "../../etc/passwd", "0123456789abcdeg"],
)  # fmt: skip
def test_ids_that_are_not(odd):
    made = request_id_of(odd)
    assert made != odd
    assert len(made) == 32
    assert made != request_id_of(odd)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("wait=2", 2.0),
        ("Wait=0.25", 0.25),
        ('respond-async, wait="10"', 10.0),
        ("wait=5; why=because", 5.0),
        ("wait=999999", 3600.0),
        ("wait", None),
        ("wait=-1", None),
        ("wait=1e9", None),
        ("wait=nan", None),
        ("wait=٣", None),
        ("return=minimal", None),
        ("", None),
        (None, None),
    ],
)
def test_how_long_a_caller_waits(header, seconds):
    assert wait_of(header) == seconds
