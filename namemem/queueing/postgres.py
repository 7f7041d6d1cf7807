"""procrastinate: carries job ids over PostgreSQL to `namemem worker` processes.

Its tables are in a schema of their own, `namemem_queue`, in the same database: so a job is stored
and announced in one transaction. It is told the job's id and nothing else; names and recordings
are in the table `jobs` alone.

When a worker dies, its heartbeat to procrastinate ends; another worker gives its jobs back to the
queue, and takes them when the lease in `jobs` is over.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import make_url

from namemem.errors import EngineUnavailable, InvalidSettings, NamememError, StoreUnavailable
from namemem.service import Service
from namemem.store import HeldJob, Repository

if TYPE_CHECKING:
    import procrastinate
    import psycopg

_log = logging.getLogger(__name__)
SCHEMA = "namemem_queue"
QUEUE = "introductions"
TASK = "namemem.hear"
_LOCK = 0x6E616D7175657565  # "namqueue" in ASCII, as PostgreSQL's lock number
_SEARCH_PATH = (
    f"SELECT set_config('search_path', '{SCHEMA}, ' || current_setting('search_path'), false)"
)
_FOR_TRANSACTION = _SEARCH_PATH.replace("false", "true")


def conninfo(url: str) -> str:
    """A database URL as PostgreSQL's own library reads it.

    Raises:
        InvalidSettings: it is not PostgreSQL's.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise InvalidSettings(
            "The queue between machines needs PostgreSQL: set NAMEMEM_DATABASE_URL to "
            "postgresql://…, or NAMEMEM_HEARING=local."
        )
    return parsed.set(drivername="postgresql").render_as_string(hide_password=False)


def _procrastinate() -> Any:
    try:
        import procrastinate
    except ImportError as error:
        raise EngineUnavailable(
            "The queue between machines needs procrastinate: pip install 'namemem[queue]'."
        ) from error
    return procrastinate


def install(url: str) -> None:
    """Makes the queue's tables, or brings them to the installed procrastinate; else nothing.

    Several processes may call it at once: one works, the others wait.

    Raises:
        EngineUnavailable: procrastinate is not installed.
        StoreUnavailable: the database does not answer, or refuses.
    """
    from importlib import resources

    _procrastinate()
    import psycopg

    steps = resources.files("procrastinate.sql") / "migrations"
    known = sorted(f.name for f in steps.iterdir() if f.name.endswith(".sql"))
    with _translated(), psycopg.connect(conninfo(url), connect_timeout=10) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        if _is_current(connection, known):
            return
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        connection.execute(f"SET LOCAL search_path = {SCHEMA}")
        connection.execute("CREATE TABLE IF NOT EXISTS applied (step text PRIMARY KEY)")
        applied = {row[0] for row in connection.execute("SELECT step FROM applied")}
        missing = [step for step in known if step not in applied]
        if applied:
            files = [steps / step for step in missing]
        else:
            files = [resources.files("procrastinate.sql") / "schema.sql"]
        for file in files:  # all of them in this one transaction
            connection.execute(file.read_text(encoding="utf-8").encode())
        for step in missing:
            connection.execute("INSERT INTO applied (step) VALUES (%s)", (step,))


def _is_current(connection: psycopg.Connection, known: list[str]) -> bool:
    there = connection.execute("SELECT to_regclass(%s)", (f"{SCHEMA}.applied",)).fetchone()
    if there is None or there[0] is None:
        return False
    applied = connection.execute(f"SELECT step FROM {SCHEMA}.applied")  # noqa: S608 - a constant
    return set(known) <= {row[0] for row in applied}


def workers_alive(url: str, within_seconds: float) -> int:
    """How many worker processes have given a sign of life.

    Raises:
        StoreUnavailable: the database does not answer, or has no queue yet.
    """
    import psycopg

    with _translated(), psycopg.connect(conninfo(url), connect_timeout=5) as connection:
        row = connection.execute(
            f"SELECT count(*) FROM {SCHEMA}.procrastinate_workers"  # noqa: S608 - a constant
            " WHERE last_heartbeat > now() - make_interval(secs => %s)",
            (within_seconds,),
        ).fetchone()
        return 0 if row is None else int(row[0])


class PostgresQueue:
    """A service's `Queue`: announces jobs in the transaction that stores them."""

    def __init__(self, url: str) -> None:
        library = _procrastinate()
        # Never opened: it writes through the connection of the transaction.
        self._app: procrastinate.App = library.App(
            connector=library.SyncPsycopgConnector(conninfo=conninfo(url))
        )
        self._already: type[Exception] = library.exceptions.AlreadyEnqueued
        self._failed: type[Exception] = library.exceptions.ConnectorException

    def put(
        self, repo: Repository, job_id: str, *, priority: int, at: datetime | None = None
    ) -> None:
        """In the transaction that queues the job. One that is announced already stays so."""
        connection = repo.driver_connection()
        task = self._app.configure_task(
            TASK, queue=QUEUE, queueing_lock=job_id, priority=priority, schedule_at=at,
            connection=connection,
        )  # fmt: skip
        with _translated():
            before = connection.execute("SELECT current_setting('search_path')").fetchone()
            connection.execute(_FOR_TRANSACTION)
            try:
                with contextlib.suppress(self._already), connection.transaction():
                    task.defer(job_id=job_id)
            except self._failed as error:
                raise StoreUnavailable(
                    "The queue does not take the job. Are its tables there? Run "
                    "`namemem db upgrade`.",
                    reason="not_upgraded",
                ) from error
            connection.execute("SELECT set_config('search_path', %s, true)", before)

    def wake(self) -> None:
        """PostgreSQL has notified the workers."""


