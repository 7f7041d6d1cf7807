"""Personal data on the command line: traces of what was erased, and the clips' encryption."""

from __future__ import annotations

from dataclasses import dataclass

from namemem import bootstrap
from namemem.errors import InvalidSettings
from namemem.settings import Settings
from namemem.store.traces import Scrubbed


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many clips were encrypted anew, and how many could not be opened."""

    done: int
    failed: int


def scrub(settings: Settings) -> Scrubbed:
    """Removes what erased rows have left in the database's files.

    Raises:
        StoreUnavailable: the database does not answer, or is not upgraded.
    """
    store = bootstrap.build_store(settings)
    try:
        store.ping()
        return store.scrub(everything=True)
    finally:
        store.close()


def reseal(settings: Settings, *, plain: bool = False) -> Resealed:
    """Encrypts every kept clip with the present key that is not encrypted with it yet.

    Clips that no key opens stay as they are and are counted. Broken off, it may be begun anew;
    the server may run meanwhile, with the same keys.

    Args:
        settings: the database and the keys.
        plain: with no present key, decrypts the clips.

    Raises:
        InvalidSettings: there is no present key and `plain` is not set, or both.
        StoreUnavailable: the database does not answer, or is not upgraded.
    """
    if not settings.clip_key.strip() and not plain:
        raise InvalidSettings(
            "NAMEMEM_CLIP_KEY is not set. Make a key with `namemem clips new-key`, or decrypt all "
            "recordings with --plain."
        )
    if settings.clip_key.strip() and plain:
        raise InvalidSettings(
            "To decrypt, move the key from NAMEMEM_CLIP_KEY to NAMEMEM_CLIP_OLD_KEYS: new "
            "recordings would be encrypted with it."
        )
    store = bootstrap.build_store(settings)
    done = failed = 0
    after: str | None = ""
    try:
        store.ping()
        while after is not None:
            with store.transaction() as repo:
                now_done, now_failed, after = repo.reseal_clips(after)
            done += now_done
            failed += now_failed
        if done:  # what was not encrypted before, or with a key that is to be given up
            store.erase_traces()
    finally:
        store.close()
    return Resealed(done, failed)
