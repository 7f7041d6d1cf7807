"""A voice without any cloud: espeak-ng in this process, from the wheel `espeakng-loader`.

espeak-ng keeps its state in global variables, so the library is loaded from a private copy
(phonemizer loads its own) and one lock lets one call in at a time. Nothing is loaded before the
first call.
Synthesis runs in C with Python's lock released; it is far faster than speech. It stops
by itself after `MAX_SECONDS` of audio or `MAX_WALL_SECONDS`; a crash inside the library would take
the process with it, so text is cleaned and limited to `MAX_TEXT` characters before it gets there.
"""

from __future__ import annotations

import ctypes
import io
import shutil
import threading
import time
import wave
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path

from namemem.errors import EngineFailed, EngineUnavailable, InvalidRequest, UnknownVoice
from namemem.phones import Pronunciation
from namemem.phones.espeak import to_espeak
from namemem.scratch import is_full, no_temporary_space, scratch_folder
from namemem.tts.espeak import Espeak, after_space

_SYLLABLES_AT_ONCE = 10
_PHONES_OF_A_SYLLABLE = 12
MAX_TEXT = 2000
"""Longest text that is spoken, in characters, mnemonics included."""
MAX_SECONDS = 120.0
"""Longest audio that is made, in seconds."""
MAX_WALL_SECONDS = 20.0
"""Longest time that one synthesis may take, in seconds."""

_SYNCHRONOUS = (
    2  # AUDIO_OUTPUT_SYNCHRONOUS: espeak_Synth returns when all audio has been handed over
)
_DONT_EXIT = 0x8000  # espeakINITIALIZE_DONT_EXIT: an error is returned, the process lives on
_UTF8, _PHONEMES, _END_PAUSE = 1, 0x100, 0x1000
_TRACE_MNEMONICS, _TRACE_IPA = 1, 2
_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


