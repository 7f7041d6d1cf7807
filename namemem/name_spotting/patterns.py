"""The phrase books: one TOML file a language, read once."""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from namemem.garbage import undisturbed
from namemem.name_spotting.units import fold, keys
from namemem.people import NameKind

LANGUAGES = (
    "en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "tr", "ga", "hi", "zh", "ja", "ko", "ar",
)  # fmt: skip
Keys = tuple[str, ...]

STRONG, WEAK, ASKED = 3, 2, 1
"""How surely a name follows: nearly always; often not; only when the name was just asked for."""

_SECTIONS: dict[str, tuple[int, NameKind | None, str]] = {
    "strong": (STRONG, None, "speaker"),
    "given": (STRONG, NameKind.GIVEN, "speaker"),
    "family": (STRONG, NameKind.FAMILY, "speaker"),
    "full": (STRONG, NameKind.FULL, "speaker"),
    "nickname": (STRONG, NameKind.NICKNAME, "speaker"),
    "weak": (WEAK, None, "speaker"),
    "weak_nickname": (WEAK, NameKind.NICKNAME, "speaker"),
    "this_is": (WEAK, None, "either"),
    "that_is": (ASKED, None, "either"),
    "asked": (ASKED, None, "speaker"),
    "apart": (WEAK, None, "speaker"),
    "pair": (WEAK, None, "pair"),
    "asked_nickname": (ASKED, NameKind.NICKNAME, "speaker"),
    "other": (STRONG, None, "other"),
    "weak_other": (WEAK, None, "other"),
    "wrong": (STRONG, None, "wrong"),
}
_CLASSES = {"relation": ("relations",), "mine": ("mine",), "role": ("roles", "relations")}
_CHOICE = re.compile(r"\(([^()\[\]]*)\)|\[([^()\[\]]*)\]")
_CLASS = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words around a name.

    Attributes:
        before, after: the words in front of it and behind it, as keys; one may be empty.
        strength: STRONG, WEAK or ASKED.
        kind: which name it introduces; None where the name itself shows it.
        of: `speaker`, `other`, `either` (somebody else's once the speaker has given theirs),
            `pair` (the speaker's, where another one's follows), or `wrong` (what the speaker is
            not called).
        apart: a name behind it is the speaker's only where no comma makes it a form of address.
    """

    before: Keys
    after: Keys
    strength: int
    kind: NameKind | None
    of: str
    apart: bool = False

    @property
    def weight(self) -> int:
        """How much it says: its characters."""
        return sum(map(len, self.before)) + sum(map(len, self.after))


@dataclass(slots=True)
class Node:
    """A step in the tree of phrases, by their words."""

    children: dict[str, Node] = field(default_factory=lambda: _NONE)
    phrases: tuple[Phrase, ...] = ()

    def follow(self, key: str) -> Node:
        """The step that a word leads to; a new one where no phrase has gone before."""
        if self.children is _NONE:
            self.children = {}
        return self.children.setdefault(key, Node())


_NONE: dict[str, Node] = {}
"""The children of an end, shared: most are ends, and a dictionary each would be 10 MB."""


@dataclass(frozen=True, slots=True)
class Letters:
    """How one spells aloud: see `[spelling]` in the data."""

    names: Mapping[Keys, str]
    unclear: frozenset[str]
    words: Mapping[Keys, str]
    accents: Mapping[Keys, str]
    double: frozenset[Keys]
    as_in: frozenset[Keys]
    skip: frozenset[Keys]
    intro: frozenset[Keys]
    having: frozenset[Keys]
    lacking: frozenset[Keys]
    one: frozenset[Keys]
    two: frozenset[Keys]


@dataclass(frozen=True, slots=True)
class PhraseBook:
    """How people introduce themselves in one language."""

    language: str
    script: str
    capital_nouns: bool
    before: Node
    behind: Mapping[str, tuple[Phrase, ...]]
    stop: frozenset[Keys]
    stop_words: frozenset[str]
    common: frozenset[str]
    never: frozenset[str]
    things: frozenset[str]
    hesitations: frozenset[Keys]
    pronouns: frozenset[str]
    denials: frozenset[Keys]
    asides: frozenset[Keys]
    corrections: frozenset[Keys]
    in_full: frozenset[Keys]
    amid: frozenset[Keys]
    names: frozenset[str]
    not_names: frozenset[str]
    doubles: frozenset[str]
    particles: frozenset[str]
    given_particles: frozenset[str]
    articles: frozenset[str]
    titles: frozenset[Keys]
    given_titles: frozenset[Keys]
    titles_after: frozenset[Keys]
    follow: frozenset[str]
    fillers: frozenset[Keys]
    joiners: frozenset[str]
    also: frozenset[str]
    closing: frozenset[Keys]
    surnames: frozenset[str]
    given_surnames: frozenset[str]
    sounds: frozenset[str]
    endings: tuple[str, ...]
    inflected: tuple[str, ...]
    copulas: tuple[str, ...]
    bearers: frozenset[str]
    callings: tuple[str, ...]
    whence: tuple[str, ...]
    answers: frozenset[Keys]
    letters: Letters


_keys = lru_cache(maxsize=4096)(keys)  # the pieces of templates come again and again


def _choices(template: str) -> Iterator[str]:
    """Every wording of a template: (a|b) is one of them, [x] may be left out."""
    match = _CHOICE.search(template)
    if match is None:
        yield template
        return
    options = match.group(1).split("|") if match.group(1) is not None else [""]
    if match.group(2) is not None:
        options += match.group(2).split("|")
    for option in options:
        yield from _choices(f"{template[: match.start()]}{option}{template[match.end() :]}")


def _wordings(text: str, classes: Mapping[str, Iterable[Keys]]) -> Iterator[Keys]:
    """Every wording of one side of a phrase, where {relation} stands for any of its words."""
    pieces: list[Iterable[Keys]] = []
    at = 0
    for match in _CLASS.finditer(text):
        pieces += [[_keys(text[at : match.start()])], classes[match.group(1)]]
        at = match.end()
    pieces.append([_keys(text[at:])])
    for combination in itertools.product(*pieces):
        yield tuple(itertools.chain.from_iterable(combination))


def _phrases(data: Mapping[str, list[str]], classes: Mapping[str, list[Keys]]) -> Iterable[Phrase]:
    """Each phrase once, in the order of the file: a set's order differs from run to run."""
    found: dict[Phrase, None] = {}
    for section, templates in data.items():
        strength, kind, of = _SECTIONS[section]
        for template in itertools.chain.from_iterable(map(_choices, templates)):
            before, found_name, after = template.partition("{name}")
            if not found_name or not (before.strip() or after.strip()):
                raise ValueError(f"A phrase needs {{name}} and a word beside it: {template!r}.")
            for first, last in itertools.product(
                _wordings(before, classes), _wordings(after, classes)
            ):
                found[Phrase(first, last, strength, kind, of, section == "apart")] = None
    return found


def _says_less(phrase: Phrase) -> bool:
    """For the order of phrases of the same words: which name it is comes first."""
    return phrase.kind is None


def _set(text: str) -> frozenset[str]:
    return frozenset(fold(word) for word in text.split())


def _as_written(text: str) -> frozenset[str]:
    """With their accents: French "marié" is no name, though "Marie" is one."""
    return frozenset(word.casefold() for word in text.split())


def _keys_of(words: Iterable[str]) -> frozenset[Keys]:
    return frozenset(found for word in words if (found := keys(word.replace("_", " "))))


def _letters(data: Mapping[str, Any]) -> Letters:
    def table(name: str) -> dict[Keys, str]:
        found: dict[Keys, str] = {}
        for letter, spoken in data.get(name, {}).items():
            for word in spoken.split():
                found[keys(word.replace("_", " "))] = letter
        return found

    def some(name: str) -> frozenset[Keys]:
        return _keys_of(data.get(name, "").split())

    return Letters(
        names=table("letters"),
        unclear=_set(data.get("unclear", "")),
        words=table("signs"),
        accents=table("accents"),
        double=some("double"),
        as_in=some("as_in"),
        skip=some("skip"),
        intro=some("intro"),
        having=some("having"),
        lacking=some("lacking"),
        one=some("one"),
        two=some("two"),
    )


@cache
def _read(name: str) -> dict[str, Any]:
    text = resources.files(__package__).joinpath(f"data/{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def script(language: str) -> str:
    """The script of a language's phrase book, without the work of making the book."""
    return str(_read(language).get("script", "latin"))


@cache
def phrase_book(language: str) -> PhraseBook:
    """The phrase book of a language (its BCP 47 primary subtag); English where there is none."""
    with undisturbed():
        return _book(language)


def _book(language: str) -> PhraseBook:
    data = _read(language if language in LANGUAGES else "en")
    words = data["words"]
    classes = {
        one: [keys(w.replace("_", " ")) for name in several for w in words.get(name, "").split()]
        for one, several in _CLASSES.items()
    }
    root, behind = Node(), dict[str, list[Phrase]]()
    for phrase in _phrases(data["phrases"], classes):
        if not phrase.before:
            behind.setdefault(phrase.after[0], []).append(phrase)
            continue
        node = root
        for key in phrase.before:
            node = node.follow(key)
        node.phrases = tuple(sorted((*node.phrases, phrase), key=_says_less))
    stop = _keys_of(words.get("stop", "").split())
    never = _set(words.get("never", ""))
    return PhraseBook(
        language=data["language"],
        script=data.get("script", "latin"),
        capital_nouns=data.get("capital_nouns", False),
        before=root,
        behind={
            key: tuple(sorted(found, key=lambda p: (-p.weight, _says_less(p))))
            for key, found in behind.items()
        },
        stop=stop,
        stop_words=frozenset(words_[0] for words_ in stop if len(words_) == 1),
        common=_set(words.get("common", "")) | never | _places() | _relations(data),
        never=never,
        things=_set(words.get("things", "")),
        hesitations=_keys_of(words.get("hesitations", "").split()),
        pronouns=_set(words.get("pronouns", "")),
        denials=frozenset(p.after for ps in behind.values() for p in ps if p.of == "wrong"),
        asides=_keys_of(words.get("asides", "").split()),
        in_full=_keys_of(words.get("in_full", "").split()),
        corrections=_keys_of(words.get("corrections", "").split()),
        amid=_keys_of(words.get("amid", "").split()),
        names=_set(words.get("names", "")),
        not_names=_as_written(f"{words.get('common', '')} {words.get('never', '')}")
        - _as_written(words.get("names", "")),
        doubles=_set(words.get("doubles", "")),
        particles=_set(words.get("particles", "")),
        given_particles=_set(words.get("given_particles", "")),
        articles=_set(words.get("articles", "")),
        titles=_keys_of(words.get("titles", "").split()),
        given_titles=_keys_of(words.get("given_titles", "").split()),
        titles_after=_keys_of(words.get("titles_after", "").split()),
        follow=_set(words.get("follow", "")),
        fillers=_keys_of(words.get("fillers", "").split()),
        joiners=_set(words.get("joiners", "")),
        also=_set(words.get("also", "")),
        closing=_keys_of(words.get("closing", "").split()),
        surnames=_set(words.get("surnames", "")),
        given_surnames=_set(words.get("given_surnames", "")),
        sounds=frozenset(words.get("sounds", "")),
        endings=tuple(words.get("endings", "").split()),
        inflected=tuple(words.get("inflected", "").split()),
        copulas=tuple(sorted(words.get("copulas", "").split(), key=len, reverse=True)),
        bearers=_set(words.get("bearers", "")),
        whence=tuple(words.get("whence", "").split()),
        callings=tuple(words.get("callings", "").split()),
        answers=_keys_of(data.get("answers", {}).get("phrases", [])),
        letters=_letters(data.get("spelling", {})),
    )


@cache
def _places() -> frozenset[str]:
    shared = _read("shared")
    return _set(shared["places"]) | _set(shared["brands"])


def _relations(data: Mapping[str, Any]) -> frozenset[str]:
    """Brother, neighbour: no names."""
    words = data["words"]
    return _set(words.get("relations", "")) - _set(words.get("names", ""))


@cache
def given_names() -> frozenset[str]:
    """Given names that are words of some language, too."""
    return _set(_read("shared")["given"])


@cache
def inventions() -> tuple[Keys, ...]:
    """What transcribers write where nobody speaks, in many languages."""
    return tuple(sorted(_keys_of(_read("shared")["inventions"])))


@cache
def no_answers() -> tuple[str, ...]:
    """What people say instead of their name when they are asked for it (English)."""
    path = resources.files(__package__).joinpath("data/no_answers_en.txt")
    lines = path.read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))
