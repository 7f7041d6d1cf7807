"""Figures as a Markdown report with two plots, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import methods, summary, trials
from benchmarks.measures import calibration, confusions
from benchmarks.oracle import FIRSTS, Oracle
from benchmarks.summary import by_key, figures, name_of, percent
from benchmarks.trials import Row

SETS = {
    "real": "Real people saying one of four wake-word names (development data; the phones are the "
    "dictionary's, not a transcription)",
    "synth": "Synthesised introductions, English readings phone by phone (flite)",
    "espeak_en": "Synthesised introductions, English readings (espeak-ng variants)",
    "espeak_native": "Synthesised introductions, names said natively behind an English carrier "
    "(espeak-ng; compared in the IPA labels of the ear)",
    "no_name": "Real sentences in which nobody gives a name (development data)",
    "nonspeech": "Silence, noise, hum, clicks and chords, made by the benchmark",
    "spelled": "Real people spelling their names aloud (development data)",
}
_COLUMNS = ("per", "pfer", "exact", "exact with variants", "top-3", "ece", "answered")


def write(
    rows: Sequence[Row], about: dict[str, Any], out: Path, listed: Oracle | None = None
) -> None:
    """`README.md`, `accuracy-SPLIT.json` and the plots; a report of both splits stands together."""
    out.mkdir(parents=True, exist_ok=True)
    split = about["split"]
    plots = _plots(rows, out, split)
    text = markdown(rows, about, plots, listed)
    (out / f"{split}.md").write_text(text, encoding="utf-8")
    data = {"about": about, "figures": as_json(rows),
            "goals": [list(line) for line in summary.headlines(rows)]}  # fmt: skip
    (out / f"accuracy-{split}.json").write_text(
        json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    (out / "README.md").write_text(_index(out), encoding="utf-8")


def as_json(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Every figure with what it is of."""
    return [
        {
            "set": group,
            "level": name_of(level),
            "method": method,
            "measures": {k: f.as_json() for k, f in figures(own).items()},
        }
        for (group, level, method), own in by_key(rows).items()
    ]


def markdown(
    rows: Sequence[Row],
    about: dict[str, Any],
    plots: Sequence[str] = (),
    listed: Oracle | None = None,
) -> str:
    """The report of one split."""
    parts = [_head(about), _goals(rows)]
    parts += [f"![{name.partition('-')[0]}]({name})\n" for name in plots]
    parts += [_listed(listed) if listed else ""]
    parts += [_sets(rows), _choices(rows), _false_names(rows), _boundaries(rows), _takes(rows)]
    parts += [_confusions(rows), _errors(rows)]
    return "\n".join(p for p in parts if p)


def _head(about: dict[str, Any]) -> str:
    return f"""# Accuracy: {about["split"]} split

Made by `{about["command"]}` on {about["date"]}: {about["clips"]} clips,
ear {about["recognizer"]}, words by {about["transcriber"]}. Intervals are 95 %, clips drawn again
{about["resamples"]} times. All methods hear the same clips in one run.

{about["kind"]} The sets `real`, `no_name` and `spelled` are recordings of real people and are
development data in every report. `synth`, `espeak_en` and `espeak_native` are synthetic: names and
voices of `training/heldout.toml`, which no training hears; real voices are harder and more varied.
Noise is coloured noise or babble at the ratio given, in half of the clips with reverberation.
"""


def _goals(rows: Sequence[Row]) -> str:
    lines = ["## Against the goals\n", "| | goal | measured | met |", "| --- | --- | --- | --- |"]
    lines += [f"| {' | '.join(line)} |" for line in summary.headlines(rows)]
    return "\n".join(lines) + "\n"


def _listed(oracle: Oracle) -> str:
    firsts = [f"first {n}" for n in FIRSTS]
    lines = [
        "## Is the right reading among the candidates?\n",
        "Before anybody listens, ordered by prior alone; each name and reading counts once. The "
        "last column adds single changed phones of the twenty likeliest.\n",
        f"| set | {' | '.join(firsts)} | in the list | or one phone away | readings |",
        "| --- " * (len(FIRSTS) + 4) + "|",
    ]
    for ranks in oracle.ranks:
        cells = [percent(ranks.among(n)) for n in (*FIRSTS, 10**6)] + [percent(ranks.edited)]
        lines.append(f"| {ranks.group} | {' | '.join(cells)} | {len(ranks.places)} |")
    middle, worst = (float(np.percentile(oracle.milliseconds, q)) for q in (50, 95))
    lines.append(
        f"\nA list has {min(oracle.sizes)} to {max(oracle.sizes)} candidates and takes "
        f"{middle:.0f} ms (95 %: {worst:.0f} ms) for a name that was never asked for before; then "
        "it is remembered.\n"
    )
    return "\n".join(lines)


