"""`Repository`: all queries on one space, in one transaction. Values of the domain, never rows."""

from __future__ import annotations

import base64
from typing import Any

from sqlalchemy import select

from namemem.store.documents import optional_to_text
from namemem.store.idempotency_queries import IdempotencyQueries
from namemem.store.introduction_queries import IntroductionQueries
from namemem.store.name_queries import NameQueries
from namemem.store.people_queries import PeopleQueries
from namemem.store.review_queries import ReviewQueries
from namemem.store.tables import ClipRow, IdempotencyKeyRow, IntroductionRow, NameRow

EXPORT_SCHEMA = 1


class Repository(
    PeopleQueries, NameQueries, IntroductionQueries, IdempotencyQueries, ReviewQueries
):
    """What one space remembers, within one transaction of `Store.transaction`.

    People, names, introductions (with clips) and idempotency keys, each in its module beside
    this one. Every method may raise `StoreUnavailable` through the transaction it is in.
    """

    def export_person(self, person_id: str) -> dict[str, Any]:
        """Everything stored about a person, JSON-serialisable.

        Times are ISO 8601 in UTC, pronunciations IPA with dots between syllables, clips base64.
        Raises `NotFound`.
        """
        person = self.person(person_id)
        rows = self._session.scalars(select(NameRow).where(NameRow.person_id == person_id)).all()
        added = {row.id: row.created_at for row in rows}
        introductions = self._session.scalars(
            select(IntroductionRow)
            .where(IntroductionRow.person_id == person_id)
            .order_by(IntroductionRow.created_at, IntroductionRow.id)
        )
        keys = self._session.scalars(
            select(IdempotencyKeyRow)
            .where(IdempotencyKeyRow.person_id == person_id)
            .order_by(IdempotencyKeyRow.created_at, IdempotencyKeyRow.key)
        )
        return {
            "schema": EXPORT_SCHEMA,
            "person": {
                "id": person.id,
                "space": person.space,
                "external_id": person.external_id,
                "display_name": person.display_name,
                "created_at": person.created_at.isoformat(),
                "updated_at": person.updated_at.isoformat(),
            },
            "names": [
                {
                    "id": name.id,
                    "kind": name.kind.value,
                    "spelling": name.spelling,
                    "language": name.language,
                    "ipa": optional_to_text(name.pronunciation),
                    "status": name.status.value,
                    "version": name.version,
                    "confidence": name.confidence,
                    "introduction_id": name.introduction_id,
                    "suggestion": optional_to_text(name.suggestion),
                    "created_at": added[name.id].isoformat(),
                    "history": self._export_history(name.id),
                }
                for name in person.names
            ],
            "introductions": [
                {
                    "id": row.id,
                    "name_id": row.name_id,
                    "state": row.state,
                    "target": row.target,
                    "voice": row.voice,
                    "created_at": row.created_at.isoformat(),
                    "updated_at": row.updated_at.isoformat(),
                    "hearing": row.hearing,
                    "clip": self._export_clip(row.id),
                }
                for row in introductions
            ],
            "idempotency_keys": [
                {
                    "key": row.key,
                    "digest": row.digest,
                    "status": row.status,
                    "introduction_id": row.introduction_id,
                    "problem": row.problem,
                    "created_at": row.created_at.isoformat(),
                }
                for row in keys
            ],
        }

    def _export_history(self, name_id: str) -> list[dict[str, Any]]:
        return [
            {
                "version": row.version,
                "kind": row.kind,
                "spelling": row.spelling,
                "language": row.language,
                "ipa": row.ipa,
                "status": row.status,
                "confidence": row.confidence,
                "introduction_id": row.introduction_id,
                "suggestion": row.suggestion,
                "who": row.who,
                "when": row.changed_at.isoformat(),
                "what": row.what,
                "why": row.why,
            }
            for row in self._history_rows(name_id)
        ]

    def _export_clip(self, introduction_id: str) -> dict[str, Any] | None:
        row = self._session.get(ClipRow, introduction_id)
        if row is None:
            return None
        return {
            "media_type": row.media_type,
            "audio_base64": base64.b64encode(row.audio).decode(),
            "created_at": row.created_at.isoformat(),
            "expires_at": None if row.expires_at is None else row.expires_at.isoformat(),
        }
