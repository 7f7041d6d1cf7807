"""Queries on API keys. A key says which space it opens, so these look beyond their own space."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from namemem.errors import InvalidRequest, NotFound
from namemem.store.audit_queries import Noting
from namemem.store.scope import checked, is_storable, utc_now
from namemem.store.tables import SPACE_LENGTH, WORD_LENGTH, ApiKeyRow


@dataclass(frozen=True, slots=True)
class StoredKey:
    """What is kept of an API key; times are aware UTC.

    Attributes:
        digest: SHA-256 of the key in hexadecimal digits.
        expires_at: None: it holds until it is revoked.
        revoked_at: None: it has not been revoked.
    """

    id: str
    space: str
    label: str
    scopes: frozenset[str]
    digest: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    def state(self, now: datetime | None = None) -> str:
        """`revoked`, `expired` or `active`."""
        if self.revoked_at is not None:
            return "revoked"
        if self.expires_at is not None and self.expires_at <= (now or utc_now()):
            return "expired"
        return "active"


def new_key_id() -> str:
    """An id for a key that is yet to be added, since the key itself holds it."""
    return f"k_{uuid.uuid4().hex}"


class KeyQueries(Noting):
    """The keys of all spaces."""

    def add_key(
        self,
        key_id: str,
        *,
        label: str,
        scopes: Collection[str],
        digest: str,
        expires_at: datetime | None = None,
    ) -> StoredKey:
        """Adds a key of this space; the audit log tells of it.

        Raises:
            InvalidRequest: a label or space that cannot be stored, `expires_at` without a zone.
        """
        if expires_at is not None and expires_at.tzinfo is None:
            raise InvalidRequest("`expires_at` needs a time zone.", field="expires_at")
        row = ApiKeyRow(
            id=key_id,
            space=checked(self.space, "space", SPACE_LENGTH),
            label=checked(label, "label", WORD_LENGTH),
            scopes=" ".join(sorted(scopes)),
            digest=digest,
            created_at=utc_now(),
            expires_at=expires_at,
            revoked_at=None,
        )
        self._session.add(row)
        self._session.flush()
        self.note("key.created", subject_key_id=key_id)
        return key_of(row)

    def find_key(self, key_id: str) -> StoredKey | None:
        """The key with that id, whatever its space and state; None where there is none."""
        row = self._session.get(ApiKeyRow, key_id) if is_storable(key_id) else None
        return None if row is None else key_of(row)

    def any_key(self) -> bool:
        """Whether there is a key in any space, even one that holds no more."""
        return self._session.execute(select(ApiKeyRow.id).limit(1)).first() is not None

    def keys(self, *, everywhere: bool = False) -> list[StoredKey]:
        """The keys of this space, or of all, oldest first."""
        query = select(ApiKeyRow).order_by(ApiKeyRow.created_at, ApiKeyRow.id)
        if not everywhere:
            query = query.where(ApiKeyRow.space == self.space)
        return [key_of(row) for row in self._session.scalars(query)]

    def revoke_key(self, key_id: str) -> StoredKey:
        """Ends a key of this space; once more changes nothing. Raises `NotFound`."""
        row = None
        if is_storable(key_id):
            query = select(ApiKeyRow).where(ApiKeyRow.id == key_id, ApiKeyRow.space == self.space)
            row = self._session.scalars(query.with_for_update()).one_or_none()
        if row is None:
            raise NotFound(f"There is no key {key_id!r}. `namemem keys list` shows them.")
        if row.revoked_at is None:
            row.revoked_at = utc_now()
            self._session.flush()
            self.note("key.revoked", subject_key_id=key_id)
        return key_of(row)


def key_of(row: ApiKeyRow) -> StoredKey:
    """A row as a value."""
    return StoredKey(
        id=row.id,
        space=row.space,
        label=row.label,
        scopes=frozenset(row.scopes.split()),
        digest=row.digest,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )
