"""Speech on the command line: hearing names, saying them, and fetching the weights for it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from namemem.errors import NamememError
from namemem.terminal import err, settings_or_fail

models_app = typer.Typer(help="Model weights.", no_args_is_help=True)


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

    settings = settings_or_fail()
    bootstrap.check(settings)
    hints = offline.hints(spelling, language, asked, transcript)
    ear = offline.prepare(settings, target, voice, progress=_downloading())
    failed = False
    shown = len(files) > 1 and err.is_terminal
    with Progress(
        TextColumn("Hearing"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeRemainingColumn(),
        console=err,
        disable=not shown,
    ) as progress:
        task = progress.add_task("hear", total=len(files))
        for file in files:
            try:
                body = offline.hear_file(ear, file, hints, settings, target, voice)
            except NamememError as error:
                failed = True
                err.print(
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
    settings = settings_or_fail().model_copy(update={k: v for k, v in chosen.items() if v})
    wav, spoken = offline.say(settings, space, person, ipa, text, voice)
    if out is None:
        if sys.stdout.isatty():
            err.print(f"/{spoken}/  Write it to a file with --out FILE.wav.", markup=False)
            return
        sys.stdout.buffer.write(wav)
        return
    try:
        out.write_bytes(wav)
    except OSError as error:
        err.print(f"{out} cannot be written: {error.strerror}.", markup=False)
        raise SystemExit(2) from error
    err.print(f"/{spoken}/ → {out}", markup=False)


@models_app.command()
def fetch(
    model: Annotated[
        str | None, typer.Argument(help="Whisper model name.", show_default=False)
    ] = None,
) -> None:
    """Download Whisper weights ahead of time."""
    from namemem import weights
    from namemem.bootstrap import model_cache

    settings = settings_or_fail()
    wanted = [model] if model else [settings.whisper_model, settings.phone_encoder]
    for name in dict.fromkeys(wanted):
        here = weights.available_locally(name, cache=model_cache(settings))
        path = here or weights.fetch(name, cache=model_cache(settings), progress=_downloading())
        typer.echo(f"{name}: {path}")


def _downloading() -> Callable[[int, int], None] | None:
    """A progress bar for downloads, on a terminal."""
    if not err.is_terminal:
        return None
    bar = Progress(
        TextColumn("Fetching weights"), BarColumn(), DownloadColumn(), TimeRemainingColumn(),
        console=err, transient=True,
    )  # fmt: skip
    task = bar.add_task("fetch", total=None)

    def report(done: int, total: int) -> None:
        if not bar.live.is_started:
            bar.start()
        bar.update(task, completed=done, total=total or None)
        if total and done >= total:
            bar.stop()

    return report
