"""Which espeak-ng voices read which script, from `languages.tsv`."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources

# First word of a letter's Unicode name → ISO 15924 code.
_SCRIPTS = {
    "LATIN": "Latn", "CYRILLIC": "Cyrl", "GREEK": "Grek", "HEBREW": "Hebr", "ARABIC": "Arab",
    "DEVANAGARI": "Deva", "BENGALI": "Beng", "GURMUKHI": "Guru", "GUJARATI": "Gujr",
    "TAMIL": "Taml", "TELUGU": "Telu", "KANNADA": "Knda", "MALAYALAM": "Mlym",
    "SINHALA": "Sinh", "ORIYA": "Orya", "THAI": "Thai", "MYANMAR": "Mymr", "GEORGIAN": "Geor",
    "ARMENIAN": "Armn", "ETHIOPIC": "Ethi", "CJK": "Hani", "HIRAGANA": "Jpan",
    "KATAKANA": "Jpan", "HANGUL": "Kore",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class G2pLanguage:
    """One espeak-ng voice: its name, BCP 47 tag, script (ISO 15924) and votes in the prior."""

    voice: str
    bcp47: str
    script: str
    weight: float


@cache
def languages() -> tuple[G2pLanguage, ...]:
    """All voices of the table, in its order."""
    text = resources.files(__package__).joinpath("languages.tsv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")][1:]
    rows = (line.split("\t") for line in lines)
    return tuple(G2pLanguage(v, tag, script, float(w)) for v, tag, script, w in rows)


def script_of(text: str) -> str:
    """The script most letters of `text` are in (ISO 15924); `Latn` when it has no letters.

    Any kana makes it Japanese, since Japanese names mix kana and Han letters.
    """
    counts: dict[str, int] = {}
    for char in text:
        if char.isalpha():
            first = unicodedata.name(char, "UNKNOWN").split()[0]
            script = _SCRIPTS.get(first, "Zyyy")
            counts[script] = counts.get(script, 0) + 1
    if counts.get("Jpan"):
        return "Jpan"
    return max(counts, key=lambda s: counts[s]) if counts else "Latn"


def for_spelling(spelling: str) -> tuple[G2pLanguage, ...]:
    """The voices that can read the letters of `spelling`; Han letters are read by all who can."""
    script = script_of(spelling)
    wanted = {"Hani": ("Hani",), "Jpan": ("Jpan",)}.get(script, (script,))
    return tuple(lang for lang in languages() if lang.script in wanted)


def matching(tag: str) -> tuple[G2pLanguage, ...]:
    """The voices whose BCP 47 tag is `tag` or begins with its language ("es" → es, es-419)."""
    wanted = tag.replace("_", "-").casefold()
    exact = [lang for lang in languages() if lang.bcp47.casefold() == wanted]
    if exact and "-" in wanted:
        return tuple(exact)
    primary = wanted.split("-")[0]
    primary = {"no": "nb", "nn": "nb", "zh": "zh", "cmn": "zh", "fil": "id"}.get(primary, primary)
    return tuple(lang for lang in languages() if lang.bcp47.casefold().split("-")[0] == primary)
