"""What happens to a pronunciation in speech: the sound of `'s`, and stress on one syllable."""

from __future__ import annotations

from dataclasses import replace

from namemem.phones import Phone, Pronunciation, Stress, Syllable

_SIBILANTS = frozenset("szʃʒʂʐɕʑɧ")
_VOICELESS = frozenset("ptkfθʈcqɸxχçħʔ")


def possessive(pronunciation: Pronunciation) -> Pronunciation:
    """With English `'s`: Siobhan's /z/, Mark's /s/, Charles's /ɪz/."""
    *words, last_word = pronunciation.words
    *syllables, last = last_word
    final = last.phones[-1].base[-1]
    if final in _SIBILANTS:
        ending = Syllable((), (Phone("ɪ"),), (Phone("z"),))
        if not syllables and last.stress is Stress.NONE:  # one syllable needs no mark, two do
            last = replace(last, stress=Stress.PRIMARY)
        return pronunciation.with_words([*words, (*syllables, last, ending)])
    sound = Phone("s" if final in _VOICELESS else "z")
    if not last.nucleus:
        longer = replace(last, onset=(*last.onset, sound))
    else:
        longer = replace(last, coda=(*last.coda, sound))
    return pronunciation.with_words([*words, (*syllables, longer)])


def stress_single_syllables(pronunciation: Pronunciation) -> Pronunciation:
    """With a mark on words of one syllable, for targets that say an unmarked vowel weakly."""
    words = [
        (replace(word[0], stress=Stress.PRIMARY),)
        if len(word) == 1 and word[0].stress is Stress.NONE
        else word
        for word in pronunciation.words
    ]
    return pronunciation.with_words(words)
