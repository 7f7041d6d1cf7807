"""The synthesisers: espeak-ng, flite and festival, each with the phones it says that it spoke.

Every function returns `Speech`: mono int16 samples at 16 kHz and the words' phones. A clip whose
phones cannot be trusted (espeak-ng switching to its English rules, an unknown symbol) is None.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

from namemem.phone_recognition.whisper_ctc import PhoneLabels

RATE = 16_000
LABELS = PhoneLabels.read()

# What espeak-ng's trace writes in its own way; see also `_clean`.
_TRACE_SYMBOLS = {"?": "ʔ", "A": "ɑ", "ε": "ɛ", "s.": "ʂ", "ts.": "tʂ", "z.": "ʐ", "ts.h": "tʂʰ",
                  "tsh": "tsʰ", "tɕh": "tɕʰ", "th": "tʰ", "kh": "kʰ", "ph": "pʰ",
                  "ch": "tɕʰ"}  # fmt: skip
_TONAL = ("cmn", "th", "vi")
_ENGLISH_ARPABET = {"ɾ": ("T",), "a": ("AE",), "o": ("AO",), "iə": ("IY", "AH"), "oɹ": ("AO", "R"),
                    "ʔ": ("T",), "x": ("K",), "ɬ": ("L",)}  # fmt: skip

FESTIVAL_ITALIAN = {"E": "ɛ", "O": "ɔ", "S": "ʃ", "Z": "ʒ", "tS": "tʃ", "dZ": "dʒ", "N": "ŋ",
                    "J": "ɲ", "L": "ʎ", "g": "ɡ", "ng": "ŋ", "nf": "m"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Speech:
    """Int16 mono 16 kHz samples, the IPA labels of each word, and all ARPABET phones if known."""

    samples: np.ndarray
    words: list[list[str]]
    arpabet: list[str] | None


def read_wav(data: bytes | Path) -> np.ndarray:
    """Any 16-bit mono WAV → int16 at 16 kHz."""
    with wave.open(io.BytesIO(data) if isinstance(data, bytes) else str(data)) as f:
        rate, raw = f.getframerate(), f.readframes(f.getnframes())
    samples = np.frombuffer(raw[: len(raw) // 2 * 2], dtype="<i2")
    if rate != RATE:
        divisor = int(np.gcd(rate, RATE))
        wide = resample_poly(samples.astype(np.float32), RATE // divisor, rate // divisor)
        samples = np.clip(wide, -32768, 32767).astype("<i2")
    return samples


def _clean(token: str, tonal: bool) -> str:
    token = re.sub(r"[ˈˌː#^\-\d]", "", token)
    if tonal and len(token) > 1:
        token = token.replace("ɜ", "")
    return _TRACE_SYMBOLS.get(token, token)


def parse_trace(trace: str, voice: str) -> tuple[list[list[str]], list[str] | None] | None:
    """espeak-ng's `--ipa --sep=_` output → IPA labels by word, ARPABET if the voice is English."""
    if "(" in trace:
        return None
    language = voice.split("-")[0]
    words: list[list[str]] = []
    arpabet: list[str] = []
    for word in trace.split():
        labels: list[str] = []
        for raw in word.split("_"):
            token = _clean(raw, language in _TONAL)
            if not token or token == "ʲ":
                continue
            try:
                labels.extend(LABELS.ipa_for(token))
                if language == "en":
                    arpabet.extend(_ENGLISH_ARPABET.get(token) or LABELS.arpabet_for(token))
            except ValueError:
                return None
        if labels:
            words.append(labels)
    return (words, arpabet if language == "en" else None) if words else None


def espeak_trace(text: str, voice: str) -> str:
    """The phones that espeak-ng reads, without sound, for `parse_trace`."""
    command = ["espeak-ng", "-q", "-v", voice, "--ipa", "--sep=_", "--", text]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def espeak(text: str, voice: str, variant: str, speed: int, pitch: int) -> Speech | None:
    """espeak-ng; `variant` is a file of its `!v` folder or ``."""
    name = f"{voice}+{variant}" if variant else voice
    with tempfile.NamedTemporaryFile(suffix=".wav", dir=scratch()) as out:
        command = ["espeak-ng", "-v", name, "-s", str(speed), "-p", str(pitch), "--ipa", "--sep=_",
                   "-w", out.name, "--", text]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        parsed = parse_trace(done.stdout, voice)
        if parsed is None or done.returncode != 0:
            return None
        return Speech(read_wav(Path(out.name)), *parsed)


