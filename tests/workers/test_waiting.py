"""Whose turn it is; no processes, no clocks."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namemem.workers.waiting import WaitingRoom


def fill(room: WaitingRoom[str], names: str, size: int = 100) -> None:
    for name in names.split():
        assert room.admit(name[0], name, size) == (True, None)


def drain(room: WaitingRoom[str]) -> str:
    taken = []
    while (item := room.take()) is not None:
        taken.append(item)
    return " ".join(taken)


@pytest.mark.parametrize(
    ("comes", "heard"),
    [
        ("a1 a2 a3", "a1 a2 a3"),
        ("a1 a2 a3 a4 b1", "a1 b1 a2 a3 a4"),
        ("a1 a2 a3 b1 b2 c1", "a1 b1 c1 a2 b2 a3"),
        ("", ""),
    ],
)
def test_spaces_take_turns(comes, heard):
    room: WaitingRoom[str] = WaitingRoom()
    fill(room, comes)
    assert drain(room) == heard
    assert len(room) == 0


def test_who_was_just_heard_waits_for_the_others():
    room: WaitingRoom[str] = WaitingRoom()
    fill(room, "a1 a2 b1")
    assert room.take() == "a1"
    fill(room, "a3 c1")
    assert drain(room) == "b1 a2 c1 a3"


def test_full_room():
    room: WaitingRoom[str] = WaitingRoom()
    fill(room, "a1 a2 a3 b1", 4)
    assert room.admit("a", "a4", 4) == (False, None)
    assert room.admit("c", "c1", 4) == (True, "a3")
    assert room.admit("c", "c2", 4) == (False, None)  # a has two, c would have two
    assert room.admit("d", "d1", 4) == (True, "a2")
    assert room.admit("e", "e1", 4) == (False, None)  # one each
    assert drain(room) == "a1 b1 c1 d1"
    assert room.admit("a", "a5", 0) == (False, None)


def test_back_to_the_front():
    room: WaitingRoom[str] = WaitingRoom()
    fill(room, "a1 a2 b1")
    taken = room.take()
    assert taken == "a1"
    room.put_first("a", taken)
    assert drain(room) == "a1 b1 a2"


def test_leaving():
    room: WaitingRoom[str] = WaitingRoom()
    fill(room, "a1 a2 b1")
    assert room.remove("b", "b1")
    assert not room.remove("b", "b1")
    assert not room.remove("c", "c1")
    assert room.waiting("a") == 2
    assert room.empty() == ["a1", "a2"]
    assert room.take() is None


@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.booleans()), max_size=60),
    st.integers(min_value=1, max_value=8),
)
def test_whoever_wants_in_gets_a_part(steps, size):
    """Nobody is refused while another space has two more waiting; nothing is lost or doubled."""
    room: WaitingRoom[tuple[str, int]] = WaitingRoom()
    numbers = count()
    inside: set[tuple[str, int]] = set()
    for space, comes in steps:
        if not comes:
            taken = room.take()
            assert (taken is None) == (not inside)
            inside.discard(taken)
            continue
        item = (space, next(numbers))
        admitted, pushed_out = room.admit(space, item, size)
        if admitted:
            inside.add(item)
        else:
            most = max(room.waiting(other) for other in "abcd")
            assert len(inside) == size
            assert most <= room.waiting(space) + 1
        if pushed_out is not None:
            inside.remove(pushed_out)
        assert len(room) == len(inside) <= size
    assert set(room.empty()) == inside
