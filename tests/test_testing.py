"""The fakes that ship with the package do what they say."""

from __future__ import annotations

import asyncio

import pytest

from namemem.audio import decode
from namemem.errors import EngineBusy, InvalidPronunciation
from namemem.introductions import Hints
from namemem.people import SpellingSource
from namemem.testing import FakeHearer, fake_hearing
from namemem.workers import Job


def hear(hearer: FakeHearer, **job):
    return asyncio.run(hearer.hear(Job(b"anything", **job)))


def test_hears_what_it_was_told():
    hearer = FakeHearer("Zoë", "ˈzoʊi", alternatives=("zoʊ", "zu"), confidence=0.7)
    heard = hear(hearer)
    readings = heard.hearing.readings
    assert [r.pronunciation.ipa for r in readings] == ["ˈzoʊi", "zoʊ", "zu"]
    assert [r.confidence for r in readings] == pytest.approx([0.7, 0.15, 0.15])
    assert heard.hearing.spelling == "Zoë"
    assert heard.clip is None
    assert len(hearer.jobs) == 1


def test_what_the_caller_knows_takes_its_place():
    heard = hear(FakeHearer(), hints=Hints(spelling="Shivaun", language="ga"))
    assert (heard.hearing.spelling, heard.hearing.language) == ("Shivaun", "ga")
    assert heard.hearing.spelling_source is SpellingSource.CALLER


def test_a_second_take_counts():
    before = fake_hearing(rejected=("ˈænə",))
    heard = hear(FakeHearer(), before=before)
    assert (heard.hearing.takes, heard.hearing.rejected) == (2, ("ˈænə",))


def test_a_clip_is_a_recording():
    clip = hear(FakeHearer(), want_clip=True).clip
    assert decode(clip).seconds == pytest.approx(0.1)


def test_errors_and_readiness():
    hearer = FakeHearer(error=EngineBusy("Full."), ready=False)
    with pytest.raises(EngineBusy):
        hear(hearer)
    assert not hearer.state().ready
    hearer.error, hearer.ready = None, True
    assert hear(hearer)
    assert hearer.state().engines["transcriber"]


def test_blocks_until_released():
    async def run():
        hearer = FakeHearer()
        hearer.block()
        task = asyncio.create_task(hearer.hear(Job(b"")))
        await asyncio.sleep(0.02)
        assert not task.done()
        hearer.release()
        return await task

    assert asyncio.run(run()).hearing.chosen.pronunciation.ipa == "ʃɪˈvɔːn"


def test_no_pronunciation():
    with pytest.raises(InvalidPronunciation):
        FakeHearer("A", "Ω")
