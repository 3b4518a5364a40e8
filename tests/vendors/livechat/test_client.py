from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from tests.vendors.livechat.upstream import Open, refusal, report

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
    PlatformTimeoutError,
    Retry,
)
from vendors.livechat.filters import (
    AgentGroups,
    AgentsFilters,
    AgentsRequest,
    ChatsFilters,
    ChatsRequest,
    EventTypeFilter,
    PropertyFilter,
    ReportRequest,
    StringFilter,
    Survey,
)
from vendors.records import Agent

TIMES: dict[str, Any] = {"from_": "2020-09-01T00:00:00+02:00", "to": "2020-09-01T23:59:59+02:00"}
CHATS = ChatsRequest(distribution="day", timezone="Europe/Warsaw", filters=ChatsFilters(**TIMES))
AGENTS = AgentsRequest(filters=AgentsFilters(**TIMES))
EMPTY = report({})


# ------------------------------------------------------------------------------------ requests


@pytest.mark.parametrize(
    ("operation", "path", "request_"),
    [
        ("total_chats", "/v3.4/reports/chats/total_chats", CHATS),
        ("duration", "/v3.4/reports/chats/duration", CHATS),
        ("response_time", "/v3.4/reports/chats/response_time", CHATS),
        ("first_response_time", "/v3.4/reports/chats/first_response_time", CHATS),
        ("ratings", "/v3.4/reports/chats/ratings", CHATS),
        ("engagement", "/v3.4/reports/chats/engagement", CHATS),
        ("tags", "/v3.4/reports/chats/tags", CHATS),
        ("greetings_conversion", "/v3.4/reports/chats/greetings_conversion", CHATS),
        ("surveys", "/v3.4/reports/chats/surveys", CHATS),
        ("ranking", "/v3.4/reports/chats/ranking", CHATS),
        ("availability", "/v3.4/reports/agents/availability", AGENTS),
        ("performance", "/v3.4/reports/agents/performance", AGENTS),
    ],
)
async def test_each_report_has_its_address(
    opened: Open, call: Call, operation: str, path: str, request_: ReportRequest
) -> None:
    account = opened(EMPTY)
    answer = await getattr(account.client, operation)(request_, call)
    sent = account.upstream.request
    assert (sent.method, str(sent.url)) == ("POST", f"https://api.livechatinc.com{path}")
    assert sent.headers["Content-Type"] == "application/json"
    assert account.upstream.body["filters"] == {"from": TIMES["from_"], "to": TIMES["to"]}
    assert answer.records == {}


@pytest.mark.parametrize(
    ("operation", "path", "answer"),
    [
        ("forms", "chats/forms", {"records": []}),
        ("chat_usage", "tags/chat_usage", {"records": {}}),
        ("groups", "chats/groups", {"records": {}}),
        ("queued_visitors", "chats/queued_visitors", {"records": {}}),
        ("unique_visitors", "customers/unique_visitors", {"summary": {}}),
    ],
)
@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_each_report_of_a_later_version_has_its_address(
    opened: Open, call: Call, operation: str, path: str, answer: object, method: str
) -> None:
    account = opened(httpx.Response(200, json=answer), version="3.6", method=method)
    await getattr(account.client, operation)(CHATS, call)
    sent = account.upstream.request
    assert (sent.method, sent.url.path) == (method, f"/v3.6/reports/{path}")


async def test_the_version_stands_in_the_address(opened: Open, call: Call) -> None:
    account = opened(EMPTY, version="3.6")
    await account.client.ratings(CHATS, call)
    assert account.upstream.request.url.path == "/v3.6/reports/chats/ratings"
    assert "X-API-Version" not in account.upstream.request.headers


async def test_the_version_may_stand_in_a_header(opened: Open, call: Call) -> None:
    account = opened(EMPTY, version="3.5", version_in="header")
    await account.client.ratings(CHATS, call)
    assert account.upstream.request.url.path == "/reports/chats/ratings"
    assert account.upstream.request.headers["X-API-Version"] == "3.5"


