"""Bearer tokens that are fetched, shared, renewed early, and fetched anew when refused.

def build(settings: Settings, wiring: Wiring) -> Platform:
    async def obtain(call: Call) -> Token:
        login = await http.fetch_unauthenticated(_login(settings), wire.Login, call)
        return Token(login.access_token, login.expires_in)

    http = VendorHttp(settings, wiring, auth=TokenAuth(obtain))
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable

import httpx
import msgspec

from vendors.calls import Call, CallLog
from vendors.errors import PlatformError, Retry, Trips
from vendors.http.exchange import Sending

__all__ = ["Token", "TokenAuth"]

_UNAUTHORIZED = 401
_EARLY_SHARE = 0.1
_EARLY_SECONDS = 60.0


class Token(msgspec.Struct, frozen=True):
    """A token as it was given out."""

    value: str
    expires_in: float | None = None
    """Seconds from now; None: unknown, so it is used until it is refused."""

    def __repr__(self) -> str:
        """Return a text without the value."""
        return f"Token(expires_in={self.expires_in!r})"


class _Held(msgspec.Struct, frozen=True):
    """A token and the times, on our own clock, of its renewal and its end."""

    token: Token
    renew_at: float
    ends_at: float


class TokenAuth(httpx.Auth):
    """Sends `Authorization: Bearer <token>`.

    All calls that need a token wait for one flight; the flight ends when nobody waits any more. A
    token is renewed a tenth of its life before it ends, or a minute if that is earlier; if that
    fails, it is used as long as it lasts. A call that is refused gets a new token and is repeated
    once.
    """

    def __init__(
        self,
        obtain: Callable[[Call], Awaitable[Token]],
        *,
        seconds: float = 10.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Fetch tokens by `obtain`, within `seconds`, whatever time the waiting calls have left."""
        self._obtain = obtain
        self._seconds = seconds
        self._monotonic = monotonic
        self._held: _Held | None = None
        self._flight: asyncio.Task[Token] | None = None
        self._waiting = 0

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Send the request with a token, and once more with a new one if that was refused."""
        token = await self._token(request, refused=None)
        request.headers["Authorization"] = f"Bearer {token.value}"
        response = yield request
        if response.status_code == _UNAUTHORIZED:
            token = await self._token(request, refused=token)
            request.headers["Authorization"] = f"Bearer {token.value}"
            yield request

    async def _token(self, request: httpx.Request, refused: Token | None) -> Token:
        held = self._held
        if held is not None and held.token is not refused and self._monotonic() < held.renew_at:
            return held.token
        if held is not None and held.token is refused:
            self._held = held = None
        try:
            return await self._awaited(Sending.of(request))
        except PlatformError as error:
            if held is not None and self._monotonic() < held.ends_at:
                return self._put_off(held)
            raise _for_waiter(error) from error

    def _put_off(self, held: _Held) -> Token:
        """Use a token that could not be renewed for half of what is left of its life."""
        now = self._monotonic()
        self._held = msgspec.structs.replace(held, renew_at=now + (held.ends_at - now) / 2)
        return held.token

    async def _awaited(self, sending: Sending | None) -> Token:
        """Wait for the one flight, which is started if there is none."""
        if self._flight is None:
            self._flight = asyncio.create_task(self._fly(sending))
        flight = self._flight
        self._waiting += 1
        if sending is not None:
            sending.authenticating = True
        try:
            token = await asyncio.shield(flight)
        finally:
            self._waiting -= 1
            if self._waiting == 0 and flight is self._flight:
                self._flight = None
                flight.cancel()
        if sending is not None:
            sending.authenticating = False
        return token

    async def _fly(self, sending: Sending | None) -> Token:
        try:
            token = await self._obtain(self._call(sending))
        finally:
            # Another may be under way already, if this one was cancelled.
            if self._flight is asyncio.current_task():
                self._flight = None
        self._held = self._hold(token)
        return token

    def _call(self, sending: Sending | None) -> Call:
        """Return a budget of its own, noted in the log of the call that came first."""
        now = asyncio.get_running_loop().time()
        log = CallLog() if sending is None else sending.call.log
        request_id = "" if sending is None else sending.call.request_id
        return Call(now + self._seconds, log, request_id)

    def _hold(self, token: Token) -> _Held:
        now = self._monotonic()
        if token.expires_in is None:
            return _Held(token, float("inf"), float("inf"))
        early = max(_EARLY_SHARE * token.expires_in, _EARLY_SECONDS)
        life = token.expires_in - min(early, token.expires_in / 2)
        return _Held(token, now + life, now + token.expires_in)


def _for_waiter(error: PlatformError) -> PlatformError:
    """Return the flight's one failure for one of those who waited; it was counted once already."""
    return type(error)(
        str(error),
        platform=error.platform,
        retry_after=error.retry_after,
        retry=Retry.NONE,
        trips=Trips.NOTHING,
    )
