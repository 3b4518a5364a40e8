"""HEAD, which is answered as GET is, but for the body (RFC 9110, 9.3.2)."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["HeadAsGet"]


class HeadAsGet:
    """Asks what is asked by HEAD as by GET, and ends the answer behind its headers."""

    def __init__(self, app: ASGIApp) -> None:
        """Answer HEAD by what `app` answers to GET."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope.get("method") != "HEAD":
            await self._app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                # What would go on and on, such as events, has no more to tell.
                await send({"type": "http.response.body", "body": b""})

        # What is noted there is looked at by whoever holds the scope itself.
        scope.setdefault("state", {})
        await self._app({**scope, "method": "GET"}, receive, without_body)
