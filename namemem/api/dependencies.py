"""What routes need: the service, the caller's space, the version they know."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from namemem.api.errors import PreconditionRequired, Unauthorized
from namemem.errors import InvalidRequest
from namemem.service import Service
from namemem.service.access import Caller

_bearer = HTTPBearer(auto_error=False, description="The API key of a space, if any is configured.")


def get_service(request: Request) -> Service:
    """The service of this application."""
    service: Service = request.app.state.service
    return service


def get_caller(
    request: Request,
    _credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Caller:
    """Who calls, as the guard before all routes has found out.

    Raises:
        Unauthorized: the request came past the guard.
    """
    caller = getattr(request.state, "caller", None)
    if not isinstance(caller, Caller):
        raise Unauthorized("Send your API key in the header Authorization: Bearer <key>.")
    return caller


def get_space(caller: Annotated[Caller, Depends(get_caller)]) -> str:
    """The space of the caller's key; `default` where no keys are configured."""
    return caller.space


def get_actor(
    x_namemem_user: Annotated[
        str | None,
        Header(description="Who makes the change, for the history.", max_length=100),
    ] = None,
) -> str:
    """Who makes a change, for the history."""
    return (x_namemem_user or "").strip() or "api"


def get_expected_version(
    if_match: Annotated[
        str | None, Header(description='The name\'s ETag, as last read: `"3"`.')
    ] = None,
) -> int | None:
    """The version that the caller believes current; None for `*`, which is any.

    Raises:
        PreconditionRequired: no `If-Match`.
        InvalidRequest: not an ETag of ours.
    """
    if if_match is None:
        raise PreconditionRequired(
            "Send the name's ETag in If-Match, so that nobody's change is overwritten unseen. "
            'GET the name first; its ETag looks like "3".'
        )
    if if_match.strip() == "*":
        return None
    found = re.fullmatch(r'\s*(?:W/)?"?([0-9]{1,9})"?\s*', if_match)
    if found is None:
        raise InvalidRequest(f"If-Match is no ETag of a name: {if_match!r}.", field="If-Match")
    return int(found.group(1))


def get_version_if_sent(
    if_match: Annotated[
        str | None, Header(description="The name's ETag, to be refused if it has changed.")
    ] = None,
) -> int | None:
    """The version in `If-Match`; None where it is not sent. Raises `InvalidRequest`."""
    return None if if_match is None else get_expected_version(if_match)


CallerDep = Annotated[Caller, Depends(get_caller)]


def tell_of_waiting(
    prefer: Annotated[
        str | None,
        Header(
            description="`wait=2` (RFC 7240): seconds you wait, decimals too; after them 503, "
            "problem `deadline-exceeded`. `Preference-Applied` says that it was heeded."
        ),
    ] = None,
) -> None:
    """Puts `Prefer` into the document; `namemem.observing` reads it."""


WaitDep = Depends(tell_of_waiting)
ServiceDep = Annotated[Service, Depends(get_service)]
SpaceDep = Annotated[str, Depends(get_space)]
ActorDep = Annotated[str, Depends(get_actor)]
VersionDep = Annotated[int | None, Depends(get_expected_version)]
OptionalVersionDep = Annotated[int | None, Depends(get_version_if_sent)]
