"""Listening live: a WebSocket that takes a microphone and answers introductions."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from namemem.api.access import Caller, authenticate
from namemem.api.bodies import introduction_out
from namemem.api.errors import ListenedForNothing, TooManyListeners
from namemem.api.listening import MOST_NONSENSE, ClientGone, Conversation
from namemem.api.live_messages import Message, problem_body
from namemem.api.rates import RateLimits
from namemem.api.schemas.listening import ListenIn
from namemem.audio.endpointing import Endpointer, Endpoints
from namemem.audio.voice_activity import SileroModel
from namemem.errors import (
    Forbidden,
    InvalidRequest,
    NamememError,
    RenderingError,
    TooManyRequests,
    Unauthorized,
)
from namemem.introductions import Hints
from namemem.people import given_spelling
from namemem.service import IntroduceRequest, Service
from namemem.service.introducing import Settled
from namemem.store import Actor, acting
from namemem.tts import get_target

router = APIRouter(prefix="/v1")

# Close codes of the IANA registry (WebSocket Close Code Number Registry).
UNAUTHORIZED, FORBIDDEN, TIMED_OUT = 3000, 3003, 3008
LARGEST_FRAME = 2**20
"""Bytes of one message; for `uvicorn.run(ws_max_size=…)`, which closes with 1009 beyond."""
POLICY, TRY_AGAIN_LATER, INTERNAL = 1008, 1013, 1011


@dataclass(frozen=True, slots=True)
class ListeningLimits:
    """Limits of all listening connections of one process.

    Attributes:
        listeners: open at the same time.
        idle_seconds: without any message, until the connection is closed.
        auth_seconds: until a client must have sent its key.
        send_seconds: in which a client must read an answer.
        stall_seconds: without audio in the middle of an utterance, until it counts as over.
    """

    listeners: int = 400
    idle_seconds: float = 300.0
    auth_seconds: float = 10.0
    send_seconds: float = 15.0
    stall_seconds: float = 2.0


class Listeners:
    """Those who listen now: how many there are, and what they share.

    Args:
        limits: of all connections.
        longest: seconds of the longest utterance.
        rates: how many introductions a key may send.
        model: the speech detector; loaded when the first one connects.
        endpoints: how utterances are found.
    """

    def __init__(
        self,
        limits: ListeningLimits,
        longest: float,
        rates: RateLimits,
        model: SileroModel | None = None,
        endpoints: Endpoints | None = None,
    ) -> None:
        self.limits = limits
        self.open = 0
        self.rates = rates
        self._model = model or SileroModel()
        self._endpoints = replace(endpoints or Endpoints(), longest=longest)

    async def endpointer(self) -> Endpointer:
        """For one new stream."""
        await asyncio.to_thread(self._model.load)
        return Endpointer(self._model.stream(), self._endpoints)


@router.websocket("/listen")
async def listen(socket: WebSocket) -> None:
    """See `docs/listening.md`."""
    listeners: Listeners = socket.app.state.listeners
    await socket.accept()
    if listeners.open >= listeners.limits.listeners:
        error = TooManyListeners(
            f"There are {listeners.open} listening connections, as many as there may be. Try "
            "again later, or post recordings to /v1/introductions.",
            retry_after=30,
        )
        await _refuse(socket, error, TRY_AGAIN_LATER, listeners.limits)
        return
    listeners.open += 1
    try:
        await _admitted(socket, listeners)
    except (WebSocketDisconnect, ClientGone):
        pass
    finally:
        listeners.open -= 1


async def _admitted(socket: WebSocket, listeners: Listeners) -> None:
    limits = listeners.limits
    try:
        caller, token = await _caller(socket, limits)
        wishes = _wishes(socket.query_params)
    except NamememError as error:
        await _refuse(socket, error, _close_code(error), limits)
        return
    except TimeoutError:
        late = _no_key(limits)
        await _refuse(socket, late, UNAUTHORIZED, limits)
        return

    async def send(message: Message) -> None:
        await _send(socket, message, limits)

    introducing = _Introducing(socket, caller, token, listeners.rates)
    conversation = Conversation(await listeners.endpointer(), introducing, send, wishes)
    try:
        await _converse(socket, conversation, limits, introducing)
    finally:
        await conversation.close()


async def _converse(
    socket: WebSocket,
    conversation: Conversation,
    limits: ListeningLimits,
    introducing: _Introducing,
) -> None:
    while True:
        try:
            waiting = limits.stall_seconds if conversation.speaking else limits.idle_seconds
            async with asyncio.timeout(waiting):
                message = await socket.receive()
        except TimeoutError:
            if conversation.speaking:
                await conversation.stalled()
                continue
            if conversation.busy:  # no audio comes, but an answer is on its way
                continue
            idle = ListenedForNothing(
                f"Nothing was sent for {limits.idle_seconds:g} s. Connect again when somebody is "
                "there; sending silence keeps a connection open."
            )
            await _refuse(socket, idle, TIMED_OUT, limits)
            return
        if message["type"] == "websocket.disconnect":
            return
        if message.get("bytes") is not None:
            await conversation.audio(message["bytes"])
        else:
            await conversation.text(message.get("text") or "")
        if conversation.gone:
            return
        if introducing.ended is not None:
            await _refuse(socket, introducing.ended, _close_code(introducing.ended), limits)
            return
        if conversation.nonsense > MOST_NONSENSE:
            error = InvalidRequest(
                f"More than {MOST_NONSENSE} messages were not understood. See docs/listening.md."
            )
            await _refuse(socket, error, POLICY, limits)
            return


class _Introducing:
    """Hears and remembers for one connection.

    Attributes:
        ended: why the key of this connection opens nothing any more.
    """

    def __init__(
        self, socket: WebSocket, caller: Caller, token: str | None, rates: RateLimits
    ) -> None:
        self._app, self._token = socket.app, token
        self._service: Service = socket.app.state.service
        self._caller = caller
        self._rates = rates
        self._address = _address(socket)
        who = socket.headers.get("x-namemem-user", "")[:100]
        self._actor = Actor(caller.key_id, caller.label, who)
        self._counted = 0
        self.ended: NamememError | None = None

    async def __call__(
        self, wav: bytes, wishes: ListenIn, settled: Settled, utterance: int
    ) -> Message:
        """See `Introduce`; an utterance counts once against the key's limit."""
        if utterance > self._counted:
            _, error = self._rates.spend(self._caller, self._address, introduces=True)
            if error is not None:
                raise error
            self._counted = utterance
        # A key may have been revoked since the connection was opened.
        try:
            now = await authenticate(self._app, self._token, self._address)
            now.require("introduce")
        except (Unauthorized, Forbidden) as error:
            self.ended = error
            raise
        request = IntroduceRequest(
            audio=wav,
            hints=Hints(
                spelling=given_spelling(wishes.spelling),
                language=wishes.language,
                asked=wishes.asked,
            ),
            person_id=wishes.person_id,
            external_id=wishes.external_id,
            kind=wishes.kind,
            target=wishes.target,
            voice=wishes.voice,
            keep_audio=wishes.keep_audio,
            consent=wishes.consent,
        )
        with acting(self._actor):
            view = await self._service.introduce(self._caller.space, request, settled)
        return introduction_out(view).model_dump(mode="json")


