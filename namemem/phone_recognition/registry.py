"""Phone recognisers by name; their modules are imported only when chosen."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from namemem.errors import InvalidSettings
from namemem.phone_recognition.base import PhoneRecognizer

_ENGINES = {
    "sphinx": "namemem.phone_recognition.sphinx:SphinxPhones",
}


def engine_names() -> tuple[str, ...]:
    """All registered names."""
    return tuple(_ENGINES)


def choose(name: str, *, encoder: str) -> tuple[PhoneRecognizer, str]:
    """The engine of that name, or for `auto` the best one that is there, and why.

    Args:
        name: `auto` or a registered name.
        encoder: Whisper model (name or checkpoint path) for the engines that use one.

    Raises:
        InvalidSettings: no engine of that name.
    """
    if name != "auto":
        return create(name), f"The phone recogniser {name} was asked for by name."
    return create("sphinx"), "Phones are heard by the embedded pocketsphinx."


def create(name: str, **options: Any) -> PhoneRecognizer:
    """Builds an engine without loading it.

    Raises:
        InvalidSettings: no engine of that name.
    """
    if name not in _ENGINES:
        known = ", ".join(["auto", *_ENGINES])
        raise InvalidSettings(f"There is no phone recogniser {name!r}. There are: {known}.")
    module, _, attribute = _ENGINES[name].partition(":")
    engine: PhoneRecognizer = getattr(import_module(module), attribute)(**options)
    return engine
