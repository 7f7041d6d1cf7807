"""Who does what waits: this process, or `namemem worker` processes on other machines.

    local      this process takes jobs from the table itself
    postgres   procrastinate carries job ids over PostgreSQL to whoever runs `namemem worker`
    hearer     hears what cannot wait (a synchronous request) through the same queue
    reports    sends webhooks when jobs have ended
    upkeep     gives up what waited too long

The table `jobs` says who may do what (`namemem.store.job_queries`); procrastinate only brings the
word, so that nothing is made twice should it bring it twice.
"""

from namemem.queueing.hearer import QueueHearer
from namemem.queueing.local import LocalRunner
from namemem.queueing.reports import Reports
from namemem.queueing.upkeep import Upkeep

__all__ = ["LocalRunner", "QueueHearer", "Reports", "Upkeep"]
