"""`NamesInText`: known names found in plain text and written as one TTS wants them."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from typing import Any

from namemem.errors import InvalidRequest
from namemem.phones import parse_ipa
from namemem.tts import get_target
from namemem.tts.sentences import (
    APOSTROPHES,
    Literal,
    SpokenName,
    find_names,
    render_sentence,
)
from namemem.tts.voices import Voice

_ENDINGS = ("", *(mark + s for mark in APOSTROPHES for s in "sS"))
_LONGEST_WAIT = 400  # characters that are held back at most


class NamesInText:
    """Writes text for one voice, with the names that are known in it as they are said.

    Names are found as whole words in their very case; a possessive (Siobhan's) belongs to its
    name; of names inside each other the longest is taken. Safe to use from several threads.

    Args:
        target: as in `GET /v1/targets`; `respelling` works with every voice.
        names: spelling → IPA. More come by `learn`.
        voice, model, locale: of the target, where the form depends on it.

    Raises:
        UnknownTarget, UnknownVoice.
        InvalidRequest: the target does not carry pronunciations in the text (Rime's Coda has
            them in a lexicon beside it).
        InvalidPronunciation: an IPA that is none.
    """

    def __init__(
        self,
        target: str,
        *,
        names: Mapping[str, str] | None = None,
        voice: str | None = None,
        model: str | None = None,
        locale: str | None = None,
    ) -> None:
        self.target = get_target(target)
        self.voice = Voice(voice, model, locale)
        self._lock = threading.Lock()
        self._names: dict[str, SpokenName] = {}
        example = self.target.render_name("Siobhan", parse_ipa("ʃɪˈvɔːn"), self.voice)
        if example.alphabet != "respelling" and self.target.inline(example) == self.target.escape(
            "Siobhan"
        ):
            raise InvalidRequest(
                f"{self.target.title} takes pronunciations beside the text, not in it. Send it a "
                f"lexicon, or use the target `respelling`.",
                target=self.target.name,
            )
        for spelling, ipa in (names or {}).items():
            self.learn(spelling, ipa)

    @property
    def spellings(self) -> tuple[str, ...]:
        """The names that are known."""
        with self._lock:
            return tuple(self._names)

    def learn(self, spelling: str, ipa: str) -> None:
        """From now on this name is said so. Raises `InvalidPronunciation`."""
        known = SpokenName(spelling.strip(), parse_ipa(ipa))
        if known.text:
            with self._lock:
                self._names = {**self._names, known.text: known}

    def learn_introduction(self, body: Mapping[str, Any]) -> None:
        """The name that was just heard: the body of `POST /v1/introductions`."""
        name = body["name"]
        self.learn(name["spelling"] or "", name["ipa"])

    def forget(self, spelling: str) -> None:
        """The voice reads this name as it likes again."""
        with self._lock:
            self._names = {k: v for k, v in self._names.items() if k != spelling.strip()}

    def replace(self, names: Mapping[str, str]) -> None:
        """Exactly these names are known. Raises `InvalidPronunciation`, and changes nothing."""
        known = {
            spelling.strip(): SpokenName(spelling.strip(), parse_ipa(ipa))
            for spelling, ipa in names.items()
            if spelling.strip()
        }
        with self._lock:
            self._names = known

    def insert(self, text: str) -> str:
        """The text with its names as markup, for a caller that makes the frame itself.

        The rest is escaped as the target wants it.
        """
        return self._render(text, whole=False)

    def document(self, text: str) -> str:
        """The text with its names, ready to be sent: `<speak>…</speak>` where the target has it."""
        return self._render(text, whole=True)

    def stream(self) -> NameStream:
        """For text that comes in pieces."""
        return NameStream(self)

    def _render(self, text: str, *, whole: bool) -> str:
        with self._lock:
            known = self._names
        parts = find_names([Literal(text)], {("external", one): one for one in known})
        spoken = {("external", one): name for one, name in known.items()}
        return render_sentence(self.target, parts, spoken, self.voice, whole=whole).markup

    def settled(self, text: str) -> int:
        """How much of a text that goes on is sure: no name begins before there and ends after."""
        with self._lock:
            known = self._names
        sure = len(text) - len(re.split(r"\s", text)[-1])  # the last word may go on
        held = [name + ending for name in known for ending in _ENDINGS]
        longest = max(map(len, held), default=0)
        for start in range(max(0, sure - longest), sure):
            begins = start == 0 or not re.match(r"\w", text[start - 1])
            if begins and any(
                name.startswith(text[start:])  # it may go on
                or (text.startswith(name, start) and start + len(name) > sure)  # it is there
                for name in held
            ):
                sure = start
                break
        return sure if len(text) - sure <= _LONGEST_WAIT else len(text)


class NameStream:
    """Text in pieces of any size (an LLM's tokens) to markup, never cutting a name in two.

    What might still become a name is held back: at most the last word, or the beginning of a
    name of several words.
    """

    def __init__(self, names: NamesInText) -> None:
        self._names = names
        self._held = ""

    def feed(self, text: str) -> str:
        """What can be spoken by now; may be empty."""
        self._held += text
        sure = self._names.settled(self._held)
        ready, self._held = self._held[:sure], self._held[sure:]
        return self._names.insert(ready) if ready else ""

    def flush(self) -> str:
        """The rest; nothing more comes."""
        ready, self._held = self._held, ""
        return self._names.insert(ready) if ready else ""
