"""Debian's Chromium, driven by Playwright: `browse`, with a microphone that says what it is told.

Every page is watched: what it fetches from elsewhere, what its Content-Security-Policy stops, and
what its scripts throw is collected, and must be nothing at the end.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

AXE = Path(__file__).parents[1] / "review" / "vendor" / "axe-core" / "axe.min.js"
CHROMIUM = shutil.which("chromium")


class Watched:
    """A page, and everything about it that is not as it should be."""

    def __init__(self, context: Any, url: str) -> None:
        self.page = context.new_page()
        self.page.set_default_timeout(60_000)
        self.url = url
        self.troubles: list[str] = []
        self.page.on("request", self._requested)
        self.page.on("pageerror", lambda error: self.troubles.append(f"thrown: {error}"))
        self.page.on("dialog", self._asked)
        self.page.on("console", self._said)

    def _requested(self, request: Any) -> None:
        if not request.url.startswith((self.url, "blob:", "data:")):
            self.troubles.append(f"fetched from outside: {request.url}")

    def _asked(self, dialog: Any) -> None:
        if dialog.type != "beforeunload":
            self.troubles.append(f"dialog: {dialog.message}")
        dialog.accept()

    def _said(self, message: Any) -> None:
        if not message.location["url"]:
            return  # what the tests themselves run in the page (axe-core)
        if "Content Security Policy" in message.text or "Content-Security-Policy" in message.text:
            self.troubles.append(f"{self.page.url}: {message.text} {message.location}")

    def open(self, path: str = "/review/") -> Any:
        """Goes there; gives Playwright's page."""
        self.page.goto(self.url + path)
        return self.page

    def accessibility(self) -> list[str]:
        """What axe-core calls serious or critical on the page as it is."""
        self.page.evaluate(AXE.read_text(encoding="utf-8") + "; undefined")
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{v['id']}: {n['target']} {json.dumps(n['any'][:1], ensure_ascii=False)[:300]}"
            for v in found["violations"]
            if v["impact"] in ("serious", "critical")
            for n in v["nodes"]
        ]


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where Chromium is; skips without it."""
    if CHROMIUM is None:
        pytest.skip("needs chromium: apt-get install chromium")
    return CHROMIUM


@pytest.fixture(scope="module")
def playwright() -> Iterator[Any]:
    """Playwright itself."""
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as running:
        yield running


Browse = Callable[..., Watched]


@pytest.fixture
def browse(playwright: Any, chromium_path: str) -> Iterator[Browse]:
    """Opens pages: `browse(url, microphone=wav_path, width=360, dark=True)`."""
    open_browsers: list[Any] = []
    watched: list[Watched] = []

    def make(
        url: str,
        *,
        microphone: Path | None = None,
        width: int = 1000,
        height: int = 760,
        dark: bool = False,
    ) -> Watched:
        arguments = [
            "--no-sandbox",
            "--autoplay-policy=no-user-gesture-required",
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
        ]
        if microphone is not None:
            arguments.append(f"--use-file-for-fake-audio-capture={microphone}")
        browser = playwright.chromium.launch(executable_path=chromium_path, args=arguments)
        open_browsers.append(browser)
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            permissions=["microphone"],
            reduced_motion="reduce",
        )
        watched.append(Watched(context, url))
        return watched[-1]

    yield make
    for browser in open_browsers:
        browser.close()
    assert [trouble for one in watched for trouble in one.troubles] == []
