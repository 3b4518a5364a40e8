from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from tests.vendors.iadvize.conftest import Open
from tests.vendors.iadvize.upstream import (
    Upstream,
    asked,
    failure,
    filters_of,
    paged,
    saying,
    success,
    utc,
)

from vendors import records
from vendors.calls import Call
from vendors.errors import BadInputError, PlatformBadResponseError, PlatformRejectedError
from vendors.port import HistoryQuery, Page, Platform
from vendors.records import CallMeetingStatus, Channel, Dated, SurveyQuestion

START, END = utc("2017-03-01 00:00"), utc("2017-04-01 00:00")


async def directory(platform: Platform, kind: type[Any], call: Call) -> tuple[Any, ...]:
    assert platform.directories is not None
    return await platform.directories.directory(kind, call)


async def history(platform: Platform, kind: type[Any], call: Call, **wanted: Any) -> Page[Any]:  # noqa: ANN401 - members of the query
    assert platform.histories is not None
    window = {} if kind is records.Customer else {"start": START, "end": END}
    query = HistoryQuery(**{"limit": 20, **window, **wanted})
    return await platform.histories.history(kind, query, call)


async def every(platform: Platform, kind: type[Any], call: Call, limit: int) -> list[str]:
    """Return the ids of all there is, read page by page."""
    read: list[str] = []
    after = None
    for _ in range(500):
        page = await history(platform, kind, call, limit=limit, after=after)
        read += [one.record_id for one in page.items]
        if not page.has_more:
            return read
        after = page.positions[-1]
    raise AssertionError("the pages do not end")


# ------------------------------------------------------------------------------- short lists


@pytest.mark.parametrize(
    ("kind", "path", "row", "expected"),
    [
        (
            records.Client,
            "client",
            {"id": 1, "lang": "fr", "premium_enabled": 1},
            records.Client(platform="ia", native_id="1", language="fr", premium=True),
        ),
        (
            records.Site,
            "website",
            {
                "id": "2",
                "url": "https://shop.example",
                "label": "Shop",
                "client_id": 1,
                "currency": "EUR",
                "language_admin": "fr",
                "timezone": "Europe/Paris",
            },
            records.Site(
                platform="ia",
                native_id="2",
                name="Shop",
                url="https://shop.example",
                client_id="1",
                currency="EUR",
                language="fr",
                time_zone="Europe/Paris",
            ),
        ),
        (
            records.Team,
            "group",
            {
                "id": 1984,
                "name": "Sales",
                "created_at": "2016-07-01 10:00:00",
                "parent_id": 1983,
                "operator_list": [7, "8"],
                "parent_list": [1983, 1],
            },
            records.Team(
                platform="ia",
                native_id="1984",
                name="Sales",
                created_at=utc("2016-07-01 08:00"),
                parent_id="1983",
                agent_ids=("7", "8"),
                ancestor_ids=("1983", "1"),
            ),
        ),
        (
            records.Skill,
            "skill",
            {"id": 5, "name": "Returns", "order": "3", "parent_id": None, "operator_list": []},
            records.Skill(platform="ia", native_id="5", name="Returns", position=3, agent_ids=()),
        ),
        (
            records.Tag,
            "tag",
            {"id": 6, "name": "late", "website_id": [1, 2]},
            records.Tag(platform="ia", native_id="6", name="late", site_ids=("1", "2")),
        ),
        (
            records.Tag,
            "tag",
            {"id": 6, "name": "late", "website_id": 1},
            records.Tag(platform="ia", native_id="6", name="late", site_ids=("1",)),
        ),
    ],
    ids=["client", "website", "group", "skill", "tag", "tag of one website"],
)
async def test_a_short_list_and_one_of_it(
    opened: Open, call: Call, kind: type[Any], path: str, row: dict[str, Any], expected: object
) -> None:
    upstream = Upstream(saying([row]))
    assert await directory(opened(upstream), kind, call) == (expected,)
    assert upstream.request.url.raw_path.decode() == f"/api/2/{path}?full=1&page=1&limit=100"

    upstream = Upstream(saying(row))
    port = opened(upstream).fetches
    assert port is not None
    assert await port.fetch(kind, str(row["id"]), call) == expected
    assert upstream.request.url.raw_path.decode() == f"/api/2/{path}/{row['id']}"


