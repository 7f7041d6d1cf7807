"""A whole run on four clips with the embedded engine, made here: no folder, no weights."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks import methods, report, summary, trials
from benchmarks.clips import Clip, degrade, nonspeech
from namemem.audio import decode
from namemem.phones import parse_ipa, to_arpabet
from namemem.tts.preview import EspeakPreview


def clip(ipa: str, spelling: str, carrier: str = "my name is {}") -> Clip:
    said = parse_ipa(ipa)
    before = carrier.partition("{}")[0]
    samples = decode(EspeakPreview().speak([before, said], "en-us+f3")).samples
    tokens = tuple(to_arpabet(said, stress=False).value.split())
    return Clip(f"{spelling} {carrier}", "synth", samples, spelling, said, tokens,
                carrier=carrier, span=(0.7, 1.2), voice="f3")  # fmt: skip


@pytest.fixture(scope="module")
def clips() -> list[Clip]:
    first, second = clip("ˈænə", "Anna", "{}"), clip("ˈænə", "Anna", "I'm {}")
    return [first, second, degrade(first, 10.0, [second.samples]), *nonspeech(["Anna"], 1)]


def test_noise_is_the_same_in_every_run(clips):
    again = degrade(clips[0], 10.0, [clips[1].samples])
    assert again.level == 10.0
    assert again.key != clips[0].key
    assert np.array_equal(again.samples, clips[2].samples)
    assert float(np.abs(again.samples).max()) <= 1.0


@pytest.mark.engines
def test_a_run_from_clips_to_report(clips, tmp_path):
    rows = trials.run(clips, "sphinx", {}, processes=1, slow_levels=(None,))
    by_method = {r.method for r in rows}
    assert {methods.SPELLING_ALONE, methods.PHONE_LOOP, methods.FORCED_CHOICE} <= by_method
    assert {methods.PIPELINE_SPELLING, methods.PIPELINE_TRANSCRIPT} <= by_method
    chosen = [r for r in rows if r.method == methods.FORCED_CHOICE and r.level is None]
    assert len(chosen) == 2
    assert all(r.size == 3 for r in chosen)
    assert all(r.right for r in rows if r.group == "nonspeech")

    about = {
        "split": "dev", "kind": "A test.", "command": "pytest", "date": "today", "clips": 4,
        "recognizer": "sphinx", "transcriber": "sphinx", "resamples": 1000, "seconds": 1,
    }  # fmt: skip
    report.write(rows, about, tmp_path)
    text = (tmp_path / "dev.md").read_text(encoding="utf-8")
    assert "Against the goals" in text
    assert methods.FORCED_CHOICE in text
    data = json.loads((tmp_path / "accuracy-dev.json").read_text(encoding="utf-8"))
    assert data["figures"]
    assert "dev" in (tmp_path / "README.md").read_text(encoding="utf-8")


def test_two_takes_of_one_voice_go_together(clips):
    jobs = trials.paired(clips)
    assert sorted(len(job) for job in jobs) == [1, 1, 2]


def test_what_is_right():
    said = clip("ˈænə", "Anna", "{}")
    good = trials.row(said, "m", methods.Answer((parse_ipa("ˈænə"),), 0.9, (0.7, 1.3)))
    assert good.right
    assert good.top3
    assert good.wrong == 0
    assert good.ends == pytest.approx(0.1)
    second = trials.row(said, "m", methods.Answer((parse_ipa("ˈɑnə"), parse_ipa("ˈænə")), 0.9))
    assert not second.right
    assert second.top3
    nothing = trials.row(said, "m", methods.Answer())
    assert nothing.wrong == nothing.size == 3
    assert summary.percent(summary.choices([good, nothing])).startswith("50.0 %")


def test_heard_voices_are_no_held_out_ones_and_as_many(monkeypatch):
    from benchmarks import synthesis
    from training.heldout import held_out

    monkeypatch.setattr(synthesis, "_variants", lambda wanted: sorted(wanted))
    spoken = {}
    for heard in (False, True):
        voices: set[str] = set()
        monkeypatch.setattr(synthesis, "_flite_job", lambda *a, said=voices: said.add(a[4]))
        monkeypatch.setattr(synthesis, "_espeak_job", lambda *a, said=voices: said.add(a[4]))
        monkeypatch.setattr(synthesis, "_native_job", lambda *a, said=voices: said.add(a[2]))
        spoken[heard] = len(list(synthesis._jobs("dev", heard))), voices
    kept_back = held_out().voices_of("flite") | held_out().voices_of("espeak_variants")
    assert spoken[False][1] <= kept_back
    assert not spoken[True][1] & kept_back
    assert spoken[True][0] == spoken[False][0]
    assert len(spoken[True][1]) == len(spoken[False][1])
