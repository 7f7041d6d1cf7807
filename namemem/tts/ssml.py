"""`ssml`: plain W3C SSML 1.1, and `XmlTarget`, the base of everybody's dialect of it."""

from __future__ import annotations

import itertools
import unicodedata
from typing import ClassVar
from xml.sax.saxutils import escape, quoteattr

from namemem.errors import UnknownVoice
from namemem.phones import Pronunciation
from namemem.phones.conversion import Conversion
from namemem.phones.inventory import Written, WrittenSyllable, load_inventory
from namemem.phones.model import Stress
from namemem.phones.x_sampa import to_x_sampa
from namemem.tts.target import Target, clean, words_with_text

_IPA_STRESS = {Stress.NONE: "", Stress.PRIMARY: "ˈ", Stress.SECONDARY: "ˌ"}
_AFFRICATES = frozenset(["tʃ", "dʒ"])
_X_SAMPA_STRESS = {Stress.NONE: "", Stress.PRIMARY: '"', Stress.SECONDARY: "%"}


class XmlTarget(Target):
    """A target whose text is XML with `<phoneme>` elements."""

    word_joint: ClassVar[str] = "."
    """Between the words of a name whose spelling has another number of words."""

    def markup(
        self, text: str, pronunciation: Pronunciation, phones: str, voice: str | None
    ) -> str:
        """`<phoneme>` around the text, word by word where spelling and phones agree in number."""
        parts = words_with_text(text, phones.split(" "), self.word_joint)
        return " ".join(
            f"<phoneme alphabet={quoteattr(self.alphabet)} ph={quoteattr(ph)}>"
            f"{escape(word)}</phoneme>"
            for word, ph in parts
        )

    def escape(self, text: str) -> str:
        """XML character data; characters that XML 1.0 forbids are left out."""
        return escape(clean(text))

    def wrap(self, markup: str, voice: str | None = None) -> str:
        """`<speak>` around it."""
        return f"<speak>{markup}</speak>"


class InventoryTarget(XmlTarget):
    """A vendor's SSML: only the phones that a voice of that locale has."""

    locales: ClassVar[tuple[str, ...]] = ("en-US",)
    """Locales with an inventory, `inventories/<name>.<locale>.tsv`; the first is the default."""
    dotted: ClassVar[bool] = False
    """Every syllable boundary is written; otherwise only where two sounds would run together."""

    def locale(self, voice: str | None) -> str:
        """The locale whose phones a voice has.

        Raises:
            UnknownVoice: the voice names a locale that has no inventory here.
        """
        if voice is None:
            return self.locales[0]
        parts = voice.split("-")
        if len(parts) >= 2 and len(parts[0]) in (2, 3) and parts[0].isalpha():
            found = f"{parts[0].lower()}-{parts[1].upper()}"
            if found not in self.locales:
                raise UnknownVoice(
                    f"No phone inventory of {self.title} for the locale {found!r} is known here; "
                    f"there is one for: {', '.join(self.locales)}. Use target `respelling`.",
                    voice=voice[:100],
                    known=list(self.locales),
                )
            return found
        return self.locales[0]

    def phones(self, pronunciation: Pronunciation, voice: str | None = None) -> Conversion:
        """IPA or X-SAMPA restricted to the voice's inventory; words are apart by spaces."""
        inventory = load_inventory(
            "namemem.tts", f"inventories/{self.name}.{self.locale(voice)}.tsv"
        )
        written = inventory.write(pronunciation)
        symbols = frozenset("".join(e.symbols) for e in inventory.entries.values()) | _AFFRICATES
        return Conversion(" ".join(self._words(written, symbols)), written.substitutions)

    def _words(self, written: Written, symbols: frozenset[str]) -> list[str]:
        words = []
        for word in written.words:
            text = self._syllable(word[0])
            for before, after in itertools.pairwise(word):
                # t.ʃ and ɔ.ɪ across a boundary would be read as tʃ and ɔɪ.
                unmarked = after.stress is Stress.NONE and bool(before.symbols and after.symbols)
                merges = unmarked and before.symbols[-1] + after.symbols[0] in symbols
                text += ("." if self.dotted or merges else "") + self._syllable(after)
            words.append(text)
        return words

    def _syllable(self, syllable: WrittenSyllable) -> str:
        ipa = "".join(syllable.symbols)
        if self.alphabet == "x-sampa":
            return _X_SAMPA_STRESS[syllable.stress] + _x_sampa(syllable.symbols)
        return unicodedata.normalize("NFC", _IPA_STRESS[syllable.stress] + ipa)


def _x_sampa(symbols: tuple[str, ...]) -> str:
    from namemem.phones import parse_ipa

    return "".join(to_x_sampa(parse_ipa(s)).value for s in symbols)


class Ssml(XmlTarget):
    """Plain W3C SSML 1.1: all of IPA, whatever the engine behind it makes of it.

    Source: https://www.w3.org/TR/speech-synthesis11/#S3.1.10.
    """

    name = "ssml"
    title = "W3C SSML 1.1"
    alphabets = ("ipa", "x-sampa")
    syntax = '<phoneme alphabet="ipa" ph="…">…</phoneme>'
    limits = (
        "No phone is substituted: an engine that lacks one may skip the name or refuse the text.",
        "Only ipa is registered with the W3C; x-sampa is a private alphabet of many vendors.",
    )
    source = "https://www.w3.org/TR/speech-synthesis11/#S3.1.10"
    word_joint = " "

    def phones(self, pronunciation: Pronunciation, voice: str | None = None) -> Conversion:
        """All of it, nothing adapted."""
        if self.alphabet == "x-sampa":
            return to_x_sampa(pronunciation)
        return Conversion(pronunciation.ipa)

    def wrap(self, markup: str, voice: str | None = None) -> str:
        """`<speak>` with version, namespace and language; `<voice>` when one is named."""
        inner = f"<voice name={quoteattr(clean(voice))}>{markup}</voice>" if voice else markup
        return (
            '<speak version="1.1" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="en-US">'
            f"{inner}</speak>"
        )
