"""Errors as `application/problem+json` (RFC 9457): one table, one handler."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from namemem import errors
from namemem.api.misspelt_fields import meant_in_body
from namemem.discretion import loggable
from namemem.observing import current_note

_log = logging.getLogger(__name__)
PROBLEM_JSON = "application/problem+json"

# Class → (status, slug, title). A subclass without a row takes its parent's.
TABLE: dict[type[errors.NamememError], tuple[int, str, str]] = {
    errors.NamememError: (500, "internal", "Something went wrong"),
    errors.InvalidPronunciation: (422, "invalid-pronunciation", "Not a pronunciation"),
    errors.UnreadableAudio: (415, "unreadable-audio", "Not readable as audio"),
    errors.TruncatedAudio: (422, "truncated-audio", "The audio is cut off"),
    errors.AudioTooLong: (413, "audio-too-long", "The recording is too long"),
    errors.AudioTooLarge: (413, "audio-too-large", "The upload is too large"),
    errors.NoSpeech: (422, "no-speech", "No speech in the recording"),
    errors.NoNameHeard: (422, "no-name-heard", "Nobody gives a name"),
    errors.EngineUnavailable: (503, "engine-unavailable", "An engine is not available"),
    errors.NoTemporarySpace: (503, "no-temporary-space", "There is no room for temporary files"),
    errors.EngineBusy: (503, "busy", "All workers are busy"),
    errors.DeadlineExceeded: (503, "deadline-exceeded", "It took too long"),
    errors.CallerGone: (499, "caller-gone", "The caller hung up"),
    errors.EngineFailed: (503, "engine-failed", "An engine failed"),
    errors.JobGivenUp: (422, "given-up", "The recording cannot be heard"),
    errors.JobExpired: (503, "expired", "Nobody heard the recording"),
    errors.NotFound: (404, "not-found", "Not found"),
    errors.Conflict: (409, "conflict", "It exists already"),
    errors.VersionConflict: (412, "version-conflict", "Somebody was faster"),
    errors.StoreUnavailable: (503, "store-unavailable", "The database does not answer"),
    errors.ClipSealed: (503, "clip-sealed", "The recording cannot be decrypted"),
    errors.UnknownTarget: (422, "unknown-target", "No such text-to-speech target"),
    errors.UnknownVoice: (422, "unknown-voice", "No such voice"),
    errors.InvalidRequest: (422, "invalid-request", "A value cannot be used"),
    errors.Unauthorized: (401, "unauthorized", "A valid API key is needed"),
    errors.Forbidden: (403, "forbidden", "The key may not do this"),
    errors.TooManyRequests: (429, "too-many-requests", "Too many requests"),
    errors.ConsentMissing: (422, "consent-missing", "Nobody has agreed to it"),
}


Unauthorized = errors.Unauthorized


class PreconditionRequired(errors.NamememError):
    """`If-Match` is missing."""


class BodyTooLarge(errors.NamememError):
    """A request body with more bytes or more parts than the limit."""


class UploadTooSlow(errors.NamememError):
    """A request body that did not come in time."""


class TooManyListeners(errors.EngineBusy):
    """As many connections listen as may."""


class ListenedForNothing(errors.NamememError):
    """A listening connection over which nothing came."""


TABLE[PreconditionRequired] = (428, "precondition-required", "If-Match is missing")
TABLE[BodyTooLarge] = (413, "body-too-large", "The request is too large")
TABLE[UploadTooSlow] = (408, "upload-too-slow", "The request did not come in time")
TABLE[TooManyListeners] = (503, "too-many-listeners", "Too many listening connections")
TABLE[ListenedForNothing] = (408, "listening-timeout", "Nothing came over the connection")


def lookup(error: errors.NamememError) -> tuple[int, str, str]:
    """(status, slug, title) of an error, by its nearest class in the table."""
    if isinstance(error, errors.Conflict) and error.details.get("reason") == "other_request":
        return 422, "idempotency-key-reused", "The Idempotency-Key belongs to another request"
    if isinstance(error, errors.Conflict) and error.details.get("reason") in _IN_FLIGHT:
        return 409, "in-flight", "The same request is being worked on"
    if isinstance(error, errors.VersionConflict) and "introduction_id" in error.details:
        return 409, "changed-meanwhile", "It was changed in the meantime"
    return next(TABLE[kind] for kind in type(error).__mro__ if kind in TABLE)


_IN_FLIGHT = ("in_flight", "claim_lost")


class _ProblemResponse(JSONResponse):
    """JSON that can be sent even when it quotes what is no text (half a surrogate pair)."""

    def render(self, content: Any) -> bytes:
        text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode("utf-8", "replace")


def problem(
    status: int,
    slug: str,
    title: str,
    detail: str,
    instance: str,
    extra: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """One problem document."""
    reserved = {"type", "title", "status", "detail", "instance"}
    body: dict[str, Any] = {
        "type": f"urn:namemem:problem:{slug}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": instance,
    }
    body.update({k: v for k, v in (extra or {}).items() if k not in reserved})
    note = current_note()
    if note is not None:  # for whoever looks it up in the log
        note.refused(slug)
        body["request_id"] = note.request_id
        headers = {**(headers or {}), "X-Request-ID": note.request_id}
    safe = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return _ProblemResponse(
        body, status, media_type=PROBLEM_JSON, headers={**safe, **(headers or {})}
    )


def problem_of(error: errors.NamememError, instance: str) -> JSONResponse:
    """The problem document of an error."""
    status, slug, title = lookup(error)
    headers: dict[str, str] = {}
    if status in (429, 503):
        headers["Retry-After"] = str(error.details.get("retry_after", 5))
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return problem(status, slug, title, error.message, instance, error.details, headers)


def _methods(request: Request) -> list[str]:
    """What the path can be asked with: the routes of just this path, else those that it fits."""
    literal: set[str] = set()
    fitting: set[str] = set()
    asked = request.scope["path"]
    for route in iter_route_contexts(request.app.routes):
        if route.path and route.methods:
            if route.path == asked:
                literal |= route.methods
            elif compile_path(route.path)[0].match(asked):
                fitting |= route.methods
    return sorted(literal or fitting)


def install(app: FastAPI) -> None:
    """Makes every error of the app a problem document."""

    @app.exception_handler(errors.NamememError)
    async def _known(request: Request, error: errors.NamememError) -> JSONResponse:
        if lookup(error)[0] >= 500:
            _log.warning("%s", loggable(error))
        return problem_of(error, request.url.path)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        found = [_violation(e, request.scope.get("route")) for e in error.errors()]
        detail = "; ".join(f"{f['field']}: {f['message']}" for f in found)
        title = "The request is not as it should be"
        return problem(422, "invalid-request", title, detail, request.url.path, {"errors": found})

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> JSONResponse:
        slug = {404: "no-such-route", 405: "method-not-allowed", 400: "malformed-request"}.get(
            error.status_code, "http-error"
        )
        detail = str(error.detail)
        if error.status_code == 404:
            detail = f"There is nothing at {request.url.path}. The routes are listed at /docs."
        elif error.status_code == 405:
            detail = f"{request.url.path} cannot be asked with {request.method}. See /docs."
        title = str(error.detail) if error.status_code != 404 else "No such route"
        headers = dict(error.headers or {})
        if error.status_code == 405:  # Starlette names the methods of one route alone
            headers["Allow"] = ", ".join(_methods(request)) or headers.get("Allow", "")
        return problem(error.status_code, slug, title, detail, request.url.path, None, headers)

    @app.exception_handler(Exception)
    async def _unknown(request: Request, error: Exception) -> JSONResponse:
        _log.exception("Unexpected error")
        detail = "An unexpected error happened on our side. The log has more about it."
        return problem(500, "internal", "Something went wrong", detail, request.url.path)


def _violation(error: dict[str, Any], route: object = None) -> dict[str, str]:
    """What is wrong with one field, in words that say how to mend it."""
    where, *path = (str(part) for part in error["loc"])
    field, message = ".".join(path) or where, str(error["msg"])
    if error["type"] == "json_invalid":
        why = error.get("ctx", {}).get("error", "")
        message = f"This is no valid JSON: {why} at character {field}."
        field = where
    elif error["type"] == "missing" and field == "audio":
        message = (
            "Send the recording as a file of a form, multipart/form-data. With curl: "
            "-F audio=@hello.wav"
        )
    elif error["type"] == "extra_forbidden":
        meant = meant_in_body(route, field)
        message = "There is no such field." + (f" Did you mean {meant}?" if meant else "")
    elif "Expected UploadFile" in message:
        message = f"This has to be a file, not text. With curl: -F {field}=@FILE"
    return {"field": field, "in": where, "message": message}
