"""`LocatedTarget`: a target whose phones depend on the locale of the voice."""

from __future__ import annotations

from typing import ClassVar

from namemem.phones.inventory import Inventory, load_inventory
from namemem.tts.target import Target
from namemem.tts.voices import AnyVoice, Voice, locales, profile


class LocatedTarget(Target):
    """Its phones are inventories, one for each locale: `inventories/<target>.<locale>.tsv`."""

    phones_of: ClassVar[str] = ""
    """Another target, where its inventories serve this one too."""

    @property
    def _owner(self) -> str:
        return self.phones_of or self.name

    def inventory(self, voice: AnyVoice) -> Inventory:
        """What a voice can say.

        Raises:
            UnknownVoice: it speaks a language of which no inventory is known here.
        """
        return profile(self._owner, self.title, Voice.of(voice)).inventory

    def locale(self, voice: AnyVoice) -> str:
        """The locale of a voice; the default one where the voice does not tell."""
        return profile(self._owner, self.title, Voice.of(voice)).locale

    def notes(self, voice: Voice) -> tuple[str, ...]:
        """What is known of the model, and what of the phones is not verified."""
        return super().notes(voice) + profile(self._owner, self.title, voice).notes

    def locales(self) -> tuple[str, ...]:
        """Locales whose phones are known here, the default one first."""
        return locales(self._owner)

    def unverified_locales(self) -> list[str]:
        """A sentence for each locale whose phones rest on no documentation of the vendor."""
        found = []
        for locale in self.locales():
            inventory = load_inventory("namemem.tts", f"inventories/{self._owner}.{locale}.tsv")
            if inventory.about.get("verified") == "no":
                found.append(f"The phones of {locale}.")
        return found
