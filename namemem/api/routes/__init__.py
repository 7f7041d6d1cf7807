"""One router a subject."""

from namemem.api.routes import converting, introductions, lexicons, names, people, running, saying

ROUTERS = (
    introductions.router,
    people.router,
    names.router,
    saying.router,
    lexicons.router,
    converting.router,
    running.router,
)

__all__ = ["ROUTERS"]
