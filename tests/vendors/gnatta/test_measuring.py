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
from tests.vendors.gnatta.test_readings import BERLIN, HOUR, asked_of, call_of
from tests.vendors.gnatta.upstream import ANA, BEN, ORDERS, RETURNS, SHOP, settings_of

from vendors.buckets import bucket_edges, zone
from vendors.calls import Call
from vendors.errors import PlatformRejectedError
from vendors.gnatta.reports import FIGURES, SOURCES
from vendors.gnatta.settings import DOCUMENTED_CHANNELS as DOCUMENTED
from vendors.gnatta.wire import ENDPOINTS
from vendors.measures import Dimension, Grain, Grouping, Measurables, MeasureCall, Member, Reading
from vendors.port import MeasuresPort, Platform

D = Dimension
REASON = "bca33ec4-809d-4ccd-9b86-718fdff89317"
TAGGED = settings_of(directory={"tag_type": REASON, "tags": {"r1": "Refund", "r2": ""}})
WINDOW = {"from": "2023-01-01T00:00:00Z", "to": "2023-01-02T00:00:00Z"}
RECEIVED = {"oldState": ["Draft"], "newState": ["Created", "Queued", "Automation"]}
CLOSED = {"newState": ["Closed"]}
INBOUND = {**CLOSED, "direction": "Inbound"}
OUTBOUND = {**CLOSED, "direction": "Outbound"}
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
    ("source", "top", "inside"),
    [
        ("interactionsClosed", {"newState": ["Closed"]}, {}),
        ("interactionsReceived", RECEIVED, {}),
        ("interactionsReopened", REOPENED, {}),
        ("queueTime", {"oldState": ["Queued"], "newState": ["Assigned"]}, {}),
        ("ivrTime", {"oldState": ["Automation"], "newState": ["Closed", "Assigned", "Queued"]}, {}),
        *(
            (f"advisorActions/{action}", {"action": action}, {})
            for action in ("Closed", "Message", "Data", "Note", "None", "Any")
        ),
        ("messageVolume/Inbound", {"direction": "Inbound"}, {}),
        ("messageVolume/Outbound", {"direction": "Outbound"}, {}),
        ("messageTimes/AdvisorResponseTime", {"responseTime": "AdvisorResponseTime"}, {}),
        ("messageTimes/OriginatorWaitTime", {"responseTime": "OriginatorWaitTime"}, {}),
        ("livePercentages/WebChat", CLOSED, {"channel": "WebChat"}),
        ("livePercentages/Voice", CLOSED, {"channel": "Voice"}),
        ("livePercentages/Voice/Inbound", INBOUND, {"channel": "Voice"}),
        ("livePercentages/Voice/Outbound", OUTBOUND, {"channel": "Voice"}),
        ("liveTotals", CLOSED, {"channel": "WebChat"}),
        ("liveTotals/Inbound", INBOUND, {"channel": "Voice"}),
        ("liveTotals/Outbound", OUTBOUND, {"channel": "Voice"}),
        ("liveDuration", CLOSED, {"channel": "WebChat"}),
        ("liveDuration/Inbound", INBOUND, {"channel": "Voice"}),
        ("liveDuration/Outbound", OUTBOUND, {"channel": "Voice"}),
        *(
            (f"{family}/{state}", {"userState": state}, {})
            for family in ("cphByUser", "cphAverage")
            for state in ("Available", "LoggedIn")
        ),
        *(
            (f"cphByQueue/{state}", {"userState": state}, {"queues": [RETURNS, ORDERS]})
            for state in ("Available", "LoggedIn")
        ),
        *(
            (f"cphByChannel/{state}", {"userState": state}, {"channels": list(DOCUMENTED)})
            for state in ("Available", "LoggedIn")
        ),
        ("presenceDuration/Available", {"userState": "Available"}, {}),
        ("presenceDuration/Unavailable", {"userState": "Unavailable"}, {}),
        ("availabilityPercentage/Available", {"userState": "Available"}, {}),
        ("advisorMetrics", {}, {}),
    ],
    ids=str,
)
def test_each_source_says_what_it_tells(
    source: str, top: dict[str, Any], inside: dict[str, Any]
) -> None:
    """Beside what it selects, a request names the members that its tile must be given."""
    tile = ENDPOINTS[asked_of(call_of(source)).tile]
    named: dict[Dimension | None, dict[str, Any]] = {
        None: {},
        D.AGENT: {"userIds": [ANA, BEN]},
        D.ACCOUNT: {"accounts": [SHOP]},
        D.QUEUE: {},
    }
    queues = {"queues": [RETURNS, ORDERS]} if tile.grouping is D.QUEUE else {}
    assert asked_of(call_of(source)).body == {
        **top,
        **named[tile.grouping],
        "filters": {**WINDOW, **inside, **queues},
    }


def test_every_source_is_among_those_that_say_what_they_tell() -> None:
    (mark,) = [
        one for one in test_each_source_says_what_it_tells.pytestmark if one.name == "parametrize"
    ]
    # What is ranked says more: see the tests of parameters.
    assert {source for source, _, _ in mark.args[1]} == set(SOURCES) - {"interactionsClosedByUse"}


