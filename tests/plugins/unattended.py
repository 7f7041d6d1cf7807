"""Work that a power cut may meet: every way of writing, told before and after each step.

A step is a dictionary, so that whoever reads what a killed writer has said can do the step again
under the same key. `state` says what is stored of a person, in numbers and as a digest.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import sys
from collections.abc import Iterator
from typing import Any

from namemem.errors import NotFound
from namemem.g2p import Leaning
from namemem.introductions import Hints
from namemem.phones import parse_ipa
from namemem.service import IntroduceRequest, Key, NewName, Service
from namemem.store import Store
from namemem.testing import FakeHearer

Step = dict[str, Any]
State = dict[str, Any]
NOBODY: State = {"names": 0, "versions": 0, "introductions": 0, "clips": 0, "takes": 0}
# What each step adds to these numbers.
ADDS: dict[str, State] = {
    "introduce": {"names": 1, "versions": 1, "introductions": 1, "clips": 1, "takes": 1},
    "type": {"names": 2, "versions": 2, "introductions": 0, "clips": 0, "takes": 0},
    "again": {"names": 0, "versions": 1, "introductions": 1, "clips": 1, "takes": 1},
    "retake": {"names": 0, "versions": 1, "introductions": 0, "clips": 0, "takes": 1},
    "confirm": {"names": 0, "versions": 1, "introductions": 0, "clips": 0, "takes": 0},
    "reject": {"names": 0, "versions": 1, "introductions": 0, "clips": 0, "takes": 0},
    "correct": {"names": 0, "versions": 1, "introductions": 0, "clips": 0, "takes": 0},
    "name": {"names": 1, "versions": 1, "introductions": 0, "clips": 0, "takes": 0},
}
_SAID = ("ˈdɔːnə", "ˈdoʊnə", "ˈdænə", "ˈdiːnə", "ˈduːnə")


class _NoG2p:
    identity = "none"

    def candidates(
        self, spelling: str, language: str | None = None, leaning: Leaning = ()
    ) -> list[Any]:
        return []

    def predict(self, spelling: str, language: str | None = None) -> Any:
        return parse_ipa("ˈdɔːnə")


class _Mute:
    def speak(self, text_or_segments: Any, voice: str = "") -> bytes:
        return b""


def service_on(url: str) -> Service:
    """A service that hears the same name in every recording."""
    store = Store(url, timeout_seconds=30.0)
    return Service(store, FakeHearer("Dorna", _SAID[0]), _NoG2p(), _Mute())


def steps(prefix: str, seed: int) -> Iterator[Step]:
    """Steps for ever: one person after another, each introduced or typed in, changed, erased."""
    chance = random.Random(seed)
    for number in range(1_000_000):
        external_id = f"{prefix}-{number}"
        heard = chance.random() < 0.8
        what = ["introduce" if heard else "type"]
        if heard and chance.random() < 0.5:
            what.append(chance.choice(("confirm", "reject")))
        more = ("again", "retake", "correct", "name") if heard else ("correct", "name")
        what += chance.choices(more, k=chance.randint(1, 4))
        if chance.random() < 0.2:
            what.append("erase")
        for place, one in enumerate(what):
            yield {"do": one, "external_id": external_id, "key": f"{external_id}-{place}"}


def do(service: Service, step: Step, space: str = "default") -> None:
    """Does one step, once however often it is asked for."""
    what, external_id = step["do"], step["external_id"]
    key = Key(step["key"], hashlib.sha256(step["key"].encode()).hexdigest(), lambda _: {"ok": 1})
    if what in ("introduce", "again"):
        request = IntroduceRequest(
            b"sound " * 500,
            Hints(language="en"),
            external_id=external_id,
            keep_audio="clip",
            idempotency_key=step["key"],
        )
        asyncio.run(service.introduce_once(space, request, lambda view: {"ok": 1}))
        return
    if what == "type":
        names = [NewName("Dorna"), NewName("Ina")]
        service.once(
            space,
            key,
            lambda: service.add_person(
                space, external_id=external_id, display_name="Dorna", names=names, who="w"
            ),
            lambda made: made.id,
        )
        return
    person = service.person_by_external_id(space, external_id)
    if what == "erase":
        service.forget(space, person.id)
        return
    name = person.names[0]
    if what in ("retake", "confirm", "reject"):
        introduction_id = name.introduction_id
        assert introduction_id is not None
        if what == "retake":
            done = service.retake_once(space, introduction_id, b"sound", "w", Hints(), key)
            asyncio.run(done)
        elif what == "confirm":
            work = lambda: service.confirm(space, introduction_id, "w")  # noqa: E731
            service.once(space, key, work, lambda view: view.person.id)
        else:
            work = lambda: service.reject_introduction(space, introduction_id, "w")  # noqa: E731
            service.once(space, key, work, lambda view: view.person.id)
    elif what == "correct":
        said = next(ipa for ipa in _SAID if name.pronunciation is None or ipa != _said(name))
        service.once(
            space,
            key,
            lambda: service.change_name(
                space,
                person.id,
                name.id,
                expected_version=name.version,
                who="w",
                said={"ipa": said},
            ),
            lambda _: person.id,
        )
    else:
        new = NewName("Dora")
        service.once(
            space, key, lambda: service.add_name(space, person.id, new, "w"), lambda _: person.id
        )


def _said(name: Any) -> str:
    return str(name.pronunciation.ipa)


def state(service: Service, external_id: str, space: str = "default") -> State:
    """What is stored of somebody: `NOBODY` where there is no such person."""
    try:
        with service.store.transaction(space, read_only=True) as repo:  # leaves no trace itself
            export = repo.export_person(repo.person_by_external_id(external_id).id)
    except NotFound:
        return NOBODY
    introductions = export["introductions"]
    return {
        "names": len(export["names"]),
        "versions": sum(len(name["history"]) for name in export["names"]),
        "introductions": len(introductions),
        "clips": sum(one["clip"] is not None for one in introductions),
        "takes": sum(one["hearing"]["takes"] for one in introductions),
        "digest": hashlib.sha256(json.dumps(export, sort_keys=True).encode()).hexdigest(),
    }


def numbers(stored: State) -> State:
    """A state without its digest."""
    return {key: stored[key] for key in NOBODY}


def after(before: State, step: Step) -> State:
    """The numbers once a step is done."""
    if step["do"] == "erase":
        return NOBODY
    return {key: before[key] + ADDS[step["do"]][key] for key in NOBODY}


def show(text: str) -> None:
    """Progress, for `pytest -s`."""
    print(text, file=sys.stderr, flush=True)
