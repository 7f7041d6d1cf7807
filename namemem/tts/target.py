"""`Target`, what every text-to-speech system is to namemem, and `Rendering`, what it gives."""

from __future__ import annotations

import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from namemem.errors import UnknownTarget
from namemem.phones import Pronunciation
from namemem.phones.conversion import Conversion, Substitution
from namemem.phones.fitting import Grade, grade
from namemem.phones.respelling import READERS, to_respelling
from namemem.tts.endings import possessive
from namemem.tts.voices import AnyVoice, Voice, known_models, locale_of, model_of


@dataclass(frozen=True, slots=True)
class Rendering:
    """A name as one target accepts it.

    Attributes:
        target: name of the target.
        alphabet: what `phones` is written in, such as `ipa`.
        text: the spelling, without characters that no markup may hold.
        markup: what stands for the name in a text for the target.
        phones: the pronunciation in the target's symbols.
        ipa: the pronunciation that was asked for, NFC.
        substitutions: units that the target does not have, and what stands in for each.
        spoken: IPA of what `phones` says, NFC, where the target's inventory tells; else empty.
        grade: whether that is still a fair rendering of the name.
        locale: whose phones were used, where the target has several.
        notes: what the caller should know: a fallback, something unverified; a sentence each.
    """

    target: str
    alphabet: str
    text: str
    markup: str
    phones: str
    ipa: str
    substitutions: tuple[Substitution, ...] = ()
    spoken: str = ""
    grade: Grade = Grade.EXACT
    locale: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def exact(self) -> bool:
        """Nothing was substituted or left out."""
        return not self.substitutions

    @property
    def unsupported(self) -> tuple[str, ...]:
        """IPA of what nothing could stand in for."""
        return tuple(s.source for s in self.substitutions if not s.target)

    def as_dict(self) -> dict[str, object]:
        """The rendering in the words of the HTTP contract, JSON-serialisable."""
        return {
            "target": self.target,
            "alphabet": self.alphabet,
            "text": self.text,
            "markup": self.markup,
            "phones": self.phones,
            "ipa": self.ipa,
            "exact": self.exact,
            "substitutions": [
                {"from": s.source, "to": s.target, "position": s.position, "cost": s.cost}
                for s in self.substitutions
            ],
            "unsupported": list(self.unsupported),
            "grade": self.grade.value,
            "spoken": self.spoken,
            "locale": self.locale,
            "notes": list(self.notes),
        }


def clean(text: str) -> str:
    """`text` without what no markup may hold: controls, lone surrogates, noncharacters.

    Tabs and line ends become spaces. Everything that is spoken stays as it is, emoji and
    right-to-left text included.
    """
    out = []
    for char in text:
        code = ord(char)
        if char in "\t\n\r\x0b\x0c\x85\u2028\u2029":
            out.append(" ")
        elif unicodedata.category(char) in ("Cc", "Cs") or code & 0xFFFE == 0xFFFE:
            continue
        elif not 0xFDD0 <= code <= 0xFDEF:
            out.append(char)
    return "".join(out)


