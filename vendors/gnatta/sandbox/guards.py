"""What every request to the reporting API passes first: the rate limits, then its token."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from starlette.datastructures import Headers, MutableHeaders

from vendors.gnatta.sandbox.profile import ANALYTICS
from vendors.gnatta.sandbox.refusals import problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from vendors.gnatta.sandbox.identity import Identity

API = "/reporting/"
EXPORT = "/reporting/export/"
_PERIOD = timedelta(minutes=1)
_PERIOD_NAME = "1m"


class Limits(NamedTuple):
    """How many requests a minute one token may make; exports have far fewer."""

    reporting: int = 3_000
    export: int = 120


LIMITS = Limits()


def is_guarded(scope: Scope) -> bool:
    """Tell whether a request is for the reporting API."""
    return scope["type"] == "http" and str(scope["path"]).startswith(API)


class RateLimiting:
    """Counts requests by token and minute, tells what is left, and refuses with 429."""

    def __init__(self, app: ASGIApp, clock: Callable[[], datetime], limits: Limits) -> None:
        self._app = app
        self._clock = clock
        self._limits = limits
        self._since = datetime.min.replace(tzinfo=UTC)
        self._used: Counter[tuple[bool, str]] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request pass, or refuse it; the answer tells the limits in any case."""
        if not is_guarded(scope):
            await self._app(scope, receive, send)
            return
        now = self._clock()
        left = self._take(scope, now)
        reset = self._since + _PERIOD

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Rate-Limit-Limit"] = _PERIOD_NAME
                headers["X-Rate-Limit-Remaining"] = str(max(left, 0))
                headers["X-Rate-Limit-Reset"] = f"{reset:%Y-%m-%dT%H:%M:%S.%f}0Z"
            await send(message)

        if left < 0:
            wait = {"Retry-After": str(max(1, round((reset - now).total_seconds())))}
            await problem(429, headers=wait)(scope, receive, tell)
            return
        await self._app(scope, receive, tell)

    def _take(self, scope: Scope, now: datetime) -> int:
        """Count a request and return how many are left, less than none for one too many."""
        since = now.astimezone(UTC).replace(second=0, microsecond=0)
        if since != self._since:
            self._since = since
            self._used.clear()
        export = str(scope["path"]).startswith(EXPORT)
        key = (export, Headers(scope=scope).get("Authorization", ""))
        limit = self._limits.export if export else self._limits.reporting
        self._used[key] += 1
        return limit - self._used[key]


class Authentication:
    """Lets those pass who bring a good token of somebody who may read reports."""

    def __init__(self, app: ASGIApp, identity: Identity) -> None:
        self._app = app
        self._identity = identity

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request pass, or refuse it with 401 or, for want of the role, with 403."""
        if is_guarded(scope):
            scheme, _, token = Headers(scope=scope).get("Authorization", "").partition(" ")
            if scheme.lower() != "bearer" or not token:
                await problem(401, headers={"WWW-Authenticate": "Bearer"})(scope, receive, send)
                return
            if not self._identity.is_good(token):
                error = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
                await problem(401, headers=error)(scope, receive, send)
                return
            if ANALYTICS not in self._identity.roles(token):
                await problem(403)(scope, receive, send)
                return
        await self._app(scope, receive, send)
