"""`namemem worker`: hears what API servers have queued, on this machine's processors."""

from __future__ import annotations

import asyncio
import logging

from namemem import bootstrap
from namemem.errors import InvalidSettings, StoreUnavailable
from namemem.queueing import Reports, Upkeep, postgres
from namemem.settings import Settings
from namemem.workers import Hearer, WorkerPool

_log = logging.getLogger(__name__)
_EVERY = 0.2  # seconds between looks whether the engines are loaded


def run(settings: Settings, *, hearer: Hearer | None = None) -> None:
    """Works until SIGTERM or SIGINT; what is being heard then is given back after some seconds.

    Args:
        settings: the same as the API servers', but for `workers`: recordings heard at once.
        hearer: who hears; worker processes with the settings' engines when not given.

    Raises:
        InvalidSettings: the database is not PostgreSQL, or `hearing` is not `queue`.
        EngineUnavailable: an engine cannot be loaded, or procrastinate is not installed.
        StoreUnavailable: the database does not answer (any more).
    """
    if settings.hearing != "queue":
        raise InvalidSettings(
            "NAMEMEM_HEARING is local: the API server hears by itself, and leaves nothing to "
            "workers. Set NAMEMEM_HEARING=queue for both."
        )
    postgres.conninfo(settings.url)
    asyncio.run(_work(settings, hearer or bootstrap.build_pool(settings)))


async def _work(settings: Settings, hearer: Hearer) -> None:
    service = bootstrap.build_service(settings, hearer)
    bootstrap.build_background(settings, service)
    pool = hearer if isinstance(hearer, WorkerPool) else None
    beside: list[asyncio.Task[None]] = []
    try:
        await asyncio.to_thread(service.store.upgrade)
        await asyncio.to_thread(bootstrap.prepare_queue, settings)
        if pool is not None:
            pool.start()
            await _loaded(pool)
        _log.info("Hearing %d recordings at once.", settings.worker_count)
        beside = [asyncio.create_task(run()) for run in (Reports(service).run, Upkeep(service).run)]
        await postgres.QueueWorker(service, settings.url, settings.worker_count).run()
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        if pool is not None:
            await asyncio.to_thread(pool.stop)
        service.store.close()


async def _loaded(pool: WorkerPool) -> None:
    """Returns when somebody can hear: until then jobs are better taken by other workers."""
    told = ""
    while not (state := pool.state()).ready:
        if state.problem and state.problem != told:
            told = state.problem
            _log.info("Not ready yet: %s", told)
        await asyncio.sleep(_EVERY)


def upgrade_queue(settings: Settings) -> str | None:
    """Makes or upgrades the queue's tables where there is a queue; what was done, in words."""
    if settings.hearing != "queue":
        return None
    try:
        bootstrap.prepare_queue(settings)
    except StoreUnavailable as error:
        raise StoreUnavailable(f"The queue: {error.message}", **error.details) from error
    return f"The queue's tables (schema {postgres.SCHEMA}) are up to date."
