"""Converting and exporting without a server, for the command line."""

from __future__ import annotations

import json
from collections.abc import Sequence

from namemem import bootstrap
from namemem.errors import InvalidRequest
from namemem.hearing_files import Nobody
from namemem.phones.conversion import Substitution
from namemem.phones.notations import converted, read_notation
from namemem.settings import Settings
from namemem.store import acting_by_command
from namemem.tts import get_target
from namemem.tts.voices import Voice


def convert(
    value: str,
    source: str,
    to: str | None,
    target: str | None,
    text: str,
    voice: Voice,
    *,
    as_json: bool = False,
) -> tuple[str, list[str]]:
    """What is printed, and what is told besides.

    Raises:
        InvalidRequest: neither or both of `to` and `target`, or no such notation.
        InvalidPronunciation, UnknownTarget, UnknownVoice: as over HTTP.
    """
    if (to is None) == (target is None):
        raise InvalidRequest("Give either --to or --target.", field="to")
    if target is not None:
        rendering = get_target(target).render_name(text, read_notation(value, source), voice)
        if as_json:
            return json.dumps(rendering.as_dict(), ensure_ascii=False), []
        told = _told(rendering.substitutions, rendering.grade.value)
        return rendering.markup, [*told, *rendering.notes]
    done = converted(value, source, to or "ipa")
    if as_json:
        body = {
            "from": source,
            "to": to,
            "value": done.conversion.value,
            "exact": done.conversion.exact,
            "substitutions": [
                {"from": s.source, "to": s.target, "position": s.position, "cost": s.cost}
                for s in done.conversion.substitutions
            ],
            "unsupported": list(done.conversion.unsupported),
            "grade": done.grade.value,
            "ipa": done.pronunciation.ipa,
            "spoken": done.conversion.spoken,
        }
        return json.dumps(body, ensure_ascii=False), []
    return done.conversion.value, _told(done.conversion.substitutions, done.grade.value)


def _told(substitutions: Sequence[Substitution], grade: str) -> list[str]:
    if not substitutions:
        return []
    each = (f"{s.source} → {s.target or 'nothing'}" for s in substitutions)
    return [f"{grade}: {', '.join(each)}"]


def export(
    settings: Settings, space: str, target: str, voice: Voice
) -> tuple[list[tuple[str, str]], list[str]]:
    """(name, content) of the files, and what is told besides.

    `target` is `csv`, `json`, or a lexicon's name; the tables are those of the review pages.

    Raises:
        UnknownTarget: no such lexicon.
        StoreUnavailable: the database does not answer.
    """
    service = bootstrap.build_service(settings, Nobody())
    try:
        service.store.ping()
        if target == "csv":
            with acting_by_command():
                return [("names.csv", service.table(space))], []
        if target == "json":
            with acting_by_command():
                document = json.dumps(service.document(space), ensure_ascii=False, indent=1)
            return [("names.json", document + "\n")], []
        made = service.lexicon(space, target, voice)
    finally:
        service.store.close()
    notes = [f"Left out: {text}: {reason}" for text, reason in made.left_out]
    inexact = sum(not r.exact for r in made.renderings)
    if inexact:
        notes.append(f"{inexact} of {len(made.renderings)} entries are not exact for this target.")
    return [(part.name, part.content) for part in made.parts], notes
