"""The tables, typed. Portable between SQLite and PostgreSQL; made only by `migrations/`.

    people ──< names ──< name_versions
       ├─────< introductions (of one name) ──1 clips
       │            └────< idempotency_keys
       ├─────< consents (to an introduction, or to none)
       └─────< jobs (recordings that wait; those of people who are yet to be made hang on nobody)
    erasures: what has been erased and may still have traces on disk

    api_keys        audit (ids alone: it outlives what it tells of)

Everything about a person hangs on `people` by ON DELETE CASCADE, so that erasing a person is one
DELETE.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import JSON

ID_LENGTH = 40
SPACE_LENGTH = 100
EXTERNAL_ID_LENGTH = 255
NAME_LENGTH = 500
"""Longest display name or spelling, in characters."""
LANGUAGE_LENGTH = 100
KEY_LENGTH = 255
WORD_LENGTH = 100
"""Longest status, kind, state, target, voice, digest and media type, in characters."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime in UTC, microseconds, on both databases; refuses naive ones.

    PostgreSQL keeps `timestamp with time zone`; SQLite keeps text that sorts as time does.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware → UTC; without its zone where the database has none."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("Only datetimes with a time zone are stored.")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """What the database keeps → aware, UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """All tables of namemem; `Base.metadata` is what the migrations must arrive at."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class PersonRow(Base):
    """Someone the character of one space knows."""

    __tablename__ = "people"
    __table_args__ = (
        UniqueConstraint("space", "external_id"),
        Index(None, "space", "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    space: Mapped[str] = mapped_column(String(SPACE_LENGTH))
    external_id: Mapped[str | None] = mapped_column(String(EXTERNAL_ID_LENGTH))
    display_name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    folded: Mapped[str] = mapped_column(Text)
    """Display name and external id as searched: see `namemem.store.scope.fold`."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class NameRow(Base):
    """One name of a person, as it stands now.

    `introduction_id` has no foreign key: an introduction points at its name already, and it
    leaves the database only together with it.
    """

    __tablename__ = "names"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(WORD_LENGTH))
    spelling: Mapped[str] = mapped_column(String(NAME_LENGTH))
    folded: Mapped[str] = mapped_column(Text)
    language: Mapped[str | None] = mapped_column(String(LANGUAGE_LENGTH))
    ipa: Mapped[str | None] = mapped_column(Text)
    """As `namemem.store.documents.pronunciation_to_text` writes it."""
    status: Mapped[str] = mapped_column(String(WORD_LENGTH), index=True)
    version: Mapped[int] = mapped_column(Integer)
    confidence: Mapped[float | None] = mapped_column(Float)
    introduction_id: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    suggestion: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class NameVersionRow(Base):
    """A name as it was at one version, and who made it so."""

    __tablename__ = "name_versions"

    name_id: Mapped[str] = mapped_column(
        ForeignKey("names.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(WORD_LENGTH))
    spelling: Mapped[str] = mapped_column(String(NAME_LENGTH))
    language: Mapped[str | None] = mapped_column(String(LANGUAGE_LENGTH))
    ipa: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(WORD_LENGTH))
    confidence: Mapped[float | None] = mapped_column(Float)
    introduction_id: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    suggestion: Mapped[str | None] = mapped_column(Text)
    who: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    what: Mapped[str] = mapped_column(Text)
    why: Mapped[str] = mapped_column(Text)


class IntroductionRow(Base):
    """One recording in which a person gave a name: the evidence, not the audio."""

    __tablename__ = "introductions"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    space: Mapped[str] = mapped_column(String(SPACE_LENGTH))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    name_id: Mapped[str] = mapped_column(ForeignKey("names.id", ondelete="CASCADE"), index=True)
    hearing: Mapped[dict[str, Any]] = mapped_column(JSON)
    """As `namemem.store.documents.hearing_to_document` writes it."""
    state: Mapped[str] = mapped_column(String(WORD_LENGTH))
    target: Mapped[str | None] = mapped_column(String(WORD_LENGTH))
    voice: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ClipRow(Base):
    """The kept audio of one introduction, in the container named by `media_type`.

    `sealed` says how it is encrypted, as `namemem.store.sealing` writes it; None: not at all.
    """

    __tablename__ = "clips"

    introduction_id: Mapped[str] = mapped_column(
        ForeignKey("introductions.id", ondelete="CASCADE"), primary_key=True
    )
    audio: Mapped[bytes] = mapped_column(LargeBinary)
    media_type: Mapped[str] = mapped_column(String(WORD_LENGTH))
    sealed: Mapped[str | None] = mapped_column(String(WORD_LENGTH), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)


class ConsentRow(Base):
    """What a person agreed to, and until when: see `namemem.consent`."""

    __tablename__ = "consents"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    introduction_id: Mapped[str | None] = mapped_column(
        ForeignKey("introductions.id", ondelete="CASCADE"), index=True
    )
    given_by: Mapped[str] = mapped_column(String(NAME_LENGTH))
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    purposes: Mapped[list[str]] = mapped_column(JSON)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ErasureRow(Base):
    """Rows of some tables were deleted, and their bytes may still be in the database's files.

    Written in the transaction that deletes, and removed by `Store.erase_traces` when the bytes
    are gone: a crash or a busy database delays that and cannot make it forgotten. Says nothing
    about whom it was.
    """

    __tablename__ = "erasures"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    tables: Mapped[str] = mapped_column(Text)
    """Their names, with commas."""
    erased_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class IdempotencyKeyRow(Base):
    """A request that a caller may send again: who works on it, or how it ended."""

    __tablename__ = "idempotency_keys"

    space: Mapped[str] = mapped_column(String(SPACE_LENGTH), primary_key=True)
    key: Mapped[str] = mapped_column(String(KEY_LENGTH), primary_key=True)
    digest: Mapped[str] = mapped_column(String(WORD_LENGTH))
    status: Mapped[str] = mapped_column(String(WORD_LENGTH))
    """`pending` or `done`."""
    token: Mapped[str] = mapped_column(String(ID_LENGTH))
    """Who works on it: only the holder of the token may finish."""
    person_id: Mapped[str | None] = mapped_column(
        ForeignKey("people.id", ondelete="CASCADE"), index=True
    )
    introduction_id: Mapped[str | None] = mapped_column(
        ForeignKey("introductions.id", ondelete="CASCADE"), index=True
    )
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    """When it was begun, or its claim renewed."""
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """What the request was answered with, as the caller got it."""


class JobRow(Base):
    """A recording that waits to be heard, and how that ended.

    `request` and `audio` are personal data: they are emptied in the transaction that ends the job.
    What is left after it are ids, and the problem of a job that failed, which may quote what was
    said. `person_id` is whose name it is as far as that is known, so that erasing a person erases
    what waits for them; a person who is yet to be made is known by `external_id` alone.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        Index(None, "space", "state"),
        Index(None, "state", "priority", "created_at"),
        Index(None, "webhook_state", "webhook_at"),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    space: Mapped[str] = mapped_column(String(SPACE_LENGTH))
    kind: Mapped[str] = mapped_column(String(WORD_LENGTH))
    """`introduction`: heard and remembered; `hearing`: heard for a server that waits for it."""
    state: Mapped[str] = mapped_column(String(WORD_LENGTH))
    """`queued`, `running`, `done` or `failed`."""
    priority: Mapped[int] = mapped_column(Integer)
    """Higher goes first; falls with what its space has waiting already."""
    request: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    audio: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The upload; of a `hearing` that is done, the recording as WAV where it was wanted."""
    person_id: Mapped[str | None] = mapped_column(
        ForeignKey("people.id", ondelete="CASCADE"), index=True
    )
    external_id: Mapped[str | None] = mapped_column(String(EXTERNAL_ID_LENGTH))
    introduction_id: Mapped[str | None] = mapped_column(
        ForeignKey("introductions.id", ondelete="CASCADE"), index=True
    )
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """Of a `hearing`: what was heard, until the server that waits has taken it."""
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    attempts: Mapped[int] = mapped_column(Integer)
    token: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    """Who works on it: only the holder of the token may end the job."""
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Until then nobody else takes it; its worker moves this on while it lives."""
    not_before: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    webhook: Mapped[str | None] = mapped_column(Text)
    webhook_state: Mapped[str | None] = mapped_column(String(WORD_LENGTH))
    """`pending`, `sent` or `given_up`, once the job has ended."""
    webhook_tries: Mapped[int] = mapped_column(Integer)
    webhook_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ApiKeyRow(Base):
    """A key of one space: what it may do, and a digest by which it is known again."""

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    space: Mapped[str] = mapped_column(String(SPACE_LENGTH))
    label: Mapped[str] = mapped_column(String(WORD_LENGTH))
    scopes: Mapped[str] = mapped_column(String(WORD_LENGTH))
    """Sorted, with spaces between them."""
    digest: Mapped[str] = mapped_column(String(WORD_LENGTH))
    """SHA-256 of the key in hexadecimal digits; the key itself is nowhere."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AuditRow(Base):
    """Who did what to whom, by ids. Without foreign keys: it outlives the person."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "space", "at", "id"),)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    space: Mapped[str] = mapped_column(String(SPACE_LENGTH))
    key_id: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    """The key that was used; None where none was."""
    key_label: Mapped[str] = mapped_column(String(WORD_LENGTH))
    who: Mapped[str] = mapped_column(String(WORD_LENGTH))
    """What the caller says of who acts (`X-Namemem-User`); may be empty."""
    what: Mapped[str] = mapped_column(String(WORD_LENGTH))
    person_id: Mapped[str | None] = mapped_column(String(ID_LENGTH), index=True)
    name_id: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    version: Mapped[int | None] = mapped_column(Integer)
    """The version of the name that came about, as in its history."""
    subject_key_id: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    """The key that was made or revoked."""
