"""Customers: the users of the bot, from a list that moves while it is read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.vendors.chattonic.upstream import (
    FIRST,
    SAMPLE,
    SECOND,
    Upstream,
    asked,
    instant,
    saying,
    settings_of,
)

from vendors.calls import Call
from vendors.capabilities import Capability
from vendors.chattonic import SPEC
from vendors.errors import BadInputError, PlatformBadResponseError
from vendors.port import HistoryQuery, Page, Platform
from vendors.records import Channel, Customer, Skill, Team, Transaction

NEWEST = instant("2021-11-30T12:00")


@asynccontextmanager
async def opened(upstream: Upstream, **changes: object) -> AsyncIterator[Platform]:
    platform = SPEC.build(settings_of(**changes), upstream.wiring())
    try:
        yield platform
    finally:
        await platform.close()


def user(number: int, seconds: int = 0, **members: object) -> dict[str, Any]:
    at = NEWEST - timedelta(seconds=seconds)
    row: dict[str, Any] = {
        "_id": f"u{number}",
        "firstName": "Ana",
        "lastName": "Ruiz",
        "profilePictureURL": "https://pictures.test/ana",
        "account": f"acc{number % 3}",
        "platform": "whatsapp",
        "createdAt": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "context": {"income": 1},
    }
    return row | members


class Users:
    """The list, newest first, with whoever comes meanwhile."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows = rows
        self.asked: list[dict[str, str]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert request.url.path.endswith("/messageuser")
        wanted = asked(request)
        self.asked.append(wanted)
        skip, limit = int(wanted["skip"]), int(wanted["limit"])
        account = wanted.get("query", "").removeprefix('{"account":"').removesuffix('"}')
        rows = [row for row in self.rows if account in {"", row["account"]}]
        return httpx.Response(200, json={"limit": limit, "objects": rows[skip : skip + limit]})


async def page_of(platform: Platform, call: Call, **wanted: Any) -> Page[Customer]:  # noqa: ANN401 - members of the query
    assert platform.histories is not None
    return await platform.histories.history(Customer, HistoryQuery(**wanted), call)


@pytest.mark.parametrize("named", [False, True])
async def test_names_are_told_only_where_they_are_wanted(call: Call, *, named: bool) -> None:
    users = Users([user(1)])
    async with opened(Upstream(users), customer_names=named) as platform:
        page = await page_of(platform, call, limit=5)
    assert page.items == (
        Customer(
            platform="ct",
            native_id="u1",
            at=NEWEST,
            given_name="Ana" if named else None,
            family_name="Ruiz" if named else None,
            channel=Channel.WHATSAPP,
            native_channel="whatsapp",
            account_id="acc1",
        ),
    )
    assert users.asked == [{"skip": "0", "limit": "13", "sort": '{"createdAt":-1}'}]


async def test_a_user_may_come_without_names_and_with_an_account_of_its_own(call: Call) -> None:
    row = {"_id": "u9", "createdAt": "2021-11-01T03:00:00.000Z", "account": {"_id": "a"}}
    async with opened(Upstream(saying({"objects": [row]})), customer_names=True) as platform:
        (one,) = (await page_of(platform, call, limit=5)).items
    assert (one.given_name, one.channel, one.account_id) == (None, Channel.OTHER, "a")


async def test_one_account_is_asked_for_and_several_are_picked(call: Call) -> None:
    users = Users([user(n, n) for n in range(1, 30)])
    async with opened(Upstream(users)) as platform:
        one = await page_of(platform, call, limit=50, account_ids=("acc1",))
        two = await page_of(platform, call, limit=50, account_ids=("acc1", "acc2"))
    assert [users.asked[0].get("query"), users.asked[1].get("query")] == [
        '{"account":"acc1"}',
        None,
    ]
    assert {each.account_id for each in one.items} == {"acc1"}
    assert {each.account_id for each in two.items} == {"acc1", "acc2"}
    assert len(one.items) + len(two.items) == 10 + 20


async def test_a_page_that_would_take_too_many_calls_is_cut(call: Call) -> None:
    users = Users([user(3 * n, n) for n in range(1, 400)])
    async with opened(Upstream(users), lists={"page_size": 10, "max_pages": 3}) as platform:
        page = await page_of(platform, call, limit=5, account_ids=("acc1", "acc2"))
    assert (page.items, page.truncated, len(users.asked)) == ((), True, 3)


async def test_a_list_in_another_order_is_refused(call: Call) -> None:
    async with opened(Upstream(Users([user(1, 9), user(2, 1)]))) as platform:
        with pytest.raises(PlatformBadResponseError):
            await page_of(platform, call, limit=5)


async def test_a_position_of_somebody_else_is_refused(call: Call) -> None:
    async with opened(Upstream(Users([]))) as platform:
        with pytest.raises(BadInputError):
            await page_of(platform, call, limit=5, after="7")


async def test_customers_are_all_that_it_lists_of_what_happened(call: Call) -> None:
    async with opened(Upstream(Users([]))) as platform:
        assert platform.histories is not None
        assert set(platform.histories.history_filters) == {Customer}
        assert Capability.CUSTOMERS in platform.capabilities
        assert Capability.CUSTOMER_BY_ID not in platform.capabilities
        with pytest.raises(TypeError):
            await platform.histories.history(Transaction, HistoryQuery(limit=1), call)


@settings(max_examples=40, deadline=None)
@given(
    gaps=st.lists(st.integers(0, 2), max_size=50),
    limit=st.integers(1, 9),
    arrivals=st.lists(st.integers(0, 15), max_size=12),
)
def test_whoever_comes_meanwhile_nobody_is_lost_or_given_twice(
    gaps: list[int], limit: int, arrivals: list[int]
) -> None:
    age = 0
    rows = []
    for number, gap in enumerate(gaps):
        age += gap
        rows.append(user(number, age))
    there = [row["_id"] for row in rows]
    users = Users(list(rows))
    read: list[str] = []

    async def walk() -> None:
        async with opened(Upstream(users), lists={"page_size": 10}) as platform:
            after, newest = None, 1000
            for count in [*arrivals, *([0] * 100)]:
                page = await page_of(platform, Call.within(60), limit=limit, after=after)
                read.extend(one.native_id for one in page.items)
                if not page.has_more:
                    break
                after = page.positions[-1]
                for _ in range(count):
                    newest += 1
                    users.rows.insert(0, user(newest, -newest))

    asyncio.run(walk())
    assert read == there


async def test_skills_are_the_origins_of_the_last_full_hour(call: Call) -> None:
    upstream = Upstream(lambda _: httpx.Response(200, content=SAMPLE))
    async with opened(upstream) as platform:
        assert platform.directories is not None
        assert platform.directories.directory_kinds == {Skill}
        found = await platform.directories.directory(Skill, call)
        with pytest.raises(TypeError):
            await platform.directories.directory(Team, call)
    assert found == (
        Skill(
            platform="ct",
            native_id="5ed94dd1fdda89cee4cb61",
            name="Tengo otro tipo de consultas",
            agent_ids=(FIRST, SECOND),
        ),
    )
    assert upstream.request.url.path == "/api/v1/acme/stats/operator"
