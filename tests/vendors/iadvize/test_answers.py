"""Every canonical indicator, answered from the simulator, is what the simulator's figures make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.vendors.iadvize.answered import Account, asking, bounds, by_group
from tests.vendors.iadvize.simulated import Vendor
from tests.vendors.iadvize.test_indicator_rows import EXPECTED

from resolvers.planner.series import Series
from vendors.buckets import is_sharp, local_midnight, zone
from vendors.catalogue import CATALOGUE, IndicatorKey
from vendors.iadvize.sandbox.profile import PROFILE
from vendors.measures import Dimension, Grain, Merge
from vendors.records import Channel

K = IndicatorKey
PARIS = "Europe/Paris"
MEASURED = tuple(key for key in EXPECTED if key is not K.SURVEY_RESPONSES)
WEEK = {"from_": "2026-11-09", "to": "2026-11-15"}
# What is told over all channels together cannot be made of what is told for each.
TIMES = frozenset(
    {
        K.LOGGED_IN_TIME,
        K.AVAILABLE_TIME,
        K.UNAVAILABLE_TIME,
        K.OCCUPIED_TIME,
        K.COVERAGE_TIME,
        K.AVAILABILITY_RATE,
        K.OCCUPANCY_RATE,
        K.CONTACTS_PER_HOUR,
    }
)


@pytest.fixture(scope="module")
def vendor() -> Vendor:
    return Vendor()


@pytest.fixture
def account(vendor: Vendor) -> Account:
    return Account(vendor)


def made(key: IndicatorKey, told: Mapping[str, Any]) -> float | None:
    """Make an indicator of the figures of one answer of the simulator."""
    if key in {K.INVITATIONS_ACCEPTED, K.INVITATION_RATE}:
        shown, rate = told["rule_display_number"], told["rule_contact_rate"]
        accepted = None if rate is None else shown * rate
        return accepted if key is K.INVITATIONS_ACCEPTED else rate
    value, weight = (
        None
        if None in {told[name] for name in terms}
        else sum(told[n] * t for n, t in terms.items())
        for terms in EXPECTED[key]
    )
    if CATALOGUE[key].merge is not Merge.RATIO:
        return value
    return value / weight if value is not None and weight else None


def total(terms: Mapping[str, float], told: Mapping[str, Any]) -> float | None:
    """Add up figures, or return None where one of them is null."""
    missing = None in {told[name] for name in terms}
    return None if missing else sum(told[name] * times for name, times in terms.items())


def assert_made(series: Series, told: Mapping[str, Any]) -> None:
    expected = made(K(series.item), told)
    assert series.value == (None if expected is None else pytest.approx(expected)), series.item


async def test_a_week_is_what_the_figures_of_the_week_make(
    account: Account, vendor: Vendor
) -> None:
    told = await vendor.statistic(**WEEK)
    found = await account.series(*MEASURED)
    assert [one.item for one in found] == [*MEASURED]
    for one in found:
        assert_made(one, told)
        assert (one.note, one.value is None) == (None, False)
        assert one.currency == ("EUR" if "amount" in str(EXPECTED[K(one.item)][0]) else None)
    # Two indicators are about some channels only, of which the account has two.
    assert len(account.statistics) <= 3


@given(
    first=st.dates(date(2026, 3, 1), date(2026, 11, 10)),
    days=st.integers(1, 9),
    grain=st.sampled_from([Grain.HOUR, Grain.DAY, Grain.MONTH]),
)
@settings(max_examples=6, deadline=None)
async def test_buckets_are_what_the_figures_of_each_make(
    vendor: Vendor, first: date, days: int, grain: Grain
) -> None:
    items = (K.CONVERSATIONS_STARTED, K.HANDLE_TIME, K.AVAILABILITY_RATE, K.SALES_AMOUNT)
    found = await Account(vendor).series(*items, first=first, days=days, grain=grain)
    where = zone(PARIS)
    parts = [
        (one, point)
        for one in found
        for point in one.points
        if is_sharp(point.start, where) and is_sharp(point.end, where)
    ]
    # Some of them will do, from beginning to end.
    for one, point in parts[:: max(1, len(parts) // 20)]:
        told = await vendor.statistic(**bounds(point.start, point.end, PARIS))
        expected = made(K(one.item), told)
        assert point.value == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    ("dimension", "resource"),
    [
        (Dimension.AGENT, "operator"),
        (Dimension.TEAM, "group"),
        (Dimension.SKILL, "skill"),
        (Dimension.RULE, "rule"),
        (Dimension.CONTACT_TYPE, "contact_type"),
        (Dimension.PAGE_TYPE, "page_type"),
    ],
)
async def test_groups_are_the_rows_of_a_resource(
    account: Account, vendor: Vendor, dimension: Dimension, resource: str
) -> None:
    rows = {str(row["id"]): row for row in await vendor.rows(resource, **WEEK)}
    found = await account.series(*MEASURED, group_by=(dimension,))
    assert {one.group[0].id for one in found} == rows.keys()
    assert len(found) == len(rows) * len(MEASURED)
    for one in found:
        assert_made(one, rows[one.group[0].id])
    assert {one["resource"] for one in account.statistics} == {resource}
    assert len(account.statistics) <= 3
    only = min(rows)
    for one in await account.series(*MEASURED, filters=((dimension, (only,)),)):
        assert_made(one, rows[only])
    assert len(account.statistics) <= 3


@pytest.mark.parametrize(
    ("dimension", "name", "members"),
    [
        (Dimension.CHANNEL, "channel", ("chat", "call")),
        (Dimension.SITE, "website_list", ("2101", "2102")),
    ],
)
async def test_channels_and_sites_are_asked_one_by_one(
    account: Account, vendor: Vendor, dimension: Dimension, name: str, members: tuple[str, ...]
) -> None:
    told = {one: await vendor.statistic(**{**WEEK, name: one}) for one in members}
    found = await account.series(*MEASURED, group_by=(dimension,))
    assert {one.group[0].id for one in found} == set(members)
    for one in found:
        assert_made(one, told[one.group[0].id])


PAIRS = [
    (mine, each)
    for mine in (Dimension.AGENT, Dimension.TEAM, Dimension.SKILL, Dimension.PAGE_TYPE)
    for each in (Dimension.CHANNEL, Dimension.SITE)
]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: "x".join(one.name for one in pair))
async def test_a_resource_pairs_with_channel_or_site(
    account: Account, vendor: Vendor, pair: tuple[Dimension, Dimension]
) -> None:
    resource = {Dimension.AGENT: "operator", Dimension.TEAM: "group", Dimension.SKILL: "skill"}
    filtered = "channel" if pair[1] is Dimension.CHANNEL else "website_list"
    members = ("chat", "call") if filtered == "channel" else ("2101", "2102")
    expected = {
        (str(row["id"]), member): row["contact_number"]
        for member in members
        for row in await vendor.rows(
            resource.get(pair[0], pair[0].value), **{**WEEK, filtered: member}
        )
    }
    there = await account.series(K.CONVERSATIONS_STARTED, group_by=pair)
    assert by_group(there) == expected
    assert len(account.statistics) == len(members)
    back = await account.series(K.CONVERSATIONS_STARTED, group_by=pair[::-1])
    assert by_group(back) == {key[::-1]: value for key, value in expected.items()}
    assert len(account.statistics) == len(members)


async def test_pairs_by_day_are_a_call_for_each_day(account: Account, vendor: Vendor) -> None:
    pair = (Dimension.AGENT, Dimension.CHANNEL)
    found = await account.series(
        K.CONVERSATIONS_STARTED, group_by=pair, grain=Grain.DAY, filters=((pair[0], ("902",)),)
    )
    assert len(account.statistics) == 7 * 2
    rows = [
        row["contact_number"]
        for day in range(9, 16)
        for row in await vendor.rows(
            "operator", from_=f"2026-11-{day:02}", to=f"2026-11-{day:02}", channel="chat"
        )
        if row["id"] == 902
    ]
    (chats,) = (one for one in found if one.group[1].id == "chat")
    assert [point.value for point in chats.points] == rows


async def test_channels_and_sites_pair_with_each_other(account: Account, vendor: Vendor) -> None:
    pair = (Dimension.SITE, Dimension.CHANNEL)
    found = by_group(await account.series(K.CONVERSATIONS_STARTED, group_by=pair))
    assert found == {
        (site, channel): (await vendor.statistic(**WEEK, website_list=site, channel=channel))[
            "contact_number"
        ]
        for site in ("2101", "2102")
        for channel in ("chat", "call")
    }


async def test_two_resources_do_not_pair(account: Account) -> None:
    answer = await account.answer(
        asking(K.CONVERSATIONS_STARTED, group_by=(Dimension.AGENT, Dimension.SKILL))
    )
    assert account.requests == []
    assert "AGENT and SKILL at once" in (answer.sources[0].note or "")


FILTERS: list[tuple[dict[str, Any], dict[str, object]]] = [
    ({"filters": ((Dimension.SITE, ("2101",)),)}, {"website_list": 2101}),
    ({"filters": ((Dimension.SITE, ("2101", "2102")),)}, {}),
    ({"channels": (Channel.CALL,)}, {"channel": "call"}),
    ({"channels": (Channel.CALL, Channel.CHAT)}, {}),
]


@pytest.mark.parametrize(("members", "filters"), FILTERS, ids=str)
async def test_filters_of_the_vendor_restrict_every_indicator(
    account: Account, vendor: Vendor, members: dict[str, Any], filters: dict[str, object]
) -> None:
    told = await vendor.statistic(**WEEK, **filters)
    for one in await account.series(*MEASURED, **members):
        assert_made(one, told)


async def test_resources_restrict_by_their_rows(account: Account, vendor: Vendor) -> None:
    rows = {str(row["id"]): row for row in await vendor.rows("skill", **WEEK)}
    both = await account.one(K.CONVERSATIONS_STARTED, filters=((Dimension.SKILL, ("21", "23")),))
    assert both.value == rows["21"]["contact_number"] + rows["23"]["contact_number"]
    one = await account.one(K.LOGGED_IN_TIME, filters=((Dimension.SKILL, ("21",)),))
    assert one.value == rows["21"]["presence_duration"]
    # Who has both skills would be there twice.
    shared = await account.one(K.LOGGED_IN_TIME, filters=((Dimension.SKILL, ("21", "23")),))
    assert (shared.value, shared.note) == (
        None,
        "Its values for each SKILL overlap and cannot be added.",
    )


async def test_where_each_channel_is_asked_for_only_what_adds_up_is_told(vendor: Vendor) -> None:
    told = await vendor.statistic(**WEEK)
    for one in await Account(vendor, channel_mode="each").series(*MEASURED):
        if K(one.item) in TIMES:
            assert one.note == "Its values for each CHANNEL overlap and cannot be added."
            assert one.value is None
        else:
            assert_made(one, told)


@pytest.mark.parametrize("channel", [Channel.CALL, Channel.CHAT], ids=str)
async def test_of_no_invitations_none_are_accepted(account: Account, channel: Channel) -> None:
    items = (K.INVITATIONS_SHOWN, K.INVITATIONS_ACCEPTED, K.INVITATION_RATE)
    shown, accepted, rate = await account.series(*items, grain=Grain.HOUR, channels=(channel,))
    quiet = [at for at, point in enumerate(shown.points) if point.value == 0]
    assert quiet
    assert {accepted.points[at].value for at in quiet} == {0}
    assert {rate.points[at].value for at in quiet} == {None}


@pytest.mark.parametrize("mode", ["each", "optional"])
async def test_what_websites_sold_is_theirs_on_whatever_channel(vendor: Vendor, mode: str) -> None:
    account = Account(vendor, channel_mode=mode)
    names = ("transaction_total_number", "transaction_total_amount", "cart_global_amount")
    items = tuple(f"iadvize.{name}" for name in names)
    told = await vendor.statistic(**WEEK)
    found = await account.series(*items)
    assert {one.item: one.value for one in found} == {
        f"iadvize.{name}": pytest.approx(told[name]) for name in names
    }
    assert len(account.statistics) == 1
    sites = by_group(await account.series(items[0], group_by=(Dimension.SITE,)))
    assert sum(value or 0.0 for value in sites.values()) == told[names[0]]
    agents = await account.answer(asking(items[0], group_by=(Dimension.AGENT,)))
    assert agents.sources[0].note == f"{items[0]}: It cannot be grouped by AGENT."


async def test_survey_responses_are_not_measured_unless_they_are_still_served(
    vendor: Vendor,
) -> None:
    account = Account(vendor)
    one = await account.one(K.SURVEY_RESPONSES)
    assert (one.value, one.note) == (None, "The platform does not measure it.")
    assert account.requests == []
    served = Account(vendor, satisfaction_served=True)
    assert (await served.one(K.SURVEY_RESPONSES)).note is None
    assert [one["indicators"] for one in served.statistics] == ["satisfaction_respondent_number"]


# ----------------------------------------------------------- several zones and currencies

LONDON = replace(PROFILE.sites[1], currency="GBP", time_zone="Europe/London")
SITES = {"2101": ("EUR", PARIS), "2102": ("GBP", "Europe/London")}


@pytest.fixture(scope="module")
def abroad() -> Vendor:
    return Vendor(profile=replace(PROFILE, sites=(PROFILE.sites[0], LONDON)))


async def _by_site(vendor: Vendor, day: date, days: int = 1) -> dict[str, dict[str, Any]]:
    """Return the figures of each site for days of Paris, asked in the site's own time."""
    start, end = (local_midnight(one, zone(PARIS)) for one in (day, day + timedelta(days=days)))
    return {
        currency: await vendor.statistic(**bounds(start, end, where), website_list=site)
        for site, (currency, where) in SITES.items()
    }


