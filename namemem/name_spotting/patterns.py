"""The phrase books: one TOML file a language, read once."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from namemem.name_spotting.tokens import tokenize

_LANGUAGES = ("en",)


@dataclass(frozen=True, slots=True)
class PhraseBook:
    """How people introduce themselves in one language; phrases are tuples of word keys."""

    language: str
    strong: tuple[tuple[str, ...], ...]
    weak: tuple[tuple[str, ...], ...]
    after: tuple[tuple[str, ...], ...]
    kinds: dict[tuple[str, ...], str]
    stop: frozenset[str]
    not_a_name: frozenset[str]
    particles: frozenset[str]
    titles: frozenset[str]


def _phrase(text: str) -> tuple[str, ...]:
    return tuple(token.key for token in tokenize(text))


def _longest_first(phrases: set[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    return tuple(sorted(phrases, key=lambda phrase: (-len(phrase), phrase)))


@cache
def phrase_book(language: str) -> PhraseBook:
    """The phrase book of a language (its BCP 47 primary subtag); English where there is none."""
    name = language if language in _LANGUAGES else "en"
    text = resources.files(__package__).joinpath(f"data/{name}.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    words = data["words"]
    kinds = {_phrase(phrase): kind for phrase, kind in data["kinds"].items()}
    strong = {_phrase(p) for p in data["strong"]} | {p for p in kinds if p[0] == "my"}
    return PhraseBook(
        language=data["language"],
        strong=_longest_first(strong),
        weak=_longest_first({_phrase(p) for p in data["weak"]}),
        after=_longest_first({_phrase(p) for p in data["after"]}),
        kinds=kinds,
        stop=frozenset(words["stop"].split()),
        not_a_name=frozenset(words["not_a_name"].split()),
        particles=frozenset(words["particles"].split()),
        titles=frozenset(words["titles"].split()),
    )


@cache
def no_answers() -> tuple[str, ...]:
    """What people say instead of their name when they are asked for it (English)."""
    path = resources.files(__package__).joinpath("data/no_answers_en.txt")
    lines = path.read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))
