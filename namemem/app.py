"""The web application: `create_app(settings)`, its lifespan, limits and routes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Any

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from namemem import __version__, bootstrap
from namemem.api import documentation
from namemem.api import errors as api_errors
from namemem.api.routes import ROUTERS
from namemem.errors import AudioTooLarge, NamememError
from namemem.review import create_review
from namemem.settings import Settings, load_settings
from namemem.workers import Hearer, WorkerPool

_log = logging.getLogger(__name__)
_SWEEP_EVERY = 600.0  # seconds between sweeps of expired recordings
_DESCRIPTION = """
Remembers how people say their own names, and tells any text-to-speech system.

Send a recording of "Hi, my name is Siobhan" to `POST /v1/introductions`; ask
`GET /v1/people/{id}/pronunciation?target=…` for what your TTS accepts. Errors are
`application/problem+json`; `detail` says how to mend them.
"""


class BodyLimit:
    """Stops reading a request body at a limit, whatever its headers say (ASGI middleware)."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self.app = app
        self.max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers 413 as soon as more than the limit has come."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        too_large = declared.isdigit() and int(declared) > self.max_bytes
        received = 0
        started = False

        async def counted() -> Message:
            nonlocal received, too_large
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.max_bytes:
                too_large = True
                return {"type": "http.disconnect"}
            return message

        async def watched(message: Message) -> None:
            nonlocal started
            if too_large and not started:
                return  # the 413 below takes its place
            started = True
            await send(message)

        if not too_large:
            # What reading half a body raises is of no interest once the limit is passed.
            try:
                await self.app(scope, counted, watched)
            except Exception:
                if not too_large:
                    raise
        if too_large and not started:
            error = AudioTooLarge(
                f"The upload is larger than {self.max_bytes} bytes. Send a shorter recording, or "
                "a compressed format such as ogg/opus.",
                max_bytes=self.max_bytes,
            )
            await api_errors.problem_of(error, scope["path"])(scope, receive, send)


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
    hearer: Hearer = engines or bootstrap.build_pool(settings)
    service = bootstrap.build_service(settings, hearer)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await asyncio.to_thread(service.store.upgrade)
        if isinstance(hearer, WorkerPool):
            hearer.start()
        sweeper = asyncio.create_task(_sweep(service.sweep))
        try:
            yield
        finally:
            sweeper.cancel()
            if isinstance(hearer, WorkerPool):
                await asyncio.to_thread(hearer.stop)
            service.store.close()

    app = FastAPIOffline(
        title="namemem",
        version=__version__,
        description=_DESCRIPTION,
        lifespan=lifespan,
        license_info={"name": "GPL-3.0-or-later", "identifier": "GPL-3.0-or-later"},
    )
    app.state.service = service
    app.state.api_keys = dict(settings.api_keys)
    api_errors.install(app)
    for router in ROUTERS:
        app.include_router(router)
    documentation.install(app)
    app.mount("/review", create_review(service, settings.api_keys, api_errors.lookup))
    # Room for the multipart frame and the other form fields around the audio.
    app.add_middleware(BodyLimit, max_bytes=service.policy.max_bytes + 200_000)
    return app


async def _sweep(sweep: Any) -> None:
    """Erases expired recordings now and then; a failing database is tried again."""
    while True:
        try:
            await asyncio.to_thread(sweep)
        except NamememError as error:
            _log.warning("Expired recordings could not be erased: %s", error.message)
        await asyncio.sleep(_SWEEP_EVERY)
