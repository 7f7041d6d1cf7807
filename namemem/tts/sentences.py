"""Sentences with names in them: `Good morning {person:ID}, meet {external:alice}!`.

`{person:ID}` is a person by our id, `{external:ID}` by the caller's own. Braces are written `{{`
and `}}`. A possessive right after a placeholder (`{person:ID}'s`) is said as one word with it.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from namemem.errors import InvalidRequest
from namemem.phones import Pronunciation
from namemem.tts.endings import possessive
from namemem.tts.target import Rendering, Target, clean
from namemem.tts.voices import AnyVoice

MAX_TEMPLATE = 10_000
"""Longest template that is read, in characters."""

_KINDS = ("person", "external")
_LETTERS = re.compile(r"\w\w")
APOSTROPHES = "'’ʼ‘´＇′"
"""What people type before the s of a possessive."""
_POSSESSIVE = re.compile(rf"[{APOSTROPHES}]s(?!\w)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Literal:
    """Text as it is; doubled braces are single ones here."""

    text: str


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A name to be put in. `position` is where it stands in the template, in characters."""

    kind: str
    id: str
    position: int
    suffix: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """(`person` or `external`, id)."""
        return self.kind, self.id


@dataclass(frozen=True, slots=True)
class SpokenName:
    """A name to say: its spelling, and how it is said (None: as the voice reads it)."""

    text: str
    pronunciation: Pronunciation | None


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence for one target: `markup` to send, `text` to show, `names` as they are in it."""

    markup: str
    text: str
    names: tuple[Rendering, ...]


def parse_template(template: str) -> list[Literal | Placeholder]:
    """The parts of a template, in order.

    Raises:
        InvalidRequest: a brace that opens or closes nothing, or a placeholder that is not
            `{person:ID}` or `{external:ID}`; `details` has its `position`.
    """
    if len(template) > MAX_TEMPLATE:
        raise InvalidRequest(
            f"A text has at most {MAX_TEMPLATE} characters; this one has {len(template)}.",
            position=MAX_TEMPLATE,
        )
    parts: list[Literal | Placeholder] = []
    literal = ""
    i = 0
    while i < len(template):
        if template[i : i + 2] in ("{{", "}}"):
            literal += template[i]
            i += 2
        elif template[i] == "}":
            raise _malformed("closes nothing; write }} for a brace", i)
        elif template[i] == "{":
            placeholder, i = _placeholder(template, i)
            if literal:
                parts.append(Literal(literal))
                literal = ""
            parts.append(placeholder)
        else:
            literal += template[i]
            i += 1
    if literal:
        parts.append(Literal(literal))
    return parts


def _placeholder(template: str, start: int) -> tuple[Placeholder, int]:
    end = template.find("}", start)
    if end < 0:
        raise _malformed("is never closed; write {{ for a brace", start)
    kind, colon, identifier = template[start + 1 : end].partition(":")
    if not colon or kind.strip() not in _KINDS or not identifier.strip() or "{" in identifier:
        shown = template[start : end + 1][:80]
        raise _malformed(
            f"is not {{person:ID}} or {{external:ID}} but {shown}; write {{{{ for a brace", start
        )
    suffix = _POSSESSIVE.match(template, end + 1)
    found = suffix.group() if suffix else ""
    return Placeholder(kind.strip(), identifier.strip(), start, found), end + 1 + len(found)


def _malformed(what: str, position: int) -> InvalidRequest:
    return InvalidRequest(
        f"The brace at position {position} of the text {what}.", position=position
    )


# A full stop after these ends no sentence.
_TITLES = frozenset(
    "mr mrs ms mx dr prof st sr jr fr rev hon lt col gen capt sgt hr dipl ing frl mme mlle sra "
    "srta dott dra sig vs no nr bzw z.b u.a d.h i.e e.g".split()
)
_END = re.compile("[.!?…]+[\"'”’»)\\]]*\\s+|[。！？]+[」』”]*\\s*|\\n+")


def split_sentences(parts: Sequence[Literal | Placeholder]) -> list[list[Literal | Placeholder]]:
    """The parts of a template sentence by sentence, each with the space that follows it.

    Put together again they are the template. A name is never split, and titles and initials
    (Dr., J.) end no sentence.
    """
    sentences: list[list[Literal | Placeholder]] = [[]]
    for part in parts:
        if isinstance(part, Placeholder):
            sentences[-1].append(part)
            continue
        start = 0
        for end in _END.finditer(part.text):
            word = re.split(r"[\s(]", part.text[: end.start()])[-1].lower()
            stop = end.group().strip() == "."
            if stop and (word in _TITLES or (len(word) == 1 and word.isalpha())):
                continue
            sentences[-1].append(Literal(part.text[start : end.end()]))
            sentences.append([])
            start = end.end()
        if part.text[start:]:
            sentences[-1].append(Literal(part.text[start:]))
    return [sentence for sentence in sentences if sentence]


# Scripts that put no spaces between words: Thai, Lao, Burmese, Khmer, kana and Han.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003fffd]"
)


@cache
def _marks() -> str:
    """All combining marks, for a character class."""
    codes = (c for c in range(sys.maxunicode + 1) if unicodedata.category(chr(c))[0] == "M")
    ranges: list[list[int]] = []
    for code in codes:
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)


def _whole_word(spelling: str) -> str:
    """The pattern of a spelling (NFC) where it is no part of a longer word."""
    before = "" if _UNSPACED.match(spelling[0]) else rf"(?<![\w{_marks()}])"
    word = "" if _UNSPACED.match(spelling[-1]) else r"\w"
    # ʼ is a letter to Unicode, and still an apostrophe in a possessive.
    return rf"{before}{re.escape(spelling)}(?:(?=ʼ[sS](?!\w))|(?![{word}{_marks()}]))"


def find_names(
    parts: Sequence[Literal | Placeholder], names: Mapping[tuple[str, str], str]
) -> list[Literal | Placeholder]:
    """Puts placeholders where names stand written out in the text.

    Args:
        parts: from `parse_template`; placeholders in it stay.
        names: `Placeholder.key` → spelling. Whole words only, in this very case; of names that
            lie inside each other (Ann in Mary Ann) the longest is taken, of equal ones the first.
            Scripts without spaces between words (Han, kana, Thai) need no word's end there.

    Returns:
        Parts with the same text, in NFC where a name was found. A possessive belongs to its name.
    """
    spelled: dict[str, tuple[str, str]] = {}
    for key, spelling in names.items():
        if spelling.strip():
            spelled.setdefault(unicodedata.normalize("NFC", spelling.strip()), key)
    if not spelled:
        return list(parts)
    longest = sorted(spelled, key=len, reverse=True)
    pattern = re.compile("|".join(map(_whole_word, longest)))
    found: list[Literal | Placeholder] = []
    for part in parts:
        if isinstance(part, Placeholder):
            found.append(part)
            continue
        start = 0
        text = unicodedata.normalize("NFC", part.text)
        for match in pattern.finditer(text):
            if match.start() > start:
                found.append(Literal(text[start : match.start()]))
            kind, ident = spelled[match.group()]
            ending = _POSSESSIVE.match(text, match.end())
            suffix = ending.group() if ending else ""
            found.append(Placeholder(kind, ident, match.start(), suffix))
            start = match.end() + len(suffix)
        if not start:
            found.append(part)
        elif text[start:]:
            found.append(Literal(text[start:]))
    return found


def render_line(target: Target, line: str, name: Rendering, voice: AnyVoice = None) -> str:
    """A line with `{name}` in it (or none) as markup, with a name that is rendered already."""
    before, slot, after = line.partition("{name}")
    markup = _Markup(target)
    markup.add(target.escape(before))
    if slot:
        markup.add_name(name)
    markup.add(target.escape(after))
    return target.assemble(markup.text, [name] if slot else [], voice)


class _Markup:
    """The markup of a sentence as it grows; names that are words are kept apart from letters."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._after_word = False
        self.text = ""

    def add(self, piece: str) -> None:
        """Escaped text."""
        self._append(piece, False)

    def add_name(self, name: Rendering) -> None:
        """A name; a respelling is text already."""
        respelled = name.alphabet == "respelling"
        piece = name.markup if respelled else self._target.inline(name, self.text)
        self._append(piece, self._target.is_word(name))

    def _append(self, piece: str, is_word: bool) -> None:
        if not piece:
            return
        if (is_word or self._after_word) and _LETTERS.fullmatch(self.text[-1:] + piece[:1]):
            piece = f" {piece}"
        self.text += piece
        self._after_word = is_word


