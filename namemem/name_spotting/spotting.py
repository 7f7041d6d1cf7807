"""Finds the name in an introduction: carrier phrases, their names, and why there is none."""

from __future__ import annotations

from dataclasses import dataclass

from namemem.name_spotting.patterns import PhraseBook, phrase_book
from namemem.name_spotting.tokens import Token, tokenize
from namemem.people import NameKind

MAX_NAME_WORDS = 5
_MAX_BARE_WORDS = 4
_MAY_FOLLOW = frozenset(("and", "from", "but", "nice", "i", "i'm"))


@dataclass(frozen=True, slots=True)
class SpottedName:
    """One name in a text.

    Attributes:
        text: as written.
        start, end: character offsets.
        first_word, last_word: indices of its first and last word in `tokenize(text)`.
        kind: which name of the person it is.
        of: `speaker`, or `other` for somebody they introduce.
        preferred: the one to use, where several are given.
        carrier: the indices (first, one past the last) of the words that introduce it, if any.
        certain: the phrase is nearly always followed by a name ("my name is").
    """

    text: str
    start: int
    end: int
    first_word: int
    last_word: int
    kind: NameKind
    of: str = "speaker"
    preferred: bool = True
    carrier: tuple[int, int] | None = None
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Spotted:
    """The names found, the speaker's own first; `reason` says why there is none."""

    names: tuple[SpottedName, ...]
    reason: str | None = None


def spot(text: str, language: str | None = None, *, asked: bool = False) -> Spotted:
    """Finds who the speaker says they are.

    Args:
        text: what was said, with or without capitals and punctuation.
        language: BCP 47 of the speech; English when not known.
        asked: the character has just asked for the name, so a bare "Siobhan." is one.

    Returns:
        The names, or none and a reason.
    """
    tokens = tokenize(text)
    if not tokens:
        return Spotted((), "Nothing was said.")
    book = phrase_book((language or "en").split("-")[0].casefold())
    found = _after_phrases(tokens, book, text) or _before_phrases(tokens, book, text)
    if found is None and asked:
        found = _bare(tokens, book, text)
    if found is None:
        return Spotted((), _reason(tokens, book, asked))
    return Spotted((found,))


def _matches(tokens: tuple[Token, ...], at: int, phrase: tuple[str, ...]) -> bool:
    if at + len(phrase) > len(tokens):
        return False
    return all(tokens[at + i].key == word for i, word in enumerate(phrase))


def _after_phrases(tokens: tuple[Token, ...], book: PhraseBook, text: str) -> SpottedName | None:
    """Names that follow a phrase; the last certain one wins (Alexander, but call me Sasha)."""
    best: SpottedName | None = None
    at = 0
    while at < len(tokens):
        phrase, certain = _phrase_at(tokens, at, book)
        if phrase is None:
            at += 1
            continue
        name_at = at + len(phrase)
        end = _name_end(tokens, name_at, book, certain=certain)
        if end > name_at:
            kind = NameKind(book.kinds.get(phrase, _kind_of(tokens[name_at:end], book)))
            name = _name(tokens, name_at, end, text, kind, (at, name_at), certain)
            if best is None or certain >= best.certain:
                best = name
            at = end
        else:
            at = name_at
    return best


def _phrase_at(
    tokens: tuple[Token, ...], at: int, book: PhraseBook
) -> tuple[tuple[str, ...] | None, bool]:
    for phrases, certain in ((book.strong, True), (book.weak, False)):
        for phrase in phrases:
            if _matches(tokens, at, phrase):
                return phrase, certain
    return None, False


