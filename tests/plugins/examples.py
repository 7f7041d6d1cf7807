"""Values of the domain for tests of what stands above it."""

from __future__ import annotations

from dataclasses import replace

from namemem.people import Engines, HeardPhone, Hearing, Mention, NameKind, Reading, SpellingSource
from namemem.phones import parse_ipa


def make_hearing(spelling: str = "Siobhan", *ipa: str, **changes: object) -> Hearing:
    """A hearing of `spelling`, with one reading for each IPA text, best first."""
    readings = tuple(
        Reading(parse_ipa(text), "g2p:en-us", -12.25 - i, -0.7, 0.9 / (i + 1))
        for i, text in enumerate(ipa or ("ʃɪˈvɔːn", "ˈsaɪ.əʊbæn"))
    )
    hearing = Hearing(
        transcript=f"hello my name is {spelling.lower()}",
        spelling=spelling,
        spelling_source=SpellingSource.CALLER,
        language="en-IE",
        readings=readings,
        phones=(HeardPhone("ʃ", 1.02, 1.11, 0.93), HeardPhone("ɪ", 1.11, 1.2, 0.8)),
        start=1.02,
        end=1.61,
        predicted=parse_ipa("ˈsaɪ.əʊbæn"),
        heard_freely="ʃəˈvɔn",
        engines=Engines("sphinx 5.1.1", "sphinx 5.1.1", "espeak-ng 1.52"),
        timings_ms={"decode": 3.5, "total": 80.0},
        quality=("quiet",),
        others=(Mention("Luis", NameKind.GIVEN, "other"),),
    )
    return replace(hearing, **changes)  # type: ignore[arg-type]
