"""A client for callers: `Client` and `AsyncClient`, over HTTP, typed, with retries and a cache.

    from namemem.client import Client

    with Client("http://127.0.0.1:8000") as namemem:
        heard = namemem.introduce(recording, external_id="guest-7", target="azure")
        said = namemem.pronunciation(external_id="guest-7", target="azure")
        speak(said.markup)

A pronunciation is kept with its ETag. For `fresh_for` seconds a turn costs no request; after that
the server is asked whether anything changed, and answers 304 without a body if not. What this
client changes itself is forgotten at once. Both clients may be used from several threads or tasks.
"""

from namemem.client.asynchronous import AsyncClient
from namemem.client.calls import ClientError, RenderedText, Retries, Said
from namemem.client.synchronous import Client

__all__ = ["AsyncClient", "Client", "ClientError", "RenderedText", "Retries", "Said"]
