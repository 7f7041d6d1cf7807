"""What both clients share: the requests, their answers, errors, retries and the cache."""

from __future__ import annotations

import json
import random
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Generic, TypeVar
from urllib.parse import quote

import httpx

from namemem.errors import NamememError

T = TypeVar("T")
Json = dict[str, Any]

_SAFE = ("GET", "PUT", "DELETE", "HEAD")
_LONGEST_WAIT = 20.0


class ClientError(NamememError):
    """The server refused, or could not be reached; `status` is 0 then.

    `slug` is the problem's type without its prefix (`not-found`), `problem` the whole document.
    """

    def __init__(self, message: str, status: int = 0, problem: Json | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.problem = problem or {}
        self.slug = str(self.problem.get("type", "")).rpartition(":")[2]


_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, RecursionError)


class reading:
    """What is read from an answer in its block: `ClientError` where that is not what it holds."""

    def __init__(self, status: int = 200) -> None:
        self.status = status

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, _UNREADABLE):
            raise ClientError("The server's answer cannot be read.", self.status) from error


@dataclass(frozen=True, slots=True)
class Said:
    """A name as one text-to-speech system accepts it; `raw` is the whole answer."""

    markup: str
    text: str
    phones: str
    ipa: str
    exact: bool
    grade: str
    notes: tuple[str, ...]
    version: int
    raw: Json = field(repr=False, compare=False, default_factory=dict)

    @classmethod
    def of(cls, body: Json) -> Said:
        """From the answer's JSON."""
        return cls(
            body["markup"], body["text"], body["phones"], body["ipa"], body["exact"],
            body.get("grade", "exact" if body["exact"] else "close"),
            tuple(body.get("notes", ())), body["version"], body,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class RenderedText:
    """A text with names in it: `markup` to send, `text` to show; `sentences` where asked for."""

    markup: str
    text: str
    names: tuple[Said, ...]
    sentences: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, body: Json) -> RenderedText:
        """From the answer's JSON."""
        pieces = body.get("sentences") or ()
        return cls(
            body["markup"],
            body["text"],
            tuple(Said.of(n) for n in body["names"]),
            tuple((piece["markup"], piece["text"]) for piece in pieces),
        )


@dataclass(frozen=True)
class Retries:
    """How often and how patiently a request is repeated.

    Attributes:
        attempts: all in all, the first one included.
        first_wait: seconds before the second one; each further one waits twice as long, give or
            take a quarter. A `Retry-After` of the server goes before it.
    """

    attempts: int = 4
    first_wait: float = 0.2

    def wait(self, attempt: int, response: httpx.Response | None) -> float:
        """Seconds to wait after the given attempt, from 1."""
        asked = response.headers.get("retry-after", "") if response is not None else ""
        seconds = _seconds(asked.strip())
        if seconds is not None:
            return min(seconds, _LONGEST_WAIT)
        backoff = self.first_wait * float(2 ** (attempt - 1))
        return min(backoff * random.uniform(0.75, 1.25), _LONGEST_WAIT)  # noqa: S311 - no secret


def _seconds(retry_after: str) -> float | None:
    """Seconds from now of a `Retry-After`, a number or a date; None where it is neither."""
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after)
    try:
        then = parsedate_to_datetime(retry_after)
        if then.tzinfo is None:
            then = then.replace(tzinfo=UTC)
        return max((then - datetime.now(UTC)).total_seconds(), 0.0)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


