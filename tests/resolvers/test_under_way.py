"""Overlapping questions of several clients at once share the calls that bring both answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import timedelta
from typing import Any

from tests.fakes import EVERYTHING, NOW, context_of, platform_of
from tests.resolvers.measuring import Event, Measuring, source_of

from resolvers.context import RequestContext
from resolvers.indicators import measure
from resolvers.planner.request import MeasureRequest
from resolvers.planner.series import MeasureAnswer
from vendors.calls import Call
from vendors.errors import PlatformServerError
from vendors.measures import Grain, MeasureCall, Reading

TODAY = NOW.replace(hour=0, minute=0)
HAPPENED = [
    Event(TODAY - timedelta(days=day, hours=-9), "chat", "ann", 60, answered=True)
    for day in range(1, 40)
]


class Slow(Measuring):
    """Answers when it is let."""

    def __init__(self, **changes: Any) -> None:  # noqa: ANN401 - any member of a source
        super().__init__(HAPPENED, source_of(**changes))
        self.let = asyncio.Event()
        self.fails_first: Exception | None = None

    async def measure(self, measure: MeasureCall, call: Call) -> tuple[Reading, ...]:
        first = not self.calls
        if first:
            self.calls.append(measure)
            await self.let.wait()
            self.calls.remove(measure)
            if self.fails_first is not None:
                self.calls.append(measure)
                raise self.fails_first
            return await super().measure(measure, call)
        return await super().measure(measure, call)


class Clients:
    """Several clients of one process."""

    def __init__(self, port: Slow) -> None:
        self.port = port
        self._first = context_of(platform_of("one", measures=port))

    def _context(self, seconds: float = 30.0) -> RequestContext:
        return RequestContext(self._first.services, EVERYTHING, Call.within(seconds))

    def ask(
        self, days: int, *items: str, ended: int = 0, seconds: float = 30.0
    ) -> asyncio.Task[MeasureAnswer]:
        context = self._context(seconds)
        end = TODAY - timedelta(days=ended)
        request = MeasureRequest(
            items=items or ("CONVERSATIONS_STARTED",),
            start=end - timedelta(days=days),
            end=end,
            zone="UTC",
            grain=Grain.DAY,
        )
        platforms = list(context.platforms.values())
        return asyncio.get_running_loop().create_task(measure(context, request, platforms))


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def _all(port: Slow, asked: Sequence[Awaitable[MeasureAnswer]]) -> list[MeasureAnswer]:
    await settle()
    port.let.set()
    return list(await asyncio.gather(*asked))


async def test_a_part_of_what_another_is_fetching_costs_no_call() -> None:
    port = Slow()
    clients = Clients(port)
    month = clients.ask(30)
    await settle()

    first, second = await _all(port, [month, clients.ask(7)])

    assert len(port.calls) == 1
    assert [one.value for one in (*first.series, *second.series)] == [30.0, 7.0]
    assert [one.sources[0].calls for one in (first, second)] == [1, 0]


async def test_where_a_call_is_needed_anyway_nobody_waits() -> None:
    port = Slow()
    clients = Clients(port)
    week = clients.ask(7)
    await settle()

    month = await clients.ask(30)
    port.let.set()

    assert not await _value(week) - 7.0
    assert month.series[0].value == 30.0
    assert len(port.calls) == 2


async def _value(asked: Awaitable[MeasureAnswer]) -> float:
    return (await asked).series[0].value or 0.0


async def test_what_another_failed_to_fetch_is_asked_for_itself() -> None:
    port = Slow()
    port.fails_first = PlatformServerError("down", platform="one")
    clients = Clients(port)
    month = clients.ask(30)
    await settle()

    first, second = await _all(port, [month, clients.ask(7)])

    assert first.failures
    assert second.series[0].value == 7.0
    assert len(port.calls) == 2


async def test_who_has_little_time_does_not_outstay_it() -> None:
    port = Slow()
    clients = Clients(port)
    month = clients.ask(30)
    await settle()

    hurried = await clients.ask(7, seconds=0.05)
    port.let.set()
    await month

    assert hurried.failures or hurried.series[0].value == 7.0


async def test_nobody_waits_for_who_went_away_at_whatever_moment() -> None:
    for moment in range(20):
        port = Slow()
        port.let.set()
        clients = Clients(port)
        month = clients.ask(30)
        for _ in range(moment):
            await asyncio.sleep(0)
        month.cancel()
        await asyncio.gather(month, return_exceptions=True)
        await settle()

        assert (await clients.ask(7, seconds=5.0)).series[0].value == 7.0, moment


async def test_other_figures_are_not_waited_for() -> None:
    port = Slow()
    clients = Clients(port)
    month = clients.ask(30)
    await settle()

    other = await clients.ask(7, "OCCUPIED_TIME")
    port.let.set()

    assert other.series[0].value == 7 * 60.0
    assert (await month).series[0].value == 30.0
    assert len(port.calls) == 2
