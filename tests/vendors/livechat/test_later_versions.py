"""What versions 3.5 and 3.6 tell besides: forms, the use of tags, groups, the queue, visitors."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest
from tests.vendors.livechat.upstream import Open, Opened, report

from vendors.calls import Call
from vendors.errors import PlatformBadResponseError
from vendors.measures import Dimension, Grain, MeasureCall, Reading

START = datetime(2024, 10, 1, tzinfo=UTC)
NEXT = START + timedelta(days=1)
TIMES = {"from": "2024-10-01T00:00:00+00:00", "to": "2024-10-02T23:59:59.999999+00:00"}
GROUPS = [{"id": 0, "name": "General"}, {"id": 7, "name": "Nights"}]

FORMS: dict[str, Any] = {
    "name": "form-report",
    "records": [
        {
            "form_id": "172346190234589000",
            "group_id": 0,
            "count": 5,
            "fields": [
                {
                    "field_id": "1",
                    "label": "Why?",
                    "answers": [
                        {"answer_id": "2", "label": "So", "count": 3},
                        {"answer_id": "3", "label": "Thus", "count": 2},
                    ],
                },
                {"field_id": "4", "label": "Name"},
            ],
        },
        {"form_id": "172346190234589001", "group_id": "0", "count": 2},
        {"form_id": "172346190234589002", "group_id": 3, "count": 1, "fields": []},
    ],
}
QUEUED = {
    "2024-10-01": {
        "queued": {"count": 3, "min": 4, "max": 30, "avg": 10},
        "left_queue": {"count": 1, "min": 61, "max": 61, "avg": 61},
    },
    "2024-10-02": {
        "queued": {"count": 1, "min": 2, "max": 2, "avg": 2},
        "left_queue": {"count": 0, "min": 0, "max": 0, "avg": 0},
    },
}


def later(opened: Open, *answers: httpx.Response, **changes: object) -> Opened:
    return opened(*answers, **{"version": "3.6", "groups": GROUPS, **changes})


def asked(source: str, *fields: str, **changes: object) -> MeasureCall:
    usual = MeasureCall(
        source=source,
        figures=tuple(f"{source}.{field}" for field in fields),
        start=START,
        end=START + timedelta(days=2),
        zone="UTC",
    )
    return msgspec.structs.replace(usual, **changes)


async def test_forms_are_counted_by_group(opened: Open, call: Call) -> None:
    account = later(opened, httpx.Response(200, json=FORMS), version="3.5")
    by_group = asked("forms", "count", "answers", group_by=(Dimension.TEAM,))
    assert await account.measures.measure(by_group, call) == (
        Reading("forms.count", START, 7, ("0",), ("General",)),
        Reading("forms.answers", START, 5, ("0",), ("General",)),
        Reading("forms.count", START, 1, ("3",)),
        Reading("forms.answers", START, 0, ("3",)),
        Reading("forms.count", START, 0, ("7",), ("Nights",)),
        Reading("forms.answers", START, 0, ("7",), ("Nights",)),
    )
    assert account.upstream.request.url.path == "/v3.5/reports/chats/forms"
    assert account.upstream.body == {"timezone": "UTC", "filters": TIMES}


async def test_forms_are_added_up_over_groups(opened: Open, call: Call) -> None:
    account = later(opened, httpx.Response(200, json=FORMS))
    assert await account.measures.measure(asked("forms", "count", "answers"), call) == (
        Reading("forms.count", START, 8),
        Reading("forms.answers", START, 5),
    )


async def test_no_form_is_none_filled_in(opened: Open, call: Call) -> None:
    account = later(opened, httpx.Response(200, json={"name": "form-report", "records": []}))
    assert await account.measures.measure(asked("forms", "count"), call) == (
        Reading("forms.count", START, 0),
    )


async def test_surveys_in_place_of_forms_are_no_report(opened: Open, call: Call) -> None:
    account = later(opened, report({"0": {}}))
    with pytest.raises(PlatformBadResponseError):
        await account.measures.measure(asked("forms", "count"), call)


async def test_the_use_of_tags_is_told_for_the_whole_window(opened: Open, call: Call) -> None:
    account = later(opened, report({"spam": 3, "count": 1}), version="3.5")
    measure = asked(
        "chat_usage",
        "chats",
        group_by=(Dimension.TAG,),
        filters=((Dimension.TEAM, ("0", "7")),),
    )
    assert await account.measures.measure(measure, call) == (
        Reading("chat_usage.chats", START, 1, ("count",)),
        Reading("chat_usage.chats", START, 3, ("spam",)),
    )
    assert account.upstream.request.url.path == "/v3.5/reports/tags/chat_usage"
    assert account.upstream.body == {
        "timezone": "UTC",
        "filters": {**TIMES, "groups": {"values": [0, 7]}},
    }


async def test_every_group_is_told_by_one_call(opened: Open, call: Call) -> None:
    account = later(opened, report({"2024-10-01": {"0": 4, "3": 1}, "2024-10-02": {}}, total=5))
    measure = asked("groups", "chats", grain=Grain.DAY, group_by=(Dimension.TEAM,))
    assert set(await account.measures.measure(measure, call)) == {
        Reading("groups.chats", START, 4, ("0",)),
        Reading("groups.chats", START, 1, ("3",)),
        Reading("groups.chats", START, 0, ("7",)),
        Reading("groups.chats", NEXT, 0, ("0",)),
        Reading("groups.chats", NEXT, 0, ("3",)),
        Reading("groups.chats", NEXT, 0, ("7",)),
    }
    assert account.upstream.request.url.path == "/v3.6/reports/chats/groups"
    assert account.upstream.body == {"distribution": "day", "timezone": "UTC", "filters": TIMES}


WAITS = ("queued_count", "queued_min", "queued_max", "queued_avg")


async def test_the_queue_is_told_by_days(opened: Open, call: Call) -> None:
    account = later(opened, report(QUEUED, total=4))
    fields = (*WAITS, "left_queue_count", "left_queue_min", "left_queue_max", "left_queue_avg")
    readings = await account.measures.measure(
        asked("queued_visitors", *fields, grain=Grain.DAY), call
    )
    told = {(one.start, one.figure.partition(".")[2]): one.value for one in readings}
    assert [told[START, field] for field in fields] == [3, 4, 30, 10, 1, 61, 61, 61]
    assert [told[NEXT, field] for field in fields] == [1, 2, 2, 2, 0, None, None, None]
    assert account.upstream.request.url.path == "/v3.6/reports/chats/queued_visitors"


async def test_a_whole_window_of_the_queue_has_its_extremes_and_its_mean(
    opened: Open, call: Call
) -> None:
    account = later(opened, report(QUEUED, total=4))
    readings = await account.measures.measure(asked("queued_visitors", *WAITS), call)
    assert [one.value for one in readings] == [4, 2, 30, 8]
    assert account.upstream.body["distribution"] == "year"


@pytest.mark.parametrize("answer", [report({}, total=0), report({"2024": {}}, total=0)])
async def test_where_nobody_queued_nobody_waited(
    opened: Open, call: Call, answer: httpx.Response
) -> None:
    readings = await later(opened, answer).measures.measure(asked("queued_visitors", *WAITS), call)
    assert [one.value for one in readings] == [0, None, None, None]


async def test_visitors_are_told_beside_the_records(opened: Open, call: Call) -> None:
    answer = {"name": "visitors-report", "summary": {"unique_visitors": 9, "page_views": 21}}
    account = later(opened, httpx.Response(200, json=answer))
    measure = asked("unique_visitors", "unique_visitors", "page_views")
    assert await account.measures.measure(measure, call) == (
        Reading("unique_visitors.unique_visitors", START, 9),
        Reading("unique_visitors.page_views", START, 21),
    )
    assert account.upstream.request.url.path == "/v3.6/reports/customers/unique_visitors"
    assert account.upstream.body == {"timezone": "UTC", "filters": TIMES}


@pytest.mark.parametrize("header", ["Deprecation", "Legacy", "Sunset"])
async def test_health_tells_of_the_versions_end(opened: Open, call: Call, header: str) -> None:
    answer = report({})
    answer.headers[header] = "2026-09-30"
    account = later(opened, answer, version="3.5")
    health = account.platform.health
    assert health is not None
    assert health().deprecation is None
    await account.measures.measure(asked("total_chats", "total"), call)
    assert health().deprecation == f"{header}: 2026-09-30"
