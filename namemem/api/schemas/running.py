"""The server itself."""

from __future__ import annotations

from pydantic import BaseModel


class VersionOut(BaseModel):
    """Which namemem answers."""

    name: str
    version: str
    python: str


class ReadyOut(BaseModel):
    """Whether everything works; `reasons` says what does not."""

    ready: bool
    engines: dict[str, str]
    notes: list[str]
    reasons: list[str]
