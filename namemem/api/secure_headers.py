"""What every answer says to browsers and caches (ASGI middleware)."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_YEAR = 365 * 24 * 3600
_PAGES = ("/docs", "/redoc", "/static-offline-docs", "/review")


class SecureHeaders:
    """Adds headers that an answer does not have already; what a route says for itself stays.

    The review studio brings a policy of its own, and `/docs` needs scripts: they get no
    Content-Security-Policy from here but that nobody may frame them.

    Args:
        app: the next application.
        https: callers reach the service by HTTPS alone: browsers are told to keep to it.
    """

    def __init__(self, app: ASGIApp, *, https: bool = False) -> None:
        self.app = app
        self._https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = str(scope["path"]).removeprefix(str(scope.get("root_path", "")))
        page = path.startswith(_PAGES)

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message.setdefault("headers", [])
                headers = MutableHeaders(scope=message)
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "no-referrer")
                headers.setdefault("X-Frame-Options", "DENY")
                policy = "frame-ancestors 'none'"
                headers.setdefault(
                    "Content-Security-Policy", policy if page else f"default-src 'none'; {policy}"
                )
                if not page:
                    headers.setdefault("Cache-Control", "no-store")
                    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
                if self._https:
                    headers.setdefault("Strict-Transport-Security", f"max-age={_YEAR}")
            await send(message)

        await self.app(scope, receive, sending)
