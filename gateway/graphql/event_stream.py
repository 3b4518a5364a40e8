"""An answer as server-sent events: GraphQL over SSE, in its distinct connections mode.

https://github.com/graphql/graphql-over-http/blob/main/rfcs/GraphQLOverSSE.md
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import ExitStack, aclosing, suppress
from typing import Any

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.graphql.streams import LEAVING_SECONDS, Streams
from gateway.refusals import RefusedError, request_id_of

__all__ = ["EVENT_STREAM", "EventStream"]

EVENT_STREAM = "text/event-stream"

_BEAT_SECONDS = 15.0
"""Proxies close what is silent for longer; a comment is no event."""
_BEAT = b":\n\n"
_COMPLETE = b"event: complete\ndata:\n\n"

_ENDED = RefusedError(
    503, "OVERLOADED", "The gateway ended this before it was answered; ask again."
)

Answers = AsyncGenerator[Mapping[str, Any], None]


class EventStream(Response):
    """Sends each answer when it is there, and then says that there are no more."""

    media_type = EVENT_STREAM

    def __init__(
        self,
        answers: Callable[[], Answers],
        streams: Streams,
        place: ExitStack,
    ) -> None:
        """Send these answers; the place is held until all are sent."""
        super().__init__(headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._answers = answers
        self._streams = streams
        self._place = place
        self._answered = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 (the signature is ASGI's)
        """Send the answers until they end, or the caller goes."""
        with self._place:
            start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
            await send(start)
            await self._streams.until_over(self._pour(send))
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(LEAVING_SECONDS):
                    if not self._answered:
                        # An end alone would say that there was nothing to answer.
                        await _send(send, _event({"errors": _ENDED.shown(request_id_of(scope))}))
                    await _send(send, _COMPLETE, more=False)

    async def _pour(self, send: Send) -> None:
        beating = asyncio.ensure_future(_beat(send))
        try:
            async with aclosing(self._answers()) as answers:
                async for answer in answers:
                    self._answered = True
                    await _send(send, _event(answer))
        finally:
            beating.cancel()


def _event(answer: Mapping[str, Any]) -> bytes:
    return b"event: next\ndata: " + orjson.dumps(answer) + b"\n\n"


async def _beat(send: Send) -> None:
    while True:
        await _send(send, _BEAT)
        await asyncio.sleep(_BEAT_SECONDS)


async def _send(send: Send, text: bytes, *, more: bool = True) -> None:
    await send({"type": "http.response.body", "body": text, "more_body": more})
