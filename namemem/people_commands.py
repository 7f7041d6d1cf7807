"""People on the command line: who is known, and a table of them in."""

from __future__ import annotations

from pathlib import Path

from namemem import bootstrap
from namemem.api.bodies import person_out
from namemem.errors import InvalidRequest
from namemem.hearing_files import Nobody
from namemem.people import Person, Status
from namemem.phones.respelling import to_respelling
from namemem.service.exchanging import PlannedRow
from namemem.settings import Settings
from namemem.store import acting_by_command

_PAGE = 200
_MARKS = {"person": "+", "name": "+", "correct": "~", "nothing": "=", "refuse": "!"}


def people(
    settings: Settings,
    space: str,
    q: str | None = None,
    status: Status | None = None,
    sounds_like: str | None = None,
    limit: int = 50,
) -> list[Person]:
    """Who is known: newest first, or nearest in sound first.

    Raises:
        InvalidPronunciation: `sounds_like` is no IPA.
        InvalidRequest: `sounds_like` together with another condition.
        StoreUnavailable: the database does not answer.
    """
    service = bootstrap.build_service(settings, Nobody())
    try:
        service.store.ping()
        if sounds_like is not None:
            if q is not None or status is not None:
                raise InvalidRequest("--sounds-like goes with no other condition.", field="q")
            return [one for one, _ in service.people_sounding_like(space, sounds_like, limit)]
        found: list[Person] = []
        cursor: str | None = None
        while len(found) < limit:
            page, cursor = service.people(
                space, q=q, status=status, limit=min(_PAGE, limit - len(found)), cursor=cursor
            )
            found += page
            if cursor is None:
                break
        return found
    finally:
        service.store.close()


def line(person: Person) -> str:
    """A person for people: their id, what they are called, and how."""
    known = person.id if person.external_id is None else f"{person.id} ({person.external_id})"
    names = []
    for name in person.names:
        said = name.pronunciation
        how = "not said yet" if said is None else f"/{said.ipa}/ {to_respelling(said).value}"
        spelling = name.spelling or "(no spelling)"
        names.append(f"{spelling} {how}, {name.kind.value}, {name.status.value}")
    return f"{known}  {person.display_name}: {'; '.join(names) or 'no name'}"


def as_json(found: list[Person]) -> str:
    """One JSON object a line, each as `GET /v1/people/{id}` answers it."""
    return "\n".join(person_out(person).model_dump_json() for person in found)


def import_table(
    settings: Settings, space: str, file: Path, *, dry_run: bool = False
) -> tuple[list[str], list[str], int]:
    """Reads a CSV table into a space, by the same plan as the review pages show.

    Returns:
        What each row does (or would do), the rows' problems, and how many rows change something.

    Raises:
        InvalidRequest: the file cannot be read, is not UTF-8, or is no table of names.
        StoreUnavailable: the database does not answer.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InvalidRequest(f"{file} cannot be read: {error.strerror}.", field="file") from error
    except UnicodeDecodeError as error:
        raise InvalidRequest(
            f"{file} is not UTF-8. Save it as “CSV UTF-8”.", field="file"
        ) from error
    service = bootstrap.build_service(settings, Nobody())
    try:
        service.store.ping()
        if dry_run:
            rows = service.plan_import(space, text)
            done = [(row, row.what if row.action == "refuse" else "") for row in rows]
        else:
            with acting_by_command():
                done = service.run_import(space, text, "cli")
    finally:
        service.store.close()
    problems = [f"line {row.number}: {row.who}: {what}" for row, what in done if what]
    changed = [row for row, what in done if not what and row.action != "nothing"]
    return [_planned(row) for row, what in done if not what], problems, len(changed)


def _planned(row: PlannedRow) -> str:
    said = f" /{row.ipa}/" if row.ipa else ""
    return f"{_MARKS[row.action]} line {row.number}: {row.spelling}{said}: {row.what}"
