"""Lexicons: many names at once, in the files that text-to-speech systems load.

    >>> from namemem.phones import parse_ipa
    >>> from namemem.tts.lexicons import Entry, lexicon
    >>> print(lexicon("cmu", [Entry("Siobhan", parse_ipa("ʃɪˈvɔːn"))]).parts[0].content.strip())
    SIOBHAN  SH IH0 V AO1 N

Pure functions: names in, text out. A format is a row of `FORMATS`; what a system limits (Azure's
100 KB, Polly's 4000 characters, Rime's 500 entries) splits it into parts. Lexicons are
case-sensitive and match whole words, so the possessive of each name is an entry of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase

from namemem.errors import UnknownTarget
from namemem.phones import Pronunciation
from namemem.tts import lexicon_formats as formats
from namemem.tts.endings import possessive
from namemem.tts.lexicon_formats import Line, Part
from namemem.tts.target import Rendering, clean
from namemem.tts.voices import AnyVoice, Voice


@dataclass(frozen=True, slots=True)
class Entry:
    """A name to be in the lexicon: its spelling, and how it is said."""

    spelling: str
    pronunciation: Pronunciation


@dataclass(frozen=True, slots=True)
class Lexicon:
    """A lexicon in one or more files.

    Attributes:
        format: its name in `FORMATS`.
        parts: the files, none of them over the system's limits; one even where nothing is in it.
        renderings: every entry as it was rendered, with what was substituted.
        left_out: spellings that the format cannot hold, and why.
    """

    format: str
    parts: tuple[Part, ...]
    renderings: tuple[Rendering, ...]
    left_out: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of lexicon.

    Attributes:
        title: for people.
        media_type: of a part.
        target: whose phones it holds, as `get_target` knows it.
        write: entries → parts.
        source: where the format is documented.
        limits: what splits it, a sentence each.
        takes: pattern of the voices and models that take these entries though they take no
            phonemes in the text.
    """

    title: str
    media_type: str
    target: str
    write: Callable[[Sequence[Line], str], tuple[list[Part], list[tuple[str, str]]]]
    source: str
    limits: tuple[str, ...] = ()
    takes: str = ""


_PLS = "https://www.w3.org/TR/pronunciation-lexicon/"
FORMATS: dict[str, Format] = {
    "pls": Format(
        "W3C PLS 1.0", "application/pls+xml", "ssml", formats.write_pls, _PLS,
        ("All of IPA, as it was heard.",),
    ),
    "azure": Format(
        "Azure AI Speech (PLS)", "application/pls+xml", "azure", formats.write_azure,
        "https://learn.microsoft.com/azure/ai-services/speech-service/"
        "speech-synthesis-markup-pronunciation#custom-lexicon",
        ("At most 100 KB a file, one locale each. The words of a name are joined by dots.",),
    ),
    "polly": Format(
        "Amazon Polly (PLS)", "application/pls+xml", "polly", formats.write_polly,
        "https://docs.aws.amazon.com/polly/latest/dg/limits.html",
        ("At most 4000 characters a file and 100 a lexeme; five lexicons a request.",
         "A lexicon's name has at most 20 letters and digits."),
    ),
    "google": Format(
        "Google Cloud (customPronunciations)", "application/json", "google", formats.write_google,
        "https://docs.cloud.google.com/text-to-speech/docs/reference/rest/v1/text/synthesize",
        takes="*chirp*",
    ),
    "elevenlabs": Format(
        "ElevenLabs (PLS)", "application/pls+xml", "elevenlabs", formats.write_elevenlabs,
        "https://elevenlabs.io/docs/eleven-api/guides/how-to/text-to-speech/"
        "pronunciation-dictionaries",
        ("Aliases for models that take no phonemes.",),
    ),
    "cartesia": Format(
        "Cartesia (pronunciation dictionary)", "application/json", "cartesia",
        formats.write_cartesia,
        "https://docs.cartesia.ai/build-with-cartesia/capability-guides/custom-pronunciations",
    ),
    "rime": Format(
        "Rime Coda (customLexicon)", "application/json", "rime", formats.write_rime,
        "https://docs.rime.ai/platform/phoneme-control", ("At most 500 entries a request.",),
    ),
    "espeak": Format(
        "espeak-ng dictionary source (…_extra)", "text/plain", "espeak", formats.write_espeak,
        "https://github.com/espeak-ng/espeak-ng/blob/master/docs/dictionary.md",
        ("Words of letters only; case does not matter to espeak-ng.",),
    ),
    "mfa": Format(
        "Montreal Forced Aligner", "text/plain", "arpabet", formats.write_mfa,
        "https://montreal-forced-aligner.readthedocs.io/en/latest/user_guide/dictionary.html",
        ("One word a line: a name of several words is taken apart.",),
    ),
    "cmu": Format(
        "CMU dictionary", "text/plain", "arpabet", formats.write_cmu,
        "http://www.speech.cs.cmu.edu/cgi-bin/cmudict",
        ("One word a line: a name of several words is taken apart.",),
    ),
}  # fmt: skip


def lexicon_formats() -> tuple[str, ...]:
    """Names of all formats, in the order in which they are listed to callers."""
    return tuple(FORMATS)


def lexicon(
    name: str, entries: Sequence[Entry], voice: AnyVoice = None, *, possessives: bool = True
) -> Lexicon:
    """All names as one lexicon.

    Args:
        name: one of `lexicon_formats()`.
        entries: the names. Of two with the same spelling the first is taken, since a lexicon
            cannot tell them apart; the other is in `left_out`.
        voice: whose phones, where the system has several.
        possessives: also write an entry for each name with `'s`, for English voices.

    Raises:
        UnknownTarget: no such format.
        UnknownVoice: nothing is known of that voice's phones.
    """
    from namemem.tts.registry import get_target

    if name not in FORMATS:
        close = get_close_matches(name.lower(), FORMATS, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise UnknownTarget(
            f"There is no lexicon format {name[:60]!r}.{hint} There are: {', '.join(FORMATS)}.",
            target=name[:60],
            known=list(FORMATS),
        )
    chosen = FORMATS[name]
    target = get_target(chosen.target)
    lines: list[Line] = []
    left_out: list[tuple[str, str]] = []
    seen: dict[str, Pronunciation] = {}
    locale = target.locale(voice) or formats.locale_of_voice(name, voice)
    english = locale.startswith("en")
    given = Voice.of(voice)
    if any(p and fnmatchcase(p.lower(), chosen.takes) for p in (given.name, given.model)):
        voice = Voice(locale=locale)  # the phones of its locale, whatever its text takes
    for entry in entries:
        spelling = " ".join(clean(entry.spelling).split())
        if not spelling:
            left_out.append((entry.pronunciation.ipa, "It has no spelling."))
            continue
        if spelling in seen:
            if seen[spelling] != entry.pronunciation:
                why = f"Another {spelling!r} is in the lexicon with another pronunciation."
                left_out.append((spelling, why))
            continue
        seen[spelling] = entry.pronunciation
        rendering = target.render_name(spelling, entry.pronunciation, voice)
        lines.append(Line(spelling, entry.pronunciation, rendering))
        if possessives and english and not spelling.endswith(("'s", "’s")):
            said = possessive(entry.pronunciation)
            for mark in ("'s", "’s"):
                one = target.render_possessive(spelling, entry.pronunciation, mark, voice)
                lines.append(Line(spelling + mark, said, one))
    parts, refused = chosen.write(lines, locale)
    renderings = tuple(line.rendering for line in lines)
    return Lexicon(name, tuple(parts), renderings, (*left_out, *refused))
