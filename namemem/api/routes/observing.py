"""`GET /metrics`, for Prometheus."""

from __future__ import annotations

import hmac
import ipaddress
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from namemem.api.proxies import proxied
from namemem.api.schemas import problems
from namemem.errors import Forbidden, Unauthorized
from namemem.observing import Metrics
from namemem.observing.metrics import CONTENT_TYPE

router = APIRouter(tags=["running it"])
_bearer = HTTPBearer(
    auto_error=False, scheme_name="MetricsToken", description="NAMEMEM_METRICS_TOKEN, if it is set."
)


@router.get(
    "/metrics",
    responses={
        200: {
            "content": {"text/plain": {"schema": {"type": "string"}}},
            "description": "Prometheus' text format",
        },
        **{code: problem for code, problem in problems(401, 403).items() if code in (401, 403)},
    },
    response_class=Response,
    summary="Metrics for Prometheus",
)
def metrics(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Response:
    """Latencies, queue, refusals, confidences and the review's backlog; nothing of anybody."""
    _admit(request, credentials.credentials if credentials is not None else None)
    made: Metrics = request.app.state.metrics
    return Response(made.page(), media_type=CONTENT_TYPE)


def _admit(request: Request, given: str | None) -> None:
    """Whoever has the token, where one is set; otherwise callers on this machine.

    Raises:
        Unauthorized: no token, or a wrong one.
        Forbidden: a caller from elsewhere, and no token is set.
    """
    token: str = request.app.state.metrics_token
    if token:
        if given is None or not hmac.compare_digest(given.encode(), token.encode()):
            raise Unauthorized("Send NAMEMEM_METRICS_TOKEN: Authorization: Bearer <token>.")
        return
    local = request.client is None or _is_local(request.client.host)
    if not local or proxied(request.headers.raw) is not None:
        raise Forbidden(
            "Metrics are for callers on this machine. Set NAMEMEM_METRICS_TOKEN and send it as "
            "Authorization: Bearer <token> to read them from elsewhere."
        )


def _is_local(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return True  # no address: a socket file of this machine
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)
