"""The planner against a reference that asks bucket by bucket, over all kinds of vendors."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import ceil, isclose

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.fakes import NOW, FakeCache, FakeClock, Tasks, context_of, platform_of
from tests.resolvers.measuring import (
    AGENTS,
    CHANNELS,
    Event,
    Measuring,
    chosen,
    reference,
    source_of,
)

from resolvers.context import Limits, RequestContext
from resolvers.indicators import combined, measure
from resolvers.outcomes import Freshness
from resolvers.planner.periods import asked_slots, windows
from resolvers.planner.request import MeasureRequest
from resolvers.planner.series import MeasureAnswer, Series
from vendors.buckets import Span, is_sharp, zone
from vendors.errors import (
    PlatformAuthError,
    PlatformServerError,
    PlatformTimeoutError,
    TooComplexError,
)
from vendors.measures import Dimension, Grain, Grouping, Partition, Source, Zoning
from vendors.records import Channel

ZONES = ("UTC", "Europe/Paris", "Asia/Kolkata", "America/St_Johns")
ITEMS = (
    "CONVERSATIONS_STARTED",
    "HANDLE_TIME",
    "SATISFACTION_RATE",
    "OCCUPIED_TIME",
    "CONVERSATIONS_UNANSWERED",
    "fake.longest",
    "fake.answer_rate",
    "fake.duration",
)
# Around both changes to and from summer time in Europe.
BEGIN = datetime(2025, 10, 20, tzinfo=UTC)

_SHORT = {
    Span(hours=24): {Grain.HOUR},
    Span(days=2): {Grain.HOUR, Grain.DAY},
    Span(days=31): {Grain.HOUR, Grain.DAY, Grain.WEEK},
}
"""Windows that hold buckets of some sizes only."""
_SPANS = (None, *_SHORT, Span(months=25))
_PAIR = (Dimension.AGENT, Dimension.CHANNEL)
_BOTH = frozenset(_PAIR)


@st.composite
def sources(draw: st.DrawFn) -> Source:
    """Return a vendor's only source, with limits of all kinds."""
    grains = draw(st.sets(st.sampled_from([one for one in Grain if one is not Grain.TOTAL])))
    has_total = draw(st.booleans()) or not grains
    always = draw(st.sampled_from([None, Dimension.CHANNEL]))
    channel = Grouping.EACH if always else draw(st.sampled_from(list(Grouping)))
    agent = draw(st.sampled_from(list(Grouping)))
    if Grouping.LISTED is agent is channel:
        # One call names the members of one dimension.
        channel = Grouping.ALL
    return Source(
        name="only",
        endpoint="measure",
        grains={
            grain: draw(
                st.sampled_from([s for s in _SPANS if s is None or s.months or grain in _SHORT[s]])
            )
            for grain in sorted(grains)
        },
        has_total=has_total,
        total=draw(st.sampled_from([None, Span(months=3), Span(days=9)])),
        figures_per_bucketed_call=draw(st.sampled_from([None, 1, 2])),
        zoning=draw(st.sampled_from(list(Zoning))),
        groupings={Dimension.AGENT: agent, Dimension.CHANNEL: channel},
        grouped_grains=draw(st.sampled_from([None, frozenset[Grain]()])),
        always_by=always,
        several_at_once=draw(st.frozensets(st.sampled_from([Dimension.AGENT]))),
        filters=draw(st.sampled_from([None, frozenset[Dimension](), _BOTH])),
        group_pairs=draw(
            st.sampled_from(
                [frozenset[tuple[Dimension, Dimension]](), frozenset({_PAIR, _PAIR[::-1]})]
            )
        ),
    )


@st.composite
def events(draw: st.DrawFn) -> list[Event]:
    """Return some contacts around a change from summer time."""
    minutes = draw(st.lists(st.integers(0, 21 * 24 * 60), max_size=30))
    return [
        Event(
            at=BEGIN + timedelta(minutes=minute),
            channel=draw(st.sampled_from(sorted(CHANNELS))),
            agent=draw(st.sampled_from(AGENTS)),
            seconds=draw(st.integers(1, 900)),
            answered=draw(st.booleans()),
            site=draw(st.sampled_from(["fr", "uk"])),
        )
        for minute in sorted(minutes)
    ]


@st.composite
def requests(draw: st.DrawFn) -> MeasureRequest:
    """Return a request of any size that a hand would ask, not aligned to anything."""
    start = BEGIN + timedelta(minutes=draw(st.integers(0, 14 * 24 * 4)) * 15)
    grain = draw(st.sampled_from(list(Grain)))
    longest = 3 * 24 if grain is Grain.HOUR else 14 * 24
    end = start + timedelta(minutes=15 * draw(st.integers(1, longest * 4)))
    return MeasureRequest(
        items=tuple(draw(st.lists(st.sampled_from(ITEMS), min_size=1, max_size=4, unique=True))),
        start=start,
        end=end,
        zone=draw(st.sampled_from(ZONES)),
        grain=grain,
        group_by=draw(
            st.sampled_from([(), (Dimension.AGENT,), (Dimension.CHANNEL,), _PAIR, _PAIR[::-1]])
        ),
        filters=draw(
            st.sampled_from(
                [(), ((Dimension.AGENT, ("ann", "cem")),), ((Dimension.AGENT, ("bob",)),)]
            )
        ),
        channels=draw(st.sampled_from([(), (Channel.CHAT,), (Channel.EMAIL, Channel.CALL)])),
    )


async def _ask(context: RequestContext, request: MeasureRequest) -> MeasureAnswer:
    return await measure(context, request, list(context.platforms.values()))


def _run(port: Measuring, request: MeasureRequest) -> MeasureAnswer:
    platform = platform_of("one", measures=port)

    async def ask() -> MeasureAnswer:
        return await _ask(context_of(platform, limits=Limits(most_calls=100_000)), request)

    return asyncio.run(ask())


