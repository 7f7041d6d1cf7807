"""Whisper's checkpoints: whether they are here, and fetching them without ever hanging."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import httpx

from namemem.errors import EngineFailed, EngineUnavailable

CONNECT_SECONDS = 2.0
PROBE_SECONDS = 2.0
STALL_SECONDS = 20.0
_SILENCE_SECONDS = 60.0
_BLOCK = 2**20
_silent_until: dict[bytes, float] = {}

Progress = Callable[[int, int], None]
"""Called with the bytes that are there and the bytes in all (0 where unknown)."""


def default_cache() -> Path:
    """Where Whisper itself keeps its checkpoints."""
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "whisper"


def available_locally(model: str, *, cache: Path | None = None) -> Path | None:
    """The checkpoint of `model` (official name or path), or None where it is not here.

    An official one counts only with the right SHA-256, as in `whisper.load_model`.
    """
    url = official_url(model)
    if url is None:
        path = Path(model).expanduser()
        return path if path.is_file() else None
    for folder in dict.fromkeys((cache or default_cache(), default_cache())):
        path = folder / url.rsplit("/", 1)[1]
        if path.is_file() and _sha256(path) == _checksum(url):
            return path
    return None


def official_url(model: str) -> str | None:
    """Where OpenAI offers `model`, or None for no official name.

    Read from whisper's source without importing it: that takes seconds, and whoever only wants
    to know that the weights are not here should not wait for torch.
    """
    return official_models().get(model)


@cache
def official_models() -> dict[str, str]:
    """Name → address of OpenAI's models; empty where openai-whisper is not installed."""
    spec = importlib.util.find_spec("whisper")
    if spec is None or spec.origin is None:
        return {}
    source = Path(spec.origin).read_text(encoding="utf-8")
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and any(
            isinstance(t, ast.Name) and t.id == "_MODELS" for t in node.targets
        ):
            models: dict[str, str] = ast.literal_eval(node.value)
            return models
    return {}


def how_to_get(model: str) -> str:
    """One sentence for people."""
    return (
        f"Whisper's weights {model!r} are not here: run `namemem models fetch` where there is a "
        "way to the internet, or set NAMEMEM_WHISPER_MODEL and NAMEMEM_PHONE_ENCODER to the path "
        "of a checkpoint."
    )


def reachable(url: str, *, seconds: float = PROBE_SECONDS) -> bool:
    """Whether a server answers for `url` within `seconds`, even where DNS never answers.

    A silent host is not asked again for a minute: several models may come from it.
    """
    host = httpx.URL(url).netloc
    if time.monotonic() < _silent_until.get(host, 0.0):
        return False
    answered = threading.Event()

    def ask() -> None:
        try:
            if httpx.head(url, timeout=min(CONNECT_SECONDS, seconds)).status_code < 400:
                answered.set()
        except (httpx.HTTPError, OSError):
            pass
        finally:
            done.set()

    done = threading.Event()
    threading.Thread(target=ask, name="weights-probe", daemon=True).start()
    done.wait(seconds)
    if not answered.is_set():
        _silent_until[host] = time.monotonic() + _SILENCE_SECONDS
    return answered.is_set()


def fetch(
    model: str,
    *,
    cache: Path | None = None,
    progress: Progress | None = None,
    timeout: float = 1800.0,
    url: str | None = None,
) -> Path:
    """Download an official checkpoint, or go on where a download broke off; answers its path.

    It appears under its name only when whole and of the right SHA-256. `timeout`: seconds for
    all of it. `progress`: see `Progress`; without it a bar is shown on a terminal. `url`: a
    mirror; the checksum is its last folder. Raises EngineUnavailable where there is no way to
    it, EngineFailed where what came is wrong.
    """
    source = url or official_url(model)
    if source is None:
        raise EngineUnavailable(f"{model!r} is no official Whisper model.", model=model)
    folder = cache or default_cache()
    target = folder / source.rsplit("/", 1)[1]
    if target.is_file() and _sha256(target) == _checksum(source):
        return target
    if not reachable(source):
        host = httpx.URL(source).host
        raise EngineUnavailable(f"{host} does not answer. {how_to_get(model)}", model=model)
    folder.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    deadline = time.monotonic() + timeout
    try:
        if progress is None:
            with _bar(model) as shown:
                _download(source, part, shown, deadline)
        else:
            _download(source, part, progress, deadline)
    except (httpx.HTTPError, OSError) as error:
        raise EngineUnavailable(
            f"Fetching {source} broke off ({error}); run it again to go on from there.",
            model=model,
        ) from error
    if _sha256(part) != _checksum(source):
        part.unlink()
        raise EngineFailed(f"What {source} sent has a wrong checksum; it was removed.", model=model)
    part.replace(target)
    return target


def _download(url: str, part: Path, progress: Progress, deadline: float) -> None:
    there = part.stat().st_size if part.is_file() else 0
    headers = {"Range": f"bytes={there}-"} if there else {}
    limits = httpx.Timeout(STALL_SECONDS, connect=CONNECT_SECONDS)
    with httpx.stream("GET", url, headers=headers, timeout=limits) as answer:
        if answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            return  # all of it is there; the checksum decides
        answer.raise_for_status()
        if answer.status_code != httpx.codes.PARTIAL_CONTENT:
            there = 0
        total = there + int(answer.headers.get("Content-Length", 0))
        with part.open("ab" if there else "wb") as file:
            for block in answer.iter_bytes(_BLOCK):
                if time.monotonic() > deadline:
                    raise httpx.ReadTimeout("it took too long", request=answer.request)
                file.write(block)
                there += len(block)
                progress(there, total)


@contextmanager
def _bar(model: str) -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TransferSpeedColumn

    console = Console(stderr=True)
    columns = ("{task.description}", BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        task = bars.add_task(f"Whisper {model}", total=None)
        yield lambda there, total: bars.update(task, completed=there, total=total or None)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _checksum(url: str) -> str:
    return url.split("/")[-2]
