from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest
from tests.vendors.gnatta.conftest import Open
from tests.vendors.gnatta.test_events import QUERY
from tests.vendors.gnatta.upstream import ANA, BEN, RETURNS, Opened, settings_of

from vendors import records
from vendors.calls import Call
from vendors.capabilities import Capability
from vendors.errors import (
    PlatformAuthError,
    PlatformBadResponseError,
    PlatformError,
    PlatformForbiddenError,
    PlatformNotFoundError,
    PlatformRateLimitedError,
    PlatformRejectedError,
    PlatformServerError,
    Retry,
)
from vendors.gnatta import SPEC
from vendors.gnatta.client import judge_of
from vendors.gnatta.wire import VIEW_INTERACTIONS
from vendors.http.message import Answer
from vendors.measures import Dimension
from vendors.port import ConversationQuery
from vendors.records import Channel

BODY: Mapping[str, Any] = {"newState": ["Closed"], "filters": {}}
GROUPS = {"groups": [{"name": "Total", "value": 1}]}
ONCE = {"attempts": 1}


def audit(number: int, at: str, **contexts: str) -> dict[str, Any]:
    return {
        "reference": f"A-{number}",
        "channel": "Email",
        "timestamp": at,
        "contexts": contexts,
    }


def listed(*rows: dict[str, Any]) -> httpx.Response:
    return httpx.Response(200, json={"interactions": rows})


# ------------------------------------------------------------------------------------ platform


async def test_a_platform_lists_conversations_and_agents_and_measures(opened: Open) -> None:
    platform = opened(title="").platform
    assert platform.capabilities == {
        Capability.CONVERSATIONS,
        Capability.AGENTS,
        Capability.MEASURES,
        Capability.DRILL_THROUGH,
        Capability.EXPORTS,
    }
    assert (platform.key, platform.title, platform.vendor) == ("gn", "gn", "gnatta")
    assert (SPEC.name, SPEC.title, platform.vendor_title) == ("gnatta", "Gnatta", "Gnatta")


async def test_the_agents_are_the_directorys_users(opened: Open, call: Call) -> None:
    domain = opened()
    assert await domain.client.agents(call) == (
        records.Agent(platform="gn", native_id=ANA, name="Ana Ruiz"),
        records.Agent(platform="gn", native_id=BEN),
    )
    assert domain.upstream.requests == []


# ------------------------------------------------------------------------------------- refusals


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
@pytest.mark.parametrize(
    "body",
    [
        {"content": b""},
        {"text": "One or more validation errors occurred."},
        {"json": {"type": "about:blank", "title": "Bad Request", "errors": {"to": ["late"]}}},
    ],
)
async def test_an_error_is_judged_by_its_status_whatever_its_body(
    opened: Open, call: Call, status: int, error: type[PlatformError], body: dict[str, Any]
) -> None:
    domain = opened(httpx.Response(status, **body), pacing=ONCE)
    with pytest.raises(error):
        await domain.client.count("interactionsClosed", BODY, call)


async def test_a_404_on_a_guessed_path_says_which_to_set(
    opened: Open, call: Call, caplog: pytest.LogCaptureFixture
) -> None:
    missing = [httpx.Response(404) for _ in range(3)]
    domain = opened(*missing, httpx.Response(200, json=GROUPS))
    with caplog.at_level(logging.WARNING, "switchboard.vendors.gnatta"):
        for tile in ("messageVolume", "messageVolume", "messageTimes"):
            with pytest.raises(PlatformBadResponseError) as raised:
                await domain.client.count(tile, BODY, call)
            assert str(raised.value) == f"path guessed, set it: paths.{tile}.count"
            assert raised.value.status == 404
            assert not raised.value.retryable
    assert [record.getMessage() for record in caplog.records] == [
        "gn: path guessed, set it: paths.messageVolume.count",
        "gn: path guessed, set it: paths.messageTimes.count",
    ]
    probe = await domain.client.probe(call)
    assert probe.detail == (
        "path guessed, set it: paths.messageTimes.count; "
        "path guessed, set it: paths.messageVolume.count"
    )


async def test_a_404_on_a_path_that_was_set_is_not_found(
    opened: Open, call: Call, caplog: pytest.LogCaptureFixture
) -> None:
    domain = opened(httpx.Response(404), paths={"messageVolume.count": "/messages/number"})
    with pytest.raises(PlatformNotFoundError):
        await domain.client.count("messageVolume", BODY, call)
    assert not [one for one in caplog.records if one.name == "switchboard.vendors.gnatta"]


