"""What one tile tells through the planner is what the others tell."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.simulators import opened
from tests.vendors.gnatta.measured import CALLS, D, K, answered, asked, values

from vendors.gnatta.reports import FIGURES, SOURCES
from vendors.measures import Grain
from vendors.port import Platform

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
        "cphByUser/Available/byHours",
        "cphByUser/LoggedIn/byHours",
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
    assert found[K.CONTACTS_PER_HOUR] == near
    assert found["cphByUser/Available/byHours"] == near
    assert found["advisorMetrics/cphAvailable"] == near
    assert found["cphByUser/LoggedIn/byHours"] == pytest.approx(found["advisorMetrics/cphLoggedIn"])
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


@pytest.mark.parametrize(
    ("grain", "days"), [(Grain.WEEK, 21), (Grain.DAY, 3), (Grain.MONTH, 45)], ids=str
)
async def test_contacts_per_hour_of_a_bucket_are_those_of_all_its_days(
    platform: Platform, grain: Grain, days: int
) -> None:
    """Both factors of the contacts are taken over the same time, whatever the buckets are."""
    metrics = ("advisorMetrics/contactsAvailable", "advisorMetrics/timeAvailable")
    found = await answered(
        platform, asked(K.CONTACTS_PER_HOUR, "cphByUser/Available/byHours", days=days, grain=grain)
    )
    exact = await answered(platform, asked(*metrics, days=days, grain=grain))
    contacts, seconds = exact.series
    for own in found.series:
        assert len(own.points) > 1
        for point, done, time in zip(own.points, contacts.points, seconds.points, strict=True):
            assert point.value == pytest.approx((done.value or 0) / ((time.value or 0) / 3600))
