"""Gathers candidates and what the ear makes of each: spelling, languages, neighbours, the ear."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from namemem.g2p import Candidate, CandidateSource, Leaning
from namemem.g2p.expansion import edits, recombine
from namemem.known_names import MOST, KnownName, leaning, with_words_said_before
from namemem.letters import LetterModel
from namemem.people import Hearing
from namemem.phone_recognition import Context, Listening, PhoneRecognizer, Span
from namemem.phones import Pronunciation, parse_ipa
from namemem.reconcile import Evidence

Sounds = tuple[str, ...]
_READINGS_PROBED, _MIXED_PROBED = 16, 24


class Gatherer:
    """Candidates of one G2P weighed by one recogniser; safe to share between threads."""

    def __init__(
        self, g2p: CandidateSource, recognizer: PhoneRecognizer, letters: LetterModel | None = None
    ) -> None:
        self._g2p = g2p
        self._recognizer = recognizer
        self._letters = letters or LetterModel()
        self._readings = lru_cache(maxsize=256)(self._read)
        self.predict = lru_cache(maxsize=1024)(g2p.predict)

    def readings(
        self, spelling: str, language: str | None, leaning: Leaning = ()
    ) -> tuple[Candidate, ...]:
        """What the spelling may stand for, most probable first."""
        return self._readings(spelling, language, leaning)[0] if spelling else ()

    def candidates(self, spelling: str, language: str | None) -> list[Candidate]:
        """Readings and all that is made of them before anybody listens, likeliest first."""
        readings, mixed = self._readings(spelling, language, ())
        return sorted((*readings, *mixed), key=lambda c: -c.log_prior)

    def probes(self, spelling: str, language: str | None) -> list[Pronunciation]:
        """The likeliest readings and some of what lies between them: was any of them said?"""
        readings, mixed = self._readings(spelling, language, ())
        more = sorted(mixed, key=lambda c: -c.log_prior)
        return [c.pronunciation for c in (*readings[:_READINGS_PROBED], *more[:_MIXED_PROBED])]

    def gather(
        self,
        listening: Listening,
        span: Span,
        context: Context,
        *,
        spelling: str,
        language: str | None = None,
        trusted: bool = True,
        before: Hearing | None = None,
        known: Sequence[KnownName] = (),
    ) -> list[Evidence]:
        """All candidates with their log-likelihoods of the same audio.

        Args:
            listening: the recogniser's view of the recording.
            span: where the name is.
            context: what surrounds it.
            spelling: the name's spelling; empty when none is known.
            language: BCP 47, if known.
            trusted: the spelling is what the caller wrote, not what a transcriber guessed.
            before: an earlier take; its readings are weighed too, its refused ones left out.
            known: the person's other names. What language they are of counts where `language` is
                not told; a word of theirs is likely said as it was before.
        """
        weights = self._recognizer.scoring

        def weigh(candidates: Iterable[Candidate]) -> list[Evidence]:
            chosen = list(candidates)
            scores = listening.score([c.pronunciation for c in chosen], span, context)
            return [Evidence(c, s) for c, s in zip(chosen, scores, strict=True)]

        refused = {parse_ipa(ipa).segmental for ipa in before.rejected} if before else set()
        pool = _Pool(refused)
        written = False  # whether somebody wrote a word that can be read
        if spelling:
            known = known[:MOST]
            leans = leaning(known, self.readings) if known and not language else ()
            told, mixed = self._readings(spelling, language, leans)
            readings = with_words_said_before(spelling, told, known)
            doubt = 0.0 if trusted else weights.guess_penalty
            pool.add(replace(c, log_prior=c.log_prior - doubt) for c in readings)
            pool.add(replace(c, log_prior=c.log_prior - doubt) for c in mixed)
            written = bool(readings)
        if before is not None:
            pool.add(Candidate(r.pronunciation, (r.source,), r.log_prior) for r in before.readings)
        if not trusted or not pool.candidates:
            heard = listening.guesses(span, context)
            if not spelling:  # with one it is too slow for a turn of a conversation
                pool.add(self._like_words(heard))
            cost = weights.ear_penalty + (weights.word_trust if written else 0.0)
            pool.add(
                Candidate(g, ("ear",), -cost - weights.per_phone * len(g.phones)) for g in heard
            )
        found = weigh(pool.take())
        if weights.edit_penalty < math.inf and found:
            ranked = sorted(found, key=lambda e: -(_total(e, weights.evidence, weights.prior)))
            for best in ranked[: weights.edited]:
                changed = edits(best.candidate, weights.edit_penalty)
                changed = _accented(changed, self.readings(spelling, language), weights.accent)
                pool.add(self._spelled_so(spelling, changed, best.candidate))
            found += weigh(pool.take())
        return found

    def _like_words(self, heard: Sequence[Pronunciation]) -> list[Candidate]:
        """A dictionary's words near to what was heard freely: many a name is among them."""
        weights = self._recognizer.scoring
        if not weights.lexicon:
            return []
        return [
            Candidate(word, ("lexicon",), -weights.lexicon_penalty)
            for guess in heard[:1]
            for word in self._g2p.sounding_like(guess, weights.lexicon)
        ]

    def _read(
        self, spelling: str, language: str | None, leaning: Leaning
    ) -> tuple[tuple[Candidate, ...], tuple[Candidate, ...]]:
        weights = self._recognizer.scoring
        readings = self._g2p.candidates(spelling, language, leaning)
        more: list[Candidate] = []
        if weights.recombined:
            more += [
                replace(c, log_prior=weights.mix_factor * c.log_prior - weights.mix_penalty)
                for c in recombine(readings, weights.recombined)
            ]
        if (weights.spelled or weights.spelled_native) and readings:
            plain = self._g2p.candidates(spelling, language) if leaning else readings
            least = min(c.log_prior for c in plain) - weights.spelled_penalty
            known = {c.pronunciation.segmental for c in (*readings, *more)}
            more += [
                Candidate(said, ("letters",), least)
                for said in self._letters.readings(
                    spelling, weights.spelled, weights.spelled_native
                )
                if said.segmental not in known
            ]
        listed = _listed([*readings, *more], weights.listed)
        weighed = self._spelled_so(spelling, _accented(listed, readings, weights.accent))
        return tuple(weighed[: len(readings)]), tuple(weighed[len(readings) :])

    def _spelled_so(
        self, spelling: str, candidates: Sequence[Candidate], parent: Candidate | None = None
    ) -> list[Candidate]:
        """The candidates with what the letters say of each; of edits, beside what was edited."""
        factor = self._recognizer.scoring.letters
        if not factor or not spelling or not candidates:
            return list(candidates)
        sounds = [c.pronunciation for c in candidates]
        said = self._letters.log_probs(
            spelling, [*sounds, parent.pronunciation] if parent else sounds
        )
        if math.isnan(said[0]):
            return list(candidates)
        least = said[-1] if parent else said.max()
        return [
            replace(c, log_prior=c.log_prior + factor * float(p - least))
            for c, p in zip(candidates, said, strict=False)
        ]


