"""A `Listening` on CTC posteriors, whatever model made them.

Two outputs hear together: one over English phonemes, one over IPA. A candidate's log-likelihood is
the sum of what both say of it (each in its own labels), which measured better than either alone.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from namemem.errors import InvalidPronunciation
from namemem.people import HeardPhone
from namemem.phone_recognition import ctc, letter_grammar
from namemem.phone_recognition.base import Alignment, Context, Letters, Listening, Span
from namemem.phone_recognition.ctc_beam import beam_search
from namemem.phone_recognition.spoken import pronounced
from namemem.phones import Pronunciation, phone_edits

Matrix = npt.NDArray[np.float32]
LabelsOf = Callable[[str], Sequence[int]]
"""IPA of one unit (NFD, a diphthong is one) → columns of a posterior matrix."""
Joined = Callable[[Sequence[str]], Sequence[Sequence[int]]]
"""Units → columns of each, where a column may hold several units: all but the first have none."""

_MARGIN = 0.06  # seconds kept around a span
_SKIPPED_PHONE = 1.0  # nats a frame with a phone in it that belongs to no candidate
_GUESSES = 6
_SHORTEST_SPELLING = 1.5  # seconds
_FEWEST_LETTERS = 3
_SPELLED_FIT = -1.6
"""Nats per phone; development clips: spelled ones above -1.3, others below -1.8."""
_LETTERS_MISHEARD = 0.75
_LETTERS_SURE = 0.42
"""Music and clicks have few labels, so that any letters explain them nearly as well as free phones
do; but what is heard freely is then nothing like those letters, or unsure. Errors a phone and mean
confidence: of development clips 28 of 31 that are spelled are on the right side of both (full ear:
all), of 142 of music and noise none."""


@dataclass(frozen=True, slots=True)
class Output:
    """One output of the model.

    Attributes:
        log_probs: float32 [T, V], natural-log posteriors, blank in column 0.
        labels_of: columns of one unit.
        names: IPA of each column, or ARPABET, for what is heard freely.
        weight: factor on its log-likelihoods in the sum.
        joined: another way to write the same units, for a model with labels for several of them;
            a pronunciation is as likely as both ways together.
    """

    log_probs: Matrix
    labels_of: LabelsOf
    names: tuple[str, ...]
    weight: float
    joined: Joined | None = None

    def spellings(self, units: Sequence[str]) -> list[list[Sequence[int]]]:
        """Columns of each unit, in one or two ways; the first has columns for every unit."""
        plain = [self.labels_of(unit) for unit in units]
        if self.joined is not None:
            joined = list(self.joined(units))
            if joined != plain:
                return [plain, joined]
        return [plain]


class CtcListening(Listening):
    """Everything the pipeline asks, answered from posterior matrices."""

    def __init__(
        self,
        outputs: Sequence[Output],
        free: int,
        frame_seconds: float,
        english: int | None = None,
    ) -> None:
        """Args: outputs: at least one; free: which of them is heard freely; seconds a frame;
        english: which of them has the columns of `PhoneLabels.arpabet`, if any.
        """
        self._english = outputs[english].log_probs if english is not None else None
        self._outputs = tuple(outputs)
        self._free = self._outputs[free]
        self._frame = frame_seconds

    def separately(self) -> tuple[CtcListening, ...]:
        """Each output listening alone, with weight 1: to measure what each is worth."""
        return tuple(CtcListening([replace(o, weight=1.0)], 0, self._frame) for o in self._outputs)

    def score(
        self, pronunciations: Sequence[Pronunciation], span: Span, context: Context
    ) -> list[float]:
        """The weighted sum of what the outputs say; see `Listening.score`."""
        first, last = self._frames(span)
        total = np.zeros(len(pronunciations))
        for output in self._outputs:
            matrix = output.log_probs[first:last]
            fillers = _fillers(matrix, context)
            total += output.weight * _likelihoods(
                matrix,
                pronunciations,
                output,
                context,
                filler_start=fillers if context.open_start else None,
                filler_end=fillers if context.open_end else None,
            )
        return [float(value) for value in total]

    def fit(self, pronunciation: Pronunciation, span: Span, context: Context) -> float:
        """Mean log-likelihood ratio per phone against fillers in every frame.

        About as far above 0 as a phone has frames where it was said; see `_fillers`.
        """
        first, last = self._frames(span)
        ratio = 0.0
        weight = 0.0
        opened = Context(context.before, context.after, open_start=True, open_end=True)
        for output in self._outputs:
            matrix = output.log_probs[first:last]
            fillers = _fillers(matrix, opened)
            said = _likelihoods(
                matrix, [pronunciation], output, context, filler_start=fillers, filler_end=fillers
            )
            length = sum(
                len(_labels(p, output)) for p in (context.before, pronunciation, context.after)
            )
            ratio += output.weight * float(said[0] - fillers.sum()) / max(1, length)
            weight += output.weight
        return ratio / weight

    def explained(self, pronunciations: Sequence[Pronunciation], span: Span) -> float:
        """Nats per phone that the best pronunciation alone is worse than the best labels of all
        frames: phones around it that it does not explain count against it. At most about 0.
        """
        first, last = self._frames(span)
        total = np.zeros(len(pronunciations))
        weight = 0.0
        opened = Context(open_start=True, open_end=True)
        for output in self._outputs:
            matrix = output.log_probs[first:last]
            fillers = _fillers(matrix, opened)
            labels = [_labels(p, output) for p in pronunciations]
            said = ctc.log_likelihoods(matrix, labels, filler_start=fillers, filler_end=fillers)
            lengths = np.array([max(1, len(one)) for one in labels])
            best_path = ctc.filler_best_path(matrix).sum()
            total += output.weight * (said - best_path) / lengths
            weight += output.weight
        return float(total.max() / weight)

    def support(
        self, pronunciations: Sequence[Pronunciation], span: Span, context: Context
    ) -> float:
        """The gain of carrier and name over the carrier alone; see `Listening.support`."""
        if context.before is None:
            return math.inf
        first, last = self._frames(span)
        gain = np.zeros(len(pronunciations))
        weight = 0.0
        opened = Context(open_start=True, open_end=True)
        for output in self._outputs:
            matrix = output.log_probs[first:last]
            fillers = _fillers(matrix, opened)
            carrier = _labels(context.before, output)
            labels = [_labels(p, output) for p in pronunciations]
            said = ctc.log_likelihoods(
                matrix, labels, prefix=carrier, filler_start=fillers, filler_end=fillers
            )
            alone = ctc.log_likelihoods(matrix, [carrier], filler_start=fillers, filler_end=fillers)
            lengths = np.array([max(1, len(one)) for one in labels])
            gain += output.weight * (said - alone[0]) / lengths
            weight += output.weight
        return float(gain.max() / weight)

    def align(self, pronunciation: Pronunciation, span: Span, context: Context) -> Alignment | None:
        """Viterbi alignment on the freely heard output; see `Listening.align`."""
        first, last = self._frames(span)
        offset = first * self._frame
        output = self._free
        matrix = output.log_probs[first:last]
        fillers = _fillers(matrix, context)
        units = pronunciation.units
        groups = self._likelier(output.spellings(units), matrix, output, context)
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
        for sharing, group in _sharing(groups):
            here = inner[at : at + len(group)]
            at += len(group)
            step = (here[-1].end - here[0].start) / sharing
            sure = round(min(1.0, float(np.mean([label.confidence for label in here]))), 4)
            for part in range(sharing):
                start = offset + here[0].start + part * step
                unit = units[len(phones)]
                phones.append(HeardPhone(unit, round(start, 3), round(start + step, 3), sure))
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

    def spelled(self, span: Span) -> Letters | None:
        """Letters that explain all of the span nearly as well as free phones do."""
        first, last = self._frames(span)
        if self._english is None or span.seconds < _SHORTEST_SPELLING:
            return None
        matrix = self._english[first:last]
        found = letter_grammar.search(matrix)
        if found is None or len(found.starts) < _FEWEST_LETTERS:
            return None
        labels = letter_grammar.phones(found.text)
        said = float(ctc.log_likelihoods(matrix, [labels])[0])
        if (said - float(ctc.filler_best_path(matrix).sum())) / len(labels) < _SPELLED_FIT:
            return None
        heard = ctc.greedy(matrix, frame_seconds=self._frame)
        if not heard or float(np.mean([phone.confidence for phone in heard])) < _LETTERS_SURE:
            return None
        misheard = phone_edits(labels, [phone.label for phone in heard]) / len(labels)
        if misheard > _LETTERS_MISHEARD:
            return None
        return Letters(found.text, Span((first + found.starts[0]) * self._frame, span.end))

    def guesses(self, span: Span, context: Context) -> list[Pronunciation]:
        """What may have been said when no spelling is known, best first by output, English before.

        The phrases around the name are searched together with it, not cut off before.
        """
        first, last = self._frames(span)
        found: list[Pronunciation] = []
        for output in reversed(self._outputs):
            matrix = output.log_probs[first:last]
            fillers = _fillers(matrix, context)
            for hypothesis in beam_search(
                matrix,
                prefix=_labels(context.before, output),
                suffix=_labels(context.after, output),
                filler_start=fillers if context.open_start else None,
                filler_end=fillers if context.open_end else None,
                n_best=_GUESSES,
            ):
                names = [output.names[label] for label in hypothesis.labels]
                with contextlib.suppress(InvalidPronunciation):
                    found.append(pronounced(names))
        return found

    def uncertainty(self, span: Span) -> float:
        """Mean entropy of the posteriors over the span, in nats: how unsure the ear is."""
        first, last = self._frames(span)
        values = ctc.entropy(self._free.log_probs[first:last])
        return float(values.mean()) if len(values) else math.log(2.0)

    def ceiling(self, span: Span) -> float:
        """The weighted sum of every frame's best label; see `Listening.ceiling`."""
        first, last = self._frames(span)
        return float(
            sum(
                o.weight * ctc.filler_best_path(o.log_probs[first:last]).sum()
                for o in self._outputs
            )
        )

    @staticmethod
    def _likelier(
        spellings: list[list[Sequence[int]]], matrix: Matrix, output: Output, context: Context
    ) -> list[Sequence[int]]:
        if len(spellings) == 1:
            return spellings[0]
        fillers = _fillers(matrix, context)
        scores = ctc.log_likelihoods(
            matrix,
            [[label for group in groups for label in group] for groups in spellings],
            prefix=_labels(context.before, output),
            suffix=_labels(context.after, output),
            filler_start=fillers if context.open_start else None,
            filler_end=fillers if context.open_end else None,
        )
        return spellings[int(scores.argmax())]

    def _frames(self, span: Span, margin: float = _MARGIN) -> tuple[int, int]:
        total = len(self._free.log_probs)
        first = max(0, int((span.start - margin) / self._frame))
        last = min(total, math.ceil((span.end + margin) / self._frame))
        return min(first, max(0, total - 1)), max(last, min(total, first + 1))


