"""Remembering: people, names with their history, introductions with their evidence.

    store = Store("sqlite:///data/namemem.db")
    store.upgrade()
    with store.transaction(space="default") as repo:
        person = repo.add_person(external_id="alice", display_name="Alice")

`session` has the transactions, `repository` all queries, `tables` what is kept, `documents` how
values become text and back, `migrating` how tables come to be.
"""

from namemem.store.idempotency_queries import Claim, Outcome
from namemem.store.introduction_queries import Clip, new_introduction_id
from namemem.store.name_queries import NameChanges
from namemem.store.people_queries import UNSET, Unset
from namemem.store.repository import Repository
from namemem.store.review_queries import ReviewFilter
from namemem.store.session import Store

__all__ = [
    "UNSET",
    "Claim",
    "Clip",
    "NameChanges",
    "Outcome",
    "Repository",
    "ReviewFilter",
    "Store",
    "Unset",
    "new_introduction_id",
]
