from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest
from tests.vendors.chattonic.conftest import Open
from tests.vendors.chattonic.upstream import (
    MovingList,
    Upstream,
    asked,
    case,
    instant,
    minutes,
    saying,
)

from vendors.calls import Call
from vendors.errors import BadInputError, PlatformBadResponseError
from vendors.port import ConversationQuery, ConversationsPort, Page, Platform
from vendors.records import Channel, Conversation, ConversationState

START = instant("2021-11-01T00:00")
END = instant("2021-12-01T00:00")
TEN_MINUTES = minutes(10)
WAITING, OPEN, CLOSED = (
    ConversationState.WAITING,
    ConversationState.OPEN,
    ConversationState.CLOSED,
)


def query(limit: int = 20, **members: object) -> ConversationQuery:
    given = {"start": START, "end": END, "limit": limit} | members
    return msgspec.convert(given, ConversationQuery)


def port(platform: Platform) -> ConversationsPort:
    assert platform.conversations is not None
    return platform.conversations


def spread(count: int, apart: timedelta = TEN_MINUTES) -> list[dict[str, Any]]:
    """Return cases before END, the newest first, one for each step."""
    return [case(number, END - number * apart) for number in range(1, count + 1)]


def ids(page: Page[Conversation]) -> list[str]:
    return [one.native_id for one in page.items]


async def test_a_query_becomes_a_conversation(opened: Open, call: Call) -> None:
    told = {
        "_id": "q1",
        "app": "a1",
        "status": "resolved",
        "createdAt": "2021-11-03T09:15:30.250Z",
        "updatedAt": "2021-11-03T10:00:00.000Z",
        "dates": {"pending": "2021-11-03T09:15:30.250Z", "resolved": "2021-11-03T09:45:00.000Z"},
        "messageUser": {
            "_id": "u1",
            "platform": "messenger",
            "firstName": "Eva",
            "context": {"income": 12, "idCard": "https://pictures.test/1"},
            "profile": {"gender": "f"},
        },
        "message": {"text": "my card number is"},
        "account": {"_id": "page7"},
        "origins": ["o1"],
        "search": "eva card",
    }
    platform = opened(Upstream(saying({"limit": 100, "skip": 0, "objects": [told]})))
    page = await port(platform).conversations(query(), call)
    assert page.items == (
        Conversation(
            platform="ct",
            native_id="q1",
            channel=Channel.MESSENGER,
            native_channel="messenger",
            state=CLOSED,
            native_state="resolved",
            started_at=instant("2021-11-03T09:15:30.250"),
            ended_at=instant("2021-11-03T09:45"),
            agent_id=None,
            customer_id="u1",
            skill_id="o1",
            account_id="page7",
        ),
    )
    assert not page.has_more
    assert not page.truncated


async def test_the_list_is_asked_newest_first_by_the_documented_parameters(
    opened: Open, call: Call
) -> None:
    upstream = Upstream(saying({"objects": []}))
    await port(opened(upstream)).conversations(query(limit=20), call)
    request = upstream.request
    assert request.method == "GET"
    assert request.url.raw_path == (
        b"/api/v1/acme/query?skip=0&limit=28&sort=%7B%22createdAt%22%3A-1%7D"
    )
    assert request.headers["accept"] == "application/json"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["authorization"] == "Bearer t0ken"
    assert request.content == b""


async def test_the_sort_can_be_named_otherwise_or_left_out(opened: Open, call: Call) -> None:
    upstream = Upstream(saying({"objects": []}))
    lists = {"sort_parameter": "order", "sort_value": "-createdAt"}
    await port(opened(upstream, lists=lists)).conversations(query(), call)
    await port(opened(upstream, lists={"sort_parameter": ""})).conversations(query(), call)
    assert asked(upstream.requests[0])["order"] == "-createdAt"
    assert asked(upstream.requests[1]) == {"skip": "0", "limit": "28"}


async def test_never_more_than_the_documented_maximum_is_asked_for(
    opened: Open, call: Call
) -> None:
    upstream = Upstream(saying({"objects": []}))
    await port(opened(upstream)).conversations(query(limit=500), call)
    assert asked(upstream.request)["limit"] == "100"


@pytest.mark.parametrize(
    ("states", "sent"),
    [
        ((WAITING,), '{"status":"pending"}'),
        ((OPEN,), '{"status":"progress"}'),
        ((CLOSED,), '{"status":"resolved"}'),
        ((WAITING, OPEN), None),
        ((ConversationState.UNKNOWN,), None),
        ((), None),
    ],
)
async def test_one_state_is_asked_of_the_vendor_and_several_are_picked_here(
    states: tuple[ConversationState, ...], sent: str | None, opened: Open, call: Call
) -> None:
    upstream = Upstream(saying({"objects": []}))
    await port(opened(upstream)).conversations(query(states=states), call)
    assert asked(upstream.request).get("query") == sent


