"""What is asked of the planner comes from the simulator, by the fewest calls."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest
from tests.simulators import opened
from tests.vendors.gnatta.measured import (
    CALLS,
    CHATS,
    LIVE,
    LONDON,
    D,
    K,
    answered,
    asked,
    counted,
    key_of,
    values,
)

from vendors.buckets import local_midnight, zone
from vendors.gnatta.reports import FIGURES
from vendors.measures import Dimension, Grain, Merge
from vendors.port import Platform
from vendors.records import Channel

# The number of calls that each question costs; each has a value.
COSTS: list[tuple[tuple[str, ...], dict[str, Any], int]] = [
    ((K.CONVERSATIONS_UNANSWERED,), {}, 1),
    ((K.CONVERSATIONS_ABANDONED,), {}, 2),
    (LIVE, {}, 2),
    (LIVE, {"group_by": (D.ACCOUNT,)}, 2),
    (LIVE, {"group_by": (D.CHANNEL, D.ACCOUNT), "grain": Grain.DAY}, 2),
    (LIVE[1:], {"channels": CALLS}, 1),
    (("liveTotals/handled", *LIVE), {}, 2),
    ((K.HANDLE_TIME,), {"group_by": (D.CHANNEL, D.ACCOUNT)}, 2),
    ((K.HANDLE_TIME,), {"group_by": (D.ACCOUNT,), "channels": CHATS, "grain": Grain.DAY}, 1),
    ((K.QUEUE_TIME,), {"group_by": (D.QUEUE,)}, 1),
    ((K.QUEUE_TIME,), {"group_by": (D.QUEUE,), "channels": (Channel.EMAIL, Channel.SMS)}, 1),
    ((K.QUEUE_TIME,), {"group_by": (D.QUEUE, D.CHANNEL)}, 8),
    ((K.IVR_TIME,), {"group_by": (D.QUEUE,)}, 1),
    ((K.CONTACTS_PER_HOUR, "cphByUser/Available/byHours"), {}, 2),
    (("cphByUser/Available",), {"group_by": (D.AGENT,), "channels": CHATS}, 1),
    ((K.CONTACTS_PER_HOUR, K.AVAILABLE_TIME), {"grain": Grain.DAY}, 2),
    ((K.CONTACTS_PER_HOUR, K.AVAILABLE_TIME), {"group_by": (D.AGENT,)}, 2),
    ((K.AVAILABILITY_RATE, K.LOGGED_IN_TIME, K.UNAVAILABLE_TIME), {}, 2),
    (tuple(n for n in FIGURES if n.startswith("liveTotals/Inbound")), {}, 1),
    (
        tuple(n for n in FIGURES if n.startswith("livePercentages/Voice/Inbound")),
        {"group_by": (D.ACCOUNT,)},
        1,
    ),
    (tuple(n for n in FIGURES if n.startswith("advisorMetrics")), {"group_by": (D.AGENT,)}, 1),
    (tuple(n for n in FIGURES if n.startswith("advisorActions")), {"group_by": (D.AGENT,)}, 6),
    (("availabilityPercentage/Available",), {"group_by": (D.AGENT,)}, 1),
    (("cphByChannel/Available",), {"group_by": (D.AGENT, D.CHANNEL)}, 1),
    (("cphByQueue/LoggedIn",), {"group_by": (D.QUEUE, D.AGENT)}, 1),
    (("cphAverage/Available",), {}, 1),
    (("interactionsClosed",), {"group_by": (D.TAG,), "grain": Grain.DAY}, 1),
]


@pytest.mark.parametrize(("items", "more", "calls"), COSTS, ids=lambda one: str(one)[:80])
async def test_a_question_costs_a_call_a_tile_and_selector(
    platform: Platform, items: tuple[str, ...], more: dict[str, Any], calls: int
) -> None:
    found, made = await counted(platform, asked(*items, **more))
    assert made == calls
    for item in items:
        own = [one for one in found.series if key_of(one) == item]
        measured = [a.value for one in own for a in (*one.amounts, one.total)]
        assert any(value is not None for value in measured), item


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    (K.HANDLE_TIME, {}, "values for each CHANNEL stay apart"),
    (K.HANDLE_TIME, {"group_by": (D.ACCOUNT,)}, "values for each CHANNEL stay apart"),
    (K.IVR_TIME, {"channels": CHATS}, "None of the platform's channels"),
    (K.CONVERSATIONS_UNANSWERED, {"channels": CALLS}, "None of the platform's channels"),
    (K.CONVERSATIONS_CLOSED, {"group_by": (D.QUEUE, D.CHANNEL)}, "QUEUE and CHANNEL at once"),
    (
        K.CONVERSATIONS_CLOSED,
        {"group_by": (D.QUEUE,), "filters": ((D.AGENT, ("ana",)),)},
        "QUEUE and AGENT at once",
    ),
    (K.CONVERSATIONS_STARTED, {"group_by": (D.AGENT,)}, "grouped by AGENT"),
    (K.CONVERSATIONS_STARTED, {"group_by": (D.TAG,)}, "grouped by TAG"),
    (K.CONVERSATIONS_HANDLED, {"group_by": (D.QUEUE,)}, "grouped by QUEUE"),
    (K.AVAILABLE_TIME, {"channels": CHATS}, "restricted by CHANNEL"),
    (K.CONTACTS_PER_HOUR, {"channels": CHATS}, "restricted by CHANNEL"),
]


@pytest.mark.parametrize(("item", "more", "reason"), REFUSED, ids=lambda one: str(one)[:60])
async def test_what_cannot_be_asked_says_why_and_costs_nothing(
    platform: Platform, item: str, more: dict[str, Any], reason: str
) -> None:
    found, made = await counted(platform, asked(item, **more))
    (source,) = found.sources
    assert made == 0
    assert reason in (source.note or "")


@pytest.mark.parametrize(
    ("item", "more"),
    [
        (K.HANDLE_TIME, {"channels": CHATS}),
        (K.QUEUE_TIME, {}),
        (K.IVR_TIME, {"channels": CALLS}),
        ("livePercentages/WebChat/handled", {}),
        ("cphByUser/Available", {"channels": CHATS}),
        ("queueTime", {}),
    ],
    ids=str,
)
async def test_averages_of_several_are_null_and_say_why(
    platform: Platform, item: str, more: dict[str, Any]
) -> None:
    (series,) = (await answered(platform, asked(item, **more))).series
    assert series.value is None
    assert "weight" in (series.note or "")


async def test_one_queue_of_many_tells_each_of_its_agents(
    platform: Platform, table: Mapping[str, Any]
) -> None:
    """The call names the agents; that the queue stands apart in it does not make it several."""
    queue = next(iter(table["directory"]["queues"]))
    item = "cphByQueue/LoggedIn/duration"

    found, made = await counted(
        platform, asked(item, group_by=(D.AGENT,), filters=((D.QUEUE, (queue,)),))
    )

    assert found.series
    assert any(one.value for one in found.series)
    assert (made, found.sources[0].calls, found.sources[0].note) == (1, 1, None)


async def test_averages_of_one_account_or_queue_are_told(
    platform: Platform, table: Mapping[str, Any]
) -> None:
    named = table["directory"]
    chat = next(one for one, name in named["accounts"].items() if name.startswith("Chat"))
    queue = next(iter(named["queues"]))
    accounts, queues = ((D.ACCOUNT, (chat,)),), ((D.QUEUE, (queue,)),)

    handled = await values(platform, K.HANDLE_TIME, channels=CHATS, filters=accounts)
    queued = await values(platform, K.QUEUE_TIME, filters=queues)
    ivr = await values(platform, K.IVR_TIME, filters=queues)

    assert all((value or 0) > 1 for value in (*handled.values(), *queued.values(), *ivr.values()))
    by_account = await values(platform, K.HANDLE_TIME, channels=CHATS, group_by=(D.ACCOUNT,))
    by_queue = await values(platform, K.QUEUE_TIME, group_by=(D.QUEUE,))
    assert by_account[K.HANDLE_TIME, chat] == handled[K.HANDLE_TIME]
    assert by_queue[K.QUEUE_TIME, queue] == queued[K.QUEUE_TIME]


@pytest.mark.parametrize("grain", [Grain.TOTAL, Grain.DAY], ids=str)
async def test_every_figure_can_be_had_by_each_of_its_groups(
    platform: Platform, grain: Grain
) -> None:
    by_group: dict[Dimension, list[str]] = {}
    for name, figure in FIGURES.items():
        for dimension in figure.dimensions or ():
            by_group.setdefault(dimension, []).append(name)
    for dimension, names in by_group.items():
        found = await answered(platform, asked(*names, days=2, grain=grain, group_by=(dimension,)))
        assert {key_of(one) for one in found.series} == set(names)


def test_the_moments_asked_about_are_over() -> None:
    assert local_midnight(date(2026, 6, 30), zone(LONDON)) < datetime.now(UTC)
    assert all(one.merge is not Merge.SNAPSHOT for one in FIGURES.values())


@pytest.mark.parametrize("channels", [("WebChat", "Voice"), ("Voice",)], ids=str)
async def test_where_all_channels_are_live_no_channel_stands_for_another(
    table: Mapping[str, Any], channels: tuple[str, ...]
) -> None:
    everywhere = opened("gnatta", table)
    live = opened("gnatta", {**table, "directory": {**table["directory"], "channels": channels}})
    by: dict[str, Any] = {"group_by": (D.CHANNEL, D.ACCOUNT)}
    try:
        whole = await values(everywhere, K.HANDLE_TIME, K.CONVERSATIONS_HANDLED, **by)
        own = await values(live, K.HANDLE_TIME, K.CONVERSATIONS_HANDLED, **by)
        assert own == {key: value for key, value in whole.items() if key[1] in channels}
        phone = next(
            one for one, name in table["directory"]["accounts"].items() if name.startswith("Phone")
        )
        only: dict[str, Any] = {"channels": CALLS, "filters": ((D.ACCOUNT, (phone,)),)}
        assert await values(live, K.HANDLE_TIME, **only) == {
            K.HANDLE_TIME: whole[K.HANDLE_TIME, "Voice", phone]
        }
    finally:
        await everywhere.close()
        await live.close()


async def test_an_hour_more_is_a_call_more_for_each_channel(platform: Platform) -> None:
    longer = asked(*LIVE, days=1, first=date(2025, 10, 26), grain=Grain.HOUR)
    found, made = await counted(platform, longer)
    assert {len(one.points) for one in found.series} == {25}
    assert made == 4


async def test_months_are_one_call_for_each_channel(platform: Platform) -> None:
    months = asked(*LIVE, days=181, first=date(2025, 1, 1), grain=Grain.MONTH)
    found, made = await counted(platform, months)
    assert made == 2
    assert all((point.value or 0) > 0 for one in found.series for point in one.points)
