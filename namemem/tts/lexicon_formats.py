"""The files that `lexicons` writes: one function a format, and the splitting at limits."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape, quoteattr

from namemem.phones import Pronunciation
from namemem.tts.target import Rendering
from namemem.tts.voices import AnyVoice, Voice, locale_of

AZURE_BYTES = 100 * 1024
"""Azure: largest file of a custom lexicon, in bytes."""
POLLY_CHARACTERS = 4000
"""Polly: longest lexicon, in characters."""
POLLY_LEXEME = 100
"""Polly: longest phoneme or alias of a lexeme, in characters."""
ESPEAK_PHONES = 60
"""espeak-ng: most phones of a word; its arrays are of fixed size, and too many end its process."""
RIME_ENTRIES = 500
"""Rime: most entries of a request."""

Left = list[tuple[str, str]]
_NO_WORD = "A word of a dictionary holds letters, digits, apostrophes and hyphens."
_NAMESPACE = "http://www.w3.org/2005/01/pronunciation-lexicon"


@dataclass(frozen=True, slots=True)
class Part:
    """One file: a name to save it under, its media type, its text, and how many entries it has."""

    name: str
    media_type: str
    content: str
    entries: int


@dataclass(frozen=True, slots=True)
class Line:
    """One entry: what is matched, how it is said, and that in the target's phones."""

    spelling: str
    pronunciation: Pronunciation
    rendering: Rendering


def locale_of_voice(target: str, voice: AnyVoice) -> str:
    """The locale that a voice names, en-US by default."""
    return locale_of(target, Voice.of(voice)) or "en-US"


def _split(
    lines: Sequence[Line],
    write: Callable[[Sequence[Line]], str],
    fits: Callable[[str, int], bool],
) -> list[tuple[str, int]]:
    """(text, entries) of as few parts as fit; each is filled by bisection."""
    parts: list[tuple[str, int]] = []
    start = 0
    while start < len(lines):
        low, high = 1, len(lines) - start
        while low < high:
            middle = (low + high + 1) // 2
            if fits(write(lines[start : start + middle]), middle):
                low = middle
            else:
                high = middle - 1
        parts.append((write(lines[start : start + low]), low))
        start += low
    return parts or [(write([]), 0)]


def _named(parts: list[tuple[str, int]], stem: str, ending: str, media_type: str) -> list[Part]:
    return [
        Part(f"{stem}{i if len(parts) > 1 else ''}.{ending}", media_type, text, entries)
        for i, (text, entries) in enumerate(parts, 1)
    ]


def pls(lines: Sequence[Line], alphabet: str, locale: str) -> str:
    """A PLS 1.0 document, valid against its schema.

    Source: https://www.w3.org/TR/pronunciation-lexicon/ (sections 4.1 to 4.6).
    """
    rows = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<lexicon version="1.0" xmlns="{_NAMESPACE}" alphabet={quoteattr(alphabet)} '
        f"xml:lang={quoteattr(locale)}>",
    ]
    for line in lines:
        said = escape(line.rendering.phones)
        tag = "alias" if line.rendering.alphabet == "respelling" else "phoneme"
        grapheme = escape(line.spelling)
        rows.append(f"  <lexeme><grapheme>{grapheme}</grapheme><{tag}>{said}</{tag}></lexeme>")
    return "\n".join([*rows, "</lexicon>", ""])


def _pls_parts(
    lines: Sequence[Line], alphabet: str, locale: str, stem: str, fits: Callable[[str, int], bool]
) -> list[Part]:
    parts = _split(lines, lambda some: pls(some, alphabet, locale), fits)
    return _named(parts, stem, "pls", "application/pls+xml")


def write_pls(lines: Sequence[Line], locale: str) -> tuple[list[Part], Left]:
    """Plain PLS in IPA, one file."""
    return _pls_parts(lines, "ipa", locale, "names", lambda text, n: True), []


def write_azure(lines: Sequence[Line], locale: str) -> tuple[list[Part], Left]:
    """PLS in files of at most 100 KB; Azure allows no white space in a phoneme."""
    lines = [
        replace(line, rendering=replace(r, phones=r.phones.replace(" ", ".")))
        if (r := line.rendering).alphabet != "respelling"
        else line
        for line in lines
    ]

    def fits(text: str, entries: int) -> bool:
        return len(text.encode()) <= AZURE_BYTES

    return _pls_parts(lines, "ipa", locale, "names", fits), []


def write_polly(lines: Sequence[Line], locale: str) -> tuple[list[Part], Left]:
    """PLS in lexicons of at most 4000 characters, each with a name that Polly takes."""
    kept = [line for line in lines if len(line.rendering.phones) <= POLLY_LEXEME]
    left = [
        (line.spelling, f"Its phones have more than {POLLY_LEXEME} characters.")
        for line in lines
        if len(line.rendering.phones) > POLLY_LEXEME
    ]
    alphabet = "ipa"
    stem = "names" + re.sub("[^A-Za-z0-9]", "", locale)[:8]

    def fits(text: str, entries: int) -> bool:
        return len(text) <= POLLY_CHARACTERS

    return _pls_parts(kept, alphabet, locale, stem, fits), left


