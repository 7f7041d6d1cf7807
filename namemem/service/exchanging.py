"""Exchanging: people in from a table and out to one, with a plan of what each row will do."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from namemem.errors import InvalidPronunciation, InvalidRequest, NamememError
from namemem.people import NameKind, Person, Status, checked_language, tidy_spelling
from namemem.phones.respelling import to_respelling
from namemem.service.remembering import NewName, Remembering, read_pronunciation
from namemem.store.scope import checked, checked_optional
from namemem.store.tables import EXTERNAL_ID_LENGTH, NAME_LENGTH

COLUMNS = ("external_id", "display_name", "spelling", "kind", "language", "ipa", "status")
"""Columns of an exported table; an imported one may also have `respelling` and `arpabet`."""
_READ = {*COLUMNS, "respelling", "arpabet"}
_NOTATIONS = ("ipa", "respelling", "arpabet")
MAX_ROWS = 2000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """What one row of a table will do.

    Attributes:
        number: line of the table, the header being 1.
        action: `person`, `name`, `correct`, `nothing` or `refuse`.
        what: a sentence for people.
        spelling, ipa: the name, and how it will be said where the row tells.
        who: display name or id of the person.
    """

    number: int
    action: str
    what: str
    who: str
    spelling: str
    ipa: str = ""
    external_id: str | None = None
    person_id: str | None = None
    name_id: str | None = None
    version: int | None = None
    new: NewName | None = None


class Exchanging(Remembering):
    """The use cases of tables."""

    def plan_import(self, space: str, text: str) -> list[PlannedRow]:
        """What a CSV table will do, row by row; nothing is changed.

        Each row is one name. Rows with one `external_id` belong to one person; a name of the
        same kind that is there already is corrected, unless it was approved. A status is read,
        and told to be left out: people approve what they have heard, not what a table says.

        Raises:
            InvalidRequest: no table, no column `spelling`, unknown columns, too many rows.
        """
        rows = list(_rows(text))
        with self.store.transaction(space, read_only=True) as repo:
            known = {
                one: repo.find_person_by_external_id(one)
                for one in dict.fromkeys(row.get("external_id", "") for _, row in rows)
                if one
            }
        coming: dict[str, set[NameKind]] = {}
        return [_plan(number, row, known, coming) for number, row in rows]

    def run_import(self, space: str, text: str, who: str) -> list[tuple[PlannedRow, str]]:
        """Does what `plan_import` says now, a transaction a row; each row with any problem."""
        done = []
        for row in self.plan_import(space, text):
            problem = row.what if row.action == "refuse" else ""
            try:
                self._apply(space, row, who)
            except NamememError as error:
                problem = error.message
            done.append((row, problem))
        return done

    def _apply(self, space: str, row: PlannedRow, who: str) -> None:
        if row.new is None:
            return
        if row.action == "person":
            self.add_person(
                space, external_id=row.external_id, display_name=row.who, names=[row.new], who=who
            )
        elif row.action == "name":
            person_id = row.person_id
            if person_id is None:  # somebody whom an earlier row has added
                person_id = self.person_by_external_id(space, row.external_id or "").id
            self.add_name(space, person_id, row.new, who)
        elif row.action == "correct" and row.person_id and row.name_id:
            self.change_name(
                space,
                row.person_id,
                row.name_id,
                expected_version=row.version,
                who=who,
                why="imported",
                said=row.new.said,
            )

    def table(self, space: str) -> str:
        """All names of a space as CSV; no cell is read as a formula by a spreadsheet."""
        buffer = io.StringIO()
        rows = csv.writer(buffer, lineterminator="\n")
        rows.writerow(COLUMNS)
        for person in self._everybody(space):
            for name in person.names:
                said = name.pronunciation.ipa if name.pronunciation is not None else ""
                cells = (person.external_id or "", person.display_name, name.spelling,
                         name.kind.value, name.language or "", said, name.status.value)  # fmt: skip
                rows.writerow([_harmless(cell) for cell in cells])
        return buffer.getvalue()

    def document(self, space: str) -> dict[str, Any]:
        """All people and names of a space as they stand, JSON-serialisable."""
        people = [
            {
                "id": person.id,
                "external_id": person.external_id,
                "display_name": person.display_name,
                "names": [
                    {
                        "id": name.id,
                        "kind": name.kind.value,
                        "spelling": name.spelling,
                        "language": name.language,
                        "ipa": None if (said := name.pronunciation) is None else said.ipa,
                        "respelling": None if said is None else to_respelling(said).value,
                        "status": name.status.value,
                        "confidence": name.confidence,
                        "version": name.version,
                    }
                    for name in person.names
                ],
            }
            for person in self._everybody(space)
        ]
        return {"space": space, "people": people}

    def _everybody(self, space: str) -> list[Person]:
        with self.store.transaction(space) as repo:  # before anything is given out
            repo.note("space.exported")
        with self.store.transaction(space, read_only=True) as repo:
            return list(repo.all_people_iter())


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        lines = list(reader)
    except csv.Error as error:
        raise InvalidRequest(f"This is no CSV table: {error}.", field="table") from error
    if not lines or not any(cell.strip() for cell in lines[0]):
        raise InvalidRequest("The table is empty.", field="table")
    header = [cell.strip().lower() for cell in lines[0]]
    unknown = [cell for cell in header if cell and cell not in _READ]
    if "spelling" not in header or unknown:
        what = f"unknown columns: {', '.join(unknown)[:200]}" if unknown else "no column `spelling`"
        raise InvalidRequest(
            f"The first line names the columns: {', '.join(sorted(_READ))}. This one has {what}.",
            field="table",
        )
    filled = [(n, cells) for n, cells in enumerate(lines[1:], 2) if any(map(str.strip, cells))]
    if len(filled) > MAX_ROWS:
        raise InvalidRequest(
            f"At most {MAX_ROWS} rows are imported at once; these are {len(filled)}.", field="table"
        )
    for number, cells in filled:
        row = {key: _bare(cell.strip()) for key, cell in zip(header, cells, strict=False) if key}
        if len(cells) > len(header):
            row["_surplus"] = "yes"
        yield number, row


def _plan(
    number: int,
    row: dict[str, str],
    known: dict[str, Person | None],
    coming: dict[str, set[NameKind]],
) -> PlannedRow:
    external_id = row.get("external_id") or None
    shown = row.get("display_name") or row.get("spelling") or external_id or ""

    def planned(action: str, what: str, **more: Any) -> PlannedRow:
        spelling = row.get("spelling", "")
        if row.get("status") and action != "refuse":
            what += "; status is not imported"
        return PlannedRow(number, action, what, shown, spelling, external_id=external_id, **more)

    try:
        new, ipa = _new_name(row)
        checked_optional(external_id, "external_id", EXTERNAL_ID_LENGTH)
        shown = _display_name(row) or new.spelling
    except InvalidPronunciation as error:
        return planned("refuse", f"{error.details.get('field', 'ipa')}: {error.message}")
    except InvalidRequest as error:
        return planned("refuse", error.message)
    person = known.get(external_id) if external_id else None
    if person is None:
        seen = coming.setdefault(external_id, set()) if external_id else set()
        if new.kind in seen:
            return planned("refuse", f"A row above gives {external_id} a {new.kind.value} name.")
        seen.add(new.kind)
        action = "name" if len(seen) > 1 else "person"
        what = f"adds a {new.kind.value} name" if action == "name" else "adds a person"
        return planned(action, what, ipa=ipa, new=new)
    name = next((n for n in person.names if n.kind is new.kind), None)
    if name is None:
        what = f"adds a {new.kind.value} name to {person.display_name}"
        return planned("name", what, ipa=ipa, new=new, person_id=person.id)
    same = name.pronunciation is not None and name.pronunciation.ipa == ipa
    if not ipa or same:
        return planned("nothing", "is there already", ipa=ipa)
    if name.status.value == "approved":
        return planned("refuse", "is approved; change it on its page", ipa=ipa)
    before = name.pronunciation.ipa if name.pronunciation is not None else "nothing"
    return planned(
        "correct",
        f"changes {before} to {ipa}",
        ipa=ipa,
        new=new,
        person_id=person.id,
        name_id=name.id,
        version=name.version,
    )


def _new_name(row: dict[str, str]) -> tuple[NewName, str]:
    if "_surplus" in row:
        raise InvalidRequest("More cells than columns: quote what has a comma in it.")
    spelling = checked(tidy_spelling(row.get("spelling", "")), "spelling", NAME_LENGTH)
    if not spelling:
        raise InvalidRequest("The spelling is missing.")
    kind = row.get("kind") or "given"
    if kind not in [k.value for k in NameKind]:
        raise InvalidRequest(f"kind is one of {', '.join(k.value for k in NameKind)}.")
    if row.get("status") and row["status"] not in [s.value for s in Status]:
        raise InvalidRequest(f"status is one of {', '.join(s.value for s in Status)}.")
    language = checked_language(row.get("language"))
    said = {k: row[k] for k in _NOTATIONS if row.get(k)}
    pronunciation = read_pronunciation(said)
    ipa = pronunciation.ipa if pronunciation is not None else ""
    return NewName(spelling, NameKind(kind), language, said or None), ipa


def _display_name(row: dict[str, str]) -> str:
    """The display name as one typed in is kept; empty where the row has none."""
    tidy = tidy_spelling(row.get("display_name", ""), "display_name")
    return checked(tidy, "display_name", NAME_LENGTH)


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet runs: `=1+1` is written with an apostrophe before it."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _bare(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def counted(rows: Iterable[PlannedRow]) -> dict[str, int]:
    """How many rows do what."""
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.action] = counts.get(row.action, 0) + 1
    return counts
