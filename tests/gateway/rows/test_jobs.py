"""Files that take longer than a caller waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from tests.gateway.rows.serving import ORIGIN, Files, opened

from vendors.errors import PlatformUnreachableError

AGENTS = "/v1/agents.csv?wait=0&limit=2"


@pytest.fixture
async def files() -> AsyncIterator[Files]:
    async with opened("oak") as one:
        one.grove.gate = asyncio.Event()
        yield one


async def begun(files: Files) -> str:
    answer = await files.get(AGENTS)
    assert answer.status_code == 202, answer.text
    assert answer.headers["retry-after"]
    assert answer.headers["location"].startswith(f"{ORIGIN}/v1/jobs/")
    await files.grove.reached.wait()
    return answer.headers["location"]


async def told_of(files: Files, place: str) -> int:
    """Return the status when it is no longer being made."""
    while True:
        answer = await files.get(place)
        if answer.status_code != 200:
            return answer.status_code
        assert answer.json()["state"] == "running"
        await asyncio.sleep(0.01)


async def test_it_leads_to_the_file(files: Files) -> None:
    place = await begun(files)
    assert (await files.get(place)).json()["percent"] == 0

    assert files.grove.gate is not None
    files.grove.gate.set()
    assert await told_of(files, place) == 303
    found = (await files.get(place)).headers["location"]
    assert found == f"{ORIGIN}{AGENTS}"
    answer = await files.get(found)
    assert (answer.status_code, len(answer.text.splitlines())) == (200, 3)


async def test_it_tells_why_there_is_no_file(files: Files) -> None:
    files.grove.error = PlatformUnreachableError(platform="oak")
    place = await begun(files)

    assert files.grove.gate is not None
    files.grove.gate.set()
    assert await told_of(files, place) == 502


async def test_it_is_ended_on_demand(files: Files) -> None:
    place = await begun(files)

    assert (await files.client.delete(place)).status_code == 204
    await files.grove.cancelled.wait()
    assert (await files.get(place)).status_code == 404


async def test_what_is_quick_is_answered_at_once() -> None:
    async with opened("oak") as files:
        assert (await files.get("/v1/agents.csv?wait=30")).status_code == 200


async def test_it_ends_with_the_process() -> None:
    async with opened("oak") as files:
        files.grove.gate = asyncio.Event()
        await begun(files)
    await files.grove.cancelled.wait()


async def test_jobs_are_not_told_to_others(files: Files) -> None:
    await begun(files)

    assert (await files.get("/v1/jobs/of-somebody-else")).status_code == 404
    assert (await files.client.delete("/v1/agents.csv")).status_code == 405
