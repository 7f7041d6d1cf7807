"""Write `MODEL_CARD.md` from the weights' metadata, the corpus and the measured figures.

python -m training.model_card --weights head.npz --figures figures.json --corpus TRAIN_CORPUS
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from training.inventory import WEIGHTS
from training.real_speech import UNWRITTEN

INTRODUCTION = """# The phone head on Whisper's encoder, and the encoder's adapter

Two CTC outputs over one trunk, 50 frames a second, on the encoder of Whisper `{encoder}`: 39
ARPABET phones and {ipa} IPA phones, each with a blank. The head has {size:.2f} M parameters; an
adapter of {adapter:.2f} M (thin matrices beside the linear layers, changes of biases and norms) is
added to the encoder when it is loaded. Both are stored as float16 in `head.npz` (weights version
{version}, labels version {labels}); the labels, what every IPA segment maps to, and the projection
on ARPABET are in `labels.json`.

Made by `python -m training.run`; see `training/README.md`. Whisper's weights (MIT licence) are not
part of this file: users get them with `whisper.load_model`.

## What it was trained on
The corpus of the last stage; earlier ones, if any, are named under Training.

"""

COMPACT = """# The compact ear

A convolutional network of {size:.2f} M parameters from log-mel (80 bands, 16 kHz) to two CTC
outputs, 50 frames a second: 39 ARPABET phones and {ipa} IPA phones, each with a blank. An ONNX file
with float16 weights that are computed with in single precision (weights version {version}, labels
version {labels}).

Made by `python -m training.run_student`; see `training/README.md`. It learnt by CTC on known
phones, from the posteriors of the head on Whisper `{encoder}`'s encoder, and from that encoder's
features (MIT licence), on the same clips as the head.

## What it was trained on
"""

LICENCES = """
Names come from Faker's locales (MIT licence) and CMUdict (BSD 2-clause). Synthesisers: espeak-ng
(GPL-3.0-or-later; its output is not covered by it), flite and its CMU ARCTIC voices (BSD-like, free
for any use), festival's diphone voices (free for any use), SVOX Pico (Apache-2.0 as its makers say;
Debian keeps the voices in non-free, since their source is missing), RHVoice (CMU Arctic speakers
and RHVoice's own voices, LGPL and CC BY-SA; none under CC BY-NC), Kokoro-82M (Apache-2.0; a voice
with a `+` is a mixture of two). Real speech:

- speechocean762 (OpenSLR SLR101): "available for free download for both commercial and
  non-commercial purposes".
- LibriSpeech train-clean-100: CC BY 4.0, V. Panayotov, G. Chen, D. Povey, S. Khudanpur.
- LJSpeech: public domain.
{recordings}
The names and voices of `training/heldout.toml` are in none of it: by spelling, by voice, and by
phones of a synthesised name or word. (Ordinary words of the real sentences may sound like one:
"when", "win" and "king" are readings of Nguyen and Qing.)

## Figures
Greedy decoding, no spelling known; per cent, ± half of the 95 % bootstrap interval. `dev` and
`test` are held-out names by held-out voices (names split and voices split), bare or after an
English carrier phrase. They are synthetic. Real names are {real} clips of people saying four names,
against dictionary phones: an accent counts as errors. They were looked at during development;
nothing was chosen by the test split.

"""

RECORDINGS = """- Real speech without a transcript (`training/recordings.py`), from Debian's
  packages; the teacher alone says what is in it, and a clip in which it hears a held-out name is
  left out: Asterisk's prompts (CC BY-SA 3.0 and CC BY 3.0; spoken by Allison Smith, June Wallack,
  Carlo Flora, Maxim Topal, and Marco Menardi and Paola Dal Zot, http://www.voip.ammdomus.it),
  Flight of the Amazon Queen (© 1995 John Passfield and Steven Stamatiadis) and Drascula
  (© 1996-2008 Alcachofa Soft S.L.), which may be given away and modified freely.
"""

LIMITS = """
## Limits
- The IPA output learnt everything but English from synthesisers, most of it from espeak-ng's
  formants: how programs say a language, not how people do. Natural voices of other languages
  (`kokoro native`: Spanish and Italian) are heard much worse than English ones; their references
  are espeak-ng's readings, which a voice does not always follow.
- /ɐ/ shares a label with /ə/, /ɜ/ with /ɚ/; tone, length and stress are not heard.
- Real training speech is read English, most of it by people whose first language is Mandarin;
  their phones are the dictionary's, not a transcription.
