"""Writes columns of namemem/phones/notations.tsv: what espeak-ng's mnemonics say, by its library.

The library of `espeakng-loader` is given each mnemonic between known sounds, in a stressed and an
unstressed syllable, and says by its phoneme trace (IPA) what it speaks. A row is written where the
trace is one IPA unit and the mnemonic comes back unchanged. Run it when the library changes:

    python tools/make_espeak_tables.py [VOICE …]

en-us has a column made by hand, since its vowels merge with /ɹ/.
"""

from __future__ import annotations

import string
import sys
import unicodedata
from itertools import product
from pathlib import Path

from namemem.errors import NamememError
from namemem.phones import parse_ipa
from namemem.tts.preview import EspeakPreview, _library

VOICES = ("en-gb", "de", "fr", "es", "es-419", "it", "pt-br", "nl", "pl")
TABLE = Path(__file__).parent.parent / "namemem" / "phones" / "notations.tsv"
# docs/phonemes.md of espeak-ng, and what its own dictionaries use.
KNOWN = """
p b t d t[ d[ t. d. tS dZ k g q c J ? f v T D s z S Z C x Q X Q" h H h# P B s. z. S; Z; tS;
dZ; s; z; t; d; n; l; r; p; b; m; f; v; k; g; x; ts dz ts; dz; pf m n n. n^ N l L l^ l. r R
r" r. r- * ** w j j~ w# v# l# M W y H: i i: I I2 y: Y Y: e e: E E: E2 a a: A A: & V 0 O O: o
o: U u u: @ @2 3 3: W: 2 2: 9 8 u" i" e~ E~ a~ A~ O~ o~ W~ u~ i~ &~ U~ aI aU eI oU OI @U ai
au ei ou oi ui OY aI2 eU Eu eu iu EI i@ e@ U@ aI@ aU@ J^ tS# rr l/2 n- l- m- N- tsh dzh t2
d2 E# o# a# y# oe : l^: n^: b: d: t: k: p: s: S: m: n: l: f: v: g: tt
""".split()
# espeak-ng's name for a sound → the phone it stands for in that voice.
MEANS = {"de": {"ɜ": "ɐ", "r": "ʁ"}, "pt-br": {"æ": "ɐ"}}
# Diphthongs that the library's IPA writes otherwise: IPA → mnemonic.
EXTRA = {
    "de": {"ɔʏ": "OY"},
    "en-gb": {"æ": "a", "ɔ": "O", "ɔː": "O:", "ɛə": "e@", "ɪə": "i@", "ʊə": "U@",
              "ɹ": "r",  # never at the end of a syllable, where espeak.py writes `r-`
              "eɹ": "e r-", "eɪɹ": "eI r-", "ʌɹ": "V r-", "ɒɹ": "0 r-", "ɔɪɹ": "OI r-",
              "aɹ": "a r-", "æɹ": "a r-", "aɪɹ": "aI r-", "aʊɹ": "aU r-",
              "ɛɹ": "e@", "ɪɹ": "i@", "iɹ": "i@", "ʊɹ": "U@", "uɹ": "U@", "ɑɹ": "A:", "ɔɹ": "O:",
              "oɹ": "O:", "oʊɹ": "O:", "ɜɹ": "3:", "əɹ": "@", "ɚ": "@", "ɝ": "3:"},
}  # fmt: skip
# Rows whose /ɹ/ the accent drops: another sound, which is reported.
REDUCED = {
    "e@": ("ɛɹ",), "i@": ("ɪɹ", "iɹ"), "U@": ("ʊɹ", "uɹ"), "A:": ("ɑɹ",),
    "O:": ("ɔɹ", "oɹ", "oʊɹ"), "3:": ("ɜɹ", "ɝ"), "@": ("əɹ", "ɚ"),
}  # fmt: skip
# Voices that weaken b d g between vowels, or vowels without stress, by themselves.
LENITING = ("es", "es-419")
REDUCING = ("it",)
SONORANTS = frozenset("ɾrɹʀʁlmnɲŋwjʎ")
# Letters that only this language has.
LETTERS = {"de": "äöü", "fr": "éèêàôùœç", "pt-br": "ãõáéâ", "pl": "ąęłńśżźćó"}
# Voices that say no voiced stops and fricatives at the end of a syllable.
DEVOICING = ("de", "nl", "pl", "tr")


def tokens(text: str, voice: str, mode: int) -> list[str]:
    """One phoneme a token, without stress marks."""
    traced = _library().trace(text, voice, mode | ord("_") << 8)
    return [t.strip("'ˈ,ˌ%=") for t in traced.replace(" ", "_").split("_") if t.strip("'ˈ,ˌ%=")]


