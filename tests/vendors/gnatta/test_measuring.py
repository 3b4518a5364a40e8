from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.vendors.gnatta.conftest import Open
from tests.vendors.gnatta.test_events import QUERY
from tests.vendors.gnatta.test_mapping import BERLIN, HOUR, call_of
from tests.vendors.gnatta.upstream import ANA, BEN, ORDERS, RETURNS, SHOP, settings_of

from vendors.buckets import bucket_edges, zone
from vendors.calls import Call
from vendors.errors import PlatformRejectedError
from vendors.gnatta.indicators import SOURCES
from vendors.gnatta.measuring import question
from vendors.gnatta.wire import ENDPOINTS
from vendors.measures import Dimension, Grain, Measurables, MeasureCall, Member, Reading
from vendors.port import MeasuresPort, Platform

D = Dimension
WORDS = settings_of().group_by
WINDOW = {"from": "2023-01-01T00:00:00Z", "to": "2023-01-02T00:00:00Z"}
RECEIVED = {"oldState": ["Draft"], "newState": ["Created", "Queued", "Automation"]}
REOPENED = {"oldState": ["Closed"], "newState": ["Queued", "Assigned", "Automation"]}


def measures_of(platform: Platform) -> MeasuresPort:
    assert platform.measures is not None
    return platform.measures


def groups(*members: dict[str, Any]) -> httpx.Response:
    return httpx.Response(200, json={"groups": list(members)})


async def test_a_count_is_one_request(opened: Open, call: Call) -> None:
    domain = opened(groups({"id": None, "name": "Total", "value": 40}))
    found = await measures_of(domain.platform).measure(call_of(), call)
    assert found == (Reading("interactionsClosed", call_of().start, 40.0),)
    (request,) = domain.upstream.requests
    assert request.method == "POST"
    assert str(request.url) == "https://gnatta.test/reporting/v1.2/interactions/state/count"
    assert request.headers["Authorization"] == "Bearer t1"
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Accept"] == "application/json"
    assert json.loads(request.content) == {"newState": ["Closed"], "filters": WINDOW}
    assert call.log.count("gn") == 1


async def test_a_local_day_by_queues_is_asked_in_utc(opened: Open, call: Call) -> None:
    points = [{"date": "2023-07-01T00:00:00", "value": 3}]
    domain = opened(groups({"id": RETURNS, "values": points}, {"id": ORDERS, "values": points}))
    measure = call_of(
        "interactionsReceived",
        "2023-06-30T22:00Z",
        "2023-07-01T22:00Z",
        grain=Grain.DAY,
        zone_name=BERLIN,
        group_by=(D.QUEUE,),
        members=(RETURNS, ORDERS),
        filters=((D.CHANNEL, ("Email", "SMS")),),
    )
    found = await measures_of(domain.platform).measure(measure, call)
    assert [(one.start, one.group, one.value) for one in found] == [
        (measure.start, (RETURNS,), 3.0),
        (measure.start, (ORDERS,), 3.0),
    ]
    assert domain.upstream.paths == ["/interactions/state/by-date/by-queues"]
    assert domain.upstream.bodies == [
        {
            **RECEIVED,
            "timeZone": "Europe/Berlin",
            "filters": {
                "groupBy": "Day",
                "from": "2023-06-30T22:00:00Z",
                "to": "2023-07-01T22:00:00Z",
                "channels": ["Email", "SMS"],
                "queues": [RETURNS, ORDERS],
            },
        }
    ]


@pytest.mark.parametrize(
    ("source", "top"),
    [
        ("interactionsClosed", {"newState": ["Closed"]}),
        ("interactionsReceived", RECEIVED),
        ("interactionsReopened", REOPENED),
        ("messageVolume/Inbound", {"direction": "Inbound"}),
        ("messageVolume/Outbound", {"direction": "Outbound"}),
        ("messageTimes/AdvisorResponseTime", {"responseTime": "AdvisorResponseTime"}),
        ("messageTimes/OriginatorWaitTime", {"responseTime": "OriginatorWaitTime"}),
        ("presenceDuration/Available", {"userState": "Available"}),
        ("presenceDuration/Unavailable", {"userState": "Unavailable"}),
    ],
)
def test_each_source_says_what_it_counts(source: str, top: dict[str, Any]) -> None:
    by = SOURCES[source].always_by
    members = () if by is None else (ANA,)
    asked = question(call_of(source, group_by=(by,) if by else (), members=members), WORDS)
    users = {"userIds": [ANA]} if by else {}
    assert asked.body == {**top, **users, "filters": WINDOW}


@pytest.mark.parametrize("source", SOURCES)
def test_each_grouping_names_its_members_where_the_tile_wants_them(source: str) -> None:
    places = {
        D.CHANNEL: ("filters", "channels"),
        D.QUEUE: ("filters", "queues"),
        D.AGENT: ("", "userIds"),
        D.ACCOUNT: ("", "accounts"),
    }
    for dimension in SOURCES[source].groupings:
        asked = question(call_of(source, group_by=(dimension,), members=("a", "b")), WORDS)
        tile = ENDPOINTS[asked.tile]
        assert (tile.family, tile.grouping) == (source.partition("/")[0], dimension)
        holder, name = places[dimension]
        found = asked.body[holder] if holder else asked.body
        assert found[name] == ["a", "b"]


@pytest.mark.parametrize(
    ("grain", "word"), [(Grain.HOUR, "Hour"), (Grain.DAY, "Day"), (Grain.MONTH, "Month")]
)
def test_buckets_have_words(grain: Grain, word: str) -> None:
    body = question(call_of(grain=grain), WORDS).body
    assert body["filters"]["groupBy"] == word
    assert body["timeZone"] == "UTC"


