"""Clips at rest: AES-256-GCM under a key from outside the database.

What is stored of a sealed clip is `nonce (12 bytes) | ciphertext | tag (16 bytes)`, and beside it
`aes256gcm-1:<key id>`: the format, and which key it was. The introduction's id and the media type
are associated data, so that a clip moved to another row cannot be opened. GCM's random nonces are
safe for 2^32 clips under one key (NIST SP 800-38D, 8.3).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Sequence

from namemem.errors import ClipSealed, InvalidSettings

FORMAT = "aes256gcm-1"
KEY_BYTES = 32
_NONCE_BYTES = 12
_HOW = "Make one with: namemem clips new-key"


def new_key() -> str:
    """A fresh random key, as the settings take it: 32 bytes in URL-safe base64."""
    return base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode()


def read_key(text: str, variable: str = "NAMEMEM_CLIP_KEY") -> bytes:
    """The 32 bytes of a key in base64, URL-safe or not.

    Raises:
        InvalidSettings: it is none; the message names `variable` and never the key.
    """
    try:
        plain = text.strip().replace("+", "-").replace("/", "_").rstrip("=")
        key = base64.b64decode(plain + "=" * (-len(plain) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidSettings(f"{variable}: this is no base64. {_HOW}.") from error
    if len(key) != KEY_BYTES:
        raise InvalidSettings(
            f"{variable}: a key has {KEY_BYTES} bytes, this one {len(key)}. {_HOW}."
        )
    return key


def key_id(key: bytes) -> str:
    """What a key is called in the database: 16 hexadecimal digits that do not give it away."""
    return hashlib.sha256(b"namemem clip key\0" + key).hexdigest()[:16]


class ClipSealer:
    """Seals and opens clips.

    Args:
        key: for what is kept from now on; None keeps it unencrypted.
        old_keys: only opened with.
    """

    def __init__(self, key: bytes | None = None, old_keys: Sequence[bytes] = ()) -> None:
        self._key = key
        self._known = {key_id(one): one for one in (*old_keys, *([key] if key else []))}

    @property
    def scheme(self) -> str | None:
        """What is written beside a clip that is sealed now; None where none is."""
        return None if self._key is None else f"{FORMAT}:{key_id(self._key)}"

    def knows(self, scheme: str | None) -> bool:
        """Whether a clip with that written beside it can be opened."""
        if scheme is None:
            return True
        written, _, name = scheme.partition(":")
        return written == FORMAT and name in self._known

    def seal(self, audio: bytes, introduction_id: str, media_type: str) -> tuple[bytes, str | None]:
        """The bytes to store, and what to write beside them."""
        if self._key is None:
            return audio, None
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = os.urandom(_NONCE_BYTES)
        bound = _bound(introduction_id, media_type)
        return nonce + AESGCM(self._key).encrypt(nonce, audio, bound), self.scheme

    def open(
        self, stored: bytes, scheme: str | None, introduction_id: str, media_type: str
    ) -> bytes:
        """The clip itself.

        Raises:
            ClipSealed: its key is not known here, or it was changed since it was sealed.
        """
        if scheme is None:
            return stored
        written, _, name = scheme.partition(":")
        if written != FORMAT:
            raise ClipSealed(
                f"This recording is encrypted as {written!r}, which this namemem does not know. "
                "Upgrade namemem.",
                reason="unknown_format",
            )
        key = self._known.get(name)
        if key is None:
            raise ClipSealed(
                f"This recording is encrypted with the key {name}, which this server does not "
                "have. Whoever runs it: put that key into NAMEMEM_CLIP_OLD_KEYS.",
                reason="key_missing",
                key_id=name,
            )
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            nonce, sealed = stored[:_NONCE_BYTES], stored[_NONCE_BYTES:]
            return AESGCM(key).decrypt(nonce, sealed, _bound(introduction_id, media_type))
        except (InvalidTag, ValueError) as error:
            raise ClipSealed(
                "This recording is damaged, or belongs to another introduction: its seal does "
                "not fit. Restore it from a backup, or erase it.",
                reason="damaged",
            ) from error


def _bound(introduction_id: str, media_type: str) -> bytes:
    return f"{FORMAT}\0{introduction_id}\0{media_type}".encode()
