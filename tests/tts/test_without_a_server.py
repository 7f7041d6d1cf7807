"""`from namemem import tts` by somebody who never starts the server."""

from __future__ import annotations

import doctest
import subprocess
import sys

from namemem import tts

SERVER = "fastapi sqlalchemy uvicorn httpx pydantic av onnxruntime torch phonemizer".split()


def test_the_examples_of_the_package() -> None:
    found = doctest.testmod(tts)
    assert (found.failed, found.attempted > 6) == (0, True)


def test_nothing_of_the_server_is_loaded() -> None:
    """Neither by the import nor by any target."""
    program = (
        "import sys; from namemem import tts; from namemem.phones import parse_ipa\n"
        "for name in tts.target_names():\n"
        "    tts.get_target(name).render_name('X', parse_ipa('ʃɪˈvɔːn'))\n"
        "tts.lexicon('azure', [tts.Entry('X', parse_ipa('ʃɪˈvɔːn'))])\n"
        f"print([m for m in {SERVER!r} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.strip() == "[]"
