"""espeak-ng phoneme mnemonics, as they stand between `[[` and `]]`.

They belong to a voice: each has a column in `notations.tsv`, checked against the library itself.
Source: https://github.com/espeak-ng/espeak-ng/blob/master/docs/phonemes.md.
"""

from __future__ import annotations

from functools import cache

from namemem.errors import UnknownPhone, UnknownVoice
from namemem.phones.conversion import Conversion
from namemem.phones.inventory import Inventory
from namemem.phones.model import Pronunciation, Stress
from namemem.phones.notation_table import notation_inventory, readings, variants
from namemem.phones.tokens import Token, read_tokens
from namemem.phones.written import WrittenSyllable

_MARKS = {Stress.NONE: "", Stress.PRIMARY: "'", Stress.SECONDARY: ","}
# What stands between phones.
_BETWEEN = {"%": "", "||": " ", "|": ".", "_": " ", "_:": " ", "_|": ""}


# English `r` is next to silent where it closes a syllable; this one is not.
_CLOSING = {"en": {"r": "r-"}}
# Vowels after which a voice links to the next one, with an /ɹ/ or by making a /j/ of the vowel.
_LINKING = {"en": frozenset("@ 3 3: A: i@ U@ e@".split()), "fr": frozenset(("i", "i:"))}
# Symbols that no table here has, and that others must not run together into.
_MORE = frozenset("- -- = ! # ## ts dz pf tS dZ ts; dz; tS; dZ;".split())


# Other names of the voices that have a table.
_ALIASES = {
    "en": "en-gb", "de-de": "de", "fr-fr": "fr", "es-es": "es", "es-mx": "es-419",
    "es-us": "es-419", "it-it": "it", "nl-nl": "nl", "pl-pl": "pl",
}  # fmt: skip


def espeak_voices() -> tuple[str, ...]:
    """Voices whose mnemonics are known here."""
    return tuple(sorted(variants("espeak")))


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
    return notation_inventory(f"espeak:{base}")


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
        for index, syllable in enumerate(word):
            if index and _links(word[index - 1], syllable, inventory.language):
                pieces.append("_|")
            if mark := _MARKS[syllable.stress]:
                pieces.append(mark)
            pieces.extend(syllable.onset + syllable.nucleus)
            pieces.extend(_CLOSING.get(inventory.language, {}).get(s, s) for s in syllable.coda)
        words.append(_joined(pieces, known))
    return Conversion("||".join(words), written.substitutions, written.spoken)


def _links(before: WrittenSyllable, after: WrittenSyllable, language: str) -> bool:
    """Whether the voice would put a sound between two vowels: British əɹa for /ə.a/."""
    vowel = before.nucleus[-1:] if not before.coda and not after.onset else ()
    return bool(vowel) and bool(after.nucleus) and vowel[0] in _LINKING.get(language, ())


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
    return _BETWEEN | readings("espeak") | readings(name)


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
