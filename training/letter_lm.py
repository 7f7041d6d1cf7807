"""Which letter follows which in names: the trigram model of `letter_grammar`.

    python -m training.letter_lm [--out FILE]

Counts over Faker's names of Latin script (accents taken off), with interpolated smoothing (Jelinek
and Mercer 1980). Names of `heldout.toml` are left out.
"""

from __future__ import annotations

import argparse
import re
import string
import unicodedata
from pathlib import Path

import numpy as np

from namemem.phone_recognition.whisper_ctc import WEIGHTS
from training import material
from training.heldout import fold, held_out


def plain(name: str) -> str:
    """Lower case, only a to z: `Zoë` → `zoe`."""
    return re.sub(r"[^a-z]", "", unicodedata.normalize("NFD", name.casefold()))


def names() -> set[str]:
    """All names of all locales that are written in Latin letters."""
    out = held_out()
    found = set()
    for locales in material.LANGUAGES.values():
        for locale in locales:
            for name in material.names(locale):
                letters = plain(name)
                whole = len(letters) >= max(2, len(re.sub(r"\W", "", name)) - 1)
                if whole and fold(name) not in out.spellings:
                    found.add(letters)
    return found


def model(spellings: set[str]) -> np.ndarray:
    """Natural-log probabilities [27, 27, 27] of the third symbol; 26 is a word's edge."""
    counts = np.zeros((27, 27, 27))
    for name in sorted(spellings):
        ids = [26, 26, *(string.ascii_lowercase.index(c) for c in name), 26]
        for a, b, c in zip(ids, ids[1:], ids[2:], strict=False):
            counts[a, b, c] += 1
    one = counts.sum((0, 1)) + 1.0
    one /= one.sum()
    two = counts.sum(0) + 5.0 * one
    two /= two.sum(1, keepdims=True)
    three = counts + 5.0 * two[None]
    three /= three.sum(2, keepdims=True)
    return np.log(three)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=WEIGHTS / "letter_lm.npz")
    args = parser.parse_args()
    found = names()
    np.savez_compressed(args.out, log_probs=model(found).astype(np.float16))
    print(f"{args.out}: {len(found)} names, {args.out.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
