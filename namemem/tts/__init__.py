"""Saying a name: one canonical pronunciation → what one text-to-speech system accepts.

    >>> from namemem.phones import parse_ipa
    >>> from namemem.tts import get_target
    >>> get_target("azure").render_name("Siobhan", parse_ipa("ʃɪˈvɔːn")).markup
    '<phoneme alphabet="ipa" ph="ʃɪ.ˈvɔn">Siobhan</phoneme>'

A renderer never sees audio or a person. Each target is a module of its own, named in `registry`.
"""

from namemem.tts.registry import get_target, target_names
from namemem.tts.target import Rendering, Target

__all__ = ["Rendering", "Target", "get_target", "target_names"]
