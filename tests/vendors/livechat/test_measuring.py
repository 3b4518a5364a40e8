from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from tests.vendors.livechat.upstream import Open, report

from vendors.calls import Call
from vendors.errors import BadInputError, PlatformBadResponseError
from vendors.measures import Dimension, Grain, MeasureCall, Member, Reading

START = datetime(2021, 4, 7, 22, tzinfo=UTC)
DAY = MeasureCall(
    source="total_chats",
    figures=("total_chats.total",),
    start=START,
    end=START + timedelta(days=1),
    zone="Europe/Paris",
    grain=Grain.DAY,
)
FIRST, LAST = "2021-04-08T00:00:00+02:00", "2021-04-08T23:59:59.999999+02:00"
EMPTY = report({})


def day(report_: str, field: str, **changes: object) -> MeasureCall:
    figures = (f"{report_}.{field}",)
    return msgspec.structs.replace(DAY, **{"source": report_, "figures": figures, **changes})


SOURCES = [
    ("total_chats", "chats/total_chats", "total", {"total": 5}, 5),
    ("duration", "chats/duration", "duration", {"count": 2, "duration": 60}, 60),
    ("response_time", "chats/response_time", "response_time", {"count": 2, "response_time": 7}, 7),
    (
        "first_response_time",
        "chats/first_response_time",
        "first_response_time",
        {"count": 2, "first_response_time": 9.5},
        9.5,
    ),
    ("ratings", "chats/ratings", "good", {"good": 3}, 3),
    ("engagement", "chats/engagement", "started_by_agent", {"started_by_agent": 4}, 4),
    ("availability", "agents/availability", "total", {"hours": 1.5}, 5400),
]


@pytest.mark.parametrize(("source", "path", "field", "record", "value"), SOURCES)
async def test_a_day_is_one_call_for_that_day(
    opened: Open,
    call: Call,
    source: str,
    path: str,
    field: str,
    record: dict[str, float],
    value: float,
) -> None:
    account = opened(report({"2021-04-08": record}))
    readings = await account.measures.measure(day(source, field), call)
    assert readings == (Reading(f"{source}.{field}", START, value),)
    assert account.upstream.request.url.path == f"/v3.4/reports/{path}"
    assert account.upstream.body == {
        "distribution": "day",
        "timezone": "Europe/Paris",
        "filters": {"from": FIRST, "to": LAST},
    }


@pytest.mark.parametrize(
    ("grain", "distribution", "label", "start"),
    [
        (Grain.HOUR, "hour", "2021-04-08 00", START),
        (Grain.DAY, "day", "2021-04-08", START),
        (Grain.MONTH, "month", "2021-04", datetime(2021, 3, 31, 22, tzinfo=UTC)),
        (Grain.YEAR, "year", "2021", datetime(2020, 12, 31, 23, tzinfo=UTC)),
        (Grain.TOTAL, "year", "2021", START),
    ],
)
async def test_buckets_are_asked_for_by_their_distribution(
    opened: Open, call: Call, grain: Grain, distribution: str, label: str, start: datetime
) -> None:
    account = opened(report({label: {"total": 5}}))
    readings = await account.measures.measure(day("total_chats", "total", grain=grain), call)
    assert account.upstream.body["distribution"] == distribution
    assert readings == (Reading("total_chats.total", start, 5),)


async def test_the_distribution_behind_a_total_can_be_set(opened: Open, call: Call) -> None:
    account = opened(report({"2021-04-08": {"total": 5}}), total_distribution="day")
    await account.measures.measure(day("total_chats", "total", grain=Grain.TOTAL), call)
    assert account.upstream.body["distribution"] == "day"


async def test_availability_has_no_years_and_is_totalled_over_days(
    opened: Open, call: Call
) -> None:
    account = opened(report({"2021-04-08": {"hours": 2}}))
    asked = day("availability", "total", grain=Grain.TOTAL)
    readings = await account.measures.measure(asked, call)
    assert account.upstream.body["distribution"] == "day"
    assert readings == (Reading("availability.total", START, 7200),)


async def test_unreplied_chats_are_a_filter_on_all_chats(opened: Open, call: Call) -> None:
    account = opened(report({"2021-04-08": {"total": 2}}))
    readings = await account.measures.measure(day("total_chats_unreplied", "total"), call)
    assert readings == (Reading("total_chats_unreplied.total", START, 2),)
    assert account.upstream.request.url.path == "/v3.4/reports/chats/total_chats"
    assert account.upstream.body["filters"] == {
        "from": FIRST,
        "to": LAST,
        "properties": {"routing": {"unreplied": {"values": [True]}}},
    }


