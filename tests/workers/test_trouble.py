"""What breaks in a worker: the log says where and in which request, and nothing of its message."""

from __future__ import annotations

import asyncio
import json
import logging

import pytest
from plugins import ears
from plugins.pools import hear, job, wait_until

from namemem.errors import NoNameHeard
from namemem.observing.lines import JsonLine
from namemem.observing.notes import RequestNote, begin


@pytest.fixture
def log(caplog):
    """The lines so far, as the server writes them."""
    caplog.handler.setFormatter(JsonLine())
    caplog.set_level(logging.DEBUG)

    def lines():
        return [json.loads(line) for line in caplog.text.splitlines()]

    return lines


def troubles(log):
    """What is told of exceptions, one text each."""
    return ["\n".join(line["exception"]) for line in log() if "exception" in line]


BREAKS = {
    "crash": ("ZeroDivisionError", "ears.py", "in hear"),
    "fail": ("namemem.errors.EngineFailed", "in _fail", "ValueError", "ears.py"),
    "unsendable": ("_unsendable.<locals>.Unsendable", "in hear"),
    "unsendable-answer": ("TypeError", "process.py", "in _send"),
    "full": ("OSError", "in hear"),
}


def test_what_breaks_while_hearing(make_pool, log):
    pool = make_pool()

    async def in_a_request(command):
        begin(RequestNote("0123456789abcdef"))
        await pool.hear(job(command))

    for command in BREAKS:
        with pytest.raises(Exception, match=r"."):
            asyncio.run(in_a_request(command))
    assert hear(pool)
    lines = [line for line in log() if "exception" in line]
    assert len(lines) == len(BREAKS)
    for line, trouble, expected in zip(lines, troubles(log), BREAKS.values(), strict=True):
        assert line["level"] == "error"
        assert line["message"].startswith("An engine broke in worker 1: ")
        assert line["request_id"] == "0123456789abcdef"
        for part in expected:
            assert part in trouble
    for secret in ("Zquorblax", "a bug", "of-somebody"):
        assert secret not in str(log())


def test_what_the_recording_is_to_blame_for_is_no_trouble(make_pool, log):
    pool = make_pool()
    with pytest.raises(NoNameHeard):
        hear(pool, "raise")
    assert [line for line in log() if line["level"] in ("warning", "error")] == []


@pytest.mark.parametrize(
    ("prepare", "expected"),
    [
        (ears.prepare_badly, ["EngineUnavailable", "ValueError", "in build_badly"]),
        (ears.prepare_a_bug, ["ZeroDivisionError", "in build_with_a_bug"]),
    ],
)
def test_what_breaks_while_loading(make_pool, log, prepare, expected):
    make_pool(prepare, ready=False)
    wait_until(lambda: troubles(log))
    for part in expected:
        assert part in troubles(log)[0]
    assert "Zquorblax" not in str(log())


def test_a_bug_in_choosing_the_engines_is_told_where_readiness_is_asked(make_pool, log):
    pool = make_pool(ears.break_in_preparing, ready=False)
    wait_until(lambda: troubles(log))
    assert "ZeroDivisionError" in (pool.state().problem or "")
    assert not pool.state().ready
    assert "in break_in_preparing" in troubles(log)[0]


def test_what_is_not_installed_is_told_in_one_sentence(make_pool, log):
    make_pool(ears.prepare_nothing, ready=False)
    wait_until(lambda: "Worker 1 has no engines: The weights are not here" in str(log()))
    assert troubles(log) == []


def test_what_breaks_while_probing(make_pool, log, monkeypatch, tmp_path):
    broken = tmp_path / "broken"
    monkeypatch.setenv(ears.BROKEN, str(broken))
    pool = make_pool(heartbeat=0.1)
    broken.touch()
    wait_until(lambda: troubles(log))
    assert "in _probed" in troubles(log)[0]
    broken.unlink()
    wait_until(lambda: pool.state().ready)
