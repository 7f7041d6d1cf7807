"""A `Listening` on CTC posteriors, whatever model made them.

Two outputs hear together: one over English phonemes, one over IPA. A candidate's log-likelihood is
the sum of what both say of it (each in its own labels), which measured better than either alone.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from namemem.errors import InvalidPronunciation
from namemem.people import HeardPhone
from namemem.phone_recognition import ctc
from namemem.phone_recognition.base import Alignment, Context, Listening, Span
from namemem.phones import Pronunciation, parse_ipa

Matrix = npt.NDArray[np.float32]
LabelsOf = Callable[[str], Sequence[int]]
"""IPA of one unit (NFD, a diphthong is one) → columns of a posterior matrix."""

_MARGIN = 0.06  # seconds kept around a span
_SKIPPED_PHONE = 1.0  # nats a frame with a phone in it that belongs to no candidate
_GUESSES = 6


@dataclass(frozen=True, slots=True)
class Output:
    """One output of the model.

    Attributes:
        log_probs: float32 [T, V], natural-log posteriors, blank in column 0.
        labels_of: columns of one unit.
        names: IPA of each column, for what is heard freely.
        weight: factor on its log-likelihoods in the sum.
    """

    log_probs: Matrix
    labels_of: LabelsOf
    names: tuple[str, ...]
    weight: float


class CtcListening(Listening):
    """Everything the pipeline asks, answered from posterior matrices."""

    def __init__(self, outputs: Sequence[Output], free: int, frame_seconds: float) -> None:
        """Args: outputs: at least one; free: which of them is heard freely; seconds a frame."""
        self._outputs = tuple(outputs)
        self._free = self._outputs[free]
        self._frame = frame_seconds

    def score(
        self, pronunciations: Sequence[Pronunciation], span: Span, context: Context
    ) -> list[float]:
        """The weighted sum of what the outputs say; see `Listening.score`."""
        first, last = self._frames(span)
        total = np.zeros(len(pronunciations))
        for output in self._outputs:
            matrix = output.log_probs[first:last]
            fillers = _fillers(matrix, context)
            total += output.weight * ctc.log_likelihoods(
                matrix,
                [_labels(p, output) for p in pronunciations],
                prefix=_labels(context.before, output),
                suffix=_labels(context.after, output),
                filler_start=fillers if context.open_start else None,
                filler_end=fillers if context.open_end else None,
            )
        return [float(value) for value in total]

    def fit(self, pronunciation: Pronunciation, span: Span, context: Context) -> float:
        """Mean log-likelihood ratio per phone against the best labels of every frame; at most 0."""
        first, last = self._frames(span)
        ratio = 0.0
        weight = 0.0
        opened = Context(context.before, context.after, open_start=True, open_end=True)
        for output in self._outputs:
            matrix = output.log_probs[first:last]
            fillers = _fillers(matrix, opened)
            labels = _labels(pronunciation, output)
            carrier = [*_labels(context.before, output)]
            after = [*_labels(context.after, output)]
            said = ctc.log_likelihoods(
                matrix, [labels], prefix=carrier, suffix=after,
                filler_start=fillers, filler_end=fillers,
            )  # fmt: skip
            length = len(labels) + len(carrier) + len(after)
            ratio += output.weight * float(said[0] - fillers.sum()) / max(1, length)
            weight += output.weight
        return ratio / weight

    def align(self, pronunciation: Pronunciation, span: Span, context: Context) -> Alignment | None:
        """Viterbi alignment on the freely heard output; see `Listening.align`."""
        first, last = self._frames(span)
        offset = first * self._frame
        output = self._free
        matrix = output.log_probs[first:last]
        fillers = _fillers(matrix, context)
        units = pronunciation.units
        groups = [list(output.labels_of(unit)) for unit in units]
        before = _labels(context.before, output)
        after = _labels(context.after, output)
        flat = [label for group in groups for label in group]
        found = ctc.align(
            matrix,
            [*before, *flat, *after],
            filler_start=fillers if context.open_start else None,
            filler_end=fillers if context.open_end else None,
            frame_seconds=self._frame,
        )
        if len(found) != len(before) + len(flat) + len(after):
            return None
        inner = found[len(before) : len(before) + len(flat)]
        phones: list[HeardPhone] = []
        at = 0
        for unit, group in zip(units, groups, strict=True):
            here = inner[at : at + len(group)]
            at += len(group)
            phones.append(
                HeardPhone(
                    unit,
                    round(offset + here[0].start, 3),
                    round(offset + here[-1].end, 3),
                    round(min(1.0, float(np.mean([label.confidence for label in here]))), 4),
                )
            )
        return Alignment(tuple(phones), Span(phones[0].start, phones[-1].end))

    def free_phones(self, span: Span) -> tuple[HeardPhone, ...]:
        """The best label of every frame; see `Listening.free_phones`."""
        first, last = self._frames(span)
        offset = first * self._frame
        heard = ctc.greedy(self._free.log_probs[first:last], frame_seconds=self._frame)
        return tuple(
            HeardPhone(
                self._free.names[label.label],
                round(offset + label.start, 3),
                round(offset + label.end, 3),
                round(min(1.0, label.confidence), 4),
            )
            for label in heard
        )

    def guesses(self, span: Span, context: Context) -> list[Pronunciation]:
        """What may have been said when no spelling is known, best first.

        A prefix beam search over the freely heard output, behind the carrier phrase if there is
        one.
        """
        start = self._after_carrier(span, context)
        first, last = self._frames(Span(start, span.end))
        found: list[Pronunciation] = []
        for hypothesis in ctc.beam_search(self._free.log_probs[first:last], n_best=_GUESSES):
            text = "".join(self._free.names[label] for label in hypothesis.labels)
            with contextlib.suppress(InvalidPronunciation):
                found.append(parse_ipa(text))
        return found

    def _after_carrier(self, span: Span, context: Context) -> float:
        """Where the carrier phrase ends: the alignment of the phrase with any phones after it."""
        if context.before is None:
            return span.start
        opened = Context(open_start=True, open_end=True)
        found = self.align(context.before, span, opened)
        return found.span.end + _MARGIN if found else span.start

    def uncertainty(self, span: Span) -> float:
        """Mean entropy of the posteriors over the span, in nats: how unsure the ear is."""
        first, last = self._frames(span)
        values = ctc.entropy(self._free.log_probs[first:last])
        return float(values.mean()) if len(values) else math.log(2.0)

    def _frames(self, span: Span) -> tuple[int, int]:
        total = len(self._free.log_probs)
        first = max(0, int((span.start - _MARGIN) / self._frame))
        last = min(total, math.ceil((span.end + _MARGIN) / self._frame))
        return min(first, max(0, total - 1)), max(last, min(total, first + 1))


def _labels(pronunciation: Pronunciation | None, output: Output) -> list[int]:
    if pronunciation is None:
        return []
    return [label for unit in pronunciation.units for label in output.labels_of(unit)]


def _fillers(matrix: Matrix, context: Context) -> npt.NDArray[np.float64]:
    """[T] log-scores of frames outside the name: their best label, less a fee where it is a phone.

    Without the fee a name that lacks the last phone said would always win.
    """
    if not (context.open_start or context.open_end):
        return np.zeros(0)
    phones = matrix.argmax(axis=1) != 0
    fillers: npt.NDArray[np.float64] = ctc.filler_best_path(matrix) - _SKIPPED_PHONE * phones
    return fillers
