"""Customers: a list without dates that moves while it is read."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.vendors.iadvize.conftest import Open
from tests.vendors.iadvize.upstream import (
    Upstream,
    asked,
    filters_of,
    paged,
    saying,
    settings_of,
    success,
    utc,
)

from vendors.calls import Call
from vendors.iadvize import SPEC
from vendors.port import HistoryQuery, Page, Platform
from vendors.records import Customer

NEWEST = datetime(2017, 6, 1, 12)  # noqa: DTZ001 - local time, as it is written


def visitor(number: int, second: int = 0, **members: object) -> dict[str, Any]:
    at = NEWEST + timedelta(seconds=second)
    row: dict[str, Any] = {
        "id": number,
        "unique_id": f"u{number}",
        "website_id": [1],
        "created_at": at.strftime("%Y-%m-%d %H:%M:%S"),
    }
    return row | members


class Visitors:
    """The list, newest first, with whoever comes and goes."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows = rows

    def __call__(self, request: httpx.Request) -> httpx.Response:
        filters = filters_of(request)
        rows = [
            row
            for row in self.rows
            if filters.get("unique_id") in {None, row["unique_id"]}
            and filters.get("website_id") in {None, *map(str, row["website_id"])}
        ]
        return paged(rows, request)


async def page_of(platform: Platform, call: Call, **wanted: Any) -> Page[Customer]:  # noqa: ANN401 - members of the query
    assert platform.histories is not None
    return await platform.histories.history(Customer, HistoryQuery(**wanted), call)


async def test_all_that_is_told_of_a_visitor(opened: Open, call: Call) -> None:
    row = visitor(
        560,
        external_id=77,
        lastname="Ruiz",
        firstname="Ana",
        address="1 Rue",
        city="Lyon",
        zip=69001,
        country="FR",
        phone="+331",
        email="ana@example.test",
        browser="Firefox",
        website_id=[1, 2],
    )
    page = await page_of(opened(Upstream(saying([row]))), call, limit=5)
    assert page.items == (
        Customer(
            platform="ia",
            native_id="u560",
            entry_id="560",
            at=utc("2017-06-01 10:00"),
            external_id="77",
            given_name="Ana",
            family_name="Ruiz",
            email="ana@example.test",
            phone="+331",
            address="1 Rue",
            postal_code="69001",
            city="Lyon",
            country="FR",
            browser="Firefox",
            site_ids=("1", "2"),
        ),
    )
    assert page.items[0].record_id == "560"


async def test_a_visitor_without_a_key_is_known_by_number(opened: Open, call: Call) -> None:
    row = {"id": 9, "website_id": 3}
    (one,) = (await page_of(opened(Upstream(saying([row]))), call, limit=5)).items
    assert (one.native_id, one.record_id, one.at, one.site_ids) == ("9", "9", None, ("3",))


async def test_websites_of_one_zone_tell_the_time_of_a_visitor(opened: Open, call: Call) -> None:
    websites = [{"id": "1", "time_zone": "Asia/Tokyo"}, {"id": "2"}]
    rows = [visitor(2, website_id=[1]), visitor(1, website_id=[1, 2])]
    page = await page_of(opened(Upstream(saying(rows)), websites=websites), call, limit=5)
    assert {one.native_id: one.at for one in page.items} == {
        "u2": utc("2017-06-01 03:00"),
        "u1": utc("2017-06-01 10:00"),
    }


async def test_those_named_are_looked_up_one_by_one(opened: Open, call: Call) -> None:
    upstream = Upstream(Visitors([visitor(n, -n) for n in range(1, 9)]))
    platform = opened(upstream)
    page = await page_of(platform, call, limit=2, customer_ids=("u7", "u3", "gone", "u5"))
    assert [one.native_id for one in page.items] == ["u3", "u5"]
    assert page.has_more
    rest = await page_of(
        platform, call, limit=2, customer_ids=("u7", "u3", "gone", "u5"), after=page.positions[-1]
    )
    assert ([one.native_id for one in rest.items], rest.has_more) == (["u7"], False)
    assert len(upstream.requests) == 8


async def test_the_companys_own_id_is_a_filter(opened: Open, call: Call) -> None:
    upstream = Upstream(lambda _: success([visitor(1)]))
    await page_of(opened(upstream), call, limit=2, external_ids=("E 1",))
    assert filters_of(upstream.request) == {"external_id": "E 1"}


