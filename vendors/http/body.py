"""Reads the body of an answer: never more than was allowed, and never half of one.

Decompression is done here rather than by the HTTP client, because a client inflates whatever a
chunk holds before anybody can count it, and takes a compressed stream that was cut for a whole one.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterable, Mapping

from vendors.errors import PlatformBadResponseError, PlatformTooLargeError, PlatformTruncatedError

__all__ = ["ACCEPTED", "read_body"]

ACCEPTED = "gzip, deflate"
"""The encodings that are asked for."""

_GZIP, _ZLIB, _RAW = 31, 15, -15
"""What zlib calls the three framings of one compression (its `wbits`)."""
_PLAIN = frozenset({b"", b"identity"})
_INFLATED = {b"gzip": _GZIP, b"x-gzip": _GZIP, b"deflate": None}
"""The framing by encoding. Of "deflate" there are two readings: the bytes tell which."""
_SMALLEST = 2
"""Bytes that tell the two readings apart."""


async def read_body(
    chunks: AsyncIterable[bytes], headers: Mapping[bytes, bytes], most_bytes: int
) -> bytes:
    """Return the whole body, decompressed. The names of the headers are in lower case.

    Raises:
        PlatformTooLargeError: as soon as it is known that there is more than `most_bytes`.
        PlatformTruncatedError: if a compressed body ends early.
        PlatformBadResponseError: if it is not what its Content-Encoding says, or an encoding that
            was not asked for.
    """
    encoding = headers.get(b"content-encoding", b"").strip().lower()
    if encoding in _PLAIN:
        return await _plain(chunks, headers, most_bytes)
    if encoding in _INFLATED:
        return await _inflated(chunks, _INFLATED[encoding], most_bytes)
    raise PlatformBadResponseError("a content encoding that was not asked for")


async def _plain(
    chunks: AsyncIterable[bytes], headers: Mapping[bytes, bytes], most_bytes: int
) -> bytes:
    announced = headers.get(b"content-length", b"")
    if announced.isdigit() and int(announced[:20]) > most_bytes:
        raise PlatformTooLargeError("more bytes announced than are read")
    parts: list[bytes] = []
    room = most_bytes
    async for chunk in chunks:
        room -= len(chunk)
        if room < 0:
            raise PlatformTooLargeError("more bytes than are read")
        parts.append(chunk)
    return parts[0] if len(parts) == 1 else b"".join(parts)


async def _inflated(chunks: AsyncIterable[bytes], framing: int | None, most_bytes: int) -> bytes:
    inflater = _Inflater(framing)
    parts: list[bytes] = []
    room = most_bytes
    async for chunk in chunks:
        part = inflater.feed(chunk, room)
        room -= len(part)
        parts.append(part)
    inflater.finish()
    return b"".join(parts)


class _Inflater:
    """Decompresses gzip and both readings of "deflate", a bounded piece at a time."""

    def __init__(self, framing: int | None) -> None:
        self._framing = framing
        self._stream: zlib._Decompress | None = None
        self._head = b""

    def feed(self, data: bytes, room: int) -> bytes:
        """Return what these bytes hold; raise PlatformTooLargeError beyond `room` bytes."""
        parts = []
        data = self._head + data
        self._head = b""
        while data:
            part, data = self._piece(data, room + 1)
            room -= len(part)
            if room < 0:
                raise PlatformTooLargeError("more bytes than are read, once decompressed")
            parts.append(part)
        return b"".join(parts)

    def finish(self) -> None:
        """Raise PlatformTruncatedError unless the stream came to its end."""
        if self._head or not (self._stream is None or self._stream.eof):
            raise PlatformTruncatedError("compressed body cut")

    def _piece(self, data: bytes, most: int) -> tuple[bytes, bytes]:
        """Return what `data` inflates to and what is left of it for a further gzip member."""
        if self._stream is None or self._stream.eof:
            if len(data) < _SMALLEST:
                self._head = data
                return b"", b""
            self._stream = zlib.decompressobj(self._framing or _framing(data))
        try:
            return self._stream.decompress(data, most), self._stream.unused_data
        except zlib.error:
            raise PlatformBadResponseError("body is not compressed as it says") from None


def _framing(data: bytes) -> int:
    # RFC 1950: the first two bytes are a method, 8, and together a multiple of 31.
    is_zlib = data[0] & 0x0F == zlib.DEFLATED and int.from_bytes(data[:2], "big") % 31 == 0
    return _ZLIB if is_zlib else _RAW