@pytest.mark.parametrize("source", ["ranking", "performance"])
async def test_reports_without_buckets_are_asked_without_a_distribution(
    opened: Open, call: Call, source: str
) -> None:
    account = opened(report({"zoe@acme.com": {}}))
    field = {"ranking": "good", "performance": "chats_count"}[source]
    asked = day(source, field, grain=Grain.TOTAL, group_by=(Dimension.AGENT,))
    readings = await account.measures.measure(asked, call)
    assert readings == (Reading(f"{source}.{field}", START, 0, ("zoe@acme.com",)),)
    assert account.upstream.body == {
        "timezone": "Europe/Paris",
        "filters": {"from": FIRST, "to": LAST},
    }


@pytest.mark.parametrize("source", ["ratings", "availability", "performance"])
async def test_agents_and_groups_are_filters(opened: Open, call: Call, source: str) -> None:
    account = opened(EMPTY)
    field = {"performance": "chats_count", "ratings": "good", "availability": "total"}[source]
    filters = ((Dimension.AGENT, ("a+b@acme.com", "bot-1")), (Dimension.TEAM, ("0", "3")))
    asked = day(source, field, grain=Grain.TOTAL, filters=filters)
    await account.measures.measure(asked, call)
    assert account.upstream.body["filters"] == {
        "from": FIRST,
        "to": LAST,
        "agents": {"values": ["a+b@acme.com", "bot-1"]},
        "groups": {"values": [0, 3]},
    }


TAGGED = (Dimension.TAG, ("spam", "crème & café"))


@pytest.mark.parametrize(
    ("source", "field"), [("ratings", "good"), ("ranking", "good"), ("surveys", "count")]
)
async def test_tags_are_a_filter_on_chats(
    opened: Open, call: Call, source: str, field: str
) -> None:
    account = opened(EMPTY)
    await account.measures.measure(day(source, field, grain=Grain.TOTAL, filters=(TAGGED,)), call)
    assert account.upstream.body["filters"] == {
        "from": FIRST,
        "to": LAST,
        "tags": {"values": ["spam", "crème & café"]},
    }


@pytest.mark.parametrize(
    ("grain", "distribution"),
    [(Grain.HOUR, "hour"), (Grain.MONTH, "month"), (Grain.TOTAL, "year")],
)
async def test_tags_are_asked_for_by_their_distribution(
    opened: Open, call: Call, grain: Grain, distribution: str
) -> None:
    account = opened(EMPTY)
    asked = day("tags", "chats", grain=grain, group_by=(Dimension.TAG,))
    assert await account.measures.measure(asked, call) == ()
    assert account.upstream.request.url.path == "/v3.4/reports/chats/tags"
    assert account.upstream.body == {
        "distribution": distribution,
        "timezone": "Europe/Paris",
        "filters": {"from": FIRST, "to": LAST},
    }


async def test_the_total_of_the_tags_report_is_asked_of_it(opened: Open, call: Call) -> None:
    account = opened(report({"2021": {"spam": 5}}, total=9))
    asked = day("tags", "total", source="tags_total", grain=Grain.TOTAL)
    assert await account.measures.measure(asked, call) == (Reading("tags.total", START, 9),)
    assert account.upstream.request.url.path == "/v3.4/reports/chats/tags"


@pytest.mark.parametrize(
    ("grain", "distribution"),
    [(Grain.HOUR, "hour"), (Grain.DAY, "day"), (Grain.TOTAL, "day")],
)
async def test_greetings_have_a_window_and_groups_of_their_own(
    opened: Open, call: Call, grain: Grain, distribution: str
) -> None:
    account = opened(EMPTY)
    asked = day(
        "greetings_conversion", "displayed", grain=grain, filters=((Dimension.TEAM, ("0", "3")),)
    )
    await account.measures.measure(asked, call)
    assert account.upstream.request.url.path == "/v3.4/reports/chats/greetings_conversion"
    assert account.upstream.body == {
        "distribution": distribution,
        "timezone": "Europe/Paris",
        "filters": {"greetings": {"from": FIRST, "to": LAST, "groups": {"values": [0, 3]}}},
    }


async def test_surveys_are_asked_without_a_distribution(opened: Open, call: Call) -> None:
    account = opened(report({"3": {"77": {"count": 2}}}), groups=[{"id": 3, "name": "Sales"}])
    asked = day("surveys", "count", grain=Grain.TOTAL, group_by=(Dimension.TEAM,))
    (reading,) = await account.measures.measure(asked, call)
    assert reading == Reading("surveys.count", START, 2, ("3",), ("Sales",))
    assert account.upstream.request.url.path == "/v3.4/reports/chats/surveys"
    assert account.upstream.body == {
        "timezone": "Europe/Paris",
        "filters": {"from": FIRST, "to": LAST},
    }


