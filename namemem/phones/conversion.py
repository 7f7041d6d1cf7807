"""What a conversion into another notation reports: the value, and every phone it had to change."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Substitution:
    """One unit that the target notation does not have.

    `source` is the unit's IPA (NFC), `target` what stands in for it in the target's own symbols
    (empty when nothing could), `position` the index of the unit in the pronunciation, from 0,
    `cost` how far that is from what was asked for, in [0, 1] (see `fitting.cost`).
    """

    source: str
    target: str
    position: int
    cost: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True)
class Conversion:
    """A pronunciation in some notation, and what it cost.

    `spoken` is the IPA (NFC) of what the symbols stand for, where the target's inventory tells.
    """

    value: str
    substitutions: tuple[Substitution, ...] = ()
    spoken: str = field(default="", compare=False)

    @property
    def exact(self) -> bool:
        """Nothing was substituted."""
        return not self.substitutions

    @property
    def unsupported(self) -> tuple[str, ...]:
        """IPA of the units for which nothing could stand in."""
        return tuple(s.source for s in self.substitutions if not s.target)
