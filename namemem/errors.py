"""Every error that namemem raises on purpose, in one tree.

    NamememError
    ├── InvalidPronunciation         what was typed is not a pronunciation (has a position)
    │   ├── UnknownPhone             a symbol that is no phone of the notation
    │   └── EmptyPronunciation       nothing in it can be spoken
    ├── AudioError
    │   ├── UnreadableAudio          not audio, or a format that cannot be decoded
    │   ├── TruncatedAudio           audio that breaks off in the middle of its data
    │   ├── AudioTooLong             more seconds than the limit
    │   └── AudioTooLarge            more bytes than the limit
    ├── HearingError
    │   ├── NoSpeech                 silence, or nothing that resembles speech
    │   └── NoNameHeard              speech in which nobody gives a name
    ├── EngineError
    │   ├── EngineUnavailable        not installed, or its weights are not there
    │   │   └── NoTemporarySpace     the disk for temporary files is full
    │   ├── EngineBusy               the queue is full: try again later
    │   ├── DeadlineExceeded         waiting and hearing took longer than they may
    │   ├── CallerGone               nobody waits for the answer any more
    │   ├── EngineFailed             it was there and broke
    │   ├── JobGivenUp               hearing it broke off too often
    │   └── JobExpired               it waited too long, and nobody heard it
    ├── StoreError
    │   ├── NotFound                 no such person, name, introduction, version or clip
    │   ├── Conflict                 it exists already
    │   ├── VersionConflict          somebody was faster
    │   ├── ClipSealed               a kept recording is encrypted with a key that is not here
    │   └── StoreUnavailable         the database does not answer, or its disk is full
    ├── RenderingError
    │   ├── UnknownTarget            no such text-to-speech target
    │   └── UnknownVoice             the target has no such voice
    ├── AccessError
    │   ├── Unauthorized             no API key, or one that does not hold (any more)
    │   ├── Forbidden                a caller who is known and may not do this
    │   └── TooManyRequests          more than the limit allows: try again later
    ├── InvalidRequest               a value that the caller can mend
    │   └── ConsentMissing           audio was to be kept and nobody has agreed to it
    └── InvalidSettings              a setting that stops the start

Nothing here knows about HTTP: `namemem.api.errors` maps each class to a status. Every
message says what is wrong and how to mend it, and may be shown to a caller as it is.
"""

from __future__ import annotations


def _rebuild(
    kind: type[NamememError], message: str, details: dict[str, object], state: dict[str, object]
) -> NamememError:
    error = kind.__new__(kind)
    Exception.__init__(error, message)
    error.__dict__.update(state)
    error.message, error.details = message, details
    return error


class NamememError(Exception):
    """Base of all errors that namemem raises on purpose.

    `message` is a full sentence for the caller; `details` are extra facts that help to mend
    it (JSON-serialisable values), such as the position of a wrong symbol.
    """

    def __init__(self, message: str, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.details = details

    def __reduce__(self) -> tuple[object, ...]:
        """Errors cross process boundaries whole, whatever their constructors take."""
        return _rebuild, (type(self), self.message, self.details, self.__dict__)


class InvalidPronunciation(NamememError):
    """What was given is not a pronunciation; `details` has `position` and `symbol`."""


class UnknownPhone(InvalidPronunciation):
    """A symbol that is no phone of the notation; never skipped in silence."""

    def __init__(self, symbol: str, position: int, value: str, notation: str = "IPA") -> None:
        code_points = " ".join(f"U+{ord(c):04X}" for c in symbol)
        super().__init__(
            f"{symbol!r} ({code_points}) at position {position} is not a phone of {notation}.",
            symbol=symbol,
            position=position,
            value=value,
            notation=notation,
        )
        self.symbol = symbol
        self.position = position


class EmptyPronunciation(InvalidPronunciation):
    """There is nothing in it that can be spoken."""


class AudioError(NamememError):
    """Something is wrong with the recording itself."""


class UnreadableAudio(AudioError):
    """Not audio, or a format that cannot be decoded."""


class TruncatedAudio(AudioError):
    """Audio that breaks off in the middle of its data."""


class AudioTooLong(AudioError):
    """More seconds than the limit allows."""


class AudioTooLarge(AudioError):
    """More bytes than the limit allows."""


class HearingError(NamememError):
    """The recording is sound, but there is no name to be had from it."""


class NoSpeech(HearingError):
    """Silence, or nothing that resembles speech."""


class NoNameHeard(HearingError):
    """Speech in which nobody gives a name; `details` has the transcript."""


class EngineError(NamememError):
    """A transcriber, recogniser, G2P or synthesiser could not do its work."""


class EngineUnavailable(EngineError):
    """Not installed, or its weights are not there; the message says how to get it."""


class NoTemporarySpace(EngineUnavailable):
    """The disk for temporary files is full or cannot be written to."""


class EngineBusy(EngineError):
    """The queue is full. `retry_after` seconds from now there may be room."""

    def __init__(self, message: str, retry_after: int = 1) -> None:
        super().__init__(message, retry_after=retry_after)
        self.retry_after = retry_after


class DeadlineExceeded(EngineError):
    """Waiting and hearing took longer than the server allows or than the caller waits.

    `details` has `deadline_seconds`, `retry_after`, and `started`: whether a worker had begun.
    """


class CallerGone(EngineError):
    """The caller hung up before the recording was heard; nothing came of it."""


class EngineFailed(EngineError):
    """The engine was there and broke while working."""


class JobGivenUp(EngineError):
    """Hearing this recording ended its worker again and again; `details` has the `tries`."""


class JobExpired(EngineError):
    """The recording waited too long in the queue, and nobody heard it."""


class StoreError(NamememError):
    """Remembering failed."""


class NotFound(StoreError):
    """No such person, name, introduction, version or clip in this space."""


class Conflict(StoreError):
    """It exists already."""


class VersionConflict(StoreError):
    """Somebody else changed it since it was read; `details` has the current version."""


class StoreUnavailable(StoreError):
    """The database does not answer, is locked for too long, or its disk is full."""


class ClipSealed(StoreError):
    """A kept recording cannot be opened: its key is not here, or its bytes were changed."""


class RenderingError(NamememError):
    """A pronunciation could not be put into a target's form."""


class UnknownTarget(RenderingError):
    """No such text-to-speech target; `details` lists those there are."""


class UnknownVoice(RenderingError):
    """The target has no such voice."""


class AccessError(NamememError):
    """Somebody may not do what they ask for."""


class Unauthorized(AccessError):
    """No API key where one is needed, or one that is unknown, revoked or expired."""


class Forbidden(AccessError):
    """The caller is known and may not do this; `details` has the scope that is needed."""


class TooManyRequests(AccessError):
    """More than the limit allows. `retry_after` seconds from now it will be answered."""

    def __init__(self, message: str, retry_after: int = 1) -> None:
        super().__init__(message, retry_after=retry_after)
        self.retry_after = retry_after


class InvalidRequest(NamememError):
    """A value that the caller can mend, found where no schema could see it."""


class ConsentMissing(InvalidRequest):
    """Audio was to be kept, and the consent to it is missing or does not cover it."""


class InvalidSettings(NamememError):
    """A setting that stops the start."""