async def test_a_query_string_is_encoded_as_documented(opened: Open, call: Call) -> None:
    account = opened(EMPTY, method="GET")
    request = ChatsRequest(
        distribution="day",
        timezone="Europe/Warsaw",
        filters=ChatsFilters(
            **TIMES,
            properties={"routing": {"continuous": PropertyFilter(values=(True,))}},
            agents=StringFilter(values=("joe@acme.com", "alice+b@acme.com")),
            tags=StringFilter(exclude_values=("spam",)),
            event_types=EventTypeFilter(values=("file",)),
        ),
    )
    await account.client.total_chats(request, call)
    sent = account.upstream.request
    query = sent.url.query.decode()
    assert sent.method == "GET"
    assert sent.content == b""
    assert "filters.from=2020-09-01T00%3A00%3A00%2B02%3A00" in query
    assert "alice%2Bb%40acme.com" in query
    assert parse_qsl(query, strict_parsing=True) == [
        ("distribution", "day"),
        ("timezone", "Europe/Warsaw"),
        ("filters.from", "2020-09-01T00:00:00+02:00"),
        ("filters.to", "2020-09-01T23:59:59+02:00"),
        ("filters.properties[routing][continuous].values", "true"),
        ("filters.agents.values", "joe@acme.com"),
        ("filters.agents.values", "alice+b@acme.com"),
        ("filters.tags.exclude_values", "spam"),
        ("filters.event_types.values", "file"),
    ]


async def test_groups_of_agents_have_a_query_string_too(opened: Open, call: Call) -> None:
    account = opened(EMPTY, method="GET")
    filters = AgentsFilters(**TIMES, groups=AgentGroups(values=(0, 3)))
    await account.client.performance(AgentsRequest(filters=filters), call)
    query = parse_qsl(account.upstream.request.url.query.decode())
    assert query[2:] == [("filters.groups.values", "0"), ("filters.groups.values", "3")]


async def test_surveys_have_no_query_string_and_are_posted(opened: Open, call: Call) -> None:
    account = opened(EMPTY, method="GET")
    surveys = (Survey(type="pre_chat", **TIMES),)
    request = ChatsRequest(filters=ChatsFilters(surveys=surveys))
    await account.client.total_chats(request, call)
    assert account.upstream.request.method == "POST"
    assert account.upstream.body["filters"]["surveys"][0]["type"] == "pre_chat"


# --------------------------------------------------------------------------------- credentials


async def test_an_access_token_goes_as_bearer(opened: Open, call: Call) -> None:
    account = opened(EMPTY, access_token="dal%3Aabc\n")
    await account.client.ratings(CHATS, call)
    assert account.upstream.request.headers["Authorization"] == "Bearer dal:abc"


async def test_a_personal_access_token_goes_as_basic(opened: Open, call: Call) -> None:
    account_id = "8f0c1f1e-0000-4000-8000-000000000000"
    account = opened(
        EMPTY, access_token=None, account_id=account_id, personal_access_token="fra:xyz"
    )
    await account.client.ratings(CHATS, call)
    expected = b64encode(f"{account_id}:fra:xyz".encode()).decode()
    assert account.upstream.request.headers["Authorization"] == f"Basic {expected}"


async def test_a_refused_token_is_not_tried_again(opened: Open, call: Call) -> None:
    account = opened(refusal(401, "authentication"), pacing={"attempts": 3})
    with pytest.raises(PlatformAuthError):
        await account.client.ratings(CHATS, call)
    assert len(account.requests) == 1


# -------------------------------------------------------------------------------------- region


async def test_no_region_is_named_unless_it_is_set(opened: Open, call: Call) -> None:
    unset, named = opened(EMPTY), opened(EMPTY, region="fra")
    await unset.client.ratings(CHATS, call)
    await named.client.ratings(CHATS, call)
    assert "X-Region" not in unset.upstream.request.headers
    assert named.upstream.request.headers["X-Region"] == "fra"


async def test_a_misdirected_request_is_sent_once_more_and_the_region_remembered(
    opened: Open, call: Call
) -> None:
    misdirected = refusal(421, "misdirected_request", data={"region": "fra"})
    account = opened(misdirected, report({"2020-09-01": {"good": 2}}), EMPTY)
    answer = await account.client.ratings(CHATS, call)
    assert answer.records["2020-09-01"].good == 2
    await account.client.ratings(CHATS, call)
    assert [one.headers.get("X-Region") for one in account.requests] == [None, "fra", "fra"]
    assert account.requests[0].content == account.requests[1].content