def _name_end(tokens: tuple[Token, ...], at: int, book: PhraseBook, *, certain: bool) -> int:
    """One past the last word of the name that begins at `at`; `at` itself when none does."""
    end = at
    while end < len(tokens) and end - at < MAX_NAME_WORDS:
        token = tokens[end]
        if end > at and token.breaks_before and tokens[end - 1].key not in book.titles:
            break
        first = end == at or tokens[end - 1].key in book.titles
        if token.key in book.titles and end == at:
            end += 1
            continue
        particle = token.key in book.particles and end + 1 < len(tokens)
        if token.key in book.stop and not (particle and not first and _particle_fits(tokens, end)):
            break
        if first and token.key in book.not_a_name:
            break
        if (
            first
            and not certain
            and token.key.endswith("ing")
            and not _written_as_name(tokens, end)
        ):
            break
        if not first and not particle and token.key in book.not_a_name:
            break
        if not any(c.isalpha() for c in token.text):
            break
        end += 1
    while end > at and (tokens[end - 1].key in book.titles and end - at == 1):
        end -= 1
    goes_on = end > at and end < len(tokens) and not tokens[end].breaks_before
    if goes_on and not certain and tokens[end].key not in _MAY_FOLLOW:
        # "I'm looking forward to it": what goes on without a pause is rarely a name, unless the
        # transcriber wrote it as one.
        return end if _written_as_name(tokens, at) else at
    return end


def _written_as_name(tokens: tuple[Token, ...], at: int) -> bool:
    """Capitalised in a text that does not capitalise everything."""
    return tokens[at].is_capitalised and any(not t.is_capitalised for t in tokens)


def _particle_fits(tokens: tuple[Token, ...], at: int) -> bool:
    """A small word counts as part of a name only where the next word is written like one."""
    return tokens[at + 1].is_capitalised and not tokens[at + 1].breaks_before


def _before_phrases(tokens: tuple[Token, ...], book: PhraseBook, text: str) -> SpottedName | None:
    """Names that open the utterance: Siobhan here; Siobhan is my name."""
    start = 0
    while start < len(tokens) and tokens[start].key in ("hello", "hi", "hey"):
        start += 1
    end = _name_end(tokens, start, book, certain=True)
    for stop in range(end, start, -1):
        for phrase in book.after:
            at_end = stop + len(phrase) == len(tokens)
            if at_end and _matches(tokens, stop, phrase):
                kind = _kind_of(tokens[start:stop], book)
                return _name(tokens, start, stop, text, kind, None, certain=False)
    return None


def _bare(tokens: tuple[Token, ...], book: PhraseBook, text: str) -> SpottedName | None:
    start = 0
    fillers = {"hello", "hi", "hey", "yes", "yeah", "um", "uh", "er", "oh", "well", "it's", "ok"}
    while start < len(tokens) and tokens[start].key in fillers:
        start += 1
    end = _name_end(tokens, start, book, certain=True)
    if end == start or end - start > _MAX_BARE_WORDS:
        return None
    if end < len(tokens) and not tokens[end].breaks_before:
        return None
    kind = _kind_of(tokens[start:end], book)
    return _name(tokens, start, end, text, kind, None, certain=False)


def _kind_of(words: tuple[Token, ...], book: PhraseBook) -> NameKind:
    proper = [w for w in words if w.key not in book.titles and w.key not in book.particles]
    titled = any(w.key in book.titles for w in words)
    if titled and len(proper) == 1:
        return NameKind.FAMILY
    return NameKind.FULL if len(proper) > 1 else NameKind.GIVEN


def _name(
    tokens: tuple[Token, ...],
    first: int,
    end: int,
    text: str,
    kind: NameKind,
    carrier: tuple[int, int] | None,
    certain: bool,
) -> SpottedName:
    start, stop = tokens[first].start, tokens[end - 1].end
    return SpottedName(
        text[start:stop], start, stop, first, end - 1, kind, carrier=carrier, certain=certain
    )


def _reason(tokens: tuple[Token, ...], book: PhraseBook, asked: bool) -> str:
    for at in range(len(tokens)):
        phrase, _ = _phrase_at(tokens, at, book)
        if phrase is not None:
            said = " ".join(t.text for t in tokens[at : at + len(phrase)])
            return f"What follows “{said}” is not a name."
    if asked:
        return "The answer is not a name."
    return (
        "Nobody introduces themselves. Say “my name is …”, or send asked=true when the "
        "character has just asked for the name."
    )
