"""Gives up what waited too long, and forgets what ended long ago."""

from __future__ import annotations

import asyncio
import logging

from namemem.errors import NamememError
from namemem.service import Service

_log = logging.getLogger(__name__)
_EVERY = 60.0  # seconds


class Upkeep:
    """Looks after the jobs of every space now and then, from any number of processes."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def run(self) -> None:
        """Until it is cancelled; a failing database is tried again."""
        while True:
            try:
                await asyncio.to_thread(self._service.expire_jobs)
            except NamememError as error:
                _log.warning("Old jobs could not be erased: %s", error.message)
            await asyncio.sleep(_EVERY)
