"""What is too long for one array inside espeak-ng must not end the process."""

from __future__ import annotations

import subprocess
import sys

import pytest

from namemem.errors import InvalidRequest
from namemem.phones import parse_ipa
from namemem.tts import get_target
from namemem.tts.espeak import AT_ONCE
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


TRACE = """
import sys
from namemem.tts.preview import _library
print(len(_library().trace(sys.stdin.read(), "en-us", 2)))
"""


@pytest.mark.parametrize("ipa", ["pa" * 240, "ʔ" * 400, "ˈt͡ɬãɹ" * 60, "pa" * 60, "a" * 300])
def test_our_markup_does_not_end_espeak(ipa):
    """The same array, in the espeak-ng of whoever speaks what we gave: a name could end it."""
    rendering = get_target("espeak").render_name("X", parse_ipa(ipa))
    assert rendering.markup.count("[[") > 1
    done = subprocess.run(
        [sys.executable, "-c", TRACE],
        input=rendering.markup,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-500:]
    assert int(done.stdout) >= len(parse_ipa(ipa).phones)


def test_a_name_of_usual_length_stands_in_one_pair_of_brackets():
    for ipa in ("ʃɪˈvɔːn", "ma" * (AT_ONCE // 2)):
        assert get_target("espeak").render_name("X", parse_ipa(ipa)).markup.count("[[") == 1