async def test_a_short_list_of_many_pages_ends_though_the_last_page_repeats(
    opened: Open, call: Call
) -> None:
    rows = [{"id": number, "name": f"t{number}"} for number in range(230)]

    def repeating(request: httpx.Request) -> httpx.Response:
        answer = paged(rows, request)
        # It claims more pages than it has, and shows its last one for each.
        content = answer.json()
        content["pagination"]["pages"] = 99
        return httpx.Response(200, json=content)

    upstream = Upstream(repeating)
    found = await directory(opened(upstream), records.Tag, call)
    assert [one.native_id for one in found] == [str(row["id"]) for row in rows]
    assert len(upstream.requests) == 4


async def test_what_no_id_is_like_is_not_asked_for(opened: Open, call: Call) -> None:
    upstream = Upstream(saying({}))
    port = opened(upstream).fetches
    assert port is not None
    assert await port.fetch(records.Team, "1/../2", call) is None
    assert upstream.requests == []
    gone = opened(Upstream(lambda _: failure("Unknown 'group' with 'id' 5.", status=404))).fetches
    assert gone is not None
    assert await gone.fetch(records.Team, "5", call) is None


# -------------------------------------------------------------------------------- long lists


def sale(number: int, created_at: str, **members: object) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": number,
        "external_id": f"O-{number}",
        "visitor_uid": "0a15",
        "visitor_email": "who@example.test",
        "amount": "12.50",
        "created_at": created_at,
        "website_id": 1,
        "operator_id": 7,
        "conversation_id": 66,
    }
    return row | members


async def test_a_sale(opened: Open, call: Call) -> None:
    platform = opened(
        Upstream(saying([sale(3, "2017-03-02 10:00:00")])),
        websites=[{"id": "1", "time_zone": "Europe/London", "currency": "GBP"}],
    )
    page = await history(platform, records.Transaction, call)
    assert page.items == (
        records.Transaction(
            platform="ia",
            native_id="3",
            at=utc("2017-03-02 10:00"),
            external_id="O-3",
            amount=12.5,
            currency="GBP",
            site_id="1",
            agent_id="7",
            conversation_id="66",
            customer_id="0a15",
            customer_email="who@example.test",
        ),
    )


async def test_a_month_of_sales_is_cut_into_windows_of_its_own_zone(
    opened: Open, call: Call
) -> None:
    upstream = Upstream(saying([]))
    await history(opened(upstream), records.Transaction, call)
    sent = [filters_of(one) for one in upstream.requests]
    assert sent == [
        {"from": "2017-03-05 01:00:00", "to": "2017-04-01 01:59:59"},
        {"from": "2017-03-01 01:00:00", "to": "2017-03-05 00:59:59"},
    ]