async def test_wrong_guesses_do_not_open_the_circuit(opened: Open, call: Call) -> None:
    domain = opened(*(httpx.Response(404) for _ in range(30)))
    for _ in range(30):
        with pytest.raises(PlatformBadResponseError, match="path guessed"):
            await domain.client.count("messageVolume", BODY, call)
    assert len(domain.upstream.requests) == 30


async def test_a_read_by_post_is_tried_again(opened: Open, call: Call) -> None:
    domain = opened(httpx.Response(502), httpx.Response(200, json=GROUPS))
    assert len((await domain.client.count("interactionsClosed", BODY, call)).groups) == 1
    assert len(domain.upstream.requests) == 2


async def test_a_page_for_people_is_a_login(opened: Open, call: Call) -> None:
    domain = opened(httpx.Response(200, html="<!doctype html><html></html>"))
    with pytest.raises(PlatformAuthError):
        await domain.client.count("interactionsClosed", BODY, call)


NOW = datetime(2023, 1, 5, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7", "X-Rate-Limit-Reset": "3"}, 7.0),
        ({"Retry-After": "soon", "X-Rate-Limit-Reset": "3"}, 3.0),
        ({"x-rate-limit-reset": "2023-01-05T12:00:04.2500000Z"}, 4.25),
        ({"X-Rate-Limit-Reset": "2023-01-05T12:00:04"}, 4.0),
        ({"X-RateLimit-Reset": str(int(NOW.timestamp()) + 9)}, 9.0),
        ({"RateLimit-Reset": "2.5"}, 2.5),
        ({"X-Rate-Limit-Reset": "2023-01-05T11:00:00Z"}, None),
        ({"X-Rate-Limit-Reset": "-1"}, None),
        ({"X-Rate-Limit-Reset": "1s"}, None),
        ({"X-Rate-Limit-Reset": "nan"}, None),
        ({"X-Rate-Limit-Reset": "inf"}, None),
        ({"X-Rate-Limit-Reset": "9" * 400}, None),
    ],
)
def test_a_rate_limit_says_when_it_resets(headers: dict[str, str], seconds: float | None) -> None:
    answer = Answer(429, httpx.Headers(headers), b"", received=NOW)
    with pytest.raises(PlatformRateLimitedError) as raised:
        judge_of(settings_of())(answer)
    assert raised.value.retry_after == seconds
    assert raised.value.retry_as is (Retry.BACKOFF if seconds is None else Retry.WAIT)


def test_the_reset_counts_from_the_answers_own_date() -> None:
    headers = {"Date": "Thu, 05 Jan 2023 13:00:00 GMT", "X-Reset": "2023-01-05T13:00:05Z"}
    answer = Answer(429, httpx.Headers(headers), b"", received=NOW)
    with pytest.raises(PlatformRateLimitedError) as raised:
        judge_of(settings_of(rate_limit_reset_headers=["X-Reset"]))(answer)
    assert raised.value.retry_after == 5.0


async def counted(domain: Opened, call: Call, times: int = 1) -> None:
    for _ in range(times):
        await domain.client.count("interactionsClosed", BODY, call)


