"""docs/targets.md says what the targets say."""

from __future__ import annotations

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_is_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("docs", ROOT / "tools" / "write_target_docs.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    written = (ROOT / "docs" / "targets.md").read_text(encoding="utf-8")
    assert module.page() == written, "Run: python tools/write_target_docs.py"
