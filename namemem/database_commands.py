"""`namemem db …`: backups, restoring, and whether the database is whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from namemem.settings import Settings

if TYPE_CHECKING:
    from namemem.store.backups import Restored

_FORCE_FILE = "Replace a file that is there already."
_FORCE_DATABASE = "Replace all that the database holds."


_ENDED = {
    "erased": "people were erased after the backup and stay erased",
    "recordings": "recordings were deleted after the backup and stay deleted",
    "consents": "consents were withdrawn after the backup and stay withdrawn",
    "keys": "keys were revoked after the backup and stay revoked",
    "jobs": "recordings that waited were withdrawn or forgotten after the backup and stay so",
}


def _told(done: Restored) -> Iterator[str]:
    """What became of what happened after the backup, and what is left to do."""
    for what, text in _ENDED.items():
        if done.ended[what]:
            yield f"{done.ended[what]} {text}."
    if done.carried.audit:
        yield f"{done.carried.audit} entries of the audit log were carried over."
    if done.carried.keys:
        yield f"{done.carried.keys} keys were made after the backup and still hold."
    if not done.related:
        yield (
            "The database that was replaced told nothing of what happened after the backup: "
            "whoever was erased since then is back, and keys that were revoked hold. Erase and "
            "revoke them again."
        )
    elif done.carried.returned:
        yield (
            f"{done.carried.returned} people are back who were not there any more, and of whom no "
            "erasure is noted. If they were erased, erase them again: namemem people list."
        )


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
        from namemem.store import acting_by_command
        from namemem.store.backups import restore as bring_back

        with acting_by_command():
            done = bring_back(settings().url, file, replace=force)
        typer.echo(f"{done.people} people; schema {done.schema_before} → {done.schema}")
        for line in _told(done):
            typer.echo(line)

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