async def _caller(socket: WebSocket, limits: ListeningLimits) -> tuple[Caller, str | None]:
    """Who it is, and the key that says so: by the header, the query or the first message.

    Raises:
        Unauthorized, Forbidden, TooManyRequests: they may not.
        TimeoutError: no key came in time.
    """
    scheme, _, bearer = socket.headers.get("authorization", "").partition(" ")
    token = bearer.strip() if scheme.lower() == "bearer" else None
    token = token or socket.query_params.get("token")
    try:
        caller = await authenticate(socket.app, token or None, _address(socket))
    except Unauthorized:
        if token:
            raise
        async with asyncio.timeout(limits.auth_seconds):
            first = await socket.receive()
        if first["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(first.get("code", 1006)) from None
        token = _token(first)
        try:
            caller = await authenticate(socket.app, token, _address(socket))
        except Unauthorized:
            if token:
                raise
            raise _no_key(limits) from None
    caller.require("introduce")
    return caller, token


def _no_key(limits: ListeningLimits) -> Unauthorized:
    """What helps a browser too, which cannot send the header."""
    return Unauthorized(
        'Send {"type": "auth", "token": "<key>"} as the first message, within '
        f"{limits.auth_seconds:g} s; or the header Authorization: Bearer <key>; or ?token=<key>."
    )


def _token(first: Mapping[str, Any]) -> str | None:
    text = first.get("text")
    if text is None or len(text) > 2000:
        return None
    with contextlib.suppress(ValueError, RecursionError):
        message = json.loads(text)
        if isinstance(message, dict) and message.get("type") == "auth":
            return str(message.get("token") or "") or None
    return None


def _wishes(query: Mapping[str, str]) -> ListenIn:
    fields = {name: value for name, value in query.items() if name != "token"}
    wishes = ListenIn().changed(fields)
    if wishes.target is not None:
        get_target(wishes.target)
    return wishes


def _close_code(error: NamememError) -> int:
    if isinstance(error, Unauthorized):
        return UNAUTHORIZED
    if isinstance(error, Forbidden):
        return FORBIDDEN
    if isinstance(error, TooManyRequests):
        return TRY_AGAIN_LATER
    wrong = (InvalidRequest, RenderingError)  # a target or a voice that there is not
    return POLICY if isinstance(error, wrong) else INTERNAL


async def _refuse(
    socket: WebSocket, error: NamememError, code: int, limits: ListeningLimits
) -> None:
    """Says why, and closes."""
    try:
        await _send(socket, {"type": "error", "problem": problem_body(error)}, limits)
        if socket.application_state is WebSocketState.CONNECTED:
            await socket.close(code, problem_body(error)["title"][:100])
    except ClientGone:
        pass


async def _send(socket: WebSocket, message: Message, limits: ListeningLimits) -> None:
    try:
        async with asyncio.timeout(limits.send_seconds):
            await socket.send_text(json.dumps(message, allow_nan=False))
    except (TimeoutError, WebSocketDisconnect, RuntimeError) as error:
        raise ClientGone from error  # RuntimeError: it was closed meanwhile


def _address(socket: WebSocket) -> str | None:
    return socket.client.host if socket.client is not None else None
