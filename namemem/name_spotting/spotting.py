"""Finds the name in what was said: tries the languages, and tells why there is none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from namemem.name_spotting import copulas, noise
from namemem.name_spotting.candidates import Candidate, Reading
from namemem.name_spotting.lines import Line, filler, fluent, is_cased, longest, said_once
from namemem.name_spotting.matching import read
from namemem.name_spotting.model import Reason, Spotted, SpottedName
from namemem.name_spotting.patterns import (
    ASKED,
    LANGUAGES,
    STRONG,
    PhraseBook,
    given_names,
    phrase_book,
    script,
)
from namemem.name_spotting.units import Unit, units
from namemem.people import SpellingSource

_MAX_UNITS = 400
"""Words that are looked at: an introduction stands at the start of what is said, or near it."""


@dataclass(frozen=True, slots=True)
class _Attempt:
    book: PhraseBook
    reading: Reading
    familiar: int
    line: Line

    @property
    def score(self) -> tuple[int, int, int, int]:
        """How sure, how much of its language the text has, how much the phrases say."""
        own = [c for c in self.reading.names if c.of == "speaker"]
        ranks = [c.rank for c in own or self.reading.names] or [(0, 0)]
        sure = max(rank[0] for rank in ranks)
        said = max(rank[1] for rank in ranks)
        return (sure, said if sure == STRONG else 0, self.familiar, len(self.reading.names))


def spot(text: str, language: str | None = None, *, asked: bool = False) -> Spotted:
    """Finds who the speaker says they are.

    Args:
        text: what was said, with or without capitals and punctuation.
        language: BCP 47 of the speech. Phrases of other languages count as well where they are
            certain, since a caller may mean the language of the name. None: all are tried.
        asked: the character has just asked for the name, so a bare "Siobhan." is one.

    Returns:
        The names, the speaker's own first, or none and a reason.
    """
    found = units(text)[:_MAX_UNITS]
    if not found:
        return Spotted((), Reason.NOTHING_SAID)
    if noise.is_repeated(found):
        return Spotted((), Reason.REPEATED)
    if noise.is_invented(found):
        return Spotted((), Reason.INVENTED)
    line = said_once(Line(found, is_cased(found)))
    attempts = _attempts(line, text, language, asked=asked)
    best = max(attempts, key=lambda a: a.score)  # the first of equals: they come by likelihood
    if best.score[0] == ASKED and best.score[0] and _is_answer(attempts, line.units):
        best = attempts[0]
        return _nothing(best, text, asked=asked)
    if not best.reading.names:
        tried = next((a for a in attempts if a.reading.tried), best)
        return _nothing(tried, text, asked=asked)
    return Spotted(_ordered(_named(c, best.line, text, best.book) for c in best.reading.names))


def spot_words(
    words: Sequence[str], language: str | None = None, *, asked: bool = False
) -> tuple[Spotted, tuple[tuple[int, int], ...]]:
    """The same for words that a transcriber gives one by one.

    Returns:
        What was found in the words joined by blanks, and for each name the indices (first, one
        past the last) of the words that it is in.
    """
    text = ""
    ends: list[int] = []
    for word in words:
        text = f"{text} {word}" if ends else word
        ends.append(len(text))
    spotted = spot(text, language, asked=asked)
    places = []
    for name in spotted.names:
        first = next(i for i, end in enumerate(ends) if name.start < end)
        last = next(i for i, end in enumerate(ends) if name.end <= end)
        places.append((first, last + 1))
    return spotted, tuple(places)


def _attempts(line: Line, text: str, language: str | None, *, asked: bool) -> list[_Attempt]:
    """Readings in all languages that may be spoken here, the likeliest first."""
    wanted = (language or "").replace("_", "-").split("-")[0].casefold()
    books = [phrase_book(name) for name in LANGUAGES if _has_script(line.units, name)]
    known = {b.language: _familiar(line.units, b) for b in books}
    if wanted in known:
        known[wanted] += len(line.units) + 1
    elif wanted and "en" in known:
        known["en"] += 1
    books.sort(key=lambda b: (-known[b.language], LANGUAGES.index(b.language)))
    attempts: list[_Attempt] = []
    for place, book in enumerate(books):
        likely = place == 0 or known[book.language] >= known[books[0].language]
        likely = likely or (book.language == "en" and wanted not in ("", "en") and not asked)
        likely = likely or (not wanted and _all_named(line, known[books[0].language]))
        likely = likely or (asked and not wanted and book.language == "en" and _is_given(line))
        said = copulas.without(fluent(line, book.hesitations), book)
        reading = read(said, text, book, asked=asked and likely, letters=asked)
        if not likely:  # in a language that is hardly spoken here only certain phrases count
            sure = all(c.rank[0] == STRONG or not c.said for c in reading.names)
            sure = sure and not any(a.reading.tried for a in attempts)
            sure = sure and not any(c.said and _is_word(c, said, books[0]) for c in reading.names)
            reading = Reading(reading.names if sure else (), None)
        elif place and wanted in known and any(_is_said_so(c, books[0]) for c in reading.names):
            reading = Reading((), None)
        attempts.append(_Attempt(book, reading, known[book.language], said))
    return attempts or [_Attempt(phrase_book("en"), Reading(()), 0, line)]


def _is_word(c: Candidate, line: Line, book: PhraseBook) -> bool:
    """Whether what another language takes for a name is a word of the one that is spoken."""
    key = line.units[c.slot.first].key
    return longest(line.units, c.slot.first, book.stop) > 0 or key in book.common - book.names


def _is_said_so(c: Candidate, book: PhraseBook) -> bool:
    """Whether a weak phrase is nothing but small words of the language that is spoken: "im"."""
    if c.phrase is None or not c.phrase.before or c.rank[0] == STRONG:
        return False
    return all(key in book.stop_words for key in c.phrase.before)


def _all_named(line: Line, familiar: int) -> bool:
    """Whether every word is written like a name, and no language knows more than half of them."""
    written = line.cased and all(u.is_capitalised for u in line.units)
    return written and familiar * 2 <= len(line.units)


def _is_given(line: Line) -> bool:
    """Whether a given name that is a word elsewhere is all that is said, or all but a surname."""
    at, book = 0, phrase_book("en")
    while at < len(line.units) and (length := filler(line.units, at, book.fillers)):
        at += length
    said = line.units[at:]
    named = [u.key in given_names() for u in said]
    written = line.cased and all(u.is_capitalised for u in said)
    return bool(said) and (all(named) or (named[0] and written))


def _has_script(said: Sequence[Unit], language: str) -> bool:
    """Whether the text has letters of the language's script."""
    written = script(language)
    low, high = {
        "han": ("\u3400", "\u9fff"),
        "kana": ("\u3040", "\u9fff"),
        "hangul": ("\uac00", "\ud7a3"),
        "arabic": ("\u0600", "\u06ff"),
    }.get(written, ("", "\u097f"))
    if any(low <= u.key[:1] <= high for u in said):
        return written not in ("latin", "devanagari") or any(
            u.key[:1] < "\u0250" or u.key[:1] >= "\u0900" for u in said
        )
    return all(u.is_letter for u in said) and language == "en"


