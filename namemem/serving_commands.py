"""What runs until it is stopped: `namemem serve` and `namemem worker`."""

from __future__ import annotations

import logging
from typing import Annotated

import typer

from namemem.key_commands import check_reach
from namemem.terminal import err, settings_or_fail

_SHUTDOWN_SECONDS = 8  # for what is being heard; container runtimes kill after ten
_log = logging.getLogger(__name__)


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port.")] = 8000,
    workers: Annotated[
        int | None, typer.Option(min=0, max=64, help="Introductions heard at the same time.")
    ] = None,
    allow_anonymous: Annotated[
        bool, typer.Option("--allow-anonymous", help="Without any key, serve everybody.")
    ] = False,
) -> None:
    """Serve the HTTP API; /docs shows it."""
    import uvicorn

    from namemem import bootstrap
    from namemem.api.routes.listening import LARGEST_FRAME
    from namemem.app import create_app
    from namemem.connections import bounded_protocol
    from namemem.logs import configure

    settings = settings_or_fail()
    if workers is not None:
        settings = settings.model_copy(update={"workers": workers})
    configure(settings.log_level, settings.log_format)
    _log_misspelt()
    if allow_anonymous:
        settings = settings.model_copy(update={"allow_anonymous": True})
    bootstrap.check(settings)
    application = create_app(settings)
    application.state.service.store.upgrade()  # what is wrong with the database stops the start
    said = check_reach(application.state.keyring, host, anonymous=settings.allow_anonymous)
    if said:
        err.print(said, markup=False, soft_wrap=True)
    uvicorn.run(
        application,
        host=host,
        port=port,
        log_config=None,
        access_log=False,  # ours shows route templates
        server_header=False,
        http=bounded_protocol(bootstrap.build_connection_limits(settings)),
        timeout_keep_alive=settings.keep_alive_seconds,
        ws_max_size=LARGEST_FRAME,
        ws_per_message_deflate=False,  # PCM does not get smaller, and every connection larger
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )


def worker(
    concurrency: Annotated[
        int | None, typer.Option(min=1, max=64, help="Recordings heard at the same time.")
    ] = None,
) -> None:
    """Hear what API servers have queued in PostgreSQL (NAMEMEM_HEARING=queue)."""
    from namemem import bootstrap, worker_command
    from namemem.logs import configure

    settings = settings_or_fail()
    if concurrency is not None:
        settings = settings.model_copy(update={"workers": concurrency})
    configure(settings.log_level, settings.log_format)
    _log_misspelt()
    bootstrap.check(settings)
    worker_command.run(settings)


def _log_misspelt() -> None:
    from namemem.misspelt import misspelt_settings

    for sentence in misspelt_settings():
        _log.warning("%s", sentence)
