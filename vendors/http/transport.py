"""The connections to one platform: pooled, bounded, without cookies, proxies or redirects.

httpx's own transport costs several times the processor time, and its pool can be lost for good
when calls are cancelled; aiohttp's has neither fault.
"""

from __future__ import annotations

import ssl
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from http.cookiejar import CookieJar
from weakref import WeakSet

import aiohttp
import httpx
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.tracing import Trace
from httpx_aiohttp import AiohttpTransport

from vendors.settings import PlatformSettings

__all__ = ["KeptConnectionError", "NoCookies", "Transports", "time_limits", "transports"]

_kept: ContextVar[bool] = ContextVar("kept connection", default=False)

_SPARE_CONNECTIONS = 4
"""Beyond the calls at once: a token is fetched while every place is taken."""
_LONGEST_HEADER = 64 * 1024
"""aiohttp takes 8 KiB by itself; a security policy in a header can be longer."""
_IDLE_SECONDS = 15.0
"""How long an idle connection is kept; a server that closes it first costs a try."""


@dataclass(frozen=True, slots=True)
class Transports:
    """Two ways to the same platform."""

    kept: httpx.AsyncBaseTransport
    """Takes a connection that is open already, if there is one."""
    fresh: httpx.AsyncBaseTransport
    """Opens a connection for each request."""

    async def aclose(self) -> None:
        """Close every connection."""
        await self.kept.aclose()
        await self.fresh.aclose()


class KeptConnectionError(aiohttp.ClientConnectionError):
    """A connection that was kept from an earlier request broke before the answer.

    The server had closed it, most likely: that is no fault, and nothing was processed.
    """


class NoCookies(CookieJar):
    """A jar that takes no cookie: the client is shared by all callers."""

    def extract_cookies(self, response: object, request: object) -> None:
        """Leave the cookies where they are."""


def transports(settings: PlatformSettings) -> Transports:
    """Return the transports that the platform's settings describe; nothing is opened yet."""
    tls = _tls(settings.ca_file)
    most = settings.pacing.concurrency + _SPARE_CONNECTIONS

    def way(*, keep: bool) -> httpx.AsyncBaseTransport:
        return AiohttpTransport(
            verify=tls, client=lambda: _session(_Connector(tls, most, keep=keep))
        )

    return Transports(kept=way(keep=True), fresh=way(keep=False))


def time_limits(settings: PlatformSettings) -> httpx.Timeout:
    """Return the limits of each step; the limit of the whole call is kept elsewhere."""
    connect, read = settings.pacing.connect_seconds, settings.pacing.read_seconds
    return httpx.Timeout(connect=connect, read=read, write=read, pool=connect)


@lru_cache
def _tls(ca_file: str | None) -> ssl.SSLContext:
    context = httpx.create_ssl_context(trust_env=False)
    # The machine's own authorities, too: a company's proxy is known to it alone.
    context.load_default_certs()
    if ca_file is not None:
        context.load_verify_locations(cafile=ca_file)
    return context


def _session(connector: _Connector) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        middlewares=(_once,),
        max_field_size=_LONGEST_HEADER,
    )


class _Connector(aiohttp.TCPConnector):
    """Tells which connections were used before: one of those may be closed without our knowing."""

    def __init__(self, tls: ssl.SSLContext, most: int, *, keep: bool) -> None:
        if keep:
            super().__init__(ssl=tls, limit=most, keepalive_timeout=_IDLE_SECONDS)
        else:
            super().__init__(ssl=tls, limit=most, force_close=True)
        self._known: WeakSet[ResponseHandler] = WeakSet()

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 (as inherited)
    ) -> Connection:
        """Return a connection, and note in this task whether it is a kept one."""
        connection = await super().connect(req, traces, timeout)
        protocol = connection.protocol
        _kept.set(protocol in self._known)
        if protocol is not None:
            self._known.add(protocol)
        return connection


async def _once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Send once: aiohttp would repeat a GET on a broken connection without a word."""
    try:
        return await handler(request)
    except (aiohttp.ClientConnectorError, aiohttp.ServerTimeoutError):
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        kind = KeptConnectionError if _kept.get() else aiohttp.ClientConnectionError
        raise kind(type(error).__name__) from error
