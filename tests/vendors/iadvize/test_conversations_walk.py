from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.vendors.iadvize.conftest import Connect
from tests.vendors.iadvize.conversation_pages import ids, query, read_on, rows_at
from tests.vendors.iadvize.upstream import (
    Conversations,
    Upstream,
    asked,
    conversation,
    filters_of,
    settings_of,
    utc,
)

from vendors.buckets import zone
from vendors.calls import Call
from vendors.iadvize import mapping
from vendors.iadvize.client import IadvizeClient


async def test_a_long_period_is_walked_from_its_end_as_far_as_needed(
    connected: Connect, call: Call
) -> None:
    year = {"start": utc("2016-01-01 00:00"), "end": utc("2017-01-01 00:00")}
    rows = rows_at("2016-12-24 10:00:00", "2016-12-01 10:00:00", "2016-02-01 10:00:00")
    upstream = Upstream(Conversations(rows))
    client = connected(upstream)
    near = await client.conversations(query(1, **year), call)
    assert (ids(near), near.has_more, len(upstream.requests)) == (["1"], True, 1)
    upstream.requests.clear()
    far = await client.conversations(query(3, **year), call)
    assert (ids(far), far.has_more, len(upstream.requests)) == (["1", "2", "3"], False, 5)
    # A window is asked for no more than the ones before it left open.
    assert [asked(one)["limit"] for one in upstream.requests] == ["4", "2", "2", "2", "1"]
    bounds = [filters_of(one) for one in upstream.requests]
    assert bounds[0]["to"] == "2017-01-01 00:59:59"
    assert bounds[-1]["from"] == "2016-01-01 01:00:00"


async def test_the_longest_window_is_a_setting(connected: Connect, call: Call) -> None:
    upstream = Upstream(Conversations([]))
    await connected(upstream, conversation_days=10).conversations(query(), call)
    assert len(upstream.requests) == 4


MOMENTS = st.integers(1_262_304_000, 1_893_456_000)


@given(
    MOMENTS,
    st.one_of(st.integers(1, 90 * 86_400), st.integers(90 * 86_400, 800 * 86_400)),
    st.sampled_from(["Europe/Paris", "Asia/Kolkata"]),
)
@settings(deadline=None, max_examples=40)
async def test_windows_hold_each_local_second_of_a_period_once(
    start: int, seconds: int, name: str
) -> None:
    upstream = Upstream(Conversations([]))
    client = IadvizeClient(settings_of(time_zone=name), upstream.wiring())
    first, last = (datetime.fromtimestamp(at, UTC) for at in (start, start + seconds))
    await client.conversations(query(start=first, end=last), Call.within(30.0))
    await client.aclose()
    spans = [
        (datetime.fromisoformat(one["from"]), datetime.fromisoformat(one["to"]))
        for one in map(filters_of, upstream.requests)
    ]
    where = zone(name)
    # They may overlap where the clocks repeat an hour, and never leave a gap.
    assert all(low <= high for low, high in spans)
    assert spans[-1][0] == first.astimezone(where).replace(tzinfo=None)
    assert spans[0][1] >= last.astimezone(where).replace(tzinfo=None) - timedelta(seconds=1)
    for (later, _), (_, earlier) in pairwise(spans):
        assert timedelta(0) <= earlier - later + timedelta(seconds=1) <= timedelta(hours=1)


# Around a repeated hour, a skipped one, and the last second of a year; often the same second.
_AROUND = ("2017-10-29 00:00", "2017-03-26 00:30", "2016-12-31 22:59:59", "2017-05-01 12:00")
SECONDS = st.builds(
    lambda near, away: utc(near) + timedelta(seconds=away),
    st.sampled_from(_AROUND),
    st.one_of(st.just(0), st.integers(-7200, 7200), st.integers(-9_000_000, 9_000_000)),
)


def as_listed(instants: Sequence[datetime], sites: Sequence[tuple[int, str]]) -> list[Any]:
    """Return rows at these instants in turn by site, written in the site's local time."""
    return [
        conversation(
            number,
            mapping.local_text(at.astimezone(zone(sites[number % len(sites)][1]))),
            website_id=sites[number % len(sites)][0],
        )
        for number, at in enumerate(instants, 1)
    ]


@given(
    instants=st.lists(SECONDS, max_size=40),
    copies=st.integers(1, 8),
    window=st.tuples(SECONDS, SECONDS).map(sorted),
    limit=st.integers(1, 12),
    page_size=st.integers(1, 10),
    zones=st.sampled_from(
        [["Europe/Paris"], ["Europe/London"], ["Europe/Paris", "America/New_York"]]
    ),
)
@settings(deadline=None, max_examples=60)
async def test_paging_skips_nothing_and_doubles_nothing(
    instants: list[datetime],
    copies: int,
    window: list[datetime],
    limit: int,
    page_size: int,
    zones: list[str],
) -> None:
    sites = list(enumerate(zones, 1))
    rows = as_listed([at for at in instants for _ in range(copies)], sites)
    upstream = Upstream(Conversations(rows))
    websites = [{"id": number, "time_zone": name} for number, name in sites]
    client = IadvizeClient(
        settings_of(websites=websites, page_size=page_size, pacing={"attempts": 1}),
        upstream.wiring(),
    )
    start, end = window
    pages = await read_on(client, query(limit, start=start, end=end), Call.within(60.0))
    await client.aclose()
    found = [one for page in pages for one in page.items]
    started = {
        str(row["id"]): mapping.local_instant(
            row["created_at"], zone(dict(sites)[row["website_id"]])
        )
        for row in rows
    }
    assert sorted(one.native_id for one in found) == sorted(
        number for number, at in started.items() if start <= at < end
    )
    times = [started[one.native_id] for one in found]
    assert times == sorted(times, reverse=True)
    assert all(len(page.items) == limit for page in pages[:-1])
    assert all(page.items for page in pages[1:])
    assert all(len(page.items) == len(page.positions) for page in pages)


async def test_websites_in_several_zones_are_listed_one_by_one(
    connected: Connect, call: Call
) -> None:
    rows = [
        conversation(1, "2017-03-02 10:00:00", website_id=1),  # 09:00 in UTC
        conversation(2, "2017-03-02 05:00:00", website_id=2),  # 10:00 in UTC
    ]
    upstream = Upstream(Conversations(rows))
    websites = [{"id": 1}, {"id": 2, "time_zone": "America/New_York"}]
    page = await connected(upstream, websites=websites).conversations(query(), call)
    assert ids(page) == ["2", "1"]
    assert {one["website_id"]: one["from"] for one in map(filters_of, upstream.requests)} == {
        "1": "2017-03-01 01:00:00",
        "2": "2017-02-28 19:00:00",
    }


async def test_websites_in_the_accounts_zone_share_a_list(connected: Connect, call: Call) -> None:
    upstream = Upstream(Conversations([]))
    await connected(upstream, websites=[{"id": 1}, {"id": 2}]).conversations(query(), call)
    assert "website_id" not in filters_of(upstream.request)
