"""One router a subject."""

from namemem.api.routes import introductions, names, people, running, saying

ROUTERS = (
    introductions.router,
    people.router,
    names.router,
    saying.router,
    running.router,
)

__all__ = ["ROUTERS"]
