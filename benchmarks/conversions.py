"""How many phones each conversion keeps exactly: ours, and those of other libraries.

python -m benchmarks.conversions [--out docs/conversions.md]

A phone is kept when writing it and reading it back gives the same phone. Tie bars are left out of
the comparison, and ASCII g is ɡ, so that no library loses by spelling alone.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import unicodedata
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from namemem.errors import NamememError
from namemem.phones import parse_ipa
from namemem.phones.notations import convert

# Of epitran's tables: constructed and extinct languages, and its mixed one.
NOT_SPOKEN = ("epo", "gen", "got", "ile", "ltc", "pii", "tok")
TONES = "˥˦˧˨˩"
HEAD = """# What conversions keep

Written by `python -m benchmarks.conversions`. A phone is *kept* when writing it and reading it back
gives the same phone; ties and the order of marks are not compared, and ASCII g is ɡ. *Silent*
counts those that came back as something else (or not at all) without any error or report.
"""


TABLES = """## Where the tables are

One table has all notations: `namemem/phones/notations.tsv`, a row an IPA segment, mark or unit of
two segments (`aɪ`, `ɔɹ`), a column a notation: X-SAMPA, Kirshenbaum, ARPABET, respellings for four
readers, Kokoro's symbols for two accents, espeak-ng's mnemonics for ten voices. A cell says whether
it is the same sound, another one that stands in (`≈`), or the same sound whose symbols read back as
another row (`≡`); `notation_columns.tsv` says where each column comes from. What a language makes
of a sound that its column lacks is one table for all, `adaptations.tsv`.

Three things are beside it. `segments.tsv` has the features of each segment, made from panphon's.
`respelling_reading*.tsv`, a file a language, are keyed by spelling and not by IPA: what people type
(`igh`, `eye` and `ye` are one vowel, `qu` is two consonants, `e` another vowel with stress than
without) is a language's orthography, where a row's place in the syllable decides. The rules by
which a respelling shortens and joins its syllables are code, since they look at what stands beside.
The vendors' inventories (`namemem/tts/inventories/`) are no notations: each is the list of phones
of one voice, from that vendor's page.
"""


def bare(ipa: str) -> str:
    """What is compared."""
    return unicodedata.normalize("NFD", ipa).replace("͡", "").replace("͜", "").replace("g", "ɡ")


@dataclass
class Way:
    """A conversion: `there_and_back` gives the phone again, or None where it says it cannot."""

    who: str
    notation: str
    there_and_back: Callable[[str], str | None]


def ours(notation: str) -> Way:
    """Our own conversion to a notation and back."""

    def there_and_back(phone: str) -> str | None:
        try:
            # A respelling is made of syllables: a consonant stands before /i/.
            vowel = "" if parse_ipa(phone).words[0][0].nucleus else "i"
            beside = vowel if notation == "respelling" else ""
            there = convert(phone + beside, "ipa", notation)
            if not there.exact:
                return None  # substitutions are reported
            back = bare(convert(there.value, notation, "ipa").value).strip("ˈ")
            return back.removesuffix(beside)
        except NamememError:
            return None

    return Way("namemem", notation, there_and_back)


def libraries() -> list[Way]:
    """Those that are installed."""
    ways = []
    if importlib.util.find_spec("epitran") and importlib.util.find_spec("panphon"):
        import epitran.xsampa
        import panphon.xsampa

        write, read = epitran.xsampa.XSampa(), panphon.xsampa.XSampa()
        who = f"epitran {version('epitran')} there, panphon {version('panphon')} back"
        ways.append(Way(who, "x-sampa", lambda p: read.convert(write.ipa2xs(p))))
    if importlib.util.find_spec("gruut_ipa"):
        from gruut_ipa import espeak, sampa

        who = f"gruut-ipa {version('gruut-ipa')}"
        ways.append(Way(who, "x-sampa", lambda p: sampa.sampa_to_ipa(sampa.ipa_to_sampa(p))))
        ways.append(Way(who, "espeak", lambda p: espeak.espeak_to_ipa(espeak.ipa_to_espeak(p))))
    if importlib.util.find_spec("phonecodes"):
        from phonecodes import phonecodes as codes

        who = f"phonecodes {version('phonecodes')}"
        ways.append(Way(who, "x-sampa", lambda p: codes.xsampa2ipa(codes.ipa2xsampa(p))))
        ways.append(Way(who, "arpabet", lambda p: codes.arpabet2ipa(codes.ipa2arpabet(p))))
    return ways


def language_phones() -> dict[str, set[str]]:
    """The phones of each living language that epitran has a table of, by its ISO 639-3 code."""
    import panphon

    features = panphon.FeatureTable()
    found = importlib.util.find_spec("epitran")
    assert found is not None
    assert found.submodule_search_locations is not None
    tables = Path(found.submodule_search_locations[0]) / "data" / "map"
    languages: dict[str, set[str]] = {}
    for file in sorted(tables.glob("*.csv")):
        code = file.stem[:3]
        if code in NOT_SPOKEN:
            continue
        with file.open(encoding="utf-8") as lines:
            for row in list(csv.reader(lines))[1:]:
                said = unicodedata.normalize("NFD", row[1]) if len(row) > 1 else ""
                phones = {p for p in features.ipa_segs(said) if p not in TONES}
                languages.setdefault(code, set()).update(phones)
    return languages


def panphon_phones() -> set[str]:
    """All segments of panphon's table."""
    import panphon

    return {unicodedata.normalize("NFD", name) for name, _ in panphon.FeatureTable().segments}


