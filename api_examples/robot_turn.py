"""One turn of a robot's conversation: hear a name, say it back, and take no for an answer.

Usage: robot_turn.py [AUDIO ...]

The first recording is the introduction; the others are what the person says when asked again.
Here the person's yes and no come from the keyboard; without one everything is a yes.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import httpx

BASE_URL = os.environ.get("BASE_URL", "http://127.0.0.1:8000")
RECORDINGS = Path(__file__).parent / "recordings"


def say(line: dict[str, str]) -> None:
    """What a robot would send to its TTS."""
    print(f"robot: {line['text']}\n       {line['markup']}")


def agreed() -> bool:
    """Whether the person said yes."""
    return not sys.stdin.isatty() or input("[Y/n] ").strip().lower() not in ("n", "no")


def listen(client: httpx.Client, path: str, audio: Path) -> dict[str, Any] | None:
    """Posts a recording; None when there is no name in it."""
    with audio.open("rb") as file:
        response = client.post(path, files={"audio": file}, data={"target": "ssml"})
    if response.status_code == 422:
        print(f"robot: Sorry? ({response.json()['detail']})")
        return None
    response.raise_for_status()
    body: dict[str, Any] = response.json()
    return body


def main(recordings: list[Path]) -> None:
    """Listens until a name is agreed on, or nothing is left to listen to."""
    path = "/v1/introductions"
    with httpx.Client(base_url=BASE_URL, timeout=60) as client:
        for audio in recordings:
            heard = listen(client, path, audio)
            if heard is None:
                continue
            url = f"/v1/introductions/{heard['id']}"
            print(f"heard: /{heard['name']['ipa']}/ with {heard['name']['confidence']:.0%}")
            while heard["next"]["action"] == "confirm":
                say(heard["next"]["say"])
                answer = "confirm" if agreed() else "reject"
                heard = client.post(f"{url}/{answer}").raise_for_status().json()
            say(heard["next"]["say"])
            if heard["next"]["action"] == "greet":
                return
            path = f"{url}/retake"  # ask_again: the next recording belongs to the same person


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]] or [RECORDINGS / "andrea_2.wav"])