def render_sentence(
    target: Target,
    parts: Sequence[Literal | Placeholder],
    names: Mapping[tuple[str, str], SpokenName],
    voice: AnyVoice = None,
    *,
    whole: bool = True,
) -> Sentence:
    """Puts names into a parsed template.

    Args:
        target: whom it is for; the text around the names is escaped for it.
        parts: from `parse_template`.
        names: by `Placeholder.key`, every placeholder of the template.
        voice: the target's voice, where the form depends on it.
        whole: ready to be sent; else only what goes into a frame (`<speak>`) that another makes.

    Raises:
        KeyError: a placeholder that `names` does not have.
        UnknownVoice: the form depends on the voice and nothing is known of this one.
    """
    markup = _Markup(target)
    text: list[str] = []
    rendered: list[Rendering] = []
    for part in parts:
        if isinstance(part, Literal):
            markup.add(target.escape(part.text))
            text.append(clean(part.text))
            continue
        name = names[part.key]
        if name.pronunciation is None:
            markup.add(target.escape(name.text + part.suffix))
            text.append(clean(name.text + part.suffix))
            continue
        if part.suffix:
            one = target.render_possessive(name.text, name.pronunciation, part.suffix, voice)
            said = possessive(name.pronunciation)
        else:
            one = target.render_name(name.text, name.pronunciation, voice)
            said = name.pronunciation
        one = target.told_apart(one, said, rendered, voice)
        markup.add_name(one)
        text.append(one.text)
        rendered.append(one)
    made = target.assemble(markup.text, rendered, voice) if whole else markup.text
    return Sentence(made, "".join(text), tuple(rendered))
