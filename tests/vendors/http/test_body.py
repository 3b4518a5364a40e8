"""Bodies in arbitrary pieces: whatever the cuts, the bytes are the same and the limit holds."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.vendors.http.faulty import bomb

from vendors.errors import PlatformError, PlatformTooLargeError
from vendors.http.body import read_body

PACKED: Mapping[bytes, Callable[[bytes], bytes]] = {
    b"": lambda body: body,
    b"gzip": gzip.compress,
    b"deflate": zlib.compress,
    b"x-gzip": lambda body: gzip.compress(body[:3]) + gzip.compress(body[3:]),
    b"Deflate": lambda body: zlib.compress(body, wbits=-15),
}


class Pieces:
    """An answer's body, and how much of it was taken."""

    def __init__(self, data: bytes, cuts: list[int]) -> None:
        bounds = [0, *sorted(min(one, len(data)) for one in cuts), len(data)]
        self.pieces = [data[a:b] for a, b in pairwise(bounds)]
        self.taken = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            self.taken += 1
            yield piece


def read(pieces: Pieces, headers: Mapping[bytes, bytes], most: int) -> bytes:
    return asyncio.run(_read(pieces, headers, most))


async def _read(pieces: Pieces, headers: Mapping[bytes, bytes], most: int) -> bytes:
    return await read_body(pieces, headers, most)


@given(
    body=st.binary(max_size=300),
    encoding=st.sampled_from(sorted(PACKED)),
    cuts=st.lists(st.integers(0, 400), max_size=8),
    most=st.integers(0, 400),
)
def test_any_cuts(body: bytes, encoding: bytes, cuts: list[int], most: int) -> None:
    pieces = Pieces(PACKED[encoding](body), cuts)
    headers = {b"content-encoding": encoding} if encoding else {}
    if len(body) <= most:
        assert read(pieces, headers, most) == body
    else:
        with pytest.raises(PlatformTooLargeError):
            read(pieces, headers, most)


@given(
    body=st.binary(min_size=1, max_size=300),
    encoding=st.sampled_from([b"gzip", b"deflate"]),
    lacking=st.integers(1, 8),
    cuts=st.lists(st.integers(0, 400), max_size=4),
)
def test_what_is_lacking_is_noticed(
    body: bytes, encoding: bytes, lacking: int, cuts: list[int]
) -> None:
    packed = PACKED[encoding](body)[:-lacking]
    with pytest.raises(PlatformError) as caught:
        read(Pieces(packed, cuts), {b"content-encoding": encoding}, 1000)
    assert caught.value.code == "PLATFORM_BAD_RESPONSE"


@given(data=st.binary(max_size=100), encoding=st.sampled_from([b"gzip", b"deflate", b"br"]))
def test_noise_is_a_body_or_a_named_error(data: bytes, encoding: bytes) -> None:
    # Anything but a PlatformError comes through and fails.
    with suppress(PlatformError):
        assert len(read(Pieces(data, []), {b"content-encoding": encoding}, 1000)) <= 1000


def test_a_bomb_in_one_piece_is_inflated_no_further_than_the_limit() -> None:
    pieces = Pieces(bomb(50), [])
    tracemalloc.start()
    try:
        with pytest.raises(PlatformTooLargeError):
            read(pieces, {b"content-encoding": b"gzip"}, 2**20)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5 * 2**20


def test_an_announced_size_is_believed_before_anything_is_read() -> None:
    pieces = Pieces(b"x" * 100, [10])
    with pytest.raises(PlatformTooLargeError):
        read(pieces, {b"content-length": b"100"}, 99)
    assert pieces.taken == 0


def test_reading_stops_at_the_limit() -> None:
    pieces = Pieces(b"x" * 100, list(range(10, 100, 10)))
    with pytest.raises(PlatformTooLargeError):
        read(pieces, {}, 35)
    assert pieces.taken == 4


@pytest.mark.parametrize("announced", [b"", b"-1", b"many", b"9" * 400])
def test_a_size_that_says_nothing(announced: bytes) -> None:
    headers = {b"content-length": announced}
    if announced.startswith(b"9"):
        with pytest.raises(PlatformTooLargeError):
            read(Pieces(b"{}", []), headers, 10)
    else:
        assert read(Pieces(b"{}", []), headers, 10) == b"{}"
