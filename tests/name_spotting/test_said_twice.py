"""Who says a name twice has one name."""

from __future__ import annotations

import pytest

from namemem.name_spotting import spot


@pytest.mark.parametrize(
    ("text", "asked", "name"),
    [
        ("robert robert", True, "robert"),
        ("Robert. Robert.", True, "Robert"),
        ("robert smith robert smith", True, "robert smith"),
        ("leo leo leo", True, "leo"),
        ("my name is robert robert", False, "robert"),
        ("My name is Robert. My name is Robert.", False, "Robert"),
        ("my name is robert thank you thank you", False, "robert"),
        ("Robert Robert! Nice to meet you.", True, "Robert"),
        ("Boutros Boutros-Ghali", True, "Boutros Boutros-Ghali"),
        ("My name is Mimi.", False, "Mimi"),
        ("私の名前は美美です", False, "美美"),
        ("my name is lolo l o l o", False, "Lolo"),
        ("thank you thank you", True, None),
        ("no no", True, None),
    ],
)
def test_said_twice(text: str, asked: bool, name: str | None) -> None:
    own = spot(text, asked=asked).own
    assert (own.text if own else None) == name
    if own is not None and own.spelling_source != "spelled_aloud":
        assert text[own.start : own.end] == name
