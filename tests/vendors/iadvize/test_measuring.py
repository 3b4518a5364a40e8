from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tests.vendors.iadvize.conftest import Measuring
from tests.vendors.iadvize.measure_calls import PARTITION, measured, told
from tests.vendors.iadvize.upstream import (
    Upstream,
    asked,
    filters_of,
    saying,
    utc,
)

from vendors.calls import Call
from vendors.errors import PlatformRejectedError
from vendors.iadvize.measuring import statistic_filters
from vendors.measures import Dimension, Grain, Member

# -------------------------------------------------------------------------------- the request


async def test_a_total_is_one_call_for_all_its_figures(measuring: Measuring, call: Call) -> None:
    flat = {"contact_number": 12, "contact_duration": 341.5, "contact_sent_message_number": "7"}
    upstream = Upstream(saying(flat))
    names = ("contact_duration", "contact_number", "contact_sent_message_number")
    found = await measuring(upstream).measure(measured(figures=names), call)
    assert found == (
        told(341.5, "contact_duration"),
        told(12.0),
        told(7.0, "contact_sent_message_number"),
    )
    sent = upstream.request
    assert sent.method == "GET"
    assert sent.url.raw_path == (
        b"/api/2/statistic?filters%5Bchannel%5D=chat"
        b"&filters%5Bindicators%5D=contact_duration%2Ccontact_number%2Ccontact_sent_message_number"
        b"&filters%5Bfrom%5D=2017-03-01%2000%3A00%3A00"
        b"&filters%5Bto%5D=2017-03-03%2023%3A59%3A59"
    )


async def test_without_a_channel_none_is_named(measuring: Measuring, call: Call) -> None:
    upstream = Upstream(saying({"contact_number": 1}))
    port = measuring(upstream, channel_mode="optional")
    await port.measure(measured(filters=()), call)
    assert "channel" not in filters_of(upstream.request)


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
async def test_a_group_is_a_resource(
    measuring: Measuring, call: Call, dimension: Dimension, resource: str
) -> None:
    rows = [{"id": 123, "contact_number": 5}, {"id": "x", "contact_number": None}]
    upstream = Upstream(saying(rows))
    found = await measuring(upstream).measure(measured(group_by=(dimension,)), call)
    assert found == (told(5.0, group=("123",)), told(None, group=("x",)))
    sent = filters_of(upstream.request)
    assert sent["resource"] == resource
    assert "resource_id" not in sent
    assert "limit" not in asked(upstream.request)


@pytest.mark.parametrize(
    "data", [[{"id": 32, "contact_number": 5}], {"contact_number": 5}], ids=["row", "object"]
)
async def test_one_agent_is_a_resource_with_its_id(
    measuring: Measuring, call: Call, data: object
) -> None:
    upstream = Upstream(saying(data))
    narrowed = measured(filters=((Dimension.AGENT, ("32",)), (Dimension.CHANNEL, ("chat",))))
    assert await measuring(upstream).measure(narrowed, call) == (told(5.0),)
    sent = filters_of(upstream.request)
    assert (sent["resource"], sent["resource_id"]) == ("operator", "32")


async def test_another_agents_row_is_not_taken(measuring: Measuring, call: Call) -> None:
    upstream = Upstream(saying([{"id": 33, "contact_number": 5}]))
    narrowed = measured(filters=((Dimension.AGENT, ("32",)),))
    assert await measuring(upstream).measure(narrowed, call) == ()


async def test_groups_may_be_restricted_to_some(measuring: Measuring, call: Call) -> None:
    rows = [{"id": number, "contact_number": number} for number in (1, 2, 3)]
    upstream = Upstream(saying(rows))
    some = measured(group_by=(Dimension.AGENT,), filters=((Dimension.AGENT, ("1", "3")),))
    found = await measuring(upstream).measure(some, call)
    assert [one.group for one in found] == [("1",), ("3",)]


async def test_a_dimension_that_is_a_filter_stands_in_the_group(
    measuring: Measuring, call: Call
) -> None:
    upstream = Upstream(saying([{"id": 9, "contact_number": 5}]))
    both = measured(group_by=(Dimension.CHANNEL, Dimension.AGENT))
    found = await measuring(upstream).measure(both, call)
    assert found == (told(5.0, group=("chat", "9")),)


@pytest.mark.parametrize(
    "changes",
    [
        {"group_by": (Dimension.AGENT, Dimension.TEAM)},
        {"group_by": (Dimension.AGENT,), "filters": ((Dimension.TEAM, ("1",)),)},
        {"filters": ((Dimension.AGENT, ("1", "2")),)},
        {"filters": ((Dimension.CHANNEL, ("chat", "call")),)},
        {"group_by": (Dimension.AGENT,), "grain": Grain.DAY},
        {"filters": ((Dimension.AGENT, ("1",)),), "grain": Grain.DAY},
        {"figures": ("contact_number", "contact_duration"), "grain": Grain.DAY},
    ],
)
async def test_what_the_statistics_cannot_be_asked_is_refused_without_a_call(
    measuring: Measuring, call: Call, changes: dict[str, Any]
) -> None:
    upstream = Upstream(saying({}))
    with pytest.raises(PlatformRejectedError):
        await measuring(upstream).measure(measured(**changes), call)
    assert upstream.requests == []


