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
    │   ├── EngineBusy               the queue is full: try again later
    │   └── EngineFailed             it was there and broke
    ├── StoreError
    │   ├── NotFound                 no such person, name, introduction, version or clip
    │   ├── Conflict                 it exists already
    │   ├── VersionConflict          somebody was faster
    │   └── StoreUnavailable         the database does not answer, or its disk is full
    ├── RenderingError
    │   ├── UnknownTarget            no such text-to-speech target
    │   └── UnknownVoice             the target has no such voice
    ├── InvalidRequest               a value that the caller can mend
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


class EngineBusy(EngineError):
    """The queue is full. `retry_after` seconds from now there may be room."""

    def __init__(self, message: str, retry_after: int = 1) -> None:
        super().__init__(message, retry_after=retry_after)
        self.retry_after = retry_after


class EngineFailed(EngineError):
    """The engine was there and broke while working."""


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


class RenderingError(NamememError):
    """A pronunciation could not be put into a target's form."""


class UnknownTarget(RenderingError):
    """No such text-to-speech target; `details` lists those there are."""


class UnknownVoice(RenderingError):
    """The target has no such voice."""


class InvalidRequest(NamememError):
    """A value that the caller can mend, found where no schema could see it."""


class InvalidSettings(NamememError):
    """A setting that stops the start."""