- Noise hurts: see the columns at 10 and 5 dB, where every second clip is reverberant too.
- Dictionary-like habits: an unusual name is sometimes heard as a common word that resembles it.
- Greedy phones are no pronunciation to show anybody; they choose between readings.
"""


def corpus_table(corpora: Sequence[Path]) -> str:
    """Clips and hours by source."""
    clips: Counter[str] = Counter()
    samples: Counter[str] = Counter()
    voices: dict[str, set[str]] = {}
    lines = [x for c in corpora for x in (c / "clips.jsonl").open(encoding="utf-8")]
    for row in map(json.loads, lines):
        source = row["engine"] + (", English carrier + name" if row["kind"] == "switch" else "")
        clips[source] += 1
        samples[source] += row["length"]
        voices.setdefault(source, set()).add(f"{row['voice']}+{row.get('variant', '')}")
    rows = [
        f"| {source} | {count} | {samples[source] / 16000 / 3600:.2f} | {len(voices[source])} |"
        for source, count in clips.most_common()
    ]
    return (
        "\n".join(["| source | clips | hours | voices |", "| --- | --- | --- | --- |", *rows])
        + "\n"
    )


def figures_table(figures: dict[str, Any]) -> str:
    """One table a split, with the noise levels as columns; the real clips before them."""
    out: list[str] = []
    splits: dict[str, dict[str, dict[str, Any]]] = {}
    for name, value in figures.items():
        if all(isinstance(v, dict) for v in value.values()):
            split, level = name.split(" ", 1)
            splits.setdefault(split, {})[level] = value
        else:
            out.append(f"- {name}: {_figure(value)}")
    for split, levels in splits.items():
        out += ["", f"### {split}", "", "| measure | clips | " + " | ".join(levels) + " |"]
        out.append("| --- " * (2 + len(levels)) + "|")
        for measure, first in next(iter(levels.values())).items():
            cells = [_figure(level[measure]) for level in levels.values()]
            out.append(f"| {measure} | {first['clips']} | " + " | ".join(cells) + " |")
    return "\n".join(out) + "\n"


def _figure(v: dict[str, Any]) -> str:
    if "per" in v:
        return f"PER {v['per']} ± {v['half_width']}, exact {v['exact']}"
    return f"{v['right']} right"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, default=WEIGHTS / "head.npz")
    parser.add_argument("--figures", type=Path, required=True)
    parser.add_argument("--corpus", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, default=WEIGHTS / "MODEL_CARD.md")
    args = parser.parse_args()
    if args.weights.suffix == ".onnx":
        import onnxruntime

        session = onnxruntime.InferenceSession(str(args.weights))
        metadata = json.loads(session.get_modelmeta().custom_metadata_map["namemem"])
        introduction, size, adapter = COMPACT, metadata["parameters"] / 1e6, 0.0
        metadata |= {"encoder": "tiny.en", "config": {"ipa": metadata["labels"][1]}}
    else:
        introduction = INTRODUCTION
        with np.load(args.weights) as stored:
            metadata = json.loads(str(stored["metadata"]))
            sizes = {k: stored[k].size / 1e6 for k in stored.files if k != "metadata"}
        adapter = sum(v for k, v in sizes.items() if k.startswith("encoder."))
        size = sum(sizes.values()) - adapter
    figures = json.loads(args.figures.read_text(encoding="utf-8"))
    real = figures.get("real names, greedy ARPABET", {}).get("clips", 0)
    text = introduction.format(
        encoder=metadata["encoder"], ipa=metadata["config"]["ipa"] - 1, size=size,
        adapter=adapter,
        version=metadata["version"], labels=metadata["labels_version"],
    )  # fmt: skip
    text += corpus_table(args.corpus)
    unwritten = any(f"| {engine} |" in text for engine in UNWRITTEN)
    text += LICENCES.format(real=real, recordings=RECORDINGS if unwritten else "")
    text += figures_table(figures)
    notes = [
        f"- {k}: {v}"
        for k, v in metadata.items()
        if isinstance(v, str) and k not in ("version", "encoder", "store")
    ]
    if notes:
        text += "\n## Training\n" + "\n".join(notes) + "\n"
    args.out.write_text(text + LIMITS, encoding="utf-8")


if __name__ == "__main__":
    main()
