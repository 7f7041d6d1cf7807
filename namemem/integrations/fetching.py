"""Names from a namemem server, for `NamesInText`."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any

from namemem.client import AsyncClient, ClientError
from namemem.integrations.names import NamesInText

_log = logging.getLogger(__name__)
_SURE = ("approved", "corrected", "confirmed", "heard")


async def names_of(client: AsyncClient, people: Sequence[str] | None = None) -> dict[str, str]:
    """Spelling → IPA of people, for `NamesInText`.

    Args:
        client: to the server.
        people: the caller's own ids of those who are here; everybody of the space by default.
            Where two spell their name alike but say it differently, the one earlier in `people`
            is taken, or of everybody the surer one.

    Raises:
        ClientError: the server refused, or could not be reached.
    """
    if people is None:
        found = [person async for person in client.people()]
    else:
        found = [await client.person(external_id=one) for one in people]
    names = [name for person in found for name in person["names"]]
    if people is None:
        names.sort(key=lambda name: _SURE.index(name["status"]))
    known: dict[str, str] = {}
    for name in names:
        ipa = _ipa(name)
        if name["spelling"] and ipa:
            known.setdefault(name["spelling"], ipa)
    return known


def _ipa(name: Mapping[str, Any]) -> str | None:
    said = name.get("pronunciation")
    return said["ipa"] if said else None


class FreshNames:
    """Keeps the names of a `NamesInText` up to date.

    Args:
        names: what is kept up to date.
        client: to the server.
        people: whose names; see `names_of`.
        every: seconds between two looks at the server.
    """

    def __init__(
        self,
        names: NamesInText,
        client: AsyncClient,
        people: Sequence[str] | None = None,
        every: float = 30.0,
    ) -> None:
        self.names = names
        self._client = client
        self._people = people
        self._every = every
        self._asked: float | None = None
        self._lock = asyncio.Lock()

    async def refresh(self) -> NamesInText:
        """The names, after a look at the server if the last one was long ago.

        A server that does not answer changes nothing: what is known goes on being used.
        """
        async with self._lock:
            now = time.monotonic()
            if self._asked is None or now - self._asked >= self._every:
                self._asked = now
                try:
                    self.names.replace(await names_of(self._client, self._people))
                except ClientError as error:
                    _log.warning("Names could not be fetched: status %d.", error.status)
        return self.names