def _listed(candidates: list[Candidate], bonus: float) -> list[Candidate]:
    """Where a dictionary lists a reading, the others count less."""
    if not any(c.listed for c in candidates):
        return candidates
    return [c if c.listed else replace(c, log_prior=c.log_prior - bonus) for c in candidates]


def _accented(
    candidates: list[Candidate], readings: Sequence[Candidate], penalty: float
) -> list[Candidate]:
    """What differs by accent only from a dictionary's first entry counts less than that.

    The dictionary's phones stand for the name in every accent: a voice says them in its own.
    """
    firsts = [c.pronunciation for c in readings if "cmudict" in c.sources]
    if not penalty or not firsts:
        return candidates
    spared = {p.segmental for p in firsts}
    keys = {p.accent for p in firsts}
    return [
        replace(c, log_prior=c.log_prior - penalty)
        if c.pronunciation.segmental not in spared and c.pronunciation.accent in keys
        else c
        for c in candidates
    ]


class _Pool:
    """Candidates that sound different from each other and from what was refused."""

    def __init__(self, refused: set[Sounds]) -> None:
        self._seen: set[Sounds] = set(refused)  # whatever their stress, which is chosen later
        self.candidates: list[Candidate] = []
        self._taken = 0

    def add(self, candidates: Iterable[Candidate]) -> None:
        for candidate in candidates:
            sounds = candidate.pronunciation.segmental
            if sounds in self._seen:
                continue
            self._seen.add(sounds)
            self.candidates.append(candidate)

    def take(self) -> list[Candidate]:
        """Those not taken before."""
        fresh = self.candidates[self._taken :]
        self._taken = len(self.candidates)
        return fresh


def _total(evidence: Evidence, factor: float, prior: float) -> float:
    return factor * evidence.log_likelihood + prior * evidence.candidate.log_prior


def best_score(
    listening: Listening, candidates: Sequence[Pronunciation], span: Span
) -> Callable[[Context], float]:
    """How well the best of a few candidates fits in a context: for choosing between contexts."""

    def in_context(context: Context) -> float:
        return max(listening.score(candidates, span, context), default=-math.inf)

    return in_context
