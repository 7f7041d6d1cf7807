"""What has been erased and may still have traces in the database's files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, func, select, update

from namemem.store.scope import Scope, new_id, utc_now
from namemem.store.tables import Base, ClipRow, ErasureRow, IntroductionRow, JobRow

IMPERSONAL_TABLES = frozenset({"api_keys", "audit", "erasures"})
"""Tables that hold ids alone; every other one may hold what people are called or said."""


def personal_tables() -> tuple[str, ...]:
    """The tables that may hold personal data, a new one included."""
    return tuple(t for t in Base.metadata.tables if t not in IMPERSONAL_TABLES)


class ErasureQueries(Scope):
    """Notes of erasures; they belong to no space, and say nothing about whom it was."""

    def note_erasure(self, *tables: str) -> None:
        """In the transaction that deletes rows: their bytes are to be removed from the files.

        Args:
            tables: where the rows were; all personal tables when none is named.
        """
        named = ",".join(tables or personal_tables())
        self._session.add(ErasureRow(id=new_id("e"), tables=named, erased_at=utc_now()))
        self._session.flush()

    def note_person_erasure(self, person_id: str) -> None:
        """Before a person is deleted: every table but the clips, where they have none."""
        kept = (
            select(ClipRow.introduction_id)
            .join(IntroductionRow, IntroductionRow.id == ClipRow.introduction_id)
            .where(IntroductionRow.person_id == person_id)
        )
        has_clip = self._session.execute(kept.limit(1)).first() is not None
        self.note_erasure(*(t for t in personal_tables() if has_clip or t != "clips"))

    def note_heard_jobs(self, within: timedelta) -> bool:
        """Notes the recordings that were emptied out of jobs lately; whether there were any."""
        lately = exists().where(JobRow.finished_at > utc_now() - within)
        if not self._session.execute(select(lately)).scalar_one():
            return False
        self.note_erasure("jobs")
        return True

    def noted_erasures(self) -> list[tuple[str, tuple[str, ...]]]:
        """The id of each note and its tables, oldest first."""
        rows = self._session.execute(
            select(ErasureRow.id, ErasureRow.tables).order_by(ErasureRow.erased_at, ErasureRow.id)
        )
        return [(one, tuple(t for t in tables.split(",") if t)) for one, tables in rows]

    def oldest_erasure(self) -> datetime | None:
        """When the longest waiting one happened; None where nothing is to be done."""
        return self._session.execute(select(func.min(ErasureRow.erased_at))).scalar_one()

    def rewritten(self, ids: Sequence[str]) -> None:
        """Their tables are done; the write-ahead log is not."""
        self._session.execute(
            update(ErasureRow).where(ErasureRow.id.in_(ids)).values(tables=""),
            execution_options={"synchronize_session": False},
        )

    def drop_erasures(self, ids: Sequence[str]) -> None:
        """Forgets notes whose work is done."""
        self._session.execute(
            delete(ErasureRow).where(ErasureRow.id.in_(ids)),
            execution_options={"synchronize_session": False},
        )
