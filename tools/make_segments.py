"""Writes namemem/phones/segments.tsv: every IPA segment we know, with its features.

Features are panphon's 24 (Mortensen et al. 2016, "PanPhon: A Resource for Mapping IPA Segments
to Articulatory Feature Vectors", COLING; MIT licence), one character each: `+`, `-` or `0`.
Run once, with `pip install panphon`, when a segment is added; namemem itself does not need it.

    python tools/make_segments.py > namemem/phones/segments.tsv
"""

from __future__ import annotations

import sys
import unicodedata

import panphon

CONSONANTS = (
    "p b t d ʈ ɖ c ɟ k ɡ q ɢ ʔ m ɱ n ɳ ɲ ŋ ɴ ʙ r ʀ ⱱ ɾ ɽ ɸ β f v θ ð s z ʃ ʒ ʂ ʐ ç ʝ x ɣ χ ʁ ħ "
    "ʕ h ɦ ɬ ɮ ʋ ɹ ɻ j ɰ l ɭ ʎ ʟ w ʍ ɥ ɕ ʑ ɧ ɺ ʜ ʢ ʡ ɫ ɓ ɗ ʄ ɠ ʛ ʘ ǀ ǃ ǂ ǁ "
    "t͡ʃ d͡ʒ t͡s d͡z t͡ɕ d͡ʑ ʈ͡ʂ ɖ͡ʐ p͡f b͡v  k͡x q͡χ t͡ɬ d͡ɮ k͡p ɡ͡b"
).split()
VOWELS = "i y ɨ ʉ ɯ u ɪ ʏ ʊ e ø ɘ ɵ ɤ o ə ɛ œ ɜ ɞ ʌ ɔ æ ɐ a ɶ ɑ ɒ ɚ ɝ".split()
# panphon has no row of its own for these: the row of the nearest segment that it has.
STAND_IN = {
    "ɚ": "ə˞", "ɝ": "ɜ˞", "ɫ": "lˠ", "ɧ": "x", "ⱱ": "ʋ", "ɺ": "ɾ",
    "ʜ": "ħ", "ʢ": "ʕ", "ʡ": "ʔ",
}  # fmt: skip
RHOTIC = set("ɚ ɝ ɹ ɻ".split())  # our own 25th feature: without it ɚ would equal ə


def main() -> None:
    table = panphon.FeatureTable()
    out = sys.stdout
    out.write("# IPA segments and their articulatory features; made by tools/make_segments.py\n")
    out.write("# features: panphon 0.22 (Mortensen et al. 2016, MIT licence), in this order:\n")
    out.write("# " + " ".join([*table.names, "rhotic"]) + "\n")
    out.write("ipa\tkind\tfeatures\n")
    for kind, segments in (("consonant", CONSONANTS), ("vowel", VOWELS)):
        for segment in segments:
            nfd = unicodedata.normalize("NFD", segment)
            vector = None
            for look_up in (nfd, STAND_IN.get(segment), STAND_IN.get(segment, "")[:1]):
                if look_up and table.seg_known(look_up):
                    vector = table.fts(look_up)
                    break
            if vector is None:
                raise SystemExit(f"panphon does not know {segment!r}")
            signs = "".join({1: "+", -1: "-", 0: "0"}[v] for v in vector.numeric())
            signs += "+" if segment in RHOTIC else "-"
            out.write(f"{nfd}\t{kind}\t{signs}\n")


if __name__ == "__main__":
    main()
