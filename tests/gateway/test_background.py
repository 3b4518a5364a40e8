from __future__ import annotations

import asyncio
import logging

import pytest

from gateway.background import BackgroundTasks
from vendors.errors import PlatformTimeoutError


async def fails(error: Exception) -> None:
    raise error


async def until_idle(tasks: BackgroundTasks) -> None:
    for _ in range(10):
        await asyncio.sleep(0)
    assert len(tasks) == 0


async def test_work_is_done_without_being_waited_for() -> None:
    tasks, done = BackgroundTasks(), asyncio.Event()

    async def work() -> None:
        done.set()

    tasks.start(work())
    assert len(tasks) == 1
    await done.wait()
    await until_idle(tasks)


async def test_a_bug_is_logged_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    tasks = BackgroundTasks()
    tasks.start(fails(ValueError("broken")))
    await until_idle(tasks)
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert record.exc_info is not None


async def test_a_platforms_fault_is_no_alarm(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    tasks = BackgroundTasks()
    tasks.start(fails(PlatformTimeoutError(platform="birch")))
    await until_idle(tasks)
    (record,) = caplog.records
    assert record.levelno == logging.INFO
    assert (vars(record)["platform"], vars(record)["code"]) == ("birch", "PLATFORM_TIMEOUT")


async def test_closing_cancels_what_is_not_done_and_waits_for_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tasks, ended = BackgroundTasks(), asyncio.Event()

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.set()

    tasks.start(endless())
    await asyncio.sleep(0)
    await tasks.close()
    assert ended.is_set()
    assert len(tasks) == 0
    assert not caplog.records


async def test_one_can_wait_for_all_that_is_under_way_and_for_what_that_begins() -> None:
    tasks, ended = BackgroundTasks(), []

    async def inner() -> None:
        await asyncio.sleep(0)
        ended.append("inner")

    async def outer() -> None:
        await asyncio.sleep(0)
        tasks.start(inner())
        ended.append("outer")

    tasks.start(outer())
    await tasks.done()
    assert ended == ["outer", "inner"]
    await tasks.done()
