"""What went wrong on the wire, named by its cause.

The pooled transport reports a refused connection, a broken one and a full pool alike as
`httpx.ConnectTimeout`. The true cause is the exception below it, so that one is looked at first.
Of an exception only the class is passed on: its text may hold the address, and that a key.
"""

from __future__ import annotations

from typing import NamedTuple

import aiohttp
import httpx
from aiohttp import http_exceptions

from vendors.errors import (
    PlatformBadResponseError,
    PlatformError,
    PlatformTimeoutError,
    PlatformTruncatedError,
    PlatformUnreachableError,
    Retry,
    Trips,
)
from vendors.http.transport import KeptConnectionError

__all__ = ["fault_before_answer", "fault_in_body"]


class _Row(NamedTuple):
    cause: type[BaseException]
    error: type[PlatformError]
    retry: Retry
    what: str
    trips: Trips | None = None
    sent: bool = True
    """Whether there was a connection on which the request may have gone out."""


_FRESH, _ONCE = Retry.FRESH, Retry.FRESH_ONCE
_BACKOFF, _NONE = Retry.BACKOFF, Retry.NONE

# The first row that fits decides: the particular before the general.
_BEFORE_ANSWER = (
    # Another try cannot mend a certificate.
    _Row(aiohttp.ClientSSLError, PlatformUnreachableError, _NONE, "TLS refused", sent=False),
    _Row(
        aiohttp.ClientConnectorCertificateError,
        PlatformUnreachableError,
        _NONE,
        "TLS refused",
        sent=False,
    ),
    _Row(
        aiohttp.ClientConnectorDNSError,
        PlatformUnreachableError,
        _BACKOFF,
        "unknown host",
        sent=False,
    ),
    _Row(
        aiohttp.ClientConnectorError, PlatformUnreachableError, _FRESH, "no connection", sent=False
    ),
    _Row(
        aiohttp.ConnectionTimeoutError,
        PlatformTimeoutError,
        _ONCE,
        "no connection in time",
        sent=False,
    ),
    _Row(aiohttp.ServerTimeoutError, PlatformTimeoutError, _BACKOFF, "no answer in time"),
    _Row(KeptConnectionError, PlatformUnreachableError, _FRESH, "kept connection", Trips.NOTHING),
    _Row(aiohttp.ClientConnectionError, PlatformUnreachableError, _FRESH, "connection broke"),
    _Row(aiohttp.ClientResponseError, PlatformBadResponseError, _NONE, "not HTTP"),
    _Row(http_exceptions.HttpProcessingError, PlatformBadResponseError, _NONE, "not HTTP"),
    _Row(aiohttp.ClientError, PlatformBadResponseError, _NONE, "request failed"),
    _Row(httpx.ConnectTimeout, PlatformTimeoutError, _ONCE, "no connection in time", sent=False),
    _Row(httpx.PoolTimeout, PlatformTimeoutError, _ONCE, "no connection in time", sent=False),
    _Row(httpx.TimeoutException, PlatformTimeoutError, _BACKOFF, "no answer in time"),
    _Row(httpx.ConnectError, PlatformUnreachableError, _FRESH, "no connection", sent=False),
    _Row(httpx.NetworkError, PlatformUnreachableError, _FRESH, "connection broke"),
    _Row(httpx.RemoteProtocolError, PlatformUnreachableError, _FRESH, "connection broke"),
    _Row(httpx.HTTPError, PlatformBadResponseError, _NONE, "request failed"),
    _Row(OSError, PlatformUnreachableError, _FRESH, "connection broke"),
)
_IN_BODY = (
    _Row(aiohttp.ServerTimeoutError, PlatformTimeoutError, _BACKOFF, "body stalled"),
    _Row(TimeoutError, PlatformTimeoutError, _BACKOFF, "body stalled"),
    _Row(aiohttp.ClientResponseError, PlatformBadResponseError, _NONE, "not HTTP"),
    _Row(http_exceptions.HttpProcessingError, PlatformBadResponseError, _NONE, "not HTTP"),
    _Row(aiohttp.ClientError, PlatformTruncatedError, _BACKOFF, "body cut"),
    _Row(httpx.TimeoutException, PlatformTimeoutError, _BACKOFF, "body stalled"),
    _Row(httpx.DecodingError, PlatformBadResponseError, _NONE, "body not decompressible"),
    _Row(httpx.HTTPError, PlatformTruncatedError, _BACKOFF, "body cut"),
    _Row(OSError, PlatformTruncatedError, _BACKOFF, "body cut"),
)

CAUGHT: tuple[type[Exception], ...] = (
    httpx.HTTPError,
    httpx.InvalidURL,
    aiohttp.ClientError,
    http_exceptions.HttpProcessingError,
    OSError,
)
"""What a transport raises on purpose; anything else is a bug and passes."""


def fault_before_answer(raised: Exception) -> PlatformError:
    """Return the error for a request that got no complete head of an answer."""
    return _named(raised, _BEFORE_ANSWER)


def fault_in_body(raised: Exception) -> PlatformError:
    """Return the error for an answer whose body did not come whole."""
    return _named(raised, _IN_BODY)


def _named(raised: Exception, rows: tuple[_Row, ...]) -> PlatformError:
    cause = _below(raised)
    for row in rows:
        if isinstance(cause, row.cause):
            what = f"{row.what} ({type(cause).__name__})"
            error = row.error(what, retry=row.retry, trips=row.trips)
            error.sent = row.sent
            return error
    return PlatformBadResponseError("request failed")


def _below(raised: BaseException) -> BaseException:
    """Return what the transport saw, where `raised` only renames it."""
    if isinstance(raised, httpx.HTTPError) and raised.__cause__ is not None:
        return raised.__cause__
    return raised
