"""All vendors at once, asked through the gateway and beside it, for as long as a test runs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import msgspec
from tests.fakes import FakeCache, FakeClock, context_of
from tests.reference.asking import Asker
from tests.reference.comparing import Tally, compare
from tests.reference.questions import Choices, Question
from tests.reference.serving import platforms, served

from resolvers.context import Limits
from resolvers.indicators import measure
from resolvers.planner.request import MeasureRequest
from resolvers.planner.series import MeasureAnswer
from vendors.calls import Call
from vendors.measures import Dimension, Grain, MeasureCall
from vendors.port import Platform
from vendors.world import World

__all__ = ["House", "opened_house"]

_MANY = Limits(most_calls=100_000)
_PACING = {"calls_per_second": 250}
"""The simulators share the machine with all that asks them."""
_LEARNING = timedelta(days=40)
_LEARNED_AT = datetime(2026, 2, 1, tzinfo=UTC)


class _HastyClock:
    """Goes on twenty times as fast: what vendors allow in a minute is asked in seconds."""

    def __init__(self) -> None:
        self._since = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self._since + (datetime.now(UTC) - self._since) * 20


class House:
    """The platforms of one world, and what has been asked of them so far."""

    def __init__(self, opened: dict[str, Platform], choices: Choices) -> None:
        self.choices = choices
        self.tally = Tally()
        self._opened = opened
        self._askers = {key: Asker(platform) for key, platform in opened.items()}
        self._clock = FakeClock(datetime.now(UTC))
        self._kept = FakeCache(self._clock)

    @property
    def plain_calls(self) -> int:
        """Return how many different plain questions were put to the vendors."""
        return sum(asker.calls for asker in self._askers.values())

    async def ask(
        self,
        request: MeasureRequest,
        keys: Sequence[str],
        *,
        kept: bool = False,
        beside: Grain | None = None,
    ) -> MeasureAnswer:
        """Ask the gateway, of an empty cache or of one that is kept, alone or with another."""
        context = context_of(
            *self._opened.values(),
            clock=self._clock,
            cache=self._kept if kept else FakeCache(self._clock),
            limits=_MANY,
            seconds=50.0,
        )
        asked = [self._opened[key] for key in keys]
        grains = dict.fromkeys([request.grain, beside or request.grain])
        answer, *_ = await asyncio.gather(
            *(
                measure(context, msgspec.structs.replace(request, grain=grain), asked)
                for grain in grains
            )
        )
        return answer

    async def check(self, question: Question) -> Tally:
        """Ask the gateway and compare; count in all what came of it."""
        answer = await self.ask(
            question.request, question.platforms, kept=question.kept, beside=question.beside
        )
        failed = [f"{one.platform} failed: {one.code}" for one in answer.failures]
        if failed:
            found = Tally(different=failed)
        else:
            found = await compare(answer, [self._askers[key] for key in question.platforms])
        self.tally.add(found)
        return found


@contextmanager
def opened_house() -> Iterator[tuple[House, asyncio.Runner]]:
    """Serve every vendor's simulator, and yield what asks them, with the loop to ask in."""
    with served(World(clock=_HastyClock())) as tables, asyncio.Runner() as runner:
        hurried = {vendor: {**table, "pacing": _PACING} for vendor, table in tables.items()}
        opening = platforms(hurried, FakeClock(datetime.now(UTC)))
        opened = runner.run(opening.__aenter__())
        try:
            yield House(opened, runner.run(_choices(opened))), runner
        finally:
            runner.run(opening.__aexit__(None, None, None))


async def _choices(opened: dict[str, Platform]) -> Choices:
    tables, members = {}, {}
    for key, platform in opened.items():
        port = platform.measures
        assert port is not None
        tables[key] = port.measurables
        members[key] = {one: await _members(platform, one) for one in Dimension}
    return Choices(tables, members)


async def _members(platform: Platform, dimension: Dimension) -> list[str]:
    """Return the members that can be named, else those that some answer tells of."""
    port = platform.measures
    assert port is not None
    found = {one.id for one in await port.members(dimension, Call.within(50.0))}
    if found or dimension is Dimension.PLATFORM:
        return sorted(found)
    for figure in port.measurables.figures.values():
        source = port.measurables.sources[figure.source]
        if dimension in source.groupings and not source.snapshot:
            filters: tuple[tuple[Dimension, tuple[str, ...]], ...] = ()
            if source.always_by is not None:
                word = (await port.members(source.always_by, Call.within(50.0)))[0].id
                filters = ((source.always_by, (word,)),)
            call = MeasureCall(
                source=source.name,
                figures=(figure.name,),
                start=_LEARNED_AT,
                end=_LEARNED_AT + _LEARNING,
                zone="UTC",
                grain=Grain.TOTAL,
                group_by=(dimension,),
                filters=filters,
                partition=port.measurables.partitions[0].key,
            )
            return sorted({one.group[0] for one in await port.measure(call, Call.within(50.0))})
    return []
