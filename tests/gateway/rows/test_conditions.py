"""Requests that depend on what the caller has already, or want a part of it (RFC 9110)."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from tests.gateway.rows.serving import Files, opened

from vendors.errors import PlatformUnreachableError

AGENTS = "/v1/agents.csv"
OTHER = '"other"'


@pytest.fixture
async def files() -> AsyncIterator[Files]:
    lifetimes = {"agents": {"fresh": 0, "refreshing": 0, "on_failure": 0}}
    keys = [f"oak-{number}" for number in range(20)]
    async with opened(*keys, lifetimes=lifetimes) as one:
        yield one


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (f"bytes=0-{'9' * 5000}", 206),
        (f"bytes={'9' * 5000}-", 416),
        (f"bytes=-{'9' * 5000}", 206),
        (f"bytes={'9' * 5000}-0", 200),
    ],
    ids=["last", "first", "suffix", "turned"],
)
async def test_bounds_of_thousands_of_digits_are_bounds(
    files: Files, asked: str, status: int
) -> None:
    whole = await files.get(AGENTS)
    answer = await files.get(AGENTS, range=asked)

    assert answer.status_code == status
    assert status == 416 or answer.content == whole.content


async def test_what_the_caller_has_is_told_before_its_range_is_looked_at(files: Files) -> None:
    etag = (await files.get(AGENTS)).headers["etag"]

    for asked in ("bytes=0-1", "bytes=99999999-"):
        answer = await files.get(AGENTS, if_none_match=etag, range=asked)
        assert (answer.status_code, answer.content) == (304, b"")


async def test_who_has_it_plain_is_told_of_the_plain_bytes(files: Files) -> None:
    plain = (await files.get(AGENTS)).headers["etag"]
    packed = (await files.get(AGENTS, accept_encoding="gzip")).headers["etag"]
    assert plain != packed

    for etag in (plain, packed):
        told = f"W/{OTHER}, W/{etag}"
        answer = await files.get(AGENTS, if_none_match=told, accept_encoding="gzip")
        # A store finds what it keeps by this.
        assert (answer.status_code, answer.headers["etag"]) == (304, etag)
        assert "accept-encoding" in answer.headers["vary"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_who_goes_on_with_other_bytes_is_told_so(files: Files, method: str) -> None:
    etag = (await files.get(AGENTS)).headers["etag"]

    for told, status in (
        (etag, 200),
        (f"{OTHER}, {etag}", 200),
        ("*", 200),
        (OTHER, 412),
        (f"W/{etag}", 412),
    ):
        answer = await files.client.request(method, AGENTS, headers={"if-match": told})
        assert answer.status_code == status, told
    part = await files.get(AGENTS, if_match=OTHER, range="bytes=0-9")
    assert (part.status_code, part.json()["code"]) == (412, "CHANGED")


@pytest.mark.parametrize(
    "told", [OTHER, 'W/"{etag}"', "Sun, 01 Mar 2026 12:00:00 GMT", ""], ids=str
)
async def test_a_part_goes_with_the_strong_name_of_the_bytes_alone(files: Files, told: str) -> None:
    whole = await files.get(AGENTS)
    name = told.format(etag=whole.headers["etag"].strip('"'))

    answer = await files.get(AGENTS, range="bytes=0-9", if_range=name)
    assert (answer.status_code, answer.content) == (200, whole.content)


async def test_head_has_no_parts(files: Files) -> None:
    answer = await files.client.head(AGENTS, headers={"range": "bytes=0-9"})

    assert answer.status_code == 200
    assert int(answer.headers["content-length"]) == len((await files.get(AGENTS)).content)
    assert "content-range" not in answer.headers


async def test_a_part_is_one_of_what_there_is_even_for_who_wants_nothing_kept(files: Files) -> None:
    first = await files.get(AGENTS)
    files.grove.error = PlatformUnreachableError(platform="oak-1")

    part = await files.get(AGENTS, range="bytes=10-", cache_control="no-cache", pragma="no-cache")
    assert (part.status_code, part.content) == (206, first.content[10:])
    assert (await files.get(AGENTS, cache_control="no-cache")).status_code == 502


async def test_a_load_that_is_under_way_finds_the_same_bytes_to_its_end(files: Files) -> None:
    files.clock.pass_(minutes=1)
    head = await files.client.head(AGENTS)
    first = await files.get(AGENTS)
    files.grove.error = PlatformUnreachableError(platform="oak-1")

    for at in range(0, 800, 200):
        files.clock.pass_(minutes=3)
        part = await files.get(AGENTS, range=f"bytes={at}-{at + 199}")
        assert part.status_code == 206, part.text
        assert part.headers["etag"] == head.headers["etag"]
        assert part.content == first.content[at : at + 200]
    # Nothing is younger for being read, and nothing is kept for ever.
    assert (await files.get(AGENTS)).status_code == 502
    files.clock.pass_(minutes=3)
    assert (await files.get(AGENTS, range="bytes=0-1")).status_code == 502


async def test_a_load_that_stood_still_begins_anew(files: Files) -> None:
    await files.get(AGENTS)
    files.grove.error = PlatformUnreachableError(platform="oak-1")
    files.clock.pass_(minutes=5)

    assert (await files.get(AGENTS, range="bytes=0-1")).status_code == 502


@pytest.mark.parametrize("path", ["/v1/", "/v1/openapi.json", "/v1/agents/schema", AGENTS])
async def test_no_store_gives_the_answer_of_one_key_to_another(files: Files, path: str) -> None:
    answer = await files.get(path)

    assert "private" in answer.headers["cache-control"]
    assert {"authorization", "x-api-key"} <= set(answer.headers["vary"].split(", "))
