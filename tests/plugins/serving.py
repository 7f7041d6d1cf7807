"""Any application on a real uvicorn in a thread of this process, as `namemem serve` runs it."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Any

import uvicorn

from namemem.connections import ConnectionLimits, bounded_protocol


@contextlib.contextmanager
def serving(app: Any, limits: ConnectionLimits | None = None, **config: Any) -> Iterator[int]:
    """Serves on a free port of localhost; gives the port."""
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            port=0,
            log_config=None,
            http=bounded_protocol(limits or ConnectionLimits()),
            timeout_graceful_shutdown=2,
            **config,
        )
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(20)
    assert not thread.is_alive()
