"""The planner against a reference that asks bucket by bucket, over all kinds of vendors."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import isclose

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.fakes import FakeCache, FakeClock, context_of, platform_of
from tests.resolvers.measuring import (
    AGENTS,
    CHANNELS,
    Event,
    Measuring,
    chosen,
    reference,
)

from resolvers.context import Limits, RequestContext
from resolvers.indicators import measure
from resolvers.planner.request import MeasureRequest
from resolvers.planner.series import MeasureAnswer, Series
from resolvers.planner.slots import asked_buckets
from vendors.buckets import Span, is_sharp, zone
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
OWN_GRAINS = [one for one in Grain if one not in {Grain.TOTAL, Grain.HOUR_OF_DAY}]
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
    grains = draw(st.sets(st.sampled_from(OWN_GRAINS)))
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
    longest = 3 * 24 if grain in {Grain.HOUR, Grain.HOUR_OF_DAY} else 14 * 24
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
        check_series(series, happened, request)


def check_series(series: Series, happened: list[Event], request: MeasureRequest) -> None:
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
    for at, ((start, end), amount) in enumerate(zip(series.buckets, series.amounts, strict=True)):
        told = chosen(kept, start, end, members)
        if request.grain is Grain.HOUR_OF_DAY:
            where = zone(request.zone)
            if at not in _hours(request):
                assert amount.value is None
                continue
            told = [event for event in told if event.at.astimezone(where).hour == at]
        _same(amount.value, reference(series.item, told))
    if series.value is not None or series.note is None:
        whole = chosen(kept, request.start, request.end, members)
        _same(series.value, reference(series.item, whole))


def _hours(request: MeasureRequest) -> set[int]:
    """Return the hours of the day of which the period has a part."""
    quarters = (request.end - request.start) // timedelta(minutes=15)
    begun = [request.start + timedelta(minutes=15 * one) for one in range(quarters)]
    return {one.astimezone(zone(request.zone)).hour for one in begun}


def anywhere(happened: list[Event]) -> list[Event]:
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
    asked = asked_buckets(request.grain, request.start, request.end, zone(request.zone)).slots
    if source.zoning is Zoning.PARTITION and not all(
        is_sharp(edge, zone(account_zone)) for slot in asked for edge in slot
    ):
        return
    request = MeasureRequest(
        items=("CONVERSATIONS_STARTED", "HANDLE_TIME"),
        start=request.start,
        end=request.end,
        zone=request.zone,
        grain=request.grain,
    )

    happened = anywhere(happened)

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
    port = Measuring(anywhere(happened), source, time_zone=account_zone)
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
    happened = anywhere(happened)
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
            check_series(series, happened, request)
    apart = [Measuring(happened, source, time_zone=account_zone) for _ in together]
    for alone, request in zip(apart, together, strict=True):
        _run(alone, request)
    assert len(port.calls) <= sum(len(alone.calls) for alone in apart)
