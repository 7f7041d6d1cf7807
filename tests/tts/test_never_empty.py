"""Whatever is asked of whatever voice: never an empty result, and every change has a place."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from namemem.errors import UnknownVoice
from namemem.phones import parse_ipa, segments
from namemem.phones.espeak import espeak_voices
from namemem.phones.parsing import MAX_LENGTH
from namemem.tts import Target, get_target, target_names
from namemem.tts.voices import AnyVoice, Voice, locales

EVERY = segments.known_segments()
MARKS = (*segments.DIACRITICS, *segments.LENGTH_MARKS)


def voices(name: str) -> list[AnyVoice]:
    """Every voice, locale or model of a target whose phones differ."""
    found: list[AnyVoice] = [None, *(Voice(locale=locale) for locale in locales(name))]
    if name == "espeak":
        found += espeak_voices()
    if name == "kokoro":
        found += ["bf_emma"]
    if name == "rime":
        found += [Voice(model="mistv2"), Voice(model="arcana")]
    if name == "polly":
        found += [Voice(model="generative")]
    return found


ASKED: list[tuple[str, AnyVoice]] = []
for _name in target_names():
    for _alphabet in get_target(_name).alphabets:
        ASKED += [(f"{_name}:{_alphabet}", voice) for voice in voices(_name)]


@st.composite
def words(draw: st.DrawFn) -> str:
    """Any segments with any marks in any order: clicks, syllabic stops, runs without a vowel."""
    text = ""
    for _ in range(draw(st.integers(1, 12))):
        text += draw(st.sampled_from(["", "", "ˈ", "ˌ", ".", " "])) if text else ""
        segment = draw(st.sampled_from(EVERY))
        marks = "".join(draw(st.lists(st.sampled_from(MARKS), max_size=2)))
        before, tone = (draw(st.sampled_from(["", "", some])) for some in ("ᵐ", "˧˥"))
        text += before + segment + marks + tone
    return text


def check(target: Target, ipa: str, voice: AnyVoice) -> None:
    pronunciation = parse_ipa(ipa)
    made = target.render_name("X", pronunciation, voice)
    assert made.phones.strip()
    assert made.markup.strip()
    assert made.spoken
    if len(made.spoken) <= MAX_LENGTH:
        assert parse_ipa(made.spoken).phones
    assert made.exact == (made.grade == "exact")
    for change in made.substitutions:
        assert change.source
        assert 0 <= change.position < len(pronunciation.units)
        assert change.cost > 0


@pytest.mark.parametrize(("name", "voice"), ASKED, ids=lambda v: str(v))
@given(ipa=words())
@settings(max_examples=10)
def test_any_segments(name: str, voice: AnyVoice, ipa: str) -> None:
    target = get_target(name)
    try:
        check(target, ipa, voice)
    except UnknownVoice:
        assert name == "azure:sapi"  # written for en-US alone


@pytest.mark.parametrize(("name", "voice"), ASKED, ids=lambda v: str(v))
def test_every_segment(name: str, voice: AnyVoice) -> None:
    target = get_target(name)
    if name == "azure:sapi" and voice not in (None, Voice(locale="en-US")):
        return
    for start in range(0, len(EVERY), 6):  # some in a run: shorter, and in other places too
        check(target, ".".join(EVERY[start : start + 6]), voice)
    for segment in EVERY[::5]:
        check(target, segment, voice)


@pytest.mark.parametrize("name", target_names())
@pytest.mark.parametrize(
    "ipa", ["ma" * 150, "ʔ" * 300, "t͡ʃ" * 100, "aː" * 150, "ˈa" * 200, "ǁ" * 300, "a˧˥" * 100]
)
def test_three_hundred_segments(name: str, ipa: str) -> None:
    check(get_target(name), ipa, None)