@pytest.mark.parametrize("source", SOURCES)
def test_each_grouping_names_its_members_where_the_tile_wants_them(source: str) -> None:
    places = {
        D.CHANNEL: ("filters", "channels"),
        D.QUEUE: ("filters", "queues"),
        D.AGENT: ("", "userIds"),
        D.ACCOUNT: ("", "accounts"),
        D.TAG: ("", "data"),
    }
    figures = [one for one in FIGURES.values() if one.source == source]
    offered = {by for one in figures for by in one.dimensions or ()}
    for dimension in offered:
        if SOURCES[source].groupings[dimension] is not Grouping.LISTED:
            continue
        asked = asked_of(call_of(source, group_by=(dimension,), members=("a", "b")), TAGGED)
        tile = ENDPOINTS[asked.tile]
        assert (tile.family, tile.grouping) == (source.partition("/")[0], dimension)
        holder, name = places[dimension]
        found = asked.body[holder] if holder else asked.body
        tagged = {"id": REASON, "values": ["a", "b"]}
        assert found[name] == (tagged if dimension is D.TAG else ["a", "b"])


def test_a_restriction_to_tags_is_a_filter_by_dynamic_data() -> None:
    filters = ((D.TAG, ("r1", "r2")),)
    body = asked_of(call_of("messageVolume/Inbound", filters=filters), TAGGED).body
    data = [{"id": REASON, "values": ["r1", "r2"]}]
    assert body == {"direction": "Inbound", "filters": {**WINDOW, "data": data}}


def test_tags_are_grouped_at_the_top_and_filtered_within() -> None:
    call = call_of(group_by=(D.TAG,), members=("r1",), filters=((D.CHANNEL, ("SMS",)),))
    asked = asked_of(call, TAGGED)
    assert asked.tile == "interactionsClosedByData"
    assert asked.body == {
        **CLOSED,
        "data": {"id": REASON, "values": ["r1"]},
        "filters": {**WINDOW, "channels": ["SMS"]},
    }


@pytest.mark.parametrize(
    ("source", "group_by"),
    [("liveTotals", ()), ("liveTotals", (D.ACCOUNT,)), ("liveDuration", (D.ACCOUNT,))],
)
def test_a_live_tile_is_asked_of_a_single_channel(
    source: str, group_by: tuple[Dimension, ...]
) -> None:
    call = call_of(source, group_by=group_by, members=(SHOP,), filters=((D.CHANNEL, ("Voice",)),))
    body = asked_of(call).body
    assert body == {**CLOSED, "accounts": [SHOP], "filters": {**WINDOW, "channel": "Voice"}}


def test_accounts_that_live_totals_are_restricted_to_are_those_named() -> None:
    settings = settings_of(directory={"accounts": {SHOP: "", RETURNS: ""}})
    call = call_of("liveTotals", filters=((D.ACCOUNT, (RETURNS,)), (D.CHANNEL, ("WebChat",))))
    assert asked_of(call, settings).body["accounts"] == [RETURNS]


@pytest.mark.parametrize(
    ("grain", "word"), [(Grain.HOUR, "Hour"), (Grain.DAY, "Day"), (Grain.MONTH, "Month")]
)
def test_buckets_have_words(grain: Grain, word: str) -> None:
    body = asked_of(call_of(grain=grain)).body
    assert body["filters"]["groupBy"] == word
    assert body["timeZone"] == "UTC"


def test_words_can_be_set() -> None:
    settings = settings_of(group_by={"day": "Daily"})
    assert asked_of(call_of(grain=Grain.DAY), settings).body["filters"]["groupBy"] == "Daily"


def test_every_declared_bucket_has_a_word() -> None:
    for source in SOURCES.values():
        for grain in source.grains:
            assert getattr(settings_of().group_by, grain.value)


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
    body = asked_of(call).body
    texts = [body["filters"]["from"], body["filters"]["to"]]
    assert all(text.endswith("Z") for text in texts)
    assert [datetime.fromisoformat(text) for text in texts] == [edges[0], edges[-1]]
    assert body["timeZone"] == name


def test_parts_of_a_second_are_kept() -> None:
    body = asked_of(call_of(end="2023-01-02T00:00:00.25Z")).body
    assert body["filters"]["to"] == "2023-01-02T00:00:00.250000Z"


@pytest.mark.parametrize(
    "measure",
    [
        call_of(group_by=(D.CHANNEL,), members=("SMS",), filters=((D.AGENT, (ANA,)),)),
        call_of("messageVolume/Outbound", filters=((D.AGENT, (ANA,)), (D.ACCOUNT, (SHOP,)))),
    ],
)
async def test_a_restriction_that_no_request_has_is_refused_without_a_call(
    opened: Open, call: Call, measure: MeasureCall
) -> None:
    domain = opened()
    with pytest.raises(PlatformRejectedError):
        await measures_of(domain.platform).measure(measure, call)
    assert domain.upstream.requests == []


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
