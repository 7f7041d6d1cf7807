"""`Transcriber`, and the timed words that it hears."""

from __future__ import annotations

import importlib.util
import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from namemem.audio import Waveform
from namemem.errors import EngineFailed, EngineUnavailable, NamememError


@dataclass(frozen=True)
class TimedWord:
    """A word and when it was said."""

    word: str
    start: float | None
    """Seconds from the start of the waveform; None where the source knows no times."""
    end: float | None
    """Seconds, ≥ start; None together with `start`."""
    confidence: float | None = None
    """In [0, 1], as the engine says it: not calibrated."""


@dataclass(frozen=True)
class Transcript:
    """What was said."""

    text: str
    """The words joined by blanks; lower case from an engine, as typed from a caller."""
    words: tuple[TimedWord, ...]
    """In order of time."""
    engine: str
    """Who heard it: "name version", or "caller"."""
    language: str | None = None
    """BCP 47, where known."""
    no_speech_probability: float | None = None
    """In [0, 1], where the engine tells."""
    timed: bool = True
    """Whether the words have times."""
    written: str = ""
    """The same words with the engine's capitals and punctuation, which help to find the name;
    empty where it writes none."""


@dataclass(frozen=True)
class Capabilities:
    """What an engine can do."""

    languages: frozenset[str] | None
    """BCP 47 languages it hears; None for many."""
    prompt: bool
    """Whether `prompt` steers it towards words."""
    detects_language: bool = False
    hypotheses: bool = False
    """Whether it can say what else may have been said; see `Transcriber.hypotheses`."""
    guesses: bool = False
    """Whether it writes a word that it knows for whatever is said: half of the names are others."""


class Transcriber(ABC):
    """Hears words. One instance serves many threads; calls wait for each other.

    A new engine overrides `_load` and `_transcribe`, and gets a line in `registry.ENGINES`.
    """

    name: ClassVar[str]
    capabilities: ClassVar[Capabilities]
    modules: ClassVar[tuple[str, ...]]
    """Top-level modules that it needs."""
    extra: ClassVar[str | None] = None
    """The optional extra of namemem that brings them; None: they come with it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loaded = False

    @property
    @abstractmethod
    def version(self) -> str:
        """Version of engine and model, for the evidence kept with a name."""

    @abstractmethod
    def _load(self) -> None:
        """Import and read what is needed; called once, under the lock."""

    @abstractmethod
    def _transcribe(
        self, waveform: Waveform, *, language: str | None, prompt: str | None
    ) -> Transcript:
        """Hear; called under the lock, after `_load`."""

    @classmethod
    def is_installed(cls) -> bool:
        """Whether its modules are there, without importing them."""
        return all(importlib.util.find_spec(module) is not None for module in cls.modules)

    def load(self) -> None:
        """Load the model, once. Raises EngineUnavailable."""
        with self._lock:
            self._load_once()

    def transcribe(
        self, waveform: Waveform, *, language: str | None = None, prompt: str | None = None
    ) -> Transcript:
        """The words of a waveform (mono float32, [-1, 1], 16 kHz).

        `language`: BCP 47, None where unknown. `prompt`: text to expect, such as a known
        spelling. Nothing heard is an empty transcript, not an error. Raises
        EngineUnavailable where the model cannot be loaded, EngineFailed where it breaks.
        """
        with self._lock:
            self._load_once()
            try:
                return self._transcribe(waveform, language=language, prompt=prompt)
            except NamememError:
                raise
            except Exception as error:
                raise EngineFailed(
                    f"The transcriber {self.name!r} broke: {error}", engine=self.name
                ) from error

    def hypotheses(
        self, waveform: Waveform, *, language: str | None = None, prompt: str | None = None
    ) -> tuple[str, ...]:
        """What may have been said in a short waveform, as written, likeliest first, each once.

        For a stretch in which a name is said: the name's spelling may differ between them. Empty
        from an engine without the capability, and where nothing was heard. Raises as `transcribe`.
        """
        if not self.capabilities.hypotheses:
            return ()
        with self._lock:
            self._load_once()
            try:
                return self._hypotheses(waveform, language=language, prompt=prompt)
            except NamememError:
                raise
            except Exception as error:
                raise EngineFailed(
                    f"The transcriber {self.name!r} broke: {error}", engine=self.name
                ) from error

    def _hypotheses(
        self, waveform: Waveform, *, language: str | None, prompt: str | None
    ) -> tuple[str, ...]:
        """Hear in several ways; called under the lock, after `_load`."""
        return ()

    def _load_once(self) -> None:
        if self._loaded:
            return
        if not self.is_installed():
            how = f"pip install 'namemem[{self.extra}]'" if self.extra else "reinstall namemem"
            raise EngineUnavailable(
                f"The transcriber {self.name!r} is not installed: {how}.", engine=self.name
            )
        try:
            self._load()
        except NamememError:
            raise
        except Exception as error:
            raise EngineUnavailable(
                f"The transcriber {self.name!r} cannot be loaded: {error}", engine=self.name
            ) from error
        self._loaded = True
