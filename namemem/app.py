"""The web application: `create_app(settings)`, its lifespan, limits and routes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Any

from fastapi import Depends, FastAPI
from fastapi_offline import FastAPIOffline
from starlette.formparsers import MultiPartParser
from starlette.middleware.cors import CORSMiddleware

from namemem import __version__, bootstrap
from namemem.api import documentation
from namemem.api import errors as api_errors
from namemem.api.body_limits import BodyLimits
from namemem.api.guard import Guard
from namemem.api.misspelt_fields import refuse_misspelt
from namemem.api.rates import RateLimits
from namemem.api.routes import ROUTERS
from namemem.api.secure_headers import SecureHeaders
from namemem.errors import NamememError
from namemem.name_spotting import spot
from namemem.observing import AttendedHearer, Metrics, Observing
from namemem.queueing import QueueHearer
from namemem.review import create_review
from namemem.service.readiness import Prober
from namemem.service.throttling import Throttle
from namemem.settings import Settings, load_settings
from namemem.workers import Hearer, WorkerPool

_log = logging.getLogger(__name__)
_SWEEP_EVERY = 600.0  # seconds between sweeps of expired recordings
_SENT_BY_PAGES = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "Prefer",
    "X-Namemem-User",
    "X-Request-ID",
)
_READ_BY_PAGES = (
    "ETag",
    "Lexicon-Entries",
    "Lexicon-Left-Out",
    "Lexicon-Parts",
    "Link",
    "Location",
    "Preference-Applied",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "WWW-Authenticate",
    "X-Request-ID",
)
_DESCRIPTION = """
Remembers how people say their own names, and tells any text-to-speech system.

Send a recording of "Hi, my name is Siobhan" to `POST /v1/introductions`; ask
`GET /v1/people/{id}/pronunciation?target=…` for what your TTS accepts. Errors are
`application/problem+json`; `detail` says how to mend them.

`WS /v1/listen?sample_rate=16000&target=…` takes a microphone live: binary frames of 16-bit
little-endian mono PCM in, `{"type": "introduction", …}` with the body of the route above out.
OpenAPI has no word for WebSockets; its messages are in `docs/listening.md`.
"""


def create_app(settings: Settings | None = None, engines: Hearer | None = None) -> FastAPI:
    """The application.

    Args:
        settings: read from the environment when not given.
        engines: who hears; worker processes with the settings' engines when not given.
            `namemem.testing.FakeHearer` hears without any audio engine.

    Raises:
        InvalidSettings: a setting that cannot be.
    """
    settings = settings or load_settings()
    hearer: Hearer = engines or bootstrap.build_hearer(settings)
    tracing = bootstrap.build_tracing(settings)
    attended = AttendedHearer(hearer, tracing)
    service = bootstrap.build_service(settings, attended)
    metrics = attended.metrics = Metrics(
        state=attended.state, stats=attended.stats, names_by_status=service.store.names_by_status
    )
    background = bootstrap.build_background(settings, service)
    # A recording stays in memory: Starlette would put one over 1 MB into a temporary file.
    MultiPartParser.spool_max_size = service.policy.max_bytes + 1

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await asyncio.to_thread(service.store.upgrade)
        await asyncio.to_thread(bootstrap.prepare_queue, settings)
        if isinstance(hearer, WorkerPool):
            hearer.start()
        tasks: list[asyncio.Task[Any]] = [asyncio.create_task(run()) for run in background]
        tasks.append(asyncio.create_task(_sweep(service.sweep)))
        # Reading the phrase books takes a second: not in the first request that needs them.
        tasks.append(asyncio.create_task(asyncio.to_thread(spot, "I'm Anna.")))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if isinstance(hearer, WorkerPool):
                await asyncio.to_thread(hearer.stop)
            if isinstance(hearer, QueueHearer):
                hearer.close()
            service.store.close()
            await asyncio.to_thread(tracing.close)

    app = FastAPIOffline(
        title="namemem",
        version=__version__,
        description=_DESCRIPTION,
        lifespan=lifespan,
        license_info={"name": "GPL-3.0-or-later", "identifier": "GPL-3.0-or-later"},
    )
    app.state.service = service
    app.state.prober = Prober(service)
    app.state.metrics = metrics
    app.state.metrics_token = settings.metrics_token.get_secret_value()
    app.state.keyring = bootstrap.build_keyring(settings, service.store)
    app.state.throttle = Throttle(settings.wrong_keys_per_minute)
    rates = RateLimits(bootstrap.build_rates(settings))
    app.state.listeners = bootstrap.build_listeners(settings, rates)
    api_errors.install(app)
    for router in ROUTERS:
        app.include_router(router, dependencies=[Depends(refuse_misspelt)])
    documentation.install(app)
    studio = create_review(
        service,
        app.state.keyring,
        app.state.throttle,
        api_errors.lookup,
        https=settings.behind_https,
    )
    app.mount("/review", studio)
    app.add_middleware(BodyLimits, bounds=bootstrap.build_bounds(settings))
    _guard(app, settings, rates)
    app.add_middleware(Observing, metrics=metrics, tracing=tracing)  # the first to meet a request
    return app


def _guard(app: FastAPI, settings: Settings, rates: RateLimits) -> None:
    """Keys, limits and headers; the last one added is the first that a request meets."""
    app.add_middleware(
        Guard,
        api=app,
        limits=rates,
        anywhere=settings.allow_anonymous,
        origins=settings.cors_origins,
    )
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=("GET", "POST", "PATCH", "DELETE"),
            allow_headers=_SENT_BY_PAGES,
            expose_headers=_READ_BY_PAGES,
            max_age=600,
        )
    app.add_middleware(SecureHeaders, https=settings.behind_https)


async def _sweep(sweep: Any) -> None:
    """Erases expired recordings now and then; a failing database is tried again."""
    while True:
        try:
            await asyncio.to_thread(sweep)
        except NamememError as error:
            _log.warning("Expired recordings could not be erased: %s", error.message)
        except Exception as error:  # it must go on; the message may quote a value
            _log.error("Expired recordings could not be erased: %s", type(error).__name__)
        await asyncio.sleep(_SWEEP_EVERY)