@settings(max_examples=500)
@given(events(), sources(), st.lists(st.sampled_from(ZONES), min_size=1, max_size=2), requests())
def test_every_value_is_the_reference_value(
    happened: list[Event], source: Source, zones: list[str], request: MeasureRequest
) -> None:
    keys = ("fr", "uk")[: len(zones)]
    parts = tuple(Partition(key=key, time_zone=one) for key, one in zip(keys, zones, strict=True))
    happened = [event for event in happened if event.site in keys]
    port = Measuring(happened, source, partitions=parts)

    answer = _run(port, request)

    for series in answer.series:
        _check_series(series, happened, request)


def _check_series(series: Series, happened: list[Event], request: MeasureRequest) -> None:
    if series.note and all(amount.value is None for amount in series.amounts):
        return
    members = {member.dimension: (member.id,) for member in series.group}
    allowed = request.filtered(Dimension.AGENT) or AGENTS
    if Dimension.AGENT in members:
        assert members[Dimension.AGENT][0] in allowed
    words = [
        word for word, one in CHANNELS.items() if one in (request.channels or CHANNELS.values())
    ]
    if Dimension.CHANNEL in members:
        assert members[Dimension.CHANNEL][0] in words
    kept = [event for event in happened if event.agent in allowed and event.channel in words]
    for (start, end), amount in zip(series.buckets, series.amounts, strict=True):
        _same(amount.value, reference(series.item, chosen(kept, start, end, members)))
    if series.value is not None or series.note is None:
        whole = chosen(kept, request.start, request.end, members)
        _same(series.value, reference(series.item, whole))


def _anywhere(happened: list[Event]) -> list[Event]:
    return [replace(event, site="") for event in happened]


def _same(value: float | None, expected: float | None) -> None:
    if expected is None or value is None:
        assert value == expected
    else:
        assert isclose(value, expected, rel_tol=1e-9, abs_tol=1e-9)


@settings(max_examples=150)
@given(events(), sources(), st.sampled_from(ZONES), requests())
def test_what_adds_up_is_never_missing(
    happened: list[Event], source: Source, account_zone: str, request: MeasureRequest
) -> None:
    """Whatever the limits: if a call can be made at all, what adds up is answered."""
    if not source.has_total or (source.total and source.total != Span(months=3)):
        return
    if source.zoning is Zoning.PARTITION and not all(
        is_sharp(edge, zone(account_zone)) for edge in (request.start, request.end)
    ):
        return
    request = MeasureRequest(
        items=("CONVERSATIONS_STARTED", "HANDLE_TIME"),
        start=request.start,
        end=request.end,
        zone=request.zone,
        grain=request.grain,
    )

    happened = _anywhere(happened)

    answer = _run(Measuring(happened, source, time_zone=account_zone), request)

    assert {series.item for series in answer.series} == set(request.items)
    for series in answer.series:
        assert series.note is None
        whole = chosen(happened, request.start, request.end, {})
        _same(series.value, reference(series.item, whole))


@settings(max_examples=150)
@given(events(), sources(), st.sampled_from(ZONES), requests())
def test_the_same_question_costs_nothing_twice(
    happened: list[Event], source: Source, account_zone: str, request: MeasureRequest
) -> None:
    port = Measuring(_anywhere(happened), source, time_zone=account_zone)
    platform = platform_of("one", measures=port)
    clock = FakeClock()
    cache = FakeCache(clock)

    async def ask_twice() -> tuple[MeasureAnswer, MeasureAnswer]:
        limits = Limits(most_calls=100_000)
        first = await _ask(context_of(platform, clock=clock, cache=cache, limits=limits), request)
        before = len(port.calls)
        again = await _ask(context_of(platform, clock=clock, cache=cache, limits=limits), request)
        assert len(port.calls) == before
        return first, again

    first, again = asyncio.run(ask_twice())
    assert first.series == again.series
    assert all(source.calls == 0 for source in again.sources)


@settings(max_examples=200)
@given(events(), sources(), st.sampled_from(ZONES), st.tuples(requests(), requests(), requests()))
def test_what_is_asked_together_costs_no_more_than_apart_and_is_the_same(
    happened: list[Event],
    source: Source,
    account_zone: str,
    asked: tuple[MeasureRequest, MeasureRequest, MeasureRequest],
) -> None:
    """Whatever is kept of an earlier question, and whichever buckets two questions share."""
    # Which figures best share a call is packing, where it takes several but not all.
    assume(source.figures_per_bucketed_call != 2)
    happened = _anywhere(happened)
    earlier, *together = asked
    port = Measuring(happened, source, time_zone=account_zone)
    platform = platform_of("one", measures=port)
    clock = FakeClock()
    cache = FakeCache(clock)
    limits = Limits(most_calls=100_000)

    async def ask() -> list[MeasureAnswer]:
        await _ask(context_of(platform, clock=clock, cache=cache, limits=limits), earlier)
        port.calls.clear()
        context = context_of(platform, clock=clock, cache=cache, limits=limits)
        return await asyncio.gather(*(_ask(context, request) for request in together))

    answers = asyncio.run(ask())

    for request, answer in zip(together, answers, strict=True):
        assert answer.failures == ()
        for series in answer.series:
            _check_series(series, happened, request)
    apart = [Measuring(happened, source, time_zone=account_zone) for _ in together]
    for alone, request in zip(apart, together, strict=True):
        _run(alone, request)
    assert len(port.calls) <= sum(len(alone.calls) for alone in apart)


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

    slots = asked_slots(Grain.DAY, request.start, request.end, zone("UTC"))
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
    assert answer.failures == ()
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
