"""The connections to one platform: pooled, bounded, without cookies, proxies or redirects.

httpx's own transport costs several times the processor time, and its pool can be lost for good
when calls are cancelled; aiohttp's has neither fault.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy

import aiohttp
import httpx
from aiohttp.client_exceptions import ClientConnectorError, ClientOSError, ServerDisconnectedError
from httpx_aiohttp import AiohttpTransport

from vendors.settings import PlatformSettings

__all__ = ["Transports", "no_cookies", "time_limits", "transports"]

_SPARE_CONNECTIONS = 4
"""Beyond the calls at once: a token is fetched while every place is taken."""
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


def transports(settings: PlatformSettings) -> Transports:
    """Return the transports that the platform's settings describe; nothing is opened yet."""
    tls = _tls(settings.ca_file)
    most = settings.pacing.concurrency + _SPARE_CONNECTIONS
    return Transports(
        kept=AiohttpTransport(
            verify=tls,
            client=lambda: _session(
                aiohttp.TCPConnector(ssl=tls, limit=most, keepalive_timeout=_IDLE_SECONDS)
            ),
        ),
        fresh=AiohttpTransport(
            verify=tls,
            client=lambda: _session(aiohttp.TCPConnector(ssl=tls, limit=most, force_close=True)),
        ),
    )


def time_limits(settings: PlatformSettings) -> httpx.Timeout:
    """Return the limits of each step; the limit of the whole call is kept elsewhere."""
    connect, read = settings.pacing.connect_seconds, settings.pacing.read_seconds
    return httpx.Timeout(connect=connect, read=read, write=read, pool=connect)


def no_cookies() -> CookieJar:
    """Return a jar that takes no cookie: the client is shared by all callers."""
    return CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))


def _tls(ca_file: str | None) -> ssl.SSLContext:
    context = httpx.create_ssl_context(trust_env=False)
    # The machine's own authorities, too: a company's proxy is known to it alone.
    context.load_default_certs()
    if ca_file is not None:
        context.load_verify_locations(cafile=ca_file)
    return context


def _session(connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar(), middlewares=(_once,)
    )


async def _once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Send once: aiohttp would repeat a GET on a broken connection without a word."""
    try:
        return await handler(request)
    except (ClientConnectorError, aiohttp.ServerTimeoutError):
        raise
    except (ClientOSError, ServerDisconnectedError) as error:
        raise aiohttp.ClientConnectionError(type(error).__name__) from error
