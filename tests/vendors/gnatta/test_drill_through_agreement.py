"""Behind a figure stand as many events as it counts, and they are what it is about."""

from __future__ import annotations

from typing import Any

import pytest
from tests.vendors.gnatta.measured import CHATS, D, answered, asked

from vendors.calls import Call
from vendors.drill_through import EventContext, EventOrder, FigureEvent, FigureEventQuery
from vendors.gnatta.sandbox.tenant import DATA_TYPES
from vendors.parameters import Argument
from vendors.port import Platform

REASON, PAGE = DATA_TYPES
CART = Argument(name="data", key=PAGE, values=("cart",))
ON_CHAT = ((D.CHANNEL, ("WebChat",)),)


async def events(
    platform: Platform,
    figure: str,
    limit: int = 200,
    **more: Any,  # noqa: ANN401 - members of the query
) -> list[FigureEvent]:
    """All events of a week behind a figure, page by page."""
    port = platform.drill_through
    assert port is not None
    week = asked(figure)
    found: list[FigureEvent] = []
    after: str | None = None
    for _ in range(100):
        query = FigureEventQuery(
            figure=figure, start=week.start, end=week.end, limit=limit, after=after, **more
        )
        page = await port.events(query, Call.within(30.0))
        found += page.items
        assert not page.truncated
        if not page.has_more:
            break
        after = page.positions[-1]
    return found


async def counted(platform: Platform, figure: str, **more: Any) -> float:  # noqa: ANN401 - members of the request
    (series,) = (await answered(platform, asked(figure, **more))).series
    assert series.value is not None
    return series.value


@pytest.mark.parametrize(
    "figure",
    [
        "interactionsClosed",
        "interactionsReceived",
        "interactionsReopened",
        "advisorActions/Message",
        "advisorActions/Any",
        "messageVolume/Inbound",
    ],
)
async def test_events_are_as_many_as_are_counted(platform: Platform, figure: str) -> None:
    found = await events(platform, figure, limit=700)
    assert len(found) == await counted(platform, figure) > 0
    assert len({one.native_id for one in found}) == len(found)
    times = [one.at for one in found]
    assert times == sorted(times, reverse=True)


async def test_the_same_reference_comes_once_for_each_closing(platform: Platform) -> None:
    found = await events(platform, "interactionsClosed")
    assert len({one.reference for one in found}) < len(found)


async def test_restrictions_are_those_of_the_figure(platform: Platform) -> None:
    assert platform.agents is not None
    agents = await platform.agents.agents(Call.within(30.0))
    agent = agents[3].native_id
    every = await events(platform, "interactionsClosed", contexts=tuple(EventContext))
    theirs = await events(platform, "interactionsClosed", filters=((D.AGENT, (agent,)),))
    assert [one.native_id for one in theirs] == [
        one.native_id for one in every if one.agent_id == agent
    ]
    assert theirs
    in_cart = await events(platform, "interactionsClosed", arguments=(CART,))
    assert len(in_cart) == await counted(platform, "interactionsClosed", arguments=(CART,))
    assert [one.native_id for one in in_cart] == [
        one.native_id
        for one in every
        if any(data.id == PAGE and data.value == "cart" for data in one.data or ())
    ]
    assert {one.queue_name for one in every} >= {"Returns", "Refunds"}


async def test_live_conversations_are_all_that_ended_on_a_channel(platform: Platform) -> None:
    found = await events(
        platform, "liveTotals/handled", filters=ON_CHAT, contexts=(EventContext.ACCOUNT,)
    )
    assert len(found) == await counted(platform, "liveTotals/total", channels=CHATS) > 0
    assert {one.native_channel for one in found} == {"WebChat"}
    assert all(one.account_name for one in found)


@pytest.mark.parametrize("descending", [True, False])
async def test_orders_turn_the_list_round(platform: Platform, descending: bool) -> None:
    by_time = await events(platform, "interactionsReopened", descending=descending)
    times = [one.at for one in by_time]
    assert times == sorted(times, reverse=descending)
    by_name = await events(
        platform, "interactionsReopened", descending=descending, order=EventOrder.REFERENCE
    )
    references = [one.reference for one in by_name]
    assert references == sorted(references, reverse=descending)
    assert {one.native_id for one in by_name} == {one.native_id for one in by_time}
