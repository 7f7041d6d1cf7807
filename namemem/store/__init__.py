"""Remembering: people, names with their history, introductions with their evidence.

    store = Store("sqlite:///data/namemem.db")
    store.upgrade()
    with store.transaction(space="default") as repo:
        person = repo.add_person(external_id="alice", display_name="Alice")

`session` has the transactions, `repository` all queries, `tables` what is kept, `documents` how
values become text and back, `migrating` how tables come to be.
"""

from namemem.store.acting import Actor, acting, acting_by_command
from namemem.store.audit_queries import AuditEntry
from namemem.store.idempotency_queries import LEASE_SECONDS, Claim, Outcome
from namemem.store.introduction_queries import Clip, new_introduction_id
from namemem.store.job_queries import (
    HEARING,
    INTRODUCTION,
    HeldJob,
    StoredJob,
    TakenJob,
)
from namemem.store.key_queries import StoredKey, new_key_id
from namemem.store.name_queries import NameChanges
from namemem.store.people_queries import UNSET, Unset
from namemem.store.repository import Repository
from namemem.store.review_queries import ReviewFilter, Sound
from namemem.store.session import Store
from namemem.store.webhook_queries import DueWebhook

__all__ = [
    "HEARING",
    "INTRODUCTION",
    "LEASE_SECONDS",
    "UNSET",
    "Actor",
    "AuditEntry",
    "Claim",
    "Clip",
    "DueWebhook",
    "HeldJob",
    "NameChanges",
    "Outcome",
    "Repository",
    "ReviewFilter",
    "Sound",
    "Store",
    "StoredJob",
    "StoredKey",
    "TakenJob",
    "Unset",
    "acting",
    "acting_by_command",
    "new_introduction_id",
    "new_key_id",
]
