"""The labels of the head's two outputs and the table from IPA segments to them.

`python -m training.inventory` writes `labels.json`, which ships with the weights, so that nothing
needs panphon at run time. The inventory drops stress, tone and length; writes diphthongs as vowel +
`j`/`w`; keeps affricates, aspirates, 12 palatalised consonants and five nasal vowels as one label.
"""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

WEIGHTS = Path(__file__).parent.parent / "namemem" / "phone_recognition" / "weights"
LABELS_FILE = WEIGHTS / "labels.json"
LABELS_VERSION = 1
BLANK = "<blank>"

ARPABET = (
    "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW "
    "V W Y Z ZH"
).split()

VOWELS = "i y ɨ ʉ ɯ u ɪ ʏ ʊ e ø ɵ ɤ o ə ɛ œ ʌ ɔ æ a ɑ ɒ ɚ".split()
NASAL_VOWELS = "ɑ̃ ɛ̃ ɔ̃ ĩ ũ".split()
CONSONANTS = (
    "p b t d ʈ ɖ c ɟ k ɡ q ʔ pʰ tʰ kʰ m n ɲ ŋ ɳ r ɾ ɹ ʁ ɽ ɸ β f v θ ð s z ʃ ʒ ʂ ʐ ɕ ʑ ç ʝ x ɣ ħ ʕ "
    "h ɦ ʋ j ɥ w l ʎ ɭ ɬ ts dz tʃ dʒ tɕ dʑ tʂ dʐ tsʰ tɕʰ tʂʰ pʲ bʲ tʲ dʲ mʲ nʲ lʲ rʲ fʲ vʲ sʲ zʲ"
).split()

# The head's labels, tie bars left out inside this table and put back in `labels()`.
_IPA = [unicodedata.normalize("NFD", s) for s in VOWELS + NASAL_VOWELS + CONSONANTS]

# Segments outside the inventory whose label is a matter of convention, not of feature distance.
# espeak-ng's American nurse vowel is written ɜː although it is rhotic, so ɜ joins ɚ.
CONVENTIONS: dict[str, str] = {
    "ɐ": "ə",
    "ɜ": "ɚ",
    "ɝ": "ɚ",
    "ᵻ": "ɪ",
    "ᵿ": "ʊ",
    "ɘ": "ə",
    "ɞ": "ʌ",
    "ɶ": "œ",
    "ä": "a",
    "ɫ": "l",
    "ɻ": "ɹ",
    "ʀ": "ʁ",
    "χ": "x",
    "ɰ": "ɣ",
    "ʍ": "w",
    "ɱ": "m",
    "ɴ": "ŋ",
    "ɢ": "ɡ",
    "ʙ": "b",
    "ɺ": "ɾ",
    "ⱱ": "v",
    "ʜ": "ħ",
    "ʢ": "ʕ",
    "ʡ": "ʔ",
    "ʟ": "l",
    "ɮ": "ɬ",
    "ɧ": "ʃ",
    "ʘ": "p",
    "ǀ": "t",
    "ǃ": "t",
    "ǂ": "c",
    "ǁ": "t",
    "ɓ": "b",
    "ɗ": "d",
    "ᶑ": "ɖ",
    "ʄ": "ɟ",
    "ɠ": "ɡ",
    "ʛ": "ɡ",
    "ɕʰ": "ɕ",
    "g": "ɡ",
    "ħ": "ħ",
    "r̝": "r ʒ",
    "r̝̊": "r ʃ",
    "ʃʲ": "ɕ",
    "ʒʲ": "ʑ",
    "kʲ": "k",
    "ɡʲ": "ɡ",
    "xʲ": "x",
    "cʰ": "tʰ",
    "ʈʰ": "tʰ",
    "qʰ": "kʰ",
    "tʃʰ": "tɕʰ",
    "bʰ": "b ɦ",
    "dʰ": "d ɦ",
    "ɖʰ": "ɖ ɦ",
    "ɡʰ": "ɡ ɦ",
    "dʒʰ": "dʒ ɦ",
    "bʱ": "b ɦ",
    "dʱ": "d ɦ",
    "ɖʱ": "ɖ ɦ",
    "ɡʱ": "ɡ ɦ",
    "dʒʱ": "dʒ ɦ",
    "ɽʱ": "ɽ ɦ",
    "ã": "ɑ̃",
    "ɐ̃": "ɑ̃",
    "æ̃": "ɛ̃",
    "ẽ": "ɛ̃",
    "œ̃": "ɛ̃",
    "ə̃": "ɑ̃",
    "õ": "ɔ̃",
    "ɪ̃": "ĩ",
    "ʊ̃": "ũ",
    "ɨ̃": "ĩ",
    "ɒ̃": "ɔ̃",
    "ʌ̃": "ɑ̃",
    "pf": "p f",
    "kx": "k x",
    "tθ": "t θ",
    "dð": "d ð",
    "tɬ": "t ɬ",
    "bv": "b v",
    "n̩": "ə n",
    "m̩": "ə m",
    "l̩": "ə l",
    "r̩": "ə r",
    "ɹ̩": "ɚ",
    "ŋ̍": "ə ŋ",
    "ŋ̩": "ə ŋ",
    "j̃": "ĩ",
    "w̃": "ũ",
    "˞": "ɹ",
}