def harvested(voice: str) -> list[str]:
    """Mnemonics that the voice's own rules use, most frequent first."""
    letters = "aeiou" + LETTERS.get(voice, "")
    words = [f"{c}{v}{d}{w}" for c, v, d, w in product("bdfgjklmnprstvz", letters, "lnrst", "ae")]
    words += [f"{c}{v}" for c in ("ch", "sch", "qu", "gn", "x", "h", "w", "y") for v in letters]
    counts: dict[str, int] = {}
    for start in range(0, len(words), 40):
        for token in tokens(" ".join(words[start : start + 40]), voice, 1):
            counts[token] = counts.get(token, 0) + 1
    return sorted(counts, key=lambda t: -counts[t])


def rows(voice: str) -> list[tuple[str, str]]:
    """(IPA, mnemonic), the voice's own mnemonics first."""
    own = harvested(voice)
    found: dict[str, str] = {}
    for mnemonic in dict.fromkeys([*own, *KNOWN]):
        if mnemonic == "@-":  # put in between consonants, and dropped beside vowels
            continue
        if not set(mnemonic) <= set(string.ascii_letters + '0123456789@#&*:;^~?!".[/-'):
            continue
        for frame in ("[[t'{}t]]", "[[t'a{}'a]]", "[[ta't{}]]"):
            text = frame.format(mnemonic)
            if voice in LENITING and mnemonic in "bdg":
                text = f"[[{mnemonic}'ata]]"
            if mnemonic not in tokens(text, voice, 1):
                continue
            at = tokens(text, voice, 1).index(mnemonic)
            said = tokens(text, voice, 2)
            if len(said) <= at:
                continue
            ipa = said[at].replace("ˈ", "").replace("ˌ", "")
            try:
                units = parse_ipa(ipa)
            except NamememError:
                break
            vowel = any(p.is_syllabic for p in units.phones)
            if len(units.units) != 1 or vowel != (frame != "[[t'a{}'a]]"):
                continue
            key = MEANS.get(voice, {}).get(ipa, unicodedata.normalize("NFC", units.ipa))
            found.setdefault(key, mnemonic)
            break
    kept = {ipa: mnemonic for ipa, mnemonic in found.items() if steady(ipa, mnemonic, voice)}
    for ipa, mnemonic in list(kept.items()):
        if ipa.endswith("ː") and parse_ipa(ipa).phones[0].is_vowel:
            kept.setdefault(ipa[:-1], mnemonic)  # a vowel that the voice has only long
    return list((kept | EXTRA.get(voice, {})).items())


def steady(ipa: str, mnemonic: str, voice: str) -> bool:
    """Whether it is said the same at the start, in the middle and at the end of a word."""
    vowel = parse_ipa(ipa).phones[0].is_vowel
    frames = ["t'{}t", "{}t'a", "t'at{}"] if vowel else ["{}'a", "'a{}a", "'a{}"]
    if voice in DEVOICING and ipa[0] in "bdɡvzʒʝʁɣðβ":
        frames.pop()  # phonotactics.tsv sees to the codas
    if (voice in LENITING and ipa in "bdɡ") or (voice in REDUCING and vowel):
        frames = frames[:1]
    traces = [f"[[{f.format(mnemonic)}]]" for f in frames]
    if not all(mnemonic in tokens(text, voice, 1) for text in traces):
        return False
    said = [tokens(text, voice, 2)[tokens(text, voice, 1).index(mnemonic)] for text in traces]
    if len(set(said)) > 1:
        return False
    # What makes the consonant before it voiced is not of this voice: tɾ → dɾ.
    clusters = [tokens(f"[[a'{c}{mnemonic}a]]", voice, 2)[1:2] for c in "tf"]
    return ipa not in SONORANTS or clusters == [["t"], ["f"]]


def cells(table: list[tuple[str, str]]) -> dict[str, str]:
    """IPA → cell; a mnemonic that stands in two rows reads back as the first of them."""
    found: dict[str, str] = {}
    seen: set[str] = set()
    for ipa, mnemonic in table:
        sign = "≡ " if mnemonic in seen else ""
        sign = "≈ " if ipa in REDUCED.get(mnemonic, ()) else sign
        found[unicodedata.normalize("NFD", ipa)] = sign + mnemonic
        seen.add(mnemonic)
    return found


def main(voices: tuple[str, ...]) -> None:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("ipa\t"))
    header = lines[start].split("\t")
    for voice in voices:
        made = cells(rows(voice))
        at = header.index(f"espeak:{voice}")
        changed = []
        for i, line in enumerate(lines[start + 1 :], start + 1):
            row = line.split("\t")
            cell, sign, also = row[at].partition(" ← ")  # what is read besides was put by hand
            new = made.pop(row[0], "")
            if new != cell:
                changed.append(f"{row[0]}: {cell or '-'} now {new or '-'}")
            row[at] = (new + sign + also).strip()
            lines[i] = "\t".join(row)
        print(voice, "rows changed:", "; ".join(changed) or "none")
        if made:
            print(voice, "the table has no row for:", made)
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("made with espeak-ng", EspeakPreview().version)


if __name__ == "__main__":
    main(tuple(sys.argv[1:]) or VOICES)
