"""What the commands have in common: standard error for people, and the settings or the end."""

from __future__ import annotations

from typing import NoReturn

from rich.console import Console

from namemem.errors import InvalidSettings, NamememError
from namemem.settings import Settings, load_settings

err = Console(stderr=True, highlight=False)
"""What is told besides the answer, which alone is on standard output."""


def fail(error: NamememError) -> NoReturn:
    """Ends the program with exit code 2 and the error as one line."""
    err.print(f"[red]namemem:[/red] {type(error).__name__}: ", end="")
    err.print(error.message, markup=False, soft_wrap=True)
    raise SystemExit(2)


def settings_or_fail() -> Settings:
    """The settings; where they are wrong, the program ends."""
    try:
        return load_settings()
    except InvalidSettings as error:
        fail(error)
