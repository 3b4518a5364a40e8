from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from tests.vendors.iadvize.answered import Account, asking, by_group
from tests.vendors.iadvize.conftest import Measuring
from tests.vendors.iadvize.measure_calls import measured
from tests.vendors.iadvize.simulated import UNICODE, Vendor, brackets
from tests.vendors.iadvize.upstream import NOW, OPERATOR, Upstream, failure, live, paged, saying

from vendors.calls import Call
from vendors.errors import PlatformRejectedError
from vendors.iadvize.reports import OPERATOR_FIGURES
from vendors.iadvize.sandbox.profile import COUNTED, PROFILE
from vendors.measures import Dimension, Grain, MeasureCall, Member, Reading
from vendors.world import World

EVER = ("operator_statistic.conversation_number", "operator_statistic.experience")
LIVE = ("operator_live.chat.available", "operator_live.chat.slot_number", "operator_live.connected")
TODAY = date(2026, 11, 18)


def of_operator(*figures: str, number: str = "456", **changes: Any) -> MeasureCall:  # noqa: ANN401
    """Ask about one operator, up to now."""
    given: dict[str, Any] = {
        "source": figures[0].partition(".")[0],
        "figures": figures,
        "start": NOW - timedelta(hours=1),
        "end": NOW,
        "filters": ((Dimension.AGENT, (number,)),),
    }
    return measured(**given | changes)


def now(figure: str, value: float | None, *group: str) -> Reading:
    return Reading(figure, NOW - timedelta(hours=1), value, group)


# -------------------------------------------------------------------------------- the request


async def test_lifetime_figures_are_one_call_of_one_operator(
    measuring: Measuring, call: Call
) -> None:
    answer = {"id": 456, "conversation_number": 589, "experience": "5630"}
    upstream = Upstream(saying(answer | {"satisfaction_global_rate": 0.86}))
    found = await measuring(upstream).measure(of_operator(*EVER), call)
    assert found == (now(EVER[0], 589.0), now(EVER[1], 5630.0))
    sent = upstream.request
    assert (sent.method, sent.url.raw_path) == ("GET", b"/api/2/operator/456/statistic")


async def test_the_state_now_is_another(measuring: Measuring, call: Call) -> None:
    upstream = Upstream(saying(live(456)))
    grouped = of_operator(*LIVE, group_by=(Dimension.AGENT,))
    found = await measuring(upstream).measure(grouped, call)
    assert found == (now(LIVE[0], 1.0, "456"), now(LIVE[1], 2.0, "456"), now(LIVE[2], 1.0, "456"))
    assert upstream.request.url.raw_path == b"/api/2/operator/456/live"


@pytest.mark.parametrize("told", [{"id": 456}, []], ids=["nothing of it", "no object"])
async def test_what_is_left_out_is_not_measured(
    measuring: Measuring, call: Call, told: object
) -> None:
    port = measuring(Upstream(saying(told)))
    for figures in (EVER, LIVE):
        found = await port.measure(of_operator(*figures), call)
        assert [one.value for one in found] == [None] * len(figures)


async def test_an_operator_that_is_unknown_has_no_figures(measuring: Measuring, call: Call) -> None:
    refused = Upstream(lambda _: failure("Unknown 'operator' with 'id' 456."))
    port = measuring(refused)
    found = await port.measure(of_operator(EVER[0]), call)
    assert found == (now(EVER[0], None),)
    upstream = Upstream(saying({}))
    found = await measuring(upstream).measure(of_operator(EVER[0], number="x/../1"), call)
    assert found == (now(EVER[0], None),)
    assert upstream.requests == []


@pytest.mark.parametrize("ids", [(), ("1", "2")], ids=["none", "two"])
async def test_only_one_operator_can_be_asked_about(
    measuring: Measuring, call: Call, ids: tuple[str, ...]
) -> None:
    upstream = Upstream(saying({}))
    with pytest.raises(PlatformRejectedError):
        await measuring(upstream).measure(
            of_operator(*EVER, filters=((Dimension.AGENT, ids),)), call
        )
    assert upstream.requests == []


async def test_now_is_not_asked_for_the_past(measuring: Measuring, call: Call) -> None:
    upstream = Upstream(saying(live(456)))
    port = measuring(upstream)
    assert await port.measure(of_operator(*LIVE, end=NOW - timedelta(minutes=6)), call) == ()
    assert upstream.requests == []
    assert await port.measure(of_operator(*LIVE, end=NOW - timedelta(minutes=4)), call)


async def test_who_belongs_to_no_website_is_asked_about_once(
    measuring: Measuring, call: Call
) -> None:
    upstream = Upstream(saying(live(456)))
    port = measuring(upstream, websites=[{"id": 1}, {"id": 2, "currency": "GBP"}])
    first, second = port.measurables.partitions
    assert await port.measure(of_operator(*LIVE, partition=second.key), call) == ()
    assert upstream.requests == []
    assert await port.measure(of_operator(*LIVE, partition=first.key), call)