@dataclass(frozen=True)
class Call(Generic[T]):
    """A request, what its answer becomes, and whether it may be sent twice."""

    method: str
    path: str
    parse: Callable[[httpx.Response], T]
    params: Mapping[str, Any] = field(default_factory=dict)
    json: Json | None = None
    data: Mapping[str, str] | None = None
    files: Mapping[str, tuple[str, bytes, str]] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    repeatable: bool = False

    def arguments(self, extra: Mapping[str, str] | None = None) -> dict[str, Any]:
        """For `httpx.Client.request`."""
        return {
            "method": self.method,
            "url": self.path,
            "params": {k: v for k, v in self.params.items() if v is not None},
            "json": self.json,
            "data": self.data,
            "files": self.files,
            "headers": {**self.headers, **(extra or {})},
        }

    def again(self, response: httpx.Response | None) -> bool:
        """Whether to repeat: nothing came back, or the server is busy for a moment.

        Busy, too, with this very request, where an answer to it was lost on its way.
        """
        harmless = self.repeatable or self.method in _SAFE
        if response is None:
            return harmless
        status = response.status_code
        in_flight = status == 409 and b":in-flight" in response.content
        return status == 503 or (harmless and (in_flight or status in (502, 504)))

    def read(self, response: httpx.Response) -> T:
        """What the answer becomes; raises `ClientError` for a problem and for what is no answer."""
        checked(response)
        with reading(response.status_code):
            return self.parse(response)


def _body(response: httpx.Response) -> Json:
    body = response.json()
    if not isinstance(body, dict):
        raise TypeError("no JSON object")
    return body


def items_of(page: Json) -> list[Json]:
    """The items of a page; raises `ClientError` where it has none."""
    with reading():
        items: list[Json] = page["items"]
        if not isinstance(items, list):
            raise TypeError("no list")
    return items


def parts_of(response: httpx.Response) -> int:
    """How many parts a lexicon has; raises `ClientError` where its header is no number."""
    told = response.headers.get("lexicon-parts", "1")
    with reading(response.status_code):
        if not (told.isascii() and told.isdigit()):
            raise ValueError("no number")
        return int(told)


def checked(response: httpx.Response) -> httpx.Response:
    """The response, unless it is a problem: raises `ClientError`."""
    if response.is_success or response.status_code == 304:
        return response
    try:
        problem = response.json()
    except ValueError:
        problem = {}
    if not isinstance(problem, dict):
        problem = {}
    detail = problem.get("detail") or f"The server answered {response.status_code}."
    raise ClientError(str(detail), response.status_code, problem)


def _field(value: object) -> str:
    """A form field: a transcript with word times is JSON, a flag is `true` or `false`."""
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False)
    return str(value).lower() if isinstance(value, bool) else str(value)


def who(person_id: str | None, external_id: str | None) -> str:
    """The placeholder of a person; raises `ClientError` where neither or both ids are given."""
    if (person_id is None) == (external_id is None):
        raise ClientError("Give either person_id or external_id.")
    return f"person:{person_id}" if person_id is not None else f"external:{external_id}"


class Cache:
    """Answers by what was asked, with their ETags and when they came."""

    def __init__(self, fresh_for: float) -> None:
        self.fresh_for = fresh_for
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str], tuple[str, Said, float]] = {}
        self._people: dict[str, str] = {}

    def fresh(self, key: tuple[str, str]) -> Said | None:
        """An answer that may be used without asking the server."""
        with self._lock:
            found = self._kept.get(key)
        young = found is not None and time.monotonic() - found[2] < self.fresh_for
        return found[1] if found is not None and young else None

    def etag(self, key: tuple[str, str]) -> dict[str, str]:
        """The header that asks whether anything changed."""
        with self._lock:
            found = self._kept.get(key)
        return {"If-None-Match": found[0]} if found is not None else {}

    def keep(self, key: tuple[str, str], response: httpx.Response) -> Said:
        """Remembers an answer; a 304 renews the one that is there."""
        with self._lock:
            if response.status_code == 304 and key in self._kept:
                etag, said, _ = self._kept[key]
            else:
                with reading(response.status_code):
                    etag, said = response.headers.get("etag", ""), Said.of(_body(response))
            self._kept[key] = (etag, said, time.monotonic())
        return said

    def person(self, external_id: str) -> str | None:
        """Our id of whom the caller knows by another."""
        with self._lock:
            return self._people.get(external_id)

    def learn(self, external_id: str, person_id: str) -> None:
        """Remembers our id of a person."""
        with self._lock:
            self._people[external_id] = person_id

    def unlearn(self, external_id: str) -> None:
        """Forgets our id of a person, since it is nobody's any more."""
        with self._lock:
            self._people.pop(external_id, None)

    def forget(self) -> None:
        """Forgets everything, since something changed."""
        with self._lock:
            self._kept.clear()
            self._people.clear()


