"""The command line: `namemem serve | hear | say | convert | people | …`. Thin: it calls others."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from namemem import __version__, database_commands
from namemem.errors import NamememError
from namemem.key_commands import audit, keys_app
from namemem.people import Status
from namemem.serving_commands import serve, worker
from namemem.speech_commands import hear, models_app, say
from namemem.terminal import err, fail, settings_or_fail

app = typer.Typer(
    name="namemem",
    help="Remembers how people say their own names.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
db_app = typer.Typer(help="The database.", no_args_is_help=True)
app.add_typer(db_app, name="db")
app.add_typer(models_app, name="models")
app.add_typer(keys_app, name="keys")
for _command in (audit, serve, worker, hear, say):
    app.command()(_command)
clips_app = typer.Typer(help="Kept recordings.", no_args_is_help=True)
app.add_typer(clips_app, name="clips")
_TELL_THEMSELVES = ("serve", "worker", "doctor")  # of misspelt settings: in the log, in the list


def main() -> None:
    """Entry point; every known error becomes one line on stderr and exit code 2."""
    try:
        app()
    except NamememError as error:
        fail(error)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"namemem {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    from namemem.misspelt import misspelt_settings

    if context.invoked_subcommand not in _TELL_THEMSELVES:
        for sentence in misspelt_settings():
            err.print(sentence, markup=False, soft_wrap=True)


@app.command()
def convert(
    value: Annotated[str, typer.Argument(help="The pronunciation.", show_default=False)],
    source: Annotated[
        str, typer.Option("--from", help="ipa, x-sampa, arpabet, espeak, kirshenbaum, respelling.")
    ] = "ipa",
    to: Annotated[
        str | None, typer.Option(help="One of the same; espeak:de, respelling:fr.")
    ] = None,
    target: Annotated[str | None, typer.Option(help="Or a TTS: its markup.")] = None,
    voice: Annotated[str | None, typer.Option(help="The TTS's voice.")] = None,
    model: Annotated[str | None, typer.Option(help="The TTS's model.")] = None,
    locale: Annotated[str | None, typer.Option(help="The voice's locale.")] = None,
    text: Annotated[str, typer.Option(help="The spelling, for a TTS.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="With the report.")] = False,
) -> None:
    """Write a pronunciation in another notation, or for a TTS. Changes are told on stderr."""
    from namemem import notation_commands as commands
    from namemem.tts.voices import Voice

    line, notes = commands.convert(
        value, source, to, target, text, Voice(voice, model, locale), as_json=as_json
    )
    typer.echo(line)
    for note in notes:
        err.print(note, markup=False, soft_wrap=True)


@app.command()
def export(
    target: Annotated[
        str, typer.Option(help="csv, json, or a lexicon: pls, azure, polly, espeak, cmu, …")
    ] = "csv",
    voice: Annotated[str | None, typer.Option(help="The TTS's voice.")] = None,
    model: Annotated[str | None, typer.Option(help="The TTS's model.")] = None,
    locale: Annotated[str | None, typer.Option(help="The voice's locale.")] = None,
    space: Annotated[str, typer.Option(help="Whose people.")] = "default",
    out: Annotated[Path | None, typer.Option(help="A folder for the file or files.")] = None,
) -> None:
    """All names of a space: a table, or a lexicon for a TTS."""
    from namemem import notation_commands as commands
    from namemem.tts.voices import Voice

    files, notes = commands.export(settings_or_fail(), space, target, Voice(voice, model, locale))
    if out is None:
        for _, content in files:
            typer.echo(content, nl=False)
    else:
        try:
            out.mkdir(parents=True, exist_ok=True)
            for name, content in files:
                (out / name).write_text(content, encoding="utf-8")
                err.print(f"{out / name}", markup=False)
        except OSError as error:
            err.print(f"{out} cannot be written: {error.strerror}.", markup=False)
            raise SystemExit(2) from error
    for note in notes:
        err.print(note, markup=False, soft_wrap=True)


@app.command()
def people(
    q: Annotated[
        str | None, typer.Argument(help="Part of a name or of an id.", show_default=False)
    ] = None,
    status: Annotated[Status | None, typer.Option(help="Only names of this status.")] = None,
    sounds_like: Annotated[str | None, typer.Option(help="An IPA; nearest first.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 50,
    space: Annotated[str, typer.Option(help="Whose people.")] = "default",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List whom the character knows, newest first."""
    from namemem import people_commands as commands

    found = commands.people(settings_or_fail(), space, q, status, sounds_like, limit)
    if as_json and found:
        typer.echo(commands.as_json(found))
    elif not as_json:
        for person in found:
            typer.echo(commands.line(person))


