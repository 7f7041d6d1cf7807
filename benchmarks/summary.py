"""Rows of trials → figures by set, noise level and method."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from benchmarks import methods, trials
from benchmarks.measures import Figure, ece_by_chance, ece_figure, paired_drop, ratio
from benchmarks.trials import Row

Figures = dict[str, Figure]
Key = tuple[str, float | None, str]


def name_of(level: float | None) -> str:
    """`clean`, or the ratio."""
    return "clean" if level is None else f"{level:g} dB"


def by_key(rows: Iterable[Row]) -> dict[Key, list[Row]]:
    """Rows by set, level and method."""
    found: dict[Key, list[Row]] = {}
    for row in rows:
        found.setdefault((row.group, row.level, row.method), []).append(row)
    return found


def figures(rows: Sequence[Row]) -> Figures:
    """All measures of one set, level and method that have anything to be measured on."""
    sizes = [float(r.size) for r in rows]
    sure = [r for r in rows if r.confidence is not None and r.answered]
    aimed = [r for r in rows if r.starts is not None and r.ends is not None]
    stressed = [r for r in rows if r.stressed is not None]
    tops = rows[0].method.startswith(("whole", "+ edits", "two takes", "one take"))
    measures: dict[str, Figure | None] = {
        "per": ratio([r.wrong for r in rows], sizes),
        "pfer": ratio([r.features for r in rows], sizes),
        "exact": ratio([float(r.right) for r in rows]),
        "exact with variants": ratio([float(r.accepted) for r in rows]),
        "top-3": ratio([float(r.top3) for r in rows]) if tops else None,
        "answered": ratio([float(r.answered) for r in rows]),
        "ece": ece_figure([r.confidence or 0.0 for r in sure], [r.accepted for r in sure]),
        "start error, s": ratio([abs(r.starts or 0.0) for r in aimed]),
        "end error, s": ratio([abs(r.ends or 0.0) for r in aimed]),
        "boundaries within 80 ms": ratio(
            [float(abs(at or 0.0) <= 0.08) for r in aimed for at in (r.starts, r.ends)]
        ),
        "main stress": ratio([float(bool(r.stressed)) for r in stressed]),
    }
    return {name: figure for name, figure in measures.items() if figure is not None}


def choices(rows: Sequence[Row]) -> Figure | None:
    """How often one of two was chosen rightly."""
    return ratio([float(r.right) for r in rows])


def false_names(rows: Sequence[Row]) -> Figure | None:
    """How often a name was heard where nobody gives one."""
    return ratio([float(r.answered) for r in rows])


def takes(rows: Sequence[Row]) -> dict[str, Figure]:
    """Errors of one take (the mean of both) and of both fused, by set and level."""
    result: dict[str, Figure] = {}
    found = by_key(r for r in rows if r.method.startswith(("one take", "two takes")))
    for (group, level, method), fused in found.items():
        if method != trials.TWO_TAKES_FUSED:
            continue
        single = found[group, level, trials.TWO_TAKES_FIRST]
        # Two single takes for every fused one, in the same order.
        for what, get in _TAKES.items():
            before = [get(a) + get(b) for a, b in zip(single[::2], single[1::2], strict=True)]
            drop = paired_drop(before, [2 * get(r) for r in fused])
            if drop is not None:
                result[f"{group}, {name_of(level)}: fewer {what}"] = drop
    return result


_TAKES: dict[str, Callable[[Row], float]] = {
    "wrong phones": lambda r: r.wrong,
    "wrong names": lambda r: float(not r.accepted),
}


def headlines(rows: Sequence[Row]) -> list[tuple[str, str, str, str]]:
    """The goals: what, goal, figure with interval, whether it is met."""
    found = by_key(rows)
    lines: list[tuple[str, str, str, str]] = []

    def add(what: str, figure: Figure | None, goal: float, at_least: bool, digits: int = 1) -> None:
        if figure is None:
            return
        met = figure.value >= goal if at_least else figure.value <= goal
        sign = "≥" if at_least else "≤"
        lines.append(
            (what, f"{sign} {100 * goal:g} %", percent(figure, digits), "yes" if met else "no")
        )

    spelling = methods.PIPELINE_SPELLING
    for group, label in (("synth", "synthesised"), ("espeak_en", "synthesised, espeak-ng English")):
        mine = found.get((group, None, spelling), [])
        if mine:
            own = figures(mine)
            add(f"{label}, spelling known: PER", own["per"], 0.04, False)
            add(f"{label}, spelling known: exact", own["exact"], 0.85, True)
            add(f"{label}, spelling known: top-3", own["top-3"], 0.97, True)
    if real := found.get(("real", None, spelling), []):
        own = figures(real)
        add("real wake-word names, spelling known: PER", own["per"], 0.025, False)
        add("real wake-word names, spelling known: exact", own["exact"], 0.87, True)
        add("the same with accent variants", own["exact with variants"], 0.98, True)
    clean = [r for r in rows if r.level is None]
    add("native against anglicised reading", choices(_of(clean, trials.NATIVE)), 0.95, True)
    add("forced pair", choices(_of(clean, trials.PAIR)), 0.99, True)
    for group, label, goal in (("synth", "synthesised", 0.10), ("real", "real", 0.18)):
        for method in (methods.BEAM, methods.FREE, methods.PIPELINE_NOTHING):
            if mine := found.get((group, None, method), []):
                add(f"no spelling, {label}, {method}: PER", figures(mine)["per"], goal, False)
    nameless = [r for r in clean if r.group in ("no_name", "nonspeech")]
    for method, label in (
        (methods.PIPELINE_NOTHING, "nothing given"),
        (methods.PIPELINE_WRONG, "a wrong spelling given"),
    ):
        add(f"false names, {label}", false_names(_of(nameless, method)), 0.02, False)
    sure = [r for r in clean if r.method == spelling and r.confidence is not None]
    confidences = [r.confidence or 0.0 for r in sure]
    chance = 100 * ece_by_chance(confidences)
    add(f"ECE, spelling known, all sets clean (perfect confidences: {chance:.1f} % on so few)",
        ece_figure(confidences, [r.accepted for r in sure]), 0.05, False)  # fmt: skip
    for real, label in ((True, "real people"), (False, "synthetic voices, all levels")):
        single, fused = (
            [r for r in rows if r.method == method and (r.group == "real") == real]
            for method in (trials.TWO_TAKES_FIRST, trials.TWO_TAKES_FUSED)
        )
        before = [float(not a.accepted) + float(not b.accepted)
                  for a, b in zip(single[::2], single[1::2], strict=True)]  # fmt: skip
        add(f"two takes fused, {label}: fewer wrong names",
            paired_drop(before, [2.0 * (not r.accepted) for r in fused]), 0.25, True)  # fmt: skip
    return lines


def _of(rows: Sequence[Row], method: str) -> list[Row]:
    return [r for r in rows if r.method == method]


def percent(figure: Figure | None, digits: int = 1) -> str:
    """`3.7 % (2.9–4.6)`."""
    if figure is None:
        return "–"
    low, high, value = (100 * v for v in (figure.low, figure.high, figure.value))
    return f"{value:.{digits}f} % ({low:.{digits}f}–{high:.{digits}f})"
