"""What a character does next."""

from __future__ import annotations

import pytest

from namemem.dialogue import CONFIRM_FROM, GREET_FROM, next_step


@pytest.mark.parametrize(
    ("confidence", "action"),
    [
        (1.0, "greet"),
        (GREET_FROM, "greet"),
        (GREET_FROM - 0.001, "confirm"),
        (CONFIRM_FROM, "confirm"),
        (CONFIRM_FROM - 0.001, "ask_again"),
        (0.0, "ask_again"),
    ],
)
def test_confidence_decides(confidence, action):
    step = next_step(confidence)
    assert step.action == action
    assert step.reason.startswith("Confidence")
    assert ("{name}" in step.line) == (action != "ask_again")


def test_somebody_agreed():
    assert next_step(0.0, settled=True).action == "greet"


def test_nothing_left_beats_everything():
    assert next_step(1.0, settled=True, exhausted=True).action == "ask_again"


@pytest.mark.parametrize(
    ("language", "greeting"),
    [("de-AT", "Schön"), ("FR", "Enchanté"), ("es-419", "¡Mucho"), ("it", "Piacere"),
     ("en-IE", "Nice"), ("tlh", "Nice"), (None, "Nice"), ("", "Nice")],
)  # fmt: skip
def test_lines_in_the_language_of_the_conversation(language, greeting):
    assert next_step(0.9, language=language).line.startswith(greeting)