async def test_a_region_that_misdirects_to_itself_is_a_rejection(opened: Open, call: Call) -> None:
    account = opened(refusal(421, "misdirected_request", data={"region": "fra"}), region="fra")
    with pytest.raises(PlatformRejectedError):
        await account.client.ratings(CHATS, call)
    assert len(account.requests) == 1


async def test_regions_that_misdirect_to_each_other_are_asked_once_each(
    opened: Open, call: Call
) -> None:
    answers = [refusal(421, "misdirected_request", data={"region": one}) for one in ("fra", "dal")]
    account = opened(*answers)
    with pytest.raises(PlatformRejectedError):
        await account.client.ratings(CHATS, call)
    assert len(account.requests) == 2


# ------------------------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        # The type wins over the status, whichever that is.
        (refusal(400, "authentication"), PlatformAuthError),
        (refusal(200, "authorization"), PlatformForbiddenError),
        (refusal(500, "validation"), PlatformRejectedError),
        (refusal(400, "too_many_requests"), PlatformRateLimitedError),
        (refusal(400, "unsupported_version"), PlatformRejectedError),
        (refusal(408, "request_timeout"), PlatformTimeoutError),
        (refusal(504, "request_timeout"), PlatformTimeoutError),
        (refusal(400, "internal"), PlatformServerError),
        (refusal(200, "service_unavailable"), PlatformServerError),
        # Without a type that is known, the status decides.
        (refusal(403, "teapot"), PlatformForbiddenError),
        (refusal(200, "teapot"), PlatformServerError),
        (httpx.Response(404), PlatformNotFoundError),
        (httpx.Response(429, json={"error": "slow down"}), PlatformRateLimitedError),
        (httpx.Response(500, text="<h1>Sorry</h1>"), PlatformServerError),
        (httpx.Response(200, text="<!doctype html><html>Log in</html>"), PlatformAuthError),
        # An answer that is no report.
        (httpx.Response(200, json={}), PlatformBadResponseError),
        (httpx.Response(200, json={"records": []}), PlatformBadResponseError),
        (httpx.Response(400, content=b'{"error":{"type":"\xff"}}'), PlatformRejectedError),
        (httpx.Response(204), PlatformBadResponseError),
        (httpx.Response(200, text='{"x":' * 5000 + "1" + "}" * 5000), PlatformBadResponseError),
        (httpx.Response(200, content=b'{"records":{"\xff":{}}}'), PlatformBadResponseError),
        (
            httpx.Response(200, text='{"records":{"2020-09-01":{"good":NaN}}}'),
            PlatformBadResponseError,
        ),
    ],
)
async def test_a_refusal_is_judged_by_its_type_first(
    opened: Open, call: Call, answer: httpx.Response, expected: type[PlatformError]
) -> None:
    account = opened(answer)
    with pytest.raises(PlatformError) as raised:
        await account.client.ratings(CHATS, call)
    assert type(raised.value) is expected
    assert raised.value.platform == "lc"
    assert raised.value.operation == "chats/ratings"


async def test_the_body_of_the_vendors_own_example_is_an_authentication_error(
    opened: Open, call: Call
) -> None:
    body = b'{"error":{"type":"authentication","message":"Invalid access token"}}'
    account = opened(httpx.Response(401, content=body))
    with pytest.raises(PlatformAuthError, match="Invalid access token"):
        await account.client.ratings(CHATS, call)


async def test_a_rate_limit_tells_when_to_come_back(opened: Open, call: Call) -> None:
    answer = refusal(400, "too_many_requests")
    answer.headers["Retry-After"] = "120"
    with pytest.raises(PlatformRateLimitedError) as raised:
        await opened(answer).client.ratings(CHATS, call)
    assert raised.value.retry_after == 120
    assert raised.value.retry_as is Retry.NONE


async def test_an_unknown_error_in_a_success_is_not_tried_again(opened: Open, call: Call) -> None:
    account = opened(refusal(200, "teapot"), pacing={"attempts": 3})
    with pytest.raises(PlatformServerError):
        await account.client.ratings(CHATS, call)
    assert len(account.requests) == 1


