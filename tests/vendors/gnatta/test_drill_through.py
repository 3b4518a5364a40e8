"""The audits behind the figures: what is asked for, and what of it becomes an event."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from tests.vendors.gnatta.conftest import Open
from tests.vendors.gnatta.upstream import ANA, BEN, ORDERS, RETURNS, SHOP, Opened

from vendors.calls import Call
from vendors.drill_through import (
    DataValue,
    DrillThroughPort,
    EventContext,
    EventOrder,
    FigureEvent,
    FigureEventQuery,
)
from vendors.errors import BadInputError, PlatformServerError
from vendors.measures import Dimension
from vendors.parameters import Argument
from vendors.records import Channel

D = Dimension
REASON = "bca33ec4-809d-4ccd-9b86-718fdff89317"
ADDRESS = "0f8fad5b-d9cb-469f-a165-70867728950e"
START, END = datetime(2023, 1, 5, tzinfo=UTC), datetime(2023, 1, 6, tzinfo=UTC)
WINDOW = {"from": "2023-01-05T00:00:00Z", "to": "2023-01-06T00:00:00Z"}
NEWEST = {"orderBy": "Descending", "orderByField": "Timestamp"}
EVERY = tuple(EventContext)


def query(figure: str = "interactionsClosed", **more: Any) -> FigureEventQuery:  # noqa: ANN401 - members of the query
    return FigureEventQuery(figure=figure, **{"start": START, "end": END, "limit": 10, **more})


def port(domain: Opened) -> DrillThroughPort:
    assert domain.platform.drill_through is not None
    return domain.platform.drill_through


def told(*rows: dict[str, Any]) -> httpx.Response:
    return httpx.Response(200, json={"interactions": list(rows)})


def row(
    at: str = "2023-01-05T12:00:00Z", reference: str = "A-1", **contexts: object
) -> dict[str, Any]:
    return {"reference": reference, "channel": "WebChat", "timestamp": at, "contexts": contexts}


async def test_the_request_of_a_figure_is_flattened(opened: Open, call: Call) -> None:
    domain = opened(told())
    filters = ((D.CHANNEL, ("Email", "SMS")), (D.QUEUE, (RETURNS,)))
    await port(domain).events(query("interactionsReceived", filters=filters), call)
    assert domain.upstream.paths == ["/interactions/view-interactions"]
    assert domain.upstream.bodies == [
        {
            **NEWEST,
            "filters": {
                "oldState": ["Draft"],
                "newState": ["Created", "Queued", "Automation"],
                "channels": ["Email", "SMS"],
                "queues": [RETURNS],
                **WINDOW,
            },
        }
    ]


@pytest.mark.parametrize(
    ("figure", "path", "said"),
    [
        ("queueTime", "interactions", {"oldState": ["Queued"], "newState": ["Assigned"]}),
        ("messageVolume/Inbound", "messages", {"direction": "Inbound"}),
        (
            "messageTimes/OriginatorWaitTime",
            "messages",
            {"responseTime": "OriginatorWaitTime"},
        ),
        ("advisorActions/Note", "unit-of-works", {"action": "Note", "userIds": [ANA, BEN]}),
        ("cphByUser/Available", "unit-of-works", {"userState": "Available", "userIds": [ANA, BEN]}),
        (
            "liveTotals/abandonedByIvr",
            "conversations",
            {"newState": ["Closed"], "channel": "Voice", "accounts": [SHOP]},
        ),
        (
            "livePercentages/Voice/Inbound/handled",
            "conversations",
            {
                "newState": ["Closed"],
                "channel": "Voice",
                "direction": "Inbound",
                "accounts": [SHOP],
            },
        ),
    ],
    ids=str,
)
async def test_each_family_of_audits_is_asked_where_it_is(
    opened: Open, call: Call, figure: str, path: str, said: dict[str, Any]
) -> None:
    domain = opened(told())
    await port(domain).events(query(figure), call)
    assert domain.upstream.paths == [f"/{path}/view-interactions"]
    queues = {"queues": [RETURNS, ORDERS]} if figure == "queueTime" else {}
    assert domain.upstream.bodies == [{**NEWEST, "filters": {**said, **queues, **WINDOW}}]


async def test_users_and_accounts_restrict_where_a_tile_names_them(
    opened: Open, call: Call
) -> None:
    domain = opened(told(), told(), told())
    for figure, dimension, ids in (
        ("interactionsClosed", D.AGENT, (ANA,)),
        ("messageVolume/Outbound", D.ACCOUNT, (SHOP,)),
        ("advisorActions/Any", D.AGENT, (BEN,)),
    ):
        await port(domain).events(query(figure, filters=((dimension, ids),)), call)
    first, second, third = (body["filters"] for body in domain.upstream.bodies)
    assert (first["userIds"], second["accounts"], third["userIds"]) == ([ANA], [SHOP], [BEN])


async def test_parameters_are_flattened_too(opened: Open, call: Call) -> None:
    domain = opened(told())
    arguments = (
        Argument(name="data", key=ADDRESS, values=("a",)),
        Argument(name="oldState", values=("Queued",)),
    )
    await port(domain).events(query(arguments=arguments), call)
    assert domain.upstream.bodies[0]["filters"] == {
        "newState": ["Closed"],
        "oldState": ["Queued"],
        "data": [{"id": ADDRESS, "values": ["a"]}],
        **WINDOW,
    }


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        ("interactionsClosed", ["Queue", "User"]),
        ("liveTotals/abandonedByIvr", ["Account", "Queue"]),
        ("messageVolume/Inbound", ["Account", "Queue", "User"]),
        ("advisorActions/Any", ["Queue", "User"]),
    ],
)
async def test_contexts_are_those_of_the_family_that_are_wanted(
    opened: Open, call: Call, figure: str, expected: list[str]
) -> None:
    domain = opened(told(), told())
    await port(domain).events(query(figure, contexts=EVERY), call)
    await port(domain).events(query(figure, contexts=(EventContext.QUEUE,)), call)
    every, one = (body["contexts"] for body in domain.upstream.bodies)
    assert [context["type"] for context in every] == expected
    assert one == [{"type": "Queue"}]


async def test_data_of_string_editors_is_asked_for_with_its_order(opened: Open, call: Call) -> None:
    directory = {"tag_type": REASON, "string_types": {ADDRESS: "Address"}}
    wanted = query(contexts=(EventContext.DATA,))
    domain = opened(told(), directory={**directory, "string_order": "Ascending"})
    await port(domain).events(wanted, call)
    assert domain.upstream.bodies[0]["contexts"] == [
        {"type": "Data", "id": REASON},
        {"type": "Data", "id": ADDRESS, "orderBy": "Ascending"},
    ]
    worded = [{"type": "Data", "id": ADDRESS, "orderBy": "Ascending", "more": "x"}]
    domain = opened(told(), directory=directory, view_contexts=worded)
    await port(domain).events(wanted, call)
    assert domain.upstream.bodies[0]["contexts"] == worded


async def test_contexts_can_be_left_out_altogether(opened: Open, call: Call) -> None:
    domain = opened(told(), view_contexts=[])
    await port(domain).events(query(contexts=EVERY), call)
    assert "contexts" not in domain.upstream.bodies[0]


async def test_an_audit_is_an_event(opened: Open, call: Call) -> None:
    data = [{"id": REASON, "value": "Late"}, {"id": ADDRESS, "value": None}, "odd"]
    several = [{"id": REASON, "value": ["a", 2]}]
    domain = opened(
        told(
            row(user=ANA, queue="returns", account=SHOP.upper(), data=data),
            row("2023-01-05T11:00:00Z", user="test.user", queue=None, data=several),
        )
    )
    page = await port(domain).events(query(contexts=EVERY), call)
    assert page.items == (
        FigureEvent(
            platform="gn",
            reference="A-1",
            native_id="A-1@2023-01-05T12:00:00Z",
            at=datetime(2023, 1, 5, 12, tzinfo=UTC),
            channel=Channel.CHAT,
            native_channel="WebChat",
            agent_id=ANA,
            queue_id=RETURNS,
            queue_name="Returns",
            account_id=SHOP,
            account_name="Shop",
            data=(DataValue(id=REASON, value="Late"), DataValue(id=ADDRESS)),
        ),
        FigureEvent(
            platform="gn",
            reference="A-1",
            native_id="A-1@2023-01-05T11:00:00Z",
            at=datetime(2023, 1, 5, 11, tzinfo=UTC),
            channel=Channel.CHAT,
            native_channel="WebChat",
            agent_id="test.user",
            data=(DataValue(id=REASON, value="a"), DataValue(id=REASON, value="2")),
        ),
    )
    assert (page.has_more, page.truncated) == (False, False)


async def test_the_order_is_asked_for_in_the_words_of_the_api(opened: Open, call: Call) -> None:
    domain = opened(told(row(reference="A-2"), row(reference="A-3"), row(reference="A-1")))
    asked = query(order=EventOrder.REFERENCE, descending=False, limit=2)
    page = await port(domain).events(asked, call)
    assert [one.reference for one in page.items] == ["A-1", "A-2"]
    assert page.has_more
    body = domain.upstream.bodies[0]
    assert (body["orderBy"], body["orderByField"]) == ("Ascending", "Reference")


async def test_what_exists_on_several_live_channels_is_listed_on_one(
    opened: Open, call: Call
) -> None:
    domain = opened(told())
    with pytest.raises(BadInputError, match="one channel at a time") as caught:
        await port(domain).events(query("liveTotals/handled"), call)
    assert caught.value.extensions["accepted"] == ["CALL", "CHAT"]
    one = query("liveTotals/handled", filters=((D.CHANNEL, ("WebChat",)),))
    await port(domain).events(one, call)
    (body,) = domain.upstream.bodies
    assert body["filters"]["channel"] == "WebChat"
    elsewhere = query("liveTotals/abandonedByIvr", filters=((D.CHANNEL, ("WebChat",)),))
    assert (await port(domain).events(elsewhere, call)).items == ()
    assert len(domain.upstream.requests) == 1


async def test_agents_and_accounts_do_not_restrict_together(opened: Open, call: Call) -> None:
    domain = opened()
    both = ((D.AGENT, (ANA,)), (D.ACCOUNT, (SHOP,)))
    with pytest.raises(BadInputError, match="not by both"):
        await port(domain).events(query("messageVolume/Outbound", filters=both), call)
    assert domain.upstream.requests == []


@pytest.mark.parametrize(
    "figure",
    [
        "presenceDuration/Available",
        "availabilityPercentage/Available",
        "advisorMetrics/contactsAvailable",
        "cphByChannel/Available/duration",
    ],
)
async def test_presence_has_no_events(opened: Open, call: Call, figure: str) -> None:
    domain = opened()
    assert domain.platform.measures is not None
    assert figure in domain.platform.measures.measurables.figures
    assert figure not in port(domain).drillable
    with pytest.raises(BadInputError, match="no events behind it"):
        await port(domain).events(query(figure), call)
    assert domain.upstream.requests == []


def test_figures_tell_what_can_be_asked_of_their_events(opened: Open) -> None:
    found = port(opened()).drillable
    closed = found["interactionsClosed"]
    assert closed.contexts == {EventContext.DATA, EventContext.QUEUE, EventContext.AGENT}
    assert closed.filters == {D.CHANNEL, D.QUEUE, D.AGENT}
    assert closed.note is None
    assert found["liveTotals/total"].note is None
    assert "whatever became of them" in (found["liveTotals/handled"].note or "")
    assert {name.partition("/")[0] for name in found} == {
        *("interactionsClosed", "interactionsReceived", "interactionsReopened"),
        *("queueTime", "ivrTime", "messageVolume", "messageTimes", "advisorActions"),
        *("liveTotals", "liveDuration", "livePercentages"),
        *("cphByUser", "cphByChannel", "cphByQueue", "cphAverage"),
    }


async def test_by_reference_a_period_is_asked_for_at_once(opened: Open, call: Call) -> None:
    years = query(order=EventOrder.REFERENCE, start=datetime(2020, 1, 1, tzinfo=UTC))
    with pytest.raises(BadInputError, match="24 months"):
        await port(opened()).events(years, call)


async def test_a_failure_is_told(opened: Open, call: Call) -> None:
    domain = opened(httpx.Response(500), pacing={"attempts": 1})
    with pytest.raises(PlatformServerError):
        await port(domain).events(query(), call)
