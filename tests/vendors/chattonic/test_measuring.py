from __future__ import annotations

from datetime import datetime, timedelta

import httpx
import pytest
from tests.vendors.chattonic.conftest import Open
from tests.vendors.chattonic.upstream import FIRST, NOW, SAMPLE, SECOND, Upstream, instant, saying

from vendors.calls import Call
from vendors.errors import (
    PlatformAuthError,
    PlatformBadResponseError,
    PlatformError,
    PlatformForbiddenError,
    PlatformNotFoundError,
    PlatformRateLimitedError,
    PlatformRejectedError,
    PlatformServerError,
    PlatformTruncatedError,
)
from vendors.measures import Dimension, Grain, MeasureCall, Member, Reading
from vendors.port import MeasuresPort, Platform

START, END = instant("2021-11-01T03:00"), instant("2021-11-03T03:00")


def port(platform: Platform) -> MeasuresPort:
    assert platform.measures is not None
    return platform.measures


def asked(
    *figures: str,
    source: str = "dashboard",
    end: datetime = END,
    grain: Grain = Grain.TOTAL,
    by_agent: bool = False,
) -> MeasureCall:
    return MeasureCall(
        source=source,
        figures=figures,
        start=START,
        end=end,
        zone="UTC",
        grain=grain,
        group_by=(Dimension.AGENT,) if by_agent else (),
    )


def operators(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=SAMPLE)


async def test_the_dashboard_is_asked_with_its_format_escaped(opened: Open, call: Call) -> None:
    upstream = Upstream(saying([{"date": "2021-11-02 07", "newUsers": 4}]))
    found = await port(opened(upstream)).measure(
        asked("dashboard.newUsers", grain=Grain.HOUR), call
    )
    request = upstream.request
    assert request.method == "GET"
    assert request.url.raw_path == (
        b"/api/v1/acme/stats/bigquery?queryName=dashboard"
        b"&dateFormatGroup=%25Y-%25m-%25d%20%25H"
        b"&startDate=2021-11-01T03%3A00%3A00.000Z&endDate=2021-11-03T03%3A00%3A00.000Z"
    )
    assert request.headers["accept"] == "application/json"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["authorization"] == "Bearer t0ken"
    assert request.content == b""
    assert len(found) == 48
    assert {one for one in found if one.value} == {
        Reading("dashboard.newUsers", instant("2021-11-02T07:00"), 4.0)
    }
    assert call.log.count("ct") == 1


@pytest.mark.parametrize(
    ("grain", "sent"),
    [
        (Grain.HOUR, "%Y-%m-%d %H"),
        (Grain.DAY, "%Y-%m-%d"),
        (Grain.WEEK, "%G-%V"),
        (Grain.MONTH, "%Y-%m"),
        (Grain.YEAR, "%Y"),
        (Grain.TOTAL, "%Y"),
    ],
)
async def test_every_size_of_bucket_has_its_format(
    grain: Grain, sent: str, opened: Open, call: Call
) -> None:
    upstream = Upstream(saying([]))
    await port(opened(upstream)).measure(asked("dashboard.newUsers", grain=grain), call)
    assert upstream.request.url.params["dateFormatGroup"] == sent


async def test_a_total_is_asked_by_the_longest_bucket_that_has_a_format(
    opened: Open, call: Call
) -> None:
    rows = [{"date": "2021-11-01", "newUsers": 4}, {"date": "2021-11-02", "newUsers": 5}]
    upstream = Upstream(saying(rows))
    platform = opened(upstream, date_formats={"year": "", "month": "", "week": ""})
    found = await port(platform).measure(asked("dashboard.newUsers"), call)
    assert upstream.request.url.params["dateFormatGroup"] == "%Y-%m-%d"
    assert found == (Reading("dashboard.newUsers", START, 9.0),)


async def test_a_total_may_be_asked_as_one_row(opened: Open, call: Call) -> None:
    upstream = Upstream(saying([{"date": "0", "activeUsers": 4, "newUsers": 2}]))
    platform = opened(upstream, date_formats={"total": "0"})
    figures = ("dashboard.activeUsers", "dashboard.newUsers")
    found = await port(platform).measure(asked(*figures), call)
    assert upstream.request.url.params["dateFormatGroup"] == "0"
    assert [one.value for one in found] == [4.0, 2.0]


async def test_buckets_are_cut_in_the_zone_that_is_set(opened: Open, call: Call) -> None:
    upstream = Upstream(saying([{"date": "2021-11-02", "newUsers": 4}]))
    platform = opened(upstream, bucket_time_zone="America/Argentina/Buenos_Aires")
    found = await port(platform).measure(asked("dashboard.newUsers", grain=Grain.DAY), call)
    assert found == (
        Reading("dashboard.newUsers", START, 0.0),
        Reading("dashboard.newUsers", instant("2021-11-02T03:00"), 4.0),
    )
    assert port(platform).measurables.partitions[0].time_zone == "America/Argentina/Buenos_Aires"


async def test_operators_are_asked_for_the_exact_window(opened: Open, call: Call) -> None:
    upstream = Upstream(operators)
    found = await port(opened(upstream)).measure(
        asked("operator.onlineTime", source="operator", by_agent=True), call
    )
    assert upstream.request.url.raw_path == (
        b"/api/v1/acme/stats/operator"
        b"?startDate=2021-11-01T03%3A00%3A00.000Z&endDate=2021-11-03T03%3A00%3A00.000Z"
    )
    assert upstream.request.headers["content-type"] == "application/json"
    assert [(one.group, one.value) for one in found] == [((FIRST,), 0.0), ((SECOND,), 480.0)]
    assert call.log.count("ct") == 1


