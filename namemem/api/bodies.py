"""From domain values to the JSON of the contract."""

from __future__ import annotations

import unicodedata

from namemem.api import schemas as s
from namemem.api.schemas.consenting import ConsentOut
from namemem.consent import RecordedConsent
from namemem.people import Hearing, Name, NameVersion, Person, Status
from namemem.phones import Pronunciation, to_arpabet
from namemem.phones.respelling import to_respelling
from namemem.reconcile import distinct
from namemem.service import IntroductionView, Said
from namemem.service.answering import ALTERNATIVES
from namemem.tts import Rendering
from namemem.tts.lexicons import Lexicon


def pronounced(pronunciation: Pronunciation | None) -> s.PronouncedOut | None:
    """A pronunciation in the three notations people read."""
    if pronunciation is None:
        return None
    return s.PronouncedOut(
        ipa=pronunciation.ipa,
        respelling=to_respelling(pronunciation).value,
        arpabet=to_arpabet(pronunciation).value,
    )


def name_out(name: Name) -> s.NameOut:
    """One name of a person."""
    return s.NameOut(
        id=name.id,
        kind=name.kind,
        spelling=name.spelling,
        language=name.language,
        pronunciation=pronounced(name.pronunciation),
        status=name.status,
        confidence=name.confidence,
        suggestion=pronounced(name.suggestion),
        introduction_id=name.introduction_id,
        version=name.version,
    )


def person_out(person: Person, distance: float | None = None) -> s.PersonOut:
    """A person with their names."""
    return s.PersonOut(
        id=person.id,
        external_id=person.external_id,
        display_name=person.display_name,
        names=[name_out(name) for name in person.names],
        created_at=person.created_at,
        updated_at=person.updated_at,
        distance=None if distance is None else round(distance, 4),
    )


def version_out(version: NameVersion) -> s.NameVersionOut:
    """One entry of a name's history."""
    return s.NameVersionOut(
        version=version.version,
        who=version.who,
        when=version.when,
        what=version.what,
        why=version.why,
        kind=version.kind,
        spelling=version.spelling,
        language=version.language,
        pronunciation=pronounced(version.pronunciation),
        status=version.status,
        confidence=version.confidence,
    )


def rendering_out(rendering: Rendering | None) -> s.RenderingOut | None:
    """A name in a target's form."""
    return None if rendering is None else s.RenderingOut.model_validate(rendering.as_dict())


def lexicon_out(made: Lexicon) -> s.LexiconOut:
    """A lexicon with its report."""
    return s.LexiconOut(
        format=made.format,
        parts=[
            s.LexiconPartOut(
                name=part.name,
                media_type=part.media_type,
                entries=part.entries,
                content=part.content,
            )
            for part in made.parts
        ],
        left_out=[{"text": text, "reason": reason} for text, reason in made.left_out],
        inexact=[
            s.RenderingOut.model_validate(r.as_dict()) for r in made.renderings if not r.exact
        ],
    )


def said_out(said: Said) -> s.PronunciationOut:
    """A person's name in a target's form."""
    return s.PronunciationOut.model_validate(
        {
            **said.rendering.as_dict(),
            "person_id": said.person.id,
            "name_id": said.name.id,
            "status": said.name.status,
            "source": said.source,
            "version": said.name.version,
        }
    )


def consent_out(kept: RecordedConsent) -> ConsentOut:
    """An agreement as it is kept."""
    return ConsentOut.model_validate(
        {
            "id": kept.id,
            "introduction_id": kept.introduction_id,
            **kept.consent.as_dict(),
            "recorded_at": kept.recorded_at,
            "withdrawn_at": kept.withdrawn_at,
        }
    )


def heard_out(hearing: Hearing) -> dict[str, object]:
    """What was heard, without ids: the part of an introduction that `namemem hear` prints."""
    chosen = hearing.chosen
    said = pronounced(chosen.pronunciation)
    assert said is not None  # noqa: S101 - a chosen reading always has a pronunciation
    alternatives = []
    for reading in distinct(hearing.readings, ALTERNATIVES):
        form = pronounced(reading.pronunciation)
        if form is not None:
            alternatives.append(
                s.AlternativeOut(
                    **form.model_dump(), confidence=reading.confidence, source=reading.source
                )
            )
    predicted = None
    if hearing.predicted is not None:
        agrees = bool(hearing.agrees)
        predicted = s.PredictedOut(ipa=hearing.predicted.ipa, agrees=agrees)
    return {
        "transcript": hearing.transcript,
        "name": s.HeardNameOut(
            spelling=hearing.spelling,
            spelling_source=hearing.spelling_source.value,
            **said.model_dump(),
            phones=[
                s.PhoneOut(
                    ipa=unicodedata.normalize("NFC", p.ipa),
                    start=round(p.start, 3),
                    end=round(p.end, 3),
                    confidence=round(p.confidence, 3),
                )
                for p in hearing.phones
            ],
            start=hearing.start,
            end=hearing.end,
            confidence=chosen.confidence,
        ),
        "others": [
            s.MentionOut(
                spelling=m.spelling, kind=m.kind, of="other" if m.of == "other" else "speaker"
            )
            for m in hearing.others
        ],
        "alternatives": alternatives,
        "predicted_from_spelling": predicted,
        "heard_freely": unicodedata.normalize("NFC", hearing.heard_freely),
        "quality": list(hearing.quality),
        "engines": s.EnginesOut(
            transcriber=hearing.engines.transcriber,
            phone_recognizer=hearing.engines.phone_recognizer,
            g2p=hearing.engines.g2p,
        ),
        "timings_ms": hearing.timings_ms,
    }


def introduction_out(view: IntroductionView) -> s.IntroductionOut:
    """One introduction as it now stands."""
    introduction = view.introduction
    return s.IntroductionOut.model_validate(
        {
            **heard_out(introduction.hearing),
            "id": introduction.id,
            "person_id": introduction.person_id,
            "name_id": introduction.name_id,
            "created_at": introduction.created_at,
            "state": introduction.state,
            "takes": introduction.hearing.takes,
            "rendering": rendering_out(view.rendering),
            "next": {
                "action": view.next.action,
                "say": {"text": view.say_text, "markup": view.say_markup},
                "reason": view.next.reason,
            },
            "status": Status.HEARD if view.waits else view.name.status,
            "audio_kept": introduction.has_clip,
            "consent": None if view.consent is None else consent_out(view.consent),
        }
    )
