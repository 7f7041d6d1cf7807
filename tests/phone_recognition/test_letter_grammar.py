"""Names spelled aloud, searched in posteriors that are made here letter by letter."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.clips import nonspeech
from namemem.phone_recognition import Span, create
from namemem.phone_recognition.letter_grammar import NAMES, letter_model, search
from namemem.phone_recognition.whisper_ctc import PhoneLabels

LABELS = PhoneLabels.read()


def said(spelling: str, way: int = 0, sharp: float = 0.9) -> np.ndarray:
    """Log-posteriors of somebody who spells, with a pause of 0.2 s between letters."""
    frames: list[int] = [0] * 10
    for letter in spelling.replace(" ", ""):
        ways = NAMES[letter]
        for phone in LABELS.arpabet_ids(ways[min(way, len(ways) - 1)].split()):
            frames += [phone, phone, 0]
        frames += [0] * 10
    columns = len(LABELS.arpabet)
    rows = np.full((len(frames), columns), (1 - sharp) / (columns - 1))
    rows[np.arange(len(frames)), frames] = sharp
    return np.log(rows).astype(np.float32)


@pytest.mark.parametrize("name", ["siobhan", "anna", "zoe", "lee", "aaron", "wyatt", "hugh"])
def test_letters_are_found_in_order(name):
    found = search(said(name))
    assert found is not None
    assert found.text.replace(" ", "") == name
    assert len(found.starts) == len(name)
    assert list(found.starts) == sorted(found.starts)


def test_other_names_of_a_letter():
    found = search(said("hazel", way=1))
    assert found is not None
    assert found.text == "hazel", "haitch and zed"


def test_a_doubtful_letter_becomes_what_names_have():
    posteriors = np.exp(said("brian").astype(np.float64))
    b, d = LABELS.arpabet_ids(["B", "D"])
    posteriors[:, [b, d]] = posteriors[:, [b, d]].mean(1, keepdims=True)
    found = search(np.log(posteriors).astype(np.float32))
    assert found is not None
    assert found.text[0] in "bd"
    assert found.text[1:] == "rian"


def test_too_little_sound_spells_nothing():
    assert search(said("a")[:3]) is None


def test_the_letter_model_is_one():
    model = np.exp(letter_model())
    assert model.shape == (27, 27, 27)
    assert np.allclose(model.sum(2), 1.0, atol=0.02)
    q, u, z = (ord(c) - ord("a") for c in "quz")
    assert model[26, q, u] > model[26, q, z]


@pytest.mark.engines
def test_music_and_clicks_spell_nothing():
    ear = create("compact")
    for clip in nonspeech(["Anna"], 24, seed=7):
        listening = ear.listen(clip.waveform)
        assert listening.spelled(Span(0.0, 2.0)) is None, clip.key
