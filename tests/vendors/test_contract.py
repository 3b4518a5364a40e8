"""What every vendor must hold to, each against its own simulator over real sockets.

A further vendor is found by the registry and run through all of this without an edit here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from math import isclose
from typing import Any

import pytest
from tests.fakes import FakeCache, context_of
from tests.simulators import VENDORS, opened, serving

from resolvers.context import Limits, RequestContext
from resolvers.indicators import measure
from resolvers.planner.request import MeasureRequest
from resolvers.planner.series import MeasureAnswer, Series
from vendors.buckets import local_midnight, zone
from vendors.calls import Call
from vendors.capabilities import Capability
from vendors.catalogue import CATALOGUE, IndicatorKey
from vendors.clock import SystemClock
from vendors.errors import PlatformAuthError
from vendors.http.health import HealthState
from vendors.measures import Dimension, Grain, Grouping, Merge
from vendors.port import ConversationQuery, Platform
from vendors.records import Conversation

# A day that is long over, and the days on which Europe's clocks change.
DAY = date(2026, 3, 4)
SHORT_DAY = date(2026, 3, 29)
LONG_DAY = date(2025, 10, 26)


@pytest.fixture(scope="module", params=VENDORS)
def vendor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def table(vendor: str) -> Iterator[Mapping[str, Any]]:
    with serving(vendor) as settings:
        yield settings


@pytest.fixture
async def platform(vendor: str, table: Mapping[str, Any]) -> AsyncIterator[Platform]:
    one = opened(vendor, table)
    yield one
    await one.close()


def _context(platform: Platform) -> RequestContext:
    clock = SystemClock()
    return context_of(
        platform,
        clock=clock,  # type: ignore[arg-type]  # any clock will do
        cache=FakeCache(clock),  # type: ignore[arg-type]  # as above
        limits=Limits(most_calls=10_000),
        seconds=60.0,
    )


async def _measured(platform: Platform, request: MeasureRequest) -> MeasureAnswer:
    answer = await measure(_context(platform), request, [platform])
    assert answer.failures == ()
    return answer


def _day(
    day: date,
    items: tuple[str, ...],
    grain: Grain = Grain.TOTAL,
    where: str = "Europe/Paris",
    **more: Any,  # noqa: ANN401 - members of the request
) -> MeasureRequest:
    start = local_midnight(day, zone(where))
    end = local_midnight(day + timedelta(days=1), zone(where))
    return MeasureRequest(items=items, start=start, end=end, zone=where, grain=grain, **more)


async def test_a_probe_finds_the_platform(platform: Platform) -> None:
    found = await platform.probe(Call.within(10))

    assert found.seconds > 0
    assert found.clock_skew_seconds is None or abs(found.clock_skew_seconds) < 5


async def test_a_wrong_credential_is_refused(vendor: str, table: Mapping[str, Any]) -> None:
    wrong = dict.fromkeys(_secrets(table), "wrong-credential")
    assert wrong
    platform = opened(vendor, table, **wrong)

    with pytest.raises(PlatformAuthError):
        await platform.probe(Call.within(10))
    await platform.close()


async def test_the_credential_shows_in_the_fingerprint_and_nowhere_else(
    vendor: str, table: Mapping[str, Any]
) -> None:
    secret = next(
        str(table[n])
        for n in table
        if n in {"api_key", "access_token", "client_secret", "password"}
    )
    one, same, other = (
        opened(vendor, table),
        opened(vendor, table),
        opened(vendor, {**table, **dict.fromkeys(_secrets(table), f"{secret}-2")}),
    )

    assert one.credential == same.credential != other.credential
    assert secret not in repr(one)
    for platform in (one, same, other):
        await platform.close()


def _secrets(table: Mapping[str, Any]) -> dict[str, str]:
    names = {"api_key", "access_token", "client_secret", "password"}
    return {name: str(value) for name, value in table.items() if name in names}


def test_capabilities_are_those_that_the_documents_offer(vendor: str, platform: Platform) -> None:
    offered = {
        "iadvize": set(Capability)
        - {Capability.EXPORTS, Capability.REQUEST_NPS_EXPORT, Capability.DRILL_THROUGH},
        "livechat": {Capability.AGENTS, Capability.MEASURES},
        "chattonic": {
            Capability.CONVERSATIONS,
            Capability.AGENTS,
            Capability.PRESENCE,
            Capability.MEASURES,
            Capability.CUSTOMERS,
            Capability.SKILLS,
            Capability.REQUEST_NPS_EXPORT,
        },
        "gnatta": {
            Capability.CONVERSATIONS,
            Capability.AGENTS,
            Capability.MEASURES,
            Capability.DRILL_THROUGH,
            Capability.EXPORTS,
        },
    }

    assert platform.capabilities == offered[vendor]


async def test_conversations_are_read_once_newest_first(platform: Platform) -> None:
    port = platform.conversations
    if port is None:
        pytest.skip("the vendor lists no conversations")
    start = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=2)
    end = start + timedelta(days=1)
    read: list[Conversation] = []
    after: str | None = None
    for _ in range(100):
        query = ConversationQuery(start=start, end=end, limit=23, after=after)
        page = await port.conversations(query, Call.within(30))
        assert len(page.items) == len(page.positions)
        read += page.items
        if not page.has_more:
            break
        after = page.positions[-1]

    assert len(read) > 23
    assert len({one.record_id for one in read}) == len(read)
    times = [one.started_at for one in read if one.started_at]
    assert len(times) == len(read)
    assert all(start <= at < end for at in times)
    assert all(newer >= older for newer, older in pairwise(times))


async def test_a_listed_conversation_is_the_one_that_is_fetched(platform: Platform) -> None:
    listing, single = platform.conversations, platform.conversation_by_id
    if listing is None or single is None:
        pytest.skip("the vendor fetches no conversation by its id")
    end = datetime.now(UTC) - timedelta(days=1)
    query = ConversationQuery(start=end - timedelta(days=2), end=end, limit=3)
    page = await listing.conversations(query, Call.within(30))

    for listed in page.items:
        assert await single.conversation(listed.native_id, Call.within(30)) == listed
    assert await single.conversation("999999999", Call.within(30)) is None


async def test_who_is_present_is_an_agent(platform: Platform) -> None:
    if platform.agents is None:
        pytest.skip("the vendor lists no agents")
    listed = await platform.agents.agents(Call.within(30))
    ids = [one.native_id for one in listed]

    assert ids
    assert len(set(ids)) == len(ids)
    if platform.presence is not None:
        states = await platform.presence.presence(listed, Call.within(30))
        assert states
        assert {one.agent_id for one in states} <= set(ids)


def test_the_tables_are_whole(platform: Platform) -> None:
    assert platform.measures
    tables = platform.measures.measurables
    terms = [
        term
        for row in (*tables.indicators.values(), *tables.alternatives.values())
        for term in (*row.value, *row.weight)
    ] + [
        term
        for figure in tables.figures.values()
        for term in (*figure.weight, *figure.numerator, *figure.denominator)
    ]

    assert {figure.source for figure in tables.figures.values()} <= set(tables.sources)
    assert {term.figure for term in terms} <= set(tables.figures)
    assert set(tables.indicators) <= set(IndicatorKey)
    assert all(name == row.indicator for name, row in tables.indicators.items())
    assert all(name == figure.name for name, figure in tables.figures.items())
    assert all(figure in tables.figures for names in tables.reports.values() for figure in names)


def test_a_mean_is_weighed_by_what_its_own_call_tells(platform: Platform) -> None:
    assert platform.measures
    tables = platform.measures.measurables
    for key, row in tables.indicators.items():
        if CATALOGUE[IndicatorKey(key)].merge is Merge.MEAN:
            sources = {tables.figures[term.figure].source for term in (*row.value, *row.weight)}
            assert len(sources) == 1, key


async def test_every_figure_can_be_had(platform: Platform) -> None:
    assert platform.measures
    names = tuple(f"{platform.vendor}.{name}" for name in platform.measures.measurables.figures)

    answer = await _measured(platform, _day(DAY, names))

    assert {one.item for one in answer.series} == set(names)


@pytest.mark.parametrize("where", ["Europe/Paris", "UTC", "Asia/Kolkata"])
@pytest.mark.parametrize("day", [DAY, SHORT_DAY, LONG_DAY], ids=str)
async def test_hours_and_days_make_the_total(platform: Platform, day: date, where: str) -> None:
    """Every indicator that adds up over time is the same asked whole and asked in pieces."""
    assert platform.measures
    items = tuple(platform.measures.measurables.indicators)
    total = {s.item: s for s in (await _measured(platform, _day(day, items, where=where))).series}
    hours = await _measured(platform, _day(day, items, Grain.HOUR, where))
    days = await _measured(platform, _day(day, items, Grain.DAY, where))

    for series in (*hours.series, *days.series):
        if series.note is None and total[series.item].note is None:
            _same(series, total[series.item])


def _same(merged: Series, whole: Series) -> None:
    if merged.value is None or whole.value is None:
        assert merged.value == whole.value, merged.item
    else:
        close = isclose(merged.value, whole.value, rel_tol=1e-6, abs_tol=1e-6)
        assert close, (merged.item, merged.value, whole.value)


async def test_agents_make_the_total_where_they_add_up(platform: Platform) -> None:
    assert platform.measures
    tables = platform.measures.measurables
    names = [
        name
        for name, figure in tables.figures.items()
        if figure.merge is Merge.SUM
        and Dimension.AGENT in figure.additive_over
        and tables.sources[figure.source].groupings.get(Dimension.AGENT)
        in {Grouping.ALL, Grouping.LISTED}
        and (figure.dimensions is None or Dimension.AGENT in figure.dimensions)
    ]
    items = tuple(f"{platform.vendor}.{name}" for name in names)
    if not items:
        pytest.skip("nothing of it adds up over agents")
    whole = {s.item: s.value for s in (await _measured(platform, _day(DAY, items))).series}
    grouped = await _measured(platform, _day(DAY, items, group_by=(Dimension.AGENT,)))

    for item in items:
        parts = [s.value or 0.0 for s in grouped.series if s.item == item]
        # Agents answer for what they took; what nobody took is in the whole alone.
        assert sum(parts) <= (whole[item] or 0.0) * (1 + 1e-9) + 1e-6, item


async def test_health_follows_the_calls(vendor: str, table: Mapping[str, Any]) -> None:
    platform = opened(vendor, table)
    assert platform.health is not None
    before = platform.health().state

    await platform.probe(Call.within(10))

    after = platform.health()
    await platform.close()
    assert (before, after.state) == (HealthState.UNKNOWN, HealthState.UP)
    assert after.last_success_at is not None