# One IPA label → ARPABET: what an English speaker would say, which is not always the nearest.
PROJECTION: dict[str, str] = {
    "i": "IY",
    "y": "UW",
    "ɨ": "IH",
    "ʉ": "UW",
    "ɯ": "UW",
    "u": "UW",
    "ɪ": "IH",
    "ʏ": "UH",
    "ʊ": "UH",
    "e": "EH",
    "ø": "ER",
    "ɵ": "UH",
    "ɤ": "AH",
    "o": "OW",
    "ə": "AH",
    "ɛ": "EH",
    "œ": "ER",
    "ʌ": "AH",
    "ɔ": "AO",
    "æ": "AE",
    "a": "AA",
    "ɑ": "AA",
    "ɒ": "AA",
    "ɚ": "ER",
    "ɑ̃": "AA N",
    "ɛ̃": "AE N",
    "ɔ̃": "AO N",
    "ĩ": "IY N",
    "ũ": "UW N",
    "ʈ": "T",
    "ɖ": "D",
    "c": "K",
    "ɟ": "JH",
    "ɡ": "G",
    "q": "K",
    "ʔ": "T",
    "pʰ": "P",
    "tʰ": "T",
    "kʰ": "K",
    "ɲ": "N Y",
    "ŋ": "NG",
    "ɳ": "N",
    "r": "R",
    "ɾ": "R",
    "ɹ": "R",
    "ʁ": "R",
    "ɽ": "R",
    "ɸ": "F",
    "β": "V",
    "θ": "TH",
    "ð": "DH",
    "ʃ": "SH",
    "ʒ": "ZH",
    "ʂ": "SH",
    "ʐ": "ZH",
    "ɕ": "SH",
    "ʑ": "ZH",
    "ç": "SH",
    "ʝ": "Y",
    "x": "HH",
    "ɣ": "G",
    "ħ": "HH",
    "ʕ": "AH",
    "h": "HH",
    "ɦ": "HH",
    "ʋ": "V",
    "j": "Y",
    "ɥ": "W",
    "w": "W",
    "ʎ": "Y",
    "ɭ": "L",
    "ɬ": "L",
    "ts": "T S",
    "dz": "D Z",
    "tʃ": "CH",
    "dʒ": "JH",
    "tɕ": "CH",
    "dʑ": "JH",
    "tʂ": "CH",
    "dʐ": "JH",
    "tsʰ": "T S",
    "tɕʰ": "CH",
    "tʂʰ": "CH",
    "p": "P",
    "b": "B",
    "t": "T",
    "d": "D",
    "k": "K",
    "m": "M",
    "n": "N",
    "f": "F",
    "v": "V",
    "s": "S",
    "z": "Z",
    "l": "L",
    "pʲ": "P Y",
    "bʲ": "B Y",
    "tʲ": "T",
    "dʲ": "D",
    "mʲ": "M Y",
    "nʲ": "N Y",
    "lʲ": "L",
    "rʲ": "R",
    "fʲ": "F Y",
    "vʲ": "V Y",
    "sʲ": "S",
    "zʲ": "Z",
}

DIPHTHONGS_TO_ARPABET: dict[str, str] = {
    "a j": "AY", "ɑ j": "AY", "ʌ j": "AY", "æ j": "AY", "ə j": "AY", "e j": "EY", "ɛ j": "EY",
    "ɔ j": "OY", "o j": "OY", "ɒ j": "OY", "a w": "AW", "ɑ w": "AW", "æ w": "AW", "ʌ w": "AW",
    "o w": "OW", "ə w": "OW", "ɔ w": "OW", "ɛ w": "EH UW", "e w": "EH UW", "i w": "IY UW",
    "ɑ̃ w": "AW N", "ɑ̃ j": "AY N", "ɔ̃ j": "OY N", "u j": "UW IY",
}  # fmt: skip

