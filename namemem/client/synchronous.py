"""The synchronous client."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
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
    parts_of,
    person_path,
    reading,
    render_body,
    who,
)
from namemem.client.jobs import Patience, job_call, queue_call


class Client:
    """The synchronous client. Close it, or use it in a `with` statement.

    Args:
        url: where namemem serves.
        api_key: the space's key, where keys are configured.
        timeout: seconds that one attempt may take.
        retries: how often a request is repeated.
        fresh_for: seconds for which a pronunciation is used again without asking the server.
        transport: for tests, an httpx transport.
        http: for tests, a whole `httpx.Client` (url, key, timeout and transport are its own).

    Every method raises `ClientError`.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8000",
        api_key: str | None = None,
        *,
        timeout: float = 30.0,
        retries: Retries | None = None,
        fresh_for: float = 60.0,
        transport: httpx.BaseTransport | None = None,
        http: httpx.Client | None = None,
    ) -> None:
        self._http = http or httpx.Client(
            base_url=url, headers=headers_of(api_key), timeout=timeout, transport=transport
        )
        self._retries = retries or Retries()
        self._cache = Cache(fresh_for)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def _send(self, call: Call[T], extra: Mapping[str, str] | None = None) -> T:
        attempt = 0
        while True:
            attempt += 1
            response: httpx.Response | None = None
            failure: Exception | None = None
            try:
                response = self._http.request(**call.arguments(extra))
            except httpx.TransportError as error:
                failure = error
            except httpx.RequestError as error:  # what came is no answer, such as broken gzip
                raise ClientError("The server's answer cannot be read.") from error
            if attempt < self._retries.attempts and call.again(response):
                time.sleep(self._retries.wait(attempt, response))
                continue
            if response is None:
                raise ClientError(f"The server cannot be reached: {failure}.") from failure
            return call.read(response)

    def introduce(
        self,
        audio: bytes,
        *,
        person_id: str | None = None,
        external_id: str | None = None,
        spelling: str | None = None,
        language: str | None = None,
        target: str | None = None,
        voice: str | None = None,
        asked: bool | None = None,
        transcript: Mapping[str, Any] | None = None,
        kind: str | None = None,
        keep_audio: str | None = None,
        consent: Mapping[str, Any] | None = None,
    ) -> Json:
        """Sends a recording in which a person gives a name; gives the introduction.

        `transcript` is what your own recogniser wrote, `{"text", "language", "words": [{"word",
        "start", "end"}]}` (times in seconds, optional): then none runs on the server. `consent` is
        `{"by", "at", "for"}`: who agreed, when (ISO 8601 with its zone), and for what.
        """
        form = {
            "person_id": person_id, "external_id": external_id, "spelling": spelling,
            "language": language, "target": target, "voice": voice, "asked": asked,
            "transcript": transcript, "kind": kind, "keep_audio": keep_audio,
            "consent": consent,
        }  # fmt: skip
        body = self._send(Calls.introduce(audio, form))
        self._cache.forget()
        return body

    def introduce_later(self, audio: bytes, *, webhook: str | None = None, **form: Any) -> Json:
        """Sends a recording that is heard later; gives the job. The form as in `introduce`.

        `webhook` is a URL of yours that is told when it has ended.
        """
        return self._send(queue_call(audio, form, webhook))

    def job(self, job_id: str) -> Json:
        """How far a job is: its `status` is `queued`, `running`, `done` or `failed`."""
        return self._send(job_call(job_id))

    def wait_for(self, job_id: str, seconds: float = 60.0) -> Json:
        """The introduction that a job makes, when it has ended.

        Raises:
            ClientError: it failed, with its problem; or it has not ended in time (status 0).
        """
        patience = Patience(seconds)
        while (made := patience.introduction(self._send(patience.question(job_id)))) is None:
            pass  # the question itself waits
        self._cache.forget()
        return made

    def identify(
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
        return self._send(Calls.identify(audio, form))

    def confirm(self, introduction_id: str) -> Json:
        """The person agreed."""
        self._cache.forget()
        return self._send(Calls.post(f"/v1/introductions/{introduction_id}/confirm"))

    def reject(self, introduction_id: str, choose: int | None = None) -> Json:
        """It was wrong: the next likely reading is taken, or the chosen one."""
        self._cache.forget()
        body = {} if choose is None else {"choose": choose}
        return self._send(Calls.post(f"/v1/introductions/{introduction_id}/reject", body))

    def add_person(self, body: Json) -> Json:
        """A person typed in: `{"external_id", "display_name", "names": [...]}`."""
        self._cache.forget()
        return self._send(Calls.post("/v1/people", body))

    def add_consent(self, person_id: str, consent: Mapping[str, Any]) -> Json:
        """Notes what a person agreed to, `{"by", "at", "for"}`; its `id` withdraws it."""
        return self._send(Calls.post(consents_path(person_id), dict(consent)))

    def withdraw_consent(self, person_id: str, consent_id: str) -> Json:
        """A person takes a consent back; the recordings kept under it are erased."""
        return self._send(Calls.post(consents_path(person_id, consent_id)))

    def person(self, *, person_id: str | None = None, external_id: str | None = None) -> Json:
        """A person by our id or by the caller's own."""
        return self._send(Calls.get(person_path(person_id, external_id)))

    def people(self, q: str | None = None) -> Iterator[Json]:
        """Everybody, newest first, page by page."""
        cursor: str | None = None
        while True:
            page = self._send(Calls.get("/v1/people", q=q, cursor=cursor))
            yield from items_of(page)
            cursor = page.get("next_cursor")
            if not cursor:
                return

    def pronunciation(
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
            return self._pronunciation(person_id, asked)
        external = external_id or ""
        known = self._cache.person(external)
        if known is not None:
            try:
                return self._pronunciation(known, asked)
            except ClientError as error:
                if error.status != 404:
                    raise
                self._cache.unlearn(external)  # deleted, and perhaps added anew
        body = self.person(external_id=external)
        with reading():
            known = str(body["id"])
        self._cache.learn(external, known)
        return self._pronunciation(known, asked)

    def _pronunciation(self, person_id: str, asked: Mapping[str, str | None]) -> Said:
        key = (person_id, repr(sorted(asked.items(), key=str)))
        if (fresh := self._cache.fresh(key)) is not None:
            return fresh
        response = self._send(Calls.pronunciation(person_id, asked), self._cache.etag(key))
        return self._cache.keep(key, response)

    def render(
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
        """A text with `{person:ID}` and `{external:ID}`, and names of `people` written out."""
        body = render_body(text, target, voice, model, locale, people or [], sentences)
        return self._send(Calls.render(body))

    def lexicon(self, target: str = "pls", **asked: str | None) -> list[str]:
        """The whole space as a lexicon, all parts; `voice`, `model`, `locale` as keywords."""
        first = self._send(Calls.lexicon(target, 1, asked))
        parts = parts_of(first)
        rest = [self._send(Calls.lexicon(target, n, asked)).text for n in range(2, parts + 1)]
        return [first.text, *rest]

    def convert(self, value: str, source: str, to: str) -> Json:
        """A pronunciation in another notation."""
        return self._send(Calls.convert(value, source, to))

    def speak(self, **body: str | None) -> bytes:
        """WAV from the preview voice: `person_id` or `ipa`, `text`, `voice`."""
        return self._send(Calls.speak(dict(body)))

    def targets(self) -> list[Json]:
        """Every TTS target."""
        return items_of(self._send(Calls.get("/v1/targets")))
