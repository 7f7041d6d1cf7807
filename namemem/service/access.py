"""Who may do what: API keys, their scopes, and who is let in.

A key is `nm_<id>_<secret>`: the id finds its row, the secret has 256 random bits. The database
keeps SHA-256 of it: nobody can guess so much, so a slower digest would protect nothing more.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

from namemem.errors import Forbidden, InvalidRequest, Unauthorized
from namemem.store import AuditEntry, Store, StoredKey, new_key_id

Scope = Literal["introduce", "read", "review", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
_INCLUDED: dict[Scope, frozenset[Scope]] = {
    "introduce": frozenset({"introduce"}),
    "read": frozenset({"read"}),
    "review": frozenset({"review", "read"}),
    "admin": frozenset(SCOPES),
}
_TOKEN = re.compile(r"nm_([0-9a-f]{32})_[A-Za-z0-9_-]{43}")
_NO_DIGEST = hashlib.sha256(b"no key at all").hexdigest()


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody whom the service knows by a key, or whom it serves without any.

    Attributes:
        space: whose people they see.
        scopes: what the key was made for; `may` knows which scopes include others.
        key_id: of the key, for logs and limits (never the key); None where no key is configured.
        label: what the key is called.
    """

    space: str
    scopes: frozenset[str]
    key_id: str | None
    label: str

    @property
    def is_anonymous(self) -> bool:
        """Whether they came without a key, which is so where none is configured."""
        return self.key_id is None

    def may(self, *needed: str) -> bool:
        """Whether one of the needed scopes is theirs: `admin` is all, `review` reads too."""
        held = {one for scope in SCOPES if scope in self.scopes for one in _INCLUDED[scope]}
        return not held.isdisjoint(needed)

    def require(self, *needed: str) -> None:
        """Returns where one of the needed scopes is theirs. Raises `Forbidden`, naming them."""
        if not self.may(*needed):
            wanted = " or ".join(f"`{scope}`" for scope in needed)
            raise Forbidden(
                f"This needs a key with the scope {wanted}; yours has "
                f"{', '.join(f'`{scope}`' for scope in sorted(self.scopes)) or 'none'}. "
                "Ask for a key made by `namemem keys create`.",
                needed_scopes=list(needed),
            )


ANONYMOUS = Caller("default", frozenset(SCOPES), None, "anonymous")
"""Whoever calls where no key is configured."""


class Keyring:
    """All keys: those of the settings, with every scope, and those of the database.

    Nothing is remembered between two questions: a key that is revoked, in whichever process,
    opens nothing from then on.

    Args:
        store: where keys are kept.
        configured: the settings' keys (key → space).
    """

    def __init__(self, store: Store, configured: Mapping[str, str] | None = None) -> None:
        self._store = store
        everything = frozenset[str](SCOPES)
        self._configured = [
            (_digest(key), Caller(space, everything, f"settings-{number}", f"settings {number}"))
            for number, (key, space) in enumerate((configured or {}).items(), 1)
        ]

    def is_open(self) -> bool:
        """Whether nobody needs a key: none is in the settings, none was ever made.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        if self._configured:
            return False
        with self._store.transaction(read_only=True) as repo:
            return not repo.any_key()

    def caller(self, token: str | None) -> Caller:
        """Who holds this key; `ANONYMOUS`, whatever is given, where no key is configured.

        Raises:
            Unauthorized: no key where one is needed, or one that is unknown, revoked or expired.
            StoreUnavailable: the database does not answer.
        """
        given = _digest(token or "")
        found: Caller | None = None
        for digest, caller in self._configured:  # all are compared, so that time tells nothing
            if hmac.compare_digest(digest, given):
                found = caller
        if found is not None:
            return found
        matched = _TOKEN.fullmatch(token or "")
        stored: StoredKey | None = None
        if matched or not self._configured:
            with self._store.transaction(read_only=True) as repo:
                stored = repo.find_key(f"k_{matched[1]}") if matched else None
                if stored is None and not self._configured and not repo.any_key():
                    return ANONYMOUS
        right = hmac.compare_digest(stored.digest if stored else _NO_DIGEST, given)
        if not token:
            raise Unauthorized("Send your API key in the header Authorization: Bearer <key>.")
        if stored is None or not right:
            raise Unauthorized("This API key is not known. Check it, or ask for another.")
        return _caller(stored)

    def by_id(self, key_id: str) -> tuple[Caller, str]:
        """The holder of a key that was shown before, and a secret of the server about that key.

        For sessions: they are signed with the secret, and end with the key. Raises as `caller`
        does.
        """
        for digest, caller in self._configured:
            if caller.key_id == key_id:
                return caller, digest
        with self._store.transaction(read_only=True) as repo:
            stored = repo.find_key(key_id)
        if stored is None:
            raise Unauthorized("This session's key is not known any more. Log in again.")
        return _caller(stored), stored.digest

    def make(
        self, space: str, scopes: Collection[str], label: str, days: float | None = None
    ) -> tuple[str, StoredKey]:
        """Makes a key, which is shown this once and never again.

        Args:
            space: whose people it opens.
            scopes: of `SCOPES`, at least one.
            label: what it is called in lists and in the audit log.
            days: how long it holds; None: until it is revoked.

        Raises:
            InvalidRequest: a value that cannot be.
        """
        unknown = sorted(set(scopes) - set(SCOPES))
        if unknown or not scopes:
            what = f"{', '.join(unknown)} is none" if unknown else "give at least one"
            raise InvalidRequest(f"Scopes are {', '.join(SCOPES)}: {what}.", field="scope")
        if not label.strip() or not label.isprintable():
            raise InvalidRequest("Give the key a label of printable characters.", field="label")
        if not space.strip():
            raise InvalidRequest("Say which space the key opens.", field="space")
        if days is not None and not 0 < days <= 36_500:
            raise InvalidRequest("A key expires after 1 to 36500 days.", field="days")
        key_id = new_key_id()
        token = f"nm_{key_id.removeprefix('k_')}_{secrets.token_urlsafe(32)}"
        expires_at = None if days is None else datetime.now(UTC) + timedelta(days=days)
        with self._store.transaction(space) as repo:
            stored = repo.add_key(
                key_id,
                label=label.strip(),
                scopes=scopes,
                digest=_digest(token),
                expires_at=expires_at,
            )
        return token, stored

    def all(self, space: str | None = None) -> list[StoredKey]:
        """The keys of the database, of one space or of all, oldest first."""
        with self._store.transaction(space or "default", read_only=True) as repo:
            return repo.keys(everywhere=space is None)

    def revoke(self, key_id: str) -> StoredKey:
        """Ends a key, whatever its space. Raises `NotFound`."""
        with self._store.transaction(read_only=True) as repo:
            found = repo.find_key(key_id)
        with self._store.transaction(found.space if found else "default") as repo:
            return repo.revoke_key(key_id)

    def audit(
        self, space: str, *, person_id: str | None = None, limit: int = 100,
        cursor: str | None = None,
    ) -> tuple[list[AuditEntry], str | None]:  # fmt: skip
        """One page of a space's audit log, newest first. Raises `InvalidRequest`."""
        with self._store.transaction(space, read_only=True) as repo:
            return repo.audit(person_id=person_id, limit=limit, cursor=cursor)


def _caller(stored: StoredKey) -> Caller:
    state = stored.state()
    if state != "active":
        raise Unauthorized(f"This API key is {state}. Ask for another.", reason=state)
    return Caller(stored.space, stored.scopes, stored.id, stored.label)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
