"""What goes on over one WebSocket of `/v1/listen`, without the socket.

Frames and texts go in by `audio` and `text`; messages go out by `send`; an utterance is heard and
remembered by `introduce`. Hearing begins in the first short silence, before it is known whether the
utterance is over:

    silence of marks[0]   the utterance so far is sent to be heard
    speech goes on        what came of it is thrown away
    silence of marks[1]   a name that was heard whole is remembered and answered
    silence of marks[2]   the utterance is over, whatever came of it

A hearing that is thrown away is not stopped: a worker that is stopped has to be replaced, which
takes longer than to hear. At most `MOST_AT_ONCE` are under way for one connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Protocol

from namemem.api.live_messages import Message, parsed, partly_heard, problem_body
from namemem.api.schemas.listening import ListenIn
from namemem.audio import encode_wav
from namemem.audio.endpointing import (
    Endpointer,
    Event,
    Silence,
    SpeechEnded,
    SpeechResumed,
    SpeechStarted,
)
from namemem.audio.streaming import PcmStream
from namemem.errors import (
    AudioTooLong,
    EngineBusy,
    EngineError,
    InvalidRequest,
    NamememError,
    NoSpeech,
)
from namemem.people import SpellingSource
from namemem.service.introducing import Settled
from namemem.workers import Heard

_log = logging.getLogger(__name__)

MOST_AT_ONCE = 2
"""Utterances of one connection being heard; another one is refused."""
FASTER, BURST = 4.0, 40.0
"""Seconds of audio taken in a second, and seconds that may come at once before that holds."""
MOST_NONSENSE = 20
"""Messages that are not understood, before the connection is given up."""
_PIECE = 16_384  # bytes between which other connections get their turn
_SURE = 0.3  # confidence from which a name is answered before the utterance is surely over
_UNSURE_LEVEL, _NAME_LEVEL, _OVER_LEVEL = 0, 1, 2
_GRACE = 2.0  # seconds that hearings go on for a client who has gone

Send = Callable[[Message], Awaitable[None]]


class Introduce(Protocol):
    """Hears a WAV and remembers the name; see `namemem.service.introducing.Introducing`."""

    async def __call__(
        self, wav: bytes, wishes: ListenIn, settled: Settled, utterance: int
    ) -> Message:
        """The body of an introduction. Raises `NamememError`, and what `settled` raises.

        `utterance` counts from 1; the same one may come again, longer or for another try.
        """


class ClientGone(Exception):
    """What `send` raises where nobody reads any more."""


class _ThrownAway(Exception):
    """Nobody wants this hearing any more."""


class _Attempt:
    """One hearing of one utterance.

    Attributes:
        level: how far the silence after it has come.
        thrown_away: speech went on, or the client has gone.
        start, end: of the utterance in seconds from the start of the stream, once it is over.
    """

    def __init__(self, level: int) -> None:
        self.level = level
        self.thrown_away = False
        self.start = self.end = 0.0
        self._changed = asyncio.Event()

    def rise(self, level: int) -> None:
        """The silence goes on."""
        self.level = max(self.level, level)
        self._changed.set()

    def throw_away(self) -> None:
        """What comes of it is dropped."""
        self.thrown_away = True
        self._changed.set()

    async def reach(self, level: int) -> None:
        """Waits for that much silence. Raises `_ThrownAway`."""
        while self.level < level and not self.thrown_away:
            self._changed.clear()
            await self._changed.wait()
        if self.thrown_away:
            raise _ThrownAway


class Conversation:
    """One connection that listens.

    Args:
        endpointer: a new one, with three marks.
        introduce: hears and remembers.
        send: tells the client; never called twice at a time.
        wishes: what the query said.
        clock: seconds that only go forward.

    Attributes:
        nonsense: messages that were not understood.
        gone: the client was found not to read any more.
    """

    def __init__(
        self,
        endpointer: Endpointer,
        introduce: Introduce,
        send: Send,
        wishes: ListenIn,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.nonsense = 0
        self.gone = False
        self._endpointer = endpointer
        self._introduce = introduce
        self._send = send
        self._sending = asyncio.Lock()
        self._wishes = wishes
        self._pcm = PcmStream(wishes.sample_rate)
        self._attempt: _Attempt | None = None  # at the utterance that is not over yet
        self._tasks: set[asyncio.Task[None]] = set()
        self._clock = clock
        self._allowance, self._counted = BURST, clock()
        self._spoken = False  # since the last `end`
        self._utterance = 0

    async def audio(self, data: bytes) -> None:
        """PCM in the sample rate of the wishes; returns late where it comes too fast."""
        for first in range(0, len(data), _PIECE):
            if first:
                await asyncio.sleep(0)
            before = self._endpointer.seconds
            events = self._endpointer.push(self._pcm.push(data[first : first + _PIECE]))
            for event in events:
                await self._happened(event)
            await self._pace(self._endpointer.seconds - before)

    async def text(self, text: str) -> None:
        """`start`, `end` or (where it is not needed any more) `auth`."""
        try:
            message = parsed(text)
            kind = message.pop("type")
            if kind == "start":
                self._start(message)
            elif kind == "end":
                await self._end()
            elif kind != "auth":
                raise InvalidRequest(
                    f"There is no message of the type {str(kind)[:40]!r}. Send start or end, and "
                    "audio in binary frames."
                )
        except InvalidRequest as error:
            self.nonsense += 1
            await self._tell_error(error)

    async def close(self) -> None:
        """The client has gone: whatever is not stored yet is thrown away."""
        self._drop()
        for task in self._tasks:
            attempt: _Attempt = task.attempt  # type: ignore[attr-defined]
            attempt.throw_away()
        if self._tasks:
            _, left = await asyncio.wait(self._tasks, timeout=_GRACE)
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    async def stalled(self) -> None:
        """No audio comes any more in the middle of an utterance: it is over."""
        ended = self._endpointer.end()
        if ended is not None:
            await self._happened(ended)

    @property
    def speaking(self) -> bool:
        """Whether an utterance is not over."""
        return self._endpointer.speaking

    @property
    def busy(self) -> bool:
        """Whether an utterance is being heard."""
        return bool(self._tasks)

    # --- what the client says ------------------------------------------------------------------

    def _start(self, fields: Message) -> None:
        wishes = self._wishes.changed(fields)
        if wishes.sample_rate != self._wishes.sample_rate:
            self._drop()
            self._endpointer.end()
            self._pcm = PcmStream(wishes.sample_rate)
        self._wishes = wishes

    async def _end(self) -> None:
        for event in self._endpointer.push(self._pcm.flush()):
            await self._happened(event)
        ended = self._endpointer.end()
        if ended is not None:
            await self._happened(ended)
        elif not self._spoken:
            await self._tell_error(
                NoSpeech(
                    "There was no speech. Check that the microphone is on and close enough, and "
                    "that the audio is 16-bit little-endian PCM with the sample rate that was "
                    "given."
                )
            )
        self._spoken = False

    # --- what is heard -------------------------------------------------------------------------

    async def _happened(self, event: Event) -> None:
        if isinstance(event, SpeechStarted):
            self._utterance += 1
            await self._tell({"type": "speech_started", "at": event.at})
        elif isinstance(event, SpeechResumed):
            self._drop()
        elif isinstance(event, Silence):
            if event.mark == 0 and len(self._tasks) < MOST_AT_ONCE:
                self._attempt = self._hear(_UNSURE_LEVEL)
            elif event.mark > 0 and self._attempt is not None:
                self._attempt.rise(_NAME_LEVEL)
        else:
            await self._ended(event)

    async def _ended(self, ended: SpeechEnded) -> None:
        self._spoken = True
        attempt, self._attempt = self._attempt, None
        if ended.why == "limit":
            if attempt is not None:
                attempt.throw_away()
            longest = self._endpointer.endpoints.longest
            error = AudioTooLong(
                f"Somebody has spoken for longer than the limit of {longest:g} s. It listens "
                "again after the next silence.",
                max_seconds=longest,
            )
            await self._tell_error(error, ended.start, ended.end)
            return
        if attempt is None:
            if len(self._tasks) >= MOST_AT_ONCE:
                busy = EngineBusy(
                    f"{MOST_AT_ONCE} utterances of this connection are still being heard. Let the "
                    "person say it again."
                )
                await self._tell_error(busy, ended.start, ended.end)
                return
            attempt = self._hear(_OVER_LEVEL, ended)
        attempt.start, attempt.end = ended.start, ended.end
        attempt.rise(_OVER_LEVEL)

    def _drop(self) -> None:
        if self._attempt is not None:
            self._attempt.throw_away()
            self._attempt = None

    def _hear(self, level: int, ended: SpeechEnded | None = None) -> _Attempt:
        sound = ended.sound if ended is not None else self._endpointer.sound()
        attempt = _Attempt(level)
        work = self._work(attempt, encode_wav(sound), self._wishes, max(1, self._utterance))
        task = asyncio.create_task(work)
        task.attempt = attempt  # type: ignore[attr-defined]
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return attempt

    async def _work(self, attempt: _Attempt, wav: bytes, wishes: ListenIn, utterance: int) -> None:
        async def settled(heard: Heard) -> None:
            await self._settle(attempt, heard)

        with contextlib.suppress(_ThrownAway, ClientGone):
            try:
                work = partial(self._introduce, wav, wishes, settled, utterance)
                body = await self._try(attempt, work)
            except NamememError as error:
                await self._tell_error(error, attempt.start, attempt.end)
            except (_ThrownAway, ClientGone):
                raise
            except Exception:
                _log.exception("Unexpected error while listening")
                unknown = NamememError("An unexpected error happened on our side.")
                await self._tell_error(unknown, attempt.start, attempt.end)
            else:
                where = {"start": attempt.start, "end": attempt.end}
                await self._tell({"type": "introduction", **body, "utterance": where})

    async def _try(self, attempt: _Attempt, work: Callable[[], Awaitable[Message]]) -> Message:
        """Errors wait until the utterance is over: what was not heard may still be said."""
        early = attempt.level < _OVER_LEVEL
        try:
            return await work()
        except EngineError:
            await attempt.reach(_OVER_LEVEL)
            if not early:
                raise
        except NamememError:
            await attempt.reach(_OVER_LEVEL)
            raise
        return await work()  # the first time was only on trial

    async def _settle(self, attempt: _Attempt, heard: Heard) -> None:
        """Holds a hearing back until the utterance is over. Raises `_ThrownAway`."""
        level = _NAME_LEVEL if _is_whole(heard) else _OVER_LEVEL
        if attempt.level < level and not attempt.thrown_away:
            await self._tell(partly_heard(heard))
        await attempt.reach(level)
        if self._attempt is attempt:  # not over yet, but a name is there
            self._attempt = None
            ended = self._endpointer.settle()
            if ended is not None:
                self._spoken = True
                attempt.start, attempt.end = ended.start, ended.end
            attempt.rise(_OVER_LEVEL)

    # --- what is told --------------------------------------------------------------------------

    async def _tell(self, message: Message) -> None:
        async with self._sending:
            try:
                await self._send(message)
            except ClientGone:
                self.gone = True
                raise

    async def _tell_error(
        self, error: NamememError, start: float | None = None, end: float | None = None
    ) -> None:
        message: Message = {"type": "error", "problem": problem_body(error)}
        if start is not None:
            message["utterance"] = {"start": start, "end": end}
        await self._tell(message)

    async def _pace(self, seconds: float) -> None:
        now = self._clock()
        self._allowance = min(BURST, self._allowance + FASTER * (now - self._counted)) - seconds
        self._counted = now
        if self._allowance < 0:
            await asyncio.sleep(-self._allowance / FASTER)


def _is_whole(heard: Heard) -> bool:
    """Whether a name is not likely to go on.

    One whose spelling was known is whole when it is found. Letters come one by one, with pauses.
    """
    hearing = heard.hearing
    if hearing.spelling_source is SpellingSource.CALLER:
        return True
    letters = hearing.spelling_source is SpellingSource.SPELLED_ALOUD
    return not letters and hearing.chosen.confidence >= _SURE
