"""From a spelling to the pronunciations it may stand for."""

from __future__ import annotations

import math
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from phonemizer.backend import EspeakBackend

from namemem.errors import EngineUnavailable
from namemem.g2p import Candidates
from namemem.g2p.candidates import MAX_SPELLING, readable
from namemem.g2p.cmu import CmuDict
from namemem.g2p.espeak import EspeakG2p
from namemem.g2p.languages import for_spelling, languages, matching, script_of
from namemem.phones import parse_ipa

pytestmark = pytest.mark.engines


@pytest.fixture(scope="module")
def g2p() -> Candidates:
    return Candidates()


def sounds(candidates) -> set[str]:
    return {"".join(p.base for p in c.pronunciation.phones) for c in candidates}


def test_one_spelling_has_many_readings(g2p):
    candidates = g2p.candidates("Andrea")
    found = {c.pronunciation.segmental for c in candidates}
    assert parse_ipa("ˈændɹiə").segmental in found
    assert parse_ipa("ɑnˈdɹeɪə").segmental in found
    assert len(found) == len(candidates), "each once"
    priors = [c.log_prior for c in candidates]
    assert priors == sorted(priors, reverse=True)
    assert sum(math.exp(p) for p in priors) == pytest.approx(1.0)
    assert all(c.sources for c in candidates)


@pytest.mark.parametrize(
    ("spelling", "language", "ipa"),
    [
        ("Siobhan", None, "ʃɪvɔːn"),
        ("Jorge", "es", "xoɾxe"),
        ("Jürgen", "de", "jʏɾɡən"),
    ],
)
def test_names_are_read_in_many_languages(g2p, spelling, language, ipa):
    wanted = {p.base for p in parse_ipa(ipa).phones}
    best = max(
        len(wanted & {p.base for p in c.pronunciation.phones}) / len(wanted)
        for c in g2p.candidates(spelling, language)
    )
    assert best >= 0.8


def test_the_callers_language_counts_more(g2p):
    def share(language):
        return sum(
            math.exp(c.log_prior)
            for c in g2p.candidates("Jean", language)
            if any("fr" in source for source in c.sources)
        )

    assert share("fr") > 2 * share(None)
    assert g2p.candidates("Jean", "tlh")  # a language nobody reads is no error


@pytest.mark.parametrize(
    "spelling", ["Владимир", "Ελένη", "محمد", "שרה", "अनिल", "王小明", "さくら", "민준", "გიორგი"]
)
def test_scripts(g2p, spelling):
    candidates = g2p.candidates(spelling)
    if candidates:
        assert all("cmudict" not in c.sources for c in candidates)
    for lang in for_spelling(spelling):
        assert lang.script == script_of(spelling)


@pytest.mark.parametrize(
    "spelling", ["", " ", "🦊", "123", "---", "\0", "\ud800", "<>", "́", "\u202e", "ﷺ" * 300]
)
def test_what_cannot_be_read(g2p, spelling):
    candidates = g2p.candidates(spelling)
    assert isinstance(candidates, list)
    if not readable(spelling):
        assert candidates == []
        assert g2p.predict(spelling) is None


@pytest.mark.parametrize(
    ("spelling", "text"),
    [
        ("  Anna   Maria ", "Anna Maria"),
        ("O'Neill", "O'Neill"),
        ("Jean-Luc", "Jean-Luc"),
        ("R2D2", "R D"),
        ("<b>Zoë</b>", "Zoë"),
        ("[[hEl'oU]]", "hEl'oU"),
        ("a" * 500, "a" * MAX_SPELLING),
        ("Zoë", "Zoë"),
    ],
)
def test_readable(spelling, text):
    assert readable(spelling) == text


def test_predict(g2p):
    assert g2p.predict("Andrea").segmental == parse_ipa("ˈændɹiə").segmental
    italian = g2p.predict("Andrea", "it")
    assert italian.segmental != g2p.predict("Andrea").segmental
    assert g2p.predict("Xiuqwen") is not None
    assert "espeak-ng" in g2p.identity


def test_cmudict():
    cmu = CmuDict()
    assert cmu.look_up("anna")[0].segmental == parse_ipa("ˈænə").segmental
    assert cmu.look_up("Anna!") == cmu.look_up("ANNA")
    assert cmu.look_up("xqzzy") == []
    assert cmu.look_up("") == []
    assert len(cmu.look_up("Anna Smith")) == 1
    assert cmu.look_up("Anna xqzzy") == []
    assert "anna" in cmu


def test_espeak_voices():
    espeak = EspeakG2p()
    assert espeak.version.startswith("1.")
    assert espeak.read("Anna", "en-us").segmental
    with pytest.raises(EngineUnavailable):
        espeak.read("Anna", "tlh")


def test_every_language_of_the_table_has_a_voice():
    espeak = EspeakG2p()
    for language in languages():
        espeak.read_raw("a", language.voice)
        assert language.weight > 0
    assert len(languages()) >= 35


def test_one_copy_of_the_library_reads_what_a_backend_for_each_voice_does():
    """phonemizer's backends hold a copy each, of some five megabytes."""
    espeak = EspeakG2p()
    espeak.load()
    names = ("Guadalupe Núñez", "O'Brien", "J.R. Żółć", "Mary-Jane (Anna)")
    for voice in ("en-us", "pl", "de", "es", "fr-fr"):
        backend = EspeakBackend(voice, with_stress=True, language_switch="keep-flags")
        for name in names:
            expected = "".join(backend.phonemize([name], strip=True)).strip()
            assert espeak.read_raw(name, voice) == expected

    def copies() -> int:
        return len(set(re.findall(r"\S*espeak-ng\S*", Path("/proc/self/maps").read_text())))

    if Path("/proc/self/maps").exists():
        before = copies()
        for language in for_spelling("Anna"):
            espeak.read("Anna", language.voice)
        assert copies() == before


def test_a_voice_that_is_not_there_spoils_nothing():
    espeak = EspeakG2p()
    said = espeak.read_raw("Jan", "de")
    for _ in range(2):
        with pytest.raises(EngineUnavailable):
            espeak.read("Jan", "tlh")
    assert espeak.read_raw("Jan", "de") == said


def test_many_threads_get_the_same_answers():
    espeak = EspeakG2p()
    barrier = threading.Barrier(4)

    def read(_):
        barrier.wait()
        return [espeak.read(n, v).ipa for n in ("Anna", "Maria") for v in ("en-us", "de", "it")]

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(read, range(4)))
    assert all(answer == answers[0] for answer in answers)


def test_matching():
    assert {lang.voice for lang in matching("en-US")} == {"en-us"}
    assert {lang.bcp47.split("-")[0] for lang in matching("es")} == {"es"}
    assert matching("no") == matching("nb")
    assert matching("tlh") == ()
    assert matching("EN_us") == matching("en-US")
    assert script_of("") == "Latn"
    assert script_of("さ山") == "Jpan"
