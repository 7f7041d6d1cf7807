"""`Repository`: all queries on one space, in one transaction. Values of the domain, never rows."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select

from namemem.consent import RecordedConsent
from namemem.store.carrying import Carrying
from namemem.store.consent_queries import ConsentQueries
from namemem.store.documents import optional_to_text
from namemem.store.idempotency_queries import IdempotencyQueries
from namemem.store.introduction_queries import IntroductionQueries
from namemem.store.job_queries import JobQueries
from namemem.store.key_queries import KeyQueries
from namemem.store.name_queries import NameQueries
from namemem.store.people_queries import PeopleQueries
from namemem.store.review_queries import ReviewQueries
from namemem.store.tables import (
    AuditRow,
    ClipRow,
    IdempotencyKeyRow,
    IntroductionRow,
    JobRow,
    NameRow,
)
from namemem.store.webhook_queries import WebhookQueries

EXPORT_SCHEMA = 1


class Repository(
    PeopleQueries,
    NameQueries,
    IntroductionQueries,
    IdempotencyQueries,
    ConsentQueries,
    ReviewQueries,
    JobQueries,
    WebhookQueries,
    KeyQueries,
    Carrying,
):
    """What one space remembers, within one transaction of `Store.transaction`.

    People, names, introductions (with clips), consents and idempotency keys, each in its module
    beside this one. Every method may raise `StoreUnavailable` through the transaction it is in.
    """

    def export_person(self, person_id: str) -> dict[str, Any]:
        """Everything stored about a person, JSON-serialisable.

        Times are ISO 8601 in UTC, pronunciations IPA with dots between syllables, clips base64
        and decrypted.

        Raises:
            NotFound: no such person in this space.
            ClipSealed: a clip of theirs is encrypted with a key that is not here.
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
                    "answer": row.answer,
                    "created_at": row.created_at.isoformat(),
                }
                for row in keys
            ],
            "consents": [self._export_consent(one) for one in self.consents(person_id)],
            "jobs": [self._export_job(row) for row in self._jobs_of(person.id, person.external_id)],
            "audit": self._export_audit(person_id),
        }

    @staticmethod
    def _export_consent(kept: RecordedConsent) -> dict[str, Any]:
        return {
            "id": kept.id,
            "introduction_id": kept.introduction_id,
            **kept.consent.as_dict(),
            "recorded_at": kept.recorded_at.isoformat(),
            "withdrawn_at": _iso(kept.withdrawn_at),
        }

    def _jobs_of(self, person_id: str, external_id: str | None) -> Sequence[JobRow]:
        theirs = JobRow.person_id == person_id
        if external_id is not None:
            theirs = or_(
                theirs, and_(JobRow.space == self.space, JobRow.external_id == external_id)
            )
        query = select(JobRow).where(theirs).order_by(JobRow.created_at, JobRow.id)
        return self._session.scalars(query).all()

    @staticmethod
    def _export_job(row: JobRow) -> dict[str, Any]:
        left_out = ("audio", "token", "space")
        values = {
            c.key: getattr(row, c.key) for c in JobRow.__table__.columns if c.key not in left_out
        }
        audio = None if row.audio is None else base64.b64encode(row.audio).decode()
        return {
            **{k: _iso(v) if isinstance(v, datetime) else v for k, v in values.items()},
            "audio_base64": audio,
        }

    def _export_audit(self, person_id: str) -> list[dict[str, Any]]:
        query = (
            select(AuditRow)
            .where(AuditRow.space == self.space, AuditRow.person_id == person_id)
            .order_by(AuditRow.at, AuditRow.id)
        )
        return [
            {
                "id": row.id,
                "at": row.at.isoformat(),
                "what": row.what,
                "who": row.who,
                "key_label": row.key_label,
                "name_id": row.name_id,
                "version": row.version,
            }
            for row in self._session.scalars(query)
        ]

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
        audio = self._sealer.open(row.audio, row.sealed, introduction_id, row.media_type)
        return {
            "media_type": row.media_type,
            "audio_base64": base64.b64encode(audio).decode(),
            "encrypted_at_rest": row.sealed is not None,
            "created_at": row.created_at.isoformat(),
            "expires_at": _iso(row.expires_at),
        }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
