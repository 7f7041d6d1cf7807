"""One clip (or two takes of one introduction) through all methods: rows of plain numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace

from benchmarks import judging, methods
from benchmarks.clips import Clip
from benchmarks.methods import Answer, Lab
from namemem.asr import create_transcriber
from namemem.phone_recognition import create
from namemem.phones import Pronunciation, Stress

TWO_TAKES_FIRST = "one take"
TWO_TAKES_FUSED = "two takes, fused"
PAIR = "forced pair"
NATIVE = "native or anglicised"


@dataclass(frozen=True, slots=True)
class Row:
    """What one method made of one clip.

    Attributes:
        method: its name in `methods`, or one of those above.
        group, level, key: of the clip.
        size, wrong, features: phones of the reference, wrong ones, and wrong by features.
        right, accepted, top3: exact; exact or right for an accent; among the first three.
        answered: whether there was any answer.
        confidence: of the answer, where the method has one.
        starts, ends: seconds by which its span differs from the true one.
        stressed: whether the main stress is where it was, if the phones are right.
        said, heard: IPA, for the list of errors.
        tokens: (reference, answer) in the clip's notation, for the confusion matrix.
    """

    method: str
    group: str
    level: float | None
    key: str
    size: int = 0
    wrong: float = 0.0
    features: float = 0.0
    right: bool = False
    accepted: bool = False
    top3: bool = False
    answered: bool = True
    confidence: float | None = None
    starts: float | None = None
    ends: float | None = None
    stressed: bool | None = None
    said: str = ""
    heard: str = ""
    notation: str = "arpabet"
    tokens: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    def as_json(self) -> dict[str, object]:
        """For the machine-readable report."""
        return {k: v for k, v in asdict(self).items() if v is not None and k != "tokens"}


def row(clip: Clip, method: str, answer: Answer) -> Row:
    """Judges an answer; a clip in which nobody gives a name is right where there is none."""
    first = answer.readings[0] if answer.readings else None
    heard = first.ipa if first else ""
    if clip.said is None:
        return Row(
            method, clip.group, clip.level, clip.key, answered=first is not None,
            right=first is None, confidence=answer.confidence, said=clip.carrier, heard=heard,
        )  # fmt: skip
    wrong = judging.edits(clip, first)
    starts = ends = None
    if clip.span is not None and answer.span is not None:
        starts, ends = answer.span[0] - clip.span[0], answer.span[1] - clip.span[1]
    return Row(
        method, clip.group, clip.level, clip.key, len(clip.tokens), wrong,
        judging.features(clip, first), wrong == 0, judging.accepted(clip, first),
        any(judging.accepted(clip, r) for r in answer.readings[:3]), first is not None,
        answer.confidence, starts, ends, _stressed(clip, first) if wrong == 0 else None,
        clip.said.ipa, heard, clip.notation,
        (clip.tokens, judging.tokens(first, clip.notation) if first else ()),
    )  # fmt: skip


def _stressed(clip: Clip, answer: Pronunciation | None) -> bool | None:
    """Whether the main stress is right; only for speech that was made with stress."""
    if clip.group != "espeak_en" or answer is None or clip.said is None:
        return None
    said, heard = (
        [s.stress for s in p.syllables].index(Stress.PRIMARY)
        if Stress.PRIMARY in [s.stress for s in p.syllables]
        else 0
        for p in (clip.said, answer)
    )
    return said == heard if len(clip.said.syllables) > 1 else None


def trial(lab: Lab, takes: Sequence[Clip], slow: bool = True) -> list[Row]:
    """All methods on each of the takes, and the takes fused.

    Args:
        lab: the engines.
        takes: one clip, or two in which the same voice says the same name.
        slow: whether to run what takes long: a transcriber, and pocketsphinx's baselines.
    """
    rows: list[Row] = []
    heard: list[Answer] = []
    for clip in takes:
        if clip.said is None:
            rows += _nameless(lab, clip)
            continue
        rows += [row(clip, m, a) for m, a in lab.by_name_alone(clip, slow).items()]
        own = lab.hear(clip, spelling=clip.spelling)
        heard.append(own)
        rows.append(row(clip, methods.PIPELINE_SPELLING, own))
        rows.append(row(clip, methods.PIPELINE_TRANSCRIPT, lab.hear(clip, words=True)))
        if slow:
            rows.append(row(clip, methods.PIPELINE_NOTHING, lab.hear(clip)))
        rows += _pairs(lab, clip)
    if len(takes) == 2 and all(a.hearing is not None for a in heard) and heard:
        second = takes[1]
        fused = lab.hear(second, spelling=second.spelling, before=heard[0].hearing)
        rows += [row(c, TWO_TAKES_FIRST, a) for c, a in zip(takes, heard, strict=True)]
        rows.append(row(second, TWO_TAKES_FUSED, fused))
    return rows


def _pairs(lab: Lab, clip: Clip) -> list[Row]:
    rows = []
    for method, others in ((PAIR, clip.rivals), (NATIVE, clip.crossing)):
        if clip.group == "synth" and method == NATIVE:
            continue  # English voices that know no other reading: espeak-ng says both
        for other in others:
            better = lab.pair(clip, other)
            if better is None:
                continue
            assert clip.said is not None
            rows.append(
                Row(method, clip.group, clip.level, clip.key, right=better, said=clip.said.ipa,
                    heard=other.ipa)
            )  # fmt: skip
    return rows


def _nameless(lab: Lab, clip: Clip) -> list[Row]:
    """Sentences and sounds without a name; spelled names are only counted."""
    return [
        row(clip, methods.PIPELINE_NOTHING, lab.hear(clip)),
        row(clip, methods.PIPELINE_WRONG, lab.hear(clip, spelling=clip.spelling)),
    ]


def paired(clips: Iterable[Clip]) -> list[tuple[Clip, ...]]:
    """Takes of the same voice saying the same name at the same level, two by two.

    A synthesiser makes the same mistakes twice; of the real clips, which give nobody's name, two
    people saying the same name stand for two takes.
    """
    waiting: dict[tuple[object, ...], Clip] = {}
    result: list[tuple[Clip, ...]] = []
    for clip in clips:
        if clip.group not in ("synth", "espeak_en", "espeak_native", "real"):
            result.append((clip,))
            continue
        voice = "" if clip.group == "real" else clip.voice
        key = (clip.group, clip.spelling, clip.tokens, voice, clip.level)
        if key in waiting:
            result.append((waiting.pop(key), clip))
        else:
            waiting[key] = clip
    return result + [(clip,) for clip in waiting.values()]


_lab: Lab | None = None


def _start(
    engine: str,
    options: dict[str, str],
    transcriber: str,
    baselines: bool,
    scoring: dict[str, float] | None = None,
) -> None:
    global _lab
    recognizer = create(engine, **options)
    if scoring:
        recognizer.scoring = replace(recognizer.scoring, **scoring)  # type: ignore[arg-type]
    _lab = Lab(recognizer, create_transcriber(transcriber), baselines)


def _one(job: tuple[tuple[Clip, ...], bool]) -> list[Row]:
    assert _lab is not None
    return trial(_lab, *job)


def run(
    clips: Sequence[Clip],
    engine: str,
    options: dict[str, str],
    *,
    transcriber: str = "sphinx",
    baselines: bool = True,
    slow_levels: Sequence[float | None] = (None, 10.0),
    slow_every: int = 1,
    scoring: dict[str, float] | None = None,
    processes: int = 2,
) -> list[Row]:
    """All clips through all methods, in several processes; `scoring` replaces parameters.

    What takes long runs at `slow_levels` only, on every `slow_every`-th introduction.
    """
    jobs = [
        (takes, takes[0].level in slow_levels and i % slow_every == 0)
        for i, takes in enumerate(paired(clips))
    ]
    settings = (engine, options, transcriber, baselines, scoring)
    if processes == 1:
        _start(*settings)
        return [r for job in jobs for r in _one(job)]
    with ProcessPoolExecutor(processes, initializer=_start, initargs=settings) as pool:
        return [r for rows in pool.map(_one, jobs, chunksize=4) for r in rows]
