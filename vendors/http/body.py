"""Reads the body of an answer: never more than was allowed, and never half of one.

Decompression is done here rather than by the HTTP client, because a client inflates whatever a
chunk holds before anybody can count it, and takes a compressed stream that was cut for a whole one.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterable, Iterator, Mapping

from vendors.errors import PlatformBadResponseError, PlatformTooLargeError, PlatformTruncatedError

__all__ = ["ACCEPTED", "Decoder", "read_body"]

ACCEPTED = "gzip, deflate"
"""The encodings that are asked for."""

_GZIP, _ZLIB, _RAW = 31, 15, -15
"""What zlib calls the three framings of one compression (its `wbits`)."""
_PLAIN = frozenset({b"", b"identity"})
_INFLATED = {b"gzip": _GZIP, b"x-gzip": _GZIP, b"deflate": None}
"""The framing by encoding. Of "deflate" there are two readings: the bytes tell which."""
_SMALLEST = 2
"""Bytes that tell the two readings apart."""
_PIECE = 64 * 1024
"""Bytes of the longest piece that is inflated at a time, where the body is handed on."""


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


class Decoder:
    """Decompresses a body while it comes, and counts it.

    No more of it is held than a piece, however well it is compressed. Its methods raise as
    `read_body` does.
    """

    def __init__(self, headers: Mapping[bytes, bytes], most_bytes: int) -> None:
        encoding = headers.get(b"content-encoding", b"").strip().lower()
        self._inflater: _Inflater | None = None
        if encoding in _PLAIN:
            _check_announced(headers, most_bytes)
        elif encoding in _INFLATED:
            self._inflater = _Inflater(_INFLATED[encoding])
        else:
            raise PlatformBadResponseError("a content encoding that was not asked for")
        self._room = most_bytes

    def pieces(self, chunk: bytes) -> Iterator[bytes]:
        """Give what these bytes hold."""
        for piece in (chunk,) if self._inflater is None else self._inflater.pieces(chunk):
            self._room -= len(piece)
            if self._room < 0:
                raise PlatformTooLargeError("more bytes than are handed on")
            yield piece

    def finish(self) -> None:
        """Check that it came to its end."""
        if self._inflater is not None:
            self._inflater.finish()


def _check_announced(headers: Mapping[bytes, bytes], most_bytes: int) -> None:
    announced = headers.get(b"content-length", b"")
    if announced.isdigit() and int(announced[:20]) > most_bytes:
        raise PlatformTooLargeError("more bytes announced than are read")


async def _plain(
    chunks: AsyncIterable[bytes], headers: Mapping[bytes, bytes], most_bytes: int
) -> bytes:
    _check_announced(headers, most_bytes)
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

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """Give what these bytes hold, a bounded piece at a time."""
        data, self._head = self._head + data, b""
        piece = b""
        # A full piece may leave something behind within the stream, though all was fed to it.
        while data or len(piece) == _PIECE:
            piece, data = self._piece(data, _PIECE)
            if piece:
                yield piece

    def finish(self) -> None:
        """Raise PlatformTruncatedError unless the stream came to its end."""
        if self._head or not (self._stream is None or self._stream.eof):
            raise PlatformTruncatedError("compressed body cut")

    def _piece(self, data: bytes, most: int) -> tuple[bytes, bytes]:
        """Return what `data` inflates to, at most so much, and what is left of it.

        That is the rest of the stream, or the beginning of a further gzip member.
        """
        if self._stream is None or self._stream.eof:
            if len(data) < _SMALLEST:
                self._head = data
                return b"", b""
            self._stream = zlib.decompressobj(self._framing or _framing(data))
        try:
            part = self._stream.decompress(data, most)
        except zlib.error:
            raise PlatformBadResponseError("body is not compressed as it says") from None
        return part, self._stream.unconsumed_tail or self._stream.unused_data


def _framing(data: bytes) -> int:
    # RFC 1950: the first two bytes are a method, 8, and together a multiple of 31.
    is_zlib = data[0] & 0x0F == zlib.DEFLATED and int.from_bytes(data[:2], "big") % 31 == 0
    return _ZLIB if is_zlib else _RAW
