"""The body of an answer while it comes: handed on piece by piece, at the pace of whoever reads it.

What is not read stays at the platform: nothing is fetched ahead of the reader beyond the buffers
of the connection. The call that it belongs to lasts until the stream is closed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress

import httpx

from vendors.errors import PlatformError, PlatformTimeoutError, Retry, Trips
from vendors.http.body import Decoder
from vendors.http.faults import CAUGHT, fault_in_body

__all__ = ["Stream"]


class Stream:
    """One body, which can be read once. `error` and `whole` tell how the reading ended."""

    def __init__(
        self,
        source: httpx.AsyncByteStream,
        decoder: Decoder,
        read_seconds: float,
        over: Callable[[], None],
    ) -> None:
        """Read the source, waiting so long for its next bytes; call `over` once it is closed."""
        self._source = source
        self._chunks = aiter(source)
        self._decoder = decoder
        self._ready: Iterator[bytes] = iter(())
        self._read_seconds = read_seconds
        self._over = over
        self._closed = False
        self.deadline = float("inf")
        """When the reading must be over, on the loop's clock."""
        self.first = b""
        """The first piece; empty where there is none."""
        self.error: PlatformError | None = None
        self.whole = False

    async def begin(self) -> None:
        """Fetch the first piece, which is empty where there is none; raise PlatformError."""
        self.first = await self._next() or b""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Give the pieces, the first among them; raise PlatformError where one does not come."""
        if self.first:
            yield self.first
        while not self.whole and (piece := await self._next()) is not None:
            yield piece

    async def aclose(self) -> None:
        """End it, and the connection with it unless the body was read to its end."""
        if self._closed:
            return
        self._closed = True
        try:
            with suppress(*CAUGHT):
                await self._source.aclose()
        finally:
            self._over()

    async def _next(self) -> bytes | None:
        """Return the next piece, or None behind the last."""
        try:
            return await self._decoded()
        except PlatformError as error:
            self.error = error
            raise
        except CAUGHT as error:
            self.error = fault_in_body(error)
            raise self.error from None

    async def _decoded(self) -> bytes | None:
        while True:
            for piece in self._ready:
                if piece:
                    return piece
            chunk = await self._chunk()
            if chunk is None:
                self._decoder.finish()
                self.whole = True
                return None
            self._ready = self._decoder.pieces(chunk)

    async def _chunk(self) -> bytes | None:
        """Wait for the next bytes; the time that the reader takes between them does not count."""
        now = asyncio.get_running_loop().time()
        too_late = self.deadline <= now + self._read_seconds
        try:
            async with asyncio.timeout_at(min(self.deadline, now + self._read_seconds)):
                return await anext(self._chunks, None)
        except TimeoutError:
            if too_late:
                # Who was slow, the platform or the reader, is not known.
                raise PlatformTimeoutError(
                    "not handed on in time", retry=Retry.NONE, trips=Trips.NOTHING
                ) from None
            raise
