"""The pipeline: its logic with fakes, and once for real with the embedded engines."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from plugins.speech import introduction, sentence

from namemem import introductions
from namemem.asr import Capabilities, TimedWord, Transcript, create_transcriber
from namemem.audio import Waveform, decode
from namemem.audio.voice_activity import SileroModel
from namemem.dialogue import GREET_FROM
from namemem.errors import HearingError, NoNameHeard, NoSpeech
from namemem.g2p import Candidate, Candidates
from namemem.introductions import Ear, Hints
from namemem.people import HeardPhone, Mention, NameKind, SpellingSource
from namemem.phone_recognition import (
    Alignment,
    Listening,
    PhoneRecognizer,
    Scoring,
    Span,
    create,
)
from namemem.phones import parse_ipa

READINGS = {"andrea": ("ˈændɹiə", "ɑnˈdɹeɪə"), "my name is": ("maɪneɪmɪz",)}


class FakeG2p:
    identity = "fake g2p"

    def candidates(self, spelling, language=None, leaning=()):
        return [
            Candidate(parse_ipa(ipa), (f"g2p:{n}",), -0.5 - n)
            for n, ipa in enumerate(READINGS.get(spelling.casefold(), ()))
        ]

    def sounding_like(self, heard, limit):
        return []

    def predict(self, spelling, language=None):
        found = self.candidates(spelling)
        return found[0].pronunciation if found else None


class FakeListening(Listening):
    """Hears one pronunciation; keeps every question."""

    def __init__(self, said: str, fit: float = 0.0, alignable: bool = True) -> None:
        self.said = parse_ipa(said)
        self.fits, self.alignable = fit, alignable
        self.asked: list = []

    def score(self, pronunciations, span, context):
        self.asked.append((span, context))
        return [0.0 if p.segmental == self.said.segmental else -100.0 for p in pronunciations]

    def align(self, pronunciation, span, context):
        if not self.alignable:
            return None
        return Alignment((HeardPhone("a", span.start, span.end, 0.5),), span)

    def free_phones(self, span):
        return tuple(HeardPhone(u, 0.0, 0.1, 0.5) for u in self.said.units)

    def fit(self, pronunciation, span, context):
        return self.fits


class FakeRecognizer(PhoneRecognizer):
    name, version = "fake", "1"
    scoring = Scoring(
        evidence=0.1, prior=1.0, temperature=1.0, confidence_cap=0.9, free_confidence=0.5
    )
    min_fit = -1.0

    def __init__(self, listening: Listening) -> None:
        super().__init__()
        self.listening = listening

    def _load(self):
        """Nothing to load."""

    def _listen(self, waveform):
        return self.listening


class FakeTranscriber:
    name, version = "fake", "1"
    capabilities = Capabilities(languages=None, prompt=True)

    def __init__(self, *words: str, timed: bool = True) -> None:
        self.words = words
        self.timed = timed

    def load(self):
        """Nothing to load."""

    def transcribe(self, waveform, *, language=None, prompt=None):
        words = tuple(
            TimedWord(w, 0.5 + 0.3 * i, 0.5 + 0.3 * (i + 1)) if self.timed
            else TimedWord(w, None, None)
            for i, w in enumerate(self.words)
        )  # fmt: skip
        return Transcript(" ".join(self.words), words, "fake 1", "en", timed=self.timed)


def speechlike(seconds: float = 1.6) -> Waveform:
    """Half a second of silence, something loud that is modulated like speech, silence."""
    time = np.arange(round(seconds * 16_000)) / 16_000
    rng = np.random.default_rng(3)
    loud = np.sin(2 * np.pi * 150 * time) * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * time))
    samples = np.concatenate([np.zeros(8000), 0.4 * loud, np.zeros(8000)])
    return Waveform((samples + rng.normal(0, 1e-4, samples.size)).astype(np.float32))


def make_ear(listening: Listening, *words: str, timed: bool = True) -> Ear:
    return Ear(FakeTranscriber(*words, timed=timed), FakeRecognizer(listening), FakeG2p())


INTRODUCED = ("my", "name", "is", "andrea")


def test_the_ear_overrules_the_spelling_and_says_so():
    hearing, kind = make_ear(FakeListening("ɑnˈdɹeɪə"), *INTRODUCED).hear(speechlike())
    assert hearing.chosen.pronunciation.ipa == "ɑnˈdɹeɪə"
    assert hearing.predicted.ipa == "ˈændɹiə"
    assert hearing.agrees is False
    assert {r.pronunciation.ipa for r in hearing.readings} >= {"ɑnˈdɹeɪə", "ˈændɹiə"}
    assert (hearing.spelling, hearing.spelling_source) == ("Andrea", SpellingSource.TRANSCRIPT)
    assert kind is NameKind.GIVEN
    assert hearing.engines.transcriber == "fake 1"
    assert hearing.timings_ms["total"] >= 0
    assert hearing.takes == 1


class Unsupported(FakeListening):
    """What is there stays there without the name."""

    def support(self, pronunciations, span, context):
        return -30.0


def test_a_spelling_that_the_sound_does_not_bear_is_doubted():
    sure, _ = make_ear(FakeListening("ˈændɹiə"), *INTRODUCED).hear(
        speechlike(), Hints(spelling="Andrea")
    )
    doubted, _ = make_ear(Unsupported("ˈændɹiə"), *INTRODUCED).hear(
        speechlike(), Hints(spelling="Andrea")
    )
    assert "spelling_unlikely" not in sure.quality
    assert "spelling_unlikely" in doubted.quality
    assert doubted.chosen.confidence < 0.5 * sure.chosen.confidence


def test_a_spelling_far_from_the_word_that_was_written_is_doubted(monkeypatch):
    monkeypatch.setitem(READINGS, "bob", ("ˈbɑb",))
    hearing, _ = make_ear(FakeListening("ˈændɹiə"), "my", "name", "is", "bob").hear(
        speechlike(), Hints(spelling="Andrea")
    )
    assert "spelling_unlikely" in hearing.quality


def test_another_word_for_a_name_that_nobody_wrote_so_is_no_spelling(monkeypatch):
    monkeypatch.setitem(READINGS, "andrea", ("ˈbɑbɪlɑn",))
    listening = FakeListening("ˈsiɹʃə")
    listening.guesses = lambda span, context: [parse_ipa("ˈsiɹʃə")]
    hearing, _ = make_ear(listening, *INTRODUCED).hear(speechlike())
    assert hearing.chosen.pronunciation.ipa == "ˈsiɹʃə"
    assert (hearing.spelling, hearing.spelling_source) == ("", SpellingSource.NONE)
    assert "transcript_unlikely" in hearing.quality
    known, _ = make_ear(listening, *INTRODUCED).hear(speechlike(), Hints(spelling="Andrea"))
    assert known.spelling == "Andrea"


def test_only_a_given_spelling_is_trusted():
    ear = make_ear(FakeListening("ɑnˈdɹeɪə"), *INTRODUCED)
    unsure, _ = ear.hear(speechlike())
    sure, _ = ear.hear(speechlike(), Hints(spelling="Andrea"))
    assert sure.spelling_source is SpellingSource.CALLER
    assert sure.chosen.confidence > unsure.chosen.confidence


def test_the_carrier_is_part_of_the_search():
    listening = FakeListening("ˈændɹiə")
    make_ear(listening, *INTRODUCED).hear(speechlike())
    span, context = listening.asked[0]
    assert context.before.ipa == parse_ipa("maɪneɪmɪz").ipa
    assert not context.open_start
    assert span.start < 0.5 < 1.4 < span.end


def test_words_without_times_search_everything():
    listening = FakeListening("ˈændɹiə")
    make_ear(listening, *INTRODUCED, timed=False).hear(speechlike())
    _, context = listening.asked[0]
    assert context.open_start
    assert not context.open_end


def test_the_callers_words_spare_the_transcriber():
    ear = make_ear(FakeListening("ˈændɹiə"), "never", "asked")
    words = Transcript("My name is Andrea", (), "caller", timed=False)
    hearing, _ = ear.hear(speechlike(), Hints(transcript=words))
    assert hearing.engines.transcriber == "caller"
    assert hearing.spelling == "Andrea"


def test_no_name():
    ear = make_ear(FakeListening("ˈændɹiə"), "nice", "weather")
    with pytest.raises(NoNameHeard) as caught:
        ear.hear(speechlike())
    assert caught.value.details["transcript"] == "nice weather"
    assert caught.value.details["reason"]


def test_a_bare_name_needs_a_question_or_a_spelling():
    ear = make_ear(FakeListening("ˈændɹiə"), "andrea")
    with pytest.raises(NoNameHeard):
        ear.hear(speechlike())
    assert ear.hear(speechlike(), Hints(asked=True))[0].spelling == "Andrea"
    assert ear.hear(speechlike(), Hints(spelling="Andrea"))[0].chosen


def test_a_spelling_that_was_not_said():
    ear = make_ear(FakeListening("ˈændɹiə", fit=-5.0), "nice", "weather")
    with pytest.raises(NoNameHeard):
        ear.hear(speechlike(), Hints(spelling="Andrea"))


def test_a_known_name_found_by_its_sound_spares_the_transcriber():
    ear = make_ear(FakeListening("ɑnˈdɹeɪə"), "never", "asked")
    ear.recognizer.finds_carriers = True
    hearing, _ = ear.hear(speechlike(), Hints(spelling="Andrea"))
    assert hearing.engines.transcriber == "none"
    assert hearing.chosen.pronunciation.ipa == "ɑnˈdɹeɪə"


def test_an_unreadable_spelling_is_heard_freely():
    ear = make_ear(FakeListening("ˈzoʊi"), "my", "name", "is", "zxqw")
    hearing, _ = ear.hear(speechlike())
    assert hearing.chosen.source == "ear"
    assert hearing.chosen.pronunciation.segmental == parse_ipa("zoʊi").segmental
    assert hearing.chosen.confidence <= 0.45


def test_nothing_fits():
    listening = FakeListening("ˈændɹiə")
    listening.score = lambda p, span, context: [-math.inf] * len(p)  # type: ignore[method-assign]
    with pytest.raises(NoNameHeard):
        make_ear(listening, *INTRODUCED).hear(speechlike())


def test_an_alignment_that_fails_leaves_the_answer():
    ear = make_ear(FakeListening("ˈændɹiə", alignable=False), *INTRODUCED)
    hearing, _ = ear.hear(speechlike())
    assert hearing.phones == ()
    assert hearing.start < hearing.end


def test_a_second_take_adds_its_evidence():
    ear = make_ear(FakeListening("ˈændɹiə"), *INTRODUCED)
    first, _ = ear.hear(speechlike())
    second, _ = ear.hear(speechlike(), before=first)
    assert second.takes == 2
    assert second.chosen.confidence >= first.chosen.confidence
    worst = {r.pronunciation.ipa: r.log_likelihood for r in second.readings}["ɑnˈdɹeɪə"]
    assert worst == pytest.approx(0.6 * -200.0)  # two takes count as 1.2


def test_what_was_refused_does_not_come_back():
    ear = make_ear(FakeListening("ˈændɹiə"), *INTRODUCED)
    first, _ = ear.hear(speechlike())
    left = tuple(r for r in first.readings if r.pronunciation.ipa != "ˈændɹiə")
    refused = replace(first, rejected=("ˈændɹiə",), readings=left)
    second, _ = ear.hear(speechlike(), before=refused)
    assert "ˈændɹiə" not in [r.pronunciation.ipa for r in second.readings]
    assert second.rejected == ("ˈændɹiə",)


@pytest.mark.parametrize("seconds", [0.0, 0.05, 1.0])
def test_silence(seconds):
    with pytest.raises(NoSpeech):
        make_ear(FakeListening("ˈændɹiə"), *INTRODUCED).hear(Waveform.silence(seconds))


def test_span():
    assert Span(1.0, 2.5).seconds == 1.5


@pytest.fixture(scope="module")
def real() -> Ear:
    """pocketsphinx and espeak-ng."""
    ear = Ear(create_transcriber("sphinx"), create("sphinx"), Candidates())
    ear.load()
    return ear


@pytest.mark.engines
def test_an_introduction_for_real(real):
    audio = decode(introduction("ˈændɹiə"))
    hearing, _ = real.hear(audio, Hints(spelling="Andrea"))
    assert hearing.chosen.pronunciation.segmental == parse_ipa("ˈændɹiə").segmental
    assert 0.5 < hearing.start < hearing.end < audio.seconds
    times = [(p.start, p.end) for p in hearing.phones]
    assert times == sorted(times)
    assert [p.ipa for p in hearing.phones] == list(hearing.chosen.pronunciation.units)
    assert hearing.heard_freely
    assert hearing.engines.phone_recognizer.startswith("sphinx")


@pytest.mark.engines
def test_two_takes_for_real(real):
    audio = decode(introduction("ˈændɹiə"))
    first, _ = real.hear(audio, Hints(spelling="Andrea"))
    again = decode(introduction("ˈændɹiə", "I am "))
    second, _ = real.hear(again, Hints(spelling="Andrea", asked=True), first)
    assert second.takes == 2
    assert second.chosen.pronunciation.segmental == parse_ipa("ˈændɹiə").segmental


@pytest.mark.engines
def test_no_introduction_for_real(real):
    with pytest.raises(NoNameHeard) as caught:
        real.hear(decode(sentence("The weather is quite nice.")))
    assert caught.value.details["transcript"]


def test_a_spelling_that_was_given_aloud():
    ear = make_ear(FakeListening("ˈændɹiə"), *"my name is andrea a n d r e a".split())
    hearing, kind = ear.hear(speechlike(4.0))
    assert (hearing.spelling, kind) == ("Andrea", NameKind.GIVEN)
    assert hearing.spelling_source is SpellingSource.SPELLED_ALOUD
    assert hearing.phones


def test_only_letters_give_a_guess_from_the_spelling():
    listening = FakeListening("ɑnˈdɹeɪə")  # what the letters sound like counts for nothing
    ear = make_ear(listening, *"a n d r e a".split())
    hearing, _ = ear.hear(speechlike(), Hints(asked=True))
    assert hearing.spelling_source is SpellingSource.SPELLED_ALOUD
    assert hearing.chosen.pronunciation == parse_ipa("ˈændɹiə")
    assert hearing.chosen.confidence < 0.5
    assert hearing.phones == ()
    assert "only_spelled" in hearing.quality


def test_other_people_are_reported_apart():
    words = "my name is andrea and this is my brother luis".split()
    hearing, _ = make_ear(FakeListening("ˈændɹiə"), *words).hear(speechlike(4.0))
    assert hearing.spelling == "Andrea"
    assert hearing.others == (Mention("Luis", NameKind.GIVEN, "other"),)


def music() -> Waveform:
    """Tones that swell four times a second."""
    t = np.arange(3 * 16_000) / 16_000
    tones = 0.3 * np.sin(2 * np.pi * 220 * t) * (1 + np.sin(2 * np.pi * 4 * t))
    tones += 0.2 * np.sin(2 * np.pi * 330 * t) + 0.2 * np.sin(2 * np.pi * 277 * t)
    return Waveform((0.8 * tones).astype(np.float32))


@pytest.mark.parametrize("level", [1.0, 0.02])
def test_a_name_without_a_voice_is_doubted(level):
    ear = Ear(
        FakeTranscriber(*INTRODUCED), FakeRecognizer(FakeListening("ˈændɹiə")), FakeG2p(),
        SileroModel(),
    )  # fmt: skip
    said = decode(introduction("ˈændɹiə", "My name is "))
    quality = []
    for waveform in (said, music()):
        samples = (level * waveform.samples).astype(np.float32)
        hearing, _ = ear.hear(Waveform(samples), Hints(spelling="Andrea"))
        quality.append(hearing)
    voiced, unvoiced = quality
    assert "unlike_speech" not in voiced.quality
    assert "unlike_speech" in unvoiced.quality
    assert unvoiced.chosen.confidence < 0.5 * voiced.chosen.confidence


def test_nobody_speaks_so_slowly():
    ear = make_ear(FakeListening("ˈændɹiə"), *INTRODUCED, timed=False)
    hearing, _ = ear.hear(speechlike(5.0))
    assert "unlike_speech" in hearing.quality
    assert hearing.chosen.confidence < 0.4


def test_a_nickname_is_the_name_to_use():
    words = "i'm alexander but please call me andrea".split()
    hearing, kind = make_ear(FakeListening("ˈændɹiə"), *words).hear(speechlike(4.0))
    assert (hearing.spelling, kind) == ("Andrea", NameKind.NICKNAME)
    assert hearing.others == (Mention("Alexander", NameKind.GIVEN, "speaker"),)


@pytest.mark.parametrize(
    ("words", "two"),
    [
        ("my name is luis my name is andrea", True),
        ("my name is xyzzy my name is andrea", True),
        ("my name is andreea my name is andrea", False),  # written twice
        ("my name is andrea maria my name is andrea", False),
        ("my full name is luis andrea but please call me andrea", False),
        ("my name is andrea and this is luis", False),
    ],
)
def test_two_names_of_one_kind_are_doubted(words, two, monkeypatch):
    monkeypatch.setitem(READINGS, "luis", ("luˈis",))
    monkeypatch.setitem(READINGS, "andreea", ("ˈændɹiə",))
    hearing, _ = make_ear(FakeListening("ˈændɹiə"), *words.split()).hear(speechlike(4.0))
    assert hearing.spelling.startswith("Andrea")
    assert ("two_names" in hearing.quality) == two
    assert (hearing.chosen.confidence < 0.4) == two
    given, _ = make_ear(FakeListening("ˈændɹiə"), *words.split()).hear(
        speechlike(4.0), Hints(spelling="Andrea")
    )
    assert "two_names" not in given.quality, "the caller says which"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("i'm cold", "not-a-name"),
        ("nice weather", "no-introduction"),
        ("thank you for watching", "invented"),
        ("this is my daughter imogen", "only-others"),
    ],
)
def test_why_there_is_no_name(words, reason):
    ear = make_ear(FakeListening("ˈændɹiə"), *words.split())
    with pytest.raises(NoNameHeard) as caught:
        ear.hear(speechlike())
    assert caught.value.details["reason"] == reason
    assert caught.value.details["transcript"] == words


class Doubting(FakeTranscriber):
    """Writes a name that it doubts, and hears others where it is asked again."""

    capabilities = Capabilities(languages=None, prompt=True, hypotheses=True)

    def __init__(self, *words, confidence, others, written=""):
        super().__init__(*words)
        self.confidence, self.others, self.written = confidence, others, written
        self.clips = []

    def transcribe(self, waveform, *, language=None, prompt=None):
        heard = super().transcribe(waveform)
        words = tuple(replace(w, confidence=self.confidence) for w in heard.words)
        return replace(heard, words=words, written=self.written)

    def hypotheses(self, waveform, *, language=None, prompt=None):
        self.clips.append(waveform.seconds)
        return self.others


DOUBTED = ("my", "name", "is", "andreja")
AGAIN = ("My name is Andrea.", "My name is Andrea.", "My name is cold.")


def doubting_ear(transcriber):
    return Ear(transcriber, FakeRecognizer(FakeListening("ɑnˈdɹeɪə")), FakeG2p())


def test_a_doubted_spelling_gives_way_to_the_hypothesis_that_the_sound_fits():
    transcriber = Doubting(*DOUBTED, confidence=0.4, others=AGAIN)
    hearing, _ = doubting_ear(transcriber).hear(speechlike())
    assert (hearing.spelling, hearing.spelling_source) == ("Andrea", SpellingSource.TRANSCRIPT)
    assert transcriber.clips[0] < speechlike().seconds


@pytest.mark.parametrize(
    ("confidence", "others", "spelling"),
    [(0.95, AGAIN, None), (0.4, (), None), (0.4, AGAIN, "Andreja")],
)
def test_a_spelling_that_nobody_doubts_stays(confidence, others, spelling):
    transcriber = Doubting(*DOUBTED, confidence=confidence, others=others)
    hearing, _ = doubting_ear(transcriber).hear(speechlike(), Hints(spelling=spelling))
    assert hearing.spelling == "Andreja"
    assert bool(transcriber.clips) is (confidence < 0.5 and spelling is None)


def test_the_transcribers_capitals_tell_a_name_from_a_word():
    said = ("hello", "i'm", "sorrel")
    plain = Doubting(*said, confidence=1, others=(), written="Hello, I'm sorrel soup.")
    hearing, _ = doubting_ear(plain).hear(speechlike())
    assert hearing.spelling == "Sorrel"  # other words than the text: they do not count
    small = Doubting(*said, confidence=1, others=(), written="Hello, I'm sorrel.")
    with pytest.raises(NoNameHeard):
        doubting_ear(small).hear(speechlike())


@pytest.mark.engines
@pytest.mark.parametrize("bursts", [1, 2, 3])
def test_knocks_are_no_answer(bursts: int):
    ear = Ear(FakeTranscriber(), create("compact"), Candidates())
    ear.load()
    rng = np.random.default_rng(bursts)
    samples = rng.normal(0, 1e-3, 24_000)
    for start in range(3_000, 3_000 + 7_000 * bursts, 7_000):
        samples[start : start + 300] += rng.normal(0, 0.5, 300) * np.exp(-np.arange(300) / 75)
    with pytest.raises(HearingError):
        ear.hear(Waveform(np.clip(samples, -1, 1).astype(np.float32)), Hints(asked=True))


@pytest.mark.parametrize("guesses", [False, True])
def test_a_transcriber_that_guesses_is_not_greeted_by(guesses: bool, monkeypatch):
    assert introductions._GUESSED < GREET_FROM
    monkeypatch.setattr(introductions, "_GUESSED", 0.3)  # the fake ear is never as sure as 0.6
    ear = make_ear(FakeListening("ˈændɹiə"), *INTRODUCED)
    ear.transcriber.capabilities = Capabilities(languages=None, prompt=True, guesses=guesses)
    plain, _ = make_ear(FakeListening("ˈændɹiə"), *INTRODUCED).hear(speechlike())
    hearing, _ = ear.hear(speechlike())
    assert plain.readings[0].confidence > 0.3
    most = 0.3 if guesses else 1.0
    assert hearing.readings[0].confidence == min(plain.readings[0].confidence, most)
    told, _ = ear.hear(speechlike(), Hints(spelling=hearing.spelling))
    assert told.readings[0].confidence > 0.75 * plain.readings[0].confidence
