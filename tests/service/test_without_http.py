"""The service used as a library: what the tests over HTTP do not reach."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest

from namemem.errors import Conflict, EngineFailed, InvalidRequest, NotFound, VersionConflict
from namemem.g2p import Candidate
from namemem.introductions import Hints
from namemem.people import NameKind, Status
from namemem.phones import parse_ipa
from namemem.service import IntroduceRequest, NewName, Service
from namemem.service.base import Policy
from namemem.store import Store
from namemem.testing import FakeHearer, fake_hearing

SPACE = "default"


class Silent:
    """A voice that keeps what it was to say."""

    def __init__(self) -> None:
        self.said: list = []

    def speak(self, text_or_segments, voice="en-us"):
        self.said.append((text_or_segments, voice))
        return b"RIFF"


class NoG2p:
    identity = "none"

    def candidates(self, spelling, language=None, leaning=()) -> list[Candidate]:
        return []

    def predict(self, spelling, language=None):
        return parse_ipa("ˈænə") if spelling == "Anna" else None


@pytest.fixture
def hearer() -> FakeHearer:
    return FakeHearer()


@pytest.fixture
def service(tmp_path, hearer) -> Iterator[Service]:
    store = Store(f"sqlite:///{tmp_path}/namemem.db")
    store.upgrade()
    yield Service(store, hearer, NoG2p(), Silent(), Policy())
    store.close()


def introduce(service: Service, **request):
    return asyncio.run(service.introduce(SPACE, IntroduceRequest(b"sound", **request)))


def test_the_digest_covers_everything_that_matters():
    base = IntroduceRequest(b"sound")
    changes = [
        {"audio": b"other"},
        {"person_id": "p"},
        {"external_id": "p"},
        {"kind": NameKind.FULL},
        {"target": "azure"},
        {"voice": "x"},
        {"keep_audio": "clip"},
        {"hints": Hints(spelling="A")},
        {"hints": Hints(language="de")},
        {"hints": Hints(asked=True)},
        {"name_id": "n"},
        {"name_id": "n", "name_version": 1},
    ]
    digests = {replace(base, **change).digest() for change in changes} | {base.digest()}
    assert len(digests) == len(changes) + 1
    assert IntroduceRequest(b"sound", idempotency_key="k").digest() == base.digest()


def test_speech_is_put_together_from_text_and_names(service):
    voice = service.voice
    service.speak(SPACE, ipa="ˈænə", text="Hi {name}, bye {name}", voice="de")
    segments, used = voice.said[-1]
    assert [s if isinstance(s, str) else s.ipa for s in segments] == [
        "Hi ", "ˈænə", ", bye ", "ˈænə",
    ]  # fmt: skip
    assert used == "de"
    service.speak(SPACE, ipa="ˈænə")
    assert voice.said[-1][1] == "en-us"


def test_which_of_the_names_is_used(service):
    names = [
        NewName("Anna Smith", NameKind.FULL, said={"ipa": "ˈænəsmɪθ"}),
        NewName("Anna", NameKind.GIVEN, said={"ipa": "ˈænə"}),
        NewName("Smith", NameKind.FAMILY, said={"ipa": "smɪθ"}),
    ]
    person = service.add_person(SPACE, external_id=None, display_name="A", names=names, who="t")
    said = service.pronunciation(SPACE, person.id, "ssml")
    assert said.name.kind is NameKind.GIVEN
    service.add_name(SPACE, person.id, NewName("Annie", NameKind.NICKNAME), "t")
    with pytest.raises(NotFound, match="Nobody has said"):
        service.pronunciation(SPACE, person.id, "ssml")
    full = service.pronunciation(SPACE, person.id, "ssml", kind=NameKind.FULL)
    assert full.rendering.text == "Anna Smith"


def test_spelling_stands_in_until_somebody_says_it(service):
    person = service.add_person(
        SPACE, external_id=None, display_name=None, names=[NewName("Anna")], who="t"
    )
    assert service.pronunciation(SPACE, person.id, "ssml").source == "spelling"


def test_conflict_of_a_retake_with_a_confirmation(service, hearer):
    """Somebody confirms while the second recording is being heard."""
    view = introduce(service)

    class Meanwhile(FakeHearer):
        async def hear(self, job):
            heard = await super().hear(job)
            service.confirm(SPACE, view.introduction.id, "somebody")
            return heard

    service.hearer = Meanwhile("Siobhan", "ˈsaɪ.əʊbæn")
    with pytest.raises(VersionConflict):
        asyncio.run(service.retake(SPACE, view.introduction.id, b"again", "t"))
    now = service.introduction(SPACE, view.introduction.id)
    assert now.introduction.state == "confirmed"
    assert now.introduction.hearing.chosen.pronunciation.ipa == "ʃɪˈvɔːn"


def test_erased_while_it_is_heard(service, hearer):
    person = introduce(service).person

    class Meanwhile(FakeHearer):
        async def hear(self, job):
            service.forget(SPACE, person.id)
            return await super().hear(job)

    service.hearer = Meanwhile()
    with pytest.raises(NotFound):
        introduce(service, person_id=person.id)
    assert service.people(SPACE) == ([], None)


def test_cancelled_requests_give_their_key_back(service, hearer):
    hearer.block()

    async def leave():
        request = IntroduceRequest(b"sound", idempotency_key="k")
        task = asyncio.create_task(service.introduce(SPACE, request))
        while not hearer.jobs:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        with pytest.raises(Conflict):
            await service.introduce(SPACE, request)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        hearer.release()
        return await service.introduce(SPACE, request)

    assert asyncio.run(leave()).name.status is Status.HEARD


def test_which_name_is_said(service, hearer):
    names = [NewName("Joan"), NewName("Siobhan")]
    person = service.add_person(SPACE, external_id=None, display_name=None, names=names, who="t")
    second = person.names[1]
    with pytest.raises(InvalidRequest):
        introduce(service, name_id=second.id)
    with pytest.raises(NotFound):
        introduce(service, person_id=person.id, name_id="n_nobody")
    with pytest.raises(VersionConflict):
        introduce(service, person_id=person.id, name_id=second.id, name_version=9)
    assert not hearer.jobs, "told before anything is heard"
    view = introduce(service, person_id=person.id, name_id=second.id, name_version=1)
    assert (view.name.id, view.name.version) == (second.id, 2)
    assert service.name(SPACE, person.id, person.names[0].id) == person.names[0]


def test_a_failed_hearing_leaves_nothing(service, hearer):
    hearer.error = EngineFailed("It broke.")
    with pytest.raises(EngineFailed):
        introduce(service, external_id="a", idempotency_key="k")
    assert service.people(SPACE) == ([], None)


def test_a_name_without_a_spelling_takes_the_display_name(service):
    service.hearer = FakeHearer(hearing=fake_hearing("", "ˈænə", alternatives=()))
    view = introduce(service, external_id="robot-fan", target="ssml")
    assert view.rendering.text
    assert "{name}" not in view.say_text


def test_two_notations_at_once(service):
    with pytest.raises(InvalidRequest):
        service.add_name(SPACE, "p", NewName("A", said={"ipa": "a", "arpabet": "AA1"}), "t")
