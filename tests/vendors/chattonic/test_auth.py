from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.vendors.chattonic.conftest import Open
from tests.vendors.chattonic.upstream import (
    NOW,
    Upstream,
    jwt,
    logged_in,
    saying,
    settings_of,
)

from vendors.calls import Call
from vendors.chattonic.auth import fingerprint, seconds_left
from vendors.errors import PlatformAuthError
from vendors.port import Platform
from vendors.records import Agent

EMPTY = {"status": True, "operators": [], "queryPending": 0}


async def agents(platform: Platform, call: Call) -> tuple[Agent, ...]:
    assert platform.agents is not None
    return await platform.agents.agents(call)


async def test_a_login_has_no_codename_in_its_path(opened: Open, call: Call) -> None:
    upstream = Upstream(saying(EMPTY))
    await agents(opened(upstream), call)
    (login,) = upstream.logins
    assert login.method == "POST"
    assert str(login.url) == "https://ct.test/api/v1/user/login"
    assert login.headers["accept"] == "application/json"
    assert login.headers["content-type"] == "application/json"
    assert "authorization" not in login.headers
    assert msgspec.json.decode(login.content) == {
        "username": "ana@acme.test",
        "password": "s3cret pass",
    }
    assert upstream.request.headers["authorization"] == "Bearer t0ken"
    assert [(one.endpoint, one.credential) for one in call.log.records] == [
        ("login", True),
        ("operator stats", False),
    ]
    assert call.log.count("ct") == 1


async def test_fifty_waiters_share_one_login(opened: Open) -> None:
    upstream = Upstream(saying(EMPTY))
    platform = opened(upstream)
    await asyncio.gather(*(agents(platform, Call.within(5)) for _ in range(50)))
    assert len(upstream.logins) == 1
    assert len(upstream.requests) == 50


async def test_a_refused_token_is_replaced_once_for_all_and_the_calls_repeated(
    opened: Open,
) -> None:
    tokens = iter(["old", "new"])

    def answer(request: httpx.Request) -> httpx.Response:
        good = request.headers["authorization"] == "Bearer new"
        return httpx.Response(200, json=EMPTY) if good else httpx.Response(401)

    upstream = Upstream(answer, login=lambda _: logged_in(next(tokens)))
    platform = opened(upstream)
    await asyncio.gather(*(agents(platform, Call.within(5)) for _ in range(20)))
    assert len(upstream.logins) == 2


async def test_a_token_that_is_always_refused_is_asked_for_twice_only(
    opened: Open, call: Call
) -> None:
    upstream = Upstream(lambda _: httpx.Response(401, json={"message": "no"}))
    with pytest.raises(PlatformAuthError):
        await agents(opened(upstream), call)
    assert len(upstream.logins) == 2
    assert len(upstream.requests) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404])
async def test_a_login_that_is_refused_fails_the_call_and_tells_no_secret(
    status: int, opened: Open, call: Call
) -> None:
    refusal = httpx.Response(status, json={"message": "wrong password s3cret pass for ana"})
    upstream = Upstream(saying(EMPTY), login=lambda _: refusal)
    with pytest.raises(PlatformAuthError) as caught:
        await agents(opened(upstream), call)
    assert "s3cret" not in str(caught.value)
    assert "ana" not in str(caught.value)
    assert upstream.requests == []


@pytest.mark.parametrize("body", [{}, {"accessToken": "x"}, {"token": ""}, {"token": None}])
async def test_a_login_without_a_token_is_none(
    body: dict[str, object], opened: Open, call: Call
) -> None:
    upstream = Upstream(saying(EMPTY), login=lambda _: httpx.Response(200, json=body))
    with pytest.raises(PlatformAuthError):
        await agents(opened(upstream), call)


async def test_a_token_is_used_for_as_long_as_it_says(opened: Open, call: Call) -> None:
    clock = NOW.timestamp()
    upstream = Upstream(saying(EMPTY), login=lambda _: logged_in(jwt(exp=clock + 3600)))
    platform = opened(upstream)
    await agents(platform, call)
    await agents(platform, call)
    assert len(upstream.logins) == 1


@pytest.mark.parametrize(
    ("token", "seconds"),
    [
        (jwt(exp=NOW.timestamp() + 3600), 3600.0),
        (jwt(exp=int(NOW.timestamp()) + 900, iat=1, sub="é"), 900.0),
        (jwt(sub="nobody"), None),
        (jwt(exp=None), None),
        (jwt(exp="soon"), None),
        (jwt(exp=NOW.timestamp() - 5), None),
        (jwt(exp=NOW.timestamp() + 30), None),
        ("t0ken", None),
        ("a.b", None),
        ("a.!!!!.c", None),
        ("a.bm90IGpzb24.c", None),
        ("a.é.c", None),
        ("..", None),
    ],
)
def test_the_life_of_a_token_is_what_it_says_itself(token: str, seconds: float | None) -> None:
    assert seconds_left(token, NOW) == seconds


@given(st.text())
def test_no_token_is_unreadable(token: str) -> None:
    assert seconds_left(token, NOW) is None or seconds_left(token, NOW - timedelta(days=1))


@pytest.mark.parametrize(("app", "warned"), [("acme", False), (None, False), ("other", True)])
async def test_a_login_of_another_app_is_warned_of_once_and_told_by_the_probe(
    app: str | None, warned: bool, opened: Open, call: Call, caplog: pytest.LogCaptureFixture
) -> None:
    upstream = Upstream(
        lambda request: httpx.Response(
            401 if "old" in request.headers["authorization"] else 200, json=EMPTY
        ),
        login=lambda _: logged_in(
            f"old{len(upstream.logins)}" if len(upstream.logins) < 2 else "new", appCodename=app
        ),
    )
    platform = opened(upstream)
    with caplog.at_level(logging.WARNING):
        probe = await platform.probe(call)
    assert len(upstream.logins) == 2
    told = "the login belongs to another app than the configured codename 'acme'"
    assert [one.getMessage() for one in caplog.records] == ([f"ct: {told}"] if warned else [])
    assert probe.detail == (told if warned else None)


def test_fingerprints_differ_between_credentials_and_meanings_and_reveal_nothing() -> None:
    every = [
        settings_of(),
        settings_of(password="other"),
        settings_of(username="bo@acme.test"),
        settings_of(codename="acme2"),
        settings_of(base_url="https://ct2.test"),
        settings_of(duration_unit="minutes"),
        settings_of(bucket_time_zone="Europe/Madrid"),
        settings_of(end_inclusive=True),
        # Where one part ends and the next begins matters.
        settings_of(username="ana@acme.tests", password="3cret pass"),
    ]
    found = {fingerprint(one) for one in every}
    assert len(found) == len(every)
    assert all(len(one) == 16 and int(one, 16) >= 0 for one in found)
    assert fingerprint(settings_of()) == fingerprint(settings_of(key="other", title="T"))


def test_settings_show_no_secret() -> None:
    assert "s3cret" not in repr(settings_of())
