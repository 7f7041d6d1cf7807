"""What is too long for one array inside espeak-ng must not end the process."""

from __future__ import annotations

import subprocess
import sys

import pytest

from namemem.errors import InvalidRequest
from namemem.phones import parse_ipa
from namemem.tts.preview import EspeakPreview

CODE = """
from namemem.phones import parse_ipa
from namemem.tts.preview import EspeakPreview
print(len(EspeakPreview().speak([parse_ipa({ipa!r})])))
"""


@pytest.mark.parametrize("ipa", ["pa" * 240, "ˈpa" * 160, "ʃɪˈvɔːn " * 60, "straʊŋkst" * 40])
def test_very_long_pronunciations_are_spoken(ipa):
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(ipa=ipa.strip())],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-500:]
    assert int(done.stdout) > 100_000


def test_a_syllable_that_nobody_can_say_is_refused():
    with pytest.raises(InvalidRequest, match="syllable"):
        EspeakPreview().speak([parse_ipa("s" * 100 + "a")])
