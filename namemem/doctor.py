"""`namemem doctor`: what is installed, which engines load, what is missing and how to get it."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

from namemem import __version__, bootstrap, weights
from namemem.errors import NamememError
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
    yield from _models(settings)
    yield from _engines(settings)
    yield from _preview(settings)
    yield from _database(settings)
    if not settings.api_keys:
        yield Finding(
            "note", "access", "no NAMEMEM_API_KEYS: anyone who reaches the port may use it"
        )


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


def _database(settings: Settings) -> Iterator[Finding]:
    try:
        store = Store(settings.url)
        current = store.current_revision()
        if current == store.head_revision():
            yield Finding("ok", "database", f"{store.description}, schema {current}")
        else:
            text = f"{store.description} has schema {current or 'none'}; run: namemem db upgrade"
            yield Finding("note", "database", text + " (the server does it at start)")
        store.close()
    except NamememError as error:
        yield Finding("bad", "database", error.message)