async def test_operators_are_the_members(measuring: Measuring, call: Call) -> None:
    upstream = Upstream(lambda request: paged([dict(OPERATOR)], request))
    assert await measuring(upstream).members(Dimension.AGENT, call) == (Member("123", "Ana"),)


# ------------------------------------------------------------------------ by the simulator


@pytest.fixture(scope="module")
def vendor() -> Vendor:
    return Vendor()


async def test_every_figure_is_answered_for_every_operator(vendor: Vendor) -> None:
    account = Account(vendor)
    items = tuple(f"iadvize.{name}" for name in OPERATOR_FIGURES)
    found = await account.series(*items, first=TODAY, days=1, group_by=(Dimension.AGENT,))
    listed = {str(one["id"]) for one in await vendor.every("/operator")}
    assert len(found) == len(listed) * len(items)
    assert {one.group[0].id for one in found} == listed
    assert all(one.group[0].name for one in found)
    gone = "iadvize.operator_statistic.satisfaction_global_rate"
    assert {one.item for one in found if one.value is None} == {gone}
    # The list, and two calls for each.
    assert len(account.requests) == 1 + 2 * len(listed)


async def test_what_operators_did_ever_is_what_they_did_before_and_since(vendor: Vendor) -> None:
    item = f"iadvize.{EVER[0]}"
    after = by_group(
        await Account(vendor).series(item, first=TODAY, days=1, group_by=(Dimension.AGENT,))
    )
    week = {str(row["id"]): row for row in await vendor.rows("operator", from_="2026-11-11")}
    earlier = Account(Vendor(now=vendor.now.replace(day=10, hour=23, minute=0, second=0)))
    before = by_group(
        await earlier.series(item, first=date(2026, 11, 10), days=1, group_by=(Dimension.AGENT,))
    )
    for one, value in after.items():
        since = week[one[0]]["contact_number"]
        assert value is not None
        assert before[one] == value - since


async def test_who_is_there_now_adds_up_and_the_past_is_not_told(vendor: Vendor) -> None:
    account = Account(vendor)
    item = "iadvize.operator_live.connected"
    whole = await account.one(item, first=TODAY, days=1)
    each = by_group(await account.series(item, first=TODAY, days=1, group_by=(Dimension.AGENT,)))
    assert whole.value == sum(value or 0.0 for value in each.values()) > 0
    past = await account.one(item)
    assert past.value is None
    hours = await account.answer(asking(item, first=TODAY, days=1, grain=Grain.HOUR))
    assert "state now" in (hours.sources[0].note or "")


async def test_one_operator_costs_two_calls_at_most(vendor: Vendor) -> None:
    account = Account(vendor)
    items = tuple(f"iadvize.{name}" for name in (*EVER, *LIVE))
    only = ((Dimension.AGENT, ("902",)),)
    found = await account.series(*items, first=TODAY, days=1, filters=only)
    assert all(one.value is not None for one in found)
    paths = sorted(one.url.path.removeprefix("/api/2/operator") for one in account.requests)
    assert [path for path in paths if path] == ["/902/live", "/902/statistic"]


# ------------------------------------------------------------------------- the simulator


async def test_the_simulator_counts_what_it_lists() -> None:
    # So early that all there ever was is soon counted.
    early = Vendor(now=datetime(2023, 1, 10, 12, tzinfo=UTC))
    listed = await early.every(UNICODE, brackets(from_="2023-01-01"))
    for number in (901, 902, 900):
        told = (await early.body(f"/operator/{number}/statistic"))["data"]
        mine = sum(row["operator_id"] == number for row in listed)
        assert told == {
            "id": number,
            "conversation_number": mine,
            "satisfaction_global_rate": None,
            "experience": 10 * mine,
        }
        assert mine


def test_what_it_takes_for_counted_is_what_it_would_count(vendor: Vendor) -> None:
    latest, first = COUNTED
    account = World(clock=lambda: vendor.now).account(PROFILE)
    contacts = account.contacts(datetime(2022, 12, 31, tzinfo=UTC), latest.at)
    found = Counter(contact.staff_id for contact in contacts)
    assert {number: found[number] for number in latest.conversations} == latest.conversations
    assert {member.id for member in account.staff} == latest.conversations.keys()
    assert not first.conversations


async def test_who_is_no_operator_has_no_statistic(vendor: Vendor) -> None:
    answer = await vendor.get("/operator/9/statistic")
    assert (answer.status_code, answer.json()["meta"]) == (
        404,
        {"status": "fail", "message": "Unknown 'operator' with 'id' 9."},
    )