async def test_amounts_are_told_in_each_currency_of_the_sites(abroad: Vendor) -> None:
    account = Account(abroad)
    told = await _by_site(abroad, date(2026, 11, 9), days=7)
    found = await account.series(K.SALES_AMOUNT, K.AVERAGE_ORDER_VALUE, K.SALES_COUNT)
    amounts = [one for one in found if one.item != K.SALES_COUNT]
    assert {(one.item, one.currency) for one in amounts} == {
        (key, currency)
        for key in (K.SALES_AMOUNT, K.AVERAGE_ORDER_VALUE)
        for currency in ("EUR", "GBP")
    }
    for one in amounts:
        assert_made(one, told[one.currency or ""])
    (count,) = (one for one in found if one.item == K.SALES_COUNT)
    assert count.currency is None
    assert count.value == sum(one["transaction_after_contact_number"] for one in told.values())
    assert sorted((one["website_list"], one["from"]) for one in account.statistics) == [
        ("2101", "2026-11-09 00:00:00"),
        ("2102", "2026-11-08 23:00:00"),
    ]


async def test_days_of_one_zone_are_days_of_sites_in_another(abroad: Vendor) -> None:
    found = await Account(abroad).series(K.SALES_AMOUNT, grain=Grain.DAY)
    assert sorted(one.currency or "" for one in found) == ["EUR", "GBP"]
    for at in range(7):
        told = await _by_site(abroad, date(2026, 11, 9 + at))
        for one in found:
            expected = told[one.currency or ""]["transaction_after_contact_amount"]
            assert one.points[at].value == pytest.approx(expected)


