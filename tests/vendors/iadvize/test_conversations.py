from __future__ import annotations

import httpx
import pytest
from tests.vendors.iadvize.conftest import Connect
from tests.vendors.iadvize.conversation_pages import ids, query, read_on, rows_at
from tests.vendors.iadvize.upstream import (
    Conversations,
    Upstream,
    asked,
    conversation,
    failure,
    filters_of,
    paged,
    success,
    utc,
)

from vendors.calls import Call
from vendors.errors import BadInputError, PlatformRejectedError
from vendors.iadvize.walking import Mark
from vendors.records import Channel

# -------------------------------------------------------------------------------- the request


async def test_a_page_is_asked_for_by_inclusive_local_seconds(
    connected: Connect, call: Call
) -> None:
    upstream = Upstream(Conversations(rows_at("2017-03-02 10:00:00")))
    page = await connected(upstream).conversations(query(20), call)
    assert ids(page) == ["1"]
    assert not page.has_more
    assert upstream.request.url.raw_path == (
        b"/api/2/conversation.json-unicode?formatHistory=0&full=1"
        b"&filters%5Bfrom%5D=2017-03-01%2001%3A00%3A00&filters%5Bto%5D=2017-04-01%2001%3A59%3A59"
        b"&page=1&limit=21"
    )


async def test_each_filter_of_the_vendor_is_sent(connected: Connect, call: Call) -> None:
    row = conversation(1, "2017-03-02 10:00:00", skill_id=32, tag_list=[4, 5], rule_id=501)
    upstream = Upstream(Conversations([row]))
    client = connected(upstream)
    wanted = query(
        agent_ids=("7",),
        site_ids=("1",),
        skill_ids=("32",),
        channels=(Channel.CHAT,),
        tag_ids=("5",),
        rule_ids=("501",),
        customer_ids=("0a15",),
    )
    assert ids(await client.conversations(wanted, call)) == ["1"]
    sent = filters_of(upstream.request)
    assert {name: sent[name] for name in sent if name not in {"from", "to"}} == {
        "channel": "chat",
        "website_id": "1",
        "operator_id": "7",
        "skill_id": "32",
        "tag_id": "5",
        "rule_id": "501",
        "visitor_id": "0a15",
    }


async def test_its_filters_are_those_of_the_vendor(connected: Connect) -> None:
    assert connected(Upstream(lambda _: success([]))).conversation_filters == {
        "agent_ids",
        "channels",
        "customer_ids",
        "rule_ids",
        "site_ids",
        "skill_ids",
        "tag_ids",
    }


async def test_the_filter_for_a_customer_is_a_setting(connected: Connect, call: Call) -> None:
    upstream = Upstream(lambda _: success([]))
    client = connected(upstream, visitor_filter="visitor_uid")
    await client.conversations(query(customer_ids=("0a15",)), call)
    assert filters_of(upstream.request)["visitor_uid"] == "0a15"


async def test_several_values_of_a_filter_are_several_lists_in_one_order(
    connected: Connect, call: Call
) -> None:
    rows = [
        conversation(number, f"2017-03-02 10:00:{number:02}", operator_id=number % 3)
        for number in range(30)
    ]
    upstream = Upstream(Conversations(rows))
    page = await connected(upstream).conversations(query(10, agent_ids=("0", "1")), call)
    assert ids(page) == [str(number) for number in range(29, -1, -1) if number % 3 != 2][:10]
    assert page.has_more
    assert len(upstream.requests) == 2


async def test_a_conversation_that_stands_in_two_lists_is_given_once(
    connected: Connect, call: Call
) -> None:
    rows = [
        conversation(1, "2017-03-02 10:00:00", tag_list=[4, 5]),
        conversation(2, "2017-03-02 09:00:00", tag_list=[5]),
    ]
    client = connected(Upstream(Conversations(rows)))
    assert ids(await client.conversations(query(tag_ids=("4", "5")), call)) == ["1", "2"]


async def test_a_channel_that_is_none_of_the_vendors_costs_nothing(
    connected: Connect, call: Call
) -> None:
    upstream = Upstream(lambda _: success([]))
    client = connected(upstream)
    page = await client.conversations(query(channels=(Channel.EMAIL,)), call)
    assert (page.items, page.has_more, upstream.requests) == ((), False, [])
    await client.conversations(query(channels=(Channel.EMAIL, Channel.OTHER)), call)
    assert filters_of(upstream.request)["channel"] == "social"


@pytest.mark.parametrize(("end", "calls"), [("2017-03-01 00:00", 0), ("2017-02-01 00:00", 0)])
async def test_an_empty_window_costs_nothing(
    connected: Connect, call: Call, end: str, calls: int
) -> None:
    upstream = Upstream(lambda _: success([]))
    page = await connected(upstream).conversations(query(end=utc(end)), call)
    assert (page.items, page.has_more, len(upstream.requests)) == ((), False, calls)


async def test_a_refusal_is_a_failure(connected: Connect, call: Call) -> None:
    client = connected(Upstream(lambda _: failure("Value of field 'tag_id' is not valid.")))
    with pytest.raises(PlatformRejectedError):
        await client.conversations(query(tag_ids=("x", "y")), call)


