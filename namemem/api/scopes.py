"""Which scope each route needs: the one table. `docs/access.md` repeats it, and tests keep both.

A route that is not in the table needs `admin`; a test fails until it is in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute, compile_path

from namemem.service.access import SCOPES

PUBLIC: frozenset[tuple[str, str]] = frozenset(
    {
        ("GET", "/healthz"),
        ("GET", "/readyz"),
        ("GET", "/version"),
        ("GET", "/metrics"),
        ("GET", "/docs"),
        ("GET", "/docs/oauth2-redirect"),
        ("GET", "/redoc"),
        ("GET", "/openapi.json"),
    }
)
"""What tells nothing of anybody, and needs no key."""

_ANY = tuple(SCOPES)
_HEAR = ("introduce",)
_READ = ("read",)
_CHANGE = ("review",)
_ADMIN = ("admin",)

NEEDS: dict[tuple[str, str], tuple[str, ...]] = {
    ("POST", "/v1/introductions"): _HEAR,
    ("GET", "/v1/introductions/{introduction_id}"): ("introduce", "read"),
    ("POST", "/v1/introductions/{introduction_id}/confirm"): _HEAR,
    ("POST", "/v1/introductions/{introduction_id}/reject"): _HEAR,
    ("POST", "/v1/introductions/{introduction_id}/retake"): _HEAR,
    ("GET", "/v1/introductions/{introduction_id}/audio"): _CHANGE,
    ("DELETE", "/v1/introductions/{introduction_id}/audio"): ("introduce", "review"),
    ("GET", "/v1/jobs/{job_id}"): ("introduce", "read"),
    ("DELETE", "/v1/jobs/{job_id}"): _HEAR,
    ("WS", "/v1/listen"): _HEAR,
    ("POST", "/v1/spot"): _ANY,
    ("GET", "/v1/people"): _READ,
    ("POST", "/v1/people"): _CHANGE,
    ("POST", "/v1/people/identify"): _READ,
    ("GET", "/v1/people/by-external-id/{external_id}"): _READ,
    ("GET", "/v1/people/{person_id}"): _READ,
    ("PATCH", "/v1/people/{person_id}"): _CHANGE,
    ("DELETE", "/v1/people/{person_id}"): _ADMIN,
    ("GET", "/v1/people/{person_id}/export"): _ADMIN,
    ("GET", "/v1/people/{person_id}/consents"): _CHANGE,
    ("POST", "/v1/people/{person_id}/consents"): _HEAR,
    ("POST", "/v1/people/{person_id}/consents/{consent_id}/withdraw"): ("introduce", "review"),
    ("POST", "/v1/people/{person_id}/names"): _CHANGE,
    ("GET", "/v1/people/{person_id}/names/{name_id}"): _READ,
    ("PATCH", "/v1/people/{person_id}/names/{name_id}"): _CHANGE,
    ("GET", "/v1/people/{person_id}/names/{name_id}/history"): _CHANGE,
    ("POST", "/v1/people/{person_id}/names/{name_id}/revert"): _CHANGE,
    ("GET", "/v1/people/{person_id}/pronunciation"): _READ,
    ("POST", "/v1/render"): _READ,
    ("POST", "/v1/speak"): _READ,
    ("GET", "/v1/lexicon"): _READ,
    ("GET", "/v1/targets"): _ANY,
    ("POST", "/v1/convert"): _ANY,
    ("GET", "/v1/audit"): _ADMIN,
}
"""(method, path) → scopes of which any one will do. Scopes may include others: `Caller.may`."""

INTRODUCES: frozenset[tuple[str, str]] = frozenset(
    {
        ("POST", "/v1/introductions"),
        ("POST", "/v1/introductions/{introduction_id}/retake"),
        ("POST", "/v1/people/identify"),
        ("WS", "/v1/listen"),
    }
)
"""What takes a worker's time, and has a limit of its own."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What one route needs: scopes of which any one will do; `public` needs no key at all."""

    scopes: tuple[str, ...] = _ADMIN
    public: bool = False
    introduces: bool = False


def needs_of(method: str, path: str) -> Needs:
    """What a route needs, by its method (`WS` for a WebSocket) and its path as it is declared."""
    place = (method, path)
    if place in PUBLIC:
        return Needs((), public=True)
    return Needs(NEEDS.get(place, _ADMIN), introduces=place in INTRODUCES)


def in_words(needs: Needs) -> str:
    """For the OpenAPI document and for people."""
    if needs.public:
        return "Needs no key."
    if set(needs.scopes) == set(SCOPES):
        return "Needs a key of any scope."
    return f"Needs the scope {' or '.join(f'`{one}`' for one in needs.scopes)}."


@dataclass
class RouteTable:
    """All routes of an application with what they need, to be asked before they run."""

    routes: Iterable[BaseRoute]
    _compiled: list[tuple[re.Pattern[str], str, Needs]] = field(default_factory=list, init=False)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """(method, path as in the document) of each route, mounted applications left out."""
        for method, path, _ in self._walk():
            yield method, path

    def _walk(self) -> Iterator[tuple[str, str, str]]:
        for context in iter_route_contexts(list(self.routes)):
            if context.path is None or context.endpoint is None:
                continue  # a mounted application
            methods = context.methods
            for method in sorted(methods - {"HEAD"}) if methods else ("WS",):
                yield method, context.path_format or context.path, context.path

    def find(self, method: str, path: str) -> Needs | None:
        """What the route needs that will answer; None where none does: 404, 405, mounted."""
        if not self._compiled:
            self._compiled = [
                (compile_path(pattern)[0], known, needs_of(known, declared))
                for known, declared, pattern in self._walk()
            ]
        wanted = "GET" if method == "HEAD" else method
        for regex, known, needs in self._compiled:
            if known == wanted and regex.match(path):
                return needs
        return None
