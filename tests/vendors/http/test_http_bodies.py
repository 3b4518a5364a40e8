"""Rows 12 to 24 and 45 to 52: an answer comes, and its body is not what was asked for."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
import zlib

import msgspec
import pytest
from tests.vendors.http import faulty
from tests.vendors.http.asking import ASK, Thing, client

from vendors.calls import Call
from vendors.errors import (
    PlatformAuthError,
    PlatformBadResponseError,
    PlatformError,
    PlatformTooLargeError,
    PlatformTruncatedError,
    Retry,
    Trips,
)

GOOD = faulty.ok(b'{"id":1}')
HALF = faulty.head(200, {"Content-Length": "10"}) + b'{"id"'
CHUNKED = faulty.head(200, {"Transfer-Encoding": "chunked"})
LIMIT = 10 * 2**20


def _packed(body: bytes) -> bytes:
    """Pack without the time of day, so that a test has the same name in every run."""
    return gzip.compress(body, mtime=0)


async def failure(behaviour: faulty.Behaviour, shape: type[object] = Thing) -> PlatformError:
    """Return how a fetch fails if the platform behaves like this every time."""
    async with faulty.Faulty(behaviour) as platform, client(platform.origin) as http:
        with pytest.raises(PlatformError) as caught:
            await http.fetch(ASK, shape, Call.within(5))
        assert caught.value.attempts == len(platform.requests)
        return caught.value


async def result(*behaviours: faulty.Behaviour) -> tuple[int, int]:
    """Return the id that was fetched and the number of requests that it took."""
    async with faulty.Faulty(*behaviours) as platform, client(platform.origin) as http:
        thing = await http.fetch(ASK, Thing, Call.within(5))
        return thing.id, len(platform.requests)


CUT = {
    "length": faulty.raw(HALF),
    "chunked": faulty.chunked(b'{"id"', end=b""),
    "chunk": faulty.chunked(b'{"id"', end=b"5\r\n:1"),
    "reset": faulty.reset_after(HALF),
    "reset chunked": faulty.reset_after(CHUNKED + b'5\r\n{"id"\r\n'),
}


@pytest.mark.parametrize("how", CUT)
async def test_12_a_cut_body_is_asked_for_again(how: str) -> None:
    assert await result(CUT[how], CUT[how], GOOD) == (1, 3)


@pytest.mark.parametrize("how", CUT)
async def test_12_a_body_that_is_always_cut_is_a_bad_response(how: str) -> None:
    error = await failure(CUT[how])
    assert (error.code, error.attempts) == ("PLATFORM_BAD_RESPONSE", 3)
    assert error.trips_as is Trips.CIRCUIT


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nNo colon\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n",
    ],
)
async def test_13_wrong_framing(data: bytes) -> None:
    error = await failure(faulty.raw(data, close=False))
    assert type(error) is PlatformBadResponseError
    assert (error.attempts, error.trips_as) == (1, Trips.CIRCUIT)


async def test_14_a_length_that_is_too_small() -> None:
    data = faulty.head(200, {"Content-Length": "4"}) + b'{"id":1}'
    error = await failure(faulty.raw(data, close=False))
    assert error.code == "PLATFORM_BAD_RESPONSE"


async def test_14_a_second_answer_is_never_another_requests() -> None:
    """Some answers are followed by a forged one; each request must get its own all the same."""

    async def behave(request: faulty.Request, writer: faulty.Writer) -> None:
        await faulty.echo(request, writer)
        if request.number % 3 == 0:
            writer.write(faulty.head(200, {"Content-Length": "17"}) + b'{"target":"evil"}')
            await writer.drain()

    async with faulty.Faulty(behave) as platform, client(platform.origin) as http:

        async def ask(worker: int) -> None:
            for number in range(worker, 500, 5):
                one = msgspec.structs.replace(ASK, path=f"things/{number}")
                answer = await http.fetch(one, dict[str, str], Call.within(10))
                assert answer == {"target": f"/things/{number}"}

        await asyncio.gather(*map(ask, range(5)))


@pytest.mark.parametrize("body", [b'{"id":', b'{"id', b'{"id":1', b'{"id":1,"x":[{"y":"}]', b"["])
async def test_15_json_that_ends_early_is_asked_for_once_more(body: bytes) -> None:
    cut = faulty.ok(body)
    assert await result(cut, GOOD) == (1, 2)
    error = await failure(cut)
    assert type(error) is PlatformTruncatedError
    assert (error.attempts, error.trips_as) == (2, Trips.CIRCUIT)


@pytest.mark.parametrize("lacking", [1, 8, 12])
async def test_16_gzip_that_ends_early_is_noticed(lacking: int) -> None:
    """The JSON may be whole although the end of the gzip stream is missing."""
    cut = faulty.gzipped(b'{"id":1}', lacking=lacking)
    assert await result(cut, GOOD) == (1, 2)
    assert (await failure(cut)).attempts == 2


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", _packed(b'{"id":1}')),
        ("GZip", _packed(b'{"id":1}')),
        ("x-gzip", _packed(b'{"id":') + _packed(b"1}")),
        ("deflate", zlib.compress(b'{"id":1}')),
        ("deflate", zlib.compress(b'{"id":1}', wbits=-15)),
        ("identity", b'{"id":1}'),
    ],
)
async def test_compressed_answers_are_read(encoding: str, packed: bytes) -> None:
    assert await result(faulty.ok(packed, Content_Encoding=encoding)) == (1, 1)


async def test_what_is_asked_for_is_what_can_be_read() -> None:
    async with faulty.Faulty(GOOD) as platform, client(platform.origin) as http:
        await http.send(ASK, Call.within(5))
        assert platform.requests[0].headers["accept-encoding"] == "gzip, deflate"


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", b'{"id":1}'),
        ("deflate", b"\x78\x9c" + b"\xff" * 10),
        ("br", b'{"id":1}'),
        ("gzip, gzip", _packed(_packed(b'{"id":1}'))),
        ("none-such", b'{"id":1}'),
    ],
)
async def test_17_an_encoding_that_is_a_lie_or_was_not_asked_for(
    encoding: str, body: bytes
) -> None:
    error = await failure(faulty.ok(body, Content_Encoding=encoding))
    assert type(error) is PlatformBadResponseError
    assert error.attempts == 1


async def test_18_a_bomb_is_defused() -> None:
    """300 MB in 300 kB: what is held at once stays near the limit."""
    packed = faulty.bomb(300)
    tracemalloc.start()
    try:
        error = await failure(faulty.ok(packed, Content_Encoding="gzip"))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (type(error), error.attempts) == (PlatformTooLargeError, 1)
    assert peak < 5 * LIMIT


@pytest.mark.parametrize("announced", [True, False])
async def test_19_a_giant_body_is_not_read_to_its_end(announced: bool) -> None:
    async with (
        faulty.Faulty(faulty.giant(200, announced=announced)) as platform,
        client(platform.origin) as http,
    ):
        with pytest.raises(PlatformTooLargeError) as caught:
            await http.send(ASK, Call.within(20))
        assert (caught.value.retry_as, caught.value.trips_as) == (Retry.NONE, Trips.CIRCUIT)
        await faulty.soon(platform.hung_up)


async def test_19_a_body_of_just_the_limit_is_read() -> None:
    body = b'{"id":1}'.ljust(LIMIT)
    assert await result(faulty.ok(body)) == (1, 1)
    assert await result(faulty.gzipped(body)) == (1, 1)
    assert (await failure(faulty.ok(body + b" "))).code == "PLATFORM_TOO_LARGE"
    assert (await failure(faulty.gzipped(body + b" "))).code == "PLATFORM_TOO_LARGE"


@pytest.mark.parametrize(
    "page",
    [
        b"<!DOCTYPE html><title>Sign in</title>",
        b"\xef\xbb\xbf\n<html><body>Sign in</body></html>",
        b"<!-- a comment -->\n<HTML lang='en'>",
    ],
)
async def test_20_a_page_for_people_is_an_auth_failure(page: bytes) -> None:
    error = await failure(faulty.ok(page, Content_Type="text/html"))
    assert type(error) is PlatformAuthError
    assert (error.attempts, error.trips_as) == (1, Trips.CREDENTIAL)
    assert not error.serves_stale
    assert "Sign" not in str(error)


@pytest.mark.parametrize("content_type", ["text/html", "text/plain", "", "application/pdf"])
async def test_21_json_under_another_content_type_is_read(content_type: str) -> None:
    assert await result(faulty.ok(b'{"id":1}', Content_Type=content_type)) == (1, 1)


async def test_21_json_without_a_content_type_is_read() -> None:
    data = b'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n{"id":1}'
    assert await result(faulty.raw(data)) == (1, 1)


async def test_23_an_empty_200_is_a_bad_response() -> None:
    error = await failure(faulty.ok(b""))
    assert type(error) is PlatformBadResponseError
    assert (error.attempts, error.trips_as) == (1, Trips.CIRCUIT)


async def test_23_no_content_is_null_or_an_empty_list() -> None:
    async with (
        faulty.Faulty(faulty.raw(b"HTTP/1.1 204 No Content\r\n\r\n")) as platform,
        client(platform.origin) as http,
    ):
        call = Call.within(5)
        assert (await http.send(ASK, call)).body == b""
        assert await http.fetch(ASK, list[Thing], call) == []
        nullable: msgspec.json.Decoder[Thing | None] = msgspec.json.Decoder(Thing | None)
        assert await http.fetch(ASK, nullable, call) is None
        with pytest.raises(PlatformBadResponseError):
            await http.fetch(ASK, Thing, call)


@pytest.mark.parametrize("body", [b"null", b"[]", b"{}", b"0", b'""', b"false"])
async def test_24_a_body_that_holds_nothing_counts_against_the_platform(body: bytes) -> None:
    error = await failure(faulty.ok(body))
    assert type(error) is PlatformBadResponseError
    assert (error.attempts, error.trips_as) == (1, Trips.CIRCUIT)


@pytest.mark.parametrize("body", [b'{"id":null}', b'{"id":"7"}', b'{"name":"a"}', b'[{"id":1}]'])
async def test_45_46_a_changed_member_does_not_count_against_the_platform(body: bytes) -> None:
    error = await failure(faulty.ok(body))
    assert type(error) is PlatformBadResponseError
    assert (error.attempts, error.trips_as) == (1, Trips.NOTHING)


async def test_47_new_members_are_ignored() -> None:
    assert await result(faulty.ok(b'{"id":1,"new":{"deep":[1,2]}}')) == (1, 1)


async def test_48_of_equal_members_the_last_is_judged_like_any_other() -> None:
    assert (await failure(faulty.ok(b'{"id":1,"id":null}'))).trips_as is Trips.NOTHING


@pytest.mark.parametrize(
    "value", [b"NaN", b"Infinity", b"-Infinity", b"1e999", b"1" * 5000], ids=lambda one: one[:5]
)
async def test_49_numbers_that_are_none(value: bytes) -> None:
    error = await failure(faulty.ok(b'{"id":%s}' % value), shape=dict[str, float])
    assert type(error) is PlatformBadResponseError
    assert error.attempts == 1


@pytest.mark.parametrize("shape", [object, dict[str, object], Thing])
async def test_50_deep_json_is_no_crash(shape: type[object]) -> None:
    body = b'{"id":1,"x":' * 100_000 + b"1" + b"}" * 100_000
    error = await failure(faulty.ok(body), shape=shape)
    assert type(error) is PlatformBadResponseError


@pytest.mark.parametrize(
    "text", [b"\xff\xfe", b"\xc3\x28", rb"\ud800", rb"\udc00\ud800", b"\xed\xa0\x80"]
)
async def test_51_text_that_is_no_text(text: bytes) -> None:
    error = await failure(faulty.ok(b'{"id":"%s"}' % text), shape=dict[str, str])
    assert type(error) is PlatformBadResponseError
    assert error.attempts == 1


async def test_51_a_byte_order_mark_is_skipped() -> None:
    assert await result(faulty.ok(b'\xef\xbb\xbf{"id":1}')) == (1, 1)


async def test_52_hostile_text_is_data() -> None:
    text = "=cmd|' /C calc'!A0\r\n\u202e<script>\u0000"
    async with (
        faulty.Faulty(faulty.ok(msgspec.json.encode({"text": text}))) as platform,
        client(platform.origin) as http,
    ):
        assert await http.fetch(ASK, dict[str, str], Call.within(5)) == {"text": text}


async def test_58_early_hints_and_many_headers_are_fine() -> None:
    hints = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    many = {f"X-Header-{number}": "x" * 50 for number in range(100)} | {"X-Long": "x" * 30_000}
    data = hints + faulty.head(200, many | {"Content-Length": "8"}) + b'{"id":1}'
    assert await result(faulty.raw(data)) == (1, 1)