@pytest.mark.parametrize(
    ("kind", "wanted", "sent"),
    [
        (records.Transaction, {"linked": True}, [{"conversation_id": "!null"}]),
        (records.Transaction, {"linked": False}, [{"conversation_id": "null"}]),
        (records.Transaction, {"conversation_ids": ("8",)}, [{"conversation_id": "8"}]),
        (
            records.Transaction,
            {"conversation_ids": ("8",), "linked": True},
            [{"conversation_id": "8"}],
        ),
        (records.Transaction, {"conversation_ids": ("8",), "linked": False}, []),
        (
            records.Transaction,
            {"site_ids": ("1", "2"), "agent_ids": ("7",)},
            [
                {"website_id": "1", "operator_id": "7"},
                {"website_id": "2", "operator_id": "7"},
            ],
        ),
        (
            records.SurveyResponse,
            {"site_ids": ("1",), "agent_ids": ("7",), "conversation_ids": ("8",)},
            [{"website_id": "1", "operator_id": "7", "conversation_id": "8"}],
        ),
        (records.CallMeeting, {"site_ids": ("1",)}, [{"website_id": "1"}]),
        (
            records.Transaction,
            {"channels": (Channel.CHAT, Channel.MESSENGER, Channel.EMAIL), "linked": True},
            [
                {"conversation_id": "!null", "channel": "chat"},
                {"conversation_id": "!null", "channel": "facebookBusinessOnMessenger"},
            ],
        ),
        (
            records.CallMeeting,
            {"site_ids": ("1",), "channels": (Channel.CALL,)},
            [{"website_id": "1", "channel": "call"}],
        ),
        (records.Transaction, {"channels": (Channel.EMAIL,)}, []),
    ],
    ids=str,
)
async def test_each_filter_is_sent_as_it_is_documented(
    opened: Open,
    call: Call,
    kind: type[Dated],
    wanted: dict[str, Any],
    sent: list[dict[str, str]],
) -> None:
    upstream = Upstream(saying([]))
    day = {"start": START, "end": START + timedelta(days=1)}
    await history(opened(upstream), kind, call, **day, **wanted)
    own = [
        {name: value for name, value in filters_of(one).items() if name not in {"from", "to"}}
        for one in upstream.requests
    ]
    assert own == sent


async def test_websites_in_several_zones_are_listed_one_by_one(opened: Open, call: Call) -> None:
    upstream = Upstream(saying([]))
    websites = [{"id": "1"}, {"id": "2", "time_zone": "America/New_York"}]
    day = {"start": START, "end": START + timedelta(days=1)}
    await history(opened(upstream, websites=websites), records.Transaction, call, **day)
    sent = {filters_of(one)["website_id"]: filters_of(one)["from"] for one in upstream.requests}
    assert sent == {"1": "2017-03-01 01:00:00", "2": "2017-02-28 19:00:00"}


class Dates:
    """A list with dates, in an order of its own, as strict as a month."""

    def __init__(self, rows: list[dict[str, Any]], name: str = "created_at") -> None:
        self._rows, self._name = rows, name

    def __call__(self, request: httpx.Request) -> httpx.Response:
        filters = filters_of(request)
        first, last = filters["from"], filters["to"]
        span = datetime.fromisoformat(last) - datetime.fromisoformat(first)
        if span >= timedelta(days=28):
            return failure("over 1 month")
        return paged([row for row in self._rows if first <= row[self._name] <= last], request)


