"""Measures the name finder on the bank of introductions.

python -m benchmarks.spotting                  # both halves, writes docs/spotting.md
python -m benchmarks.spotting --split dev --misses   # the development half's mistakes
python -m benchmarks.spotting --bank benchmarks/spotting_blind   # another folder's figures
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.spotting_bank import HERE, Gold, Utterance, utterances
from namemem.name_spotting import Spotted, SpottedName, spot

REPORT = Path(__file__).parents[1] / "docs" / "spotting.md"
SPLITS = ("dev", "test")
_CONDITIONS = {
    "language": "As written, the language given",
    "unknown": "As written, the language unknown",
    "flat": "Lower case without punctuation, the language given",
    "flat_unknown": "Lower case without punctuation, the language unknown",
}


@dataclass
class Counts:
    """Sums over utterances; spans count as right only to the character.

    Attributes:
        found, wanted, right: names.
        kinds, owners, spellings: right spans with the right kind, person and `preferred`, spelling.
        clean: utterances in which nobody gives a name.
        false: those of them in which one was found.
        exact: utterances in which everything was right.
        all: utterances.
        misses: what was wrong, to be read.
    """

    found: int = 0
    wanted: int = 0
    right: int = 0
    kinds: int = 0
    owners: int = 0
    spellings: int = 0
    clean: int = 0
    false: int = 0
    exact: int = 0
    all: int = 0
    misses: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Of the names found, how many are right."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Of the names given, how many are found."""
        return self.right / self.wanted if self.wanted else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    @property
    def false_rate(self) -> float:
        """Of the utterances without a name, in how many one was found."""
        return self.false / self.clean if self.clean else 0.0

    def add(self, utterance: Utterance, spotted: Spotted) -> None:
        """Counts one utterance."""
        gold = {(g.start, g.end): g for g in utterance.names}
        pairs = [(gold.get((n.start, n.end)), n) for n in spotted.names]
        good = [(g, n) for g, n in pairs if g is not None]
        self.all += 1
        self.found += len(pairs)
        self.wanted += len(gold)
        self.right += len(good)
        self.kinds += sum(g.kind == n.kind for g, n in good)
        self.owners += sum(_owner_is(g, n) for g, n in good)
        self.spellings += sum(_spelling_is(g, n) for g, n in good)
        if not gold:
            self.clean += 1
            self.false += bool(pairs)
        exact = len(good) == len(gold) == len(pairs) and all(
            g.kind == n.kind and _owner_is(g, n) and _spelling_is(g, n) for g, n in good
        )
        self.exact += exact
        if not exact:
            self.misses.append(_miss(utterance, spotted))


def _owner_is(gold: Gold, name: SpottedName) -> bool:
    return gold.of == name.of and (gold.of == "other" or gold.preferred == name.preferred)


def _spelling_is(gold: Gold, name: SpottedName) -> bool:
    if gold.spelled != (name.spelling_source == "spelled_aloud"):
        return False
    return gold.spelling.casefold() == name.text.casefold()


def _miss(utterance: Utterance, spotted: Spotted) -> str:
    wanted = "; ".join(_gold(g, utterance.text) for g in utterance.names) or "-"
    got = "; ".join(_found(n, utterance.text) for n in spotted.names) or f"- ({spotted.reason})"
    asked = " asked" if utterance.asked else ""
    return (
        f"{utterance.language}/{utterance.family}{asked}: {utterance.text!r}\n"
        f"    wanted {wanted}\n    found  {got}"
    )


def _gold(gold: Gold, text: str) -> str:
    spelled = f"={gold.spelling}" if gold.spelled else ""
    second = "" if gold.preferred else "/second"
    return f"{text[gold.start : gold.end]}/{gold.kind}/{gold.of}{second}{spelled}"


