"""pocketsphinx as a phone recogniser: forced choice, forced alignment and a phone loop.

Its wheel brings an English acoustic model, so it always works, offline; but alone it hears badly:
measured on real names, its free phone loop makes 74 % phone errors where a choice among the
readings of the spelling makes 9 %. Hence the low `confidence_cap`.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from importlib.metadata import version as package_version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from namemem.audio import Waveform
from namemem.errors import EngineUnavailable
from namemem.people import HeardPhone
from namemem.phone_recognition.base import (
    Alignment,
    Context,
    Listening,
    PhoneRecognizer,
    Scoring,
    Span,
)
from namemem.phones import Pronunciation, from_arpabet, to_arpabet
from namemem.phones.arpabet import arpabet_of_unit
from namemem.scratch import scratch_folder

_FRAME = 0.01  # seconds
_MARGIN = 0.1  # seconds of audio kept on both sides of a span
_EXACT = 6  # candidates that get a score of their own
_BELOW = 40.0  # nats by which the others are put below the worst of these
_LOG_SCALE = 1024.0  # pocketsphinx shifts its scores right by 10 bits (SENSCR_SHIFT)
_MAX_WORDS = 5000  # a decoder's dictionary only grows: it is made anew after so many words
_PHONES = (
    "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW "
    "V W Y Z ZH"
).split()


class SphinxPhones(PhoneRecognizer):
    """The embedded engine: 39 English phones, GMM-HMM triphones (CMU's en-us 5.2 model)."""

    name = "sphinx"
    scoring = Scoring(
        evidence=0.12, prior=1.0, temperature=1.0, confidence_cap=0.85, free_confidence=0.35
    )
    min_fit = 20.0  # development clips: names mostly above 79; other speech on both sides

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._decoder: Any = None
        self._words = 0

    @property
    def version(self) -> str:
        """Pocketsphinx's version."""
        return package_version("pocketsphinx")

    def _load(self) -> None:
        try:
            import pocketsphinx  # noqa: F401
        except ImportError as error:
            raise EngineUnavailable(
                "pocketsphinx is not installed. Install it with: pip install pocketsphinx"
            ) from error
        with self._lock:
            self._make_decoder()

    def _make_decoder(self) -> None:
        import pocketsphinx

        model = Path(pocketsphinx.get_model_path()) / "en-us"
        with scratch_folder() as folder:
            dictionary = folder / "phones.dict"
            dictionary.write_text("".join(f"+{p}+ {p}\n" for p in _PHONES), encoding="ascii")
            self._decoder = pocketsphinx.Decoder(
                hmm=str(model / "en-us"),
                dict=str(dictionary),
                lm=None,
                loglevel="FATAL",
                bestpath=False,
                beam=1e-80,
                wbeam=1e-60,
                pbeam=1e-80,
            )
        self._words = 0

    def _listen(self, waveform: Waveform) -> Listening:
        return _SphinxListening(self, waveform)

    def decode(
        self, pcm: npt.NDArray[np.int16], graph: Sequence[tuple[int, int, str]], final: int
    ) -> tuple[float, list[tuple[str, int, int, float]]] | None:
        """Decodes with a finite-state grammar whose words are ARPABET phone strings.

        Args:
            pcm: int16 mono at 16 kHz, shape [samples].
            graph: (from state, to state, phones such as "SH IH V AO N").
            final: the final state; 0 is the first.

        Returns:
            (log-likelihood in nats, [(phones, first frame, last frame, score in (0, 1])]), 10 ms
            frames; None when no path reaches the final state.
        """
        with self._lock:
            if self._words > _MAX_WORDS:
                self._make_decoder()
            decoder = self._decoder
            transitions = []
            for start, end, phones in graph:
                word = "_".join(phones.split())
                if decoder.lookup_word(word) is None:
                    decoder.add_word(word, phones, False)
                    self._words += 1
                transitions.append((start, end, 1.0, word))
            decoder.add_fsg("name", decoder.create_fsg("name", 0, final, transitions))
            decoder.activate_search("name")
            decoder.start_utt()
            decoder.process_raw(pcm.tobytes(), full_utt=True)
            decoder.end_utt()
            hypothesis = decoder.hyp()
            if hypothesis is None or hypothesis.score <= 0.0:
                return None
            segments = [
                (s.word, s.start_frame, s.end_frame, s.ascore)
                for s in decoder.seg()
                if not s.word.startswith(("<", "("))
            ]
        if not segments:
            return None
        return math.log(hypothesis.score) * _LOG_SCALE, segments


class _SphinxListening(Listening):
    def __init__(self, engine: SphinxPhones, waveform: Waveform) -> None:
        self._engine = engine
        self._waveform = waveform

    def score(
        self, pronunciations: Sequence[Pronunciation], span: Span, context: Context
    ) -> list[float]:
        """Scores of the best few, by elimination; the others get a floor below them.

        One decode with all candidates as alternatives finds the best one; without it, another
        decode finds the next. Decoding each candidate by itself would take seconds.
        """
        spoken = [to_arpabet(p, stress=False).value for p in pronunciations]
        pcm, _ = self._cut(span)
        left = set(filter(None, spoken))
        found: dict[str, float] = {}
        while left and len(found) < _EXACT:
            decoded = self._engine.decode(pcm, *_graph(sorted(left), context))
            if decoded is None:
                break
            words = {"_".join(phones.split()): phones for phones in left}
            best = next((words[s[0]] for s in decoded[1] if s[0] in words), None)
            if best is None:
                break
            found[best] = decoded[0]
            left.discard(best)
        tried_all = len(found) < _EXACT  # then what is left cannot be in this audio at all
        floor = -math.inf if tried_all else min(found.values()) - _BELOW
        return [found.get(phones, floor) if phones else -math.inf for phones in spoken]

    def align(self, pronunciation: Pronunciation, span: Span, context: Context) -> Alignment | None:
        name = to_arpabet(pronunciation, stress=False).value
        if not name:
            return None
        pcm, offset = self._cut(span)
        decoded = self._engine.decode(pcm, *_graph([name], context))
        if decoded is None:
            return None
        word = "_".join(name.split())
        found = [s for s in decoded[1] if s[0] == word]
        if not found:
            return None
        _, first, last, _ = found[-1]
        inner = Span(offset + first * _FRAME, offset + (last + 1) * _FRAME)
        return Alignment(self._spread(pronunciation, inner), inner)

    def _spread(self, pronunciation: Pronunciation, inner: Span) -> tuple[HeardPhone, ...]:
        """Times of single phones: the phones one by one in a grammar, inside the name's span."""
        units = [unit for s in pronunciation.syllables for unit, _ in s.units()]
        tokens = [arpabet_of_unit(unit)[0] for unit in units]
        flat = [token for group in tokens for token in group]
        graph = [(i, i + 1, token) for i, token in enumerate(flat)]
        pcm = _int16(self._waveform.slice(inner.start, inner.end))
        decoded = self._engine.decode(pcm, graph, len(flat)) if flat else None
        texts = pronunciation.units
        if decoded is None or len(decoded[1]) != len(flat):
            step = inner.seconds / max(1, len(texts))
            return tuple(
                HeardPhone(t, inner.start + i * step, inner.start + (i + 1) * step, 0.0)
                for i, t in enumerate(texts)
            )
        phones: list[HeardPhone] = []
        at = 0
        for text, group in zip(texts, tokens, strict=True):
            here = decoded[1][at : at + len(group)]
            at += len(group)
            if here:
                start = inner.start + here[0][1] * _FRAME
                end = inner.start + (here[-1][2] + 1) * _FRAME
                confidence = min(h[3] for h in here)
            else:
                start = end = phones[-1].end if phones else inner.start
                confidence = 0.0
            phones.append(HeardPhone(text, start, end, float(min(1.0, confidence))))
        return tuple(phones)

    def free_phones(self, span: Span) -> tuple[HeardPhone, ...]:
        pcm, offset = self._cut(span)
        decoded = self._engine.decode(pcm, _loop(), 1)
        if decoded is None:
            return ()
        return tuple(
            HeardPhone(
                from_arpabet(word).phones[0].ipa if len(word) < 2 else _ipa(word),
                offset + first * _FRAME,
                offset + (last + 1) * _FRAME,
                float(min(1.0, score)),
            )
            for word, first, last, score in decoded[1]
        )

    def fit(self, pronunciation: Pronunciation, span: Span, context: Context) -> float:
        best = self.score([pronunciation], span, context)[0]
        pcm, _ = self._cut(span)
        free = self._engine.decode(pcm, _loop(), 1)
        if free is None or best == -math.inf:
            return -math.inf
        return (best - free[0]) / max(0.1, span.seconds)

    def _cut(self, span: Span) -> tuple[npt.NDArray[np.int16], float]:
        start = max(0.0, span.start - _MARGIN)
        return _int16(self._waveform.slice(start, span.end + _MARGIN)), start


def _loop() -> list[tuple[int, int, str]]:
    """Any phones, at least one."""
    return [(0, 1, p) for p in _PHONES] + [(1, 1, p) for p in _PHONES]


def _graph(names: Sequence[str], context: Context) -> tuple[list[tuple[int, int, str]], int]:
    graph: list[tuple[int, int, str]] = []
    state = 0
    if context.open_start:
        graph += [(0, 0, p) for p in _PHONES]
    if context.before is not None:
        graph.append((state, state + 1, to_arpabet(context.before, stress=False).value))
        state += 1
    graph += [(state, state + 1, name) for name in names]
    state += 1
    if context.after is not None:
        graph.append((state, state + 1, to_arpabet(context.after, stress=False).value))
        state += 1
    if context.open_end:
        graph += [(state, state, p) for p in _PHONES]
    return graph, state


def _ipa(word: str) -> str:
    return "".join(p.ipa for p in from_arpabet(word).phones)


def _int16(waveform: Waveform) -> npt.NDArray[np.int16]:
    return (np.clip(waveform.samples, -1.0, 1.0) * 32767.0).astype(np.int16)
