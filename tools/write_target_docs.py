"""Writes docs/targets.md from what the targets and lexicons say of themselves.

python tools/write_target_docs.py
"""

from __future__ import annotations

from pathlib import Path

from namemem.phones import parse_ipa
from namemem.phones.notations import NOTATIONS
from namemem.tts import get_target, target_names
from namemem.tts.lexicons import FORMATS

SIOBHAN = parse_ipa("ʃɪˈvɔːn")
PAGE = Path(__file__).parent.parent / "docs" / "targets.md"
HEAD = """# Targets, lexicons and notations

This page is written by `tools/write_target_docs.py`; `GET /v1/targets` says the same.

A target is a text-to-speech system (or family of them). `voice`, `model` and `locale` choose the
phones; a model that takes no phonemes gets a respelling in place of the name, and `notes` says so.
What a voice does not have is replaced by its nearest sound: `substitutions` says which, with a cost
in [0, 1], and `grade` whether the whole is still fair: `exact`, `close` or `approximate`. `exact`
means that every sound is kept, or said as one that speakers of the voice's language cannot tell
from it (aspirated stops in English, the two `a` of French); another accent's sound, such as a
British voice's /ɔː/ for /ɔɹ/, is reported. Vowel length counts only where the voice tells it apart.

**Run** means that our tests run the engine itself on our markup and compare what it says it spoke.
All other targets rest on their vendors' documentation; what not even that could confirm is
*unverified*.

Everything here works without the server: `from namemem import tts` (`help(tts)` has examples).

## What is proved, and how

`pytest tests/tts/test_names_are_spoken.py`: 208 names of 16 languages are spoken by espeak-ng in
ten voices (2080 renderings, compared with the library's own phoneme trace), by flite (its segments)
and by Festival (its segments). All equal what was asked for, or the reported substitution; what is
called exact equals what was asked for.

`pytest tests/tts/test_schemas.py`: SSML and lexicons, hostile names among them, against RELAX NG
schemas written from the text of SSML 1.1 and PLS 1.0 (the W3C's own files could not be had; see
`tests/tts/schemas/`). Two things differ from the specifications because vendors want them so:
ElevenLabs' alphabet `cmu-arpabet`, and Azure's `sapi`, which is not checked.

`pytest tests/tts/test_never_empty.py`: any segments with any marks, for every target, alphabet and
locale: phones, markup and `spoken` are never empty, and every substitution has a cost.
"""


def page() -> str:
    """The whole page."""
    lines = [HEAD]
    for name in target_names():
        target = get_target(name)
        told = target.describe()
        example = target.render_name("Siobhan", SIOBHAN).markup
        lines += [f"## {name}: {told['title']}", "", f"    {example.replace(chr(10), ' ')}", ""]
        run = " **Run.**" if target.verified else ""
        lines.append(f"- Alphabets: {', '.join(target.alphabets)}.{run}")
        if target.locales():
            lines.append(f"- Locales: {', '.join(target.locales())}.")
        lines += [f"- {limit}" for limit in target.limits]
        doubts = [*target.unverified, *target.unverified_locales()]
        lines += [f"- *Unverified:* {one}" for one in doubts]
        lines += [f"- Source: <{target.source}>", ""]
    lines += ["## Lexicons", "", "`GET /v1/lexicon?target=…`, `namemem export --target …`.", ""]
    lines += ["| format | what | limits |", "| --- | --- | --- |"]
    for name, kind in FORMATS.items():
        lines.append(f"| `{name}` | [{kind.title}]({kind.source}) | {' '.join(kind.limits)} |")
    lines += ["", "## Notations", "", "`POST /v1/convert`, `namemem convert`.", ""]
    lines += ["| notation | what | variants |", "| --- | --- | --- |"]
    for name, notation in NOTATIONS.items():
        variants = ", ".join(f"`{name}:{v}`" for v in notation.variants())
        lines.append(f"| `{name}` | {notation.title} | {variants} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
