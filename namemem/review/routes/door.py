"""Logging in and out, and what a designer is called in the history."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from namemem.errors import Forbidden, Unauthorized
from namemem.review.access import COOKIE, Access, Session, check_origin, tidy_who
from namemem.review.site import go, page
from namemem.review.visitors import Writer

router = APIRouter()


@router.get("/login")
def show_login(request: Request) -> Response:
    """The form for the key."""
    session: Session = request.state.session
    if session.space is not None:
        return go(request, "/")
    return page(request, "login.html", problem="")


@router.post("/login")
async def log_in(
    request: Request,
    key: Annotated[str, Form(max_length=1000)] = "",
    who: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Exchanges a key for a session."""
    await check_origin(request, request.state.session)
    access: Access = request.app.state.access
    address = request.client.host if request.client is not None else None
    try:
        session = await asyncio.to_thread(access.log_in, key, who, address)
    except Unauthorized as error:
        problem = error.message if key.strip() else "Give the API key of your space."
        return page(request, "login.html", 401, problem=problem)
    except Forbidden as error:
        return page(request, "login.html", 403, problem=error.message)
    response = go(request, "/")
    access.write(request, response, session)
    return response


@router.post("/logout")
async def log_out(request: Request, visitor: Writer) -> Response:
    """Forgets the session."""
    response = go(request, "/login" if request.state.session.logged_in else "/")
    response.delete_cookie(COOKIE, path=request.scope.get("root_path", "") or "/")
    return response


@router.post("/who")
async def call_me(
    request: Request, visitor: Writer, who: Annotated[str, Form(max_length=1000)] = ""
) -> Response:
    """What the history calls this designer from now on."""
    response = go(request, "/")
    session: Session = request.state.session
    request.app.state.access.write(request, response, replace(session, who=tidy_who(who)))
    return response
