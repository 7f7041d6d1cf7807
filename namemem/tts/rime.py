"""`rime`: Rime's Coda (X-SAMPA in the request's lexicon) and Mist (its own letters in braces).

Sources: https://docs.rime.ai/platform/phoneme-control and …/rime-phonetic-alphabet.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from namemem.phones import Pronunciation
from namemem.phones.conversion import Conversion
from namemem.phones.inventory import load_inventory
from namemem.phones.model import Stress
from namemem.tts.located import LocatedTarget
from namemem.tts.spelling import X_SAMPA_MARKS, words
from namemem.tts.target import Rendering, clean
from namemem.tts.voices import AnyVoice, Voice, model_of

_DIGITS = {Stress.NONE: "0", Stress.PRIMARY: "1", Stress.SECONDARY: "2"}
_NO_STRESS = {Stress.NONE: "", Stress.PRIMARY: "", Stress.SECONDARY: ""}
_TEXT = str.maketrans({"{": "(", "}": ")", "<": "‹", ">": "›"})


class Rime(LocatedTarget):
    """Coda by default; Mist for the models `mist…`, and with `rime:rime`."""

    name = "rime"
    title = "Rime (Coda, Mist)"
    alphabets = ("x-sampa", "rime")
    syntax = '{"spelling": "…", "pronunciation": "…"} in customLexicon (Coda), {…} (Mist v1, v2)'
    limits = (
        "Coda's lexicon holds one pronunciation a spelling: of two names in a text that are "
        "spelled alike and said differently, the later one is respelled.",
        "Coda refuses the whole request (HTTP 400) for one wrong phone; at most 500 entries.",
        "Mist needs phonemizeBetweenBrackets: true. Mist v3 and Arcana take no pronunciations: the "
        "name is respelled.",
        "Tone is not written. Braces in the text become parentheses, angle brackets ‹ and ›.",
    )
    source = "https://docs.rime.ai/platform/phoneme-control"
    unverified = ("The consonants of Mist's alphabet that its examples do not show.",)

    def alphabet_of(self, voice: Voice) -> str:
        """`rime` for Mist, `x-sampa` for Coda."""
        return "rime" if (voice.model or "").lower().startswith("mist") else self.alphabet

    def phones(self, pronunciation: Pronunciation, voice: AnyVoice = None) -> Conversion:
        r"""`S I . " v O n` for Coda, `S0Iv1an` for Mist."""
        chosen = Voice.of(voice)
        if self.alphabet_of(chosen) == "rime":
            inventory = load_inventory("namemem.tts", "inventories/rime.mist.tsv")
            written = inventory.write(pronunciation, fit=True)
            lines = words(written, _DIGITS, place="vowel", joint="")
            return Conversion(" ".join(lines), written.substitutions, written.spoken)
        inventory = self.inventory(chosen)
        written = inventory.write(pronunciation, fit=True)
        marks = _NO_STRESS if inventory.language == "fr" else X_SAMPA_MARKS
        text = " . ".join(words(written, marks, boundary="."))
        return Conversion(text, written.substitutions, written.spoken)

    def markup(self, text: str, pronunciation: Pronunciation, phones: str, voice: AnyVoice) -> str:
        """The entry of the lexicon (Coda), or the letters in braces (Mist)."""
        if self.alphabet_of(Voice.of(voice)) == "rime":
            return " ".join("{" + word + "}" for word in phones.split(" "))
        entry = {"spelling": self.escape(text), "pronunciation": phones}
        return json.dumps(entry, ensure_ascii=False)

    def inline(self, rendering: Rendering, before: str = "") -> str:
        """The spelling for Coda, which finds it in its lexicon; the letters in braces for Mist."""
        if rendering.alphabet == "x-sampa":
            return self.escape(rendering.text)
        return rendering.markup

    def is_word(self, rendering: Rendering) -> bool:
        """Coda looks the spelling up in its lexicon."""
        return rendering.alphabet != "rime"

    def told_apart(
        self,
        rendering: Rendering,
        pronunciation: Pronunciation,
        earlier: Sequence[Rendering],
        voice: AnyVoice = None,
    ) -> Rendering:
        """Respelled where Coda's lexicon has another pronunciation for its spelling already."""
        if rendering.alphabet != "x-sampa":
            return rendering
        spelling = self.escape(rendering.text)
        said = {
            n.phones for n in earlier if n.alphabet == "x-sampa" and self.escape(n.text) == spelling
        }
        if said <= {rendering.phones}:
            return rendering
        why = "Coda's lexicon says another name of the text that is spelled alike differently."
        return self._respelled(rendering.text, pronunciation, Voice.of(voice), why)

    def assemble(self, markup: str, names: Sequence[Rendering], voice: AnyVoice = None) -> str:
        """The fields of Coda's request as JSON, names or not; plain text for the others."""
        chosen = Voice.of(voice)
        if self.alphabet_of(chosen) != "x-sampa" or not model_of(self.name, chosen).phonemes:
            return markup
        entries = [json.loads(n.markup) for n in names if n.alphabet == "x-sampa"]
        unique = list({e["spelling"]: e for e in entries}.values())
        return json.dumps({"text": markup, "customLexicon": unique}, ensure_ascii=False)

    def escape(self, text: str) -> str:
        """Text without braces and angle brackets."""
        return clean(text).translate(_TEXT)
