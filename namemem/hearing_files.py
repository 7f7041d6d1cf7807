"""Hearing files and saying names without a server, for the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from namemem import bootstrap
from namemem.api.bodies import heard_out, rendering_out
from namemem.asr import Transcript, transcript_from_caller
from namemem.dialogue import next_step
from namemem.errors import InvalidRequest, NotFound, UnreadableAudio
from namemem.introductions import Ear, Hints
from namemem.people import checked_language, given_spelling
from namemem.phones import parse_ipa
from namemem.settings import Settings
from namemem.tts import get_target
from namemem.tts.sentences import render_line
from namemem.workers import Job, PoolState, hear_job


def hints(spelling: str | None, language: str | None, asked: bool, transcript: str | None) -> Hints:
    """What the command line says about the recordings."""
    return Hints(
        given_spelling(spelling), checked_language(language), asked, _transcript(transcript)
    )


def _transcript(text: str | None) -> Transcript | None:
    if not text:
        return None
    if not text.lstrip().startswith("{"):
        return transcript_from_caller({"text": text})
    try:
        return transcript_from_caller(json.loads(text))
    except ValueError as error:
        raise InvalidRequest(f"--transcript is not JSON: {error}", field="transcript") from error


def prepare(
    settings: Settings,
    target: str | None,
    voice: str | None,
    progress: Callable[[int, int], None] | None = None,
) -> Ear:
    """The engines, after the target has been checked."""
    if target is not None:
        get_target(target).phones(parse_ipa("a"), voice)
    return bootstrap.build_ear(settings, progress)[0]


def hear_file(
    ear: Ear,
    file: Path,
    known: Hints,
    settings: Settings,
    target: str | None = None,
    voice: str | None = None,
) -> dict[str, Any]:
    """One recording as the body of an introduction, without ids.

    Raises:
        UnreadableAudio: the file is not there or not audio.
        HearingError, AudioError, EngineError: as over HTTP.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise UnreadableAudio(f"The file cannot be read: {error.strerror}.") from error
    policy = bootstrap.build_policy(settings)
    job = Job(data, known, max_seconds=policy.max_seconds, max_bytes=policy.max_bytes)
    hearing = hear_job(ear, job).hearing
    body: dict[str, Any] = {
        key: value.model_dump(mode="json")
        if hasattr(value, "model_dump")
        else [v.model_dump(mode="json") if hasattr(v, "model_dump") else v for v in value]
        if isinstance(value, list)
        else value
        for key, value in heard_out(hearing).items()
    }
    step = next_step(hearing.chosen.confidence, language=hearing.language)
    spelled = hearing.spelling or hearing.chosen.pronunciation.ipa
    markup = None
    if target is not None:
        renderer = get_target(target)
        rendering = renderer.render_name(spelled, hearing.chosen.pronunciation, voice)
        shown = rendering_out(rendering)
        body["rendering"] = shown.model_dump(mode="json") if shown else None
        markup = render_line(renderer, step.line, rendering, voice)
    body["next"] = {
        "action": step.action,
        "say": {"text": step.line.replace("{name}", spelled), "markup": markup},
        "reason": step.reason,
    }
    return body


def summary(body: dict[str, Any]) -> str:
    """A few lines for people."""
    name = body["name"]
    title = f"{body['file']}: " if "file" in body else ""
    lines = [
        f"{title}{name['spelling'] or '(no spelling)'} /{name['ipa']}/ {name['respelling']}",
        f"  ARPABET     {name['arpabet']}",
        f"  confidence  {name['confidence']:.2f}, from {name['start']:.2f} to {name['end']:.2f} s",
    ]
    predicted = body["predicted_from_spelling"]
    if predicted is not None:
        verdict = "as heard" if predicted["agrees"] else "not what was heard"
        lines.append(f"  spelling    /{predicted['ipa']}/ ({verdict})")
    others = ", ".join(f"/{a['ipa']}/ {a['confidence']:.2f}" for a in body["alternatives"][:3])
    lines.append(f"  or else     {others or 'nothing'}")
    if body["transcript"]:
        lines.append(f"  words       {body['transcript']}")
    if body.get("rendering"):
        lines.append(f"  {body['rendering']['target']:<11} {body['rendering']['markup']}")
    engines = body["engines"]
    lines.append(f"  heard by    {engines['phone_recognizer']}, words by {engines['transcriber']}")
    return "\n".join(lines)


class Nobody:
    """Stands in for the hearer where nothing is heard."""

    async def hear(self, job: Job) -> Any:
        """Refuses."""
        raise NotFound("Nobody hears here.")

    def state(self) -> PoolState:
        """No engine is there."""
        return PoolState(False)


def say(
    settings: Settings,
    space: str,
    person: str | None,
    ipa: str | None,
    text: str | None,
    voice: str,
) -> tuple[bytes, str]:
    """Speech (WAV) of a stored name or an IPA, and the IPA that was said.

    Raises:
        InvalidRequest: neither or both of person and ipa.
        NotFound: nobody of that id.
    """
    if (person is None) == (ipa is None):
        raise InvalidRequest("Give a person, or --ipa.", field="person")
    service = bootstrap.build_service(settings, Nobody())
    try:
        person_id = None
        if person is not None:
            service.store.ping()
            try:
                person_id = service.person(space, person).id
            except NotFound:
                person_id = service.person_by_external_id(space, person).id
        wav = service.speak(space, person_id=person_id, ipa=ipa, text=text, voice=voice)
        if person_id is not None:
            return wav, service.pronunciation(space, person_id, "ssml").rendering.ipa
        return wav, parse_ipa(ipa or "").ipa
    finally:
        service.store.close()