def count(way: Way, phones: Iterable[str]) -> tuple[int, int, list[str]]:
    """Kept, changed in silence, and those."""
    kept, silent = 0, []
    for phone in sorted(phones):
        try:
            back = way.there_and_back(phone)
        except Exception:  # whatever a library raises is no silence
            continue
        if back is not None and sorted(bare(back)) == sorted(bare(phone)):
            kept += 1
        elif back is not None:
            silent.append(phone)
    return kept, len(silent), silent


def report() -> str:
    """The page."""
    languages = language_phones()
    spoken = set().union(*languages.values())
    table = panphon_phones()
    lines = [
        HEAD,
        f"**Languages**: the {len(spoken)} phones of {len(languages)} living languages in epitran "
        f"{version('epitran')}'s tables, tones aside. **panphon**: all {len(table)} segments of "
        f"panphon {version('panphon')}'s table, most of which no language has.",
        "PHOIBLE, which counts whole inventories, was not to be had from PyPI, npm or Debian; "
        "epitran's tables hold the phones that a language's spelling writes.",
        "",
        "| notation | conversion | languages: kept | silent | panphon: kept | silent |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    names = ["ipa", "x-sampa", "kirshenbaum", "arpabet", "espeak", "respelling"]
    ways = [ours(name) for name in names] + libraries()
    lost: list[str] = []
    for way in sorted(ways, key=lambda w: (names.index(w.notation), w.who != "namemem")):
        one, one_silent, which = count(way, spoken)
        all_, all_silent, _ = count(way, table)
        lines.append(
            f"| {way.notation} | {way.who} | {one} ({one / len(spoken):.0%}) | {one_silent} "
            f"| {all_} ({all_ / len(table):.0%}) | {all_silent} |"
        )
        if which:
            shown = " ".join(which[:25]) + (" …" if len(which) > 25 else "")
            lost.append(f"- {way.who}, {way.notation}: {shown}")
    lines += [
        "",
        "ARPABET, espeak-ng's mnemonics (of en-us) and respellings write one language's sounds:",
        "what they lack is substituted, and reported with its cost. Silent there are other ways to",
        "say a phoneme that English has: length, aspiration and dental place are not written. IPA,",
        "X-SAMPA and Kirshenbaum are for every language; a mark that they cannot place is refused.",
        "Of panphon's table they refuse affricates such as p͡ɸ and d͡ð, and the mark ᶣ; silent there",
        "are two ways to write one thing: ˀ becomes ̰, and d̪͡z̪ keeps one of its two marks.",
        "",
        "Phones of the languages that changed in silence:",
        "",
        *(lost or ["- none"]),
        "",
        TABLES,
    ]
    return "\n".join(lines)


def main() -> None:
    """Prints the page, or writes it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        page = report()
    if asked.out is None:
        print(page)
    else:
        asked.out.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
