"""Settings → engines, store and service. The only place that knows which engines there are."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial
from pathlib import Path

from namemem import weights
from namemem.asr import choose_transcriber
from namemem.errors import InvalidSettings
from namemem.g2p import Candidates
from namemem.introductions import Ear
from namemem.phone_recognition import choose, engine_names
from namemem.service import Service
from namemem.service.base import Policy
from namemem.settings import Settings
from namemem.store import Store
from namemem.tts.preview_engines import preview
from namemem.weights import Progress
from namemem.workers import Builder, Hearer, WorkerPool

_log = logging.getLogger(__name__)


def build_ear(settings: Settings, progress: Progress | None = None) -> tuple[Ear, tuple[str, ...]]:
    """The engines that the settings ask for, not yet loaded, and remarks on the choice.

    Args:
        settings: which engines, and where models are.
        progress: told about a download of weights.

    Raises:
        EngineUnavailable: an engine was asked for by name and cannot be had.
        InvalidSettings: no engine of that name.
    """
    transcriber, why = choose_transcriber(
        settings.transcriber,
        settings.whisper_model,
        cache=model_cache(settings),
        fetch=settings.fetch_models,
        progress=progress,
    )
    recognizer, reason = choose(
        settings.phone_recognizer,
        encoder=settings.phone_encoder,
        checkpoint=settings.phone_checkpoint,
        device=settings.phone_device,
        cache=model_cache(settings),
        fetch=settings.fetch_models,
        progress=progress,
    )
    notes = (f"Words: {why}.".replace("..", "."), f"Phones: {reason}.".replace("..", "."))
    return Ear(transcriber, recognizer, Candidates()), notes


def check(settings: Settings) -> None:
    """Finds settings that cannot be right before anything starts; asks nobody on the network.

    Raises:
        InvalidSettings: an engine that does not exist, or a model that is neither an official
            name nor a file.
        EngineUnavailable: an engine asked for by name whose packages are not installed.
    """
    if settings.phone_recognizer not in ("auto", *engine_names()):
        known = ", ".join(["auto", *engine_names()])
        raise InvalidSettings(
            f"NAMEMEM_PHONE_RECOGNIZER: there is no {settings.phone_recognizer!r}; there are: "
            f"{known}."
        )
    for variable, model in (
        ("NAMEMEM_WHISPER_MODEL", settings.whisper_model),
        ("NAMEMEM_PHONE_ENCODER", settings.phone_encoder),
    ):
        path = Path(model).expanduser()
        looks_like_path = "/" in model or path.suffix == ".pt"
        if looks_like_path and not path.is_file():
            raise InvalidSettings(f"{variable}: there is no file {model}.")
        official = weights.official_models()
        if not looks_like_path and official and model not in official:
            names = ", ".join(official)
            raise InvalidSettings(f"{variable}: {model!r} is no Whisper model; there are: {names}.")


def model_cache(settings: Settings) -> Path | None:
    """Where fetched weights are kept: Whisper's own cache, which other programs share."""
    return None


def prepare(settings: Settings) -> Builder:
    """Settles once which engines it will be, so that no two workers fetch the same weights."""
    ear, notes = build_ear(settings)
    for note in notes:
        _log.info(note)
    settled = settings.model_copy(
        update={
            "transcriber": ear.transcriber.name,
            "phone_recognizer": ear.recognizer.name,
            "fetch_models": False,
        }
    )
    return partial(_build_settled, settled, notes)


def _build_settled(settings: Settings, notes: tuple[str, ...]) -> tuple[Ear, tuple[str, ...]]:
    return build_ear(settings)[0], notes


def build_policy(settings: Settings) -> Policy:
    """Limits and habits from the settings."""
    return Policy(
        max_seconds=settings.max_audio_seconds,
        max_bytes=int(settings.max_upload_mb * 1_000_000),
        keep_audio=settings.keep_audio,
        audio_ttl=timedelta(days=settings.audio_ttl_days),
    )


def build_pool(settings: Settings) -> WorkerPool:
    """The worker processes that hear, not yet started."""
    return WorkerPool(
        partial(prepare, settings),
        workers=settings.worker_count,
        queue_size=settings.queue_size,
    )


def build_service(settings: Settings, hearer: Hearer) -> Service:
    """The service on the settings' database."""
    store = Store(settings.url)
    voice = preview(settings.preview_engine, settings.preview_model, settings.preview_voices)
    return Service(store, hearer, Candidates(), voice, build_policy(settings))
