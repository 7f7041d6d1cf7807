"""Which voice speaks: its name, model and locale, and what a target can do with that.

What a model takes is data, `models.tsv`; what phones a locale has is an inventory each,
`inventories/<target>.<locale>.tsv`. Voices that do not name their locale are in `voices.tsv`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources

from namemem.errors import UnknownVoice
from namemem.phones.inventory import Inventory, load_inventory, read_tsv

DEFAULT_LOCALE = "en-US"
_LOCALE = re.compile(r"([A-Za-z]{2,3})[-_]([A-Za-z]{2}|\d{3})(?:$|[-_+.])")
# Whose phones stand for a locale without a table of its own: the accent that is nearest.
_KIN = {
    "en-AU": "en-GB", "en-IE": "en-GB", "en-NZ": "en-GB", "en-ZA": "en-GB", "en-IN": "en-GB",
    "en-SG": "en-GB", "en-HK": "en-GB", "en-CA": "en-US", "en-PH": "en-US", "en": "en-US",
    "de": "de-DE", "fr": "fr-FR", "es-ES": "es-ES", "es": "es-MX", "it": "it-IT", "pt": "pt-BR",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Voice:
    """What the caller says of the voice; all of it optional.

    Attributes:
        name: as the vendor calls it, such as `en-US-AvaNeural`, `Joanna` or `bf_emma`.
        model: the vendor's model or engine, such as `eleven_flash_v2` or `generative`.
        locale: BCP 47 with a region, such as `de-DE`.
    """

    name: str | None = None
    model: str | None = None
    locale: str | None = None

    @classmethod
    def of(cls, voice: str | Voice | None) -> Voice:
        """The voice of that name; a `Voice` as it is."""
        return voice if isinstance(voice, Voice) else cls(voice or None)

    def __str__(self) -> str:
        return self.name or self.model or self.locale or "the default voice"


AnyVoice = str | Voice | None
"""A voice's name, all that is known of it, or nothing."""


@dataclass(frozen=True, slots=True)
class Model:
    """One row of `models.tsv`: whether a model takes phonemes, and a note for the caller."""

    phonemes: bool
    note: str


def locale_named(text: str | None) -> str | None:
    """The locale at the start of a voice's name (`de-DE-KatjaNeural`), or None."""
    found = _LOCALE.match(text or "")
    return f"{found[1].lower()}-{found[2].upper()}" if found else None


@cache
def _voices() -> dict[tuple[str, str], str]:
    rows = read_tsv("namemem.tts", "voices.tsv")
    return {(target, voice.lower()): locale for target, voice, locale in rows}


def locale_of(target: str, voice: Voice) -> str | None:
    """The locale that a voice speaks, as far as anybody said or `voices.tsv` knows."""
    if voice.locale:
        return locale_named(voice.locale) or voice.locale.split("-")[0].lower()
    named = locale_named(voice.name) or locale_named(voice.model)
    return named or _voices().get((target, (voice.name or "").lower()))


@cache
def _models() -> tuple[tuple[str, str, Model], ...]:
    rows = read_tsv("namemem.tts", "models.tsv")
    return tuple((t, pattern, Model(takes == "1", note)) for t, pattern, takes, note, _ in rows)


def model_of(target: str, voice: Voice) -> Model:
    """What is known of the voice's model: the first row of `models.tsv` that fits."""
    for name in (voice.model, voice.name):
        for owner, pattern, model in _models():
            if name and owner == target and fnmatchcase(name.lower(), pattern.lower()):
                return model
    return Model(True, "")


def known_models(target: str) -> list[dict[str, object]]:
    """The rows of `models.tsv` of one target, JSON-serialisable."""
    return [
        {"model": pattern, "phonemes": model.phonemes, "note": model.note}
        for owner, pattern, model in _models()
        if owner == target
    ]


@cache
def locales(target: str) -> tuple[str, ...]:
    """Locales for which a target has an inventory; the default one first."""
    folder = resources.files("namemem.tts").joinpath("inventories")
    names = (f.name.split(".") for f in folder.iterdir())
    found = sorted(n[1] for n in names if len(n) == 3 and n[0] == target and locale_named(n[1]))
    return tuple(sorted(found, key=lambda locale: locale != DEFAULT_LOCALE))


@dataclass(frozen=True, slots=True)
class Profile:
    """The phones that a voice has, and what to tell the caller of the choice."""

    locale: str
    inventory: Inventory
    notes: tuple[str, ...] = ()


def profile(target: str, title: str, voice: Voice) -> Profile:
    """The inventory for a voice.

    Raises:
        UnknownVoice: it speaks a language of which no inventory is known here.
    """
    known = locales(target)
    wanted = locale_of(target, voice)
    if wanted is None:
        wanted = known[0]
    chosen = wanted
    if chosen not in known:
        language = wanted.split("-")[0]
        kin = _KIN.get(wanted) or _KIN.get(language, "")
        chosen = next((c for c in (kin, *known) if c in known and c.split("-")[0] == language), "")
    if not chosen:
        raise UnknownVoice(
            f"No phone inventory of {title} for the locale {wanted!r} is known here; "
            f"there is one for: {', '.join(known)}. Use target `respelling`.",
            voice=str(voice)[:100],
            known=list(known),
        )
    inventory = load_inventory("namemem.tts", f"inventories/{target}.{chosen}.tsv")
    notes = []
    if chosen != wanted:
        notes.append(f"unverified: the phones of {chosen} are used for {wanted}.")
    if inventory.about.get("verified") == "no":
        notes.append(f"unverified: no list of {title}'s phones for {chosen} could be consulted.")
    return Profile(wanted, inventory, tuple(notes))
