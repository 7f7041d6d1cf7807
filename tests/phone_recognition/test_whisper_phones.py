"""`whisper_ctc` as a recogniser: a random encoder in the real format, and the real one if here."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from plugins.checkpoints import write_whisper
from plugins.speech import introduction, sentence

from namemem.audio import Waveform, decode, speech_span
from namemem.errors import EngineUnavailable
from namemem.evidence import Gatherer
from namemem.g2p import Candidates
from namemem.phone_recognition import Context, Span, create
from namemem.phone_recognition.whisper_ctc import WhisperCtcEncoder
from namemem.phone_recognition.whisper_phones import WhisperCtcPhones
from namemem.phones import from_arpabet, parse_ipa, phonetic_distance, to_arpabet
from namemem.placing import bare, from_sound
from namemem.reconcile import rank

MODELS = Path(__file__).resolve().parents[2].parent / "shared" / "models"
ENCODER = MODELS / "whisper-tiny.en-encoder.pt"


@pytest.fixture(scope="module")
def random_ear(tmp_path_factory):
    encoder, head = write_whisper(tmp_path_factory.mktemp("whisper"))
    engine = WhisperCtcPhones(str(encoder))
    engine._model = WhisperCtcEncoder(encoder, weights=head)
    engine.load()
    return engine


@pytest.mark.parametrize("ipa", ["ˈændɹiə", "xoˈse", "ʕaˈliː", "ˈɡ͡boŋ"])
def test_any_weights_answer_everything(random_ear, ipa):
    rng = np.random.default_rng(1)
    audio = Waveform((rng.standard_normal(24_000) * 0.1).astype(np.float32))
    listening = random_ear.listen(audio)
    whole, said = Span(0.0, audio.seconds), parse_ipa(ipa)
    carrier = Context(before=parse_ipa("maɪ neɪm ɪz"), open_start=True, open_end=True)
    (score,) = listening.score([said], whole, carrier)
    assert math.isfinite(score)
    alignment = listening.align(said, whole, carrier)
    assert alignment is not None
    assert [p.ipa for p in alignment.phones] == list(said.units)
    assert math.isfinite(listening.fit(said, whole, carrier))
    for phone in listening.free_phones(whole):
        assert parse_ipa(phone.ipa)


def test_the_version_names_head_and_encoder(random_ear):
    assert random_ear.identity == "whisper_ctc test on tiny"


def test_an_encoder_of_another_size_is_refused(tmp_path):
    pytest.importorskip("whisper")
    encoder, _ = write_whisper(tmp_path)
    with pytest.raises(EngineUnavailable, match="NAMEMEM_PHONE_ENCODER"):
        create("whisper_ctc", encoder=str(encoder)).load()  # the shipped head is wider


@pytest.fixture(scope="module")
def ear():
    if not ENCODER.is_file():
        pytest.skip("needs ../shared/models: Whisper tiny.en's encoder")
    engine = create("whisper_ctc", encoder=str(ENCODER))
    engine.load()
    return engine


def hear(ear, audio: Waveform, spelling: str, language: str | None = None):
    """The readings of a known spelling, as the pipeline finds them."""
    gatherer = Gatherer(Candidates(), ear)
    listening, speech = ear.listen(audio), Span(*speech_span(audio))
    readings = gatherer.readings(spelling, language)
    place = from_sound(listening, readings, speech, language) or bare(speech, spelling)
    found = gatherer.gather(
        listening, place.span, place.context, spelling=spelling, language=language
    )
    return rank(found, ear.scoring, hears_ipa=True, spelling_known=True), place


@pytest.mark.engines
def test_one_spelling_said_two_ways(ear):
    first, second = parse_ipa("ˈændɹiə"), parse_ipa("ɑnˈdɹeɪə")
    answers = []
    for said, other in ((first, second), (second, first)):
        readings, place = hear(ear, decode(introduction(said.ipa, "My name is ")), "Andrea")
        assert place.phrase == "my name is"
        answers.append(readings[0].pronunciation)
        order = [r.pronunciation.segmental for r in readings]
        assert said.segmental in order[:5]
        assert other.segmental not in order[: order.index(said.segmental)]
    assert to_arpabet(answers[0]).value != to_arpabet(answers[1]).value


@pytest.mark.engines
def test_a_native_jose_and_an_english_one(ear):
    native, _ = hear(ear, decode(sentence("me llamo José", "es")), "José", "es")
    english, _ = hear(ear, decode(introduction("hoʊˈseɪ", "My name is ")), "José")
    assert native[0].pronunciation.segmental[0] in ("x", "χ")
    assert english[0].pronunciation.segmental[0] in ("h", "x", "χ")

    def for_english(readings) -> float:
        """Nats by which the sound is likelier with /h/: espeak-ng's noise differs each time."""
        likeliest = {
            first: max(r.log_likelihood for r in readings if r.pronunciation.segmental[0] in first)
            for first in ("h", "xχ")
        }
        return likeliest["h"] - likeliest["xχ"]

    assert for_english(english) > 0.5
    assert for_english(native) < -2.0


@pytest.mark.engines
@pytest.mark.shared
def test_real_people_say_athena(ear, shared_recordings):
    clips = sorted((shared_recordings / "names_real").glob("athena_*.flac"))[:10]
    assert len(clips) == 10
    target, other = from_arpabet("AH0 TH IY1 N AH0"), parse_ipa("ˈdʒɑɹvɪs")
    near = told = 0
    for clip in clips:
        audio = decode(clip.read_bytes())
        span = Span(*speech_span(audio))
        listening = ear.listen(audio)
        heard = parse_ipa("".join(p.ipa for p in listening.free_phones(span)))
        near += phonetic_distance(heard, target) < 0.25
        told += listening.fit(target, span, Context()) > listening.fit(other, span, Context()) + 1
    assert near >= 7
    assert told >= 9
