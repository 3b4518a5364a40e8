"""What is asked of the planner comes from the simulator, by the fewest calls."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.fakes import FakeCache, context_of
from tests.simulators import opened, serving

from resolvers.context import Limits
from resolvers.indicators import measure
from resolvers.planner.request import MeasureRequest
from resolvers.planner.series import MeasureAnswer, Series
from vendors.buckets import local_midnight, zone
from vendors.catalogue import IndicatorKey
from vendors.clock import SystemClock
from vendors.gnatta.reports import FIGURES, SOURCES
from vendors.measures import Dimension, Grain, Merge
from vendors.port import Platform
from vendors.records import Channel

D, K = Dimension, IndicatorKey
LONDON = "Europe/London"
MONDAY = date(2026, 3, 2)
CHATS, CALLS = (Channel.CHAT,), (Channel.CALL,)
LIVE = (K.CONVERSATIONS_UNANSWERED, K.CONVERSATIONS_ABANDONED, K.CONVERSATIONS_HANDLED)


@pytest.fixture(scope="module")
def table() -> Iterator[Mapping[str, Any]]:
    with serving("gnatta") as told:
        yield told


@pytest.fixture
async def platform(table: Mapping[str, Any]) -> AsyncIterator[Platform]:
    one = opened("gnatta", table)
    yield one
    await one.close()


def asked(*items: str, days: int = 7, first: date = MONDAY, **more: Any) -> MeasureRequest:  # noqa: ANN401 - members of the request
    native = tuple(one if one in set(K) else f"gnatta.{one}" for one in items)
    return MeasureRequest(
        items=native,
        start=local_midnight(first, zone(LONDON)),
        end=local_midnight(first + timedelta(days=days), zone(LONDON)),
        zone=LONDON,
        **more,
    )


async def answered(platform: Platform, request: MeasureRequest) -> MeasureAnswer:
    clock = SystemClock()
    context = context_of(
        platform,
        clock=clock,  # type: ignore[arg-type]  # any clock will do
        cache=FakeCache(clock),  # type: ignore[arg-type]  # as above
        limits=Limits(most_calls=1000),
        seconds=60.0,
    )
    found = await measure(context, request, [platform])
    assert found.failures == ()
    return found


async def values(platform: Platform, *items: str, **more: Any) -> dict[Any, float | None]:  # noqa: ANN401 - members of the request
    """Return the values by item, or by item and members where the request is grouped."""
    found = await answered(platform, asked(*items, **more))
    return {
        (one.item.removeprefix("gnatta."), *(m.id for m in one.group))
        if one.group
        else _key(one): (one.value)
        for one in found.series
    }


def _key(one: Series) -> str:
    return one.item.removeprefix("gnatta.")


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
    ((K.CONTACTS_PER_HOUR,), {}, 2),
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
    found = await answered(platform, asked(*items, **more))
    (source,) = found.sources
    assert source.calls == calls
    for item in items:
        own = [one for one in found.series if _key(one) == item]
        measured = [a.value for one in own for a in (*one.amounts, one.total)]
        assert any(value is not None for value in measured), item


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    (K.HANDLE_TIME, {}, "CHANNEL overlap"),
    (K.HANDLE_TIME, {"group_by": (D.ACCOUNT,)}, "CHANNEL overlap"),
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
    (source,) = (await answered(platform, asked(item, **more))).sources
    assert source.calls == 0
    assert reason in (source.note or "")


@pytest.mark.parametrize(
    ("item", "more"),
    [
        (K.HANDLE_TIME, {"channels": CHATS}),
        (K.QUEUE_TIME, {}),
        (K.IVR_TIME, {"channels": CALLS}),
        ("livePercentages/WebChat/handled", {}),
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


FEW = settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
WINDOWS = st.tuples(
    st.integers(0, 600).map(lambda n: date(2024, 10, 20) + timedelta(days=n)), st.integers(1, 9)
)


@FEW
@given(WINDOWS)
async def test_channels_accounts_and_days_make_the_outcomes(
    table: Mapping[str, Any], window: tuple[date, int]
) -> None:
    platform = opened("gnatta", table)
    first, days = window
    span = {"first": first, "days": days}
    names = [n for n in FIGURES if SOURCES[FIGURES[n].source].name == "liveTotals"]
    whole = await values(platform, *names, **span)

    for more in (
        {"group_by": (D.CHANNEL,)},
        {"group_by": (D.ACCOUNT,)},
        {"group_by": (D.ACCOUNT, D.CHANNEL)},
    ):
        parts = await values(platform, *names, **span, **more)
        for name in names:
            assert whole[name] == sum(v or 0 for key, v in parts.items() if key[0] == name)
    assert await values(platform, *names, **span, grain=Grain.DAY) == whole

    told = {name.partition("/")[2]: value or 0 for name, value in whole.items()}
    assert told["abandonedBeforeOperator"] == told["abandonedByCustomer"] + told["abandoned"]
    assert told.pop("total") == sum(told.values()) - told["abandonedBeforeOperator"]
    await platform.close()


@FEW
@given(WINDOWS)
async def test_contacts_per_hour_agree_whichever_tile_tells_them(
    table: Mapping[str, Any], window: tuple[date, int]
) -> None:
    """Rates by hours (32, 34), what is said of advisors (36), and rates within users (30, 31)."""
    platform = opened("gnatta", table)
    first, days = window
    span = {"first": first, "days": days}
    found = await values(
        platform,
        K.CONTACTS_PER_HOUR,
        K.AVAILABLE_TIME,
        K.AVAILABILITY_RATE,
        "cphByUser/Available",
        "cphByUser/LoggedIn",
        "advisorMetrics/contactsAvailable",
        "advisorMetrics/timeAvailable",
        "advisorMetrics/cphAvailable",
        "advisorMetrics/cphLoggedIn",
        "advisorMetrics/unproductivePercentage",
        "availabilityPercentage/Available",
        **span,
    )
    contacts = found["advisorMetrics/contactsAvailable"] or 0
    hours = (found["advisorMetrics/timeAvailable"] or 0) / 3600
    near = pytest.approx(contacts / hours, rel=1e-9)
    assert found[K.AVAILABLE_TIME] == pytest.approx(hours * 3600)
    assert found[K.CONTACTS_PER_HOUR] == found["cphByUser/Available"] == near
    assert found["advisorMetrics/cphAvailable"] == near
    assert found["cphByUser/LoggedIn"] == pytest.approx(found["advisorMetrics/cphLoggedIn"])
    assert found["availabilityPercentage/Available"] == pytest.approx(found[K.AVAILABILITY_RATE])
    unproductive = found["advisorMetrics/unproductivePercentage"] or 0
    assert unproductive == pytest.approx(1 - (found[K.AVAILABILITY_RATE] or 0))

    for family, by in (("cphByChannel", D.CHANNEL), ("cphByQueue", D.QUEUE)):
        name = f"{family}/Available"
        parts = await values(platform, name, **span, group_by=(by,))
        assert sum(value or 0 for value in parts.values()) == near
        own = await values(platform, f"{name}/totalContacts", f"{name}/duration", **span)
        assert own[f"{name}/totalContacts"] == contacts
        assert own[f"{name}/duration"] == pytest.approx(hours * 3600)
    await platform.close()


async def test_shares_are_parts_of_the_totals(platform: Platform) -> None:
    by = {"group_by": (D.ACCOUNT,)}
    shares = await values(platform, "livePercentages/Voice/handled", **by)
    totals = await values(platform, "liveTotals/handled", "liveTotals/total", **by, channels=CALLS)
    measured = [(key[1], value) for key, value in shares.items() if value is not None]
    assert measured
    for account, value in measured:
        handled, total = (totals[f"liveTotals/{one}", account] for one in ("handled", "total"))
        assert value == pytest.approx((handled or 0) / (total or 0))


async def test_the_average_user_is_between_the_users(platform: Platform) -> None:
    by_user = await values(platform, "cphByUser/Available", group_by=(D.AGENT,))
    known = [value for value in by_user.values() if value is not None]
    (average,) = (await values(platform, "cphAverage/Available")).values()
    assert average == pytest.approx(sum(known) / len(known))
    first = next(key[1] for key, value in by_user.items() if value is not None)
    one = await values(platform, "cphAverage/Available", filters=((D.AGENT, (first,)),))
    assert one == {"cphAverage/Available": by_user["cphByUser/Available", first]}


async def test_actions_are_done_or_not(platform: Platform) -> None:
    found = await values(platform, *(n for n in FIGURES if n.startswith("advisorActions")))
    told = {name.partition("/")[2]: value or 0 for name, value in found.items()}
    assert told["Any"] >= max(told[one] for one in ("Closed", "Message", "Data", "Note")) > 0
    assert told["None"] > 0
    (contacts,) = (await values(platform, "advisorMetrics/contactsLoggedIn")).values()
    assert contacts == told["Any"]


async def test_closings_by_tag_are_those_restricted_to_it(
    platform: Platform, table: Mapping[str, Any]
) -> None:
    by_tag = await values(platform, K.CONVERSATIONS_CLOSED, group_by=(D.TAG,))
    (whole,) = (await values(platform, K.CONVERSATIONS_CLOSED)).values()
    assert {key[1] for key in by_tag} == set(table["directory"]["tags"])
    assert 0 < sum(value or 0 for value in by_tag.values()) <= (whole or 0)
    (_, tag), most = max(by_tag.items(), key=lambda one: one[1] or 0)
    filters = ((D.TAG, (tag,)),)
    assert await values(platform, K.CONVERSATIONS_CLOSED, filters=filters) == {
        K.CONVERSATIONS_CLOSED: most
    }
    by_queue = await values(
        platform, K.CONVERSATIONS_CLOSED, filters=filters, group_by=(D.QUEUE,), grain=Grain.DAY
    )
    assert sum(value or 0 for value in by_queue.values()) == most


async def test_a_restriction_to_users_adds_up_what_they_did(platform: Platform) -> None:
    by_user = await values(platform, K.CONVERSATIONS_CLOSED, group_by=(D.AGENT,))
    ids = tuple(key[1] for key in by_user)[:2]
    found = await values(platform, K.CONVERSATIONS_CLOSED, filters=((D.AGENT, ids),))
    parts = [by_user[K.CONVERSATIONS_CLOSED, one] or 0 for one in ids]
    assert found == {K.CONVERSATIONS_CLOSED: sum(parts)}


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
        assert {_key(one) for one in found.series} == set(names)


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
    found = await answered(platform, longer)
    assert {len(one.points) for one in found.series} == {25}
    assert found.sources[0].calls == 4


async def test_months_are_one_call_for_each_channel(platform: Platform) -> None:
    months = asked(*LIVE, days=181, first=date(2025, 1, 1), grain=Grain.MONTH)
    found = await answered(platform, months)
    assert found.sources[0].calls == 2
    assert all((point.value or 0) > 0 for one in found.series for point in one.points)