async def test_a_report_is_asked_again_after_a_passing_fault(opened: Open, call: Call) -> None:
    account = opened(refusal(503, "service_unavailable"), EMPTY, pacing={"attempts": 2})
    await account.client.ratings(CHATS, call)
    assert [one.method for one in account.requests] == ["POST", "POST"]
    assert call.log.count("lc") == 2


# -------------------------------------------------------------------------- agents and the probe


async def test_agents_are_those_of_the_last_thirty_days(opened: Open, call: Call) -> None:
    account = opened(
        report({"zoe@acme.com": {"chats_count": 1}, "bot-1": {}}), time_zone="Asia/Kolkata"
    )
    assert account.platform.agents is not None
    assert await account.platform.agents.agents(call) == (
        Agent(platform="lc", native_id="bot-1"),
        Agent(platform="lc", native_id="zoe@acme.com", email="zoe@acme.com"),
    )
    assert account.upstream.request.url.path == "/v3.4/reports/agents/performance"
    assert account.upstream.body == {
        "timezone": "Asia/Kolkata",
        "filters": {
            "from": "2021-03-16T16:00:00+05:30",
            "to": "2021-04-15T15:59:59.999999+05:30",
        },
    }


async def test_the_look_back_for_agents_can_be_set(opened: Open, call: Call) -> None:
    account = opened(EMPTY, agents_look_back=timedelta(hours=2), sub_second_ends=False)
    await account.client.agents(call)
    assert account.upstream.body["filters"] == {
        "from": "2021-04-15T08:00:00+00:00",
        "to": "2021-04-15T09:59:59+00:00",
    }


async def test_tags_are_those_that_were_used_of_late(opened: Open, call: Call) -> None:
    answer = report({"2021-04": {"spam": 2, "VIP": 1}, "2021-03": {"crème": 1, "spam": 3}})
    account = opened(answer, tags_look_back=timedelta(days=1), total_distribution="month")
    assert await account.client.used_tags(call) == ("VIP", "crème", "spam")
    assert account.upstream.request.url.path == "/v3.4/reports/chats/tags"
    assert account.upstream.body == {
        "distribution": "month",
        "timezone": "UTC",
        "filters": {
            "from": "2021-04-14T10:00:00+00:00",
            "to": "2021-04-15T09:59:59.999999+00:00",
        },
    }


async def test_the_probe_asks_for_one_minute(opened: Open, call: Call) -> None:
    account = opened(report({"2021-04-15": {}}, total=0))
    found = await account.platform.probe(call)
    assert account.upstream.request.url.path == "/v3.4/reports/chats/total_chats"
    assert account.upstream.body == {
        "timezone": "UTC",
        "filters": {
            "from": "2021-04-15T10:41:00+00:00",
            "to": "2021-04-15T10:41:59.999999+00:00",
        },
    }
    assert found.seconds >= 0
    assert (found.clock_skew_seconds, found.detail) == (None, None)


@pytest.mark.parametrize("header", ["Deprecation", "Legacy"])
async def test_the_probe_tells_of_the_versions_end(opened: Open, call: Call, header: str) -> None:
    answer = report({})
    answer.headers[header] = "2026-09-30"
    found = await opened(answer).platform.probe(call)
    assert found.detail == f"{header}: 2026-09-30"


async def test_the_probe_tells_how_the_clocks_differ(opened: Open, call: Call) -> None:
    answer = report({})
    answer.headers["Date"] = "Thu, 15 Apr 2021 10:43:30 GMT"
    found = await opened(answer).platform.probe(call)
    assert found.clock_skew_seconds == pytest.approx(60, abs=5)


async def test_the_probe_finds_the_region_too(opened: Open, call: Call) -> None:
    misdirected = refusal(421, "misdirected_request", data={"region": "fra"})
    account = opened(misdirected, EMPTY)
    await account.platform.probe(call)
    assert [one.headers.get("X-Region") for one in account.requests] == [None, "fra"]


async def test_the_platform_says_what_it_can_and_cannot_do(opened: Open) -> None:
    platform = opened(EMPTY, title="").platform
    assert {one.value for one in platform.capabilities} == {"agents", "measures"}
    assert (platform.key, platform.title, platform.vendor) == ("lc", "lc", "livechat")
    assert platform.vendor_title == "LiveChat"
    assert platform.time_zone == "UTC"