async def test_what_adds_up_is_added_over_zones_and_what_does_not_says_so(abroad: Vendor) -> None:
    account = Account(abroad)
    started = await account.one(K.CONVERSATIONS_STARTED, grain=Grain.DAY)
    for at, point in enumerate(started.points):
        told = await _by_site(abroad, date(2026, 11, 9 + at))
        assert point.value == sum(one["contact_number"] for one in told.values())
    present = await account.one(K.LOGGED_IN_TIME)
    assert (present.value, present.note) == (
        None,
        "Its values for each SITE overlap and cannot be added.",
    )


async def test_agents_have_amounts_in_each_currency(abroad: Vendor) -> None:
    account = Account(abroad)
    found = await account.series(K.SALES_AMOUNT, group_by=(Dimension.AGENT,))
    told = {(one.group[0].id, one.currency): one.value for one in found}
    assert len(told) == len(found)
    start, end = (local_midnight(date(2026, 11, day), zone(PARIS)) for day in (9, 16))
    for site, (currency, where) in SITES.items():
        for row in await abroad.rows("operator", **bounds(start, end, where), website_list=site):
            expected = row["transaction_after_contact_amount"]
            assert told[str(row["id"]), currency] == pytest.approx(expected)


async def test_a_site_has_its_own_currency_only(abroad: Vendor) -> None:
    found = await Account(abroad).series(K.SALES_AMOUNT, group_by=(Dimension.SITE,))
    assert sorted((one.group[0].id, one.currency) for one in found) == [
        ("2101", "EUR"),
        ("2102", "GBP"),
    ]
