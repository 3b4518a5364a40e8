"""HEAD tells what GET would answer, and sends none of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from tests.gateway.staffed import FOLLOW, House, Staff, serving, until

OWN = {"date", "x-request-id"}
"""What differs between two answers to one question."""


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with serving(Staff()) as house:
        yield house


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=house.address, trust_env=False) as one:
        yield one


def told(answer: httpx.Response) -> dict[str, str]:
    return {name: text for name, text in answer.headers.items() if name not in OWN}


@pytest.mark.parametrize(
    ("query", "accept", "status"),
    [
        ("{__typename}", "*/*", 200),
        ("{platforms{key}}", "application/graphql-response+json", 200),
        ("{nothing}", "application/graphql-response+json", 400),
        ("mutation{__typename}", "*/*", 405),
        ("", "application/json", 400),
        ("", "text/html", 200),
    ],
)
async def test_head_is_get_without_its_body(
    client: httpx.AsyncClient, query: str, accept: str, status: int
) -> None:
    asked = {"query": query} if query else {}
    headers = {"accept": accept, "accept-encoding": "identity"}
    get = await client.get("/graphql", params=asked, headers=headers)
    head = await client.head("/graphql", params=asked, headers=headers)

    assert (get.status_code, head.status_code, head.content) == (status, status, b"")
    assert told(head) == told(get)
    assert int(head.headers["content-length"]) == len(get.content) > 0


async def test_nothing_is_followed_for_whoever_takes_nothing(
    house: House, client: httpx.AsyncClient
) -> None:
    asked = {"query": FOLLOW}
    head = await client.head("/graphql", params=asked, headers={"accept": "text/event-stream"})

    assert head.status_code == 200
    assert head.headers["content-type"].startswith("text/event-stream")
    await until(lambda: len(house.app.state.streams) == 0)
