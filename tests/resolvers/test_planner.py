"""The planner: what it asks, what it keeps, and what it says of platforms that fail."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from math import ceil

import msgspec
import pytest
from tests.fakes import NOW, FakeCache, FakeClock, Tasks, context_of, platform_of
from tests.resolvers.measuring import (
    AGENTS,
    Event,
    Measuring,
    source_of,
)

from resolvers.combining import combined
from resolvers.context import Limits, RequestContext
from resolvers.indicators import measure
from resolvers.outcomes import Freshness
from resolvers.planner.request import MeasureRequest
from resolvers.planner.series import MeasureAnswer
from resolvers.planner.slots import asked_buckets, windows
from vendors.buckets import Span, zone
from vendors.errors import (
    PlatformAuthError,
    PlatformServerError,
    PlatformTimeoutError,
    TooComplexError,
)
from vendors.measures import Dimension, Grain


async def _ask(context: RequestContext, request: MeasureRequest) -> MeasureAnswer:
    return await measure(context, request, list(context.platforms.values()))


def _run(port: Measuring, request: MeasureRequest) -> MeasureAnswer:
    platform = platform_of("one", measures=port)

    async def ask() -> MeasureAnswer:
        return await _ask(context_of(platform, limits=Limits(most_calls=100_000)), request)

    return asyncio.run(ask())


def _days(count: int, *items: str, group_by: tuple[Dimension, ...] = ()) -> MeasureRequest:
    midnight = NOW.replace(hour=0, minute=0)
    return MeasureRequest(
        items=items,
        start=midnight - timedelta(days=count - 1),
        end=midnight + timedelta(days=1),
        zone="UTC",
        grain=Grain.DAY,
        group_by=group_by,
    )


@pytest.mark.parametrize("per_call", [1, 2, None])
@pytest.mark.parametrize("days", [2, 7, 31, 90])
def test_calls_are_the_fewest(per_call: int | None, days: int) -> None:
    """Buckets: as many calls as windows and handfuls of figures, or as buckets, if fewer."""
    port = Measuring([], source_of(figures_per_bucketed_call=per_call))
    request = _days(days, "CONVERSATIONS_STARTED", "HANDLE_TIME", "SATISFACTION_RATE")

    _run(port, request)

    slots = asked_buckets(Grain.DAY, request.start, request.end, zone("UTC")).slots
    runs = len(windows(slots, Span(days=31), zone("UTC")))
    # contacts, duration, answered
    assert len(port.calls) == min(runs * ceil(3 / (per_call or 3)), days)


async def test_an_hour_later_only_what_can_change_is_asked() -> None:
    clock = FakeClock()
    cache = FakeCache(clock)
    port = Measuring([], source_of(grains={Grain.DAY: None}, settling=timedelta(minutes=5)))
    platform = platform_of("one", measures=port)
    request = _days(90, "CONVERSATIONS_STARTED")
    await _ask(context_of(platform, clock=clock, cache=cache), request)
    clock.pass_(hours=1)

    await _ask(context_of(platform, clock=clock, cache=cache), request)

    assert [call.start for call in port.calls[1:]] == [NOW.replace(hour=0, minute=0)]


async def test_aliases_and_fields_of_one_operation_share_calls() -> None:
    port = Measuring([], source_of())
    context = context_of(platform_of("one", measures=port))
    platforms = list(context.platforms.values())

    await asyncio.gather(
        measure(context, _days(7, "CONVERSATIONS_STARTED"), platforms),
        measure(context, _days(7, "CONVERSATIONS_STARTED", "HANDLE_TIME"), platforms),
        measure(context, _days(31, "HANDLE_TIME"), platforms),
    )

    assert len(port.calls) == 1


async def test_operations_at_once_share_a_flight() -> None:
    clock = FakeClock()
    cache = FakeCache(clock)
    port = Measuring([], source_of())
    first = context_of(platform_of("one", measures=port), clock=clock, cache=cache)
    request = _days(7, "CONVERSATIONS_STARTED")
    others = [RequestContext(first.services, first.principal, first.call) for _ in range(20)]

    await asyncio.gather(*(_ask(context, request) for context in others))

    assert len(port.calls) == 1


async def test_all_agents_are_one_call() -> None:
    port = Measuring([], source_of())
    request = _days(1, "CONVERSATIONS_STARTED", group_by=(Dimension.AGENT,))

    answer = await _ask(context_of(platform_of("one", measures=port)), request)

    assert len(port.calls) == 1
    assert [series.group[0].id for series in answer.series] == list(AGENTS)


async def test_a_failure_costs_its_own_platform_only() -> None:
    good = Measuring([Event(NOW, "chat", "ann", 60, answered=True)], source_of())
    bad = Measuring([], source_of(), key="two")
    bad.fails = PlatformTimeoutError(platform="two")
    context = context_of(platform_of("one", measures=good), platform_of("two", measures=bad))
    context.clock.pass_(minutes=1)  # type: ignore[attr-defined]  # it is the fake clock

    answer = await _ask(context, _days(1, "CONVERSATIONS_STARTED"))

    assert {series.platform: series.value for series in answer.series} == {"one": 1, "two": None}
    assert [(one.platform, one.code) for one in answer.failures] == [("two", "PLATFORM_TIMEOUT")]
    assert {one.platform: one.freshness for one in answer.sources} == {
        "one": Freshness.LIVE,
        "two": Freshness.FAILED,
    }
    (across,) = combined(answer.series)
    assert (across.value, across.platforms) == (1, ("one",))


async def test_stale_stands_in_for_a_platform_that_fails() -> None:
    clock = FakeClock()
    cache = FakeCache(clock)
    port = Measuring([Event(NOW, "chat", "ann", 60, answered=True)], source_of())
    platform = platform_of("one", measures=port)
    request = _days(1, "CONVERSATIONS_STARTED")
    clock.pass_(minutes=1)
    await _ask(context_of(platform, clock=clock, cache=cache), request)
    clock.pass_(minutes=30)
    port.fails = PlatformServerError(platform="one")

    answer = await _ask(context_of(platform, clock=clock, cache=cache), request)

    assert [series.value for series in answer.series] == [1]
    assert [(one.code, one.stale_age_seconds) for one in answer.failures] == [
        ("PLATFORM_ERROR", 1800.0)
    ]
    assert [one.freshness for one in answer.sources] == [Freshness.STALE]
    assert answer.sources[0].as_of == clock.now() - timedelta(minutes=30)


async def test_stale_never_stands_in_where_access_was_withdrawn() -> None:
    clock = FakeClock()
    cache = FakeCache(clock)
    port = Measuring([], source_of())
    platform = platform_of("one", measures=port)
    request = _days(1, "CONVERSATIONS_STARTED")
    await _ask(context_of(platform, clock=clock, cache=cache), request)
    clock.pass_(minutes=30)
    port.fails = PlatformAuthError(platform="one")

    answer = await _ask(context_of(platform, clock=clock, cache=cache), request)

    assert [one.code for one in answer.failures] == ["PLATFORM_AUTH"]
    assert [series.value for series in answer.series] == [None]


async def test_a_little_past_fresh_is_served_while_it_is_refreshed() -> None:
    clock = FakeClock()
    cache = FakeCache(clock)
    tasks = Tasks()
    port = Measuring([], source_of(fresh_for=timedelta(seconds=60)))
    platform = platform_of("one", measures=port)
    request = _days(1, "CONVERSATIONS_STARTED")
    await _ask(context_of(platform, clock=clock, cache=cache), request)
    clock.pass_(seconds=75)

    answer = await _ask(context_of(platform, clock=clock, cache=cache, tasks=tasks), request)

    assert answer.sources[0].freshness is Freshness.STALE
    assert answer.sources[0].calls == 0
    await tasks.done()
    assert len(port.calls) == 2
    again = await _ask(context_of(platform, clock=clock, cache=cache), request)
    assert again.sources[0].freshness is Freshness.CACHED


async def test_too_many_calls_are_refused_before_the_first() -> None:
    port = Measuring([], source_of(grains={}))
    context = context_of(platform_of("one", measures=port), limits=Limits(most_calls=30))

    with pytest.raises(TooComplexError) as refused:
        await _ask(context, _days(31, "CONVERSATIONS_STARTED"))

    assert refused.value.extensions == {"calls": 31, "callLimit": 30}
    assert port.calls == []


async def test_the_future_is_not_asked_and_not_zero() -> None:
    port = Measuring([], source_of())
    request = MeasureRequest(
        items=("CONVERSATIONS_STARTED",),
        start=NOW.replace(hour=0, minute=0),
        end=NOW.replace(hour=0, minute=0) + timedelta(days=3),
        zone="UTC",
        grain=Grain.DAY,
    )

    answer = await _ask(context_of(platform_of("one", measures=port)), request)

    assert [amount.value for amount in answer.series[0].amounts] == [0, None, None]
    assert max(call.end for call in port.calls) <= request.start + timedelta(days=1)


async def test_a_period_to_come_is_not_asked_and_says_so() -> None:
    port = Measuring([], source_of())
    request = msgspec.structs.replace(
        _days(1, "CONVERSATIONS_STARTED"),
        start=NOW + timedelta(days=1),
        end=NOW + timedelta(days=2),
    )

    answer = await _ask(context_of(platform_of("one", measures=port)), request)

    (source,) = answer.sources
    assert (source.freshness, source.calls, source.as_of) == (Freshness.CACHED, 0, None)
    assert source.note == "The period has not begun: nothing was asked."
    assert [one.value for one in answer.series] == [None]
    assert port.calls == []


async def test_presence_is_not_added_over_channels() -> None:
    port = Measuring([], source_of(always_by=Dimension.CHANNEL))

    answer = await _ask(context_of(platform_of("one", measures=port)), _days(1, "OCCUPIED_TIME"))

    assert answer.series[0].value is None
    assert answer.series[0].note == "Its values for each CHANNEL overlap and cannot be added."
    assert answer.sources[0].freshness is Freshness.UNSUPPORTED
    assert port.calls == []


async def test_two_credentials_never_share_a_value() -> None:
    clock = FakeClock()
    cache = FakeCache(clock)
    mine = Measuring([Event(NOW, "chat", "ann", 60, answered=True)], source_of())
    theirs = Measuring([], source_of())
    clock.pass_(minutes=1)
    request = _days(1, "CONVERSATIONS_STARTED")
    own = platform_of("one", measures=mine)
    other = platform_of("one", measures=theirs)
    object.__setattr__(other, "credential", "another")

    for platform, expected in [(own, 1), (other, 0)] * 5:
        answer = await _ask(context_of(platform, clock=clock, cache=cache), request)
        assert answer.series[0].value == expected