def _likelihoods(
    matrix: Matrix,
    pronunciations: Sequence[Pronunciation],
    output: Output,
    context: Context,
    *,
    filler_start: npt.NDArray[np.float64] | None,
    filler_end: npt.NDArray[np.float64] | None,
) -> npt.NDArray[np.float64]:
    """[N] log-likelihoods, each summed over the ways to write the pronunciation in labels."""
    ways = [output.spellings(p.units) for p in pronunciations]
    scores = ctc.log_likelihoods(
        matrix,
        [[label for group in groups for label in group] for way in ways for groups in way],
        prefix=_labels(context.before, output),
        suffix=_labels(context.after, output),
        filler_start=filler_start,
        filler_end=filler_end,
    )
    if len(scores) == len(ways):
        return scores
    firsts = np.cumsum([0, *(len(way) for way in ways[:-1])])
    summed: npt.NDArray[np.float64] = np.logaddexp.reduceat(scores, firsts)
    return summed


def _sharing(groups: Sequence[Sequence[int]]) -> list[tuple[int, Sequence[int]]]:
    """(how many units share the columns, the columns): a unit without any shares those before."""
    out: list[tuple[int, Sequence[int]]] = []
    for group in groups:
        if group or not out:
            out.append((1, group))
        else:
            out[-1] = (out[-1][0] + 1, out[-1][1])
    return out


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