@app.command(name="import")
def import_(
    file: Annotated[Path, typer.Argument(help="A CSV table, as `export` writes it.")],
    space: Annotated[str, typer.Option(help="Whose people.")] = "default",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be done.")
    ] = False,
) -> None:
    """Read names from a CSV table; exit code 2 when a row was refused."""
    from namemem import people_commands as commands

    rows, problems, changed = commands.import_table(
        settings_or_fail(), space, file, dry_run=dry_run
    )
    for row in rows:
        typer.echo(row)
    for problem in problems:
        err.print(problem, markup=False, soft_wrap=True)
    would = "would be changed" if dry_run else "changed"
    err.print(f"{changed} {would}, {len(problems)} refused.", markup=False)
    if problems:
        raise SystemExit(2)


@app.command()
def doctor() -> None:
    """Show what is installed, which engines load, what is missing and how to get it."""
    from rich.console import Console

    from namemem.doctor import examine

    settings = settings_or_fail()
    out = Console(highlight=False)
    healthy = True
    for finding in examine(settings):
        mark = {
            "ok": "[green]ok[/green]  ",
            "note": "[yellow]note[/yellow]",
            "bad": "[red]bad[/red] ",
        }
        out.print(f"{mark[finding.level]} {finding.subject}: ", end="")
        out.print(finding.text, markup=False, soft_wrap=True)
        healthy = healthy and finding.level != "bad"
    if not healthy:
        raise SystemExit(1)


@db_app.command()
def upgrade() -> None:
    """Create the tables, or bring an older database up to date."""
    from namemem.store import Store
    from namemem.worker_command import upgrade_queue

    settings = settings_or_fail()
    store = Store(settings.url)
    before = store.current_revision()
    store.upgrade()
    typer.echo(f"{store.description}: {before or 'empty'} → {store.current_revision()}")
    if said := upgrade_queue(settings):
        typer.echo(said)
    store.close()


database_commands.install(db_app, settings_or_fail)


@db_app.command()
def scrub() -> None:
    """Remove what erased rows have left in the database's files; exit code 1 when some is left."""
    from namemem import privacy_commands as commands

    done = commands.scrub(settings_or_fail())
    typer.echo("tables: " + ("nothing of what was erased is left" if done.tables else "not done"))
    log = "nothing is left" if done.log else "not done" if not done.tables else "see below"
    typer.echo(f"write-ahead log: {log}")
    for note in done.notes:
        err.print(note, markup=False, soft_wrap=True)
    if not (done.tables and done.log):
        raise SystemExit(1)


@clips_app.command(name="new-key")
def new_key() -> None:
    """Print a fresh key for NAMEMEM_CLIP_KEY."""
    from namemem.store import sealing

    typer.echo(sealing.new_key())


@clips_app.command()
def reseal(
    plain: Annotated[bool, typer.Option("--plain", help="Decrypt them, without a key.")] = False,
) -> None:
    """Encrypt every kept recording with the present key; exit code 2 when one stays sealed."""
    from namemem import privacy_commands as commands

    result = commands.reseal(settings_or_fail(), plain=plain)
    how = "decrypted" if plain else "encrypted with the present key"
    typer.echo(f"{result.done} recordings {how}.")
    if result.failed:
        err.print(
            f"{result.failed} recordings cannot be opened: their key is not in NAMEMEM_CLIP_KEY "
            "or NAMEMEM_CLIP_OLD_KEYS.",
            markup=False,
        )
        raise SystemExit(2)


if __name__ == "__main__":
    main()