async def test_a_position_of_somebody_else_is_refused(connected: Connect, call: Call) -> None:
    upstream = Upstream(lambda _: success([]))
    with pytest.raises(BadInputError):
        await connected(upstream).conversations(query(after="yesterday"), call)


# ------------------------------------------------------------------------------------- paging


async def test_the_next_page_asks_up_to_the_second_of_the_last_item(
    connected: Connect, call: Call
) -> None:
    rows = rows_at("2017-03-02 10:00:03", "2017-03-02 10:00:02", "2017-03-02 10:00:01")
    upstream = Upstream(Conversations(rows))
    client = connected(upstream)
    first = await client.conversations(query(2), call)
    assert (ids(first), first.has_more) == (["1", "2"], True)
    second = await client.conversations(query(2, after=first.positions[1]), call)
    assert (ids(second), second.has_more) == (["3"], False)
    assert filters_of(upstream.requests[1])["to"] == "2017-03-02 10:00:02"
    assert [asked(one)["page"] for one in upstream.requests] == ["1", "1"]
    # One more tells whether there are more, and one is known from before.
    assert [asked(one)["limit"] for one in upstream.requests] == ["3", "4"]


async def test_new_arrivals_shift_nothing(connected: Connect, call: Call) -> None:
    listed = Conversations(rows_at(*(f"2017-03-02 10:00:{second:02}" for second in range(20))))
    client = connected(Upstream(listed))
    first = await client.conversations(query(5), call)
    listed.rows += [conversation(100 + at, "2017-03-03 10:00:00") for at in range(50)]
    second = await client.conversations(query(5, after=first.positions[-1]), call)
    assert ids(first) + ids(second) == [str(number) for number in range(20, 10, -1)]


async def test_more_of_one_second_than_a_page_holds_are_all_given(
    connected: Connect, call: Call
) -> None:
    rows = rows_at(*["2017-03-02 10:00:00"] * 250, "2017-03-02 09:00:00", "2017-03-02 11:00:00")
    client = connected(Upstream(Conversations(rows)))
    found = [one for page in await read_on(client, query(30), call) for one in ids(page)]
    assert found[0] == "252"
    assert found[-1] == "251"
    assert sorted(map(int, found)) == list(range(1, 253))


async def test_given_ones_that_are_left_on_further_pages_are_no_more(
    connected: Connect, call: Call
) -> None:
    rows = rows_at(*["2017-03-02 10:00:00"] * 3)
    client = connected(Upstream(lambda request: paged(rows, request)), page_size=1)
    after = Mark(utc("2017-03-02 09:00:00"), frozenset({"3"})).written
    page = await client.conversations(query(2, after=after), call)
    assert (ids(page), page.has_more) == (["2", "1"], False)


@pytest.mark.parametrize("limit", [1, 20, 99, 100])
async def test_a_page_costs_one_call(connected: Connect, call: Call, limit: int) -> None:
    rows = rows_at(*(f"2017-03-02 {at // 60:02}:{at % 60:02}:00" for at in range(300)))
    upstream = Upstream(Conversations(rows))
    page = await connected(upstream).conversations(query(limit), call)
    assert (len(page.items), page.has_more, len(upstream.requests)) == (limit, True, 1)


async def test_a_limit_beyond_a_page_takes_further_pages(connected: Connect, call: Call) -> None:
    rows = rows_at(*(f"2017-03-02 {at // 60:02}:{at % 60:02}:00" for at in range(300)))
    upstream = Upstream(Conversations(rows))
    page = await connected(upstream).conversations(query(250), call)
    assert ids(page) == [str(number) for number in range(300, 50, -1)]
    assert page.has_more
    assert [asked(one)["page"] for one in upstream.requests] == ["1", "2", "3"]


async def test_an_exact_end_is_known_as_the_end(connected: Connect, call: Call) -> None:
    client = connected(Upstream(Conversations(rows_at(*["2017-03-02 10:00:00"] * 100))))
    page = await client.conversations(query(100), call)
    assert (len(page.items), page.has_more) == (100, False)


async def test_a_list_that_repeats_its_last_page_ends(connected: Connect, call: Call) -> None:
    rows = rows_at("2017-03-02 10:00:00", "2017-03-02 09:00:00")

    def answer(request: httpx.Request) -> httpx.Response:
        return success(rows, pagination={"page": asked(request)["page"], "pages": 10**9})

    upstream = Upstream(answer)
    page = await connected(upstream).conversations(query(20), call)
    assert (ids(page), page.has_more, len(upstream.requests)) == (["1", "2"], False, 2)


async def test_what_is_fetched_is_sorted_whatever_its_order(connected: Connect, call: Call) -> None:
    rows = rows_at("2017-03-02 09:00:00", "2017-03-02 11:00:00", "2017-03-02 10:00:00")
    client = connected(Upstream(lambda request: paged(rows, request)))
    assert ids(await client.conversations(query(), call)) == ["2", "3", "1"]


async def test_what_is_outside_the_window_is_dropped(connected: Connect, call: Call) -> None:
    rows = rows_at("2017-04-01 02:00:00", "2017-03-02 11:00:00", "2017-03-01 00:59:59")
    client = connected(Upstream(lambda request: paged(rows, request)))
    assert ids(await client.conversations(query(), call)) == ["2"]