class QueueWorker:
    """Does jobs that come by procrastinate, several at once.

    Args:
        service: does them, with its own engines.
        url: of the database.
        concurrency: how many at once.
        stop_seconds: given to those being heard when it is told to stop; then they are let go.
    """

    def __init__(
        self, service: Service, url: str, concurrency: int, *, stop_seconds: float = 8.0
    ) -> None:
        library = _procrastinate()
        self._service = service
        self._concurrency = concurrency
        self._stop_seconds = stop_seconds
        self._lease = service.job_policy.lease_seconds
        self._gone: type[Exception] = library.exceptions.ConnectorException
        self._app: procrastinate.App = library.App(
            connector=library.PsycopgConnector(
                conninfo=conninfo(url),
                configure=_use_schema,
                min_size=1,
                max_size=max(4, concurrency + 2),
            )
        )
        self._app.task(name=TASK, queue=QUEUE)(self._hear)

    async def run(self) -> None:
        """Works until SIGTERM or SIGINT, or until it is cancelled.

        Raises:
            StoreUnavailable: the database is gone.
        """
        with _translated(), self._lost():
            async with self._app.open_async():
                rescuing = asyncio.create_task(self._rescue())
                try:
                    await self._app.run_worker_async(
                        queues=[QUEUE],
                        concurrency=self._concurrency,
                        delete_jobs="always",
                        fetch_job_polling_interval=min(5.0, self._lease / 2),
                        update_heartbeat_interval=self._lease / 3,
                        stalled_worker_timeout=self._lease,
                        shutdown_graceful_timeout=self._stop_seconds,
                    )
                finally:
                    rescuing.cancel()
                    await asyncio.gather(rescuing, return_exceptions=True)

    @contextlib.contextmanager
    def _lost(self) -> Iterator[None]:
        try:
            yield
        except self._gone as error:
            raise StoreUnavailable(
                "The queue's database is gone, or took this worker for dead. Start it again.",
                reason="unreachable",
            ) from error

    async def _hear(self, job_id: str) -> None:
        try:
            taken = await asyncio.to_thread(self._service.take, job_id)
        except NamememError as error:  # announced again when it is found to be forgotten
            _log.warning("The job %s cannot be taken: %s", job_id, error.message)
            return
        if taken is None or isinstance(taken, HeldJob):
            return
        await self._service.work(taken)

    async def _rescue(self) -> None:
        """Gives back to the queue what dead workers had, and what was never announced."""
        manager = self._app.job_manager
        while True:
            await asyncio.sleep(self._lease / 2)
            try:
                for job in await manager.get_stalled_jobs(seconds_since_heartbeat=self._lease):
                    try:
                        await manager.retry_job(job)
                    except self._gone:  # another worker did it, or it is announced anew
                        await self._drop(job)
                await manager.prune_stalled_workers(self._lease * 4)
                await asyncio.to_thread(self._announce_forgotten)
            except Exception as error:  # the database is away for a moment
                _log.warning("Looking for lost jobs failed: %s", type(error).__name__)

    async def _drop(self, job: Any) -> None:
        import procrastinate.jobs

        with contextlib.suppress(self._gone):
            status = await self._app.job_manager.get_job_status_async(job.id)
            if status is procrastinate.jobs.Status.DOING:
                await self._app.job_manager.finish_job_by_id_async(
                    job.id, procrastinate.jobs.Status.FAILED, delete_job=True
                )

    def _announce_forgotten(self) -> None:
        with self._service.store.transaction() as repo:
            for job_id, priority in repo.unannounced_jobs(SCHEMA, self._lease):
                self._service.queue.put(repo, job_id, priority=priority)


async def _use_schema(connection: psycopg.AsyncConnection) -> None:
    await connection.execute(_SEARCH_PATH)
    await connection.commit()


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """What the driver raises → `StoreUnavailable`; no text of the database reaches a message."""
    import psycopg

    try:
        yield
    except psycopg.Error as error:
        missing = isinstance(
            error, psycopg.errors.UndefinedTable | psycopg.errors.InvalidSchemaName
        )
        refused = isinstance(error, psycopg.errors.InsufficientPrivilege)
        raise StoreUnavailable(
            "The queue's tables are not there. Run `namemem db upgrade`."
            if missing
            else f"The database user may not make the schema {SCHEMA}. Let its owner run "
            "`namemem db upgrade`."
            if refused
            else "The queue's database does not answer. Is it running, and is "
            "NAMEMEM_DATABASE_URL right?",
            reason="not_upgraded" if missing or refused else "unreachable",
        ) from error
