"""What every page needs: the service, and who asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from namemem.review.access import LoginRequired, Session, check_origin
from namemem.service import Service


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who may see one space; `who` is what the history will call them."""

    service: Service
    space: str
    who: str


def reader(request: Request) -> Visitor:
    """Whoever may look. Raises `LoginRequired`, and `StoreUnavailable` where nobody can tell."""
    session: Session = request.state.session
    if request.state.trouble is not None:
        raise request.state.trouble
    if session.space is None:
        raise LoginRequired("Log in first: the page has been open for too long.")
    return Visitor(request.app.state.service, session.space, session.actor)


async def writer(request: Request) -> Visitor:
    """Whoever may change something. Raises `LoginRequired`, `Forged`."""
    visitor = reader(request)
    await check_origin(request, request.state.session)
    return visitor


Reader = Annotated[Visitor, Depends(reader)]
Writer = Annotated[Visitor, Depends(writer)]
