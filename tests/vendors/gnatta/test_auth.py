from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Callable
from urllib.parse import parse_qsl

import httpx
import pytest
from tests.vendors.gnatta.upstream import TOKEN_URL, Upstream, granted, settings_of

from vendors.calls import Call
from vendors.errors import PlatformAuthError
from vendors.gnatta.auth import SignIn, fingerprint
from vendors.gnatta.client import GnattaClient
from vendors.http import VendorHttp

DISCOVERY = "https://auth.test/domain/.well-known/openid-configuration"
ANSWER = {"groups": [{"name": "Total", "value": 1}]}


def fine(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json=ANSWER)


async def ask(upstream: Upstream, times: int = 1, **changes: object) -> Call:
    client = GnattaClient(settings_of(**changes), upstream.wiring())
    call = Call.within(10.0)
    try:
        await asyncio.gather(
            *(client.count("interactionsClosed", {"filters": {}}, call) for _ in range(times))
        )
    finally:
        await client.aclose()
    return call


def form(request: httpx.Request) -> list[tuple[str, str]]:
    return parse_qsl(request.content.decode(), strict_parsing=True)


async def test_the_client_shows_itself_in_the_form() -> None:
    upstream = Upstream(fine)
    call = await ask(upstream, client_secret="s3 cret&")
    (login,) = upstream.logins
    assert (login.method, str(login.url)) == ("POST", TOKEN_URL)
    assert login.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert "Authorization" not in login.headers
    assert form(login) == [
        ("grant_type", "client_credentials"),
        ("client_id", "app"),
        ("client_secret", "s3 cret&"),
    ]
    assert upstream.bearers == ["t1"]
    assert [one.credential for one in call.log.records] == [True, False]


async def test_the_client_shows_itself_in_a_header() -> None:
    upstream = Upstream(fine)
    await ask(
        upstream,
        client_authentication="client_secret_basic",
        client_id="my app",
        client_secret="a:b",
        scope="reporting",
    )
    (login,) = upstream.logins
    assert login.headers["Authorization"] == f"Basic {b64encode(b'my+app:a%3Ab').decode()}"
    assert form(login) == [("grant_type", "client_credentials"), ("scope", "reporting")]


async def test_the_token_endpoint_is_discovered_once() -> None:
    found = httpx.Response(200, json={"issuer": "x", "token_endpoint": "https://id.test/token"})
    refused = [httpx.Response(401), httpx.Response(200, json=ANSWER)]
    upstream = Upstream(refused, [found, granted("old"), granted("new")])
    await ask(upstream, token_url=None, discovery_url=DISCOVERY)
    assert [(one.method, str(one.url)) for one in upstream.logins] == [
        ("GET", DISCOVERY),
        ("POST", "https://id.test/token"),
        ("POST", "https://id.test/token"),
    ]
    assert upstream.bearers == ["old", "new"]


async def test_a_token_endpoint_that_fails_is_discovered_again() -> None:
    def found(name: str) -> httpx.Response:
        return httpx.Response(200, json={"token_endpoint": f"https://{name}.test/token"})

    gone = httpx.Response(404)
    upstream = Upstream(fine, [found("old"), gone, found("new"), granted()])
    settings = settings_of(token_url=None, discovery_url=DISCOVERY)
    http = VendorHttp(settings, upstream.wiring())
    credentials = SignIn(settings, lambda: http)
    with pytest.raises(PlatformAuthError):
        await credentials.obtain(Call.within(10.0))
    assert (await credentials.obtain(Call.within(10.0))).value == "t1"
    await http.aclose()
    assert [one.url.host for one in upstream.logins] == [
        "auth.test",
        "old.test",
        "auth.test",
        "new.test",
    ]


async def test_the_set_endpoint_wins_over_the_discovered() -> None:
    upstream = Upstream(fine)
    await ask(upstream, discovery_url=DISCOVERY)
    assert [str(one.url) for one in upstream.logins] == [TOKEN_URL]


@pytest.mark.parametrize("endpoint", ["http://auth.test/token", "ftp://auth.test", "token", ""])
async def test_the_secret_does_not_go_to_an_open_address(endpoint: str) -> None:
    upstream = Upstream(fine, [httpx.Response(200, json={"token_endpoint": endpoint})])
    with pytest.raises(PlatformAuthError):
        await ask(upstream, token_url=None, discovery_url=DISCOVERY)
    assert len(upstream.logins) == 1
    assert upstream.requests == []


@pytest.mark.parametrize(
    "login",
    [
        lambda: httpx.Response(400, json={"error": "invalid_client"}),
        lambda: httpx.Response(401, json={"error": "invalid_client", "error_description": "no"}),
        lambda: httpx.Response(200, json={"token_type": "Bearer"}),
        lambda: httpx.Response(200, html="<!doctype html><html></html>"),
    ],
)
async def test_a_refused_login_is_an_auth_failure(login: Callable[[], httpx.Response]) -> None:
    upstream = Upstream(fine, [login()])
    with pytest.raises(PlatformAuthError):
        await ask(upstream)
    assert upstream.requests == []


async def test_all_calls_wait_for_one_login() -> None:
    upstream = Upstream(fine)
    await ask(upstream, times=30)
    assert len(upstream.logins) == 1
    assert len(upstream.requests) == 30


async def test_a_refused_token_is_renewed_once() -> None:
    upstream = Upstream(lambda _: httpx.Response(401), [granted("a"), granted("b")])
    with pytest.raises(PlatformAuthError):
        await ask(upstream)
    assert len(upstream.logins) == 2
    assert upstream.bearers == ["a", "b"]


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "other"},
        {"client_secret": "other"},
        {"token_url": "https://auth.test/other"},
        {"scope": "reporting"},
        {"base_url": "https://gnatta.test/other"},
        {"duration_unit": "minutes"},
        {"paths": {"messageVolume.count": "/messages"}},
        {"group_by": {"day": "Daily"}},
        {"directory": {"tag_type": "reason"}},
        {"directory": {"string_types": {"page": "Page"}}},
    ],
)
def test_what_answers_may_not_share_has_another_fingerprint(changes: dict[str, object]) -> None:
    assert fingerprint(settings_of(**changes)) != fingerprint(settings_of())


def test_the_first_type_of_text_is_another_question() -> None:
    """It is what is ranked where nobody names a type."""
    one, other = (
        settings_of(directory={"string_types": dict.fromkeys(types, "A type")})
        for types in (("page", "order"), ("order", "page"))
    )
    assert fingerprint(one) != fingerprint(other)


def test_a_fingerprint_tells_nothing_and_does_not_change() -> None:
    found = fingerprint(settings_of())
    assert found == fingerprint(settings_of(title="Other", key="other"))
    assert len(found) == 16
    assert int(found, 16) >= 0