@pytest.mark.parametrize(
    ("grain", "word"), [(Grain.HOUR, "hour"), (Grain.DAY, "day"), (Grain.MONTH, "month")]
)
async def test_buckets_are_a_granularity(
    measuring: Measuring, call: Call, grain: Grain, word: str
) -> None:
    upstream = Upstream(saying([]))
    assert await measuring(upstream).measure(measured(grain=grain), call) == ()
    assert filters_of(upstream.request)["granularity"] == word


# --------------------------------------------------------------------------- sites, zones, time

SITES = [
    {"id": 1, "label": "Shop", "currency": "EUR"},
    {"id": 2, "currency": "EUR"},
    {"id": 3, "time_zone": "Europe/London", "currency": "GBP"},
]


async def test_the_sites_of_a_part_share_a_call_in_their_zone(
    measuring: Measuring, call: Call
) -> None:
    upstream = Upstream(saying({"transaction_after_contact_amount": "12.50", "contact_number": 3}))
    port = measuring(upstream, websites=SITES)
    paris, london = port.measurables.partitions
    figures = ("contact_number", "transaction_after_contact_amount")
    found = await port.measure(measured(figures=figures, partition=paris.key), call)
    assert found == (
        told(3.0),
        told(12.5, "transaction_after_contact_amount"),
    )
    await port.measure(measured(figures=figures, partition=london.key), call)
    sent = [filters_of(one) for one in upstream.requests]
    assert [one["website_list"] for one in sent] == ["1,2", "3"]
    assert [one["from"] for one in sent] == ["2017-03-01 00:00:00", "2017-02-28 23:00:00"]
    assert [one["to"] for one in sent] == ["2017-03-03 23:59:59", "2017-03-03 22:59:59"]


async def test_a_filter_by_site_is_cut_to_the_part(measuring: Measuring, call: Call) -> None:
    upstream = Upstream(saying({"contact_number": 3}))
    port = measuring(upstream, websites=SITES)
    paris, london = port.measurables.partitions
    narrowed = measured(filters=((Dimension.SITE, ("2",)),))
    assert await port.measure(msgspec.structs.replace(narrowed, partition=london.key), call) == ()
    await port.measure(msgspec.structs.replace(narrowed, partition=paris.key), call)
    assert filters_of(upstream.request)["website_list"] == "2"


async def test_a_site_may_be_named_where_the_settings_name_none(
    measuring: Measuring, call: Call
) -> None:
    upstream = Upstream(saying({"contact_number": 3}))
    several = measured(filters=((Dimension.SITE, ("8", "9")),))
    await measuring(upstream).measure(several, call)
    assert filters_of(upstream.request)["website_list"] == "8,9"


@pytest.mark.parametrize(
    ("start", "end", "bounds"),
    [
        # Days of 23 and of 25 hours.
        ("2017-03-25 23:00", "2017-03-26 22:00", ("2017-03-26 00:00:00", "2017-03-26 23:59:59")),
        ("2017-10-28 22:00", "2017-10-29 23:00", ("2017-10-29 00:00:00", "2017-10-29 23:59:59")),
        # The first pass of a repeated hour can be asked for, the second cannot.
        ("2017-10-29 00:00", "2017-10-29 01:00", ("2017-10-29 02:00:00", "2017-10-29 02:59:59")),
        ("2017-10-29 01:00", "2017-10-29 02:00", None),
        ("2017-10-28 22:00", "2017-10-29 01:30", None),
        ("2017-10-29 01:30", "2017-10-30 23:00", None),
    ],
)
def test_a_window_is_asked_for_in_local_time(
    start: str, end: str, bounds: tuple[str, str] | None
) -> None:
    filters = statistic_filters(measured(start=utc(start), end=utc(end)), PARTITION)
    found = None if filters is None else dict(filters)
    assert (found and (found["from"], found["to"])) == bounds


def test_buckets_may_begin_in_the_second_pass() -> None:
    hours = measured(start=utc("2017-10-29 01:00"), end=utc("2017-10-29 05:00"), grain=Grain.HOUR)
    assert statistic_filters(hours, PARTITION) is not None


async def test_a_window_that_cannot_be_told_costs_nothing(measuring: Measuring, call: Call) -> None:
    upstream = Upstream(saying({"contact_number": 3}))
    second_pass = measured(start=utc("2017-10-29 01:00"), end=utc("2017-10-29 02:00"))
    assert await measuring(upstream).measure(second_pass, call) == ()
    assert upstream.requests == []


# ------------------------------------------------------------------------------------- members


async def test_channels_are_those_of_the_settings(measuring: Measuring, call: Call) -> None:
    port = measuring(Upstream(saying([])), channels=["chat", "call"])
    assert await port.members(Dimension.CHANNEL, call) == (Member("chat"), Member("call"))


async def test_sites_are_those_of_the_settings(measuring: Measuring, call: Call) -> None:
    upstream = Upstream(saying([]))
    found = await measuring(upstream, websites=SITES).members(Dimension.SITE, call)
    assert found == (Member("1", "Shop"), Member("2"), Member("3"))
    assert upstream.requests == []


async def test_or_else_sites_are_those_of_the_account(measuring: Measuring, call: Call) -> None:
    upstream = Upstream(saying([{"id": 1, "label": "Shop"}]))
    assert await measuring(upstream).members(Dimension.SITE, call) == (Member("1", "Shop"),)
    assert upstream.request.url.path == "/api/2/website"


async def test_other_dimensions_have_no_members_beforehand(
    measuring: Measuring, call: Call
) -> None:
    upstream = Upstream(saying([]))
    assert await measuring(upstream).members(Dimension.SKILL, call) == ()
    assert upstream.requests == []