def _sets(rows: Sequence[Row]) -> str:
    found = by_key(rows)
    parts = ["## By set, noise level and method\n"]
    for group in ("real", "synth", "espeak_en", "espeak_native"):
        levels = sorted({k[1] for k in found if k[0] == group}, key=lambda v: -(v or 99.0))
        for level in levels:
            parts.append(f"### {SETS[group]}: {name_of(level)}\n")
            parts.append("| method | " + " | ".join(c.upper() if c in ("per", "pfer", "ece") else c
                                                    for c in _COLUMNS) + " |")  # fmt: skip
            parts.append("| --- " * (len(_COLUMNS) + 1) + "|")
            for method in methods.ALL:
                own = found.get((group, level, method))
                if own:
                    of = figures(own)
                    cells = " | ".join(percent(of.get(c)) for c in _COLUMNS)
                    parts.append(f"| {method} | {cells} |")
            parts.append("")
    return "\n".join(parts)


def _choices(rows: Sequence[Row]) -> str:
    found = by_key(r for r in rows if r.method in (trials.PAIR, trials.NATIVE))
    if not found:
        return ""
    lines = [
        "## One of two readings\n",
        "Which of two readings of one spelling was said, by likelihood alone: two English ones, or "
        "the native against an anglicised one.\n",
        "| | set | level | right | pairs |",
        "| --- | --- | --- | --- | --- |",
    ]
    for (group, level, method), own in found.items():
        right = percent(summary.choices(own))
        lines.append(f"| {method} | {group} | {name_of(level)} | {right} | {len(own)} |")
    return "\n".join(lines) + "\n"


def _false_names(rows: Sequence[Row]) -> str:
    found = by_key(r for r in rows if r.group in ("no_name", "nonspeech", "spelled"))
    if not found:
        return ""
    lines = [
        "## Where nobody gives a name\n",
        "How often there was an answer. `spelled`: a name is spelled aloud, few say it whole; an "
        "answer is no mistake there, and only counted.\n",
        "| set | | answered | clips |",
        "| --- | --- | --- | --- |",
    ]
    for (group, _, method), own in found.items():
        kind = method.removeprefix("whole pipeline, ")
        kind = "own spelling given" if (group, kind[:5]) == ("spelled", "wrong") else kind
        lines.append(f"| {group} | {kind} | {percent(summary.false_names(own))} | {len(own)} |")
    return "\n".join(lines) + "\n"


