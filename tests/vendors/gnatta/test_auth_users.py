"""Signing in as a user: at the wire, and against the simulator."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from pydantic import ValidationError
from tests.vendors.gnatta.simulated import CLOSED, NOW, ORIGIN, Vendor, window
from tests.vendors.gnatta.upstream import Upstream, granted, settings_of

from vendors.calls import Call
from vendors.errors import PlatformAuthError, PlatformForbiddenError
from vendors.gnatta.auth import SignIn, fingerprint
from vendors.gnatta.client import GnattaClient
from vendors.gnatta.settings import GnattaSettings
from vendors.http import VendorHttp
from vendors.port import Wiring

BY_TOKEN: dict[str, Any] = {"sign_in": "refresh_token", "refresh_token": "r0"}
BY_NAME: dict[str, Any] = {"sign_in": "password", "username": "ana", "password": "p&ss"}
DAY: dict[str, Any] = {**CLOSED, "filters": window(NOW.replace(hour=0), NOW)}


def form(request: httpx.Request) -> dict[str, str]:
    return dict(parse_qsl(request.content.decode(), strict_parsing=True))


def fine(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"groups": [{"name": "Total", "value": 1}]})


async def obtained(upstream: Upstream, times: int = 1, **changes: object) -> list[str]:
    settings = settings_of(**changes)
    http = VendorHttp(settings, upstream.wiring())
    sign_in = SignIn(settings, lambda: http)
    found = [(await sign_in.obtain(Call.within(10.0))).value for _ in range(times)]
    await http.aclose()
    return found


async def test_the_newest_refresh_token_is_the_one_that_is_used() -> None:
    logins = [
        granted("a", refresh_token="r1"),
        granted("b"),
        granted("c", refresh_token="r2"),
        granted("d"),
    ]
    upstream = Upstream(fine, logins)
    assert await obtained(upstream, 4, **BY_TOKEN, client_secret=None) == ["a", "b", "c", "d"]
    asked = [form(one) for one in upstream.logins]
    assert [one["refresh_token"] for one in asked] == ["r0", "r1", "r1", "r2"]
    assert asked[0] == {"grant_type": "refresh_token", "refresh_token": "r0", "client_id": "app"}


async def test_a_client_with_a_secret_shows_it_for_a_user_too() -> None:
    upstream = Upstream(fine)
    await obtained(upstream, **BY_TOKEN, client_authentication="client_secret_basic", scope="x")
    (login,) = upstream.logins
    assert login.headers["Authorization"].startswith("Basic ")
    assert form(login) == {"grant_type": "refresh_token", "refresh_token": "r0", "scope": "x"}


async def test_a_password_is_sent_each_time_and_a_refresh_token_is_not_kept() -> None:
    upstream = Upstream(fine, [granted("a", refresh_token="r1"), granted("b")])
    await obtained(upstream, 2, **BY_NAME)
    for login in upstream.logins:
        assert form(login) == {
            "grant_type": "password",
            "username": "ana",
            "password": "p&ss",
            "client_id": "app",
            "client_secret": "s3cret",
        }


async def test_an_exchange_that_nobody_waits_for_is_finished() -> None:
    """Else its refresh token would be lost, and the one before is used up."""
    begun, go_on = asyncio.Event(), asyncio.Event()
    asked: list[str] = []

    async def answer(request: httpx.Request) -> httpx.Response:
        asked.append(form(request)["refresh_token"])
        begun.set()
        await go_on.wait()
        return granted("t", refresh_token="r1")

    settings = settings_of(**BY_TOKEN)
    http = VendorHttp(settings, Wiring(transport=httpx.MockTransport(answer)))
    sign_in = SignIn(settings, lambda: http)
    waiting = asyncio.create_task(sign_in.obtain(Call.within(10.0)))
    await begun.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    go_on.set()
    token = await sign_in.obtain(Call.within(10.0))
    again = await sign_in.obtain(Call.within(10.0))
    await http.aclose()
    assert (token.value, again.value) == ("t", "t")
    assert asked == ["r0", "r1"]


@pytest.mark.parametrize(
    ("changes", "hint"),
    [(BY_TOKEN, "sign in anew"), (BY_NAME, "check username and password"), ({}, "no credential")],
)
async def test_a_refused_sign_in_says_what_to_do(changes: dict[str, Any], hint: str) -> None:
    upstream = Upstream(fine, [httpx.Response(400, json={"error": "invalid_grant"})])
    with pytest.raises(PlatformAuthError, match=hint):
        await obtained(upstream, **changes)


async def test_nothing_secret_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = ("r0", "r1-secret", "p&ss", "p%26ss", "s3cret", "token-a")
    for changes in (BY_TOKEN, BY_NAME):
        upstream = Upstream(
            fine, [granted("token-a", refresh_token="r1-secret"), httpx.Response(400)]
        )
        with pytest.raises(PlatformAuthError) as caught:
            await obtained(upstream, 2, **changes)
        assert not any(one in str(caught.value) for one in secrets)
        assert not any(one in repr(settings_of(**changes)) for one in secrets)
    assert caplog.records
    assert not any(one in record.getMessage() for record in caplog.records for one in secrets)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"client_secret": None}, "sign_in 'client_application' needs client_secret"),
        ({"sign_in": "refresh_token"}, "sign_in 'refresh_token' needs refresh_token"),
        ({"sign_in": "password"}, "sign_in 'password' needs username and password"),
        ({"sign_in": "password", "username": "ana"}, "'password' needs password"),
        ({"refresh_token": "r"}, "refresh_token is for sign_in 'refresh_token'"),
        ({"username": "ana"}, "username is for sign_in 'password'"),
        ({**BY_TOKEN, "password": "p"}, "password is for sign_in 'password'"),
        ({**BY_NAME, "refresh_token": "r"}, "refresh_token is for sign_in 'refresh_token'"),
        ({"sign_in": "browser"}, "client_application"),
    ],
    ids=str,
)
def test_exactly_one_way_is_set(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        settings_of(**changes)


def test_users_do_not_share_answers() -> None:
    every = [
        settings_of(),
        settings_of(**BY_TOKEN),
        settings_of(**{**BY_TOKEN, "refresh_token": "r1"}),
        settings_of(**BY_NAME),
        settings_of(**{**BY_NAME, "username": "ben"}),
        settings_of(**{**BY_NAME, "password": "other"}),
    ]
    assert len({fingerprint(one) for one in every}) == len(every)


# ------------------------------------------------------------------------- against the simulator

Open = Callable[..., GnattaClient]


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    """A function that opens a client of one simulator, signed in as it is told."""
    vendor = Vendor()
    clients: list[GnattaClient] = []

    def open_client(**changes: object) -> GnattaClient:
        table = {**vendor.settings, "key": "gn", "vendor": "gnatta", **changes}
        settings = GnattaSettings.model_validate(table)
        clients.append(GnattaClient(settings, Wiring(transport=httpx.ASGITransport(vendor.app))))
        return clients[-1]

    yield open_client
    for client in clients:
        await client.aclose()


async def closed(client: GnattaClient) -> float:
    (group,) = (await client.count("interactionsClosed", DAY, Call.within(20.0))).groups
    value = group.figures["value"]
    assert isinstance(value, float)
    return value


async def test_a_user_with_the_role_reads_what_the_client_application_reads(opened: Open) -> None:
    expected = await closed(opened())
    assert expected > 0
    by_token = {"sign_in": "refresh_token", "refresh_token": "analyst-refresh"}
    by_name = {"sign_in": "password", "username": "analyst", "password": "analyst-secret"}
    assert await closed(opened(**by_token)) == expected
    assert await closed(opened(**by_name)) == expected
    with pytest.raises(PlatformAuthError, match="sign in anew"):
        await closed(opened(**by_token))


@pytest.mark.parametrize(
    "changes",
    [
        {"sign_in": "refresh_token", "refresh_token": "advisor-refresh"},
        {"sign_in": "password", "username": "advisor", "password": "advisor-secret"},
    ],
)
async def test_a_user_without_the_role_is_told_what_is_missing(
    opened: Open, changes: dict[str, str]
) -> None:
    client = opened(**changes)
    with pytest.raises(PlatformForbiddenError, match="lacks the role Analytics"):
        await closed(client)
    with pytest.raises(PlatformForbiddenError, match="set sign_in to client_application"):
        await client.probe(Call.within(20.0))


async def test_a_refresh_token_that_comes_again_ends_the_others() -> None:
    vendor = Vendor()
    client = {name: vendor.settings[name] for name in ("client_id", "client_secret")}

    async def refreshed(token: str) -> httpx.Response:
        data = {"grant_type": "refresh_token", "refresh_token": token, **client}
        return await vendor.send("POST", f"{ORIGIN}/sandbox-domain/connect/token", data=data)

    first = (await refreshed("analyst-refresh")).json()["refresh_token"]
    second = (await refreshed(first)).json()["refresh_token"]
    for token in (first, second):
        answer = await refreshed(token)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert (await refreshed("advisor-refresh")).status_code == 200
