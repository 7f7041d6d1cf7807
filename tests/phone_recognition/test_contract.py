"""What every phone recogniser promises, checked on each one that is installed."""

from __future__ import annotations

import math
import os
from pathlib import Path

import pytest
from plugins.speech import introduction

from namemem.audio import Waveform, decode
from namemem.errors import EngineUnavailable, InvalidSettings
from namemem.phone_recognition import Context, Span, choose, create, engine_names
from namemem.phones import parse_ipa

pytestmark = pytest.mark.engines
SHARED = Path(__file__).resolve().parents[2].parent / "shared/models/whisper-tiny.en-encoder.pt"
ENCODER = str(SHARED) if SHARED.is_file() else "tiny.en"
CHECKPOINT = os.environ.get("NAMEMEM_TEST_PHONE_CHECKPOINT")  # for wav2vec2, if not its default
SAID, OTHER, ALIEN = parse_ipa("ˈændɹiə"), parse_ipa("ɑnˈdɹeɪə"), parse_ipa("ʃɪˈvɔːn")
CARRIER = Context(before=parse_ipa("maɪ neɪm ɪz"), open_start=True)


@pytest.fixture(scope="module", params=engine_names())
def engine(request):
    try:
        engine = choose(request.param, encoder=ENCODER, checkpoint=CHECKPOINT)[0]
        engine.load()
    except EngineUnavailable as error:
        what = "needs weights" if "weights" in error.message else "not installed"
        pytest.skip(f"{what}: {error.message}")
    return engine


@pytest.fixture(scope="module")
def audio() -> Waveform:
    return decode(introduction("ˈændɹiə"))


@pytest.fixture(scope="module")
def whole(audio) -> Span:
    return Span(0.0, audio.seconds)


def test_says_who_it_is(engine):
    assert engine.identity == f"{engine.name} {engine.version}"
    assert engine.version
    engine.load()  # twice does no harm
    scoring = engine.scoring
    assert 0 < scoring.confidence_cap <= 1
    assert 0 < scoring.free_confidence <= 1


def test_scores_what_was_said_best(engine, audio, whole):
    scores = engine.listen(audio).score([OTHER, SAID, ALIEN], whole, CARRIER)
    assert len(scores) == 3
    assert all(isinstance(s, float) for s in scores)
    assert max(scores) == scores[1] > scores[2]


def test_scores_are_the_same_in_any_company(engine, audio, whole):
    listening = engine.listen(audio)
    together = listening.score([SAID, OTHER], whole, CARRIER)
    alone = listening.score([OTHER], whole, CARRIER)
    again = engine.listen(audio).score([SAID, OTHER], whole, CARRIER)
    assert alone[0] == pytest.approx(together[1])
    assert again == pytest.approx(together)
    assert listening.score([], whole, CARRIER) == []


def test_alignment_lies_inside_and_in_order(engine, audio, whole):
    alignment = engine.listen(audio).align(SAID, whole, CARRIER)
    assert alignment is not None
    assert [p.ipa for p in alignment.phones] == list(SAID.units)
    assert 0 <= alignment.span.start < alignment.span.end <= audio.seconds + 0.05
    assert alignment.span.start > audio.seconds / 3, "the name is at the end"
    last = 0.0
    for phone in alignment.phones:
        assert last - 0.011 <= phone.start <= phone.end <= audio.seconds + 0.05
        assert 0.0 <= phone.confidence <= 1.0
        last = phone.start


def test_free_phones(engine, audio):
    phones = engine.listen(audio).free_phones(Span(0.5, 1.5))
    assert phones
    for phone in phones:
        assert parse_ipa(phone.ipa)
        assert 0.3 <= phone.start <= phone.end <= 1.7
        assert 0.0 <= phone.confidence <= 1.0


def test_fit_tells_what_was_said_from_what_was_not(engine, audio, whole):
    listening = engine.listen(audio)
    assert listening.fit(SAID, whole, CARRIER) > listening.fit(ALIEN, whole, CARRIER)


def test_what_cannot_fit(engine, audio):
    listening = engine.listen(audio)
    long = parse_ipa("tʃɹɪmpəˈstɹæŋkθs" * 6)
    short = Span(1.0, 1.12)
    (score,) = listening.score([long], short, Context())
    assert score == -math.inf or score < listening.score([parse_ipa("a")], short, Context())[0]
    listening.align(long, short, Context())


@pytest.mark.parametrize("seconds", [0.1, 0.5])
def test_short_and_silent_recordings_do_no_harm(engine, seconds):
    listening = engine.listen(Waveform.silence(seconds))
    span = Span(0.0, seconds)
    assert len(listening.score([SAID], span, Context())) == 1
    listening.align(SAID, span, Context())
    listening.free_phones(span)
    assert not math.isnan(listening.fit(SAID, span, Context()))


@pytest.mark.parametrize("ipa", ["ɬaˈnɛɬi", "ʕaˈliː", "ǃxo", "ʂʲoːŋ", "bɛʁˈtɑ̃", "ˈɟøɾɟ", "ɡ͡bo"])
def test_phones_of_every_language_have_a_score(engine, audio, whole, ipa):
    (score,) = engine.listen(audio).score([parse_ipa(ipa)], whole, CARRIER)
    assert not math.isnan(score)


def test_unknown_engine():
    with pytest.raises(InvalidSettings, match="sphinx"):
        create("hal9000")
    engine, why = choose("auto", encoder="tiny.en")
    assert engine.name in engine_names()
    assert why
