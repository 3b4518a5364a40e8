"""What a client sends, what it returns, and what it tells of itself."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from email.utils import format_datetime

import httpx
import msgspec
import pytest
from tests.vendors.http import faulty
from tests.vendors.http.asking import ASK, Noon, Thing, canned, client

from vendors.calls import Call
from vendors.errors import (
    PlatformBadResponseError,
    PlatformError,
    PlatformRejectedError,
    PlatformServerError,
)
from vendors.http import Ask, VendorHttp
from vendors.http.circuit import BreakerState
from vendors.http.health import RateLimitHeaders
from vendors.http.transport import NoCookies
from vendors.port import Wiring
from vendors.settings import PlatformSettings


class Seen:
    """Answers everything, and remembers the requests."""

    def __init__(self, *answers: httpx.Response) -> None:
        self.requests: list[httpx.Request] = []
        self._answers = list(answers)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self._answers.pop(0) if self._answers else httpx.Response(200, json={"id": 1})

    @property
    def last(self) -> httpx.Request:
        return self.requests[-1]


@pytest.mark.parametrize(
    ("base", "ask", "address"),
    [
        ("https://api.test/v1", Ask(endpoint="e", path="things"), "https://api.test/v1/things"),
        ("https://api.test/v1/", Ask(endpoint="e", path="/things"), "https://api.test/v1/things"),
        ("https://api.test", Ask(endpoint="e", path=""), "https://api.test/"),
        (
            "https://api.test",
            Ask(endpoint="e", path="things.json?full=0", params=(("page", "2"),)),
            "https://api.test/things.json?full=0&page=2",
        ),
        (
            "https://api.test",
            Ask(endpoint="e", path="t", params=(("filters[id]", "a b+c&d"), ("filters[id]", "é"))),
            "https://api.test/t?filters%5Bid%5D=a%20b%2Bc%26d&filters%5Bid%5D=%C3%A9",
        ),
        (
            "https://api.test/v1",
            Ask(endpoint="e", path="https://api.test/v2/things"),
            "https://api.test/v2/things",
        ),
        (
            "https://api.test",
            Ask(endpoint="e", path="//evil.test/x"),
            "https://api.test/evil.test/x",
        ),
        (
            "https://api.test",
            Ask(endpoint="e", path="@evil.test/x"),
            "https://api.test/@evil.test/x",
        ),
    ],
)
async def test_addresses(base: str, ask: Ask, address: str) -> None:
    seen = Seen()
    await canned(seen, origin=base).send(ask, Call.within(5))
    assert str(seen.last.url) == address


async def test_what_goes_along() -> None:
    seen = Seen()
    headers = {"X-API-Key": "k", "accept": "application/json"}
    http = canned(seen, headers=headers, auth=httpx.BasicAuth("u", "p"))
    ask = Ask(endpoint="e", path="t", headers=(("ACCEPT", "text/csv"), ("X-Page", "2")))
    await http.send(ask, Call.within(5))
    sent = seen.last.headers
    assert (sent["x-api-key"], sent["authorization"]) == ("k", "Basic dTpw")
    assert sent.get_list("accept") == ["text/csv"]
    assert sent["x-page"] == "2"
    assert sent["user-agent"] == "switchboard"
    assert (seen.last.method, seen.last.content) == ("GET", b"")
    # One request's headers are not the next one's.
    await http.send(ASK, Call.within(5))
    assert "x-page" not in seen.last.headers
    assert seen.last.headers.get_list("accept") == ["application/json"]


async def test_a_json_body() -> None:
    seen = Seen()
    ask = Ask(endpoint="e", path="t", method="POST", json={"from": "2026-11-21", "n": [1]})
    await canned(seen).send(ask, Call.within(5))
    assert seen.last.content == b'{"from":"2026-11-21","n":[1]}'
    assert seen.last.headers["content-type"] == "application/json"


async def test_a_form_body() -> None:
    seen = Seen()
    ask = Ask(endpoint="e", path="t", method="POST", form=(("a", "1 2"), ("b", "&")))
    await canned(seen).send(ask, Call.within(5))
    assert seen.last.content == b"a=1+2&b=%26"
    assert seen.last.headers["content-type"] == "application/x-www-form-urlencoded"


class TwoHosts(PlatformSettings):
    """Settings that name a second host."""

    export_url: str = "https://exports.test/v1"


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("https://exports.test/v1/csv", True),
        ("https://API.test/x", True),
        ("http://api.test/x", False),
        ("https://api.test:444/x", False),
        ("https://api.test.evil.test/x", False),
        ("https://evil.test/x", False),
        ("https://api.test:443/x", True),
        ("https://api.test@evil.test/x", False),
        ("https://[api.test/x", False),
        ("https://api.test:port/x", False),
    ],
)
async def test_credentials_go_to_the_hosts_of_the_settings_only(address: str, sent: bool) -> None:
    seen = Seen()
    settings = TwoHosts(key="plat", vendor="any", base_url="https://api.test/v1")
    http = VendorHttp(
        settings,
        Wiring(transport=httpx.MockTransport(seen)),
        headers={"X-API-Key": "k"},
        auth=httpx.BasicAuth("u", "p"),
    )
    ask = Ask(endpoint="e", path=address)
    if sent:
        await http.send(ask, Call.within(5))
        assert seen.last.headers["x-api-key"] == "k"
        return
    with pytest.raises(PlatformBadResponseError) as caught:
        await http.send(ask, Call.within(5))
    assert (caught.value.attempts, seen.requests) == (0, [])


async def test_a_login_elsewhere_gets_nothing_of_ours() -> None:
    seen = Seen()
    http = canned(seen, headers={"X-API-Key": "k"}, auth=httpx.BasicAuth("u", "p"))
    login = Ask(endpoint="login", path="https://login.test/token")
    await http.send_unauthenticated(login, Call.within(5))
    assert not {"x-api-key", "authorization"} & seen.last.headers.keys()


async def test_an_unauthenticated_request_keeps_the_headers_but_not_the_credential() -> None:
    seen = Seen()
    http = canned(seen, headers={"X-Region": "fra"}, auth=httpx.BasicAuth("u", "p"))
    call = Call.within(5)
    assert (await http.fetch_unauthenticated(ASK, Thing, call)).id == 1
    assert (await http.send_unauthenticated(ASK, None)).status == 200
    assert seen.last.headers["x-region"] == "fra"
    assert "authorization" not in seen.last.headers
    assert [one.credential for one in call.log.records] == [True]


async def test_a_path_that_is_no_part_of_an_address_is_not_sent() -> None:
    seen = Seen()
    with pytest.raises(PlatformRejectedError) as caught:
        await canned(seen).send(Ask(endpoint="e", path="things/\x00"), Call.within(5))
    assert (caught.value.attempts, seen.requests) == (0, [])


async def test_an_answer_is_told_whole() -> None:
    seen = Seen(httpx.Response(201, headers={"X-Thing": "a"}, content=b"raw"))
    answer = await canned(seen).send(ASK, Call.within(5))
    assert (answer.status, answer.body) == (201, b"raw")
    assert answer.headers["x-thing"] == answer.headers["X-THING"] == "a"
    assert answer.received == Noon().now()


async def test_the_same_decoder_serves_the_same_shape() -> None:
    http = canned(Seen())
    call = Call.within(5)
    assert [(await http.fetch(ASK, Thing, call)).id for _ in range(2)] == [1, 1]
    assert await http.fetch(ASK, msgspec.json.Decoder(dict[str, int]), call) == {"id": 1}


async def test_each_request_is_noted() -> None:
    seen = Seen(httpx.Response(500), httpx.Response(200, json={"id": 1}))
    call = Call.within(5)
    await canned(seen).fetch(ASK, Thing, call)
    assert [(one.platform, one.endpoint, one.status, one.attempt) for one in call.log.records] == [
        ("plat", "thing list", 500, 1),
        ("plat", "thing list", 200, 2),
    ]
    assert call.log.count("plat") == 2


async def test_an_error_says_where() -> None:
    seen = Seen(*[httpx.Response(500)] * 3)
    with pytest.raises(PlatformServerError) as caught:
        await canned(seen).send(ASK, Call.within(5))
    error = caught.value
    assert (error.platform, error.operation, error.attempts) == ("plat", "thing list", 3)


async def test_a_bug_is_not_dressed_up_as_a_platforms_fault() -> None:
    def broken(_: httpx.Request) -> httpx.Response:
        raise ZeroDivisionError

    http = canned(broken)
    with pytest.raises(ZeroDivisionError):
        await http.send(ASK, Call.within(5))
    assert http.health.in_flight == 0


async def test_57_no_cookie_is_sent_back() -> None:
    cookie = faulty.ok(b'{"id":1}', Set_Cookie="session=tenant-a; Path=/")
    async with faulty.Faulty(cookie) as platform:
        # By name: of a bare address no jar keeps a cookie.
        async with client(platform.origin.replace("127.0.0.1", "localhost")) as http:
            for _ in range(3):
                await http.send(ASK, Call.within(5))
        assert all("cookie" not in one.headers for one in platform.requests)
        assert (len(platform.requests), platform.connections) == (3, 1)


def test_57_the_jar_stays_empty() -> None:
    response = httpx.Response(
        200,
        headers={"Set-Cookie": "session=tenant-a; Path=/"},
        request=httpx.Request("GET", "https://api.test/"),
    )
    kept, jar = httpx.Cookies(), httpx.Cookies(NoCookies())
    kept.extract_cookies(response)
    jar.extract_cookies(response)
    assert (len(kept.jar), len(jar.jar)) == (1, 0)


async def test_the_addresses_survive_the_real_transport() -> None:
    async with faulty.Faulty(faulty.ok()) as platform, client(platform.origin) as http:
        ask = Ask(
            endpoint="e", path="a%2Fb/%C3%A9", params=(("from", "2026-11-21T00:00:00+01:00"),)
        )
        await http.send(ask, Call.within(5))
        path, _, query = platform.requests[0].target.partition("?")
        assert path == "/a%2Fb/%C3%A9"
        assert httpx.QueryParams(query)["from"] == "2026-11-21T00:00:00+01:00"


async def test_56_a_probe_tells_how_the_clocks_differ() -> None:
    ahead = format_datetime(Noon().now() + timedelta(seconds=90), usegmt=True)
    seen = Seen(httpx.Response(200, headers={"Date": ahead, "Sunset": "2027-01-31"}, json={}))
    probe = await canned(seen).probe(ASK, Call.within(5))
    assert probe.clock_skew_seconds == pytest.approx(90.0, abs=1.0)
    assert probe.detail == "Sunset: 2027-01-31"
    assert probe.seconds > 0.0


@pytest.mark.parametrize("headers", [{}, {"Date": "yesterday"}])
async def test_56_without_a_date_there_is_no_skew(headers: dict[str, str]) -> None:
    probe = await canned(Seen(httpx.Response(200, headers=headers))).probe(ASK, Call.within(5))
    assert (probe.clock_skew_seconds, probe.detail) == (None, None)


async def test_health_before_the_first_call() -> None:
    health = canned(Seen()).health
    assert (health.circuits, health.credential) == ({}, BreakerState.CLOSED)
    assert (health.last_success_at, health.last_failure_at, health.median_seconds) == (None,) * 3
    assert (health.last_failure_code, health.rate_limit, health.deprecation) == (None,) * 3
    assert health.in_flight == 0


async def test_health_after_some_calls() -> None:
    http = canned(Seen(httpx.Response(404)))
    with pytest.raises(PlatformError):
        await http.send(ASK, Call.within(5))
    await http.send(ASK, Call.within(5))
    health = http.health
    assert health.last_success_at == health.last_failure_at == Noon().now()
    assert health.last_failure_code == "PLATFORM_BAD_RESPONSE"
    assert health.median_seconds is not None


async def test_health_counts_what_is_under_way() -> None:
    async with faulty.Faulty(faulty.stall()) as platform, client(platform.origin) as http:
        asking = asyncio.create_task(http.send(ASK, Call.within(5)))
        await faulty.soon(platform.asked)
        assert http.health.in_flight == 1
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        assert http.health.in_flight == 0


@pytest.mark.parametrize("prefix", ["X-Rate-Limit", "x-ratelimit", "RateLimit"])
async def test_the_rate_limit_headers_are_seen(prefix: str) -> None:
    headers = {f"{prefix}-Limit": "100", f"{prefix}-Remaining": "7", f"{prefix}-Reset": "soon"}
    http = canned(Seen(httpx.Response(200, headers=headers)))
    await http.send(ASK, Call.within(5))
    assert http.health.rate_limit == RateLimitHeaders(limit="100", remaining="7", reset="soon")
    # An answer without them does not take back what the last one said.
    await http.send(ASK, Call.within(5))
    assert http.health.rate_limit is not None


@pytest.mark.parametrize("name", ["Deprecation", "Legacy", "Sunset"])
async def test_the_end_of_the_version_is_seen(name: str) -> None:
    text = "2026-12-31" + "\x07\u20ac" + "x" * 500
    http = canned(Seen(httpx.Response(200, headers=[(name.encode(), text.encode())])))
    await http.send(ASK, Call.within(5))
    shown = http.health.deprecation
    assert shown is not None
    assert shown.startswith(f"{name}: 2026-12-31")
    assert shown.isprintable()
    assert len(shown) < 150


async def test_a_success_is_logged_for_debugging_only(caplog: pytest.LogCaptureFixture) -> None:
    http = canned(Seen())
    with caplog.at_level(logging.INFO, "switchboard.vendors"):
        await http.send(ASK, Call.within(5))
    assert [one for one in caplog.records if one.name == "switchboard.vendors"] == []
    with caplog.at_level(logging.DEBUG, "switchboard.vendors"):
        await http.send(ASK, Call.within(5, request_id="r1"))
    (line,) = [one.getMessage() for one in caplog.records if one.name == "switchboard.vendors"]
    assert "platform=plat endpoint='thing list' status=200" in line
    assert "api.test" not in line


async def test_it_closes_what_it_opened() -> None:
    async with faulty.Faulty(faulty.ok()) as platform:
        async with client(platform.origin) as http:
            await http.send(ASK, Call.within(5))
        await asyncio.wait_for(platform.idle(), 5)
