"""Our tables against those of other libraries; every difference is listed here, with its reason."""

from __future__ import annotations

import unicodedata
import warnings
from functools import partial

import pytest

from namemem.phones import parse_ipa
from namemem.phones.arpabet import to_arpabet
from namemem.phones.kirshenbaum import KIRSHENBAUM
from namemem.phones.x_sampa import X_SAMPA

TIED = {s for s in X_SAMPA.segments if "͡" in s}  # each library has its own way with tie bars
SINGLE = {ipa: symbol for ipa, symbol in X_SAMPA.segments.items() if ipa not in TIED}
ENGLISH = "p b t d k ɡ m n ŋ f v θ ð s z ʃ ʒ h l ɹ w j i ɪ eɪ ɛ æ ɑ ɔ ʊ oʊ u ʌ aɪ aʊ ɔɪ".split()


def plain(ipa: str) -> str:
    return unicodedata.normalize("NFD", ipa).replace("͡", "").replace("g", "ɡ")


def differing(theirs: dict[str, str]) -> dict[str, str]:
    nfc = partial(unicodedata.normalize, "NFC")
    return {nfc(ipa): nfc(said) for ipa, said in theirs.items() if said != SINGLE[ipa]}


def test_x_sampa_is_epitrans():
    xsampa = pytest.importorskip("epitran.xsampa").XSampa()
    theirs = differing({ipa: xsampa.ipa2xs(ipa) for ipa in SINGLE})
    # ç loses its cedilla, ɧ is left out, and ǂ has an apostrophe before it.
    assert theirs == {"ç": "c", "ɧ": "", "ǂ": "'=\\"}
    marks = {m: xsampa.ipa2xs("t" + m)[1:] for m in X_SAMPA.marks}
    missing = {m: said for m, said in marks.items() if said != X_SAMPA.marks[m]}
    assert missing == {"ʱ": "", "˞": "", "˩": ""}  # left out in silence


def test_x_sampa_is_read_as_panphon_reads_it():
    xsampa = pytest.importorskip("panphon.xsampa").XSampa()
    read = {ipa: plain(xsampa.convert(symbol)) for ipa, symbol in SINGLE.items()}
    wrong = {ipa: said for ipa, said in read.items() if said != plain(ipa)}
    assert wrong == {"ɧ": "x", "ǂ": "\u0329"}  # panphon has neither


def test_x_sampa_is_gruuts():
    sampa = pytest.importorskip("gruut_ipa.sampa")
    theirs = differing({ipa: sampa.ipa_to_sampa(ipa) for ipa in SINGLE})
    # ʋ is P or v\ in Wells's table; implosives and ǂ are not in gruut's; one r-coloured vowel.
    assert theirs == {"ʋ": "v\\", "ɓ": "", "ɗ": "", "ɠ": "", "ǂ": "ǂ", "ɝ": "@`"}


def test_x_sampa_is_phonecodes():
    codes = pytest.importorskip("phonecodes.phonecodes")
    theirs = differing({ipa: codes.ipa2xsampa(ipa) for ipa in SINGLE})
    assert theirs == {"ç": "ç", "ɚ": "ɚ", "ɝ": "ɝ"}  # passed on as they are


def test_arpabet_is_phonecodes():
    codes = pytest.importorskip("phonecodes.phonecodes")
    ours = {ipa: to_arpabet(parse_ipa(ipa)).value.rstrip("0") for ipa in ENGLISH}
    assert ours == {ipa: codes.ipa2arpabet(ipa) for ipa in ENGLISH}
    # Reduced vowels have a zero in both; its affricates keep half a tie bar.
    for ipa in ("ə", "ɚ"):
        assert to_arpabet(parse_ipa(ipa)).value == codes.ipa2arpabet(ipa)


def test_kirshenbaum_is_gruuts():
    table = pytest.importorskip("gruut_ipa.kirshenbaum").IPA_TO_KIRSHENBAUM
    ours = {ipa: symbol for ipa, symbol in KIRSHENBAUM.segments.items() if ipa not in TIED}
    theirs = {ipa: table[ipa] for ipa in ours if table.get(ipa)}
    assert len(theirs) > 80
    assert {ipa: said for ipa, said in theirs.items() if said != ours[ipa]} == {
        "ɸ": "F",  # ours: P
        "ɘ": "@",  # the same as for ə
        "ǂ": "c!",  # ours: c! is ǃ
        "œ": "&.",  # ours: W, and a. for ɶ
        "ɶ": "W",
    }


def test_segments_are_panphons():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        panphon = pytest.importorskip("panphon")
        known = panphon.FeatureTable()
    unknown = {ipa for ipa in SINGLE if not known.seg_known(ipa)}
    assert unknown == {"ɚ", "ɝ", "ʜ", "ʡ", "ʢ"}  # for these, segments.tsv has our own features
