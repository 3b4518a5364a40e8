from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from resolvers.hub import Hub


class Source:
    """Says the next number each time that it is let."""

    def __init__(self) -> None:
        self.asked = 0
        self.error: Exception | None = None
        self.turns = asyncio.Semaphore(0)
        self.answered = asyncio.Condition()
        self.waiting = asyncio.Event()

    async def poll(self) -> int:
        if self.turns.locked():
            self.waiting.set()
        await self.turns.acquire()
        self.waiting.clear()
        async with self.answered:
            self.asked += 1
            self.answered.notify_all()
        if self.error is not None:
            raise self.error
        return self.asked

    async def let(self, times: int) -> None:
        """Let it be asked so often, and wait until it is waiting again."""
        until = self.asked + times
        for _ in range(times):
            self.turns.release()
        async with self.answered:
            await self.answered.wait_for(lambda: self.asked == until)
        # What it said last is given on before it is asked again.
        await self.waiting.wait()


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    made = Hub(timedelta(0))
    yield made
    await made.close()


async def test_a_follower_is_given_the_latest_and_nothing_between(hub: Hub) -> None:
    source = Source()
    with hub.follow({"one": source.poll}) as follower:
        said = aiter(follower)
        await asyncio.sleep(0)
        await source.let(100)
        assert await anext(said) == ("one", 100)


async def test_who_comes_later_is_given_what_is_known(hub: Hub) -> None:
    source, other = Source(), Source()
    with hub.follow({"one": source.poll}) as first:
        await asyncio.sleep(0)
        await source.let(1)
        assert await anext(aiter(first)) == ("one", 1)
        with hub.follow({"one": other.poll}) as second:
            assert await anext(aiter(second)) == ("one", 1)
        assert len(hub) == 1
    assert len(hub) == 0
    assert (source.asked, other.asked) == (1, 0)


async def test_a_source_that_breaks_is_asked_again(
    hub: Hub, caplog: pytest.LogCaptureFixture
) -> None:
    source = Source()
    source.error = ValueError("broken")
    with hub.follow({"one": source.poll}) as follower:
        await asyncio.sleep(0)
        await source.let(1)
        source.error = None
        await source.let(1)
        assert await anext(aiter(follower)) == ("one", 2)
    assert "a source could not be asked" in caplog.text
