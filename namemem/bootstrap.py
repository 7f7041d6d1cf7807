"""Settings → engines, store and service. The only place that knows which engines there are."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial
from pathlib import Path

from namemem.asr import choose_transcriber
from namemem.g2p import Candidates
from namemem.introductions import Ear
from namemem.phone_recognition import choose
from namemem.service import Service
from namemem.service.base import Policy
from namemem.settings import Settings
from namemem.store import Store
from namemem.tts.preview import EspeakPreview
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
    return Service(store, hearer, Candidates(), EspeakPreview(), build_policy(settings))