def test_words_can_be_set() -> None:
    words = settings_of(group_by={"day": "Daily"}).group_by
    assert question(call_of(grain=Grain.DAY), words).body["filters"]["groupBy"] == "Daily"


def test_every_declared_bucket_has_a_word() -> None:
    for source in SOURCES.values():
        for grain in source.grains:
            assert getattr(WORDS, grain.value)


@given(
    st.sampled_from(tuple(SOURCES["interactionsClosed"].grains)),
    st.sampled_from(("UTC", BERLIN, "Asia/Kathmandu", "America/St_Johns")),
    st.integers(0, 5 * 365 * 24).map(lambda n: datetime(2021, 1, 1, tzinfo=UTC) + n * HOUR),
    st.integers(1, 31),
)
def test_a_window_is_asked_for_exactly(
    grain: Grain, name: str, first: datetime, count: int
) -> None:
    edges = bucket_edges(grain.value, first, first + count * HOUR, zone(name))
    call = call_of(
        start=edges[0].isoformat(), end=edges[-1].isoformat(), grain=grain, zone_name=name
    )
    body = question(call, WORDS).body
    texts = [body["filters"]["from"], body["filters"]["to"]]
    assert all(text.endswith("Z") for text in texts)
    assert [datetime.fromisoformat(text) for text in texts] == [edges[0], edges[-1]]
    assert body["timeZone"] == name


def test_parts_of_a_second_are_kept() -> None:
    body = question(call_of(end="2023-01-02T00:00:00.25Z"), WORDS).body
    assert body["filters"]["to"] == "2023-01-02T00:00:00.250000Z"


@pytest.mark.parametrize(
    ("dimension", "name", "tile"),
    [
        (D.AGENT, "userIds", "messageVolumeByUser"),
        (D.ACCOUNT, "accounts", "messageVolumeByAccount"),
    ],
)
def test_a_restriction_by_users_or_accounts_asks_their_tile(
    dimension: Dimension, name: str, tile: str
) -> None:
    filters = ((D.QUEUE, (RETURNS,)), (dimension, ("a", "b")))
    asked = question(call_of("messageVolume/Outbound", filters=filters), WORDS)
    assert asked.tile == tile
    assert asked.body == {
        "direction": "Outbound",
        name: ["a", "b"],
        "filters": {**WINDOW, "queues": [RETURNS]},
    }


@pytest.mark.parametrize(
    "measure",
    [
        call_of(group_by=(D.CHANNEL,), members=("SMS",), filters=((D.AGENT, (ANA,)),)),
        call_of("messageVolume/Outbound", filters=((D.AGENT, (ANA,)), (D.ACCOUNT, (SHOP,)))),
    ],
)
async def test_two_groupings_at_once_are_refused_without_a_call(
    opened: Open, call: Call, measure: MeasureCall
) -> None:
    domain = opened()
    with pytest.raises(PlatformRejectedError):
        await measures_of(domain.platform).measure(measure, call)
    assert domain.upstream.requests == []


async def test_a_restriction_to_one_user_is_that_users_figure(opened: Open, call: Call) -> None:
    domain = opened(groups({"id": ANA, "name": "ana", "value": "00:01:30"}))
    measure = call_of("messageTimes/AdvisorResponseTime", filters=((D.AGENT, (ANA,)),))
    found = await measures_of(domain.platform).measure(measure, call)
    assert [(one.value, one.group) for one in found] == [(90.0, ())]
    assert domain.upstream.paths == ["/messages/times/count/by-users"]


async def test_paths_and_words_of_the_settings_are_used(opened: Open, call: Call) -> None:
    domain = opened(
        groups({"id": ANA, "values": []}),
        paths={"availabilityDurationByUser.byDate": "/users/presence"},
        group_by={"hour": "Hourly"},
    )
    measure = call_of(
        "presenceDuration/Available", grain=Grain.HOUR, group_by=(D.AGENT,), members=(ANA,)
    )
    assert await measures_of(domain.platform).measure(measure, call) == ()
    assert domain.upstream.paths == ["/users/presence"]
    assert domain.upstream.bodies[0]["filters"]["groupBy"] == "Hourly"


async def test_members_are_the_directory_and_cost_no_call(opened: Open, call: Call) -> None:
    domain = opened()
    port = measures_of(domain.platform)
    assert await port.members(D.AGENT, call) == (Member(ANA, "Ana Ruiz"), Member(BEN))
    assert await port.members(D.QUEUE, call) == (
        Member(RETURNS, "Returns"),
        Member(ORDERS, "Orders"),
    )
    assert await port.members(D.ACCOUNT, call) == (Member(SHOP, "Shop"),)
    assert len(await port.members(D.CHANNEL, call)) == 8
    assert await port.members(D.TEAM, call) == ()
    assert domain.upstream.requests == []


async def test_what_is_measured_grows_with_the_users_seen(opened: Open, call: Call) -> None:
    row = {"reference": "A-1", "timestamp": "2023-01-05T12:00:00Z"}
    named = {**row, "contexts": {"user": BEN, "queue": RETURNS}}
    domain = opened(httpx.Response(200, json=[row, named]), directory={})
    platform = domain.platform
    port = measures_of(platform)

    def tables() -> Measurables:
        return port.measurables

    assert "AVAILABLE_TIME" not in tables().indicators
    assert D.QUEUE not in tables().sources["interactionsClosed"].groupings
    assert platform.conversations is not None
    await platform.conversations.conversations(QUERY, call)
    assert "AVAILABLE_TIME" in tables().indicators
    assert D.QUEUE in tables().sources["interactionsClosed"].groupings
    assert await port.members(D.AGENT, call) == (Member(BEN),)
    assert await port.members(D.QUEUE, call) == (Member(RETURNS),)
