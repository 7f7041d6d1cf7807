"""`espeak`: espeak-ng, phoneme mnemonics between `[[` and `]]`.

Source: https://github.com/espeak-ng/espeak-ng/blob/master/docs/phonemes.md, and the library itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from namemem.phones import Pronunciation, Syllable
from namemem.phones.conversion import Conversion
from namemem.phones.espeak import to_espeak
from namemem.phones.syllables import syllabify
from namemem.tts.target import Rendering, Target, clean
from namemem.tts.voices import AnyVoice, Voice

# espeak-ng 1.52 keeps the phonemes of one `[[…]]` in an array and does not mind its end: some 210
# of them end its process. A phone is at most three.
AT_ONCE = 60
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
        "Tone is not written. A name of more than 60 phones stands in several brackets.",
    )
    source = "https://github.com/espeak-ng/espeak-ng/blob/master/docs/phonemes.md"
    verified = True

    def phones(self, pronunciation: Pronunciation, voice: AnyVoice = None) -> Conversion:
        """Mnemonics, such as `SI'vO:n`."""
        chosen = Voice.of(voice)
        return to_espeak(pronunciation, chosen.name or chosen.locale or "en-us")

    def markup(self, text: str, pronunciation: Pronunciation, phones: str, voice: AnyVoice) -> str:
        """The mnemonics between brackets; a very long name between several."""
        if len(pronunciation.phones) <= AT_ONCE:
            return f"[[{phones}]]"
        runs = (self.phones(run, voice).value for run in _runs(pronunciation))
        return " ".join(f"[[{run}]]" for run in runs)

    def inline(self, rendering: Rendering, before: str = "") -> str:
        """The markup after a space: `([[…]]` and `"[[…]]` would be silent in espeak-ng 1.52."""
        return after_space(rendering.markup, before)

    def escape(self, text: str) -> str:
        """Text in which no `[[` can begin, not even together with what follows."""
        return clean(text).translate(_BRACKETS)


def _runs(said: Pronunciation) -> Iterator[Pronunciation]:
    """A pronunciation in parts of at most `AT_ONCE` phones, whole syllables where they fit."""
    for word in said.words:
        run: list[Syllable] = []
        for syllable in word:
            for part in _short(syllable):
                if run and sum(len(s.phones) for s in run) + len(part.phones) > AT_ONCE:
                    yield Pronunciation((tuple(run),))
                    run = []
                run.append(part)
        yield Pronunciation((tuple(run),))


def _short(syllable: Syllable) -> list[Syllable]:
    """The syllable, or what is left of one that nobody can say: its phones in groups."""
    phones = syllable.phones
    if len(phones) <= AT_ONCE:
        return [syllable]
    groups = (phones[i : i + AT_ONCE] for i in range(0, len(phones), AT_ONCE))
    return [s for group in groups for s in syllabify(group, set(), {}, {})]


def after_space(markup: str, before: str) -> str:
    """`markup`, with a space in front where the text before it does not end in one."""
    return f" {markup}" if before and not before[-1].isspace() else markup
