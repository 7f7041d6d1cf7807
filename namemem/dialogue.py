"""What a character does next in the conversation: greet, ask whether it was right, ask again."""

from __future__ import annotations

from dataclasses import dataclass

GREET_FROM = 0.75
"""From this confidence on, the character just uses the name."""
CONFIRM_FROM = 0.15
"""From this confidence on, it asks "Did I say that right?"; below, it asks for the name again."""

# {name} stands where the name is spoken.
_LINES: dict[str, dict[str, str]] = {
    "en": {
        "greet": "Nice to meet you, {name}!",
        "confirm": "{name}. Did I say that right?",
        "ask_again": "Sorry, could you say your name once more?",
    },
    "de": {
        "greet": "Schön, dich kennenzulernen, {name}!",
        "confirm": "{name}. Habe ich das richtig gesagt?",
        "ask_again": "Entschuldigung, sagst du mir deinen Namen noch einmal?",
    },
    "fr": {
        "greet": "Enchanté, {name} !",
        "confirm": "{name}. Est-ce que je l'ai bien dit ?",
        "ask_again": "Pardon, peux-tu me redire ton nom ?",
    },
    "es": {
        "greet": "¡Mucho gusto, {name}!",
        "confirm": "{name}. ¿Lo he dicho bien?",
        "ask_again": "Perdona, ¿puedes decirme tu nombre otra vez?",
    },
    "it": {
        "greet": "Piacere di conoscerti, {name}!",
        "confirm": "{name}. L'ho detto bene?",
        "ask_again": "Scusa, puoi ripetere il tuo nome?",
    },
}


@dataclass(frozen=True, slots=True)
class NextStep:
    """`action` is `greet`, `confirm` or `ask_again`; `line` has `{name}` where the name goes."""

    action: str
    line: str
    reason: str


def next_step(
    confidence: float,
    *,
    language: str | None = None,
    settled: bool = False,
    exhausted: bool = False,
    replaces: str | None = None,
    refused: bool = False,
) -> NextStep:
    """Decides from the confidence of the answer.

    Args:
        confidence: calibrated probability in [0, 1] that the answer is right.
        language: BCP 47 of the conversation; English where we have no line for it.
        settled: somebody has agreed to the pronunciation already.
        exhausted: every plausible reading was refused.
        replaces: the agreed name that this one would take the place of.
        refused: another answer was refused before, so this one is asked about however sure it is.
    """
    lines = _LINES.get((language or "en").split("-")[0].casefold(), _LINES["en"])
    if exhausted:
        action, reason = "ask_again", "Nothing plausible is left. Ask for another take."
    elif replaces is not None and confidence >= CONFIRM_FROM:
        action = "confirm"
        reason = f"They are known as {replaces}; ask before that is changed."
    elif settled:
        action, reason = "greet", "Somebody has agreed to this pronunciation."
    elif refused and confidence >= CONFIRM_FROM:
        action, reason = "confirm", "Another answer was refused; ask before this one is used."
    elif confidence >= GREET_FROM:
        action, reason = "greet", f"Confidence {confidence:.2f} is high enough to use the name."
    elif confidence >= CONFIRM_FROM:
        action, reason = "confirm", f"Confidence {confidence:.2f}: say it and ask."
    else:
        action, reason = "ask_again", f"Confidence {confidence:.2f} is too low to say the name."
    return NextStep(action, lines[action], reason)
