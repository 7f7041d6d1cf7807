"""People with several names, and people who are suddenly called otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from namemem.errors import Conflict
from namemem.introductions import Hints
from namemem.known_names import KnownName
from namemem.people import NameKind, Status
from namemem.service import IntroduceRequest, NewName, Service
from namemem.service.base import Policy
from namemem.store import Store
from namemem.testing import FakeHearer, fake_hearing

SPACE = "default"


@pytest.fixture
def hearer() -> FakeHearer:
    return FakeHearer("Siobhan", "ʃɪˈvɔːn")


@pytest.fixture
def service(tmp_path, hearer) -> Iterator[Service]:
    store = Store(f"sqlite:///{tmp_path}/namemem.db")
    store.upgrade()
    yield Service(store, hearer, None, None, Policy())
    store.close()


def introduce(service: Service, spelling: str | None = None, **request):
    request = IntroduceRequest(b"sound", hints=Hints(spelling=spelling), **request)
    return asyncio.run(service.introduce(SPACE, request))


def test_the_ear_is_told_the_other_names(service, hearer):
    first = introduce(service, external_id="x")
    service.confirm(SPACE, first.introduction.id, "person")
    service.add_name(
        SPACE, first.person.id, NewName("Byrne", NameKind.FAMILY, said={"ipa": "bɜɹn"}), "t"
    )
    service.add_name(SPACE, first.person.id, NewName("Unspoken", NameKind.NICKNAME), "t")
    hearer.kind = NameKind.FULL
    introduce(service, "Siobhan Byrne", external_id="x")
    assert hearer.jobs[-1].hints.known == (
        KnownName("Siobhan", "ʃɪˈvɔːn", None, agreed=True),
        KnownName("Byrne", "bɜɹn", None, agreed=True),
    )
    introduce(service, "siobhan", person_id=first.person.id)
    told = [n.spelling for n in hearer.jobs[-1].hints.known]
    assert told == ["Byrne", "Siobhan Byrne"], "not the name that is given again"
    introduce(service, "Siobhan", external_id="somebody else")
    assert hearer.jobs[-1].hints.known == ()


def test_a_retake_is_told_them_as_well(service, hearer):
    person = service.add_person(
        SPACE, external_id="x", display_name=None, who="t",
        names=[NewName("Byrne", NameKind.FAMILY, said={"ipa": "bɜɹn"})],
    )  # fmt: skip
    view = introduce(service, person_id=person.id)
    asyncio.run(service.retake(SPACE, view.introduction.id, b"again", "t"))
    asyncio.run(service.try_take(SPACE, view.name, b"once more"))
    for job in hearer.jobs:
        assert [n.spelling for n in job.hints.known] == ["Byrne"]
    assert len(hearer.jobs) == 3


def agreed(service: Service):
    view = introduce(service, external_id="x")
    return service.confirm(SPACE, view.introduction.id, "person")


def test_a_name_that_was_agreed_on_waits_for_a_yes(service, hearer):
    old = agreed(service)
    hearer.hearing = fake_hearing("Robert", "ˈɹɑbɚt", alternatives=["ˈɹoʊbɛɹ"], confidence=0.97)
    view = introduce(service, external_id="x")
    assert view.introduction.hearing.spelling == "Robert"
    assert "another_name" in view.introduction.hearing.quality
    assert (view.next.action, view.say_text) == ("confirm", "Robert. Did I say that right?")
    assert "Siobhan" in view.next.reason
    assert view.name == old.name, "as it was"
    assert service.pronunciation(SPACE, old.person.id, "ssml").rendering.text == "Siobhan"

    now = service.confirm(SPACE, view.introduction.id, "person")
    assert (now.name.spelling, now.name.status) == ("Robert", Status.CONFIRMED)
    assert (now.next.action, now.person.display_name) == ("greet", "Robert")
    before = service.history(SPACE, now.person.id, now.name.id)
    assert "Siobhan" in [v.spelling for v in before]


def test_a_no_leaves_the_old_name_and_a_choice_takes_the_new_one(service, hearer):
    old = agreed(service)
    hearer.hearing = fake_hearing("Robert", "ˈɹɑbɚt", alternatives=["ˈɹoʊbɛɹ"], confidence=0.8)
    view = introduce(service, external_id="x")
    service.reject_introduction(SPACE, view.introduction.id, "person")
    assert service.name(SPACE, old.person.id, old.name.id) == old.name
    again = introduce(service, external_id="x")
    chosen = service.reject_introduction(SPACE, again.introduction.id, "person", 0)
    assert (chosen.name.spelling, chosen.name.pronunciation.ipa) == ("Robert", "ˈɹoʊbɛɹ")
    assert chosen.name.status is Status.CONFIRMED


@pytest.mark.parametrize("spelling", ["Shivaun", "siobhan"])
def test_another_spelling_of_the_same_sound_is_the_same_name(service, hearer, spelling):
    agreed(service)
    hearer.hearing = fake_hearing(spelling, "ʃɪˈvɔn", confidence=0.9)
    view = introduce(service, external_id="x")
    assert "another_name" not in view.introduction.hearing.quality
    assert view.name.spelling == spelling
    assert view.person.display_name == spelling


def test_nobody_agreed_so_the_new_name_counts(service, hearer):
    introduce(service, external_id="x")
    hearer.hearing = fake_hearing("Robert", "ˈɹɑbɚt", confidence=0.9)
    view = introduce(service, external_id="x")
    assert (view.name.spelling, view.next.action) == ("Robert", "greet")
    assert view.person.display_name == "Robert"


def test_a_display_name_of_its_own_stays(service, hearer):
    person = service.add_person(
        SPACE, external_id="x", display_name="The tall one", names=[NewName("Anna")], who="t"
    )
    view = introduce(service, "Robert", external_id="x")
    assert view.person.id == person.id
    assert view.person.display_name == "The tall one"


def test_a_contradicting_take_is_not_greeted(service, hearer):
    """The ear found the second take to be another name, but adds it to the first all the same."""
    agreed(service)
    same = fake_hearing("Siobhan", "ʃɪˈvɔːn", confidence=0.5)
    hearer.hearing = same.__class__(**{**_fields(same), "quality": ("another_name",)})
    view = introduce(service, "Siobhan", external_id="x")
    assert view.next.action == "confirm"


@pytest.mark.parametrize(
    ("spelling", "ipa"), [("Siobhána", "ʃɪˈvɔːnə"), ("Shevawn", "ʃɛˈvɔːn"), ("Robert", "ˈɹɑbɚt")]
)
def test_one_phone_makes_another_name_where_the_spelling_differs(service, hearer, spelling, ipa):
    old = agreed(service)
    hearer.hearing = fake_hearing(spelling, ipa, confidence=0.95)
    assert introduce(service, external_id="x").next.action == "confirm"
    assert service.name(SPACE, old.person.id, old.name.id) == old.name


def test_a_name_that_nobody_spelled_is_not_put_under_the_old_spelling(service, hearer):
    old = agreed(service)
    hearer.hearing = fake_hearing("", "məˈlɪsə", confidence=0.9)
    view = introduce(service, external_id="x")
    assert (view.next.action, view.name) == ("confirm", old.name)
    now = service.confirm(SPACE, view.introduction.id, "person")
    assert (now.name.spelling, now.name.pronunciation.ipa) == ("", "məˈlɪsə")
    assert now.person.display_name == "məˈlɪsə"


def test_a_retake_of_what_waits_goes_on_waiting(service, hearer):
    old = agreed(service)
    hearer.hearing = fake_hearing("Robert", "ˈɹɑbɚt", confidence=0.9)
    view = introduce(service, external_id="x")
    again = asyncio.run(service.retake(SPACE, view.introduction.id, b"again", "t"))
    assert (again.next.action, again.name) == ("confirm", old.name)
    assert service.confirm(SPACE, view.introduction.id, "t").name.spelling == "Robert"


def test_a_retake_with_another_name_waits_as_well(service, hearer):
    old = agreed(service)
    hearer.hearing = fake_hearing("Robert", "ˈɹɑbɚt", confidence=0.9)
    hints = Hints(spelling="Robert")
    again = asyncio.run(service.retake(SPACE, old.introduction.id, b"again", "t", hints))
    assert (again.next.action, again.name) == ("confirm", old.name)
    assert service.confirm(SPACE, old.introduction.id, "t").name.spelling == "Robert"


@pytest.mark.parametrize("before", [True, False])
def test_what_was_signed_off_gets_a_suggestion_after_the_yes(service, hearer, before):
    """Approved before or after the other name is heard."""
    old = agreed(service)
    how = {"expected_version": None, "who": "t", "status": Status.APPROVED}
    if before:
        service.change_name(SPACE, old.person.id, old.name.id, **how)
    hearer.hearing = fake_hearing("Robert", "ˈɹɑbɚt", confidence=0.9)
    view = introduce(service, external_id="x")
    if not before:
        service.change_name(SPACE, old.person.id, old.name.id, **how)
    view = service.introduction(SPACE, view.introduction.id)
    assert (view.next.action, view.name.suggestion) == ("confirm", None)
    now = service.confirm(SPACE, view.introduction.id, "person").name
    assert (now.spelling, now.status) == ("Siobhan", Status.APPROVED)
    assert now.suggestion.ipa == "ˈɹɑbɚt"


def test_a_late_yes_counts_unless_somebody_agreed_to_what_came_after(service, hearer):
    first = introduce(service, external_id="x")
    hearer.hearing = fake_hearing("Robert", "ˈɹɑbɚt", confidence=0.9)
    introduce(service, external_id="x")
    now = service.confirm(SPACE, first.introduction.id, "person")
    assert (now.name.spelling, now.name.status) == ("Siobhan", Status.CONFIRMED)


def test_nothing_is_confirmed_that_was_refused(service, hearer):
    view = introduce(service, external_id="x")
    while service.introduction(SPACE, view.introduction.id).introduction.state != "exhausted":
        service.reject_introduction(SPACE, view.introduction.id, "person")
    with pytest.raises(Conflict, match="retake"):
        service.confirm(SPACE, view.introduction.id, "person")


def test_the_shown_name_follows_corrections_and_reverts(service, hearer):
    old = agreed(service)
    changed = service.change_name(
        SPACE, old.person.id, old.name.id, expected_version=None, who="t", spelling="Robert"
    )
    assert service.person(SPACE, old.person.id).display_name == "Robert"
    service.revert(SPACE, old.person.id, old.name.id, changed.version - 1, "t")
    assert service.person(SPACE, old.person.id).display_name == "Siobhan"


def _fields(value) -> dict:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def test_a_yes_to_what_was_since_agreed_on_otherwise_is_a_conflict(service, hearer):
    early = introduce(service, "Siobhan", external_id="x")
    hearer.hearing = fake_hearing("Siobhan", "ʃɪvˈɔn", alternatives=["ˈʃɪvən"])
    late = introduce(service, "Siobhan", external_id="x")
    service.confirm(SPACE, late.introduction.id, "person")
    with pytest.raises(Conflict, match="since been agreed on"):
        service.confirm(SPACE, early.introduction.id, "person")
    assert service.introduction(SPACE, early.introduction.id).introduction.state == "open"
    hearer.hearing = fake_hearing("Siobhan", "ˈʃɪvən", alternatives=["ʃɪˈvɔːn", "ˈsaɪoʊbɑn"])
    again = introduce(service, "Siobhan", external_id="y")
    hearer.hearing = fake_hearing("Siobhan", "ʃɪˈvɔːn")
    last = introduce(service, "Siobhan", external_id="y")
    service.confirm(SPACE, last.introduction.id, "person")
    with pytest.raises(Conflict, match="PATCH"):
        service.reject_introduction(SPACE, again.introduction.id, "person", 1)
    said = service.reject_introduction(SPACE, again.introduction.id, "person", 0)  # the same
    assert said.introduction.state == "confirmed"
    assert said.name.pronunciation.ipa == "ʃɪˈvɔːn"
    assert said.name.introduction_id == last.introduction.id


def corrected(service: Service):
    view = introduce(service, "Siobhan", external_id="x")
    name = service.change_name(
        SPACE, view.person.id, view.name.id, said={"ipa": "ˈsiːbɑn"},
        expected_version=view.name.version, who="designer",
    )  # fmt: skip
    assert name.status is Status.CORRECTED
    return view


@pytest.mark.parametrize("answer", ["confirm", "reject", "choose"])
def test_what_was_corrected_by_hand_outlives_a_yes_and_a_no(service, hearer, answer):
    hearer.hearing = fake_hearing("Siobhan", "ʃɪˈvɔːn", alternatives=["ˈsaɪoʊbɑn"])
    view = corrected(service)
    asked = (SPACE, view.introduction.id, "person")
    if answer == "confirm":
        with pytest.raises(Conflict, match="corrected otherwise"):
            service.confirm(*asked)
    else:
        with pytest.raises(Conflict, match="corrected otherwise"):
            service.reject_introduction(*asked, 0 if answer == "choose" else None)
    now = service.introduction(SPACE, view.introduction.id).name
    assert (now.status, now.pronunciation.ipa) == (Status.CORRECTED, "ˈsiːbɑn")


def test_a_no_to_what_was_agreed_on_leaves_it_merely_heard(service, hearer):
    hearer.hearing = fake_hearing("Siobhan", "ʃɪˈvɔːn", alternatives=[])
    view = introduce(service, "Siobhan", external_id="x")
    service.confirm(SPACE, view.introduction.id, "person")
    refused = service.reject_introduction(SPACE, view.introduction.id, "person")
    assert refused.introduction.state == "exhausted"
    assert refused.next.action == "ask_again"
    assert refused.name.status is Status.HEARD


def test_a_no_to_an_old_answer_is_a_conflict(service, hearer):
    hearer.hearing = fake_hearing("Siobhan", "ʃɪˈvɔːn", alternatives=["ˈsaɪoʊbɑn"])
    early = introduce(service, "Siobhan", external_id="x")
    late = introduce(service, "Siobhan", external_id="x")
    service.confirm(SPACE, late.introduction.id, "person")
    with pytest.raises(Conflict):
        service.reject_introduction(SPACE, early.introduction.id, "person")
    assert service.confirm(SPACE, early.introduction.id, "person").name.status is Status.CONFIRMED


def test_after_a_no_the_next_answer_is_asked_about(service, hearer):
    hearer.hearing = fake_hearing("Siobhan", "ʃɪˈvɔːn", alternatives=["ˈsaɪoʊbɑn"], confidence=0.95)
    view = introduce(service, "Siobhan", external_id="x")
    assert view.next.action == "greet"
    refused = service.reject_introduction(SPACE, view.introduction.id, "person")
    assert refused.next.action in ("confirm", "ask_again")