def flite(
    voice: str, stretch: float, pitch: int, text: str = "", phones: str = ""
) -> Speech | None:
    """flite from text (it prints the phones it chose) or from ARPABET phones (`pau hh ax …`)."""
    with tempfile.NamedTemporaryFile(suffix=".wav", dir=scratch()) as out:
        source = ["-p", phones] if phones else ["-ps", "-t", text]
        command = ["flite", "-voice", voice, "--setf", f"duration_stretch={stretch}",
                   "--setf", f"int_f0_target_mean={pitch}", *source, "-o", out.name]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            return None
        spoken = (phones or done.stdout).split()
        return from_arpabet_phones(read_wav(Path(out.name)), spoken)


# X-SAMPA as SVOX Pico reads it: parts of a diphthong or an affricate joined by `_`.
_PICO = {
    "AA": "A:", "AE": "{", "AH": "V", "AO": "O:", "AW": "a_U", "AY": "a_I", "B": "b", "CH": "t_S",
    "D": "d", "DH": "D", "EH": "E", "ER": "3:", "EY": "e_I", "F": "f", "G": "g", "HH": "h",
    "IH": "I", "IY": "i:", "JH": "d_Z", "K": "k", "L": "l", "M": "m", "N": "n", "NG": "N",
    "OW": "o_U", "OY": "O_I", "P": "p", "R": "r", "S": "s", "SH": "S", "T": "t", "TH": "T",
    "UH": "U", "UW": "u:", "V": "v", "W": "w", "Y": "j", "Z": "z", "ZH": "Z",
}  # fmt: skip
_CLUSTER = re.compile(r"(S (P|T|K|M|N|L|W)|(P|B|T|D|K|G|F|TH|SH) R|(P|B|K|G|F|S) L|(T|D|K) W)$")


def pico(words: list[list[str]], voice: str, pitch: int, speed: int, program: str) -> Speech | None:
    """SVOX Pico (`en-US` or `en-GB`) from ARPABET phones with stress, word by word.

    `program` is pico2wave (Debian's libttspico-utils); `pitch` and `speed` are per cent.
    """
    spoken: list[str] = []
    markup = []
    for phones in words:
        out: list[str] = []
        for i, phone in enumerate(phones):
            plain = phone.rstrip("012")
            if phone[-1] in "12":
                onset = 0
                if i and not phones[i - 1][-1].isdigit():
                    onset = 2 if i > 1 and _CLUSTER.search(" ".join(phones[i - 2 : i])) else 1
                out.insert(len(out) - onset, "&quot;" if phone[-1] == "1" else "%")
            out.append("@" if phone == "AH0" else _PICO[plain])
            spoken.append("ax" if phone == "AH0" else plain.lower())
        markup.append(f'<phoneme ph="{"".join(out)}"/>')
        spoken.append("pau")
    samples = _pico(" ".join(markup), voice, pitch, speed, program)
    return None if samples is None else from_arpabet_phones(samples, spoken)


PICO_NATIVE = {"de": "de-DE", "es": "es-ES", "fr-fr": "fr-FR", "it": "it-IT"}
"""espeak-ng voice → SVOX Pico's of the same language."""


def pico_text(text: str, language: str, pitch: int, speed: int, program: str) -> Speech | None:
    """SVOX Pico from text, with the phones that espeak-ng reads in the language."""
    parsed = parse_trace(espeak_trace(text, language), language)
    if parsed is None or "<" in text or "&" in text:
        return None
    samples = _pico(text, PICO_NATIVE[language], pitch, speed, program)
    return None if samples is None else Speech(samples, parsed[0], None)