# ARPABET (stress digit kept for AH) → IPA labels, for speech whose phones are given in ARPABET.
FROM_ARPABET: dict[str, str] = {
    "AA": "ɑ", "AE": "æ", "AH": "ʌ", "AH0": "ə", "AO": "ɔ", "AW": "a w", "AY": "a j", "B": "b",
    "CH": "tʃ", "D": "d", "DH": "ð", "EH": "ɛ", "ER": "ɚ", "EY": "e j", "F": "f", "G": "ɡ",
    "HH": "h", "IH": "ɪ", "IY": "i", "JH": "dʒ", "K": "k", "L": "l", "M": "m", "N": "n",
    "NG": "ŋ", "OW": "o w", "OY": "ɔ j", "P": "p", "R": "ɹ", "S": "s", "SH": "ʃ", "T": "t",
    "TH": "θ", "UH": "ʊ", "UW": "u", "V": "v", "W": "w", "Y": "j", "Z": "z", "ZH": "ʒ",
}  # fmt: skip

_AFFRICATES = ("ts", "dz", "tʃ", "dʒ", "tɕ", "dʑ", "tʂ", "dʐ")


def tied(label: str) -> str:
    """`tʃ` → `t͡ʃ`: labels are written with the tie bar outside this module."""
    for pair in _AFFRICATES:
        if label.startswith(pair):
            return f"{pair[0]}\u0361{pair[1:]}{label[2:]}"
    return label


def ipa_labels() -> list[str]:
    """IPA output, blank first."""
    return [BLANK, *(tied(label) for label in _IPA)]


def arpabet_labels() -> list[str]:
    """ARPABET output, blank first."""
    return [BLANK, *ARPABET]


def _nearest_table() -> dict[str, str]:
    """Every plain letter of panphon's that is no label and no convention → its nearest label."""
    import panphon.distance

    table = panphon.FeatureTable()
    known = {label: table.word_fts(label) for label in _IPA}
    vectors = {k: v[0].numeric() for k, v in known.items() if len(v) == 1}
    weights = table.weights
    found: dict[str, str] = {}
    for segment, features in table.segments:
        key = unicodedata.normalize("NFD", segment).replace("\u0361", "").replace("g", "ɡ")
        if key in _IPA or key in found or not key.isalpha():
            continue
        if len(key) > 1 or key in CONVENTIONS:  # diacritics are stripped at run time instead
            continue
        numeric = features.numeric()
        ranked = sorted(
            (
                sum(w * abs(a - b) for w, a, b in zip(weights, numeric, vector, strict=False)),
                label,
            )
            for label, vector in vectors.items()
        )
        found[key] = ranked[0][1]
    return found


def build() -> dict[str, object]:
    """The whole content of `labels.json`."""
    segments = {label: [tied(label)] for label in _IPA}
    nfd = {unicodedata.normalize("NFD", k): v for k, v in CONVENTIONS.items()}
    rows = _nearest_table() | nfd
    for segment, value in rows.items():
        parts = unicodedata.normalize("NFD", value).split()
        segments[segment] = [tied(part) for part in parts]
    projection = {unicodedata.normalize("NFD", k): v.split() for k, v in PROJECTION.items()} | {
        unicodedata.normalize("NFD", k): v.split() for k, v in DIPHTHONGS_TO_ARPABET.items()
    }
    missing = [label for label in _IPA if label not in projection]
    if missing:
        raise ValueError(f"labels without an ARPABET projection: {missing}")
    return {
        "version": LABELS_VERSION,
        "arpabet": arpabet_labels(),
        "ipa": ipa_labels(),
        "vowels": [unicodedata.normalize("NFD", v) for v in VOWELS + NASAL_VOWELS],
        "segments": dict(sorted(segments.items())),
        "projection": {
            " ".join(tied(p) for p in key.split()): value for key, value in projection.items()
        },
        "from_arpabet": {k: [tied(p) for p in v.split()] for k, v in FROM_ARPABET.items()},
    }


def main() -> None:
    """Write the label file that ships with the weights."""
    WEIGHTS.mkdir(parents=True, exist_ok=True)
    text = json.dumps(build(), ensure_ascii=False, indent=0, sort_keys=False)
    LABELS_FILE.write_text(text + "\n", encoding="utf-8")
    print(f"{LABELS_FILE.name}: {len(ipa_labels())} IPA labels, {len(arpabet_labels())} ARPABET")


if __name__ == "__main__":
    main()
