"""Who of the people of a space is speaking, by how they say their name. Nothing is stored."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from namemem.identifying import Verdicts, by_distance
from namemem.introductions import Hints
from namemem.people import Hearing, NameKind, Person
from namemem.service.base import ServiceBase
from namemem.store import Sound
from namemem.store.documents import pronunciation_from_text
from namemem.workers import Job

Known = Mapping[str, Sequence[Sound]]
"""Each sound of a space once (IPA, syllables apart), and the names that sound so."""


@dataclass(frozen=True, slots=True)
class Match:
    """Somebody who may be speaking.

    Attributes:
        person: who.
        name_id: the name that sounds most like what was said.
        spelling: of that name.
        distance: expected PFER between what was said and that name, in [0, 1].
        probability: that they gave this name, shared with everybody whose name sounds so.
    """

    person: Person
    name_id: str
    spelling: str
    distance: float
    probability: float


@dataclass(frozen=True, slots=True)
class Identified:
    """Who it may be, nearest first; `stranger` is the probability that it is nobody known."""

    matches: tuple[Match, ...]
    stranger: float
    hearing: Hearing


@dataclass(frozen=True, slots=True)
class _Likely:
    name: Sound
    distance: float
    probability: float


class Identifying(ServiceBase):
    """The use case of finding somebody by a recording."""

    async def identify(
        self, space: str, audio: bytes, hints: Hints | None = None, limit: int = 10
    ) -> Identified:
        """Hears a name and finds whose it may be; stores nothing.

        People without any pronunciation are left out. Somebody with a given and a family name is
        also known by both together, and somebody with a full name by its first word.

        Args:
            space: whose people.
            audio: the recording.
            hints: what the caller knows.
            limit: how many matches there are at most.

        Raises:
            NoSpeech, NoNameHeard: nobody gives a name.
            AudioError: not audio, cut off, too long or too large.
            EngineBusy, EngineFailed: try again.
        """
        known = await asyncio.to_thread(self._known, space)
        job = Job(
            audio,
            hints or Hints(asked=True),
            max_seconds=self.policy.max_seconds,
            max_bytes=self.policy.max_bytes,
            space=space,
            known=tuple(known),
        )
        heard = await self.hearer.hear(job)

        def find() -> Identified:
            verdicts = heard.verdicts
            if verdicts is None:  # a worker of an older version, or a fake
                verdicts = by_distance(heard.hearing.readings, job.known)
            likely = _likely(verdicts, job.known, known)[:limit]
            with self.store.transaction(space, read_only=True) as repo:
                people = repo.people_with_ids([one.name.person_id for one in likely])
            there = {person.id: person for person in people}
            matches = [
                Match(
                    there[one.name.person_id],
                    one.name.name_id,
                    one.name.spelling,
                    one.distance,
                    one.probability,
                )
                for one in likely
                if one.name.person_id in there
            ]
            return Identified(tuple(matches), verdicts.stranger, heard.hearing)

        return await asyncio.to_thread(find)

    def _known(self, space: str) -> Known:
        with self.store.transaction(space, read_only=True) as repo:
            names = repo.sounds()
        known: defaultdict[str, list[Sound]] = defaultdict(list)
        for name in (*names, *_joined(names)):
            text = name.text
            if text.startswith("{"):  # what dotted IPA cannot restore exactly is near enough in it
                text = pronunciation_from_text(text).ipa
            known[text].append(name)
        return known


def _joined(names: Iterable[Sound]) -> list[Sound]:
    """Given and family name together, and full names by their first word."""
    found: list[Sound] = []
    first: dict[str, Sound] = {}
    last: dict[str, Sound] = {}
    for name in names:
        if name.text.startswith("{"):
            continue
        if name.kind is NameKind.GIVEN:
            first.setdefault(name.person_id, name)
        elif name.kind is NameKind.FAMILY:
            last.setdefault(name.person_id, name)
        elif name.kind is NameKind.FULL and " " in name.text:
            found.append(_as(name, name.text.partition(" ")[0], name.spelling))
    for person_id, given in first.items():
        if (family := last.get(person_id)) is not None:
            spelling = f"{given.spelling} {family.spelling}"
            found.append(_as(given, f"{given.text} {family.text}", spelling))
    return found


def _as(name: Sound, text: str, spelling: str) -> Sound:
    return Sound(name.person_id, name.name_id, name.kind, spelling, text)


def _likely(verdicts: Verdicts, texts: Sequence[str], known: Known) -> list[_Likely]:
    """Each person once, by their likeliest name, nearest first.

    People whose names sound the same share a sound's probability; somebody with several names
    that may have been said has the sum of theirs.
    """
    total: defaultdict[str, float] = defaultdict(float)
    best: dict[str, _Likely] = {}
    for verdict in verdicts.known:  # most probable first
        whose: dict[str, Sound] = {}
        for name in known[texts[verdict.index]]:
            whose.setdefault(name.person_id, name)
        for person_id, name in whose.items():
            total[person_id] += verdict.probability / len(whose)
            best.setdefault(person_id, _Likely(name, verdict.distance, 0.0))
    found = [
        _Likely(one.name, one.distance, round(total[person_id], 4))
        for person_id, one in best.items()
    ]
    return sorted(found, key=lambda one: (-one.probability, one.distance))
