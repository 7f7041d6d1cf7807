"""The client for asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Any, Self

import httpx

from namemem.client.calls import (
    Cache,
    Call,
    Calls,
    ClientError,
    Json,
    RenderedText,
    Retries,
    Said,
    T,
    consents_path,
    headers_of,
    items_of,
    person_path,
    reading,
    render_body,
    who,
)
from namemem.client.jobs import Patience, job_call, queue_call


class AsyncClient:
    """`Client` for asyncio: the same methods, awaited. Arguments and errors are the same."""

    def __init__(
        self,
        url: str = "http://127.0.0.1:8000",
        api_key: str | None = None,
        *,
        timeout: float = 30.0,
        retries: Retries | None = None,
        fresh_for: float = 60.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._http = httpx.AsyncClient(
            base_url=url, headers=headers_of(api_key), timeout=timeout, transport=transport
        )
        self._retries = retries or Retries()
        self._cache = Cache(fresh_for)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def _send(self, call: Call[T], extra: Mapping[str, str] | None = None) -> T:
        attempt = 0
        while True:
            attempt += 1
            response: httpx.Response | None = None
            failure: Exception | None = None
            try:
                response = await self._http.request(**call.arguments(extra))
            except httpx.TransportError as error:
                failure = error
            except httpx.RequestError as error:  # what came is no answer, such as broken gzip
                raise ClientError("The server's answer cannot be read.") from error
            if attempt < self._retries.attempts and call.again(response):
                await asyncio.sleep(self._retries.wait(attempt, response))
                continue
            if response is None:
                raise ClientError(f"The server cannot be reached: {failure}.") from failure
            return call.read(response)

    async def introduce(self, audio: bytes, **form: Any) -> Json:
        """Sends a recording in which a person gives a name; the form as in `Client.introduce`."""
        body = await self._send(Calls.introduce(audio, form))
        self._cache.forget()
        return body

    async def introduce_later(
        self, audio: bytes, *, webhook: str | None = None, **form: Any
    ) -> Json:
        """Sends a recording that is heard later; gives the job."""
        return await self._send(queue_call(audio, form, webhook))

    async def job(self, job_id: str) -> Json:
        """How far a job is."""
        return await self._send(job_call(job_id))

    async def wait_for(self, job_id: str, seconds: float = 60.0) -> Json:
        """The introduction that a job makes, when it has ended; errors as in `Client.wait_for`."""
        patience = Patience(seconds)
        while (made := patience.introduction(await self._send(patience.question(job_id)))) is None:
            pass  # the question itself waits
        self._cache.forget()
        return made

    async def identify(
        self,
        audio: bytes,
        *,
        language: str | None = None,
        asked: bool | None = None,
        transcript: Mapping[str, Any] | None = None,
        limit: int | None = None,
    ) -> Json:
        """Who says their name in a recording: `{"matches", "stranger_probability", "heard"}`.

        Nothing is stored. `asked=False` where the character has not just asked for the name.
        """
        form = {"language": language, "asked": asked, "transcript": transcript, "limit": limit}
        return await self._send(Calls.identify(audio, form))

    async def confirm(self, introduction_id: str) -> Json:
        """The person agreed."""
        self._cache.forget()
        return await self._send(Calls.post(f"/v1/introductions/{introduction_id}/confirm"))

    async def reject(self, introduction_id: str, choose: int | None = None) -> Json:
        """It was wrong: the next likely reading is taken, or the chosen one."""
        self._cache.forget()
        body = {} if choose is None else {"choose": choose}
        return await self._send(Calls.post(f"/v1/introductions/{introduction_id}/reject", body))

    async def add_person(self, body: Json) -> Json:
        """A person typed in."""
        self._cache.forget()
        return await self._send(Calls.post("/v1/people", body))

    async def add_consent(self, person_id: str, consent: Mapping[str, Any]) -> Json:
        """Notes what a person agreed to, `{"by", "at", "for"}`; its `id` withdraws it."""
        return await self._send(Calls.post(consents_path(person_id), dict(consent)))

    async def withdraw_consent(self, person_id: str, consent_id: str) -> Json:
        """A person takes a consent back; the recordings kept under it are erased."""
        return await self._send(Calls.post(consents_path(person_id, consent_id)))

    async def person(self, *, person_id: str | None = None, external_id: str | None = None) -> Json:
        """A person by our id or by the caller's own."""
        return await self._send(Calls.get(person_path(person_id, external_id)))

    async def people(self, q: str | None = None) -> AsyncIterator[Json]:
        """Everybody, newest first, page by page."""
        cursor: str | None = None
        while True:
            page = await self._send(Calls.get("/v1/people", q=q, cursor=cursor))
            for item in items_of(page):
                yield item
            cursor = page.get("next_cursor")
            if not cursor:
                return

    async def pronunciation(
        self,
        *,
        target: str,
        person_id: str | None = None,
        external_id: str | None = None,
        voice: str | None = None,
        model: str | None = None,
        locale: str | None = None,
        kind: str | None = None,
    ) -> Said:
        """A person's name for a TTS; from the cache for `fresh_for` seconds."""
        who(person_id, external_id)
        asked = {"target": target, "voice": voice, "model": model, "locale": locale, "kind": kind}
        if person_id is not None:
            return await self._pronunciation(person_id, asked)
        external = external_id or ""
        known = self._cache.person(external)
        if known is not None:
            try:
                return await self._pronunciation(known, asked)
            except ClientError as error:
                if error.status != 404:
                    raise
                self._cache.unlearn(external)  # deleted, and perhaps added anew
        body = await self.person(external_id=external)
        with reading():
            known = str(body["id"])
        self._cache.learn(external, known)
        return await self._pronunciation(known, asked)

    async def _pronunciation(self, person_id: str, asked: Mapping[str, str | None]) -> Said:
        key = (person_id, repr(sorted(asked.items(), key=str)))
        if (fresh := self._cache.fresh(key)) is not None:
            return fresh
        response = await self._send(Calls.pronunciation(person_id, asked), self._cache.etag(key))
        return self._cache.keep(key, response)

    async def render(
        self,
        text: str,
        target: str,
        *,
        voice: str | None = None,
        model: str | None = None,
        locale: str | None = None,
        people: list[str] | None = None,
        sentences: bool = False,
    ) -> RenderedText:
        """A text with names in it."""
        body = render_body(text, target, voice, model, locale, people or [], sentences)
        return await self._send(Calls.render(body))

    async def convert(self, value: str, source: str, to: str) -> Json:
        """A pronunciation in another notation."""
        return await self._send(Calls.convert(value, source, to))

    async def speak(self, **body: str | None) -> bytes:
        """WAV from the preview voice."""
        return await self._send(Calls.speak(dict(body)))

    async def targets(self) -> list[Json]:
        """Every TTS target."""
        return items_of(await self._send(Calls.get("/v1/targets")))
