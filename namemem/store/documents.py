"""Domain values ↔ what the database keeps, without loss.

A pronunciation is one text: dotted IPA (`ʃɪ.ˈvɔːn`), which people and SQL can read and which
`parse_ipa` restores. The rare structure that dotted IPA cannot restore (a /t/ and a /ʃ/ that are
no affricate, a text over the parser's limit) is kept as JSON instead; a text that begins with
`{` is such a one. A hearing is one JSON document with a `schema` number.
"""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Mapping
from typing import Any

from namemem.errors import InvalidPronunciation, StoreUnavailable
from namemem.people import (
    Engines,
    HeardPhone,
    Hearing,
    Mention,
    NameKind,
    Reading,
    SpellingSource,
)
from namemem.phones import Phone, Pronunciation, Stress, Syllable, parse_ipa
from namemem.phones.model import dotted

HEARING_SCHEMA = 1
"""Raised by one whenever a document changes so that older code would misread it."""


def pronunciation_to_text(pronunciation: Pronunciation) -> str:
    """The text that `pronunciation_from_text` restores exactly: dotted IPA (NFC), else JSON."""
    text = unicodedata.normalize("NFC", " ".join(dotted(word) for word in pronunciation.words))
    try:
        if parse_ipa(text) == pronunciation:
            return text
    except InvalidPronunciation:
        pass
    words = [[_syllable_to_list(s) for s in word] for word in pronunciation.words]
    return json.dumps({"words": words}, ensure_ascii=False, separators=(",", ":"))


def pronunciation_from_text(text: str) -> Pronunciation:
    """Reads what `pronunciation_to_text` wrote.

    Raises:
        StoreUnavailable: the text is damaged, or a newer namemem wrote it.
    """
    try:
        if not text.startswith("{"):
            return parse_ipa(text)
        words = json.loads(text)["words"]
        return Pronunciation(tuple(tuple(_syllable_from_list(s) for s in w) for w in words))
    except (InvalidPronunciation, ValueError, KeyError, TypeError) as error:
        raise StoreUnavailable(
            "A stored pronunciation cannot be read: it is damaged, or a newer namemem wrote it."
        ) from error


def optional_to_text(pronunciation: Pronunciation | None) -> str | None:
    """`pronunciation_to_text`, None staying None."""
    return None if pronunciation is None else pronunciation_to_text(pronunciation)


def optional_from_text(text: str | None) -> Pronunciation | None:
    """`pronunciation_from_text`, None staying None."""
    return None if text is None else pronunciation_from_text(text)


def hearing_to_document(hearing: Hearing) -> dict[str, Any]:
    """A JSON-serialisable document with everything that is in the hearing.

    Times are seconds, timings milliseconds; likelihoods that are no finite number are the
    strings `inf`, `-inf` and `nan`, since JSON has no number for them.
    """
    return {
        "schema": HEARING_SCHEMA,
        "transcript": hearing.transcript,
        "spelling": hearing.spelling,
        "spelling_source": hearing.spelling_source.value,
        "language": hearing.language,
        "readings": [
            {
                "pronunciation": pronunciation_to_text(r.pronunciation),
                "source": r.source,
                "log_likelihood": _number(r.log_likelihood),
                "log_prior": _number(r.log_prior),
                "confidence": _number(r.confidence),
            }
            for r in hearing.readings
        ],
        "phones": [
            {
                "ipa": p.ipa,
                "start": _number(p.start),
                "end": _number(p.end),
                "confidence": _number(p.confidence),
            }
            for p in hearing.phones
        ],
        "start": _number(hearing.start),
        "end": _number(hearing.end),
        "predicted": optional_to_text(hearing.predicted),
        "heard_freely": hearing.heard_freely,
        "engines": {
            "transcriber": hearing.engines.transcriber,
            "phone_recognizer": hearing.engines.phone_recognizer,
            "g2p": hearing.engines.g2p,
        },
        "timings_ms": {stage: _number(ms) for stage, ms in hearing.timings_ms.items()},
        "takes": hearing.takes,
        "rejected": list(hearing.rejected),
        "quality": list(hearing.quality),
        "others": [
            {"spelling": m.spelling, "kind": m.kind.value, "of": m.of} for m in hearing.others
        ],
    }


def hearing_from_document(document: Mapping[str, Any]) -> Hearing:
    """Reads what `hearing_to_document` wrote, of this schema or an older one.

    Raises:
        StoreUnavailable: the document is damaged, or a newer namemem wrote it.
    """
    schema = document.get("schema")
    if schema != HEARING_SCHEMA:
        raise StoreUnavailable(
            f"A stored hearing has schema {schema!r}; this namemem reads {HEARING_SCHEMA}. "
            "Upgrade namemem.",
            schema=schema,
        )
    try:
        return Hearing(
            transcript=document["transcript"],
            spelling=document["spelling"],
            spelling_source=SpellingSource(document["spelling_source"]),
            language=document["language"],
            readings=tuple(
                Reading(
                    pronunciation=pronunciation_from_text(r["pronunciation"]),
                    source=r["source"],
                    log_likelihood=float(r["log_likelihood"]),
                    log_prior=float(r["log_prior"]),
                    confidence=float(r["confidence"]),
                )
                for r in document["readings"]
            ),
            phones=tuple(
                HeardPhone(p["ipa"], float(p["start"]), float(p["end"]), float(p["confidence"]))
                for p in document["phones"]
            ),
            start=float(document["start"]),
            end=float(document["end"]),
            predicted=optional_from_text(document["predicted"]),
            heard_freely=document["heard_freely"],
            engines=Engines(**document["engines"]),
            timings_ms={stage: float(ms) for stage, ms in document["timings_ms"].items()},
            takes=document["takes"],
            rejected=tuple(document["rejected"]),
            quality=tuple(document["quality"]),
            others=tuple(
                Mention(m["spelling"], NameKind(m["kind"]), m["of"])
                for m in document.get("others", ())
            ),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StoreUnavailable("A stored hearing is damaged and cannot be read.") from error


def _number(value: float) -> float | str:
    number = float(value)  # a numpy scalar is no JSON
    return number if math.isfinite(number) else str(number)


def _phone_to_list(phone: Phone) -> list[str]:
    return [phone.base, phone.diacritics, phone.length]


def _syllable_to_list(syllable: Syllable) -> list[Any]:
    return [
        [_phone_to_list(p) for p in syllable.onset],
        [_phone_to_list(p) for p in syllable.nucleus],
        [_phone_to_list(p) for p in syllable.coda],
        int(syllable.stress),
        syllable.tone,
    ]


def _syllable_from_list(parts: list[Any]) -> Syllable:
    onset, nucleus, coda, stress, tone = parts
    return Syllable(
        tuple(Phone(*p) for p in onset),
        tuple(Phone(*p) for p in nucleus),
        tuple(Phone(*p) for p in coda),
        Stress(stress),
        tone,
    )
