"""Files that take longer than a caller waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

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


async def test_who_asks_for_what_another_has_begun_is_told_how_far_it_is(files: Files) -> None:
    first, second = await begun(files), await begun(files)
    assert first != second
    assert [(await files.get(one)).json()["percent"] for one in (first, second)] == [0, 0]

    assert (await files.client.delete(first)).status_code == 204
    assert not files.grove.cancelled.is_set()
    assert files.grove.gate is not None
    files.grove.gate.set()
    assert await told_of(files, second) == 303


async def test_who_goes_leaves_the_file_to_who_waits_for_it_too(files: Files) -> None:
    first = asyncio.create_task(files.get("/v1/agents.csv"))
    await files.grove.reached.wait()
    second = asyncio.create_task(files.get("/v1/agents.csv"))
    await asyncio.sleep(0.05)
    first.cancel()
    await asyncio.wait({first})

    assert files.grove.gate is not None
    files.grove.gate.set()
    assert (await second).status_code == 200
    assert not files.grove.cancelled.is_set()


async def test_no_room_is_told_in_time_and_afterwards(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    async with opened("oak", files={"folder": folder}) as files:
        at_once = await files.get("/v1/agents.csv")
        assert (at_once.status_code, at_once.json()["code"]) == (503, "OVERLOADED")
        assert at_once.headers["retry-after"]

        answer = await files.get("/v1/agents.csv?wait=0")
        status = (
            await told_of(files, answer.headers["location"])
            if answer.status_code == 202
            else answer.status_code
        )
        assert status == 503


@pytest.mark.parametrize("first", ["/v1/agents.csv", "/v1/agents.csv?wait=0"])
async def test_each_has_its_own_time_for_a_file_that_several_wait_for(first: str) -> None:
    async with opened("oak", files={"seconds": 0.2, "job_seconds": 60}) as files:
        files.grove.gate = asyncio.Event()
        begun = asyncio.create_task(files.get(first))
        await files.grove.reached.wait()
        second = "/v1/agents.csv" if "wait" in first else "/v1/agents.csv?wait=0"
        answers = {first: begun, second: asyncio.create_task(files.get(second))}

        late, job = await answers["/v1/agents.csv"], await answers["/v1/agents.csv?wait=0"]
        assert (late.status_code, job.status_code) == (504, 202)
        assert not files.grove.cancelled.is_set()
        files.grove.gate.set()
        assert await told_of(files, job.headers["location"]) == 303


async def test_a_file_for_which_nobody_waits_any_longer_is_given_up() -> None:
    async with opened("oak", files={"seconds": 0.1}) as files:
        files.grove.gate = asyncio.Event()

        assert (await files.get("/v1/agents.csv")).status_code == 504
        await files.grove.cancelled.wait()