class Target(ABC):
    """One text-to-speech system (or family of them). Stateless; one instance serves all threads.

    Class attributes:
        name: as callers write it.
        title: for people.
        alphabets: what it can write phones in; the first is the default.
        syntax: the inline form, with `…` for what varies.
        limits: what is known not to work, a sentence each.
        source: where that is documented.
        verified: True where the engine itself has been run on our output; False where it rests on
            the vendor's documentation alone.
        unverified: what could not even be found in the vendor's documentation, a sentence each.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    alphabets: ClassVar[tuple[str, ...]]
    syntax: ClassVar[str]
    limits: ClassVar[tuple[str, ...]] = ()
    source: ClassVar[str]
    verified: ClassVar[bool] = False
    unverified: ClassVar[tuple[str, ...]] = ()

    def __init__(self, alphabet: str | None = None) -> None:
        """Args: alphabet: one of `alphabets`; the first by default.

        Raises:
            UnknownTarget: the target cannot be written in that alphabet.
        """
        if alphabet is not None and alphabet not in self.alphabets:
            raise UnknownTarget(
                f"The target {self.name!r} has no alphabet {alphabet!r}; "
                f"it has: {', '.join(self.alphabets)}.",
                target=self.name,
                known=list(self.alphabets),
            )
        self.alphabet = alphabet or self.alphabets[0]

    @abstractmethod
    def phones(self, pronunciation: Pronunciation, voice: AnyVoice = None) -> Conversion:
        """The pronunciation in the target's symbols.

        Raises:
            UnknownVoice: the symbols depend on the voice and nothing is known of this one.
        """

    @abstractmethod
    def markup(self, text: str, pronunciation: Pronunciation, phones: str, voice: AnyVoice) -> str:
        """What stands for the name; `text` is clean but not escaped."""

    @abstractmethod
    def escape(self, text: str) -> str:
        """Plain text around names, made safe: nothing in it is read as markup."""

    def inline(self, rendering: Rendering, before: str = "") -> str:
        """What stands for the name inside a sentence, after the markup `before`."""
        return rendering.markup

    def is_word(self, rendering: Rendering) -> bool:
        """Whether a name stands in a sentence as a word that letters right beside it would change.

        A respelling does, and a word that a lexicon explains.
        """
        return rendering.alphabet == "respelling"

    def wrap(self, markup: str, voice: AnyVoice = None) -> str:
        """A full utterance around names and escaped text; as it is for targets without frame."""
        return markup

    def assemble(self, markup: str, names: Sequence[Rendering], voice: AnyVoice = None) -> str:
        """A sentence ready to be sent, from its inner markup and the names in it."""
        return self.wrap(markup, voice)

    def alphabet_of(self, voice: Voice) -> str:
        """What the phones are written in for a voice."""
        return self.alphabet

    def locale(self, voice: AnyVoice) -> str | None:
        """Whose phones a voice has; None where the target knows no locales."""
        return None

    def notes(self, voice: Voice) -> tuple[str, ...]:
        """What the caller should know of a voice, a sentence each."""
        note = model_of(self.name, voice).note
        return (note,) if note else ()

    def render_name(
        self, text: str, pronunciation: Pronunciation, voice: AnyVoice = None
    ) -> Rendering:
        """One name, ready to be put into a text for the target.

        A voice whose model takes no phonemes gets a respelling in place of the name, and
        `notes` says so.

        Args:
            text: its spelling, any characters; shown, and spoken where phones are ignored.
            pronunciation: how it is said.
            voice: the target's voice (its name, or a `Voice` with model and locale), where the
                form depends on it.

        Raises:
            UnknownVoice: the form depends on the voice and nothing is known of this one.
        """
        chosen = Voice.of(voice)
        shown = clean(text).strip() or pronunciation.ipa
        if not model_of(self.name, chosen).phonemes:
            return self._respelled(shown, pronunciation, chosen)
        conversion = self.phones(pronunciation, chosen)
        return Rendering(
            target=self.name,
            alphabet=self.alphabet_of(chosen),
            text=shown,
            markup=self.markup(shown, pronunciation, conversion.value, chosen),
            phones=conversion.value,
            ipa=pronunciation.ipa,
            substitutions=conversion.substitutions,
            spoken=conversion.spoken,
            grade=grade(conversion.substitutions, len(pronunciation.units)),
            locale=self.locale(chosen),
            notes=self.notes(chosen),
        )

    def _respelled(
        self, shown: str, pronunciation: Pronunciation, voice: Voice, why: str = ""
    ) -> Rendering:
        language = (locale_of(self.name, voice) or "en").split("-")[0]
        reader = language if language in READERS else "en"
        respelled = to_respelling(pronunciation, reader)
        note = why or model_of(self.name, voice).note
        return Rendering(
            target=self.name,
            alphabet="respelling",
            text=shown,
            markup=self.escape(respelled.value),
            phones=respelled.value,
            ipa=pronunciation.ipa,
            substitutions=respelled.substitutions,
            spoken=respelled.spoken,
            grade=grade(respelled.substitutions, len(pronunciation.units)),
            locale=locale_of(self.name, voice),
            notes=(f"{note} The name is respelled instead.",),
        )

    def render_possessive(
        self,
        text: str,
        pronunciation: Pronunciation,
        suffix: str,
        voice: AnyVoice = None,
    ) -> Rendering:
        """The name with `'s` as one word: its sound is among the phones (Siobhan's: z)."""
        return self.render_name(text + suffix, possessive(pronunciation), voice)

    def told_apart(
        self,
        rendering: Rendering,
        pronunciation: Pronunciation,
        earlier: Sequence[Rendering],
        voice: AnyVoice = None,
    ) -> Rendering:
        """A rendering that goes into one text with earlier ones.

        Another one only where the target would otherwise confuse it with one of those;
        `pronunciation` is how it is said, the ending included.
        """
        return rendering

    def describe(self) -> dict[str, object]:
        """What `GET /v1/targets` says of it, JSON-serialisable."""
        from namemem.phones import parse_ipa

        example = self.render_name("Siobhan", parse_ipa("ʃɪˈvɔːn"))
        return {
            "name": self.name,
            "title": self.title,
            "alphabet": self.alphabet,
            "alphabets": list(self.alphabets),
            "syntax": self.syntax,
            "limits": list(self.limits),
            "example": {"text": example.text, "ipa": example.ipa, "markup": example.markup},
            "source": self.source,
            "verified": self.verified,
            "unverified": [*self.unverified, *self.unverified_locales()],
            "locales": list(self.locales()),
            "models": known_models(self.name),
        }

    def locales(self) -> tuple[str, ...]:
        """Locales whose phones are known here, the default one first."""
        return ()

    def unverified_locales(self) -> list[str]:
        """A sentence for each locale whose phones rest on no documentation of the vendor."""
        return []


def words_with_text(text: str, words: Sequence[str], joint: str) -> list[tuple[str, str]]:
    """(text, phones) word by word where the spelling has as many words, else all in one.

    Systems that take one word a tag (Google) are served that way, and pauses stay natural.
    """
    spelled = text.split()
    if len(spelled) == len(words):
        return list(zip(spelled, words, strict=True))
    return [(text, joint.join(words))]
