"""Rows 28 to 30 and 56: tokens are shared, renewed early, and fetched anew when refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from tests.vendors.http import faulty
from tests.vendors.http.asking import ASK, STEADY, Hands, Thing, client, paced

from vendors.calls import Call
from vendors.errors import (
    PlatformAuthError,
    PlatformCircuitOpenError,
    PlatformError,
    PlatformUnreachableError,
)
from vendors.http import Ask, VendorHttp
from vendors.http.circuit import BreakerState
from vendors.http.tokens import Token, TokenAuth
from vendors.settings import Pacing

LOGIN = Ask(endpoint="login", path="login", method="POST", form=(("user", "u"),))


class Account:
    """A platform with a login: gives out tokens t1, t2... and knows which of them are good."""

    def __init__(self, *logins: faulty.Behaviour, expires_in: float | None = None) -> None:
        self.logins = 0
        self.good: set[str] = set()
        self.odd_logins = list(logins)
        self._expires_in = "null" if expires_in is None else str(expires_in)

    async def __call__(self, request: faulty.Request, writer: faulty.Writer) -> None:
        if request.target == "/login":
            await self._login(request, writer)
        elif request.headers.get("authorization", "").removeprefix("Bearer ") in self.good:
            await faulty.ok(b'{"id":1}')(request, writer)
        else:
            await faulty.answer(401)(request, writer)

    async def _login(self, request: faulty.Request, writer: faulty.Writer) -> None:
        assert "authorization" not in request.headers
        self.logins += 1
        if self.odd_logins:
            await self.odd_logins.pop(0)(request, writer)
            return
        self.good.add(f"t{self.logins}")
        body = f'{{"value":"t{self.logins}","expires_in":{self._expires_in}}}'
        await faulty.after(0.05, faulty.ok(body.encode()))(request, writer)


@asynccontextmanager
async def opened(
    platform: faulty.Faulty,
    *,
    pacing: Pacing = STEADY,
    hands: Hands | None = None,
    seconds: float = 5.0,
) -> AsyncIterator[VendorHttp]:
    """Open a client that logs in, on a clock that stands unless it is moved."""
    monotonic = hands or Hands()

    async def obtain(call: Call) -> Token:
        return await http.fetch_unauthenticated(LOGIN, Token, call)

    auth = TokenAuth(obtain, seconds=seconds, monotonic=monotonic)
    async with client(platform.origin, pacing, auth=auth, monotonic=monotonic) as http:
        yield http


async def fetch(http: VendorHttp, call: Call | None = None) -> int:
    return (await http.fetch(ASK, Thing, call or Call.within(5))).id


async def test_a_token_is_fetched_once_and_counted_apart() -> None:
    account = Account()
    async with faulty.Faulty(account) as platform, opened(platform) as http:
        call = Call.within(5)
        assert [await fetch(http, call), await fetch(http, call)] == [1, 1]
        assert account.logins == 1
        assert call.log.count("plat") == 2
        assert [(one.endpoint, one.credential) for one in call.log.records] == [
            ("login", True),
            ("thing list", False),
            ("thing list", False),
        ]
        assert platform.requests[0].body == b"user=u"


@pytest.mark.parametrize("concurrency", [1, 10, 50])
async def test_28_fifty_callers_with_an_expired_token_cause_one_login(concurrency: int) -> None:
    """Even if every place is taken by a call that waits for the token."""
    account = Account()
    pacing = paced(concurrency=concurrency)
    async with faulty.Faulty(account) as platform, opened(platform, pacing=pacing) as http:
        await fetch(http)
        account.good.clear()
        results = await asyncio.gather(*(fetch(http, Call.within(20)) for _ in range(50)))
        assert results == [1] * 50
        assert account.logins == 2
        assert http.health.credential is BreakerState.CLOSED


async def test_29_refused_for_good_is_two_calls_and_one_refresh() -> None:
    account = Account()
    async with faulty.Faulty(account) as platform, opened(platform) as http:
        await fetch(http)
        account.good = _Nothing()
        before = len(platform.requests)
        for attempts in (1, 0, 0):
            with pytest.raises(PlatformAuthError) as caught:
                await fetch(http)
            assert caught.value.attempts == attempts
        assert account.logins == 2
        data = [one for one in platform.requests[before:] if one.target != "/login"]
        assert len(data) == 2


@pytest.mark.parametrize(
    "login",
    [faulty.answer(500), faulty.stall(), faulty.answer(401), faulty.ok(b"<html>"), faulty.ok(b"[")],
    ids=["500", "stall", "401", "html", "cut"],
)
async def test_30_waiters_share_the_one_failure_of_a_login(login: faulty.Behaviour) -> None:
    account = Account(*[login] * 20)
    hasty = paced(read_seconds=0.25)
    async with faulty.Faulty(account) as platform, opened(platform, pacing=hasty) as http:
        outcomes = await asyncio.gather(
            *(fetch(http, Call.within(20)) for _ in range(50)), return_exceptions=True
        )
        assert {type(one) for one in outcomes} == {PlatformAuthError}
        assert {one.platform for one in outcomes if isinstance(one, PlatformError)} == {"plat"}
        assert account.logins <= 2 * 3  # two flights at most, each with its retries
        # The platform is not to blame for its data, nor is it asked for any.
        assert http.health.circuits["data"] is BreakerState.CLOSED
        assert {one.target for one in platform.requests} == {"/login"}
        logins = account.logins
        with pytest.raises(PlatformAuthError):
            await fetch(http)
        with pytest.raises(PlatformAuthError):
            await fetch(http)
        with pytest.raises(PlatformAuthError) as caught:
            await fetch(http)
        assert caught.value.attempts == 0
        assert account.logins <= logins + 3


async def test_30_a_login_that_recovers_does_not_show() -> None:
    account = Account(faulty.answer(500), faulty.reset)
    async with faulty.Faulty(account) as platform, opened(platform) as http:
        assert await fetch(http) == 1


async def test_30_a_caller_whose_time_ends_while_a_login_stalls() -> None:
    account = Account(faulty.stall(), faulty.stall(), faulty.stall())
    async with faulty.Faulty(account) as platform, opened(platform, seconds=60.0) as http:
        with pytest.raises(PlatformAuthError):
            await fetch(http, Call.within(0.5))
        # Nobody waits any more: the login is not left running.
        await faulty.soon(platform.hung_up)
        assert account.logins == 1


async def test_no_connection_for_the_login_is_no_fault_of_the_credential() -> None:
    async with faulty.Faulty(faulty.reset) as platform, opened(platform) as http:
        with pytest.raises(PlatformUnreachableError) as caught:
            await fetch(http)
        assert caught.value.attempts == 1
        assert http.health.credential is BreakerState.CLOSED
        for _ in range(5):
            with pytest.raises(PlatformError):
                await fetch(http)
        with pytest.raises(PlatformCircuitOpenError):
            await fetch(http)
        assert len(platform.requests) <= 5


async def test_one_callers_leaving_does_not_hurt_the_others() -> None:
    account = Account()
    async with faulty.Faulty(account) as platform, opened(platform) as http:
        first = asyncio.create_task(fetch(http))
        await faulty.soon(platform.asked)
        others = [asyncio.create_task(fetch(http)) for _ in range(5)]
        await asyncio.sleep(0)
        first.cancel()
        assert await asyncio.gather(*others) == [1] * 5
        assert account.logins == 1


async def test_who_comes_after_all_have_left_starts_a_flight_of_its_own() -> None:
    account = Account(faulty.stall())
    async with faulty.Faulty(account) as platform, opened(platform) as http:
        first = asyncio.create_task(fetch(http))
        await faulty.soon(platform.asked)
        first.cancel()
        assert (await asyncio.gather(fetch(http), first, return_exceptions=True))[0] == 1
        assert account.logins == 2


@pytest.mark.parametrize(
    ("life", "fresh_at", "stale_at"),
    [(3600.0, 3239.0, 3241.0), (100.0, 49.0, 51.0), (400.0, 339.0, 341.0)],
)
async def test_56_a_token_is_renewed_early_by_our_own_clock(
    life: float, fresh_at: float, stale_at: float
) -> None:
    hands = Hands()
    start = hands.seconds
    account = Account(expires_in=life)
    async with faulty.Faulty(account) as platform, opened(platform, hands=hands) as http:
        await fetch(http)
        hands.seconds = start + fresh_at
        await fetch(http)
        assert account.logins == 1
        hands.seconds = start + stale_at
        await fetch(http)
        assert account.logins == 2


async def test_a_token_that_cannot_be_renewed_is_used_while_it_lasts() -> None:
    hands = Hands()
    account = Account(expires_in=3600.0)
    async with faulty.Faulty(account) as platform, opened(platform, hands=hands) as http:
        await fetch(http)
        account.odd_logins = [faulty.answer(400)] * 2
        hands.seconds += 3300.0
        assert await fetch(http) == 1
        assert await fetch(http) == 1
        assert account.logins == 2
        hands.seconds += 299.0
        assert await fetch(http) == 1
        assert account.logins == 3


async def test_a_token_without_a_life_is_used_until_it_is_refused() -> None:
    hands = Hands()
    account = Account()
    async with faulty.Faulty(account) as platform, opened(platform, hands=hands) as http:
        await fetch(http)
        hands.seconds += 10.0**9
        assert await fetch(http) == 1
        assert account.logins == 1


async def test_it_serves_a_client_that_is_not_ours() -> None:
    """As an `httpx.Auth` it needs nothing else."""

    async def obtain(call: Call) -> Token:
        assert call.remaining > 0
        return Token("t", 60.0)

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text=request.headers["authorization"])

    auth = TokenAuth(obtain)
    request = httpx.Request("GET", "https://api.test")
    flow = auth.async_auth_flow(request)
    sent = await anext(flow)
    assert answer(sent).text == "Bearer t"
    await flow.aclose()


def test_a_token_does_not_show_its_value() -> None:
    assert "secret" not in f"{Token('secret', 5.0)!r} {Token('secret')}"


class _Nothing(set[str]):
    """Tokens of which none is good."""

    def __contains__(self, item: object) -> bool:
        return False
