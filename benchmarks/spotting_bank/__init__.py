"""The bank of introductions: utterances with the names in them marked, by language and family."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from namemem.people import NameKind

HERE = Path(__file__).parent
_MARKED = re.compile(r"\[([^\]/]+)((?:/[^\]/]+)*)\]")
_LETTER = re.compile(r"(?<![^\W_])([^\W\d_])[-.](?=[^\W\d_](?![^\W_]))")
_ENDS = re.compile(r"[.,;:!?…。、，！？¿¡؟،।]+(?=\s|$)|[¿¡。、，！？।؟،]")


@dataclass(frozen=True, slots=True)
class Gold:
    """A marked name: characters `start` to `end`, and what is to be said about it."""

    start: int
    end: int
    spelling: str
    kind: NameKind
    of: str
    preferred: bool
    spelled: bool


@dataclass(frozen=True, slots=True)
class Utterance:
    """What somebody says, and the names that are in it."""

    language: str
    family: str
    split: str
    asked: bool
    text: str
    names: tuple[Gold, ...]


def _letters_apart(text: str) -> str:
    return _LETTER.sub(r"\1 ", text)


def plain(text: str) -> str:
    """As a recogniser without punctuation writes it: lower case, letters apart."""
    if text in ("Jr.", "Dr."):
        return text.lower().rstrip(".")
    return _ENDS.sub("", _letters_apart(text)).replace(".", "").lower()


def _parse(marked: str, *, flat: bool) -> tuple[str, tuple[Gold, ...]]:
    text, names, at = "", [], 0
    for match in [*_MARKED.finditer(marked), None]:
        between = marked[at : match.start() if match else len(marked)]
        text += plain(between) if flat else between
        if match is None:
            break
        at = match.end()
        said, marks = match.group(1), match.group(2).split("/")[1:]
        said = plain(said).strip() if flat else said
        start, text = len(text), text + said
        if "skip" in marks:
            continue
        spelled = next((m[1:] for m in marks if m.startswith("=")), None)
        kind = next((m for m in marks if m in set(NameKind)), "given")
        names.append(
            Gold(
                start,
                len(text),
                spelled or said,
                NameKind(kind),
                "other" if "other" in marks else "speaker",
                "second" not in marks,
                spelled is not None,
            )
        )
    return text, tuple(names)


@cache
def splits() -> dict[tuple[str, str], str]:
    """`dev` or `test` for every (language, family)."""
    rows = (HERE / "split.tsv").read_text(encoding="utf-8").splitlines()[1:]
    return {(language, family): split for language, family, split in map(_columns, rows)}


def _columns(row: str) -> tuple[str, str, str]:
    language, family, split = row.split("\t")
    return language, family, split


def lines(bank: Path = HERE) -> Iterator[tuple[str, str, str, str]]:
    """(language, family, flag, marked utterance) of every line."""
    for path in sorted(bank.glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            family, flag, marked = line.split(" | ", 2)
            yield path.stem, family, flag, marked


def utterances(*, flat: bool = False, bank: Path = HERE) -> list[Utterance]:
    """The whole bank; `flat` takes capitals and punctuation away.

    Another folder's utterances are all of the one split `all`.
    """
    found = []
    for language, family, flag, marked in lines(bank):
        text, names = _parse(marked, flat=flat)
        split = splits()[language, family] if bank == HERE else "all"
        found.append(Utterance(language, family, split, flag == "asked", text, names))
    return found
