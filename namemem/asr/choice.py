"""Which transcriber: the one asked for, or the best that this machine can have."""

from __future__ import annotations

from pathlib import Path

from namemem import weights
from namemem.asr.base import Transcriber
from namemem.asr.registry import ENGINES, create_transcriber, transcriber_class
from namemem.errors import EngineError, EngineUnavailable, InvalidSettings


def choose_transcriber(
    kind: str = "auto",
    model: str = "tiny.en",
    *,
    cache: Path | None = None,
    fetch: bool = True,
    progress: weights.Progress | None = None,
    timeout: float = 1800.0,
) -> tuple[Transcriber, str]:
    """An engine, not loaded yet, and the reason for it in one sentence.

    `kind`: "auto" (Whisper where its weights are here or, with `fetch`, can be fetched, and
    otherwise the embedded engine), or a name of `registry.ENGINES`. Without a way to the
    weights the answer comes within about five seconds. Raises InvalidSettings for an unknown
    kind and EngineUnavailable where an engine asked for by name cannot be had.
    """
    if kind not in ("auto", *ENGINES):
        raise InvalidSettings(
            f"There is no transcriber {kind!r}; there are auto, {', '.join(ENGINES)}."
        )
    if kind not in ("auto", "whisper"):
        return create_transcriber(kind), f"{kind} was asked for"
    try:
        why = _have_whisper(model, cache, fetch, progress, timeout)
    except EngineError as error:
        if kind == "whisper":
            raise
        return create_transcriber("sphinx"), f"the embedded engine, since: {error.message}"
    return create_transcriber("whisper", model=model, cache=cache), why


def _have_whisper(
    model: str,
    cache: Path | None,
    fetch: bool,
    progress: weights.Progress | None,
    timeout: float,
) -> str:
    if not transcriber_class("whisper").is_installed():
        raise EngineUnavailable(
            "openai-whisper is not installed: pip install 'namemem[whisper]'.", engine="whisper"
        )
    if path := weights.available_locally(model, cache=cache):
        return f"Whisper's weights are at {path}"
    if not fetch or weights.official_url(model) is None:
        raise EngineUnavailable(weights.how_to_get(model), model=model)
    path = weights.fetch(model, cache=cache, progress=progress, timeout=timeout)
    return f"Whisper's weights were fetched to {path}"
