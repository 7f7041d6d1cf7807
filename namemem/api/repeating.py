"""`Idempotency-Key`: a writing request sent again is answered as the first time.

The key belongs to the space, for a day. The kept answer is the status, the headers that tell of
what was made, and the body; it carries `Idempotency-Replayed: true` when it is given again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from namemem.api.dependencies import ServiceDep, SpaceDep
from namemem.service import Key, Replay, Service, digest_of

M = TypeVar("M", bound=BaseModel)
Told = Callable[[M], Mapping[str, str]]
"""The headers that tell of what was made: `Location`, `ETag`."""


class Repeat:
    """One request, which its caller may send again.

    Attributes:
        key: as sent; None does the request in any case.
    """

    def __init__(
        self, request: Request, response: Response, service: Service, space: str, key: str | None
    ) -> None:
        self._request = request
        self._response = response
        self._service = service
        self._space = space
        self.key = key

    def digest(self, *parts: object, audio: bytes = b"") -> str:
        """Of method, path, `If-Match` and what was sent."""
        request = self._request
        precondition = request.headers.get("if-match")
        return digest_of(request.method, request.url.path, precondition, *parts, audio=audio)

    def once(
        self,
        work: Callable[[], M],
        *,
        person: Callable[[M], str],
        sent: BaseModel | None = None,
        status: int = 200,
        headers: Told[M] | None = None,
    ) -> M | Response:
        """Does the work once, in one transaction with its answer.

        Args:
            work: use cases of the service, and their result as it is answered.
            person: id of the person whom the answer is about.
            sent: the body of the request.
            status: of the answer.
            headers: of the answer.

        Raises:
            Conflict: the key belongs to another request.
        """
        key: Key[M] | None = None
        if self.key is not None:
            digest = self.digest(None if sent is None else sent.model_dump_json())
            key = Key(self.key, digest, lambda out: kept(out, status, headers))
        done = self._service.once(self._space, key, work, person)
        return self.replayed(done) if isinstance(done, Replay) else self.answered(done, headers)

    def answered(self, out: M, headers: Told[M] | None = None) -> M:
        """The answer of a request that was done now."""
        if headers is not None:
            self._response.headers.update(headers(out))
        return out

    def replayed(self, replay: Replay) -> Response:
        """The kept answer, once more."""
        answer = replay.answer
        told = {**answer["headers"], "Idempotency-Replayed": "true"}
        return JSONResponse(answer["body"], answer["status"], told)


def kept(out: M, status: int, headers: Told[M] | None = None) -> dict[str, Any]:
    """What is kept of an answer."""
    return {
        "status": status,
        "headers": dict(headers(out)) if headers is not None else {},
        "body": out.model_dump(mode="json", by_alias=True),
    }


def get_repeat(
    request: Request,
    response: Response,
    service: ServiceDep,
    space: SpaceDep,
    idempotency_key: Annotated[
        str | None,
        Header(
            description="Makes the request safe to send again: the same key and request are done "
            "once and give the same answer.",
            min_length=1,
            max_length=200,
        ),
    ] = None,
) -> Repeat:
    """The request and its key."""
    return Repeat(request, response, service, space, idempotency_key)


RepeatDep = Annotated[Repeat, Depends(get_repeat)]
