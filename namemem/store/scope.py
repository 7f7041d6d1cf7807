"""What all queries share: a session, a space, ids, the clock, checks of text, rows → values."""

from __future__ import annotations

import threading
import unicodedata
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from namemem.errors import InvalidRequest, NotFound
from namemem.people import Name, NameKind, NameVersion, Person, Status
from namemem.store.documents import optional_from_text
from namemem.store.sealing import ClipSealer
from namemem.store.tables import NameRow, NameVersionRow, PersonRow


class Scope:
    """A database session and the one space that its queries see."""

    def __init__(self, session: Session, space: str, sealer: ClipSealer | None = None) -> None:
        self._session = session
        self.space = space
        self._sealer = sealer or ClipSealer()

    def _person_row(self, person_id: str, *, lock: bool = False) -> PersonRow:
        """The row of a person of this space, else `NotFound`.

        `lock`: nobody else may change it until this transaction ends (PostgreSQL; on SQLite a
        writing transaction is alone anyway).
        """
        row = None
        if is_storable(person_id):
            query = select(PersonRow).where(
                PersonRow.id == person_id, PersonRow.space == self.space
            )
            if lock:
                query = query.with_for_update()
            row = self._session.scalars(query).one_or_none()
        if row is None:
            raise NotFound(f"There is no person {person_id!r} in this space.", person_id=person_id)
        return row

    def _name_row(self, name_id: str, *, lock: bool = False) -> NameRow:
        """The row of a name of a person of this space, else `NotFound`; `lock` as above."""
        row = None
        if is_storable(name_id):
            query = (
                select(NameRow)
                .join(PersonRow, PersonRow.id == NameRow.person_id)
                .where(NameRow.id == name_id, PersonRow.space == self.space)
            )
            if lock:
                query = query.with_for_update(of=NameRow)
            row = self._session.scalars(query).one_or_none()
        if row is None:
            raise NotFound(f"There is no name {name_id!r} in this space.", name_id=name_id)
        return row


def new_id(prefix: str) -> str:
    """A new id such as `p_3f0c…`: the prefix and 32 hexadecimal digits, unguessable.

    Prefixes: `p` person, `n` name, `i` introduction, `c` claim of an idempotency key,
    `o` consent, `e` erasure.
    """
    return f"{prefix}_{uuid.uuid4().hex}"


class _Clock:
    """UTC now, strictly later at each call in this process, so that order is never a tie."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = datetime.min.replace(tzinfo=UTC)

    def __call__(self) -> datetime:
        with self._lock:
            self._last = max(datetime.now(UTC), self._last + timedelta(microseconds=1))
            return self._last


utc_now = _Clock()
"""`utc_now()`: the aware UTC time that is written into rows."""


def is_storable(text: str) -> bool:
    """Whether both databases can keep the text: no NUL, no lone surrogate."""
    return "\0" not in text and not any("\ud800" <= c <= "\udfff" for c in text)


def checked(text: str, field: str, longest: int) -> str:
    """The text itself, when both databases can keep it.

    Raises:
        InvalidRequest: longer than `longest` characters, or with a NUL or a lone surrogate.
    """
    if len(text) > longest:
        raise InvalidRequest(
            f"`{field}` has {len(text)} characters; at most {longest} are stored.",
            field=field,
            longest=longest,
        )
    if not is_storable(text):
        raise InvalidRequest(
            f"`{field}` holds a NUL character or half of a surrogate pair, which is no text.",
            field=field,
        )
    return text


def checked_optional(text: str | None, field: str, longest: int) -> str | None:
    """`checked`, None staying None."""
    return None if text is None else checked(text, field, longest)


def fold(*texts: str | None) -> str:
    """For searching: without case and without combining accents (`Siobhán` → `siobhan`)."""
    joined = "\n".join(t for t in texts if t)
    decomposed = unicodedata.normalize("NFKD", joined.casefold())
    return "".join(c for c in decomposed if not "\u0300" <= c <= "\u036f")


def name_of(row: NameRow) -> Name:
    """A row as the domain's value."""
    return Name(
        id=row.id,
        person_id=row.person_id,
        kind=NameKind(row.kind),
        spelling=row.spelling,
        language=row.language,
        pronunciation=optional_from_text(row.ipa),
        status=Status(row.status),
        version=row.version,
        confidence=row.confidence,
        introduction_id=row.introduction_id,
        suggestion=optional_from_text(row.suggestion),
    )


def version_of(row: NameVersionRow) -> NameVersion:
    """A row of the history as the domain's value."""
    return NameVersion(
        version=row.version,
        kind=NameKind(row.kind),
        spelling=row.spelling,
        language=row.language,
        pronunciation=optional_from_text(row.ipa),
        status=Status(row.status),
        confidence=row.confidence,
        who=row.who,
        when=row.changed_at,
        what=row.what,
        why=row.why,
    )


def person_of(row: PersonRow, names: Iterable[Name]) -> Person:
    """A row and the names that belong to it, as the domain's value."""
    return Person(
        id=row.id,
        space=row.space,
        external_id=row.external_id,
        display_name=row.display_name,
        names=tuple(names),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
