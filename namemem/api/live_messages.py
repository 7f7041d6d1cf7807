"""The messages of `/v1/listen`: what clients say in text frames, and what they are told."""

from __future__ import annotations

import json
from typing import Any

from namemem.api.errors import problem_of
from namemem.errors import InvalidRequest, NamememError
from namemem.workers import Heard

PATH = "/v1/listen"
_LONGEST_TEXT = 20_000

Message = dict[str, Any]


def problem_body(error: NamememError) -> Message:
    """The problem document of an error, as in an HTTP answer."""
    body: Message = json.loads(bytes(problem_of(error, PATH).body))
    return body


def parsed(text: str) -> Message:
    """A text frame as it was sent; raises `InvalidRequest` for what is no message."""
    if len(text) > _LONGEST_TEXT:
        raise InvalidRequest(f"A text message has at most {_LONGEST_TEXT} characters.")
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(
            'A text message is JSON, such as {"type": "end"}. Send audio in binary frames.'
        ) from error
    if not isinstance(message, dict) or "type" not in message:
        raise InvalidRequest('A text message is an object with a type, such as {"type": "end"}.')
    return message


def partly_heard(heard: Heard) -> Message:
    """What has been heard so far, while the person may still go on."""
    hearing = heard.hearing
    return {
        "type": "partial",
        "transcript": hearing.transcript,
        "name": {
            "spelling": hearing.spelling,
            "ipa": hearing.chosen.pronunciation.ipa,
            "confidence": hearing.chosen.confidence,
        },
    }
