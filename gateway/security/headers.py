"""Headers that every answer carries, so that a browser does nothing with it that was not meant."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["SecurityHeaders", "page_policy"]

_HEADERS: Mapping[str, str] = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    # Answers are data; a page brings a policy of its own.
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    # Nearly every answer depends on the key; what may be kept for a while says so itself.
    "cache-control": "no-store",
}
_FOR_EVERYBODY = "/static/"


class SecurityHeaders:
    """Adds to each answer the headers that it does not bring itself."""

    def __init__(self, app: ASGIApp) -> None:
        """Add to the answers of `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        path = scope["path"].removeprefix(scope.get("root_path", ""))
        own = {"cache-control": "no-cache"} if path.startswith(_FOR_EVERYBODY) else {}

        async def adding(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in {**_HEADERS, **own}.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, adding)


def page_policy() -> str:
    """Return the policy of our pages: everything from here; GraphiQL's fonts are in its style."""
    return (
        # Of one's own origin, sockets are a part.
        "default-src 'self'; connect-src 'self'; font-src 'self' data:; "
        "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
