"""Who is there: a signed session cookie, and a token against requests forged by other sites.

The server keeps no sessions. The cookie says whose key opened the studio, what its holder is
called in the history, and the token that every changing request must repeat. It is signed with a
secret derived from that key, and the key is looked up at every request: when it is revoked,
expires or is taken out of the settings, the session ends.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field, replace
from functools import lru_cache
from urllib.parse import urlsplit

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import Request
from starlette.responses import Response

from namemem.errors import Forbidden, NamememError, Unauthorized
from namemem.service.access import ANONYMOUS, Caller, Keyring
from namemem.service.throttling import Throttle
from namemem.store import Actor

COOKIE = "namemem_review"
MAX_AGE = 12 * 3600
"""Seconds after which somebody has to log in again."""
LONGEST_WHO = 100
SCOPE = "review"
"""What a key must be made for to open the studio (`admin` is everything)."""


class LoginRequired(NamememError):
    """Nobody is logged in, where keys are configured."""


class Forged(NamememError):
    """A changing request without the session's token, or from another site."""


@dataclass(frozen=True, slots=True)
class Session:
    """What the cookie says. `caller` is None before the login; `who` is for the history."""

    csrf: str
    caller: Caller | None = None
    who: str = ""
    material: str = field(default="", repr=False)
    """What the secret that signs the cookie is made of."""

    @property
    def space(self) -> str | None:
        """Whose people are seen; None before the login."""
        return self.caller.space if self.caller is not None else None

    @property
    def logged_in(self) -> bool:
        """Whether a key was given, so that there is something to log out of."""
        return self.caller is not None and not self.caller.is_anonymous

    @property
    def actor(self) -> str:
        """Who makes a change, for the history."""
        return self.who or "designer"

    @property
    def audited(self) -> Actor:
        """Who makes a change, for the audit log."""
        if self.caller is None:
            return Actor(None, "review studio", self.who)
        return Actor(self.caller.key_id, self.caller.label, self.who)


class Access:
    """Reads and writes session cookies.

    Args:
        keyring: the keys; where none is configured there is no login, and one space `default`.
        throttle: slows down whoever tries wrong keys.
        salt: tells one installation from another before anybody has logged in.
        https: callers reach the studio by HTTPS alone, so cookies go no other way.
    """

    def __init__(
        self, keyring: Keyring, throttle: Throttle, salt: str = "", *, https: bool = False
    ) -> None:
        self._keyring = keyring
        self._throttle = throttle
        self._salt = f"open\0{salt}"
        self._https = https

    async def read(self, request: Request) -> Session:
        """The session of a request; a new one where there is none, or none that holds.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        return await asyncio.to_thread(self._read, request.cookies.get(COOKIE, ""))

    def _read(self, cookie: str) -> Session:
        key_id, _, signed = cookie.partition(":")
        caller: Caller | None = None
        material = self._salt
        try:
            if key_id:
                caller, material = self._keyring.by_id(key_id)
                caller.require(SCOPE)
            data = _signer(material).loads(signed, max_age=MAX_AGE)
            session = Session(str(data["csrf"]), caller, str(data.get("who", "")), material)
        except (Unauthorized, Forbidden, BadSignature, KeyError, TypeError, AttributeError):
            session = Session(secrets.token_urlsafe(24), material=self._salt)
        if session.caller is None and self._keyring.is_open():
            return replace(session, caller=ANONYMOUS)
        return session

    def write(self, request: Request, response: Response, session: Session) -> None:
        """Puts the session into an answer."""
        key_id = session.caller.key_id if session.caller is not None else None
        signed = _signer(session.material).dumps({"csrf": session.csrf, "who": session.who})
        response.set_cookie(
            COOKIE,
            f"{key_id or ''}:{signed}",
            max_age=MAX_AGE,
            path=request.scope.get("root_path", "") or "/",
            secure=self._https or request.url.scheme == "https",
            httponly=True,
            samesite="lax",
        )

    def log_in(self, key: str, who: str, address: str | None = None) -> Session:
        """A new session for the holder of a key.

        Raises:
            Unauthorized: a wrong key, or one that holds no more.
            Forbidden: the key is not made for the studio.
            TooManyRequests: too many wrong keys from that address.
        """
        key = key.strip()
        self._throttle.check(address)
        try:
            caller = self._keyring.caller(key)
        except Unauthorized:
            self._throttle.failed(address)
            raise
        caller.require(SCOPE)
        material = self._keyring.by_id(caller.key_id)[1] if caller.key_id else self._salt
        return Session(secrets.token_urlsafe(24), caller, tidy_who(who), material)


@lru_cache(maxsize=256)
def _signer(material: str) -> URLSafeTimedSerializer:
    # Slow on purpose: a cookie must not help anybody to guess a short key.
    secret = hashlib.scrypt(material.encode(), salt=b"namemem review", n=2**14, r=8, p=1)
    return URLSafeTimedSerializer(secret, salt="session")


def tidy_who(who: str) -> str:
    """A designer's name as it goes into the history: printable, of moderate length."""
    return "".join(c for c in who if c.isprintable()).strip()[:LONGEST_WHO]


async def check_origin(request: Request, session: Session) -> None:
    """Refuses a changing request that this session's own pages did not send.

    Raises:
        Forged: from another site, or without the session's token.
    """
    origin, fetched = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    foreign = fetched not in (None, "same-origin", "none")
    if fetched is None and origin:  # an older browser
        foreign = urlsplit(origin).netloc != request.headers.get("host")
    if foreign:
        raise Forged("This request came from another site. Open the page here and repeat it.")
    sent = request.headers.get("x-csrf-token")
    if sent is None:
        form = await request.form()
        sent = str(form.get("csrf") or "")
    if not hmac.compare_digest(sent.encode("utf-8", "replace"), session.csrf.encode()):
        raise Forged("This page is too old, or its cookie is gone. Load it again and repeat that.")
