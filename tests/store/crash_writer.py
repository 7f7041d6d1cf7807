"""Writers that are killed: started once, then a new process group of them for each line it reads.

Arguments: the database's URL, how many writers are in a group. For a line `PREFIX SEED` it prints
the group's process ids and then what the writers do: each prints a step before it begins it and,
once it is acknowledged, what is stored of that person. A line is one write, so that a killed
writer leaves no half of one.

With a third argument, a number, it writes that many steps in this process and ends; with a fourth,
`unsafe`, without waiting for the disk.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
import traceback
from itertools import islice

from plugins import unattended
from sqlalchemy import event
from sqlalchemy.pool import Pool

from namemem.errors import StoreUnavailable


def say(**what: object) -> None:
    os.write(1, (json.dumps(what) + "\n").encode())


def write(url: str, prefix: str, seed: int, most: int = 1_000_000) -> None:
    service = unattended.service_on(url)
    for number, step in enumerate(unattended.steps(prefix, seed)):
        if number == most:
            return
        say(begins=step)
        unattended.do(service, step)
        say(done=step, state=unattended.state(service, step["external_id"]))


def group(url: str, prefix: str, seed: int, writers: int) -> None:
    """In a process group of its own, whose leader does nothing but wait to be killed."""
    os.setsid()
    begin, told = os.pipe()
    pids = [one for n in range(writers) if (one := writer(url, f"{prefix}-{n}", seed + n, begin))]
    say(group=os.getpid(), writers=pids)
    os.write(told, b"!" * writers)
    time.sleep(600)


def writer(url: str, prefix: str, seed: int, begin: int) -> int:
    """Forks one, which waits for a byte before it begins; its process id."""
    if (pid := os.fork()) != 0:
        return pid
    try:
        os.read(begin, 1)
        write(url, prefix, seed)
    except StoreUnavailable as error:  # the database was killed first
        say(lost=str(error.details.get("reason")))
    except BaseException:
        say(broken=traceback.format_exc())
    os._exit(0)


def warm_up() -> None:
    """Imports what is imported late, so that the groups need not."""
    with tempfile.TemporaryDirectory() as directory:
        database = f"sqlite:///{directory}/namemem.db"
        service = unattended.service_on(database)
        service.store.upgrade()
        for step in islice(unattended.steps("warm", 1), 3):
            unattended.do(service, step)
            unattended.state(service, step["external_id"])
        service.store.close()


def main() -> None:
    url, writers = sys.argv[1], int(sys.argv[2])
    if len(sys.argv) > 3:
        if "unsafe" in sys.argv:
            event.listen(Pool, "checkout", lambda c, *_: c.execute("PRAGMA synchronous = OFF"))
        write(url, "direct", 1, int(sys.argv[3]))
        return
    warm_up()
    say(ready=True)
    for line in sys.stdin:
        prefix, seed = line.split()
        child = os.fork()
        if child == 0:
            group(url, prefix, int(seed), writers)
        os.waitpid(child, 0)  # until the test has killed the group
        say(over=prefix)


main()
