"""The command line: `namemem serve | hear | say | convert | people | …`. Thin: it calls others."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from namemem import __version__, database_commands
from namemem.errors import InvalidSettings, NamememError
from namemem.key_commands import audit, check_reach, keys_app
from namemem.people import Status
from namemem.settings import Settings, load_settings

app = typer.Typer(
    name="namemem",
    help="Remembers how people say their own names.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
db_app = typer.Typer(help="The database.", no_args_is_help=True)
models_app = typer.Typer(help="Model weights.", no_args_is_help=True)
app.add_typer(db_app, name="db")
app.add_typer(models_app, name="models")
app.add_typer(keys_app, name="keys")
app.command()(audit)
clips_app = typer.Typer(help="Kept recordings.", no_args_is_help=True)
app.add_typer(clips_app, name="clips")
_SHUTDOWN_SECONDS = 8  # for what is being heard; container runtimes kill after ten
_TELL_THEMSELVES = ("serve", "worker", "doctor")  # of misspelt settings: in the log, in the list
_log = logging.getLogger(__name__)
_err = Console(stderr=True, highlight=False)


def main() -> None:
    """Entry point; every known error becomes one line on stderr and exit code 2."""
    try:
        app()
    except NamememError as error:
        _fail(error)


def _fail(error: NamememError) -> NoReturn:
    _err.print(f"[red]namemem:[/red] {type(error).__name__}: ", end="")
    _err.print(error.message, markup=False, soft_wrap=True)
    raise SystemExit(2)


def _settings() -> Settings:
    try:
        return load_settings()
    except InvalidSettings as error:
        _fail(error)


def _log_misspelt() -> None:
    from namemem.misspelt import misspelt_settings

    for sentence in misspelt_settings():
        _log.warning("%s", sentence)


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
            _err.print(sentence, markup=False, soft_wrap=True)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port.")] = 8000,
    workers: Annotated[
        int | None, typer.Option(min=0, max=64, help="Introductions heard at the same time.")
    ] = None,
    allow_anonymous: Annotated[
        bool, typer.Option("--allow-anonymous", help="Without any key, serve everybody.")
    ] = False,
) -> None:
    """Serve the HTTP API; /docs shows it."""
    import uvicorn

    from namemem import bootstrap
    from namemem.api.routes.listening import LARGEST_FRAME
    from namemem.app import create_app
    from namemem.connections import bounded_protocol
    from namemem.logs import configure

    settings = _settings()
    if workers is not None:
        settings = settings.model_copy(update={"workers": workers})
    configure(settings.log_level, settings.log_format)
    _log_misspelt()
    if allow_anonymous:
        settings = settings.model_copy(update={"allow_anonymous": True})
    bootstrap.check(settings)
    application = create_app(settings)
    application.state.service.store.upgrade()  # what is wrong with the database stops the start
    said = check_reach(application.state.keyring, host, anonymous=settings.allow_anonymous)
    if said:
        _err.print(said, markup=False, soft_wrap=True)
    uvicorn.run(
        application,
        host=host,
        port=port,
        log_config=None,
        access_log=False,  # ours shows route templates
        server_header=False,
        http=bounded_protocol(bootstrap.build_connection_limits(settings)),
        timeout_keep_alive=settings.keep_alive_seconds,
        ws_max_size=LARGEST_FRAME,
        ws_per_message_deflate=False,  # PCM does not get smaller, and every connection larger
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )


@app.command()
def worker(
    concurrency: Annotated[
        int | None, typer.Option(min=1, max=64, help="Recordings heard at the same time.")
    ] = None,
) -> None:
    """Hear what API servers have queued in PostgreSQL (NAMEMEM_HEARING=queue)."""
    from namemem import bootstrap, worker_command
    from namemem.logs import configure

    settings = _settings()
    if concurrency is not None:
        settings = settings.model_copy(update={"workers": concurrency})
    configure(settings.log_level, settings.log_format)
    _log_misspelt()
    bootstrap.check(settings)
    worker_command.run(settings)


@app.command()
def hear(
    files: Annotated[list[Path], typer.Argument(help="Recordings.", show_default=False)],
    spelling: Annotated[str | None, typer.Option(help="The name's spelling, if known.")] = None,
    language: Annotated[str | None, typer.Option(help="BCP 47 of the name.")] = None,
    target: Annotated[str | None, typer.Option(help="Also render for this TTS.")] = None,
    voice: Annotated[str | None, typer.Option(help="The TTS's voice.")] = None,
    asked: Annotated[bool, typer.Option(help="The name was just asked for.")] = False,
    transcript: Annotated[
        str | None, typer.Option(help="The words, as JSON or text; no transcriber runs.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Hear names in recordings. No server; nothing is stored."""
    from namemem import bootstrap
    from namemem import hearing_files as offline

    settings = _settings()
    bootstrap.check(settings)
    hints = offline.hints(spelling, language, asked, transcript)
    ear = offline.prepare(settings, target, voice, progress=_downloading())
    failed = False
    shown = len(files) > 1 and _err.is_terminal
    with Progress(
        TextColumn("Hearing"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeRemainingColumn(),
        console=_err,
        disable=not shown,
    ) as progress:
        task = progress.add_task("hear", total=len(files))
        for file in files:
            try:
                body = offline.hear_file(ear, file, hints, settings, target, voice)
            except NamememError as error:
                failed = True
                _err.print(
                    f"{file}: {type(error).__name__}: {error.message}", markup=False, soft_wrap=True
                )
            else:
                if len(files) > 1:
                    body = {"file": str(file), **body}
                line = json.dumps(body, ensure_ascii=False) if as_json else offline.summary(body)
                typer.echo(line)
            progress.advance(task)
    if failed:
        raise SystemExit(2)


@app.command()
def say(
    person: Annotated[
        str | None, typer.Argument(help="Person id or external id.", show_default=False)
    ] = None,
    ipa: Annotated[str | None, typer.Option(help="Say this IPA instead.")] = None,
    text: Annotated[str | None, typer.Option(help="A text with {name} in it.")] = None,
    voice: Annotated[
        str, typer.Option(help="espeak-ng's voice (en-us), or a speaker of the model.")
    ] = "",
    space: Annotated[str, typer.Option(help="Whose people.")] = "default",
    out: Annotated[Path | None, typer.Option(help="Write this WAV file.")] = None,
    engine: Annotated[str | None, typer.Option(help="espeak-ng, piper or kokoro.")] = None,
    model: Annotated[Path | None, typer.Option(help="The engine's ONNX file.")] = None,
) -> None:
    """Say a stored name, or an IPA, with the preview voice."""
    from namemem import hearing_files as offline

    chosen = {"preview_engine": engine, "preview_model": model and str(model)}
    settings = _settings().model_copy(update={k: v for k, v in chosen.items() if v})
    wav, spoken = offline.say(settings, space, person, ipa, text, voice)
    if out is None:
        if sys.stdout.isatty():
            _err.print(f"/{spoken}/  Write it to a file with --out FILE.wav.", markup=False)
            return
        sys.stdout.buffer.write(wav)
        return
    try:
        out.write_bytes(wav)
    except OSError as error:
        _err.print(f"{out} cannot be written: {error.strerror}.", markup=False)
        raise SystemExit(2) from error
    _err.print(f"/{spoken}/ → {out}", markup=False)


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
        _err.print(note, markup=False, soft_wrap=True)


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

    files, notes = commands.export(_settings(), space, target, Voice(voice, model, locale))
    if out is None:
        for _, content in files:
            typer.echo(content, nl=False)
    else:
        try:
            out.mkdir(parents=True, exist_ok=True)
            for name, content in files:
                (out / name).write_text(content, encoding="utf-8")
                _err.print(f"{out / name}", markup=False)
        except OSError as error:
            _err.print(f"{out} cannot be written: {error.strerror}.", markup=False)
            raise SystemExit(2) from error
    for note in notes:
        _err.print(note, markup=False, soft_wrap=True)


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

    found = commands.people(_settings(), space, q, status, sounds_like, limit)
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

    rows, problems, changed = commands.import_table(_settings(), space, file, dry_run=dry_run)
    for row in rows:
        typer.echo(row)
    for problem in problems:
        _err.print(problem, markup=False, soft_wrap=True)
    would = "would be changed" if dry_run else "changed"
    _err.print(f"{changed} {would}, {len(problems)} refused.", markup=False)
    if problems:
        raise SystemExit(2)


@app.command()
def doctor() -> None:
    """Show what is installed, which engines load, what is missing and how to get it."""
    from namemem.doctor import examine

    settings = _settings()
    healthy = True
    for finding in examine(settings):
        mark = {
            "ok": "[green]ok[/green]  ",
            "note": "[yellow]note[/yellow]",
            "bad": "[red]bad[/red] ",
        }
        _err.file = sys.stdout
        _err.print(f"{mark[finding.level]} {finding.subject}: ", end="")
        _err.print(finding.text, markup=False, soft_wrap=True)
        healthy = healthy and finding.level != "bad"
    if not healthy:
        raise SystemExit(1)


@db_app.command()
def upgrade() -> None:
    """Create the tables, or bring an older database up to date."""
    from namemem.store import Store
    from namemem.worker_command import upgrade_queue

    settings = _settings()
    store = Store(settings.url)
    before = store.current_revision()
    store.upgrade()
    typer.echo(f"{store.description}: {before or 'empty'} → {store.current_revision()}")
    if said := upgrade_queue(settings):
        typer.echo(said)
    store.close()


database_commands.install(db_app, _settings)


@db_app.command()
def scrub() -> None:
    """Remove what erased rows have left in the database's files; exit code 1 when some is left."""
    from namemem import privacy_commands as commands

    done = commands.scrub(_settings())
    typer.echo("tables: " + ("nothing of what was erased is left" if done.tables else "not done"))
    log = "nothing is left" if done.log else "not done" if not done.tables else "see below"
    typer.echo(f"write-ahead log: {log}")
    for note in done.notes:
        _err.print(note, markup=False, soft_wrap=True)
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

    result = commands.reseal(_settings(), plain=plain)
    how = "decrypted" if plain else "encrypted with the present key"
    typer.echo(f"{result.done} recordings {how}.")
    if result.failed:
        _err.print(
            f"{result.failed} recordings cannot be opened: their key is not in NAMEMEM_CLIP_KEY "
            "or NAMEMEM_CLIP_OLD_KEYS.",
            markup=False,
        )
        raise SystemExit(2)


@models_app.command()
def fetch(
    model: Annotated[
        str | None, typer.Argument(help="Whisper model name.", show_default=False)
    ] = None,
) -> None:
    """Download Whisper weights ahead of time."""
    from namemem import weights
    from namemem.bootstrap import model_cache

    settings = _settings()
    wanted = [model] if model else [settings.whisper_model, settings.phone_encoder]
    for name in dict.fromkeys(wanted):
        here = weights.available_locally(name, cache=model_cache(settings))
        path = here or weights.fetch(name, cache=model_cache(settings), progress=_downloading())
        typer.echo(f"{name}: {path}")


def _downloading() -> Callable[[int, int], None] | None:
    """A progress bar for downloads, on a terminal."""
    if not _err.is_terminal:
        return None
    bar = Progress(
        TextColumn("Fetching weights"), BarColumn(), DownloadColumn(), TimeRemainingColumn(),
        console=_err, transient=True,
    )  # fmt: skip
    task = bar.add_task("fetch", total=None)

    def report(done: int, total: int) -> None:
        if not bar.live.is_started:
            bar.start()
        bar.update(task, completed=done, total=total or None)
        if total and done >= total:
            bar.stop()

    return report


if __name__ == "__main__":
    main()
