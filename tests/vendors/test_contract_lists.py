"""What every vendor must hold to in the lists that it declares, each against its own simulator.

A further vendor is found by the registry and run through all of this without an edit here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from tests.simulators import VENDORS, opened, serving

from vendors.calls import Call
from vendors.capabilities import Capability
from vendors.port import ConversationQuery, HistoryQuery, Page, Platform
from vendors.records import (
    CallMeeting,
    Client,
    Customer,
    Dated,
    Listed,
    Site,
    Skill,
    SurveyResponse,
    Tag,
    Team,
    Transaction,
)

DIRECTORIES: tuple[type[Listed], ...] = (Team, Skill, Tag, Site, Client)
HISTORIES: tuple[type[Dated], ...] = (Customer, Transaction, SurveyResponse, CallMeeting)
CAPABILITIES: Mapping[type[Any], Capability] = {
    Team: Capability.TEAMS,
    Skill: Capability.SKILLS,
    Tag: Capability.TAGS,
    Site: Capability.SITES,
    Client: Capability.CLIENTS,
    Customer: Capability.CUSTOMERS,
    Transaction: Capability.TRANSACTIONS,
    SurveyResponse: Capability.SURVEY_RESPONSES,
    CallMeeting: Capability.CALL_MEETINGS,
}


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


@pytest.fixture
async def call() -> Call:
    return Call.within(60)


def test_what_is_declared_is_what_the_ports_say(platform: Platform) -> None:
    declared = {kind for kind, one in CAPABILITIES.items() if one in platform.capabilities}

    assert declared == {kind for kind in CAPABILITIES if platform.lists(kind)}
    if platform.histories is not None:
        known = set(HistoryQuery.__struct_fields__) - {"limit", "start", "end", "after"}
        assert all(names <= known for names in platform.histories.history_filters.values())


@pytest.mark.parametrize("kind", DIRECTORIES, ids=lambda kind: kind.__name__)
async def test_a_short_list_holds_each_entry_once(
    platform: Platform, call: Call, kind: type[Listed]
) -> None:
    port = platform.directories
    if port is None or kind not in port.directory_kinds:
        pytest.skip("the vendor has no such list")
    entries = await port.directory(kind, call)

    assert entries
    assert all(type(one) is kind and one.platform == platform.key for one in entries)
    assert len({one.record_id for one in entries}) == len(entries)
    if platform.fetches_one(kind):
        assert platform.fetches
        for one in entries:
            assert await platform.fetches.fetch(kind, one.record_id, call) == one
        assert await platform.fetches.fetch(kind, "999999999", call) is None


async def test_what_agents_belong_to_is_listed(platform: Platform, call: Call) -> None:
    if platform.agents is None or platform.directories is None:
        pytest.skip("the vendor lists no agents, or nothing that they belong to")
    agents = await platform.agents.agents(call)
    for kind, name in ((Team, "team_ids"), (Skill, "skill_ids"), (Site, "site_ids")):
        if kind in platform.directories.directory_kinds:
            known = {one.native_id for one in await platform.directories.directory(kind, call)}
            named = {one for agent in agents for one in getattr(agent, name) or ()}
            assert named
            assert named <= known


def _window(days: int) -> dict[str, datetime]:
    end = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return {"start": end - timedelta(days=days), "end": end}


async def _read(
    platform: Platform,
    kind: type[Any],
    call: Call,
    limit: int,
    **wanted: Any,  # noqa: ANN401 - members of the query
) -> list[Any]:
    assert platform.histories
    read: list[Any] = []
    after = None
    for _ in range(12):
        query = HistoryQuery(limit=limit, after=after, **wanted)
        page: Page[Any] = await platform.histories.history(kind, query, call)
        assert len(page.items) == len(page.positions) <= limit
        read += page.items
        if not page.has_more:
            break
        after = page.positions[-1]
    return read


def _history(platform: Platform, kind: type[Dated]) -> frozenset[str]:
    port = platform.histories
    if port is None or kind not in port.history_filters:
        pytest.skip("the vendor has no such list")
    return port.history_filters[kind]


@pytest.mark.parametrize("kind", HISTORIES, ids=lambda kind: kind.__name__)
async def test_a_long_list_is_read_once_newest_first(
    platform: Platform, call: Call, kind: type[Dated]
) -> None:
    _history(platform, kind)
    window = {} if kind is Customer else _window(40)
    read = await _read(platform, kind, call, 17, **window)
    whole = await _read(platform, kind, call, 100, **window)

    assert len(read) > 17
    assert read == whole[: len(read)]
    assert len({one.record_id for one in read}) == len(read)
    times = [one.at for one in read]
    assert all(newer >= older for newer, older in pairwise(times))
    if window:
        assert all(window["start"] <= at < window["end"] for at in times)


@pytest.mark.parametrize("kind", HISTORIES, ids=lambda kind: kind.__name__)
async def test_a_listed_record_is_the_one_that_is_fetched(
    platform: Platform, call: Call, kind: type[Dated]
) -> None:
    _history(platform, kind)
    if platform.fetches is None or not platform.fetches_one(kind):
        pytest.skip("the vendor fetches none by its id")
    window = {} if kind is Customer else _window(3)
    for one in (await _read(platform, kind, call, 3, **window))[:3]:
        assert await platform.fetches.fetch(kind, one.record_id, call) == one
    assert await platform.fetches.fetch(kind, "999999999", call) is None


@pytest.mark.parametrize(
    ("name", "of"),
    [
        ("site_ids", "site_id"),
        ("agent_ids", "agent_id"),
        ("conversation_ids", "conversation_id"),
        ("customer_ids", "native_id"),
        ("external_ids", "external_id"),
        ("account_ids", "account_id"),
    ],
)
@pytest.mark.parametrize("kind", HISTORIES, ids=lambda kind: kind.__name__)
async def test_a_filter_shows_what_it_names_and_nothing_else(
    platform: Platform, call: Call, kind: type[Dated], name: str, of: str
) -> None:
    if name not in _history(platform, kind):
        pytest.skip("the vendor has no such filter")
    window = {} if kind is Customer else _window(3)
    every = (await _read(platform, kind, call, 50, **window))[:50]
    values = list(dict.fromkeys(value for one in every for value in _values(one, of)))[:2]
    assert values

    shown = (await _read(platform, kind, call, 50, **window, **{name: tuple(values)}))[:50]

    assert shown
    assert all(set(values) & set(_values(one, of)) for one in shown)
    assert {one for one in every if set(values) & set(_values(one, of))} <= set(shown) | (
        set(every) if len(shown) == 50 else set()
    )


def _values(one: Dated, name: str) -> tuple[str, ...]:
    value = getattr(one, name, None)
    return (value,) if value else tuple(getattr(one, f"{name}s", None) or ())


async def test_sales_are_linked_or_not(platform: Platform, call: Call) -> None:
    if "linked" not in _history(platform, Transaction):
        pytest.skip("the vendor does not tell them apart")
    parts = [
        await _read(platform, Transaction, call, 100, **_window(3), linked=linked)
        for linked in (None, True, False)
    ]
    every, linked, others = parts

    assert all(one.conversation_id for one in linked)
    assert not any(one.conversation_id for one in others)
    assert {one.native_id for one in every} == {one.native_id for one in (*linked, *others)}
    assert linked
    assert others


async def test_what_conversations_led_to_is_what_is_listed(platform: Platform, call: Call) -> None:
    if platform.sales is None or platform.conversations is None:
        pytest.skip("the vendor tells of no sales")
    window = _window(9)
    start = window["start"]
    query = ConversationQuery(start=start, end=start + timedelta(days=2), limit=200)
    talks = (await platform.conversations.conversations(query, call)).items
    ids = {one.native_id for one in talks}
    listed = await _read(platform, Transaction, call, 100, **window, linked=True)
    expected = {one.native_id: one for one in listed if one.conversation_id in ids}
    assert expected

    together = await platform.sales.sales_of(talks, call)
    apart = [
        sale
        for one in talks
        if one.native_id in {sale.conversation_id for sale in listed}
        for sale in await platform.sales.sales_of([one], call)
    ]

    assert {one.native_id: one for one in together} == expected
    assert {one.native_id: one for one in apart} == expected


async def test_records_survive_the_cache(platform: Platform, call: Call) -> None:
    """Whatever is listed can be kept and is the same when it is read again."""
    kinds: tuple[type[Any], ...] = (*DIRECTORIES, *HISTORIES)
    for kind in kinds:
        if not platform.lists(kind):
            continue
        entries: list[Any]
        if issubclass(kind, Listed):
            assert platform.directories
            entries = list(await platform.directories.directory(kind, call))
        else:
            entries = await _read(platform, kind, call, 5, **_window(2))
        packed = msgspec.msgpack.encode(entries)
        assert msgspec.msgpack.decode(packed, type=list[kind]) == entries  # type: ignore[valid-type]  # made here
