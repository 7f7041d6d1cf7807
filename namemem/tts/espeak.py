"""`espeak`: espeak-ng, phoneme mnemonics between `[[` and `]]`.

Source: https://github.com/espeak-ng/espeak-ng/blob/master/docs/phonemes.md, and the library itself.
"""

from __future__ import annotations

from namemem.phones import Pronunciation
from namemem.phones.conversion import Conversion
from namemem.phones.espeak import to_espeak
from namemem.tts.target import Rendering, Target, clean
from namemem.tts.voices import AnyVoice, Voice

_BRACKETS = str.maketrans("[]", "()")


class Espeak(Target):
    """Mnemonics of the voice, `en-us` by default; the spelling is not part of the markup."""

    name = "espeak"
    title = "espeak-ng"
    alphabets = ("espeak",)
    syntax = "[[…]]"
    limits = (
        "The mnemonics belong to a voice; those of en-us, en-gb, de, fr, es, es-419, it, pt-br, nl "
        "and pl (and their variants, en-us+f3) are known here.",
        "Input is plain text with phonemes switched on (`espeakPHONEMES`; the command line does it "
        'by itself). In SSML espeak-ng 1.51 ignores alphabet="ipa".',
        "Square brackets in the text around become round ones: espeak-ng has no escape for `[[`, "
        "and speaks neither.",
        "Tone is not written.",
    )
    source = "https://github.com/espeak-ng/espeak-ng/blob/master/docs/phonemes.md"
    verified = True

    def phones(self, pronunciation: Pronunciation, voice: AnyVoice = None) -> Conversion:
        """Mnemonics, such as `SI'vO:n`."""
        chosen = Voice.of(voice)
        return to_espeak(pronunciation, chosen.name or chosen.locale or "en-us")

    def markup(self, text: str, pronunciation: Pronunciation, phones: str, voice: AnyVoice) -> str:
        """The mnemonics between brackets."""
        return f"[[{phones}]]"

    def inline(self, rendering: Rendering, before: str = "") -> str:
        """The markup after a space: `([[…]]` and `"[[…]]` would be silent in espeak-ng 1.52."""
        return after_space(rendering.markup, before)

    def escape(self, text: str) -> str:
        """Text in which no `[[` can begin, not even together with what follows."""
        return clean(text).translate(_BRACKETS)


def after_space(markup: str, before: str) -> str:
    """`markup`, with a space in front where the text before it does not end in one."""
    return f" {markup}" if before and not before[-1].isspace() else markup
