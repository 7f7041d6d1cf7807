"""The words of a caller's own recogniser, checked."""

from __future__ import annotations

import math
import re

from namemem.asr.base import TimedWord, Transcript
from namemem.errors import InvalidRequest

_MAX_WORDS = 2_000
_MAX_TEXT = 20_000
_BEYOND = 0.5  # seconds that a word may end after the recording, for a recogniser that rounds
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*")


def transcript_from_caller(data: object) -> Transcript:
    """`{"text", "language"?, "words"?: [{"word", "start", "end", "confidence"?}]}` → Transcript.

    Times are seconds, words in order of time. Without `words`, the words of `text` have no
    times and `timed` is false. Raises InvalidRequest; `details["at"]` is the place, such as
    "words[3].start".
    """
    if not isinstance(data, dict):
        raise _wrong("", "is an object")
    unknown = set(data) - {"text", "language", "words"}
    if unknown:
        raise _wrong(str(min(unknown, key=str)), "is text, language or words; leave out the rest")
    text = data.get("text")
    if not isinstance(text, str) or len(text) > _MAX_TEXT:
        raise _wrong("text", f"is a string of at most {_MAX_TEXT} characters")
    if _NO_TEXT.search(text):
        raise _wrong("text", "holds no NUL character and no half of a surrogate pair")
    language = data.get("language")
    if language is not None and not (isinstance(language, str) and _LANGUAGE.fullmatch(language)):
        raise _wrong("language", "is a BCP 47 language such as 'en-GB'")
    raw = data.get("words")
    if raw is None:
        untimed = tuple(TimedWord(word, None, None) for word in text.split()[:_MAX_WORDS])
        return Transcript(text, untimed, "caller", language, timed=False)
    if not isinstance(raw, list) or len(raw) > _MAX_WORDS:
        raise _wrong("words", f"is a list of at most {_MAX_WORDS} words")
    words: list[TimedWord] = []
    for index, item in enumerate(raw):
        word = _word(item, f"words[{index}]")
        previous = words[-1].start if words else None
        if previous is not None and word.start is not None and word.start < previous:
            raise _wrong(f"words[{index}].start", "is not before the word before it")
        words.append(word)
    return Transcript(text, tuple(words), "caller", language)


def check_times(transcript: Transcript, seconds: float) -> None:
    """Raises `InvalidRequest` where a word is timed beyond the recording: mostly milliseconds."""
    for index, word in enumerate(transcript.words):
        if word.end is not None and word.end > seconds + _BEYOND:
            raise _wrong(
                f"words[{index}].end",
                f"lies in the recording, which has {seconds:.2f} s. Times are seconds from its "
                "beginning; send those, or leave `words` out",
            )


def _word(item: object, at: str) -> TimedWord:
    if not isinstance(item, dict):
        raise _wrong(at, "is an object with word, start and end")
    word = item.get("word")
    if not isinstance(word, str) or not word.strip() or _NO_TEXT.search(word):
        raise _wrong(f"{at}.word", "is a string that is not empty")
    start, end = (_seconds(item.get(key), f"{at}.{key}") for key in ("start", "end"))
    if end < start:
        raise _wrong(f"{at}.end", "is not before its start")
    confidence = item.get("confidence")
    if confidence is not None:
        confidence = _seconds(confidence, f"{at}.confidence")
        if confidence > 1:
            raise _wrong(f"{at}.confidence", "is between 0 and 1")
    return TimedWord(word.strip(), start, end, confidence)


def _seconds(value: object, at: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(at, "is a number")
    if not 0 <= value < 1e6 or not math.isfinite(value):
        raise _wrong(at, "is a finite number from 0 on")
    return float(value)


def _wrong(at: str, rule: str) -> InvalidRequest:
    name = f"transcript.{at}" if at else "transcript"
    return InvalidRequest(f"The transcript cannot be used. Mend {name} so that it {rule}.", at=at)
