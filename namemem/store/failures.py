"""What a database driver raises → one of namemem's errors. No values of rows reach a message."""

from __future__ import annotations

from sqlalchemy import exc
from sqlalchemy.orm.exc import StaleDataError

from namemem.errors import Conflict, InvalidRequest, NotFound, StoreError, StoreUnavailable

_FULL = ("disk is full", "no space left", "disk full", "could not extend file", "ioerr_shmsize")
_BUSY = ("database is locked", "database table is locked", "lock timeout", "deadlock detected")
_NO_TABLES = ("no such table", "no such column", "does not exist")
_READ_ONLY = ("readonly database", "read-only transaction", "sqlite_cantopen", "sqlite_perm")
_FOREIGN_KEY = ("foreign key constraint",)
_DAMAGED = ("malformed", "not a database")
_DISK = ("disk i/o error",)


def translate(error: exc.SQLAlchemyError) -> StoreError | InvalidRequest:
    """The error to raise instead of `error`, by what the driver said.

    A unique key taken → `Conflict`; a row that vanished under a reference → `NotFound`; a value
    that the database refuses → `InvalidRequest`; everything else → `StoreUnavailable`.
    """
    found = _translate(error)
    before = error.__context__
    if found.details.get("reason") == "unreachable" and isinstance(before, exc.SQLAlchemyError):
        # SQLite rolls everything back by itself when its disk is full; going back to a
        # savepoint then fails too, and that second failure hides the first.
        return translate(before)
    return found


def _translate(error: exc.SQLAlchemyError) -> StoreError | InvalidRequest:
    said = _said(error)
    if isinstance(error, exc.IntegrityError):
        if _any(said, _FOREIGN_KEY):
            return NotFound("What this belongs to was erased in the meantime.")
        return Conflict("It exists already, or was changed by somebody else at the same time.")
    if isinstance(error, StaleDataError):
        return NotFound("What was to be changed was erased in the meantime.")
    if isinstance(error, exc.DataError):
        return InvalidRequest("The database refuses a value: it is too long or no valid text.")
    if _any(said, _FULL):
        return StoreUnavailable(
            "The disk of the database is full; nothing was stored. Free some space and try again.",
            reason="disk_full",
        )
    if _any(said, _BUSY) or isinstance(error, exc.TimeoutError):
        return StoreUnavailable(
            "The database was busy for too long; nothing was stored. Try again.", reason="busy"
        )
    if _any(said, _NO_TABLES) and isinstance(error, exc.OperationalError | exc.ProgrammingError):
        return StoreUnavailable(
            "The database is empty or older than this namemem (or does not exist). "
            "Run `namemem db upgrade`.",
            reason="not_upgraded",
        )
    if _any(said, _READ_ONLY):
        return StoreUnavailable(
            "The database cannot be written to; nothing was stored. Is its disk mounted read-only, "
            "or does its directory belong to another user?",
            reason="read_only",
        )
    if _any(said, _DAMAGED):
        return StoreUnavailable(
            "The database file is damaged or is no database. Restore it from a backup.",
            reason="damaged",
        )
    if _any(said, _DISK):
        return StoreUnavailable(
            "The disk of the database reports an error; nothing was stored. See the system's log, "
            "then run `namemem db check`.",
            reason="disk_error",
        )
    return StoreUnavailable(
        "The database does not answer. Is it running, and is NAMEMEM_DATABASE_URL right?",
        reason="unreachable",
    )


def _said(error: exc.SQLAlchemyError) -> str:
    cause: BaseException = error
    if isinstance(error, exc.DBAPIError) and error.orig is not None:
        cause = error.orig
    # SQLite says "disk I/O error" of many things; its name for the error tells which.
    named = getattr(cause, "sqlite_errorname", "")
    return f"{type(cause).__name__} {named} {cause}".lower()


def _any(said: str, signs: tuple[str, ...]) -> bool:
    return any(sign in said for sign in signs)
