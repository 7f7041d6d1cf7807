"""Phone recognisers by name; their modules are imported only when chosen."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from namemem import weights
from namemem.errors import EngineError, EngineUnavailable, InvalidSettings
from namemem.phone_recognition.base import PhoneRecognizer

_ENGINES = {
    "whisper_ctc": "namemem.phone_recognition.whisper_phones:WhisperCtcPhones",
    "compact": "namemem.phone_recognition.compact:CompactPhones",
    "wav2vec2": "namemem.phone_recognition.wav2vec2:Wav2Vec2Phones",
    "sphinx": "namemem.phone_recognition.sphinx:SphinxPhones",
}


def engine_names() -> tuple[str, ...]:
    """All registered names."""
    return tuple(_ENGINES)


def choose(
    name: str,
    *,
    encoder: str = "tiny.en",
    checkpoint: str | None = None,
    device: str = "cpu",
    cache: Path | None = None,
    fetch: bool = False,
    progress: weights.Progress | None = None,
) -> tuple[PhoneRecognizer, str]:
    """The engine of that name, or for `auto` the best one that can be had, and why.

    Args:
        name: `auto` or a registered name.
        encoder: Whisper model (name or checkpoint path) whose encoder `whisper_ctc` hears with.
        checkpoint: what `wav2vec2` hears with: hub name or folder; its own default if None.
        device: where `wav2vec2` runs: `cpu`, `cuda`.
        cache: folder of fetched weights; Whisper's own by default.
        fetch: whether weights may be downloaded.
        progress: told about a download.

    Raises:
        InvalidSettings: no engine of that name.
        EngineUnavailable: an engine asked for by name cannot be had.
    """
    if name == "wav2vec2":
        return _wav2vec2(checkpoint, device, fetch), f"{name} was asked for"
    if name not in ("auto", "whisper_ctc"):
        return create(name), f"{name} was asked for"
    try:
        path = _encoder(encoder, cache, fetch, progress)
    except EngineError as error:
        if name == "whisper_ctc":
            raise
        return _embedded(error.message)
    return create("whisper_ctc", encoder=str(path)), f"the ear on Whisper's encoder at {path}"


def _embedded(reason: str) -> tuple[PhoneRecognizer, str]:
    """The compact ear, or pocketsphinx where even that cannot be loaded."""
    compact = create("compact")
    try:
        compact.load()
    except EngineError as error:
        return create("sphinx"), f"pocketsphinx, the last resort, since: {error.message}"
    return compact, f"the compact ear of the package, since: {reason}"


def _wav2vec2(checkpoint: str | None, device: str, fetch: bool) -> PhoneRecognizer:
    from namemem.phone_recognition.wav2vec2 import CHECKPOINT, locate

    locate(checkpoint or CHECKPOINT, fetch=fetch)
    return create("wav2vec2", checkpoint=checkpoint or CHECKPOINT, device=device)


def _encoder(
    encoder: str, cache: Path | None, fetch: bool, progress: weights.Progress | None
) -> Path:
    from namemem.phone_recognition.whisper_phones import WhisperCtcPhones

    missing = WhisperCtcPhones.missing()
    if missing is not None:
        raise EngineUnavailable(f"{missing}.")
    path = weights.available_locally(encoder, cache=cache)
    if path is not None:
        return path
    if not fetch:
        raise EngineUnavailable(weights.how_to_get(encoder))
    return weights.fetch(encoder, cache=cache, progress=progress)


def create(name: str, **options: Any) -> PhoneRecognizer:
    """Builds an engine without loading it.

    Raises:
        InvalidSettings: no engine of that name.
    """
    if name not in _ENGINES:
        known = ", ".join(["auto", *_ENGINES])
        raise InvalidSettings(f"There is no phone recogniser {name!r}. There are: {known}.")
    module, _, attribute = _ENGINES[name].partition(":")
    engine: PhoneRecognizer = getattr(import_module(module), attribute)(**options)
    return engine
