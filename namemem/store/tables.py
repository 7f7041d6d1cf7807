"""The tables, typed. Portable between SQLite and PostgreSQL; made only by `migrations/`.

    people ──< names ──< name_versions
       └─────< introductions (of one name) ──1 clips
                    └────< idempotency_keys

Everything hangs on `people` by ON DELETE CASCADE, so that erasing a person is one DELETE.
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
    """The kept audio of one introduction, in the container named by `media_type`."""

    __tablename__ = "clips"

    introduction_id: Mapped[str] = mapped_column(
        ForeignKey("introductions.id", ondelete="CASCADE"), primary_key=True
    )
    audio: Mapped[bytes] = mapped_column(LargeBinary)
    media_type: Mapped[str] = mapped_column(String(WORD_LENGTH))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)


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
