"""Errors as `application/problem+json` (RFC 9457): one table, one handler."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from namemem import errors

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
    errors.EngineBusy: (503, "busy", "All workers are busy"),
    errors.EngineFailed: (503, "engine-failed", "An engine failed"),
    errors.NotFound: (404, "not-found", "Not found"),
    errors.Conflict: (409, "conflict", "It exists already"),
    errors.VersionConflict: (412, "version-conflict", "Somebody was faster"),
    errors.StoreUnavailable: (503, "store-unavailable", "The database does not answer"),
    errors.UnknownTarget: (422, "unknown-target", "No such text-to-speech target"),
    errors.UnknownVoice: (422, "unknown-voice", "No such voice"),
    errors.InvalidRequest: (422, "invalid-request", "A value cannot be used"),
}


class Unauthorized(errors.NamememError):
    """No key, or a wrong one, where keys are configured."""


class PreconditionRequired(errors.NamememError):
    """`If-Match` is missing."""


TABLE[Unauthorized] = (401, "unauthorized", "A valid API key is needed")
TABLE[PreconditionRequired] = (428, "precondition-required", "If-Match is missing")


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
    return _ProblemResponse(body, status, media_type=PROBLEM_JSON, headers=dict(headers or {}))


def problem_of(error: errors.NamememError, instance: str) -> JSONResponse:
    """The problem document of an error."""
    status, slug, title = lookup(error)
    headers: dict[str, str] = {}
    if status == 503:
        headers["Retry-After"] = str(error.details.get("retry_after", 5))
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return problem(status, slug, title, error.message, instance, error.details, headers)


def install(app: FastAPI) -> None:
    """Makes every error of the app a problem document."""

    @app.exception_handler(errors.NamememError)
    async def _known(request: Request, error: errors.NamememError) -> JSONResponse:
        if lookup(error)[0] >= 500:
            _log.warning("%s: %s", type(error).__name__, error.message)
        return problem_of(error, request.url.path)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        found = [
            {
                "field": ".".join(str(p) for p in e["loc"][1:]) or str(e["loc"][0]),
                "in": str(e["loc"][0]),
                "message": e["msg"],
            }
            for e in error.errors()
        ]
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
        return problem(
            error.status_code, slug, title, detail, request.url.path, None, error.headers
        )

    @app.exception_handler(Exception)
    async def _unknown(request: Request, error: Exception) -> JSONResponse:
        _log.exception("Unexpected error")
        detail = "An unexpected error happened on our side. The log has more about it."
        return problem(500, "internal", "Something went wrong", detail, request.url.path)