def _found(name: SpottedName, text: str) -> str:
    spelled = f"={name.text}" if name.spelling_source == "spelled_aloud" else ""
    second = "" if name.preferred or name.of == "other" else "/second"
    said = text[name.start : name.end]
    return f"{said}/{name.kind}/{name.of}{second}{spelled} <{name.language}>"


def measure(
    splits: Iterable[str], condition: str, bank: Path = HERE
) -> dict[tuple[str, str], Counts]:
    """Counts by (split, language) under one of the conditions."""
    counts: dict[tuple[str, str], Counts] = defaultdict(Counts)
    wanted = set(splits)
    for utterance in utterances(flat=condition.startswith("flat"), bank=bank):
        if utterance.split not in wanted:
            continue
        language = None if condition.endswith("unknown") else utterance.language
        spotted = spot(utterance.text, language, asked=utterance.asked)
        counts[utterance.split, utterance.language].add(utterance, spotted)
    return counts


def total(counts: Iterable[Counts]) -> Counts:
    """The sum of several."""
    out = Counts()
    for one in counts:
        for name in vars(out):
            setattr(out, name, getattr(out, name) + getattr(one, name))
    return out


def _percent(right: int, of: int) -> str:
    return f"{100 * right / of:.0f}" if of else "–"


def _row(label: str, c: Counts) -> str:
    cells = [
        label,
        str(c.all),
        f"{c.precision:.3f}",
        f"{c.recall:.3f}",
        f"{c.f1:.3f}",
        f"{c.false}/{c.clean}",
        _percent(c.kinds, c.right),
        _percent(c.owners, c.right),
        _percent(c.spellings, c.right),
        _percent(c.exact, c.all),
    ]
    return f"| {' | '.join(cells)} |"


_HEAD = (
    "| language | utterances | precision | recall | span F1 | false names | kind % | whose % "
    "| spelling % | all right % |\n|---|---|---|---|---|---|---|---|---|---|"
)


def table(counts: dict[tuple[str, str], Counts], split: str) -> str:
    """One split's figures by language, and their sum."""
    languages = sorted(language for part, language in counts if part == split)
    rows = [_row(language, counts[split, language]) for language in languages]
    rows.append(_row("**all**", total(counts[split, language] for language in languages)))
    return "\n".join([_HEAD, *rows])


def report(splits: Sequence[str]) -> str:
    """Every condition's tables."""
    parts = []
    names = {"dev": "Development half", "test": "Test half"}
    for split in reversed(splits):
        for condition, title in _CONDITIONS.items():
            counts = measure([split], condition)
            parts.append(f"### {names[split]}: {title[0].lower()}{title[1:]}\n")
            parts.append(table(counts, split) + "\n")
    return "\n".join(parts)


_MARK = "<!-- figures: python -m benchmarks.spotting -->\n"


def main() -> None:
    """Prints the figures; with both halves, writes them into docs/spotting.md."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--split", choices=SPLITS, help="one half only; nothing is written")
    parser.add_argument(
        "--bank", type=Path, help="another folder of utterances; nothing is written"
    )
    parser.add_argument("--misses", action="store_true", help="print what was wrong")
    parser.add_argument("--language", help="only this language's misses")
    parser.add_argument("--condition", choices=_CONDITIONS, default="language")
    asked = parser.parse_args()
    if asked.bank and asked.split:
        parser.error("another folder has no halves: --bank without --split")
    whole = ("all",) if asked.bank else SPLITS
    splits = (asked.split,) if asked.split else whole
    bank = asked.bank or HERE
    if asked.misses:
        for (_, language), counts in sorted(measure(splits, asked.condition, bank).items()):
            if asked.language in (None, language):
                print(*counts.misses, sep="\n")
        return
    if len(splits) == 1:
        print(table(measure(splits, asked.condition, bank), splits[0]))
        return
    figures = report(splits)
    print(figures)
    head = REPORT.read_text(encoding="utf-8").split(_MARK)[0]
    REPORT.write_text(head + _MARK + "\n" + figures, encoding="utf-8")


if __name__ == "__main__":
    main()
