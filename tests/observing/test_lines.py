"""Log lines: whole, on one line each where machines read them, and silent about messages."""

from __future__ import annotations

import json
import logging
import sys

import pytest

from namemem.observing.lines import JsonLine, TextLine, WithoutSockets
from namemem.observing.notes import RequestNote, begin


def record(message="Hello", *args, **more):
    return logging.LogRecord(
        "namemem.x", logging.WARNING, "x.py", 1, message, args, more.pop("exc_info", None), "f"
    )


def trouble():
    try:
        try:
            raise ValueError("Zquorblax said it")
        except ValueError as error:
            raise RuntimeError("and so did Vrimptok") from error
    except RuntimeError:
        return sys.exc_info()


def test_json_is_one_object_a_line():
    begin(RequestNote("0123456789abcdef"))
    one = record("%s of\nus", "two")
    one.fields = {"route": "/v1/people/{person_id}", "status": 201}
    text = JsonLine().format(one)
    assert "\n" not in text
    line = json.loads(text)
    assert line["message"] == "two of\nus"
    assert line["level"] == "warning"
    assert line["request_id"] == "0123456789abcdef"
    assert line["route"] == "/v1/people/{person_id}"
    assert line["status"] == 201
    assert line["time"].endswith("+00:00")


@pytest.mark.parametrize("formatter", [JsonLine(), TextLine()])
def test_exceptions_say_what_and_where_but_not_their_message(formatter):
    text = formatter.format(record(exc_info=trouble()))
    assert "RuntimeError" in text
    assert "ValueError" in text
    assert "test_lines.py" in text
    assert "in trouble" in text
    assert "Zquorblax" not in text
    assert "Vrimptok" not in text


@pytest.mark.parametrize("formatter", [JsonLine(), TextLine()])
def test_what_another_process_told_of_an_exception_is_in_the_line(formatter):
    one = record()
    one.trouble = ("ValueError", "  engine.py:12 in transcribe")
    text = formatter.format(one)
    assert "ValueError" in text
    assert "engine.py:12 in transcribe" in text


def test_an_exception_that_led_to_itself_is_told_once():
    error = ValueError("Zquorblax")
    error.__cause__ = RuntimeError()
    error.__cause__.__cause__ = error
    text = TextLine().format(record(exc_info=(ValueError, error, None)))
    assert text.splitlines()[1:] == ["ValueError", "RuntimeError"]


def test_text_for_people():
    begin(RequestNote("0123456789abcdef"))
    text = TextLine().format(record())
    assert text.endswith("WARNING namemem.x: Hello [0123456789abcdef]")


def test_servers_own_lines_about_sockets_are_kept_back():
    line = '%s - "WebSocket %s" [accepted]'
    assert not WithoutSockets().filter(record(line, "127.0.0.1", "/v1/listen?token=secret"))
    assert WithoutSockets().filter(record("Application startup complete."))