class Calls:
    """The requests themselves, the same for both clients."""

    @staticmethod
    def introduce(audio: bytes, form: Mapping[str, Any]) -> Call[Json]:
        """A recording; the key makes it safe to send twice."""
        data = {key: _field(value) for key, value in form.items() if value is not None}
        return Call(
            "POST", "/v1/introductions", _body, data=data,
            files={"audio": ("audio", audio, "application/octet-stream")},
            headers={"Idempotency-Key": uuid.uuid4().hex}, repeatable=True,
        )  # fmt: skip

    @staticmethod
    def identify(audio: bytes, form: Mapping[str, Any]) -> Call[Json]:
        """A recording of somebody who may be known; it stores nothing."""
        data = {key: _field(value) for key, value in form.items() if value is not None}
        return Call(
            "POST", "/v1/people/identify", _body, data=data,
            files={"audio": ("audio", audio, "application/octet-stream")}, repeatable=True,
        )  # fmt: skip

    @staticmethod
    def pronunciation(person_id: str, asked: Mapping[str, str | None]) -> Call[httpx.Response]:
        """A person's name for a TTS."""
        return Call(
            "GET",
            f"/v1/people/{quote(person_id, safe='')}/pronunciation",
            lambda r: r,
            params=asked,
        )

    @staticmethod
    def render(body: Json) -> Call[RenderedText]:
        """A text with names in it."""
        return Call(
            "POST", "/v1/render", lambda r: RenderedText.of(_body(r)), json=body, repeatable=True
        )

    @staticmethod
    def convert(value: str, source: str, to: str) -> Call[Json]:
        """A pronunciation in another notation."""
        body = {"from": source, "to": to, "value": value}
        return Call("POST", "/v1/convert", _body, json=body, repeatable=True)

    @staticmethod
    def speak(body: Json) -> Call[bytes]:
        """Preview speech."""
        given = {k: v for k, v in body.items() if v is not None}
        return Call("POST", "/v1/speak", lambda r: r.content, json=given, repeatable=True)

    @staticmethod
    def get(path: str, **params: Any) -> Call[Json]:
        """Anything that is read."""
        return Call("GET", path, _body, params=params)

    @staticmethod
    def post(path: str, body: Json | None = None) -> Call[Json]:
        """Anything that is changed; the key makes it safe to send twice."""
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        return Call("POST", path, _body, json=body, headers=headers, repeatable=True)

    @staticmethod
    def lexicon(target: str, part: int, asked: Mapping[str, str | None]) -> Call[httpx.Response]:
        """One part of a lexicon."""
        params = {"target": target, "part": part, **asked}
        return Call("GET", "/v1/lexicon", lambda r: r, params=params)


def render_body(
    text: str, target: str, voice: str | None, model: str | None, locale: str | None,
    people: list[str], sentences: bool,
) -> Json:  # fmt: skip
    """The body of `render`."""
    chosen = {"voice": voice, "model": model, "locale": locale}
    return {
        "text": text, "target": target, "people": people, "sentences": sentences,
        **{k: v for k, v in chosen.items() if v is not None},
    }  # fmt: skip


def person_path(person_id: str | None, external_id: str | None) -> str:
    """The path of a person; ids may hold any character."""
    who(person_id, external_id)
    if external_id is not None:
        return f"/v1/people/by-external-id/{quote(external_id, safe='')}"
    return f"/v1/people/{quote(person_id or '', safe='')}"


def consents_path(person_id: str, consent_id: str | None = None) -> str:
    """The path of a person's consents, or that which withdraws one."""
    path = f"/v1/people/{quote(person_id, safe='')}/consents"
    return path if consent_id is None else f"{path}/{quote(consent_id, safe='')}/withdraw"


def headers_of(api_key: str | None) -> dict[str, str]:
    """The headers that every request has."""
    return {"Authorization": f"Bearer {api_key}"} if api_key else {}
