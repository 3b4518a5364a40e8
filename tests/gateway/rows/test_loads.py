"""Loads over real sockets: of many requests, by several callers, while the world goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Literal

import httpx
import pytest
from tests.gateway.staffed import House, Staff, serving, until

from vendors.records import PresenceStatus

ALWAYS = {name: {"fresh": 0, "refreshing": 0, "on_failure": 0} for name in ("agents", "presence")}


class Turns(asyncio.Semaphore):
    """Counts who waits for a turn, those among them who go before it comes."""

    def __init__(self) -> None:
        super().__init__(0)
        self.asked = 0

    async def acquire(self) -> Literal[True]:
        self.asked += 1
        return await super().acquire()


@pytest.fixture
def staff() -> Staff:
    return Staff()


@pytest.fixture
async def house(staff: Staff) -> AsyncIterator[House]:
    async with serving(staff, "oak", "elm", lifetimes=ALWAYS) as house:
        yield house


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"accept-encoding": "identity"}
    async with httpx.AsyncClient(
        base_url=house.address, headers=headers, timeout=30, trust_env=False
    ) as one:
        yield one


@pytest.mark.parametrize("form", ["csv", "parquet"])
async def test_a_load_is_of_one_world_while_that_changes(
    staff: Staff, client: httpx.AsyncClient, form: str
) -> None:
    path = f"/v1/agents.{form}?fields=platform,agent_id,name"
    head = await client.head(path)
    half = int(head.headers["content-length"]) // 2
    first = await client.get(path, headers={"range": f"bytes=0-{half - 1}"})
    staff.states["cem"] = PresenceStatus.AVAILABLE
    del staff.states["ana"]
    rest = await client.get(path, headers={"range": f"bytes={half}-", "cache-control": "no-cache"})

    assert [first.status_code, rest.status_code] == [206, 206]
    assert {one.headers["etag"] for one in (first, rest)} == {head.headers["etag"]}
    assert first.content + rest.content == (await client.get(path)).content
    # The world has changed indeed, and whoever begins anew is told of it.
    anew = await client.get(path, headers={"cache-control": "no-cache"})
    assert anew.headers["etag"] != head.headers["etag"]
    assert b"Ana" in first.content + rest.content
    assert b"Ana" not in anew.content
    assert b"Cem" in anew.content


async def waiting(client: httpx.AsyncClient) -> int:
    """Return how many files the gateway is being asked for."""
    text = (await client.get("/metrics")).text
    (line,) = (
        one
        for one in text.splitlines()
        if one.startswith("switchboard_requests_in_progress") and 'door="rows"' in one
    )
    return round(float(line.rpartition(" ")[2]))


async def has_so_many(client: httpx.AsyncClient, count: int) -> None:
    while await waiting(client) != count:  # noqa: ASYNC110 (nobody tells when)
        await asyncio.sleep(0.005)


async def test_who_is_left_gets_the_file_that_another_asked_for_first(
    staff: Staff, house: House, client: httpx.AsyncClient
) -> None:
    path = "/v1/agents.csv?fields=agent_id,live_status&platform=oak"
    staff.turns = turns = Turns()
    async with httpx.AsyncClient(base_url=house.address, trust_env=False) as gone:
        first = asyncio.create_task(gone.get(path))
        await staff.asked.wait()
        second = asyncio.create_task(client.get(path))
        await has_so_many(client, 2)
        # It has come in: what is asked behind it is answered.
        assert (await client.get("/v1/platforms.csv")).status_code == 200
        first.cancel()
        await asyncio.wait({first})
    await has_so_many(client, 1)
    await until(lambda: staff.waiting == 1)
    staff.let(1)

    answer = await second
    assert answer.status_code == 200, answer.text
    assert answer.text.splitlines()[1:] == ["ana,available", "ben,away"]
    assert (await client.get(path)).content == answer.content
    assert (turns.asked, staff.calls) == (1, ["oak"])
