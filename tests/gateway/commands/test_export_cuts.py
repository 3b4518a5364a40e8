"""Cut equals uncut: windows change no row of measured values, whatever the vendor can be asked."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from math import isclose

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fakes import FakeClock, context_of, platform_of
from tests.resolvers.measuring import Event, Measuring, source_of
from tests.resolvers.test_planner_reference import (
    BEGIN,
    OWN_GRAINS,
    ZONES,
    events,
    requests,
    sources,
)

from gateway.commands.export.windows import windows_of
from resolvers.context import Limits
from resolvers.periods import Period
from resolvers.planner.request import MeasureRequest
from resolvers.rows.columns import Row
from resolvers.rows.indicators import INDICATORS
from resolvers.rows.table import RowRequest, read_all
from vendors.measures import Grain, Partition, Source

NOW = datetime(2026, 6, 15, tzinfo=UTC)
KEYS = (
    "CONVERSATIONS_STARTED",
    "HANDLE_TIME",
    "SATISFACTION_RATE",
    "OCCUPIED_TIME",
    "CONVERSATIONS_UNANSWERED",
    "MESSAGES_SENT",
)
SHORTEST = {Grain.HOUR: "day", Grain.DAY: "day", Grain.WEEK: "week", Grain.MONTH: "month"}


def _rows(port: Measuring, requests: Sequence[RowRequest]) -> list[Row]:
    platform = platform_of("one", measures=port)

    async def read() -> list[Row]:
        context = context_of(platform, limits=Limits(most_calls=1_000_000))
        return [
            row
            for request in requests
            async for page in read_all(INDICATORS, context, request)
            for row in page.rows
        ]

    return asyncio.run(read())


def _asked(request: MeasureRequest, start: datetime, end: datetime) -> RowRequest:
    return RowRequest(
        period=Period(start, end, request.zone, f"{start}/{end}"),
        arguments={
            "keys": KEYS,
            "bucket": (request.grain.value,),
            "channel": tuple(one.value for one in request.channels),
        },
    )


@settings(max_examples=300)
@given(
    happened=events(),
    source=sources(),
    zones=st.lists(st.sampled_from(ZONES), min_size=1, max_size=2),
    request=requests().filter(lambda one: one.grain in OWN_GRAINS),
)
def test_rows_of_windows_are_those_of_the_whole(
    happened: list[Event], source: Source, zones: list[str], request: MeasureRequest
) -> None:
    keys = ("fr", "uk")[: len(zones)]
    parts = tuple(Partition(key=key, time_zone=one) for key, one in zip(keys, zones, strict=True))
    port = Measuring([one for one in happened if one.site in keys], source, partitions=parts)
    whole = _asked(request, request.start, request.end)
    windows = windows_of(INDICATORS, whole, NOW, SHORTEST.get(request.grain))

    read = _rows(port, [_asked(request, *one) for one in windows])
    expected = _rows(port, [whole])

    assert len(read) == len(expected)
    for one, other in zip(sorted(read, key=_key), sorted(expected, key=_key), strict=True):
        assert len(one) == len(other)
        same = all(map(_same, one, other))
        assert same or _is_refused(other), (one, other)


def test_what_is_the_state_now_is_noted_alike_whenever_the_period_ends() -> None:
    port = Measuring([], source_of(snapshot=True))
    request = MeasureRequest(items=(), start=BEGIN, end=BEGIN, zone="UTC", grain=Grain.DAY)
    over = _asked(request, BEGIN, BEGIN + timedelta(days=1))
    present = _asked(request, FakeClock().now() - timedelta(days=1), FakeClock().now())
    notes = [
        {row[INDICATORS.names.index("note")] for row in _rows(port, [one])}
        for one in (over, present)
    ]
    assert notes[0] == notes[1]
    assert "It is the state now and has no buckets." in notes[0]


def _is_refused(row: Row) -> bool:
    """Return whether the platform could not be asked because of some other bucket."""
    note = str(row[INDICATORS.names.index("note")])
    return row[INDICATORS.names.index("value")] is None and note.startswith("It cannot be had by")


def _key(row: Row) -> tuple[str, ...]:
    return tuple(map(str, INDICATORS.key_of(row)))


def _same(one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    return one == other