def _boundaries(rows: Sequence[Row]) -> str:
    found = by_key(r for r in rows if r.starts is not None)
    lines = [
        "## Where the name is, and its stress\n",
        "Mean distance in seconds from the times that flite gives.\n",
        "| given | level | start | end | starts and ends within 80 ms | clips |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for (_, level, method), own in found.items():
        of = figures(own)
        start, end = of["start error, s"], of["end error, s"]
        lines.append(
            f"| {method.removeprefix('whole pipeline, ')} | {name_of(level)} | {start.value:.3f} "
            f"({start.low:.3f}–{start.high:.3f}) | {end.value:.3f} ({end.low:.3f}–{end.high:.3f}) "
            f"| {percent(of['boundaries within 80 ms'])} | {len(own)} |"
        )
    lines.append("\nMain stress where the phones are right and there is more than one syllable:\n")
    lines += ["| method | level | right | names |", "| --- | --- | --- | --- |"]
    for (_, level, method), own in by_key(r for r in rows if r.stressed is not None).items():
        if method in (methods.SPELLING_ALONE, methods.PIPELINE_SPELLING):
            figure = figures(own)["main stress"]
            lines.append(f"| {method} | {name_of(level)} | {percent(figure)} | {figure.clips} |")
    return "\n".join(lines) + "\n"


def _takes(rows: Sequence[Row]) -> str:
    found = summary.takes(rows)
    if not found:
        return ""
    lines = ["## Two takes fused against one\n", "| | drop |", "| --- | --- |"]
    lines += [f"| {what} | {percent(figure)} |" for what, figure in found.items()]
    return "\n".join(lines) + "\n"


def _confusions(rows: Sequence[Row]) -> str:
    own = [r for r in rows if r.method == methods.PIPELINE_SPELLING and r.notation == "arpabet"]
    counts = confusions([r.tokens for r in own])
    worst = [(c, n) for c, n in counts.most_common() if c[0] != c[1]][:25]
    lines = [
        "## Phones that were mistaken most often\n",
        "Spelling given, English sets, all levels.\n",
        "| said | heard | times |",
        "| --- | --- | --- |",
    ]
    lines += [f"| {a or '(nothing)'} | {b or '(nothing)'} | {n} |" for (a, b), n in worst]
    return "\n".join(lines) + "\n"


def _errors(rows: Sequence[Row]) -> str:
    wrong = [
        r for r in rows
        if r.method == methods.PIPELINE_SPELLING and r.level is None and r.size and not r.accepted
    ]  # fmt: skip
    lines = [
        f"## Errors, clean, spelling given ({len(wrong)})\n",
        "| clip | said | heard | confidence |",
        "| --- | --- | --- | --- |",
    ]
    for r in sorted(wrong, key=lambda r: -(r.confidence or 0)):
        sure = f"{r.confidence:.2f}" if r.confidence is not None else "–"
        lines.append(f"| {r.key} | {r.said} | {r.heard or 'no name'} | {sure} |")
    return "\n".join(lines) + "\n"


def _plots(rows: Sequence[Row], out: Path, split: str) -> list[str]:
    """Calibration and confusion; nothing where matplotlib is not installed."""
    try:
        import matplotlib as mpl
    except ImportError:
        return []
    mpl.use("Agg")
    from matplotlib import pyplot as plt

    sure = [r for r in rows if r.method == methods.PIPELINE_SPELLING and r.confidence is not None]
    bins = calibration([r.confidence or 0.0 for r in sure], [r.accepted for r in sure])
    figure, axes = plt.subplots(figsize=(4.2, 4.0), dpi=80)
    axes.plot([0, 1], [0, 1], color="grey", linewidth=0.8)
    axes.plot([b[0] for b in bins], [b[1] for b in bins], "o-", color="tab:blue")
    for confidence, right, count in bins:
        axes.annotate(str(count), (confidence, right), fontsize=7, xytext=(3, -8),
                      textcoords="offset points")  # fmt: skip
    axes.set(xlabel="confidence", ylabel="share right", title=f"Calibration, {split}")
    names = [f"calibration-{split}.png"]
    figure.tight_layout()
    figure.savefig(out / names[0])
    plt.close(figure)

    own = [r for r in rows if r.method == methods.PIPELINE_SPELLING and r.notation == "arpabet"]
    counts = confusions([r.tokens for r in own])
    phones = sorted({p for pair in counts for p in pair})
    matrix = np.zeros((len(phones), len(phones)))
    for (a, b), n in counts.items():
        matrix[phones.index(a), phones.index(b)] = n
    matrix /= np.maximum(matrix.sum(1, keepdims=True), 1)
    figure, axes = plt.subplots(figsize=(7.2, 6.8), dpi=80)
    axes.imshow(matrix, cmap="Blues", vmin=0, vmax=1)
    labels = [p or "–" for p in phones]
    axes.set_xticks(range(len(phones)), labels, rotation=90, fontsize=7)
    axes.set_yticks(range(len(phones)), labels, fontsize=7)
    axes.set(xlabel="heard", ylabel="said", title=f"Confusions, spelling given, {split}")
    names.append(f"confusions-{split}.png")
    figure.tight_layout()
    figure.savefig(out / names[1])
    plt.close(figure)
    return names


def _index(out: Path) -> str:
    lines = [
        "# Accuracy\n",
        "What is measured, on what, and how far the goals are met. The `test` report is the one "
        "that counts: nothing was tuned on its names and voices. `dev` is what the parameters were "
        "chosen on. Real recordings are development data in both.\n",
    ]
    beside = {"experiments.md": "what was tried, and what stops the goals that are not met",
              "compact/README.md": "the same for the compact ear"}  # fmt: skip
    lines += [f"See also [{what}]({name}).\n" for name, what in beside.items()
              if (out / name).is_file()]  # fmt: skip
    for split in ("test", "dev"):
        data = out / f"accuracy-{split}.json"
        if not data.is_file():
            continue
        stored = json.loads(data.read_text(encoding="utf-8"))
        lines += [f"## {split}: [full report]({split}.md), [figures]({data.name})\n",
                  f"`{stored['about']['command']}`\n",
                  "| | goal | measured | met |", "| --- | --- | --- | --- |"]  # fmt: skip
        lines += [f"| {' | '.join(line)} |" for line in stored["goals"]]
        lines.append("")
    return "\n".join(lines)
