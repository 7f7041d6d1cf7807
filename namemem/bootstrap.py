"""Settings → engines, store and service. The only place that knows which engines there are."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from namemem import weights
from namemem.asr import choose_transcriber
from namemem.audio.voice_activity import SileroModel
from namemem.errors import InvalidSettings
from namemem.g2p import Candidates
from namemem.introductions import Ear
from namemem.observing.tracing import NoTracing, OpenTelemetryTracing, Tracing
from namemem.phone_recognition import choose, engine_names
from namemem.service import Service
from namemem.service.access import Keyring
from namemem.service.base import Policy
from namemem.service.queueing import JobPolicy
from namemem.settings import Settings
from namemem.store import Store
from namemem.store.sealing import ClipSealer, read_key
from namemem.tts.preview_engines import preview
from namemem.webhooks import secret_bytes
from namemem.weights import Progress
from namemem.workers import Builder, Hearer, WorkerPool

if TYPE_CHECKING:  # the web server's packages are not for worker processes
    from namemem.api.body_limits import Bounds
    from namemem.api.rates import RateLimits, Rates
    from namemem.api.routes.listening import Listeners
    from namemem.connections import ConnectionLimits

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
    return Ear(transcriber, recognizer, Candidates(), SileroModel()), notes


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
        require_consent=settings.require_consent_for_audio,
        scrub_after=timedelta(minutes=settings.scrub_minutes),
        audit_ttl=timedelta(days=settings.audit_days) if settings.audit_days else None,
    )


def build_bounds(settings: Settings) -> Bounds:
    """Limits of request bodies from the settings."""
    from namemem.api.body_limits import Bounds

    return Bounds(
        # Room for the multipart frame and the other form fields around the audio.
        max_upload=int(settings.max_upload_mb * 1_000_000) + 200_000,
        max_json=settings.max_json_kb * 1000,
        max_together=settings.max_uploads_mb * 1_000_000,
        total_seconds=settings.upload_seconds,
        stall_seconds=settings.stall_seconds,
    )


def build_connection_limits(settings: Settings) -> ConnectionLimits:
    """Limits of the server's connections from the settings."""
    from namemem.connections import ConnectionLimits

    return ConnectionLimits(
        header_seconds=settings.header_seconds,
        header_bytes=settings.max_header_kb * 1000,
        # A little longer than the middleware, which can say why.
        body_seconds=settings.upload_seconds + settings.stall_seconds,
        stall_seconds=settings.stall_seconds,
        connections=settings.max_connections,
    )


def build_rates(settings: Settings) -> Rates:
    """How much one key may ask for, from the settings."""
    from namemem.api.rates import Rates

    return Rates(settings.rate_limit, settings.rate_limit_introductions)


def build_keyring(settings: Settings, store: Store) -> Keyring:
    """The keys of the settings and of the database."""
    return Keyring(store, settings.api_keys)


def build_sealer(settings: Settings) -> ClipSealer:
    """What encrypts kept recordings. Raises `InvalidSettings` where a key is none."""
    key = read_key(settings.clip_key) if settings.clip_key.strip() else None
    old = [read_key(one, "NAMEMEM_CLIP_OLD_KEYS") for one in settings.clip_old_keys]
    return ClipSealer(key, old)


def build_listeners(settings: Settings, rates: RateLimits) -> Listeners:
    """Who listens live, within the settings' limits."""
    from namemem.api.routes.listening import Listeners, ListeningLimits

    limits = ListeningLimits(
        listeners=settings.max_listeners, idle_seconds=settings.listen_idle_seconds
    )
    return Listeners(limits, settings.max_audio_seconds, rates)


def build_store(settings: Settings) -> Store:
    """The settings' database. Raises `InvalidSettings` where a key of the clips is none."""
    return Store(settings.url, sealer=build_sealer(settings))


def build_tracing(settings: Settings) -> Tracing:
    """Traces as the settings ask for them. Raises `InvalidSettings` without the extra `otel`."""
    return OpenTelemetryTracing() if settings.traces == "otlp" else NoTracing()


def build_pool(settings: Settings) -> WorkerPool:
    """The worker processes that hear, not yet started."""
    return WorkerPool(
        partial(prepare, settings),
        workers=settings.worker_count,
        queue_size=settings.queue_size,
        deadline=settings.deadline_seconds,
        probe_seconds=settings.probe_seconds,
        nice=settings.worker_nice,
    )


def build_hearer(settings: Settings) -> Hearer:
    """Who hears: this server's workers, or those of other machines. Not yet started.

    Raises:
        InvalidSettings: a queue between machines on SQLite.
        EngineUnavailable: a queue between machines, and procrastinate is not installed.
    """
    if settings.hearing == "local":
        return build_pool(settings)
    from namemem.queueing import QueueHearer, postgres

    return QueueHearer(
        build_store(settings),
        postgres.PostgresQueue(settings.url),
        deadline=settings.deadline_seconds,
        workers=partial(postgres.workers_alive, settings.url, 2 * settings.job_lease_seconds),
    )


def build_background(
    settings: Settings, service: Service
) -> tuple[Callable[[], Coroutine[None, None, None]], ...]:
    """What the server does beside answering, each to be run until it is cancelled.

    Tells the service who does what waits: this server, or, by a queue, others.
    """
    from namemem.queueing import LocalRunner, Reports, Upkeep, postgres

    service.job_policy = build_job_policy(settings)
    if settings.hearing == "queue":
        service.queue = postgres.PostgresQueue(settings.url)
        return ()
    service.queue = runner = LocalRunner(service, settings.worker_count)
    return runner.run, Reports(service).run, Upkeep(service).run


def prepare_queue(settings: Settings) -> None:
    """Makes the tables of the queue between machines, where there is one.

    Raises:
        StoreUnavailable: the database does not answer, or refuses.
    """
    if settings.hearing == "queue":
        from namemem.queueing import postgres

        postgres.install(settings.url)


def build_job_policy(settings: Settings) -> JobPolicy:
    """Limits of what waits, from the settings."""
    return JobPolicy(
        lease_seconds=settings.job_lease_seconds,
        tries=settings.job_tries,
        ttl=timedelta(hours=settings.job_ttl_hours),
        max_queued=settings.max_queued,
        webhook_secrets={s: secret_bytes(t) for s, t in settings.webhook_secrets.items()},
        webhook_private=settings.webhook_private,
    )


def build_service(settings: Settings, hearer: Hearer) -> Service:
    """The service on the settings' database."""
    store = build_store(settings)
    voice = preview(settings.preview_engine, settings.preview_model, settings.preview_voices)
    return Service(store, hearer, Candidates(), voice, build_policy(settings))
