"""What was told as final never changes, though figures arrive late, and what changes was not final.

The clock is ours: every vendor's simulator tells what is known at that moment, and each question is
asked anew, of an empty cache and of one that has been kept since the beginning.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from tests.fakes import FakeCache, FakeClock, Tasks, context_of
from tests.reference.serving import platforms, served
from tests.simulators import VENDORS

from resolvers.context import Limits
from resolvers.indicators import measure
from resolvers.planner.request import MeasureRequest
from resolvers.planner.series import MeasureAnswer
from vendors.buckets import floor_to, zone
from vendors.measures import Dimension, Grain, Measurables
from vendors.port import Platform
from vendors.world import World

# On the day before, at one o'clock, the clocks of Europe went back, or forward.
AUTUMN = datetime(2025, 10, 27, 16, 17, 17, tzinfo=UTC)
SPRING = datetime(2026, 3, 30, 15, 47, 41, tzinfo=UTC)
PLACES = (("Europe/Paris", AUTUMN), ("Asia/Kolkata", SPRING))
STEPS = (0.0, 0.4, 1.2, 3.0)
"""When it is asked, in settling times."""
UTC_ = zone("UTC")
pytestmark = pytest.mark.timeout(180)
MANY = Limits(most_calls=100_000)

Place = tuple[str, tuple[str, ...], Grain, datetime, datetime]
"""Item, group, size and bounds of a value."""


@dataclass
class Told:
    """What has been told so far."""

    final: dict[Place, float | None] = field(default_factory=dict)
    open: dict[Place, float | None] = field(default_factory=dict)
    broken: list[tuple[Place, float | None, float | None]] = field(default_factory=list)
    changed: set[Place] = field(default_factory=set)

    def hear(self, answer: MeasureAnswer, grain: Grain) -> None:
        """Compare with what was told before, and remember."""
        for place, value, final in values(answer, grain):
            if place in self.final and self.final[place] != value:
                self.broken.append((place, self.final[place], value))
            if place in self.open and self.open[place] != value:
                self.changed.add(place)
            (self.final if final else self.open)[place] = value


def values(answer: MeasureAnswer, grain: Grain) -> Iterator[tuple[Place, float | None, bool]]:
    """Yield every bucket's value, and whether it is told as final."""
    for series in answer.series:
        group = tuple(member.id for member in series.group)
        for (start, end), amount, final in zip(
            series.buckets, series.amounts, series.final, strict=True
        ):
            yield (series.item, group, grain, start, end), amount.value, final


def settling_of(tables: Measurables) -> timedelta:
    """Return the shortest time within which the platform says that its figures settle."""
    return min(one.settling for one in tables.sources.values() if not one.snapshot)


def requests(
    platform: Platform, where: str, now: datetime, *, native: bool
) -> Iterator[MeasureRequest]:
    """Yield questions about the last days and hours, and those in which the clocks changed."""
    assert platform.measures is not None
    tables = platform.measures.measurables
    own = [
        f"{platform.vendor}.{name}"
        for name, figure in tables.figures.items()
        if not tables.sources[figure.source].snapshot
    ]
    tonight = floor_to("day", now, zone(where)) + timedelta(days=1)
    canonical = tuple(tables.indicators)
    midnight = floor_to("day", now, UTC_) - timedelta(days=1)
    asked = (
        (canonical, tonight - timedelta(hours=13), tonight, Grain.HOUR, ()),
        (canonical, midnight, midnight + timedelta(hours=3), Grain.HOUR, ()),
        (canonical, tonight - timedelta(days=3), tonight, Grain.DAY, (Dimension.AGENT,)),
        (canonical, tonight - timedelta(days=4), tonight, Grain.DAY, ()),
        *(((name,), tonight - timedelta(days=2), tonight, Grain.DAY, ()) for name in own if native),
    )
    for items, start, end, grain, group_by in asked:
        yield MeasureRequest(
            items=items, start=start, end=end, zone=where, grain=grain, group_by=group_by
        )


async def heard(
    platform: Platform,
    asked: Sequence[MeasureRequest],
    clock: FakeClock,
    cache: FakeCache,
) -> list[MeasureAnswer]:
    """Return the answers of now; what was fetched behind them is waited for."""
    answers = []
    for request in asked:
        tasks = Tasks()
        context = context_of(
            platform, clock=clock, cache=cache, tasks=tasks, limits=MANY, seconds=50.0
        )
        answers.append(await measure(context, request, [platform]))
        await tasks.done()
        assert answers[-1].failures == ()
    return answers


async def told_over_time(
    vendor: str, where: str, start: datetime, part: float, *, native: bool = False
) -> Told:
    """Ask again and again, with figures that are late by up to that part of the settling time.

    What the kept cache answers as final must be what the vendor says.
    """
    clock, told = FakeClock(start), Told()
    settling = await declared(vendor, clock)
    kept = FakeCache(clock)
    with served(World(clock=clock.now, late=part * settling), vendor) as tables:
        async with platforms(tables, clock) as opened:
            platform = opened[vendor]
            asked = list(requests(platform, where, start, native=native))
            for step in STEPS:
                clock.moment = start + step * settling
                fresh = await heard(platform, asked, clock, FakeCache(clock))
                again = await heard(platform, asked, clock, kept)
                for request, new, old in zip(asked, fresh, again, strict=True):
                    told.hear(new, request.grain)
                    known = {place: value for place, value, _ in values(new, request.grain)}
                    told.broken += [
                        (place, value, known[place])
                        for place, value, final in values(old, request.grain)
                        if final and value != known[place]
                    ]
    return told


async def declared(vendor: str, clock: FakeClock) -> timedelta:
    """Return the shortest settling time that a platform of the vendor declares."""
    with served(World(clock=clock.now), vendor) as tables:
        async with platforms(tables, clock) as opened:
            port = opened[vendor].measures
            assert port is not None
            return settling_of(port.measurables)


@pytest.mark.parametrize(("where", "start"), PLACES, ids=[where for where, _ in PLACES])
@pytest.mark.parametrize("vendor", VENDORS)
async def test_what_is_final_never_changes(vendor: str, where: str, start: datetime) -> None:
    native = start == AUTUMN
    told = await told_over_time(vendor, where, start, part=0.5, native=native)

    assert told.final
    assert told.changed
    assert told.broken == []


@pytest.mark.parametrize("vendor", VENDORS)
async def test_what_is_later_than_declared_changes_what_was_final(vendor: str) -> None:
    """The test above can fail: a platform that declares too little is found out."""
    where, start = PLACES[0]

    told = await told_over_time(vendor, where, start, part=2.5)

    assert told.broken
