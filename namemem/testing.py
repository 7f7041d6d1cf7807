"""Fakes for your tests and ours: the whole service without any audio engine.

    >>> from namemem.testing import FakeHearer
    >>> hearer = FakeHearer("Siobhan", "ʃɪˈvɔːn", alternatives=("ˈsaɪ.əʊbæn",))
    >>> # create_app(settings, engines=hearer) answers POST /v1/introductions with that name.

A `FakeHearer` hears what it was told to, whatever the recording is.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import replace

from namemem.audio import Waveform, encode_wav
from namemem.people import Engines, HeardPhone, Hearing, NameKind, Reading, SpellingSource
from namemem.phones import Pronunciation, parse_ipa
from namemem.workers import Heard, Job, PoolState

ENGINES = Engines("fake 1.0", "fake 1.0", "fake 1.0")
"""What a fake hearing says it was made by."""

_PHONE = 0.1  # seconds that each phone of a fake hearing lasts
_START = 0.5  # seconds from the start of the audio to the fake name


def fake_hearing(
    spelling: str = "Siobhan",
    ipa: str = "ʃɪˈvɔːn",
    *,
    alternatives: Sequence[str | tuple[str, float]] = ("ˈsaɪ.əʊbæn",),
    confidence: float = 0.9,
    spelling_source: SpellingSource = SpellingSource.TRANSCRIPT,
    language: str | None = None,
    transcript: str | None = None,
    predicted: str | None = None,
    takes: int = 1,
    rejected: Sequence[str] = (),
    quality: Sequence[str] = (),
) -> Hearing:
    """What an ear might have made of a recording.

    Args:
        spelling: the name's spelling; empty when none is known.
        ipa: the answer.
        alternatives: other readings, best first, as IPA or (IPA, confidence). Those without a
            confidence share what `confidence` leaves.
        confidence: probability in [0, 1] that the answer is right.
        spelling_source: where the spelling came from.
        language: BCP 47 of the name.
        transcript: the words; "my name is …" when not given.
        predicted: IPA that the spelling alone would have given; the answer's when not given.
        takes: how many recordings it rests on.
        rejected: IPA of the readings the person has refused.
        quality: findings about the recording, such as `clipped`.

    Raises:
        InvalidPronunciation: an IPA that is none.
    """
    said = parse_ipa(ipa)
    unsaid = sum(1 for a in alternatives if isinstance(a, str))
    share = round(max(0.0, 1.0 - confidence) / unsaid, 4) if unsaid else 0.0
    others = [(a, share) if isinstance(a, str) else a for a in alternatives]
    readings = [_reading(said, "cmudict", confidence, 0)]
    for place, (text, probability) in enumerate(others, 1):
        readings.append(_reading(parse_ipa(text), "g2p:en-us", probability, place))
    phones = tuple(
        HeardPhone(unit, _START + i * _PHONE, _START + (i + 1) * _PHONE, 0.9)
        for i, unit in enumerate(said.units)
    )
    expected = parse_ipa(predicted) if predicted else said
    return Hearing(
        transcript=f"my name is {spelling.lower()}".strip() if transcript is None else transcript,
        spelling=spelling,
        spelling_source=spelling_source if spelling else SpellingSource.NONE,
        language=language,
        readings=tuple(readings),
        phones=phones,
        start=_START,
        end=round(_START + len(phones) * _PHONE, 3),
        predicted=expected if spelling else None,
        heard_freely="".join(said.units),
        engines=ENGINES,
        timings_ms={"transcribe": 1.0, "recognise": 1.0, "total": 2.0},
        takes=takes,
        rejected=tuple(rejected),
        quality=tuple(quality),
    )


def _reading(said: Pronunciation, source: str, confidence: float, place: int) -> Reading:
    return Reading(said, source, -10.0 - place, -0.5 - place, confidence)


class FakeHearer:
    """Hears the same name in every recording (a `namemem.workers.Hearer`).

    Args:
        spelling, ipa, alternatives, confidence: as in `fake_hearing`. What the caller says of
            spelling and language takes their place, as with real engines.
        kind: which kind of name the words say it is.
        hearing: a whole hearing in place of the four.
        error: raised instead of hearing, until it is set to None.
        ready: what `state()`, and so `/readyz`, answers.

    Attributes:
        jobs: every recording that was given to it, with what the caller knew.

    All of it may be changed between requests: `hearer.error = EngineBusy("Full.")`,
    `hearer.hearing = fake_hearing("Andrea", "ɑnˈdɹeɪə")`.
    """

    def __init__(
        self,
        spelling: str = "Siobhan",
        ipa: str = "ʃɪˈvɔːn",
        *,
        alternatives: Sequence[str | tuple[str, float]] = ("ˈsaɪ.əʊbæn",),
        confidence: float = 0.9,
        kind: NameKind = NameKind.GIVEN,
        hearing: Hearing | None = None,
        error: Exception | None = None,
        ready: bool = True,
    ) -> None:
        self.hearing = hearing or fake_hearing(
            spelling, ipa, alternatives=alternatives, confidence=confidence
        )
        self.kind = kind
        self.error = error
        self.ready = ready
        self.jobs: list[Job] = []
        self._open = threading.Event()
        self._open.set()

    def block(self) -> None:
        """From now on recordings wait, until `release`."""
        self._open.clear()

    def release(self) -> None:
        """Lets those that wait go on."""
        self._open.set()

    async def hear(self, job: Job) -> Heard:
        """Answers what it was told to; raises `error` where there is one."""
        self.jobs.append(job)
        while not self._open.is_set():  # noqa: ASYNC110 - released from any thread
            await asyncio.sleep(0.005)
        if self.error is not None:
            raise self.error
        hearing = self.hearing
        if job.hints.spelling:
            hearing = replace(
                hearing, spelling=job.hints.spelling, spelling_source=SpellingSource.CALLER
            )
        if job.hints.language:
            hearing = replace(hearing, language=job.hints.language)
        if job.hints.transcript is not None:
            hearing = replace(
                hearing,
                transcript=job.hints.transcript.text,
                engines=replace(hearing.engines, transcriber="caller"),
            )
        if job.before is not None:
            hearing = replace(hearing, takes=job.before.takes + 1, rejected=job.before.rejected)
        clip = encode_wav(Waveform.silence(0.1)) if job.want_clip else None
        return Heard(hearing, self.kind, clip)

    def state(self) -> PoolState:
        """Ready, unless it was told not to be."""
        if not self.ready:
            return PoolState(False, problem="This fake was told not to be ready.")
        return PoolState(
            True,
            engines={
                "transcriber": ENGINES.transcriber,
                "phone_recognizer": ENGINES.phone_recognizer,
                "g2p": ENGINES.g2p,
            },
            notes=("A fake hears: no audio engine is used.",),
        )