async def test_states_are_picked_from_what_the_vendor_lists(opened: Open, call: Call) -> None:
    words = ["pending", "progress", "resolved", "parked"]
    cases = [case(n, END - minutes(n), word) for n, word in enumerate(words, start=1)]
    platform = opened(Upstream(MovingList(cases)))
    both = await port(platform).conversations(query(states=(WAITING, CLOSED)), call)
    assert ids(both) == ["q1", "q3"]
    odd = await port(platform).conversations(query(states=(ConversationState.UNKNOWN,)), call)
    assert [(one.native_id, one.native_state) for one in odd.items] == [("q4", "parked")]


async def test_customers_are_picked_here_unless_the_vendor_is_told_how(
    opened: Open, call: Call
) -> None:
    cases = [case(n, END - minutes(n), messageUser={"_id": f"u{n % 3}"}) for n in range(1, 10)]
    upstream = Upstream(MovingList(cases))
    page = await port(opened(upstream)).conversations(query(customer_ids=("u1",)), call)
    assert ids(page) == ["q1", "q4", "q7"]
    assert "query" not in asked(upstream.requests[-1])

    told = opened(upstream, lists={"customer_filter": "messageUser._id"})
    again = await port(told).conversations(query(customer_ids=("u1",), states=(WAITING,)), call)
    assert ids(again) == ["q1", "q4", "q7"]
    sent = '{"status":"pending","messageUser._id":"u1"}'
    assert asked(upstream.requests[-1])["query"] == sent
    await port(told).conversations(query(customer_ids=("u1", "u2")), call)
    assert asked(upstream.requests[-1])["query"] == '{"messageUser._id":{"$in":["u1","u2"]}}'


async def test_the_vendor_restricts_by_date_when_it_is_said_that_it_can(
    opened: Open, call: Call
) -> None:
    upstream = Upstream(saying({"objects": []}))
    platform = opened(upstream, lists={"filter_by_date": True})
    odd = END + timedelta(microseconds=1)
    await port(platform).conversations(query(end=odd), call)
    assert asked(upstream.request)["query"] == (
        '{"createdAt":{"$gte":"2021-11-01T00:00:00.000Z","$lt":"2021-12-01T00:00:00.001Z"}}'
    )
    assert b"query=%7B%22createdAt%22%3A%7B%22%24gte%22%3A%222021-" in upstream.request.url.query


async def test_the_window_is_half_open(opened: Open, call: Call) -> None:
    cases = [
        case(1, END),
        case(2, END - timedelta(milliseconds=1)),
        case(3, START),
        case(4, START - timedelta(milliseconds=1)),
    ]
    upstream = Upstream(MovingList(cases))
    page = await port(opened(upstream)).conversations(query(), call)
    assert ids(page) == ["q2", "q3"]
    assert not page.has_more
    assert len(upstream.requests) == 1


async def test_a_page_is_one_call_and_the_next_begins_behind_it(opened: Open, call: Call) -> None:
    upstream = Upstream(MovingList(spread(60)))
    lists = port(opened(upstream))
    first = await lists.conversations(query(limit=20), call)
    second = await lists.conversations(query(limit=20, after=first.positions[-1]), call)
    assert ids(first) + ids(second) == [f"q{n}" for n in range(1, 41)]
    assert first.has_more
    assert second.has_more
    assert len(upstream.requests) == 2
    assert asked(upstream.requests[1])["skip"] == "18"


async def test_reading_goes_on_from_any_position_of_a_page(opened: Open, call: Call) -> None:
    lists = port(opened(Upstream(MovingList(spread(60)))))
    first = await lists.conversations(query(limit=20), call)
    second = await lists.conversations(query(limit=5, after=first.positions[6]), call)
    assert ids(second) == ["q8", "q9", "q10", "q11", "q12"]


async def test_what_arrives_between_pages_shifts_nothing(opened: Open, call: Call) -> None:
    moving = MovingList(spread(60))
    lists = port(opened(Upstream(moving)))
    first = await lists.conversations(query(limit=20), call)
    for number in range(30):
        moving.arrive(END + minutes(number))
    second = await lists.conversations(query(limit=20, after=first.positions[-1]), call)
    assert ids(second) == [f"q{n}" for n in range(21, 41)]


