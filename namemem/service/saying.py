"""Saying a name: its form for one TTS, sentences with names in them, and preview speech."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from namemem.errors import InvalidRequest, NotFound
from namemem.people import Name, NameKind, Person, Status
from namemem.phones import Pronunciation, parse_ipa
from namemem.service.base import ServiceBase
from namemem.store import Repository
from namemem.tts import Rendering, get_target
from namemem.tts.lexicons import Entry, Lexicon, lexicon
from namemem.tts.sentences import (
    Placeholder,
    Sentence,
    SpokenName,
    find_names,
    parse_template,
    render_sentence,
    split_sentences,
)
from namemem.tts.voices import AnyVoice

_SURE = (Status.APPROVED, Status.CORRECTED, Status.CONFIRMED, Status.HEARD)
_PREFERENCE = (NameKind.NICKNAME, NameKind.GIVEN, NameKind.FULL, NameKind.FAMILY)


@dataclass(frozen=True, slots=True)
class Said:
    """A name as one target will say it. `source` is `stored`, or `spelling` where nobody has
    ever said the name and its spelling had to do.
    """

    rendering: Rendering
    person: Person
    name: Name
    source: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text with names in it: as a whole, the names, and sentence by sentence."""

    whole: Sentence
    said: list[Said]
    sentences: list[Sentence]


class Saying(ServiceBase):
    """The use cases towards text-to-speech."""

    def pronunciation(
        self,
        space: str,
        person_id: str,
        target_name: str,
        voice: AnyVoice = None,
        kind: NameKind | None = None,
    ) -> Said:
        """A person's name in a target's form.

        Raises:
            NotFound: no such person, or they have no name (of that kind).
            UnknownTarget, UnknownVoice: see `GET /v1/targets`.
        """
        renderer = get_target(target_name)
        with self.store.transaction(space, read_only=True) as repo:
            person = repo.person(person_id)
        name = preferred(person, kind)
        pronunciation, source = self._pronounced(name)
        text = name.spelling or person.display_name
        return Said(renderer.render_name(text, pronunciation, voice), person, name, source)

    def render(
        self,
        space: str,
        text: str,
        target_name: str,
        voice: AnyVoice = None,
        *,
        people: Sequence[str] = (),
    ) -> Rendered:
        """A text with names in it: `{person:ID}` and `{external:ID}` are replaced.

        Args:
            space: whose people.
            text: the template.
            target_name: whom it is for.
            voice: the target's voice.
            people: `person:ID` or `external:ID` (or an id alone) of people whose names may also
                stand written out in the text.

        Raises:
            NotFound: an unknown person, naming which.
            InvalidRequest: a placeholder that is none, with its position.
        """
        renderer = get_target(target_name)
        parts = parse_template(text)
        listed = [_listed(one) for one in people]
        asked = [part for part in parts if isinstance(part, Placeholder)] + listed
        spoken: dict[tuple[str, str], SpokenName] = {}
        whose: dict[tuple[str, str], tuple[Person, Name, str]] = {}
        with self.store.transaction(space, read_only=True) as repo:
            found = {one.key: _resolve(repo, one) for one in asked}
        for key, person in found.items():
            name = preferred(person, None)
            pronunciation, source = self._pronounced(name)
            spoken[key] = SpokenName(name.spelling or person.display_name, pronunciation)
            whose[key] = (person, name, source)
        parts = find_names(parts, {one.key: spoken[one.key].text for one in listed})
        placed = [part for part in parts if isinstance(part, Placeholder)]
        whole = render_sentence(renderer, parts, spoken, voice)
        one_by_one = [
            render_sentence(renderer, sentence, spoken, voice)
            for sentence in split_sentences(parts)
        ]
        said = [
            Said(rendering, *whose[part.key])
            for rendering, part in zip(whole.names, placed, strict=True)
        ]
        return Rendered(whole, said, one_by_one)

    def lexicon(self, space: str, format_name: str, voice: AnyVoice = None) -> Lexicon:
        """Every name of a space that has a pronunciation, as one lexicon.

        Approved names come first, then corrected, confirmed and heard ones, so that of two people
        who spell their name alike but say it differently the surer one is in it; the other is in
        `left_out`.

        Raises:
            UnknownTarget: no such format. UnknownVoice: nothing is known of its phones.
        """
        with self.store.transaction(space, read_only=True) as repo:
            names = [name for person in repo.all_people_iter() for name in person.names]
        names.sort(key=lambda name: (_SURE.index(name.status), name.spelling))
        entries = [
            Entry(name.spelling, name.pronunciation)
            for name in names
            if name.spelling and name.pronunciation is not None
        ]
        return lexicon(format_name, entries, voice)

    def speak(
        self,
        space: str,
        *,
        person_id: str | None = None,
        ipa: str | None = None,
        text: str | None = None,
        voice: str | None = None,
    ) -> bytes:
        """Speech (WAV) from the preview voice: a person's name or an IPA, alone or in a text.

        In `text`, `{name}` is where the name goes; without it the name is spoken alone.

        Raises:
            InvalidRequest: neither or both of person_id and ipa.
            NotFound, InvalidPronunciation, UnknownVoice.
        """
        if (person_id is None) == (ipa is None):
            raise InvalidRequest("Send either person_id or ipa.", field="ipa")
        if ipa is not None:
            pronunciation = parse_ipa(ipa)
        else:
            with self.store.transaction(space, read_only=True) as repo:
                name = preferred(repo.person(person_id or ""), None)
            pronunciation, _ = self._pronounced(name)
        segments: list[str | Pronunciation] = []
        if text:
            if "{name}" not in text:
                raise InvalidRequest(
                    "Put {name} where the name goes in text, or leave text out.", field="text"
                )
            for index, piece in enumerate(text.split("{name}")):
                if index:
                    segments.append(pronunciation)
                if piece:
                    segments.append(piece)
        else:
            segments.append(pronunciation)
        return self._speak(segments, voice)

    def _speak(self, segments: Sequence[str | Pronunciation], voice: str | None) -> bytes:
        return self.voice.speak(segments, voice) if voice else self.voice.speak(segments)

    def _pronounced(self, name: Name) -> tuple[Pronunciation, str]:
        if name.pronunciation is not None:
            return name.pronunciation, "stored"
        predicted = self.g2p.predict(name.spelling, name.language)
        if predicted is None:
            raise NotFound(
                f"Nobody has said the name {name.id} yet, and its spelling cannot be read. "
                "Let the person introduce themselves, or type a pronunciation.",
                name_id=name.id,
            )
        return predicted, "spelling"


def preferred(person: Person, kind: NameKind | None) -> Name:
    """The name to use: of that kind if one is asked for, else nickname, given, full, family.

    Raises:
        NotFound: the person has none.
    """
    for wanted in (kind,) if kind is not None else _PREFERENCE:
        for name in person.names:
            if name.kind is wanted:
                return name
    what = f"no {kind.value} name" if kind is not None else "no name"
    raise NotFound(f"The person {person.id} has {what}.", person_id=person.id)


def _listed(who: str) -> Placeholder:
    kind, colon, ident = who.partition(":")
    if colon and kind in ("person", "external"):
        return Placeholder(kind, ident.strip(), 0)
    return Placeholder("person", who.strip(), 0)


def _resolve(repo: Repository, placeholder: Placeholder) -> Person:
    if placeholder.kind == "person":
        return repo.person(placeholder.id)
    return repo.person_by_external_id(placeholder.id)