def _familiar(said: Sequence[Unit], book: PhraseBook) -> int:
    """How many of the words are ones that this language's book knows."""
    return sum(1 for at in range(len(said)) if _knows(said, at, book))


def _knows(said: Sequence[Unit], at: int, book: PhraseBook) -> bool:
    key = said[at].key
    if said[at].is_letter and any(
        u.is_letter for u in (*said[at - 1 : at], *said[at + 1 : at + 2])
    ):
        return False  # one of the letters that are said aloud
    return (
        key in book.stop_words
        or key in book.common
        or key in book.before.children
        or key in book.behind
        or key in book.follow
        or (key,) in book.fillers
        or (len(key) > 2 and (key,) in book.letters.names)
    )


def _is_answer(attempts: Sequence[_Attempt], said: Sequence[Unit]) -> bool:
    """Whether it is an answer other than a name, in any language that may be spoken."""
    whole = tuple(u.key for u in said)
    return any(whole in a.book.answers for a in attempts)


def _named(c: Candidate, line: Line, text: str, book: PhraseBook) -> SpottedName:
    first, last = line.units[c.slot.first], line.units[c.slot.end - 1]
    end = last.end
    if text[end : end + 1] == "." and (last.key in ("jr", "sr") or _is_abbreviated(last, text)):
        end += 1
    carrier = None
    if c.phrase is not None and c.phrase.before:
        words = [u.word for u in line.units[c.opens : c.slot.first]]
        stop = words[-1] + 1 if words[-1] < first.word else first.word
        phrase_end = words[min(len(words), len(c.phrase.before)) - 1] + 1
        carrier = (words[0], min(stop, phrase_end)) if words[0] < first.word else None
    spelled = c.spelling is not None
    return SpottedName(
        text=c.spelling if c.spelling is not None else text[first.start : end],
        start=first.start,
        end=end,
        first_word=first.word,
        last_word=last.word,
        kind=c.slot.kind,
        of=c.of,
        preferred=c.preferred,
        carrier=carrier,
        certain=c.rank[0] == STRONG,
        spelling_source=SpellingSource.SPELLED_ALOUD if spelled else SpellingSource.TRANSCRIPT,
        title=c.slot.title,
        said=c.said,
        language=book.language,
    )


def _is_abbreviated(unit: Unit, text: str) -> bool:
    """Whether a full stop belongs to the letter before it, as in "A.J."."""
    return unit.is_letter and unit.text.isupper() and text[unit.start - 1 : unit.start] == "."


def _ordered(names: Iterable[SpottedName]) -> tuple[SpottedName, ...]:
    return tuple(sorted(names, key=lambda n: (n.of != "speaker", not n.preferred, n.start)))


def _nothing(attempt: _Attempt, text: str, *, asked: bool) -> Spotted:
    if attempt.reading.tried is not None:
        first, end = attempt.reading.tried
        said = attempt.line.units
        phrase = text[said[first].start : said[end - 1].end]
        return Spotted((), Reason.NOT_A_NAME, phrase)
    return Spotted((), Reason.NOT_AN_ANSWER if asked else Reason.NO_INTRODUCTION)