def rows_of(count: int, step: timedelta) -> list[dict[str, Any]]:
    """Return sales, newest first, some of them in one second."""
    last = datetime(2017, 3, 31, 23, 59, 59, tzinfo=UTC).replace(tzinfo=None)
    return [
        sale(count - number, (last - number // 2 * step).strftime("%Y-%m-%d %H:%M:%S"))
        for number in range(count)
    ]


@pytest.mark.parametrize("limit", [1, 7, 40])
@pytest.mark.parametrize("order", ["newest first", "oldest first", "none"])
async def test_sales_are_read_whole_across_windows_in_whatever_order_they_are_listed(
    opened: Open, call: Call, limit: int, order: str
) -> None:
    rows = rows_of(190, timedelta(hours=6))
    listed = {
        "newest first": rows,
        "oldest first": rows[::-1],
        "none": sorted(rows, key=lambda row: row["id"] * 7919 % 97),
    }[order]
    platform = opened(Upstream(Dates(listed)))

    read = await every(platform, records.Transaction, call, limit)

    times = {str(row["id"]): row["created_at"] for row in rows}
    assert sorted(read) == sorted(times)
    assert [times[one] for one in read] == sorted(times.values(), reverse=True)


async def test_a_page_of_an_ordered_list_costs_one_call(opened: Open, call: Call) -> None:
    upstream = Upstream(Dates(rows_of(90, timedelta(minutes=5))))
    page = await history(opened(upstream), records.Transaction, call, limit=10)
    assert len(page.items) == 10
    assert asked(upstream.request)["limit"] == "100"


@pytest.mark.parametrize("member", [{"created_at": "yesterday"}, {"amount": "much"}], ids=str)
async def test_a_sale_that_cannot_be_read_is_a_bad_answer(
    opened: Open, call: Call, member: dict[str, str]
) -> None:
    row = sale(3, "2017-03-02 10:00:00") | member
    with pytest.raises(PlatformBadResponseError):
        await history(opened(Upstream(saying([row]))), records.Transaction, call)


async def test_a_refused_list_is_a_failure(opened: Open, call: Call) -> None:
    with pytest.raises(PlatformRejectedError):
        await history(opened(Upstream(lambda _: failure("no"))), records.Transaction, call)


NOTES = {
    "id": 4,
    "note_welcome": 0.5,
    "note_resolution": "1",
    "comment": "Fine <b>",
    "created_at": "2017-03-02 10:00:00",
    "website_id": 1,
    "operator_id": 7,
    "conversation_id": 8,
}


@pytest.mark.parametrize("name", ["node_delay", "note_delay"])
@pytest.mark.parametrize(("written", "factor"), [("fraction", 1), ("percent", 100)])
async def test_notes_become_fractions_under_either_name(
    opened: Open, call: Call, name: str, written: str, factor: int
) -> None:
    notes = {"note_welcome": 0.5 * factor, "note_resolution": str(factor), name: 0.25 * factor}
    upstream = Upstream(saying([NOTES | notes]))
    page = await history(opened(upstream, survey_notes=written), records.SurveyResponse, call)
    (one,) = page.items
    assert (one.at, one.comment) == (utc("2017-03-02 09:00"), "Fine <b>")
    assert (one.site_id, one.agent_id, one.conversation_id) == ("1", "7", "8")
    assert [(score.question, score.native_question, score.value) for score in one.scores] == [
        (SurveyQuestion.WELCOME, "note_welcome", 0.5),
        (SurveyQuestion.RESOLUTION, "note_resolution", 1.0),
        (SurveyQuestion.WAITING, name, 0.25),
    ]


async def test_a_question_left_open_has_no_score(opened: Open, call: Call) -> None:
    row = NOTES | {"note_welcome": None}
    page = await history(opened(Upstream(saying([row]))), records.SurveyResponse, call)
    assert [score.native_question for score in page.items[0].scores] == ["note_resolution"]


@pytest.mark.parametrize("name", ["visitor_uid", "unique_id"])
@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("pending", CallMeetingStatus.PENDING),
        ("progress", CallMeetingStatus.IN_PROGRESS),
        ("working", CallMeetingStatus.IN_PROGRESS),
        ("done", CallMeetingStatus.DONE),
        ("failed", CallMeetingStatus.FAILED),
        ("brand new", CallMeetingStatus.UNKNOWN),
        (None, CallMeetingStatus.UNKNOWN),
    ],
)
async def test_a_call_meeting(
    opened: Open, call: Call, name: str, word: str | None, status: CallMeetingStatus
) -> None:
    row = {
        "id": "5",
        "phone_number": "+33100000000",
        name: "0a15",
        "status": word,
        "start_at": "2017-03-02T10:00:00+00:00",
        "website_id": 1,
        "targeting_rule_id": "9",
        "skill_id": "32",
    }
    page = await history(opened(Upstream(saying([row]))), records.CallMeeting, call)
    assert page.items == (
        records.CallMeeting(
            platform="ia",
            native_id="5",
            at=utc("2017-03-02 10:00"),
            status=status,
            native_status=word,
            phone="+33100000000",
            customer_id="0a15",
            site_id="1",
            skill_id="32",
            rule_id="9",
        ),
    )


def test_no_single_call_meeting_is_fetched(opened: Open) -> None:
    platform = opened(Upstream(lambda _: success([])))
    assert not platform.fetches_one(records.CallMeeting)
    assert platform.fetches_one(records.Customer)


async def test_a_position_of_somebody_else_is_refused(opened: Open, call: Call) -> None:
    platform = opened(Upstream(saying([])))
    for kind in (records.Transaction, records.Customer):
        with pytest.raises(BadInputError):
            await history(platform, kind, call, after="whatever")
