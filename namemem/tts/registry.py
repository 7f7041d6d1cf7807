"""Every target by name. A target is imported when it is first asked for.

To add one: a module with a `Target`, a line here, and `tests/tts/golden/<name>.json`
(`python tests/tts/write_golden.py <name>`).
"""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from importlib import import_module

from namemem.errors import UnknownTarget
from namemem.tts.target import Target

TARGETS: dict[str, str] = {
    "ssml": "namemem.tts.ssml:Ssml",
    "azure": "namemem.tts.azure:Azure",
    "polly": "namemem.tts.polly:Polly",
    "google": "namemem.tts.google:Google",
    "apple": "namemem.tts.apple:Apple",
    "elevenlabs": "namemem.tts.elevenlabs:ElevenLabs",
    "cartesia": "namemem.tts.cartesia:Cartesia",
    "rime": "namemem.tts.rime:Rime",
    "deepgram": "namemem.tts.deepgram:Deepgram",
    "espeak": "namemem.tts.espeak:Espeak",
    "piper": "namemem.tts.piper:Piper",
    "arpabet": "namemem.tts.arpabet:Arpabet",
    "flite": "namemem.tts.flite:Flite",
    "festival": "namemem.tts.festival:Festival",
    "kokoro": "namemem.tts.kokoro:Kokoro",
    "marytts": "namemem.tts.marytts:MaryTts",
    "sapi": "namemem.tts.sapi:Sapi",
    "nao": "namemem.tts.nao:Nao",
    "acapela": "namemem.tts.acapela:Acapela",
    "respelling": "namemem.tts.respelling:Respelling",
}


def target_names() -> tuple[str, ...]:
    """All targets, in the order in which they are listed to callers."""
    return tuple(TARGETS)


def get_target(name: str) -> Target:
    """The target of that name; `polly:x-sampa` is Polly written in X-SAMPA.

    Raises:
        UnknownTarget: no such target, or it has no such alphabet; the message lists what there is.
    """
    base, _, alphabet = name.partition(":")
    if base not in TARGETS:
        close = get_close_matches(base.lower(), TARGETS, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise UnknownTarget(
            f"There is no target {base[:60]!r}.{hint} The targets are: {', '.join(TARGETS)}.",
            target=base[:60],
            known=list(TARGETS),
        )
    # A closed set of keys, so the cache cannot grow with what callers send.
    target = _load(base)
    return type(target)(alphabet) if alphabet else target


@cache
def _load(name: str) -> Target:
    module, _, attribute = TARGETS[name].partition(":")
    loaded = getattr(import_module(module), attribute)()
    if not isinstance(loaded, Target):
        raise TypeError(f"{TARGETS[name]} is no Target")
    return loaded
