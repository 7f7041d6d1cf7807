"""What every part of the service holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from namemem.g2p import CandidateSource
from namemem.phones import Pronunciation
from namemem.store import Store
from namemem.workers import Hearer


class Voice(Protocol):
    """A preview synthesiser."""

    def speak(
        self, text_or_segments: str | Sequence[str | Pronunciation], voice: str = ...
    ) -> bytes:
        """Speaks texts and pronunciations in order, as WAV; each engine has its own default."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Limits and habits that come from the settings.

    Attributes:
        max_seconds: longest recording.
        max_bytes: largest upload.
        keep_audio: keep recordings when the caller does not say (`none` or `clip`).
        audio_ttl: how long a kept recording lives.
        audit_ttl: how long an entry of the audit log lives; None: for ever.
        require_consent: keep no recording without consent to it.
        scrub_after: how long erasures may wait, so that many are removed from the disk at once.
    """

    max_seconds: float = 30.0
    max_bytes: int = 25_000_000
    keep_audio: str = "none"
    audio_ttl: timedelta = timedelta(days=30)
    audit_ttl: timedelta | None = timedelta(days=365)
    require_consent: bool = False
    scrub_after: timedelta = timedelta(minutes=10)


class ServiceBase:
    """Store, hearer, G2P and preview voice, shared by all use cases."""

    def __init__(
        self,
        store: Store,
        hearer: Hearer,
        g2p: CandidateSource,
        voice: Voice,
        policy: Policy | None = None,
    ) -> None:
        self.store = store
        self.hearer = hearer
        self.g2p = g2p
        self.voice = voice
        self.policy = policy or Policy()
