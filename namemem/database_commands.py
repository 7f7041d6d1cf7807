"""`namemem db …`: backups, restoring, and whether the database is whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from namemem.settings import Settings

_FORCE_FILE = "Replace a file that is there already."
_FORCE_DATABASE = "Replace all that the database holds."


def install(db: typer.Typer, settings: Callable[[], Settings]) -> None:
    """Adds the commands to `namemem db`; `settings` reads them, or ends the program."""

    @db.command()
    def backup(
        file: Annotated[Path, typer.Argument(help="Where to.", show_default=False)],
        force: Annotated[bool, typer.Option("--force", help=_FORCE_FILE)] = False,
    ) -> None:
        """Write a backup of the whole database; the server may run meanwhile."""
        from namemem.store.backups import back_up

        back_up(settings().url, file, replace=force)
        typer.echo(f"{file}: {file.stat().st_size} bytes")

    @db.command()
    def restore(
        file: Annotated[Path, typer.Argument(help="From `backup`.", show_default=False)],
        force: Annotated[bool, typer.Option("--force", help=_FORCE_DATABASE)] = False,
    ) -> None:
        """Put a backup in the place of what the database holds."""
        from namemem.store.backups import restore as bring_back

        done = bring_back(settings().url, file, replace=force)
        typer.echo(f"{done.people} people; schema {done.schema_before} → {done.schema}")
        if done.erased:
            typer.echo(f"{done.erased} people were erased after the backup and stay erased.")

    @db.command()
    def check() -> None:
        """Look whether the database is whole; exit code 1 when it is not."""
        from namemem.store import Store

        store = Store(settings().url)
        found = store.findings()
        store.close()
        for finding in found:
            typer.echo(finding)
        if found:
            typer.echo(f"{len(found)} findings. Restore a backup: namemem db restore FILE --force")
            raise SystemExit(1)
        typer.echo(f"{store.description} is whole.")