async def test_one_website_is_asked_for_and_several_are_picked(opened: Open, call: Call) -> None:
    rows = [visitor(n, -n, website_id=[n % 3]) for n in range(1, 10)]
    upstream = Upstream(Visitors(rows))
    platform = opened(upstream)
    one = await page_of(platform, call, limit=20, site_ids=("1",))
    assert filters_of(upstream.request) == {"website_id": "1"}
    two = await page_of(platform, call, limit=20, site_ids=("1", "2"))
    assert [each.record_id for each in one.items] == ["1", "4", "7"]
    assert [each.record_id for each in two.items] == ["1", "2", "4", "5", "7", "8"]


async def test_a_page_goes_on_by_one_call(opened: Open, call: Call) -> None:
    upstream = Upstream(Visitors([visitor(n, -n) for n in range(1, 200)]))
    platform, after = opened(upstream), None
    for turn in range(1, 6):
        page = await page_of(platform, call, limit=20, after=after)
        assert [one.record_id for one in page.items] == [
            str(n) for n in range(20 * turn - 19, 20 * turn + 1)
        ]
        assert len(upstream.requests) == turn
        after = page.positions[-1]


async def test_a_page_that_would_take_too_many_calls_is_cut(opened: Open, call: Call) -> None:
    rows = [visitor(n, -n, website_id=[1 if n > 900 else 9]) for n in range(1, 1000)]
    upstream = Upstream(Visitors(rows))
    platform = opened(upstream, visitor_pages=3)
    page = await page_of(platform, call, limit=20, site_ids=("1", "2"))
    assert (page.items, page.has_more, page.truncated) == ((), False, True)
    assert len(upstream.requests) == 3


@settings(max_examples=60, deadline=None)
@given(
    gaps=st.lists(st.integers(0, 2), max_size=60),
    limit=st.integers(1, 9),
    page_size=st.integers(12, 25),
    moves=st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=30),
)
def test_whoever_comes_or_goes_meanwhile_nobody_is_lost_or_given_twice(
    gaps: list[int], limit: int, page_size: int, moves: list[tuple[int, bool]]
) -> None:
    """Arrivals stand at the head; one who was given already may be deleted."""
    seconds = 0
    rows = []
    for number, gap in enumerate(gaps):
        seconds -= gap
        # Whatever a visitor's key looks like, it is nothing that positions are made of.
        rows.append(visitor(1000 - number, seconds, unique_id=f"{number},{number + 1}"))
    there = [str(row["id"]) for row in rows]
    source = Visitors(list(rows))
    read: list[str] = []

    async def walk() -> None:
        upstream = Upstream(source)
        platform = SPEC.build(settings_of(page_size=page_size), upstream.wiring())
        after, newest = None, 2000
        for arrivals, deletes in [*moves, *([(0, False)] * 100)]:
            page = await page_of(platform, Call.within(60), limit=limit, after=after)
            read.extend(one.record_id for one in page.items)
            if not page.has_more:
                break
            after = page.positions[-1]
            for _ in range(arrivals):
                newest += 1
                source.rows.insert(0, visitor(newest, newest))
            if deletes:
                source.rows = [row for row in source.rows if str(row["id"]) != read[0]]
        await platform.close()

    asyncio.run(walk())
    assert read == there


async def test_a_list_that_has_shrunk_is_read_on_from_its_end(opened: Open, call: Call) -> None:
    source = Visitors([visitor(n, -n) for n in range(1, 1000)])
    upstream = Upstream(source)
    platform, after = opened(upstream), None
    for _ in range(9):
        after = (await page_of(platform, call, limit=90, after=after)).positions[-1]
    upstream.requests.clear()
    source.rows = source.rows[700:]
    page = await page_of(platform, call, limit=10, after=after)
    assert [one.record_id for one in page.items] == [str(n) for n in range(811, 821)]
    numbers = [int(asked(one)["page"]) for one in upstream.requests]
    assert numbers[1] == 13  # the last page there is, and back from there
    assert len(numbers) < 13


async def test_the_size_of_pages_is_never_above_the_limit(opened: Open, call: Call) -> None:
    upstream = Upstream(Visitors([visitor(n, -n) for n in range(1, 300)]))
    platform = opened(upstream)
    page = await page_of(platform, call, limit=150)
    assert len(page.items) == 150
    assert {asked(one)["limit"] for one in upstream.requests} == {"100"}
