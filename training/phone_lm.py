"""Which phone follows which in names: the trigram model of `namemem.phone_recognition.phone_lm`.

    python -m training.phone_lm [--out FILE]

Counts over the pronunciations that the letter model learns from (`letter_model.py`: CMUdict, and
espeak-ng's readings of names in their own languages), none of which is held out.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from namemem.phone_recognition.phone_lm import FILE
from training.adapt import LABELS
from training.letter_model import english_pairs, native_pairs


def counted(sequences: Iterable[Sequence[int]], size: int) -> np.ndarray:
    """How often three labels follow each other, [size + 1] three times; `size` is an edge."""
    counts = np.zeros((size + 1,) * 3)
    for labels in sequences:
        ids = np.array([size, size, *labels, size])
        np.add.at(counts, (ids[:-2], ids[1:-1], ids[2:]), 1)
    return counts


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=FILE)
    args = parser.parse_args()
    english = counted([p[1] for p in english_pairs() if p[1]], len(LABELS.arpabet))
    native = counted([p[2] for p in native_pairs() if p[2]], len(LABELS.ipa))
    arrays = {}
    for key, labels, counts in (("arpabet", LABELS.arpabet, english), ("ipa", LABELS.ipa, native)):
        seen = np.argwhere(counts)
        arrays[f"{key}_labels"] = np.array(labels)
        arrays[f"{key}_trigrams"] = seen.astype(np.uint8)
        arrays[f"{key}_counts"] = counts[tuple(seen.T)].astype(np.uint16)
        print(f"{key}: {len(seen)} trigrams")
    np.savez_compressed(args.out, **arrays)
    print(f"{args.out}: {args.out.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
