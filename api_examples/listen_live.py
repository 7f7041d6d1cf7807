"""Streams recordings to /v1/listen as a microphone would, and prints what the server says.

Usage: listen_live.py [AUDIO.wav ...]

WAV files, 16 bit, mono, any rate. With a microphone, send its PCM instead of a file's; a key goes
into the header `Authorization` (a browser sends it in the first message).
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import wave
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from websockets.sync.client import ClientConnection, connect

BASE_URL = os.environ.get("BASE_URL", "http://127.0.0.1:8000").replace("http", "ws", 1)
API_KEY = os.environ.get("API_KEY")
RECORDINGS = Path(__file__).parent / "recordings"
FRAME = 0.02  # seconds
PAUSE = 1.0  # seconds of silence after each recording; a microphone never stops


def frames(audio: Path) -> tuple[int, list[bytes]]:
    """The sample rate, and PCM in pieces of `FRAME` seconds."""
    with wave.open(str(audio), "rb") as file:
        if (file.getnchannels(), file.getsampwidth()) != (1, 2):
            raise SystemExit(f"{audio}: 16-bit mono WAV is needed.")
        rate = file.getframerate()
        pcm = file.readframes(file.getnframes()) + bytes(2 * round(PAUSE * rate))
    size = 2 * round(FRAME * rate)
    return rate, [pcm[first : first + size] for first in range(0, len(pcm), size)]


def speak(connection: ClientConnection, pieces: list[bytes]) -> None:
    """Sends each piece when a microphone would have it."""
    began = time.monotonic()
    for number, piece in enumerate(pieces, 1):
        time.sleep(max(0.0, began + number * FRAME - time.monotonic()))
        connection.send(piece)


def show(message: dict[str, Any]) -> bool:
    """Prints one message; whether the utterance is answered with it."""
    kind = message["type"]
    if kind == "speech_started":
        print(f"somebody speaks (at {message['at']:.1f} s)")
    elif kind == "partial":
        print(f"so far: /{message['name']['ipa']}/")
    elif kind == "error":
        print(f"error: {message['problem']['detail']}")
    else:
        print(f"heard: /{message['name']['ipa']}/ with {message['name']['confidence']:.0%}")
        print(f"robot: {message['next']['say']['text']}")
        print(f"       {message['rendering']['markup']}")
    return kind in ("introduction", "error")


def main(recordings: list[Path]) -> None:
    """One connection for all of them: it listens on after each answer."""
    headers = {"Authorization": f"Bearer {API_KEY}"} if API_KEY else {}
    query = urlencode({"target": "azure", "sample_rate": frames(recordings[0])[0]})
    with connect(f"{BASE_URL}/v1/listen?{query}", additional_headers=headers) as connection:
        for audio in recordings:
            rate, pieces = frames(audio)
            # What is known of the next speaker; the rate, too, may change between utterances.
            start = {"type": "start", "sample_rate": rate, "spelling": "Andrea", "asked": True}
            connection.send(json.dumps(start))
            sending = threading.Thread(target=speak, args=(connection, pieces))
            sending.start()
            while not show(json.loads(connection.recv(timeout=120))):
                pass
            sending.join()


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]] or [RECORDINGS / "andrea_2.wav"])