async def test_times_are_raw_until_their_unit_is_set(opened: Open, call: Call) -> None:
    upstream = Upstream(operators)
    measure = asked("operator.onlineTime", source="operator")
    (raw,) = await port(opened(upstream)).measure(measure, call)
    (seconds,) = await port(opened(upstream, duration_unit="minutes")).measure(measure, call)
    assert (raw.value, seconds.value) == (480.0, 28_800.0)


@pytest.mark.parametrize(
    ("end", "values"),
    [
        (NOW + timedelta(days=3), [1.0, 3.0]),
        (NOW, [1.0, 3.0]),
        # The window was asked up to now, a moment ago.
        (NOW - timedelta(minutes=1), [1.0, 3.0]),
        (NOW - timedelta(hours=1), []),
    ],
)
async def test_what_is_now_belongs_to_no_window_of_the_past(
    end: datetime, values: list[float], opened: Open, call: Call
) -> None:
    upstream = Upstream(operators)
    figures = ("operator.queryInProgress", "operator.queryPending")
    measure = asked(*figures, source="operator_now", end=end)
    found = await port(opened(upstream)).measure(measure, call)
    assert [one.value for one in found] == values
    assert len(upstream.requests) == (1 if values else 0)


async def test_an_end_that_belongs_to_the_window_is_sent_as_its_last_millisecond(
    opened: Open, call: Call
) -> None:
    upstream = Upstream(operators)
    platform = opened(upstream, end_inclusive=True)
    await port(platform).measure(asked("operator.nps", source="operator"), call)
    assert upstream.request.url.params["endDate"] == "2021-11-03T02:59:59.999Z"


async def test_a_codename_is_one_segment_of_the_path(opened: Open, call: Call) -> None:
    upstream = Upstream(operators)
    await port(opened(upstream, codename="a/b c?d")).measure(
        asked("operator.nps", source="operator"), call
    )
    assert upstream.request.url.raw_path.startswith(b"/api/v1/a%2Fb%20c%3Fd/stats/operator?")


async def test_the_members_of_a_platform_are_its_operators(opened: Open, call: Call) -> None:
    measures = port(opened(Upstream(operators)))
    assert await measures.members(Dimension.AGENT, call) == (
        Member(FIRST, "Chamo Sac2"),
        Member(SECOND, "Chamo Operator"),
    )
    assert await measures.members(Dimension.TEAM, call) == ()
    assert call.log.count("ct") == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, PlatformRejectedError),
        (403, PlatformForbiddenError),
        (404, PlatformNotFoundError),
        (429, PlatformRateLimitedError),
        (500, PlatformServerError),
    ],
)
async def test_a_refusal_is_told_by_its_status_and_its_body_by_nobody(
    status: int, error: type[PlatformError], opened: Open, call: Call
) -> None:
    upstream = Upstream(saying({"message": "private words"}, status))
    with pytest.raises(error) as caught:
        await port(opened(upstream)).measure(asked("dashboard.newUsers"), call)
    assert "private" not in str(caught.value)
    assert caught.value.platform == "ct"


@pytest.mark.parametrize(
    "body",
    [{"status": False}, {"status": False, "message": "private words", "operators": []}],
)
async def test_a_200_that_calls_itself_a_failure_is_one_and_is_not_repeated(
    body: dict[str, object], opened: Open, call: Call
) -> None:
    upstream = Upstream(saying(body))
    with pytest.raises(PlatformServerError) as caught:
        await port(opened(upstream, pacing={"attempts": 3})).measure(
            asked("operator.nps", source="operator"), call
        )
    assert "private" not in str(caught.value)
    assert len(upstream.requests) == 1


@pytest.mark.parametrize("source", ["dashboard", "operator"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"null",
        b'{"status":true}',
        b'[{"date":7}]',
        b'{"operators":[{}]}',
        b"\xff",
    ],
)
async def test_what_cannot_be_the_answer_is_none(
    body: bytes, source: str, opened: Open, call: Call
) -> None:
    upstream = Upstream(lambda _: httpx.Response(200, content=body))
    figure = "dashboard.newUsers" if source == "dashboard" else "operator.nps"
    with pytest.raises(PlatformBadResponseError):
        await port(opened(upstream)).measure(asked(figure, source=source), call)


@pytest.mark.parametrize(
    ("source", "body"), [("dashboard", b'[{"date":'), ("operator", b'{"operators":[')]
)
async def test_an_answer_that_was_cut_is_named_so(
    source: str, body: bytes, opened: Open, call: Call
) -> None:
    upstream = Upstream(lambda _: httpx.Response(200, content=body))
    figure = "dashboard.newUsers" if source == "dashboard" else "operator.nps"
    with pytest.raises(PlatformTruncatedError):
        await port(opened(upstream)).measure(asked(figure, source=source), call)


async def test_deep_nesting_is_no_answer(opened: Open, call: Call) -> None:
    body = b'{"status":' + b"[" * 50_000 + b"]" * 50_000 + b"}"
    upstream = Upstream(lambda _: httpx.Response(200, content=body))
    with pytest.raises(PlatformBadResponseError):
        await port(opened(upstream)).measure(asked("operator.nps", source="operator"), call)


async def test_a_page_for_people_is_a_login_page(opened: Open, call: Call) -> None:
    upstream = Upstream(lambda _: httpx.Response(200, html="<!doctype html><html></html>"))
    with pytest.raises(PlatformAuthError):
        await port(opened(upstream)).measure(asked("dashboard.newUsers"), call)
