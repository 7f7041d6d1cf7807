"""espeak-ng phoneme mnemonics, as they stand between `[[` and `]]`.

They belong to a voice: the table of each is a TSV file, `espeak_<voice>.tsv`, checked against the
library itself. Source: https://github.com/espeak-ng/espeak-ng/blob/master/docs/phonemes.md.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

from namemem.errors import UnknownPhone, UnknownVoice
from namemem.phones.conversion import Conversion
from namemem.phones.inventory import Inventory, load_inventory
from namemem.phones.model import Pronunciation, Stress
from namemem.phones.tokens import Token, read_tokens

_MARKS = {Stress.NONE: "", Stress.PRIMARY: "'", Stress.SECONDARY: ","}
# Marks of espeak-ng's own output, and the weak variants that its dictionary uses.
_READ_ONLY = {
    "'": "ˈ", "''": "ˈ", ",": "ˌ", "%": "", "||": " ", "|": ".", ":": "ː", "_": " ", "_:": " ",
    "_|": "",
    "o@": "ɔɹ", "i@": "iə", "I2": "ɪ", "I#": "ɪ", "a#": "ɐ", "a2": "æ", "aa": "æ", "@2": "ə",
    "@5": "ʊ", "@L": "əl", "@-": "ə", "E2": "ɛ", "O": "ɔ", "O2": "ɔ", "0#": "ɑ", "A#": "ɑ",
    "VR": "ʌɹ", "IR": "əɹ", "aI@": "aɪə", "aI3": "aɪɚ", "t#": "t", "t2": "t", "d#": "d", "z#": "z",
    "z/2": "z", "r-": "ɹ", "oU#": "oʊ", "l/": "l",
    "i": "i",
}  # fmt: skip


# Symbols that no table here has, and that others must not run together into.
_MORE = frozenset("- -- = ! # ## ts dz pf tS dZ ts; dz; tS; dZ;".split())


# Other names of the voices that have a table.
_ALIASES = {
    "en": "en-gb", "de-de": "de", "fr-fr": "fr", "es-es": "es", "es-mx": "es-419",
    "es-us": "es-419", "it-it": "it", "nl-nl": "nl", "pl-pl": "pl",
}  # fmt: skip


def espeak_voices() -> tuple[str, ...]:
    """Voices whose mnemonics are known here."""
    names = (f.name for f in resources.files("namemem.phones").iterdir())
    found = (n for n in names if n.startswith("espeak_") and n.endswith(".tsv"))
    return tuple(sorted(n.removeprefix("espeak_").removesuffix(".tsv") for n in found))


def _inventory(voice: str) -> Inventory:
    base = voice.lower().replace("_", "-").split("+")[0]
    base = _ALIASES.get(base, base)
    if base not in espeak_voices():
        known = ", ".join(espeak_voices())
        raise UnknownVoice(
            f"No phoneme table for the espeak-ng voice {voice!r}; there is one for: {known}.",
            voice=voice,
            known=list(espeak_voices()),
        )
    return load_inventory("namemem.phones", f"espeak_{base}.tsv")


def to_espeak(pronunciation: Pronunciation, voice: str = "en-us") -> Conversion:
    """A pronunciation in the mnemonics of a voice, such as `SI'vO:n`; words are joined by `||`.

    Args:
        pronunciation: any; what the voice lacks is adapted and reported.
        voice: an espeak-ng voice with a table here; a variant (`en-us+f3`) does not matter.

    Raises:
        UnknownVoice: there is no table for that voice.
    """
    inventory = _inventory(voice)
    # The library says any phone anywhere, but for voices that devoice at the end of a syllable.
    written = inventory.write(pronunciation, fit=inventory.about.get("phonotactics") == "yes")
    known = frozenset(_reader(inventory.name)) | _MORE
    words = []
    for word in written.words:
        pieces: list[str] = []
        for syllable in word:
            if mark := _MARKS[syllable.stress]:
                pieces.append(mark)
            pieces.extend(syllable.symbols)
        words.append(_joined(pieces, known))
    return Conversion("||".join(words), written.substitutions, written.spoken)


def _joined(symbols: list[str], known: frozenset[str]) -> str:
    """Symbols in one string; `|` only where two of them would be read as another one."""
    text = ""
    for i, symbol in enumerate(symbols):
        following = symbol + (symbols[i + 1] if i + 1 < len(symbols) else "")
        longest = max(
            (n for n in range(1, len(following) + 1) if following[:n] in known), default=0
        )
        apart = "|" if longest > len(symbol) else ""
        if symbol == "@" and following[1:2] == "*":
            apart = "_|"  # or the vowel turns into /ɚ/
        text += symbol + apart
    return text


@cache
def _reader(name: str) -> dict[str, str]:
    """Mnemonic → IPA of one voice, for reading."""
    table = dict(_READ_ONLY)
    entries = load_inventory("namemem.phones", f"{name}.tsv").entries
    for ipa, entry in reversed(list(entries.items())):
        table["".join(entry.symbols)] = ipa
    return table


def from_espeak(text: str, voice: str = "en-us") -> Pronunciation:
    """Reads mnemonics of a voice, with or without `[[ ]]`; a stress mark belongs to the next vowel.

    Raises:
        UnknownPhone: a symbol that the voice does not have, with its position in `text`.
        UnknownVoice: there is no table for that voice.
        EmptyPronunciation: no phone at all.
    """
    table = _reader(_inventory(voice).name)
    start, end = 0, len(text)
    if text.startswith("[[") and text.endswith("]]") and len(text) >= 4:
        start, end = 2, end - 2
    tokens: list[Token] = []
    i = start
    while i < end:
        if text[i].isspace():
            tokens.append(Token(" ", i))
            i += 1
            continue
        for size in range(min(4, end - i), 0, -1):
            if text[i : i + size] in table:
                tokens.append(Token(table[text[i : i + size]], i))
                i += size
                break
        else:
            raise UnknownPhone(text[i], i, text, "espeak-ng mnemonics")
    return read_tokens(tokens, text, "espeak-ng mnemonics", stress_mark="vowel")
