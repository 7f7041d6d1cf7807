"""What a target can say: IPA units and its symbols for them, and the way there for all others.

A notation's inventory is a column of `notations.tsv` (see `notation_table.py`). A vendor's is a TSV
file (columns `ipa`, `symbols`, `exact`, `unstressed`; the last three optional; comments may hold
`# language:`, `# source:` and `# verified:`). A unit that it lacks is adapted step by step with
`adaptations.tsv`, and at last by the articulatory features of the nearest unit it has;
`phonotactics.tsv` says what the language does not begin or end syllables with. Nothing is left out
in silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from importlib import resources

from namemem.phones import adapting, segments
from namemem.phones.adapting import Place
from namemem.phones.fitting import RHOTICS, weighted_distance
from namemem.phones.model import Phone, Pronunciation
from namemem.phones.written import Found, Written

# Where a consonant is said is no other consonant to any of these languages: dental, unreleased.
_UNHEARD = frozenset("̪̚")
# Languages that say these aspirated anyway; to others /tʰ/ is another sound than /t/.
_ASPIRATING = frozenset(("en", "de", "sv", "tr"))
_ASPIRATED = frozenset(("p", "t", "k", "t͡ʃ"))
_NASAL = "̃"
_ANYWHERE = Place("")
_ABOUT = ("language", "source", "verified")


@dataclass(frozen=True, slots=True)
class Entry:
    """The target's symbols for one unit; `unstressed` where it differs without stress.

    `reads_back` is False where the symbols, exact as they are, are another unit's first of all.
    """

    symbols: tuple[str, ...]
    exact: bool
    unstressed: tuple[str, ...] = ()
    reads_back: bool = True


@dataclass(frozen=True)
class Inventory:
    """Units a target has (IPA, NFD) and its symbols for them.

    `language` (ISO 639) decides which adaptations are taken; `about` holds what the file's
    comments say of it (`language`, `source`, `verified`).
    """

    name: str
    entries: Mapping[str, Entry]
    language: str = "en"
    about: Mapping[str, str] = field(default_factory=dict)

    def symbols_for(
        self, unit: tuple[Phone, ...], *, stressed: bool = True
    ) -> tuple[tuple[str, ...], bool]:
        """(symbols, whether they are the same phoneme) for a phone or diphthong.

        The symbols are empty only where `adaptations.tsv` says that nothing stands in.
        """
        found = self.find(unit, stressed, _ANYWHERE, 0)
        return found.symbols, found.exact

    @cached_property
    def _single(self) -> tuple[tuple[Phone, str], ...]:
        """The phones that stand alone, with their keys."""
        keys = {key: adapting.phones_of(key) for key, e in self.entries.items() if e.symbols}
        return tuple((p[0], k) for k, p in keys.items() if len(p) == 1 and not p[0].diacritics)

    @cached_property
    def _said(self) -> dict[tuple[str, ...], str]:
        """Symbols → the unit that they say."""
        said: dict[tuple[str, ...], str] = {}
        for key, entry in self.entries.items():
            if entry.exact and entry.reads_back and entry.symbols:
                said.setdefault(entry.symbols, key)
        return said

    def says(self, symbols: tuple[str, ...]) -> tuple[str, ...]:
        """Units (NFD) that symbols say; one made of others (`hl`) says them, the longest first."""
        said: list[str] = []
        at = 0
        while at < len(symbols):
            runs = range(len(symbols), at, -1)
            end = next((n for n in runs if symbols[at:n] in self._said), at)
            if end > at:
                said.append(self._said[symbols[at:end]])
                at = end
                continue
            symbol = symbols[at]
            at += 1
            while symbol:
                sizes = range(len(symbol), 0, -1)
                size = next((n for n in sizes if (symbol[:n],) in self._said), 0)
                if size:
                    said.append(self._said[symbol[:size],])
                symbol = symbol[size or 1 :]
        return tuple(said)

    def find(self, unit: tuple[Phone, ...], stressed: bool, place: Place, depth: int) -> Found:
        """What stands for a unit in a place; `depth` counts the steps of adaptation so far."""
        found = None
        if place.part and len(unit) == 1 and depth < 4:
            instead = adapting.illegal(self.language, unit[0], place)
            if instead is not None:
                return replace(self._all(instead, stressed, place, depth), exact=False)
            if not self._has_exactly(unit[0]):
                found = self._adapted(unit, stressed, place, depth, here_only=True)
        found = found or self._listed(unit, stressed)
        if found is not None and place.spoken and not found.symbols:
            found = None
        if found is None:
            found = self._adapted(unit, stressed, place, depth)
        if found is None and len(unit) > 1:
            found = self._joined(unit, stressed, place, depth)
        found = found or self._without_marks(unit[0], stressed, place, depth)
        return self._legal(found, stressed, place, depth)

    def _legal(self, found: Found, stressed: bool, place: Place, depth: int) -> Found:
        """What was found, unless the language does not say that here: ħ → h, and no h in codas."""
        if not place.part or len(found.ipa) != 1 or depth > 4:
            return found
        said = adapting.phones_of(found.ipa[0])
        if len(said) != 1 or (said[0].is_vowel and place.part != "nucleus"):
            return found
        instead = adapting.illegal(self.language, said[0], place)
        if instead is None:
            return found
        return replace(self._all(instead, stressed, place, depth), exact=False)

    def _joined(self, unit: tuple[Phone, ...], stressed: bool, place: Place, depth: int) -> Found:
        plain = tuple(Phone(p.base) for p in unit)
        marks = {d for p in unit for d in p.diacritics}
        whole = self._listed(plain, stressed) or self._adapted(plain, stressed, place, depth)
        if whole is not None:
            if _NASAL in marks:
                whole += self.find((Phone("n"),), stressed, Place(""), depth + 1)
            return replace(whole, exact=whole.exact and marks <= {segments.NON_SYLLABIC})
        parts = [self.find((Phone(p.base),), stressed, Place(""), depth) for p in unit]
        return replace(_sum(parts), exact=False)

    def _has_exactly(self, phone: Phone) -> bool:
        entry = self.entries.get(phone.ipa) or self.entries.get(phone.base + phone.diacritics)
        return entry is not None and entry.exact

    def _all(
        self, units: tuple[tuple[Phone, ...], ...], stressed: bool, place: Place, depth: int
    ) -> Found:
        return _sum([self.find(unit, stressed, place, depth + 1) for unit in units])

    def _listed(self, unit: tuple[Phone, ...], stressed: bool) -> Found | None:
        key = "".join(p.ipa for p in unit)
        entry = self.entries.get(key)
        geminate = False
        if entry is None:
            key = "".join(p.base + p.diacritics for p in unit)
            entry = self.entries.get(key)
            geminate = any(p.length and not p.is_vowel for p in unit)
        if entry is None:
            return None
        symbols = entry.unstressed if entry.unstressed and not stressed else entry.symbols
        said = (key,) if entry.exact else self.says(symbols)
        return Found(symbols, said, entry.exact and not geminate)

    def _adapted(
        self,
        unit: tuple[Phone, ...],
        stressed: bool,
        place: Place,
        depth: int,
        *,
        here_only: bool = False,
    ) -> Found | None:
        key = "".join(p.base + p.diacritics for p in unit)
        step = adapting.step(self.language, key, place.part, here_only=here_only)
        if step is None or depth > 4:
            return None
        if not step.into and place.spoken:
            return None  # something must be said: the nearest phone then
        found = self._all(step.into, stressed, place, depth)
        exact = step.exact and bool(step.into) and found.exact
        geminate = any(p.length and not p.is_vowel for p in unit)
        return replace(found, exact=exact and not geminate)

    def _without_marks(self, phone: Phone, stressed: bool, place: Place, depth: int) -> Found:
        plain = Phone(phone.base, "", phone.length)
        if phone.diacritics:
            found = self.find((plain,), stressed, place, depth + 1)
            if nasal := _before(phone):
                return self.find((nasal,), stressed, _ANYWHERE, depth + 1) + found
            if phone.is_vowel and _NASAL in phone.diacritics:
                return found + self.find((Phone("n"),), stressed, Place("coda"), depth + 1)
            if phone.is_syllabic and not phone.is_vowel:  # button: ə n
                return self.find((Phone("ə"),), stressed, Place("nucleus"), depth + 1) + found
            if "ʲ" in phone.diacritics and place.before_back and found.ipa[-1:] != ("j",):
                return found + self.find((Phone("j"),), stressed, Place("onset"), depth + 1)
            return replace(found, exact=found.exact and self._is_said_so(phone))
        return self._nearest(phone, stressed, place)

    def _is_said_so(self, phone: Phone) -> bool:
        """Whether the language says the phone with those marks by itself."""
        marks = set(phone.diacritics) - _UNHEARD
        return not marks or (
            marks == {"ʰ"} and phone.base in _ASPIRATED and self.language in _ASPIRATING
        )

    def _nearest(self, phone: Phone, stressed: bool, place: Place) -> Found:
        alike = [(p, k) for p, k in self._single if p.is_vowel == phone.is_vowel]
        if phone.base in RHOTICS:
            alike = [(p, k) for p, k in alike if p.base in RHOTICS] or alike
        legal = [
            (p, k)
            for p, k in alike
            if not place.part or adapting.illegal(self.language, p, place) is None
        ]
        _, key = min(legal or alike, key=lambda pk: weighted_distance(phone, pk[0]))
        entry = self.entries[key]
        symbols = entry.unstressed if entry.unstressed and not stressed else entry.symbols
        return Found(symbols, (key,), False)

    def write(
        self, pronunciation: Pronunciation, *, tones: bool = False, fit: bool = False
    ) -> Written:
        """A pronunciation in this inventory's symbols; never empty.

        Vowel length that the inventory does not tell apart is dropped; everything else that
        changes is reported, tones too unless the caller writes `tones` itself. Positions count
        units, as `Pronunciation.units` does. With `fit`, the phonotactics of the inventory's
        language are kept as well: what a voice has but cannot say in that place is changed.
        """
        from namemem.phones.writing import Writer

        written = Writer(self, tones, fit, spoken=False).write(pronunciation)
        if not any(s.symbols for word in written.words for s in word):
            written = Writer(self, tones, fit, spoken=True).write(pronunciation)
        return written


def _before(phone: Phone) -> Phone | None:
    """The nasal that a prenasalised consonant begins with: ᵐb is said as m and b."""
    marks = {"ᵐ": "m", segments.PRENASAL_N: "n", "ᵑ": "ŋ"}
    return next((Phone(marks[d]) for d in phone.diacritics if d in marks), None)


def _sum(parts: list[Found]) -> Found:
    symbols = tuple(s for part in parts for s in part.symbols)
    ipa = tuple(i for part in parts for i in part.ipa)
    return Found(symbols, ipa, all(part.exact for part in parts))


def read_tsv(package: str, filename: str) -> list[list[str]]:
    """Rows of a table that ships with a package: comments and the header left out, NFD."""
    return adapting.read_rows(package, filename)[1:]


@cache
def load_inventory(package: str, filename: str) -> Inventory:
    """The inventory in a TSV file of a package; read once.

    Its language is that of the `# language:` comment, English without one.
    """
    text = resources.files(package).joinpath(filename).read_text(encoding="utf-8")
    about = {}
    for line in text.splitlines():
        key, colon, value = line.removeprefix("# ").partition(": ")
        if line.startswith("# ") and colon and key in _ABOUT:
            about[key] = value.strip()
    entries = {}
    for ipa, *rest in read_tsv(package, filename):
        symbols = rest[0] if rest else ipa
        exact = len(rest) < 2 or rest[1] == "1"
        unstressed = rest[2] if len(rest) > 2 else ""
        entries[ipa] = Entry(tuple(symbols.split()), exact, tuple(unstressed.split()))
    language = about.get("language", "en").split("-")[0]
    return Inventory(filename.removesuffix(".tsv"), entries, language, about)