def _pico(markup: str, voice: str, pitch: int, speed: int, program: str) -> np.ndarray | None:
    text = f'<speed level="{speed}"><pitch level="{pitch}">{markup}</pitch></speed>'
    with tempfile.NamedTemporaryFile(suffix=".wav", dir=scratch()) as sound:
        command = [program, f"-l={voice}", f"-w={sound.name}", text]
        done = subprocess.run(command, capture_output=True, check=False, env=os.environ)
        return read_wav(Path(sound.name)) if done.returncode == 0 else None


def from_arpabet_phones(samples: np.ndarray, phones: list[str]) -> Speech | None:
    """Speech from lower-case ARPABET with `ax` and `pau`; a word ends where `pau` is."""
    words: list[list[str]] = [[]]
    arpabet: list[str] = []
    for phone in phones:
        if phone == "pau":
            words.append([])
            continue
        upper = "AH0" if phone == "ax" else phone.upper()
        try:
            words[-1].extend(LABELS.ipa_for_arpabet(upper))
        except ValueError:
            return None
        arpabet.append(upper.rstrip("012"))
    words = [w for w in words if w]
    return Speech(samples, words, arpabet) if words else None


def festival(requests: list[tuple[str, str]], voice: str, voices_dir: Path) -> list[Speech | None]:
    """One festival process says all requests: (`text` or `phones`, what).

    `voices_dir` holds the voice's folder, such as `english/ked_diphone`; Debian's voices are in
    /usr/share/festival/voices.
    """
    found = next(iter(sorted(voices_dir.glob(f"*/{voice}"))), None)
    if found is None:
        return [None] * len(requests)
    with tempfile.TemporaryDirectory(dir=scratch()) as folder:
        script = [
            f"(voice-location '{voice} \"{found}/\" \"namemem\")",
            f'(load "{found}/festvox/{voice}.scm")', f"(voice_{voice})",
            "(define (out utt file) (utt.save.wave utt file 'riff) (format t \"SEG %s %l\\n\" file"
            " (mapcar (lambda (s) (item.name s)) (utt.relation.items utt 'Segment))))",
        ]  # fmt: skip
        for i, (kind, what) in enumerate(requests):
            form = f"'({what})" if kind == "phones" else '"' + what.replace('"', "") + '"'
            relation = "Phones" if kind == "phones" else "Text"
            script.append(
                f"(unwind-protect (out (utt.synth (eval (list 'Utterance '{relation} {form})))"
                f' "{folder}/{i}.wav") nil)'
            )
        path = Path(folder) / "say.scm"
        encoding = "latin-1" if "italian" in str(found) else "utf-8"
        path.write_bytes("\n".join(script).encode(encoding, errors="replace"))
        done = subprocess.run(["festival", "-b", str(path)], capture_output=True, check=False)
        result: list[Speech | None] = [None] * len(requests)
        for line in done.stdout.decode("latin-1").splitlines():
            match = re.match(r"SEG .*/(\d+)\.wav \((.*)\)", line)
            if match is None:
                continue
            spoken = re.findall(r'"([^"]+)"', match[2])
            samples = read_wav(Path(folder) / f"{match[1]}.wav")
            if "italian" in str(found):
                result[int(match[1])] = _italian(samples, spoken)
            else:
                result[int(match[1])] = from_arpabet_phones(samples, spoken)
        return result


def _italian(samples: np.ndarray, phones: list[str]) -> Speech | None:
    words: list[list[str]] = [[]]
    for raw in phones:
        phone = raw.rstrip("1")
        if phone in ("#", "pau", "_"):
            words.append([])
            continue
        try:
            words[-1].extend(LABELS.ipa_for(FESTIVAL_ITALIAN.get(phone, phone)))
        except ValueError:
            return None
    words = [w for w in words if w]
    return Speech(samples, words, None) if words else None


def trim(samples: np.ndarray, keep: int = 320) -> np.ndarray:
    """Cut leading and trailing silence (below 1 % of the peak), leaving `keep` samples."""
    loud = np.flatnonzero(
        np.abs(samples.astype(np.int32))
        > 0.01 * max(1, int(np.abs(samples.astype(np.int32)).max()))
    )
    if loud.size == 0:
        return samples
    return samples[max(0, loud[0] - keep) : loud[-1] + keep]


def scratch() -> str | None:
    """Where short-lived files cost nothing: memory, if the machine has such a folder."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None