class _VoiceStruct(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_void_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("xx1", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


class _Library:
    """The loaded library: one in a process, used under `lock` only."""

    def __init__(self) -> None:
        try:
            import espeakng_loader
        except ImportError as error:
            raise EngineUnavailable(
                "The preview voice needs espeakng-loader: pip install espeakng-loader."
            ) from error
        with scratch_folder() as folder:  # it goes once it is loaded; Windows keeps the file
            try:
                copy = shutil.copy(espeakng_loader.get_library_path(), folder)
                self.c = ctypes.CDLL(str(copy))
            except OSError as error:
                if is_full(error):
                    raise
                raise EngineUnavailable(f"espeak-ng cannot be loaded: {error}.") from error
        self._declare()
        self.data = Path(espeakng_loader.get_data_path())
        self.rate = int(
            self.c.espeak_Initialize(_SYNCHRONOUS, 0, str(self.data).encode(), _DONT_EXIT)
        )
        if self.rate <= 0:
            raise EngineUnavailable(f"espeak-ng finds no voices in {self.data.name}.")
        self.version = str(self.c.espeak_Info(None).decode()).split()[0]
        self._samples = bytearray()
        self._deadline = 0.0
        self._stopped = ""
        self._callback = _CALLBACK(self._receive)  # kept: the library has only a pointer to it
        self.c.espeak_SetSynthCallback(self._callback)
        self.files: dict[str, str] = {}
        self.voices = self._voices(None)
        self.variants = frozenset(
            Path(v).name for v in self._voices(_VoiceStruct(languages=_pointer(b"variant")))
        )
        self._libc = ctypes.CDLL(None)
        self._libc.fopen.restype = ctypes.c_void_p
        self._libc.fclose.argtypes = [ctypes.c_void_p]

    def _declare(self) -> None:
        c = self.c
        c.espeak_Info.restype = ctypes.c_char_p
        c.espeak_Info.argtypes = [ctypes.c_void_p]
        c.espeak_Initialize.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_int]
        c.espeak_SetVoiceByName.argtypes = [ctypes.c_char_p]
        c.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_VoiceStruct))
        c.espeak_ListVoices.argtypes = [ctypes.POINTER(_VoiceStruct)]
        c.espeak_SetPhonemeTrace.argtypes = [ctypes.c_int, ctypes.c_void_p]
        c.espeak_Synth.argtypes = [
            ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int,
            ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p,
        ]  # fmt: skip

    def _voices(self, like: _VoiceStruct | None) -> dict[str, str]:
        """Voice → name for people. Languages (`en-us`), or file names with `like`."""
        listed = self.c.espeak_ListVoices(ctypes.byref(like) if like is not None else None)
        found: dict[str, str] = {}
        i = 0
        while listed[i]:
            voice = listed[i].contents
            identifier = voice.identifier.decode("utf-8", "replace")
            title = voice.name.decode("utf-8", "replace")
            keys = [identifier] if like is not None else _languages(voice.languages)
            if not identifier.startswith("mb/"):  # MBROLA voices need files that are not here
                for key in keys:
                    found.setdefault(key, title)
                    self.files.setdefault(key, identifier)
            i += 1
        return found

    def _receive(self, samples: object, count: int, _events: object) -> int:
        """Called by the library with int16 samples; 1 makes it stop."""
        if count > 0 and samples:
            self._samples += ctypes.string_at(samples, count * 2)  # type: ignore[arg-type]
        if len(self._samples) > MAX_SECONDS * self.rate * 2:
            self._stopped = f"more than {MAX_SECONDS:.0f} s of audio"
        elif time.monotonic() > self._deadline:
            self._stopped = f"more than {MAX_WALL_SECONDS:.0f} s of work"
        return int(bool(self._stopped))

    def synthesise(self, text: str, voice: str) -> bytes:
        """int16 mono samples, little-endian as the machine is."""
        # A language that is not the first of its voice (en-gb) has no file of its own name.
        base, plus, variant = voice.partition("+")
        name = self.files.get(base, base) + plus + variant
        if self.c.espeak_SetVoiceByName(name.encode()) != 0:
            raise EngineFailed(f"espeak-ng cannot load its voice {voice!r}.")
        self._samples = bytearray()
        self._stopped = ""
        self._deadline = time.monotonic() + MAX_WALL_SECONDS
        data = text.encode("utf-8")
        flags = _UTF8 | _PHONEMES | _END_PAUSE
        status = self.c.espeak_Synth(data, len(data) + 1, 0, 0, 0, flags, None, None)
        if status != 0:
            raise EngineFailed(f"espeak-ng could not speak (status {status}).")
        if self._stopped:
            raise EngineFailed(f"Speaking was stopped: {self._stopped}.")
        return bytes(self._samples)

    def trace(self, text: str, voice: str, mode: int) -> str:
        """What the library says it speaks, while it speaks it."""
        with scratch_folder() as folder:
            file = folder / "trace"
            stream = self._libc.fopen(str(file).encode(), b"w")
            if not stream:
                raise no_temporary_space()
            try:
                self.c.espeak_SetPhonemeTrace(mode, stream)
                self.synthesise(text, voice)
            finally:
                self.c.espeak_SetPhonemeTrace(0, None)
                written = self._libc.fclose(stream) == 0
            if not written:
                raise no_temporary_space()
            return " ".join(file.read_text(encoding="utf-8").split())


def _languages(address: int | None) -> list[str]:
    """Languages of a voice: a priority byte and a C string, again and again, then a zero byte."""
    found: list[str] = []
    while address and ctypes.string_at(address, 1) != b"\0":
        language = ctypes.string_at(address + 1)
        found.append(language.decode("utf-8", "replace"))
        address += len(language) + 2
    return found


def _pointer(text: bytes) -> int | None:
    return ctypes.cast(ctypes.c_char_p(text), ctypes.c_void_p).value


_lock = threading.Lock()
_loaded: _Library | None = None


def _library() -> _Library:
    """The library, loaded by the first caller; call with `_lock` held."""
    global _loaded
    if _loaded is None:
        _loaded = _Library()
    return _loaded


def _pieces(said: Pronunciation) -> Iterator[Pronunciation]:
    """A pronunciation word by word, long words in parts.

    espeak-ng keeps the phonemes of one `[[…]]` in an array of fixed size and does not mind its
    end: "pa" 105 times (210 phonemes) ends the process, 102 times does not.

    Raises:
        InvalidRequest: a syllable that nobody can say.
    """
    for word in said.words:
        for syllable in word:
            if len(syllable.phones) > _PHONES_OF_A_SYLLABLE:
                raise InvalidRequest(
                    f"A syllable of {len(syllable.phones)} phones cannot be spoken; at most "
                    f"{_PHONES_OF_A_SYLLABLE} can.",
                    phones=len(syllable.phones),
                )
        for start in range(0, len(word), _SYLLABLES_AT_ONCE):
            yield Pronunciation((word[start : start + _SYLLABLES_AT_ONCE],))


