"""espeak-ng's reading of a spelling, through phonemizer, without a system package.

The library and its data come as a wheel (`espeakng-loader`). One copy of it is loaded and switched
from voice to voice: phonemizer's own backend holds a copy for each voice, which is 260 MB and a
second for fifty voices and, per name, twice as slow as switching.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterable
from typing import Any

from namemem.errors import EngineUnavailable, InvalidPronunciation
from namemem.phones import Pronunciation, parse_ipa

_log = logging.getLogger(__name__)

# What espeak-ng writes that is not IPA, or is IPA for something else than it means.
_REPLACEMENTS: dict[str, tuple[tuple[str, str], ...]] = {
    "en": (("ɐ", "ə"), ("ɜːɹ", "ɝ")),
    "da": (("?", "ʔ"),),
    "ja": (("ᵝ", ""),),
    "ga": (("A", "a"),),
    "is": (("#", ""),),
}
# espeak-ng writes tones as digits and "ɜ"; which digit means which tone depends on the voice and
# is not unique, so tones are not taken from it.
_TONAL = ("cmn", "yue", "vi", "th", "my", "hak")
_PUNCTUATION = re.compile(r'[;:,.!?¡¿—…"«»“”(){}\[\]]')
"""What phonemizer leaves out: espeak-ng would read some of it aloud."""
_SPACES = re.compile(r"\s+")
_TONE_MARKS = re.compile(r"[0-9]|ɜ")


class EspeakG2p:
    """espeak-ng as a G2P engine; safe to share between threads.

    Attributes:
        name: `espeak-ng`.
    """

    name = "espeak-ng"

    def __init__(self) -> None:
        self._engine: Any = None
        self._voice = ""
        self._lock = threading.Lock()
        self._version = ""

    @property
    def version(self) -> str:
        """espeak-ng's own version, such as `1.52.0`."""
        self.load()
        return self._version

    def load(self) -> None:
        """Loads the library of the wheel.

        Raises:
            EngineUnavailable: phonemizer or espeakng-loader is missing or broken.
        """
        with self._lock:
            if self._engine is not None:
                return
            try:
                import espeakng_loader
                from phonemizer.backend.espeak.wrapper import EspeakWrapper

                EspeakWrapper.set_library(espeakng_loader.get_library_path())
                EspeakWrapper.set_data_path(espeakng_loader.get_data_path())
                engine = EspeakWrapper()
                self._version = ".".join(str(part) for part in engine.version)
            except (ImportError, OSError, RuntimeError) as error:
                raise EngineUnavailable(
                    f"espeak-ng could not be loaded ({error}). "
                    "Reinstall it with: pip install --force-reinstall espeakng-loader phonemizer"
                ) from error
            self._engine = engine

    def read(self, text: str, voice: str) -> Pronunciation | None:
        """How the voice reads `text`; None where it would fall back to another language.

        Args:
            text: a spelling, at most a few words.
            voice: an espeak-ng voice name, such as `en-us`.

        Raises:
            EngineUnavailable: espeak-ng is missing, or has no such voice.
        """
        raw = self.read_raw(text, voice)
        if not raw or "(" in raw:  # "(en)" marks a switch to another language's rules
            return None
        for old, new in _REPLACEMENTS.get(voice, _REPLACEMENTS.get(voice.split("-")[0], ())):
            raw = raw.replace(old, new)
        if voice.split("-")[0] in _TONAL:
            raw = _TONE_MARKS.sub("", raw)
        try:
            return parse_ipa(raw, stress_mark="vowel")
        except InvalidPronunciation as error:
            _log.debug("espeak-ng %s wrote what is no IPA: %s", voice, error.details.get("symbol"))
            return None

    def read_raw(self, text: str, voice: str) -> str:
        """espeak-ng's own IPA text, language flags kept."""
        self.load()
        with self._lock:
            if voice != self._voice:
                self._voice = ""
                try:
                    self._engine.set_voice(voice)
                except RuntimeError as error:
                    raise EngineUnavailable(f"espeak-ng has no voice {voice!r}.") from error
                self._voice = voice
            said: str = self._engine.text_to_phonemes(_PUNCTUATION.sub(" ", text))
        return _SPACES.sub(" ", said.replace("_", "")).strip()

    def read_all(self, text: str, voices: Iterable[str]) -> list[tuple[str, Pronunciation]]:
        """(voice, reading) for every voice that reads `text` by its own rules."""
        readings = ((voice, self.read(text, voice)) for voice in voices)
        return [(voice, reading) for voice, reading in readings if reading is not None]
