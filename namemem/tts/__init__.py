r"""Saying a name: one canonical pronunciation → what one text-to-speech system accepts.

Pure functions, usable without the server:

    >>> from namemem import tts
    >>> from namemem.phones import parse_ipa
    >>> siobhan = parse_ipa("ʃɪˈvɔːn")
    >>> tts.get_target("azure").render_name("Siobhan", siobhan).markup
    '<phoneme alphabet="ipa" ph="ʃɪ.ˈvɔn">Siobhan</phoneme>'
    >>> polish = tts.get_target("polly").render_name("Siobhan", siobhan, "Ewa")
    >>> polish.phones, polish.grade.value, polish.spoken
    ('ʂiˈvɔn', 'close', 'ʂi.ˈvɔn')
    >>> parts = tts.parse_template("Hi {person:1}!")
    >>> names = {("person", "1"): tts.SpokenName("Siobhan", siobhan)}
    >>> tts.render_sentence(tts.get_target("kokoro"), parts, names).markup
    'Hi [Siobhan](/ʃɪvˈɔn/)!'
    >>> tts.lexicon("cmu", [tts.Entry("Siobhan", siobhan)], possessives=False).parts[0].content
    'SIOBHAN  SH IH0 V AO1 N\n'

A renderer never sees audio or a person. Each target is a module of its own, named in `registry`.
"""

from namemem.tts.lexicons import Entry, Lexicon, lexicon
from namemem.tts.registry import get_target, target_names
from namemem.tts.sentences import (
    Sentence,
    SpokenName,
    find_names,
    parse_template,
    render_sentence,
    split_sentences,
)
from namemem.tts.target import Rendering, Target
from namemem.tts.voices import Voice

__all__ = [
    "Entry",
    "Lexicon",
    "Rendering",
    "Sentence",
    "SpokenName",
    "Target",
    "Voice",
    "find_names",
    "get_target",
    "lexicon",
    "parse_template",
    "render_sentence",
    "split_sentences",
    "target_names",
]
