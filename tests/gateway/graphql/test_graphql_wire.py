"""What stands on the wire, byte by byte: tools send what no HTTP library would let a test send."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator

import orjson
import pytest
from tests.gateway.staffed import House, Staff, serving

BODY = b'{"query":"{__typename}"}'
JSON = "Content-Type: application/json"


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with serving(Staff()) as house:
        yield house


class Wire:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def head(self) -> list[str]:
        """Return the next head, line by line."""
        return (await self.reader.readuntil(b"\r\n\r\n")).decode().rstrip().split("\r\n")

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body of the next answer."""
        status, *lines = await self.head()
        headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines)}
        body = await self.reader.readexactly(int(headers["content-length"]))
        return int(status.split()[1]), headers, body


async def opened(house: House, start: str, *headers: str) -> Wire:
    host, _, port = house.address.removeprefix("http://").partition(":")
    wire = Wire(*await asyncio.open_connection(host, int(port)))
    wire.writer.write(
        "\r\n".join([f"{start} HTTP/1.1", f"Host: {host}", *headers, "", ""]).encode()
    )
    return wire


async def sent(
    house: House, start: str, *headers: str, body: bytes = b""
) -> tuple[int, dict[str, str], bytes]:
    length = [f"Content-Length: {len(body)}"] if body else []
    wire = await opened(house, start, *headers, *length)
    wire.writer.write(body)
    try:
        return await wire.answer()
    finally:
        wire.writer.close()
        await wire.writer.wait_closed()


async def test_who_waits_for_leave_to_send_is_given_it(house: House) -> None:
    length = f"Content-Length: {len(BODY)}"
    wire = await opened(house, "POST /graphql", JSON, length, "Expect: 100-continue")
    assert await wire.head() == ["HTTP/1.1 100 Continue"]
    wire.writer.write(BODY)
    status, _, body = await wire.answer()
    assert (status, orjson.loads(body)) == (200, {"data": {"__typename": "Query"}})
    wire.writer.close()


async def test_who_announces_too_much_is_refused_before_it_is_sent(house: House) -> None:
    status, _, body = await sent(
        house, "POST /graphql", JSON, "Content-Length: 999999", "Expect: 100-continue"
    )
    assert status == 413
    assert orjson.loads(body)["errors"][0]["extensions"]["code"] == "REQUEST_TOO_LARGE"


@pytest.mark.parametrize(
    ("start", "headers", "body", "status", "code"),
    [
        ("GET /nothing", [], b"", 404, "NOT_FOUND"),
        ("POST /", ["Content-Length: 0"], b"", 405, "METHOD_NOT_ALLOWED"),
        ("DELETE /graphql", [], b"", 405, "METHOD_NOT_ALLOWED"),
        ("GET /graphql?query=mutation%7B__typename%7D", [], b"", 405, "METHOD_NOT_ALLOWED"),
        ("GET /graphql", ["Accept: */*"], b"", 400, "BAD_USER_INPUT"),
        ("POST /graphql", [JSON], b"{", 400, "BAD_USER_INPUT"),
        ("GET /graphql?query=%7Ba%7D&query=%7B__typename%7D", [], b"", 400, "BAD_USER_INPUT"),
        (
            "GET /graphql?query=%7B__typename%7D&variables=%7B%7D&variables=%7B%7D",
            [],
            b"",
            400,
            "BAD_USER_INPUT",
        ),
        ("GET /graphql?documentId=a&documentId=b", [], b"", 400, "BAD_USER_INPUT"),
        (
            "GET /graphql?query=%7B__typename%7D&variables=%22%7B%7D%22",
            [],
            b"",
            400,
            "BAD_USER_INPUT",
        ),
        ("POST /graphql", [JSON], b"[" * 60_000, 400, "BAD_USER_INPUT"),
        (
            "POST /graphql",
            [JSON],
            b'{"query":"{__typename}","variables":"{}"}',
            400,
            "BAD_USER_INPUT",
        ),
        (
            "POST /graphql",
            [JSON],
            b'{"query":"{__typename}","extensions":[]}',
            400,
            "BAD_USER_INPUT",
        ),
        ("POST /graphql", [JSON], b'{"query":"\\ud800"}', 400, "BAD_USER_INPUT"),
        (
            "POST /graphql",
            [JSON],
            b'{"query":"query A{__typename} query B{__typename}"}',
            400,
            "BAD_USER_INPUT",
        ),
        ("POST /graphql", [f"{JSON}; charset=utf-16"], BODY, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ("POST /graphql", [f"{JSON}; charset=iso-8859-1"], BODY, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ("POST /graphql", [JSON], '{"query":"é"}'.encode("latin-1"), 400, "BAD_USER_INPUT"),
        (
            "POST /graphql",
            [JSON, "Content-Encoding: gzip"],
            gzip.compress(BODY, mtime=0),
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        ("POST /graphql", ["Content-Type: text/plain"], BODY, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ("POST /graphql", [], BODY, 415, "UNSUPPORTED_MEDIA_TYPE"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
async def test_every_refusal_is_json(
    house: House, start: str, headers: list[str], body: bytes, status: int, code: str
) -> None:
    answer = await sent(house, start, *headers, body=body)
    assert answer[0] == status
    assert answer[1]["content-type"] == "application/json"
    assert orjson.loads(answer[2])["errors"][0]["extensions"]["code"] == code


async def test_a_mark_of_the_byte_order_before_a_body_is_passed_over(house: House) -> None:
    answer = await sent(house, "POST /graphql", JSON, body=b"\xef\xbb\xbf" + BODY)
    assert (answer[0], orjson.loads(answer[2])) == (200, {"data": {"__typename": "Query"}})


async def test_whoever_keeps_answers_is_told_what_they_depend_on(house: House) -> None:
    for start, body in (("POST /graphql", BODY), ("GET /graphql?query=%7B__typename%7D", b"")):
        _, headers, _ = await sent(house, start, JSON, body=body)
        told = {name.strip().lower() for name in headers["vary"].split(",")}
        assert {"accept", "authorization", "x-api-key"} <= told
        assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"', "utf8"])
async def test_utf8_by_any_spelling(house: House, charset: str) -> None:
    status, _, _ = await sent(house, "POST /graphql", f"{JSON}; charset={charset}", body=BODY)
    assert status == 200


async def test_a_refusal_takes_graphqls_own_media_type_where_it_is_asked_for(house: House) -> None:
    own = "application/graphql-response+json"
    _, headers, _ = await sent(house, "POST /graphql", JSON, f"Accept: {own}", body=b"{")
    assert headers["content-type"] == own
