"""The sub-application: templates, static files, security headers, errors as pages."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from namemem import __version__
from namemem.errors import NamememError, StoreUnavailable
from namemem.observing import current_note
from namemem.review import views
from namemem.review.access import Access, Forged, LoginRequired, Session
from namemem.service import Service
from namemem.service.access import Keyring
from namemem.service.throttling import Throttle
from namemem.store import acting

_log = logging.getLogger(__name__)
_HERE = Path(__file__).parent
Lookup = Callable[[NamememError], tuple[int, str, str]]
"""Error → (status, slug, title): the table of the HTTP API."""


def create_review(
    service: Service, keyring: Keyring, throttle: Throttle, lookup: Lookup, *, https: bool = False
) -> FastAPI:
    """The pages, to be mounted.

    Args:
        service: all use cases.
        keyring: the API keys; where none is configured there is no login.
        throttle: slows down whoever tries wrong keys.
        lookup: which status and title an error has.
        https: the pages are reached by HTTPS alone.
    """
    from namemem.review.routes import ROUTERS

    app = FastAPI(title="namemem review", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.service = service
    app.state.access = Access(keyring, throttle, service.store.description, https=https)
    app.state.templates = _templates()
    app.middleware("http")(_secured)
    _install_errors(app, lookup)
    app.mount("/static", _CachedFiles(directory=_HERE / "static"), name="static")
    for router in ROUTERS:
        app.include_router(router)
    return app


class _CachedFiles(StaticFiles):
    """Static files: kept by browsers, and asked for again only by their ETag."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "no-cache"
        return response


def _templates() -> Jinja2Templates:
    templates = Jinja2Templates(directory=_HERE / "templates")
    environment = templates.env
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.globals.update(
        version=__version__,
        status_words=views.STATUS_WORDS,
        status_means=views.STATUS_MEANS,
        band=views.band,
        stressed=views.stressed,
        spelled_out=views.spelled_out,
    )
    return templates


def page(request: Request, template: str, status: int = 200, /, **context: object) -> Response:
    """A rendered page, or part of one; everything in it is escaped."""
    templates: Jinja2Templates = request.app.state.templates
    session: Session = request.state.session
    context |= {
        "base": request.scope.get("root_path", ""),
        "session": session,
        "csrf": session.csrf,
        "nonce": request.state.nonce,
        "needs_login": session.logged_in,
    }
    return templates.TemplateResponse(request, template, dict(context), status_code=status)


def ear_problem(service: Service) -> str:
    """Why recordings cannot be heard just now; empty when they can."""
    state = service.hearer.state()
    return "" if state.ready else state.problem or "The engines are still loading."


def go(request: Request, path: str) -> Response:
    """A redirection to a path below the mount, after a form was sent."""
    return RedirectResponse(request.scope.get("root_path", "") + path, 303)


def policy(nonce: str) -> str:
    """The Content-Security-Policy of one page.

    No script but our files. The nonce is for the one style sheet that wavesurfer.js puts into
    its shadow root; audio that was recorded or fetched plays from `blob:`.
    """
    return (
        "default-src 'none'; script-src 'self'; "
        f"style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; connect-src 'self'; "
        "media-src 'self' blob:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


async def _secured(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    access: Access = request.app.state.access
    request.state.nonce = secrets.token_urlsafe(16)
    request.state.session = Session(secrets.token_urlsafe(24))  # nobody's in particular
    request.state.trouble = None
    if "/static/" not in request.url.path:
        try:
            request.state.session = await access.read(request)
        except StoreUnavailable as error:  # the page is to say so, see `visitors`
            request.state.trouble = error
    with acting(request.state.session.audited):
        response = await call_next(request)
    _add_headers(request, response)
    if "/static/" not in request.url.path:
        is_page = response.headers.get("content-type", "").startswith("text/html")
        known = request.state.trouble is None
        if known and is_page and "set-cookie" not in response.headers and _sent_its_cookie(request):
            access.write(request, response, request.state.session)
    return response


def _sent_its_cookie(request: Request) -> bool:
    """Whether the browser sends the cookie with such a request, where it has one.

    `SameSite=Lax` keeps it back from what other sites send, except from links that are followed;
    a cookie written in the answer would take the place of the one kept back.
    """
    if request.method != "GET":
        return False
    if request.headers.get("sec-fetch-site") != "cross-site":
        return True
    followed = ("navigate", "document")
    return (
        request.headers.get("sec-fetch-mode"),
        request.headers.get("sec-fetch-dest"),
    ) == followed


def _add_headers(request: Request, response: Response) -> None:
    """What every answer says to browsers, errors included."""
    response.headers["Content-Security-Policy"] = policy(request.state.nonce)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "microphone=(self), camera=(), geolocation=()"
    if "/static/" not in request.url.path:
        response.headers.setdefault("Cache-Control", "no-store")


def wants_page(request: Request) -> bool:
    """Whether the answer is shown as a page; scripts ask for JSON."""
    return "text/html" in request.headers.get("accept", "") or "hx-request" in request.headers


def _install_errors(app: FastAPI, lookup: Lookup) -> None:
    def answer(
        request: Request, status: int, title: str, detail: str, more: Mapping[str, object]
    ) -> Response:
        busy = status in (429, 503)
        headers = {"Retry-After": str(more.get("retry_after", 5))} if busy else {}
        if not wants_page(request):
            body = {"title": title, "status": status, "detail": detail}
            body |= {k: more[k] for k in ("position", "symbol", "field") if k in more}
            return JSONResponse(body, status, headers=headers)
        response = page(request, "problem.html", status, title=title, detail=detail)
        response.headers.update(headers)
        return response

    @app.exception_handler(LoginRequired)
    async def _login(request: Request, error: LoginRequired) -> Response:
        if request.method == "GET" and wants_page(request):
            if "hx-request" in request.headers:
                return Response(
                    status_code=401,
                    headers={"HX-Redirect": request.scope.get("root_path", "") + "/login"},
                )
            return go(request, "/login")
        return answer(request, 401, "You are not logged in any more", error.message, {})

    @app.exception_handler(Forged)
    async def _forged(request: Request, error: Forged) -> Response:
        return answer(request, 403, "This was not sent from here", error.message, {})

    @app.exception_handler(NamememError)
    async def _known(request: Request, error: NamememError) -> Response:
        status, slug, title = lookup(error)
        note = current_note()
        if note is not None:
            note.refused(slug)
        if status >= 500:
            _log.warning("%s", type(error).__name__)
        return answer(request, status, title, error.message, error.details)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        fields = ", ".join(str(e["loc"][-1]) for e in error.errors())
        return answer(request, 422, "Something is missing", f"Please check: {fields}.", {})

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        title = "There is no such page" if error.status_code == 404 else str(error.detail)
        return answer(request, error.status_code, title, "Go back to the list.", {})

    @app.exception_handler(Exception)
    async def _unknown(request: Request, error: Exception) -> Response:
        _log.exception("Unexpected error")
        detail = "An unexpected error happened on our side. The log has more about it."
        response = answer(request, 500, "Something went wrong", detail, {})
        _add_headers(request, response)  # this one does not pass through the middleware
        return response
