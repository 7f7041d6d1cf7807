"""Notations that spell the IPA in ASCII, letter by letter: one table (`notations.tsv`), one reader.

A notation is a column of the table. It is written segment by segment with marks behind, and
read the longest symbol first.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cached_property

from namemem.errors import InvalidPronunciation, UnknownPhone
from namemem.phones import segments
from namemem.phones.conversion import Conversion, Substitution
from namemem.phones.fitting import TONE, cost, weighted_distance
from namemem.phones.model import Phone, Pronunciation, Stress, Syllable, would_tie
from namemem.phones.notation_table import column, readings
from namemem.phones.parsing import MAX_LENGTH
from namemem.phones.tokens import Token, read_tokens

_STRESS = {Stress.NONE: "", Stress.PRIMARY: "ˈ", Stress.SECONDARY: "ˌ"}
# Marks of the model that are another spelling of one in the table.
_SAME = {"̍": "̩", "̊": "̥"}


@dataclass(frozen=True)
class AsciiTable:
    """One notation.

    Attributes:
        column: its name in the table.
        title: for people, and in errors.
    """

    column: str
    title: str

    def _written(self) -> dict[str, str]:
        return {ipa: "".join(cell.symbols) for ipa, cell in column(self.column).items()}

    @cached_property
    def segments(self) -> dict[str, str]:
        """Segment (NFD) → symbol."""
        return {ipa: s for ipa, s in self._written().items() if s and segments.is_segment(ipa)}

    @cached_property
    def marks(self) -> dict[str, str]:
        """Mark → symbol; stress, tone, length and the syllable's dot among them."""
        return {ipa: s for ipa, s in self._written().items() if s and not segments.is_segment(ipa)}

    @cached_property
    def reading(self) -> dict[str, str]:
        """Symbol → IPA; what is written first, then what is read besides."""
        return {" ": " "} | readings(self.column)

    def _phone(self, phone: Phone) -> tuple[str, Phone | None]:
        """(symbols, what they say where that is not the phone itself)."""
        base = phone.base
        if base not in self.segments:
            base = min(self.segments, key=lambda s: weighted_distance(Phone(phone.base), Phone(s)))
        text = self.segments[base]
        kept = ""
        for mark in phone.diacritics:
            written = self.marks.get(_SAME.get(mark, mark))
            text += written or ""
            kept += mark if written else ""
        text += self.marks[phone.length] if phone.length else ""
        said = Phone(base, kept, phone.length)
        return text, None if said == phone else said

    def write(self, pronunciation: Pronunciation, *, dots: bool = False) -> Conversion:
        """A pronunciation in this notation; what it cannot write is left out and reported.

        Args:
            pronunciation: any.
            dots: write every syllable boundary; otherwise only where reading back needs it.
        """
        changes: list[Substitution] = []
        position = 0
        words = []
        for word in pronunciation.words:
            written = []
            for syllable in word:
                text, position = self._syllable(syllable, position, changes)
                written.append(text)
            plain = "".join(written)
            if dots or (not changes and self._reads_differently(plain, word)):
                plain = self.marks["."].join(written)
            words.append(plain)
        value = " ".join(words)
        return Conversion(
            value, tuple(changes), self._says(value) if changes else pronunciation.ipa
        )

    def _says(self, value: str) -> str:
        """IPA of what was written, where something of it was left out or replaced."""
        try:
            return self.read(value).ipa
        except InvalidPronunciation:  # a tone or mark that now stands on nothing
            return ""

    def _syllable(
        self, syllable: Syllable, position: int, changes: list[Substitution]
    ) -> tuple[str, int]:
        text = self.marks.get(_STRESS[syllable.stress], "")
        before: Phone | None = None
        for unit, _ in syllable.units():
            symbols = self.marks["."] if before is not None and self._merge(before, unit[0]) else ""
            before = unit[-1]
            said: list[Phone] = []
            exact = True
            for phone in unit:
                written, instead = self._phone(phone)
                symbols += written
                said.append(instead or phone)
                exact = exact and instead is None
            if not exact:
                source = unicodedata.normalize("NFC", "".join(p.ipa for p in unit))
                change = Substitution(source, symbols, position, round(cost(unit, said), 4))
                changes.append(change)
            text += symbols
            position += 1
        tones = [self.marks.get(tone) for tone in syllable.tone]
        if None in tones:
            changes.append(Substitution(syllable.tone, "", position - 1, TONE))
        return text + "".join(t or "" for t in tones), position

    def _merge(self, before: Phone, after: Phone) -> bool:
        """Whether two symbols next to each other would be read as one."""
        if would_tie(before, after):
            return True
        left, right = self._phone(before)[0], self._phone(after)[0]
        if left in self.reading and left + right in self.reading:  # two ǀ are X-SAMPA's ǁ
            return True
        joined = left[-1:] + right[:1]
        return joined in self.reading and before.base + after.base not in self.segments

    def _reads_differently(self, text: str, word: tuple[Syllable, ...]) -> bool:
        try:
            return self.read(text).words != (word,)
        except InvalidPronunciation:
            return True

    def read(self, text: str) -> Pronunciation:
        """Reads the notation, the longest symbol first.

        Raises:
            UnknownPhone: a symbol that is not of the notation, with its position in `text`.
            InvalidPronunciation: a mark with nothing to stand on, or a text too long.
            EmptyPronunciation: no phone at all.
        """
        if len(text) > MAX_LENGTH:
            raise InvalidPronunciation(
                f"A pronunciation has at most {MAX_LENGTH} characters; this one has {len(text)}.",
                position=MAX_LENGTH,
            )
        longest = max(map(len, self.reading))
        tokens: list[Token] = []
        i = 0
        while i < len(text):
            for size in range(min(longest, len(text) - i), 0, -1):
                if text[i : i + size] in self.reading:
                    tokens.append(Token(self.reading[text[i : i + size]], i))
                    i += size
                    break
            else:
                raise UnknownPhone(text[i], i, text, self.title)
        return read_tokens(tokens, text, self.title)
