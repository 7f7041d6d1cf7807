"""Names and voices that figures are reported on are in no training material."""

from __future__ import annotations

import random
import sys
from itertools import islice
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
heldout = pytest.importorskip("training.heldout")
from training import material, synthesize  # noqa: E402

OUT = heldout.held_out()


def row(**changes):
    return {"engine": "espeak", "voice": "en-us", "variant": "", "text": "hello", **changes}


def test_both_splits_have_names_and_voices():
    for split in ("dev", "test"):
        assert sum(n.split == split for n in OUT.names) >= 30
        assert OUT.voices_of("flite", split)
        assert OUT.voices_of("espeak_variants", split)
    for engine in ("flite", "festival", "espeak_variants"):
        assert not OUT.voices_of(engine, "dev") & OUT.voices_of(engine, "test")


@pytest.mark.parametrize("name", OUT.names, ids=lambda n: n.spelling)
def test_every_name_is_refused_by_spelling_and_by_sound(name):
    assert heldout.violations([row(text=f"my name is {name.spelling}")])
    assert heldout.violations([row(text=f"{name.spelling.upper()}!")])
    labels = synthesize.LABELS
    for reading in name.readings:
        said = [p for s in heldout.segments(reading.ipa) for p in labels.ipa_for(s)]
        assert heldout.violations([row(words=[["h", "i"], said])]), reading.ipa
        english = [p for s in heldout.segments(reading.ipa) for p in labels.arpabet_for(s)]
        assert heldout.violations([row(items=[english])]), reading.ipa


def test_every_voice_is_refused():
    for engine in ("flite", "festival"):
        for voice in OUT.voices_of(engine):
            assert heldout.violations([row(engine=engine, voice=voice)])
    for variant in OUT.voices_of("espeak_variants"):
        assert heldout.violations([row(variant=variant)])


def test_other_material_is_not_refused():
    assert heldout.violations([row(), row(engine="flite", voice="slt", words=[["b", "ɪ"]])]) == []


def test_the_lists_of_training_voices_hold_none_of_them():
    assert not set(synthesize.FLITE_VOICES) & OUT.voices_of("flite")
    assert not set(synthesize.FESTIVAL_VOICES) & OUT.voices_of("festival")
    assert not set(synthesize.VARIANTS) & OUT.voices_of("espeak_variants")


def test_a_corpus_drawn_from_held_out_names_has_none_of_them(monkeypatch):
    """All names that the synthesis could draw are held out, but for a few."""
    drawn = (*(n.spelling for n in OUT.names), "Rosalind", "Bartholomew", "Ottoline")
    monkeypatch.setattr(material, "names", lambda locale, seed=1: drawn)
    jobs = [
        *islice(synthesize.espeak_jobs(400, random.Random(3)), 150),
        *islice(synthesize.flite_jobs(400, random.Random(3)), 150),
        *islice(synthesize.switch_jobs(400, random.Random(3)), 50),
    ]
    rows = [about for about, _ in jobs]
    assert len(rows) > 200
    assert heldout.violations(rows) == []
