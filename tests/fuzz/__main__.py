"""Fuzzes one target: `cd tests && python -m fuzz ipa --seconds 300 [--corpus FOLDER]`.

Needs atheris (Linux on x86-64). The Python code of namemem is instrumented; FFmpeg's C code,
which the decoder calls, is not: there the bytes are mutated without guidance. A finding is written
to crash-… in the working directory, and `python -m fuzz.targets ipa crash-…` runs it again.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["namemem.audio", "namemem.phones", "namemem.errors"]):
    import namemem.audio.decoding  # the lazy imports of the package happen here, instrumented
    import namemem.phones.notations  # noqa: F401
    from fuzz.targets import TARGETS


def main() -> None:
    """Runs until the time is up, or something is found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--corpus", type=Path, help="kept between runs")
    chosen = parser.parse_args()
    target = TARGETS[chosen.target]
    with tempfile.TemporaryDirectory() as made:
        corpus = chosen.corpus or Path(made)
        corpus.mkdir(parents=True, exist_ok=True)
        for seed in target.seeds():
            (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
        options = [
            f"-max_total_time={chosen.seconds}",
            f"-max_len={target.max_length}",
            "-timeout=25",
            "-rss_limit_mb=2048",
            "-print_final_stats=1",
            "-verbosity=1",
            "-seed=8",
        ]
        atheris.Setup([sys.argv[0], *options, str(corpus)], target.run)
        atheris.Fuzz()  # ends the process


main()