def write_elevenlabs(lines: Sequence[Line], locale: str) -> tuple[list[Part], Left]:
    """PLS in CMU ARPABET, or aliases where the model takes no phonemes."""
    return _pls_parts(lines, "cmu-arpabet", locale, "names", lambda text, n: True), []


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def write_google(lines: Sequence[Line], locale: str) -> tuple[list[Part], Left]:
    """`customPronunciations` of a synthesis request."""
    items = [
        {
            "phrase": line.spelling,
            "phoneticEncoding": "PHONETIC_ENCODING_IPA",
            "pronunciation": line.rendering.phones,
        }
        for line in lines
        if line.rendering.alphabet != "respelling"
    ]
    text = _json({"customPronunciations": {"pronunciations": items}})
    left = [
        (line.spelling, "This voice takes no pronunciations.")
        for line in lines
        if line.rendering.alphabet == "respelling"
    ]
    return [Part("names.json", "application/json", text, len(items))], left


def write_cartesia(lines: Sequence[Line], locale: str) -> tuple[list[Part], Left]:
    """Items of a pronunciation dictionary."""
    items = [{"text": line.spelling, "pronunciation": line.rendering.markup} for line in lines]
    return [Part("names.json", "application/json", _json(items), len(items))], []


def write_rime(lines: Sequence[Line], locale: str) -> tuple[list[Part], Left]:
    """`customLexicon` lists of at most 500 entries."""

    def write(some: Sequence[Line]) -> str:
        return _json(
            {
                "customLexicon": [
                    {"spelling": line.spelling, "pronunciation": line.rendering.phones}
                    for line in some
                ]
            }
        )

    kept = [line for line in lines if line.rendering.alphabet == "x-sampa"]
    left = [
        (line.spelling, "This model takes no lexicon; Coda alone does.")
        for line in lines
        if line.rendering.alphabet != "x-sampa"
    ]
    parts = _split(kept, write, lambda text, entries: entries <= RIME_ENTRIES)
    return _named(parts, "names", "json", "application/json"), left


def write_espeak(lines: Sequence[Line], locale: str) -> tuple[list[Part], Left]:
    """Dictionary source: `siobhan SI'vO:n`, a name of several words in brackets.

    espeak-ng folds case, and its dictionaries hold words of letters only.
    """
    rows: dict[str, str] = {}
    left: Left = []
    for line in lines:
        word = unicodedata.normalize("NFC", line.spelling.lower().replace("’", "'"))
        if not re.fullmatch(r"[^\W\d_]+(?:[' -][^\W\d_]+)*", word) or len(word) > 60:
            left.append((line.spelling, "espeak-ng's dictionaries hold words of letters only."))
            continue
        if len(line.pronunciation.phones) > ESPEAK_PHONES:
            why = f"Its pronunciation has more than {ESPEAK_PHONES} phones."
            left.append((line.spelling, why))
            continue
        key = f"({word.replace('-', ' ')})" if " " in word or "-" in word else word
        if rows.setdefault(key, line.rendering.phones) != line.rendering.phones:
            why = f"{key!r}, which is the same to espeak-ng, is there with other phones."
            left.append((line.spelling, why))
    text = "// Names, for espeak-ng: append to …_extra and compile.\n"
    text += "".join(f"{word}  {phones}\n" for word, phones in rows.items())
    return [Part("names_extra", "text/plain", text, len(rows))], left


def _words(lines: Sequence[Line]) -> tuple[dict[str, list[str]], Left]:
    """Word (lower case) → its pronunciations in ARPABET; names of several words are taken apart."""
    from namemem.phones.arpabet import to_arpabet
    from namemem.tts.endings import stress_single_syllables

    found: dict[str, list[str]] = {}
    left: Left = []
    for line in lines:
        spelled, said = line.spelling.split(), line.pronunciation.words
        if len(spelled) != len(said):
            spelled, said = ["".join(spelled)], (tuple(s for w in said for s in w),)
        for word, syllables in zip(spelled, said, strict=True):
            bare = word.strip('.,;:!?"()[]{}<>#/').replace("’", "'")
            if not re.fullmatch(r"[^\W_]+(?:['.-][^\W_]+)*", bare):
                left.append((line.spelling, _NO_WORD))
                continue
            one = stress_single_syllables(Pronunciation((syllables,)))
            phones = to_arpabet(one).value
            known = found.setdefault(bare.lower(), [])
            if phones not in known:
                known.append(phones)
    return found, left


def write_cmu(lines: Sequence[Line], locale: str) -> tuple[list[Part], Left]:
    """CMUdict's form: `SIOBHAN  SH IH0 V AO1 N`, other readings as `SIOBHAN(1)`."""
    words, left = _words(lines)
    upper: dict[str, list[str]] = {}
    for word, readings in words.items():  # Weiß and Weiss are one word in capitals
        known = upper.setdefault(word.upper(), [])
        known.extend(phones for phones in readings if phones not in known)
    rows = [
        f"{word}{f'({i})' if i else ''}  {phones}"
        for word, readings in sorted(upper.items())
        for i, phones in enumerate(readings)
    ]
    text = "".join(f"{row}\n" for row in rows)
    return [Part("names.dict", "text/plain", text, len(rows))], left


def write_mfa(lines: Sequence[Line], locale: str) -> tuple[list[Part], Left]:
    r"""MFA's form for its ARPABET models: `siobhan\tSH IH0 V AO1 N`, in lower case."""
    words, left = _words(lines)
    rows = [f"{word}\t{phones}" for word, readings in sorted(words.items()) for phones in readings]
    text = "".join(f"{row}\n" for row in dict.fromkeys(rows))
    return [Part("names.dict", "text/plain", text, len(rows))], left
