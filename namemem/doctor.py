"""`namemem doctor`: what is installed, which engines load, what is missing and how to get it."""

from __future__ import annotations

import contextlib
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

from namemem import __version__, bootstrap, weights
from namemem.errors import NamememError
from namemem.misspelt import misspelt_settings
from namemem.service.access import Keyring
from namemem.settings import Settings
from namemem.store import Store
from namemem.tts.preview_engines import preview

_PACKAGES = ("openai-whisper", "torch", "pocketsphinx", "phonemizer", "espeakng-loader", "av")


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: `ok`, a `note` (works, could be better) or `bad` (does not work)."""

    level: Literal["ok", "note", "bad"]
    subject: str
    text: str


def examine(settings: Settings) -> Iterator[Finding]:
    """Looks at everything, one finding at a time; a failed check does not stop the others."""
    yield Finding("ok", "namemem", f"{__version__} on Python {platform.python_version()}")
    for package in _PACKAGES:
        try:
            yield Finding("ok", package, version(package))
        except PackageNotFoundError:
            extra = "namemem[whisper]" if package in ("openai-whisper", "torch") else package
            level: Literal["note", "bad"] = "note" if "[" in extra else "bad"
            yield Finding(level, package, f"not installed; get it with: pip install '{extra}'")
    for sentence in misspelt_settings():
        yield Finding("note", "settings", sentence)
    yield from _models(settings)
    yield from _engines(settings)
    yield from _preview(settings)
    yield from _database(settings)
    yield _access(settings)


def _access(settings: Settings) -> Finding:
    """How many keys there are; a database that cannot be asked has its own finding."""
    made = 0
    try:
        store = Store(settings.url)
        with contextlib.closing(store):
            made = sum(key.state() == "active" for key in Keyring(store).all())
    except NamememError:
        pass
    if made or settings.api_keys:
        text = f"{made} keys made here, {len(settings.api_keys)} in NAMEMEM_API_KEYS"
        return Finding("ok", "access", text)
    text = "no key, neither made by `namemem keys create` nor in NAMEMEM_API_KEYS: "
    who = "everybody is" if settings.allow_anonymous else "only callers on this machine are"
    return Finding("note", "access", f"{text}{who} served")


def _models(settings: Settings) -> Iterator[Finding]:
    wanted = {"words": settings.whisper_model, "phones": settings.phone_encoder}
    for use, model in wanted.items():
        path = weights.available_locally(model, cache=bootstrap.model_cache(settings))
        if path is not None:
            yield Finding("ok", f"Whisper weights for {use}", str(path))
        else:
            how = weights.how_to_get(model)
            yield Finding("note", f"Whisper weights for {use}", f"{model} is not here. {how}")


def _engines(settings: Settings) -> Iterator[Finding]:
    try:
        ear, notes = bootstrap.build_ear(settings)
        ear.load()
    except NamememError as error:
        yield Finding("bad", "engines", error.message)
        return
    yield Finding("ok", "transcriber", f"{ear.transcriber.name} {ear.transcriber.version}")
    yield Finding("ok", "phone recogniser", ear.recognizer.identity)
    yield Finding("ok", "g2p", ear.g2p.identity)
    for note in notes:
        yield Finding("note", "choice of engine", note)


def _preview(settings: Settings) -> Iterator[Finding]:
    name = settings.preview_engine
    try:
        preview(name, settings.preview_model, settings.preview_voices).speak("namemem")
    except NamememError as error:
        yield Finding("bad", "preview voice", error.message)
    else:
        yield Finding("ok", "preview voice", f"{name} speaks")


def _clips(store: Store) -> Iterator[Finding]:
    with store.transaction(read_only=True) as repo:
        seals = repo.clip_seals()
    locked = sum(count for scheme, count in seals.items() if not store.sealer.knows(scheme))
    plain = seals.get(None, 0)
    if locked:
        yield Finding(
            "bad",
            "kept recordings",
            f"{locked} are encrypted with a key that is not here; put it into "
            "NAMEMEM_CLIP_OLD_KEYS",
        )
    if plain:
        how = "run: namemem clips reseal" if store.sealer.scheme else "see docs/privacy.md"
        yield Finding("note", "kept recordings", f"{plain} are not encrypted; {how}")


def _database(settings: Settings) -> Iterator[Finding]:
    try:
        store = bootstrap.build_store(settings)
        current = store.current_revision()
        if current == store.head_revision():
            yield Finding("ok", "database", f"{store.description}, schema {current}")
            yield from _clips(store)
        else:
            text = f"{store.description} has schema {current or 'none'}; run: namemem db upgrade"
            yield Finding("note", "database", text + " (the server does it at start)")
        store.close()
    except NamememError as error:
        yield Finding("bad", "database", error.message)
