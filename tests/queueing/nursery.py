"""Starts API servers and workers as processes of their own, quickly: it has imported all already.

Reads `worker` and `api PORT` from its input and answers each with the id of the process, which the
test may kill. Settings come from the environment. Workers hear with a light hearer, which takes
its time and thereby gives the test something to interrupt.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys

import procrastinate  # noqa: F401 - imported before the fork
import psycopg_pool  # noqa: F401
import standardwebhooks  # noqa: F401
import uvicorn
import uvicorn.protocols.http.auto
from fastapi import FastAPI
from queueing.nursery_words import POISON
from sqlalchemy import make_url

from namemem import worker_command
from namemem.app import create_app
from namemem.settings import load_settings
from namemem.store import migrating
from namemem.testing import FakeHearer
from namemem.workers import Heard, Job


class LightHearer(FakeHearer):
    """Hears what the caller spelled; a poisonous recording ends its process."""

    async def hear(self, job: Job) -> Heard:
        await asyncio.sleep(random.uniform(0.01, 0.3))
        if job.audio.startswith(POISON):
            os.kill(os.getpid(), signal.SIGKILL)
        return await super().hear(job)


def worker() -> None:
    worker_command.run(load_settings(), hearer=LightHearer())


def api(application: FastAPI, port: int) -> None:
    uvicorn.run(application, host="127.0.0.1", port=port, log_level="warning")


def main() -> None:
    make_url("postgresql+psycopg://").get_dialect()  # what is imported late, before the fork
    migrating.head_revision()
    application = create_app(load_settings())  # connects to nothing yet
    print("ready", flush=True)
    for line in sys.stdin:
        what, *arguments = line.split()
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            sys.stdin.close()
            try:
                worker() if what == "worker" else api(application, int(arguments[0]))
            except SystemExit:
                pass
            except BaseException as error:
                print(f"{what}: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
            os._exit(0)
        print(pid, flush=True)


if __name__ == "__main__":
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever is killed leaves no zombie
    main()
