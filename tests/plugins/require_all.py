"""With NAMEMEM_REQUIRE_ALL=1 a skipped test is a failed one, so that nothing hides in CI.

Except where the reason begins with one of `ALLOWED`: what cannot be had everywhere.
"""

from __future__ import annotations

import os
from typing import TypeVar

import pytest

ALLOWED = (
    "needs ../shared",
    "needs weights",
    "../shared/speech is not here",
    "needs the right to mount",
)
Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


def skipped_is_failed(report: Report) -> Report:
    """The report, failed if it was a skip that is not allowed."""
    if os.environ.get("NAMEMEM_REQUIRE_ALL") != "1" or not report.skipped:
        return report
    if hasattr(report, "wasxfail"):
        return report
    where = report.longrepr
    reason = str(where[2] if isinstance(where, tuple) else where).removeprefix("Skipped: ")
    if not reason.startswith(ALLOWED):
        report.outcome = "failed"
        report.longrepr = f"Skipped, but NAMEMEM_REQUIRE_ALL=1: {reason}"
    return report
