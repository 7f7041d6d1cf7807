"""One router a subject."""

from namemem.api.routes import (
    auditing,
    consenting,
    converting,
    identifying,
    introductions,
    jobs,
    lexicons,
    listening,
    names,
    observing,
    people,
    running,
    saying,
)

ROUTERS = (
    introductions.router,
    listening.router,
    jobs.router,
    identifying.router,
    people.router,
    names.router,
    saying.router,
    lexicons.router,
    converting.router,
    consenting.router,
    running.router,
    observing.router,
    auditing.router,
)

__all__ = ["ROUTERS"]
