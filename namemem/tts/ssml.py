"""`ssml`: plain W3C SSML 1.1, and `XmlTarget`, the base of everybody's dialect of it."""

from __future__ import annotations

import itertools
import re
import unicodedata
from typing import ClassVar
from xml.sax.saxutils import escape, quoteattr

from namemem.phones import Pronunciation, segments
from namemem.phones.conversion import Conversion
from namemem.phones.model import Stress
from namemem.phones.written import Written, WrittenSyllable
from namemem.phones.x_sampa import to_x_sampa
from namemem.tts.located import LocatedTarget
from namemem.tts.target import Target, clean, words_with_text
from namemem.tts.voices import AnyVoice, Voice, locale_of

_IPA_STRESS = {Stress.NONE: "", Stress.PRIMARY: "ˈ", Stress.SECONDARY: "ˌ"}
_AFFRICATES = frozenset(["tʃ", "dʒ"])
_X_SAMPA_STRESS = {Stress.NONE: "", Stress.PRIMARY: '"', Stress.SECONDARY: "%"}


class XmlTarget(Target):
    """A target whose text is XML with `<phoneme>` elements."""

    word_joint: ClassVar[str] = "."
    """Between the words of a name whose spelling has another number of words."""

    def markup(self, text: str, pronunciation: Pronunciation, phones: str, voice: AnyVoice) -> str:
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

    def wrap(self, markup: str, voice: AnyVoice = None) -> str:
        """`<speak>` around it."""
        return f"<speak>{markup}</speak>"


class InventoryTarget(XmlTarget, LocatedTarget):
    """A vendor's SSML: only the phones that a voice of that locale has."""

    dotted: ClassVar[bool] = False
    """Every syllable boundary is written; otherwise only where two sounds would run together."""

    def phones(self, pronunciation: Pronunciation, voice: AnyVoice = None) -> Conversion:
        """IPA or X-SAMPA restricted to the voice's inventory; words are apart by spaces."""
        inventory = self.inventory(voice)
        written = inventory.write(pronunciation, fit=True)
        symbols = frozenset("".join(e.symbols) for e in inventory.entries.values()) | _AFFRICATES
        text = " ".join(self._words(written, symbols))
        return Conversion(text, written.substitutions, written.spoken)

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
        if self.alphabet == "x-sampa":
            return _X_SAMPA_STRESS[syllable.stress] + _x_sampa(syllable.symbols)
        ipa = "".join(syllable.symbols)
        return unicodedata.normalize("NFC", _IPA_STRESS[syllable.stress] + ipa)


def _x_sampa(symbols: tuple[str, ...]) -> str:
    # The vendors write affricates without the tie: `ts`, not `t_s`.
    return "".join(re.sub(r"(?<=[tdp])_(?=[szSZf])", "", _one(s)) for s in symbols)


def _one(symbol: str) -> str:
    """A vendor's IPA symbol in X-SAMPA; ties of its own (Polly's d͡ʐ, Azure's j͡j) fall apart."""
    from namemem.phones import parse_ipa

    if segments.TIE_BAR in symbol and not segments.is_segment(symbol):
        return "".join(to_x_sampa(parse_ipa(s)).value for s in symbol.split(segments.TIE_BAR))
    return to_x_sampa(parse_ipa(symbol)).value


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

    def phones(self, pronunciation: Pronunciation, voice: AnyVoice = None) -> Conversion:
        """All of it, nothing adapted."""
        if self.alphabet == "x-sampa":
            return to_x_sampa(pronunciation)
        return Conversion(pronunciation.ipa, (), pronunciation.ipa)

    def wrap(self, markup: str, voice: AnyVoice = None) -> str:
        """`<speak>` with version, namespace and language; `<voice>` when one is named."""
        chosen = Voice.of(voice)
        name = chosen.name
        inner = f"<voice name={quoteattr(clean(name))}>{markup}</voice>" if name else markup
        return (
            '<speak version="1.1" xmlns="http://www.w3.org/2001/10/synthesis" '
            f"xml:lang={quoteattr(clean(locale_of(self.name, chosen) or 'en-US'))}>{inner}</speak>"
        )
