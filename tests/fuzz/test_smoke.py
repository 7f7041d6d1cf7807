"""Each fuzz target for a few seconds (`make fuzz` goes on for as long as you like)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from fuzz.targets import TARGETS

TESTS = Path(__file__).parents[1]
SECONDS = os.environ.get("NAMEMEM_FUZZ_SECONDS", "5")


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_hold(name):
    seeds = TARGETS[name].seeds()
    assert len(seeds) >= 8
    for seed in seeds:
        TARGETS[name].run(seed)


@pytest.mark.skipif(
    sys.platform != "linux" or os.uname().machine != "x86_64", reason="atheris has no wheel here"
)
@pytest.mark.parametrize("name", TARGETS)
def test_nothing_is_found(name, tmp_path):
    done = subprocess.run(
        # The shell forks once more: libFuzzer would take the peak memory of pytest for its own.
        [
            "/bin/sh",
            "-c",
            '"$0" "$@"; exit $?',
            sys.executable,
            "-m",
            "fuzz",
            name,
            "--seconds",
            SECONDS,
        ],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(TESTS)},
        capture_output=True,
        text=True,
        timeout=240,
    )
    log = done.stderr
    assert done.returncode == 0, log[-4000:]
    assert list(tmp_path.glob("crash-*")) == []
    executed = int(re.search(r"number_of_executed_units: (\d+)", log).group(1))
    assert executed > 30, log[-2000:]
    covered = [int(n) for n in re.findall(r"cov: (\d+)", log)]
    assert max(covered) > 100  # the code under test is instrumented
