"""Hearing in worker processes: bounded, fair, off the event loop, replaced when one dies or sticks.

pocketsphinx holds Python's lock while it decodes, so threads would stop the server for seconds;
and an audio file that crashes a codec takes down one worker, not the service.

    jobs      what is heard, by whom, and what comes of it
    waiting   whose turn it is (pure)
    process   what runs in a worker process
    liveness  whether a process is stuck, or only gets too little of a busy machine
    seat      one worker process, from the server's side
    pool      all of them: `WorkerPool`
"""

from namemem.workers.jobs import Heard, Hearer, Job, PoolState, PoolStats, hear_job
from namemem.workers.pool import DEADLINE, WorkerPool
from namemem.workers.process import Builder

__all__ = [
    "DEADLINE",
    "Builder",
    "Heard",
    "Hearer",
    "Job",
    "PoolState",
    "PoolStats",
    "WorkerPool",
    "hear_job",
]
