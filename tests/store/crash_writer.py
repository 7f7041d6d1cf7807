"""Introduces people for ever and prints each id after its commit; the test kills it."""

from __future__ import annotations

import sys

from plugins.examples import make_hearing

from namemem.people import NameKind, Status
from namemem.store import Claim, Store


def main() -> None:
    store = Store(sys.argv[1], timeout_seconds=30.0)
    for i in range(1_000_000):
        with store.transaction() as repo:
            key = f"{sys.argv[2]}-{i}"
            person = repo.add_person(key, f"Person {i}")
            name = repo.add_name(
                person.id,
                kind=NameKind.GIVEN,
                spelling="Siobhan",
                status=Status.HEARD,
                who="robot",
                what="heard",
            )
            introduction = repo.add_introduction(
                person_id=person.id, name_id=name.id, hearing=make_hearing()
            )
            repo.save_clip(introduction.id, b"x" * 20_000, "audio/wav")
            repo.update_name(name.id, expected_version=1, who="r", what="x", spelling="S")
            claim = repo.begin(key, "digest")
            assert isinstance(claim, Claim)
            repo.finish(claim, introduction_id=introduction.id)
        print(person.id, flush=True)


main()