class EspeakPreview:
    """Speaks text and pronunciations through espeak-ng. Safe to call from any thread.

    Calls from several threads wait for each other; one takes a few milliseconds a name.
    """

    name = "espeak-ng"

    @property
    def version(self) -> str:
        """The library's version, such as `1.52.0`.

        Raises:
            EngineUnavailable: it is not installed or cannot be loaded.
        """
        with _lock:
            return _library().version

    def voices(self) -> tuple[str, ...]:
        """Names of the voices, such as `en-us`; each may have a variant (`en-us+f3`)."""
        with _lock:
            return tuple(sorted(_library().voices))

    def speak(
        self, text_or_segments: str | Sequence[str | Pronunciation], voice: str = "en-us"
    ) -> bytes:
        """Speech as a WAV file: mono, 16-bit, at the library's rate (22050 Hz).

        Args:
            text_or_segments: plain text (no markup of any kind is read), or text and pronunciations
                in order: `["Good morning ", pronunciation, "!"]`.
            voice: one of `voices()`, in any case, with or without a variant.

        Raises:
            UnknownVoice: no such voice, or a pronunciation for a voice whose phonemes are unknown.
            InvalidRequest: nothing to say, or more than `MAX_TEXT` characters.
            EngineUnavailable: the library is not installed or cannot be loaded.
            EngineFailed: it broke, or the limits of time and length stopped it.
        """
        text, chosen = self._prepare(text_or_segments, voice)
        with _lock:
            library = _library()
            samples = library.synthesise(text, chosen)
            rate = library.rate
        if not samples:
            raise EngineFailed("espeak-ng gave no audio.")
        buffer = io.BytesIO()
        with wave.open(buffer, "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(rate)
            out.writeframes(samples)
        return buffer.getvalue()

    def phonemes(
        self, text_or_segments: str | Sequence[str | Pronunciation], voice: str = "en-us"
    ) -> tuple[str, str]:
        """(mnemonics, IPA) of what `speak` would say, by the library's own trace.

        Stress marks stand before vowels. Raises as `speak` does.
        """
        text, chosen = self._prepare(text_or_segments, voice)
        with _lock:
            library = _library()
            mnemonics = library.trace(text, chosen, _TRACE_MNEMONICS)
            return mnemonics, library.trace(text, chosen, _TRACE_IPA)

    def _prepare(
        self, segments: str | Sequence[str | Pronunciation], voice: str
    ) -> tuple[str, str]:
        chosen = self._voice(voice)
        escape = Espeak().escape
        parts = [segments] if isinstance(segments, str) else list(segments)
        text = ""
        for part in parts:
            if isinstance(part, str):
                text += escape(part)
            else:
                for piece in _pieces(part):
                    text += after_space(f"[[{to_espeak(piece, chosen).value}]]", text)
        if not text.strip():
            raise InvalidRequest("There is nothing to say.")
        if len(text) > MAX_TEXT:
            raise InvalidRequest(
                f"At most {MAX_TEXT} characters are spoken at once; these are {len(text)}.",
                length=len(text),
            )
        return text, chosen

    def _voice(self, voice: str) -> str:
        """The voice as the library spells it, variant included."""
        base, plus, variant = voice.strip().replace("_", "-").partition("+")
        with _lock:
            library = _library()
        by_lower = {v.lower(): v for v in library.voices}
        by_lower |= {title.lower(): v for v, title in library.voices.items()}
        variants = {v.lower(): v for v in library.variants}
        if base.lower() not in by_lower or (plus and variant.lower() not in variants):
            pool = by_lower if base.lower() not in by_lower else variants
            wanted = base if pool is by_lower else variant
            close = list(
                dict.fromkeys(
                    pool[c] for c in get_close_matches(wanted.lower(), pool, n=5, cutoff=0.4)
                )
            )
            hint = f" Close to it: {', '.join(close)}." if close else ""
            raise UnknownVoice(
                f"espeak-ng has no voice {voice[:60]!r}.{hint}", voice=voice[:60], close=close
            )
        found = by_lower[base.lower()]
        return f"{found}+{variants[variant.lower()]}" if plus else found