def answered(**headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(200, json=GROUPS, headers=named)


async def test_no_request_is_sent_where_none_is_left(opened: Open, call: Call) -> None:
    domain = opened(answered(X_Rate_Limit_Remaining="0", X_Rate_Limit_Reset="120"))
    await counted(domain, call)
    with pytest.raises(PlatformRateLimitedError, match="no request is left") as raised:
        await counted(domain, call)
    assert len(domain.upstream.requests) == 1
    assert raised.value.retry_after is not None
    assert 100 < raised.value.retry_after <= 120
    assert (raised.value.attempts, raised.value.retryable) == (0, True)


@pytest.mark.parametrize(
    "headers",
    [
        {"X_Rate_Limit_Remaining": "1", "X_Rate_Limit_Reset": "120"},
        {"X_Rate_Limit_Remaining": "0", "X_Rate_Limit_Reset": "0"},
        # So soon that the second request waits for it.
        {"X_Rate_Limit_Remaining": "0", "X_Rate_Limit_Reset": "0.05"},
        {"X_Rate_Limit_Remaining": "0", "X_Rate_Limit_Reset": "soon"},
        {"X_Rate_Limit_Remaining": "0"},
        {"X_Rate_Limit_Remaining": "none", "X_Rate_Limit_Reset": "120"},
        {"X_Rate_Limit_Limit": "1m", "X_Rate_Limit_Reset": "120"},
        {"Left": "0", "X_Rate_Limit_Reset": "120"},
    ],
    ids=str,
)
async def test_what_tells_of_no_end_stops_nothing(
    opened: Open, call: Call, headers: dict[str, str]
) -> None:
    domain = opened(answered(**headers), answered())
    await counted(domain, call, times=2)
    assert len(domain.upstream.requests) == 2


async def test_the_headers_of_the_limit_can_be_named(opened: Open, call: Call) -> None:
    domain = opened(
        answered(Left="0", Again="120"),
        rate_limit_remaining_headers=["Left"],
        rate_limit_reset_headers=["Again"],
    )
    await counted(domain, call)
    with pytest.raises(PlatformRateLimitedError):
        await counted(domain, call)
    switched_off = opened(
        answered(X_Rate_Limit_Remaining="0", X_Rate_Limit_Reset="120"),
        answered(),
        rate_limit_remaining_headers=[],
    )
    await counted(switched_off, call, times=2)


# ------------------------------------------------------------------------------------- probing


async def test_a_probe_counts_the_closings_of_a_whole_minute(opened: Open, call: Call) -> None:
    domain = opened(httpx.Response(200, json=GROUPS))
    probe = await domain.client.probe(call)
    assert probe.detail is None
    assert domain.upstream.paths == ["/interactions/state/count"]
    (body,) = domain.upstream.bodies
    start, end = (datetime.fromisoformat(body["filters"][name]) for name in ("from", "to"))
    assert end - start == timedelta(minutes=1)
    assert (end.second, end.microsecond) == (0, 0)
    assert body["newState"] == ["Closed"]


async def test_a_probe_that_is_refused_is_a_failure(opened: Open, call: Call) -> None:
    with pytest.raises(PlatformForbiddenError):
        await opened(httpx.Response(403)).client.probe(call)


# --------------------------------------------------------------------------------- conversations


def query_of(**changes: object) -> ConversationQuery:
    values = {"start": QUERY.start, "end": QUERY.end, "limit": 2, **changes}
    return msgspec.convert(values, ConversationQuery)


async def test_conversations_are_the_starts_of_interactions(opened: Open, call: Call) -> None:
    domain = opened(
        listed(
            audit(3, "2023-01-05T15:00:00Z", queue=RETURNS),
            audit(2, "2023-01-05T14:00:00Z"),
            audit(1, "2023-01-05T13:00:00Z"),
        )
    )
    page = await domain.client.conversations(query_of(), call)
    assert [one.native_id for one in page.items] == ["A-3", "A-2"]
    assert page.positions == ("A-3@2023-01-05T15:00:00Z", "A-2@2023-01-05T14:00:00Z")
    assert (page.has_more, page.truncated) == (True, False)
    assert domain.upstream.paths == ["/interactions/view-interactions"]
    assert domain.upstream.bodies == [
        {
            "orderBy": "Descending",
            "orderByField": "Timestamp",
            "contexts": [{"type": "Queue"}, {"type": "User"}],
            "filters": {
                "oldState": ["Draft"],
                "newState": ["Created", "Queued", "Automation"],
                "from": "2023-01-05T00:00:00Z",
                "to": "2023-01-06T00:00:00Z",
            },
        }
    ]


async def test_the_next_page_is_asked_for_to_the_end_of_the_positions_second(
    opened: Open, call: Call
) -> None:
    domain = opened(
        listed(
            audit(9, "2023-01-05T14:00:00.9Z"),
            audit(1, "2023-01-05T14:00:00.5Z"),
            audit(2, "2023-01-05T14:00:00.5Z"),
            audit(3, "2023-01-05T14:00:00.5Z"),
        )
    )
    after = "A-2@2023-01-05T14:00:00.500000Z"
    page = await domain.client.conversations(query_of(after=after), call)
    assert [one.native_id for one in page.items] == ["A-3"]
    assert not page.has_more
    assert domain.upstream.bodies[0]["filters"]["to"] == "2023-01-05T14:00:01Z"


async def test_a_position_newer_than_the_window_begins_it(opened: Open, call: Call) -> None:
    domain = opened(listed(audit(1, "2023-01-05T14:00:00Z")))
    page = await domain.client.conversations(query_of(after="A-2@9999-12-31T23:59:59Z"), call)
    assert len(page.items) == 1
    assert domain.upstream.bodies[0]["filters"]["to"] == "2023-01-06T00:00:00Z"


async def test_a_period_of_years_is_asked_for_in_windows(opened: Open, call: Call) -> None:
    domain = opened(
        listed(audit(3, "2023-01-05T14:00:00Z")),
        listed(),
        listed(audit(1, "2017-03-01T00:00:00Z")),
        listed(),
    )
    start = datetime(2016, 1, 6, tzinfo=UTC)
    page = await domain.client.conversations(query_of(start=start), call)
    assert [one.native_id for one in page.items] == ["A-3", "A-1"]
    assert (page.has_more, page.truncated) == (False, False)
    windows = [(body["filters"]["from"], body["filters"]["to"]) for body in domain.upstream.bodies]
    assert windows == [
        ("2021-01-06T00:00:00Z", "2023-01-06T00:00:00Z"),
        ("2019-01-07T00:00:00Z", "2021-01-06T00:00:00Z"),
        ("2017-01-07T00:00:00Z", "2019-01-07T00:00:00Z"),
        ("2016-01-06T00:00:00Z", "2017-01-07T00:00:00Z"),
    ]


async def test_behind_the_window_there_is_nothing_to_ask(opened: Open, call: Call) -> None:
    domain = opened()
    page = await domain.client.conversations(query_of(after="A-2@2023-01-04T23:59:59Z"), call)
    assert page.items == ()
    assert domain.upstream.requests == []


async def test_channels_and_queues_restrict_the_list(opened: Open, call: Call) -> None:
    domain = opened(listed())
    wanted = query_of(channels=(Channel.CHAT, Channel.EMAIL, Channel.VIDEO), queue_ids=(RETURNS,))
    page = await domain.client.conversations(wanted, call)
    assert (page.items, page.has_more) == ((), False)
    (body,) = domain.upstream.bodies
    assert body["filters"]["channels"] == ["Email", "WebChat"]
    assert body["filters"]["queues"] == [RETURNS]
    assert domain.client.conversation_filters == {"channels", "queue_ids"}


async def test_a_channel_that_gnatta_has_not_is_not_asked_for(opened: Open, call: Call) -> None:
    domain = opened()
    page = await domain.client.conversations(query_of(channels=(Channel.VIDEO,)), call)
    assert page.items == ()
    assert domain.upstream.requests == []


async def test_contexts_can_be_left_out(opened: Open, call: Call) -> None:
    domain = opened(listed(), view_contexts=[])
    await domain.client.conversations(query_of(), call)
    assert "contexts" not in domain.upstream.bodies[0]


async def test_audits_teach_users_and_queues(opened: Open, call: Call) -> None:
    cleo = "6a2f8f0e-2b6e-4d0e-9f43-0f6f7a1b2c3d"
    answer = listed(
        audit(1, "2023-01-05T15:00:00Z", queue=RETURNS, user=cleo),
        audit(2, "2023-01-05T15:00:00Z", queue="Complaints", user=ANA),
        audit(3, "2023-01-05T15:00:00Z", queue=cleo),
        audit(4, "2023-01-05T15:00:00Z", queue=RETURNS.upper(), user="ana ruiz"),
    )
    domain = opened(answer)
    await domain.client.conversations(query_of(), call)
    users = domain.client.directory.members(Dimension.AGENT)
    assert [(one.id, one.name) for one in users] == [(ANA, "Ana Ruiz"), (BEN, None), (cleo, None)]
    queues = domain.client.directory.members(Dimension.QUEUE)
    assert [one.name for one in queues] == ["Returns", "Orders", None]


async def test_learning_is_bounded_and_can_be_forbidden(opened: Open, call: Call) -> None:
    rows = [audit(n, "2023-01-05T15:00:00Z", user=f"user-{n}") for n in range(1500)]
    domain = opened(listed(*rows))
    await domain.client.view(VIEW_INTERACTIONS, {}, call)
    assert len(domain.client.directory.members(Dimension.AGENT)) == 1000
    domain = opened(listed(*rows), directory={"learn": False})
    await domain.client.view(VIEW_INTERACTIONS, {}, call)
    assert domain.client.directory.members(Dimension.AGENT) == ()
