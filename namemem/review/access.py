"""Who is there: a signed session cookie, and a token against requests forged by other sites.

The server keeps no sessions. The cookie says which space its holder may see, what they are called
in the history, and the token that every changing request must repeat. It is signed with a secret
derived from the API keys: another set of keys makes all older cookies worthless.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import Request
from starlette.responses import Response

from namemem.errors import NamememError

COOKIE = "namemem_review"
MAX_AGE = 12 * 3600
"""Seconds after which somebody has to log in again."""
LONGEST_WHO = 100


class LoginRequired(NamememError):
    """Nobody is logged in, where keys are configured."""


class Forged(NamememError):
    """A changing request without the session's token, or from another site."""


@dataclass(frozen=True, slots=True)
class Session:
    """What the cookie says. `space` is None before the login; `who` is for the history."""

    csrf: str
    space: str | None = None
    who: str = ""

    @property
    def actor(self) -> str:
        """Who makes a change, for the history."""
        return self.who or "designer"


class Access:
    """Reads and writes session cookies for one set of keys (key → space).

    Args:
        keys: the API keys; empty: no login, one space `default`.
        salt: tells one installation from another where there are no keys.
    """

    def __init__(self, keys: Mapping[str, str], salt: str = "") -> None:
        self._keys = dict(keys)
        material = "\0".join(f"{k}\0{s}" for k, s in sorted(keys.items())) or f"open\0{salt}"
        # Slow on purpose: a cookie must not help anybody to guess a short key.
        secret = hashlib.scrypt(material.encode(), salt=b"namemem review", n=2**14, r=8, p=1)
        self._signer = URLSafeTimedSerializer(secret, salt="session")

    @property
    def needs_login(self) -> bool:
        """Whether keys are configured."""
        return bool(self._keys)

    def read(self, request: Request) -> Session:
        """The session of a request; a new one where there is none, or none that holds."""
        try:
            data = self._signer.loads(request.cookies.get(COOKIE, ""), max_age=MAX_AGE)
            session = Session(str(data["csrf"]), data.get("space"), str(data.get("who", "")))
        except (BadSignature, KeyError, TypeError, AttributeError):
            session = Session(secrets.token_urlsafe(24))
        if not self._keys:
            return replace(session, space="default")
        known = session.space in self._keys.values()
        return session if known else replace(session, space=None)

    def write(self, request: Request, response: Response, session: Session) -> None:
        """Puts the session into an answer."""
        data = {"csrf": session.csrf, "space": session.space, "who": session.who}
        response.set_cookie(
            COOKIE,
            self._signer.dumps(data),
            max_age=MAX_AGE,
            path=request.scope.get("root_path", "") or "/",
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="lax",
        )

    def log_in(self, key: str, who: str) -> Session | None:
        """A new session for the holder of a key; None for a wrong one."""
        found: str | None = None
        for one, space in self._keys.items():  # every key is compared, so that time tells nothing
            if hmac.compare_digest(one.encode(), key.strip().encode("utf-8", "replace")):
                found = space
        if found is None:
            return None
        return Session(secrets.token_urlsafe(24), found, tidy_who(who))


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