async def test_what_leaves_a_filtered_list_between_pages_loses_nothing(
    opened: Open, call: Call
) -> None:
    moving = MovingList(spread(60))
    lists = port(opened(Upstream(moving)))
    waiting = query(limit=20, states=(WAITING,))
    first = await lists.conversations(waiting, call)
    for one in moving.cases:
        if one["_id"] in {"q3", "q5", "q20"}:
            one["status"] = "progress"
    rest = query(limit=20, states=(WAITING,), after=first.positions[-1])
    second = await lists.conversations(rest, call)
    assert ids(second) == [f"q{n}" for n in range(21, 41)]


async def test_a_window_far_back_is_found_in_few_calls(opened: Open, call: Call) -> None:
    cases = spread(9_000, minutes(5))
    upstream = Upstream(MovingList(cases))
    end = END - 8_000 * minutes(5)
    page = await port(opened(upstream)).conversations(query(limit=3, start=START, end=end), call)
    assert ids(page) == ["q8001", "q8002", "q8003"]
    assert len(upstream.requests) <= 16


async def test_a_page_is_cut_after_so_many_calls(opened: Open, call: Call) -> None:
    cases = [case(n, END - minutes(n), messageUser={"_id": f"u{n}"}) for n in range(1, 400)]
    upstream = Upstream(MovingList(cases))
    lists = port(opened(upstream, lists={"max_pages": 2}))
    page = await lists.conversations(query(customer_ids=("u7", "u350")), call)
    assert ids(page) == ["q7"]
    assert page.truncated
    assert page.has_more
    assert len(upstream.requests) == 2
    nothing = await lists.conversations(query(customer_ids=("u350",)), call)
    assert nothing.truncated
    assert not nothing.has_more


async def test_a_full_page_that_the_vendor_caps_is_not_the_end(opened: Open, call: Call) -> None:
    page = await port(opened(Upstream(MovingList(spread(60), most=15)))).conversations(
        query(limit=40), call
    )
    assert ids(page) == [f"q{n}" for n in range(1, 41)]


async def test_more_queries_of_one_instant_than_a_page_holds(opened: Open, call: Call) -> None:
    cases = [case(n, END - minutes(1)) for n in range(35)] + [case(99, END - minutes(2))]
    upstream = Upstream(lambda request: _stable(cases, request))
    lists = port(opened(upstream, lists={"page_size": 10}))
    page = await lists.conversations(query(limit=100), call)
    assert sorted(ids(page)) == sorted(one["_id"] for one in cases)
    assert not page.has_more


def _stable(cases: list[dict[str, Any]], request: httpx.Request) -> httpx.Response:
    wanted = asked(request)
    skip, limit = int(wanted["skip"]), int(wanted["limit"])
    return httpx.Response(200, json={"objects": cases[skip : skip + limit]})


async def test_a_page_that_begins_among_queries_of_one_instant_is_not_trusted(
    opened: Open, call: Call
) -> None:
    head = [case(n, END - minutes(n)) for n in range(1, 4)]
    tied = [case(n, END - minutes(4)) for n in range(4, 8)]
    listed = head + tied
    lists = port(opened(Upstream(lambda request: _stable(listed, request))))
    first = await lists.conversations(query(limit=4), call)
    assert ids(first) == ["q1", "q2", "q3", "q4"]
    # Three are gone, and the last ones of one instant come first now.
    listed[:] = tied[::-1]
    second = await lists.conversations(query(limit=9, after=first.positions[-1]), call)
    assert ids(second) == ["q7", "q6", "q5"]


async def test_a_list_that_is_not_newest_first_is_no_answer(opened: Open, call: Call) -> None:
    backwards = {"objects": spread(5)[::-1]}
    with pytest.raises(PlatformBadResponseError):
        await port(opened(Upstream(saying(backwards)))).conversations(query(), call)


@pytest.mark.parametrize(
    "after",
    ["", "junk", "[]", '["2021-11-03T00:00:00",["q1"],0]', '["2021-11-03T00:00:00Z",["q1"],-1]'],
)
async def test_a_position_that_was_never_given_out_is_refused(
    after: str, opened: Open, call: Call
) -> None:
    upstream = Upstream(saying({"objects": []}))
    with pytest.raises(BadInputError):
        await port(opened(upstream)).conversations(query(after=after), call)
    assert upstream.requests == []


@pytest.mark.parametrize(
    "told",
    [
        {"_id": "q1"},
        {"_id": "q1", "createdAt": None},
        {"_id": "q1", "createdAt": "2021-11-03T09:15:30"},
        {"createdAt": "2021-11-03T09:15:30Z"},
    ],
)
async def test_a_query_without_an_id_or_an_instant_is_no_answer(
    told: dict[str, Any], opened: Open, call: Call
) -> None:
    with pytest.raises(PlatformBadResponseError):
        await port(opened(Upstream(saying({"objects": [told]})))).conversations(query(), call)