@pytest.mark.parametrize("channels", [("chat",), ("chat", "email")], ids=["one", "two"])
async def test_the_only_channel_is_a_filter_that_is_not_sent(
    opened: Open, call: Call, channels: tuple[str, ...]
) -> None:
    account = opened(report({"2021-04-08": {"total": 5}}))
    asked = day("total_chats", "total", filters=((Dimension.CHANNEL, channels),))
    assert await account.measures.measure(asked, call) == (Reading("total_chats.total", START, 5),)
    assert account.upstream.body["filters"] == {"from": FIRST, "to": LAST}


async def test_another_channel_is_the_callers_mistake(opened: Open, call: Call) -> None:
    account = opened(EMPTY)
    asked = day("total_chats", "total", filters=((Dimension.CHANNEL, ("email",)),))
    with pytest.raises(BadInputError) as refused:
        await account.measures.measure(asked, call)
    assert refused.value.extensions["accepted"] == ["chat"]
    assert account.requests == []


async def test_a_group_that_is_no_number_is_the_callers_mistake(opened: Open, call: Call) -> None:
    account = opened(EMPTY)
    asked = day("ratings", "good", filters=((Dimension.TEAM, ("sales",)),))
    with pytest.raises(BadInputError) as refused:
        await account.measures.measure(asked, call)
    assert refused.value.extensions["accepted"] == "a whole number"
    assert account.requests == []


async def test_the_long_day_is_asked_for_with_both_its_offsets(opened: Open, call: Call) -> None:
    account = opened(report({"2021-10-31": {"total": 1}}))
    start = datetime(2021, 10, 30, 22, tzinfo=UTC)
    asked = day("total_chats", "total", start=start, end=start + timedelta(hours=25))
    readings = await account.measures.measure(asked, call)
    assert readings == (Reading("total_chats.total", start, 1),)
    assert account.upstream.body["filters"] == {
        "from": "2021-10-31T00:00:00+02:00",
        "to": "2021-10-31T23:59:59.999999+01:00",
    }


async def test_a_query_string_carries_the_property_in_brackets(opened: Open, call: Call) -> None:
    account = opened(EMPTY, method="GET")
    await account.measures.measure(day("total_chats_unreplied", "total"), call)
    assert dict(account.upstream.request.url.params) == {
        "distribution": "day",
        "timezone": "Europe/Paris",
        "filters.from": FIRST,
        "filters.to": LAST,
        "filters.properties[routing][unreplied].values": "true",
    }


async def test_a_name_of_a_bucket_can_be_taught(opened: Open, call: Call) -> None:
    answer = report({"20210408": {"total": 5}})
    with pytest.raises(PlatformBadResponseError):
        await opened(answer).measures.measure(DAY, call)
    taught = opened(answer, bucket_labels={"day": ["%Y%m%d"]})
    assert await taught.measures.measure(DAY, call) == (Reading("total_chats.total", START, 5),)


async def test_members_are_the_agents_of_late_and_the_groups_of_the_settings(
    opened: Open, call: Call
) -> None:
    groups = [{"id": 0, "name": "General"}, {"id": 3}]
    account = opened(report({"zoe@acme.com": {}, "amy@acme.com": {}}), groups=groups)
    members = account.measures.members
    assert await members(Dimension.TEAM, call) == (Member("0", "General"), Member("3"))
    assert await members(Dimension.SITE, call) == ()
    assert account.requests == []
    assert await members(Dimension.AGENT, call) == (Member("amy@acme.com"), Member("zoe@acme.com"))
    assert len(account.requests) == 1
    assert await members(Dimension.CHANNEL, call) == (Member("chat"),)
    assert len(account.requests) == 1


async def test_members_are_the_tags_of_late(opened: Open, call: Call) -> None:
    account = opened(report({"2021": {"spam": 3, "VIP": 1}}))
    assert await account.measures.members(Dimension.TAG, call) == (Member("VIP"), Member("spam"))


async def test_what_is_measured_is_that_of_the_settings(opened: Open) -> None:
    tables = opened(EMPTY, settling=3600).measures.measurables
    assert tables.sources["ratings"].settling == timedelta(hours=1)
    assert ("RATINGS", Dimension.AGENT) in tables.alternatives
