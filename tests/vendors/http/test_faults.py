"""Every exception that the libraries below can raise has a name of ours."""

from __future__ import annotations

import inspect
import ssl
from collections.abc import Callable
from typing import TypeAlias

import aiohttp
import httpx
import pytest
from aiohttp import client_exceptions, http_exceptions
from aiohttp.client_reqrep import ConnectionKey

from vendors.errors import (
    PlatformBadResponseError,
    PlatformError,
    PlatformTimeoutError,
    PlatformTruncatedError,
    PlatformUnreachableError,
    Retry,
    Trips,
)
from vendors.http.faults import CAUGHT, fault_before_answer, fault_in_body
from vendors.http.transport import KeptConnectionError

Namer: TypeAlias = Callable[[Exception], PlatformError]


def classes(module: object, base: type[BaseException]) -> list[type[BaseException]]:
    return [one for _, one in inspect.getmembers(module, inspect.isclass) if issubclass(one, base)]


def made(kind: type[BaseException]) -> Exception:
    """Return one of this class without asking what its constructor wants."""
    one = kind.__new__(kind)
    assert isinstance(one, Exception)
    return one


@pytest.mark.parametrize(
    "kind", [*classes(httpx, httpx.TransportError), httpx.InvalidURL], ids=lambda one: one.__name__
)
@pytest.mark.parametrize("name", [fault_before_answer, fault_in_body])
def test_httpx(kind: type[BaseException], name: Namer) -> None:
    assert issubclass(kind, CAUGHT)
    assert isinstance(name(made(kind)), PlatformError)


@pytest.mark.parametrize(
    "kind",
    [
        *classes(client_exceptions, aiohttp.ClientError),
        *classes(http_exceptions, http_exceptions.HttpProcessingError),
    ],
    ids=lambda one: one.__name__,
)
@pytest.mark.parametrize("name", [fault_before_answer, fault_in_body])
def test_aiohttp(kind: type[BaseException], name: Namer) -> None:
    assert issubclass(kind, CAUGHT)
    assert isinstance(name(made(kind)), PlatformError)


def renamed(cause: BaseException) -> httpx.ConnectTimeout:
    """Return what the pooled transport makes of most things."""
    error = httpx.ConnectTimeout("renamed")
    error.__cause__ = cause
    return error


KEY = ConnectionKey("api.test", 443, True, True, None, None, None)


@pytest.mark.parametrize(
    ("cause", "kind", "retry"),
    [
        (
            aiohttp.ClientConnectorError(KEY, OSError(111, "refused")),
            PlatformUnreachableError,
            Retry.FRESH,
        ),
        (
            aiohttp.ClientConnectorDNSError(KEY, OSError(-2, "unknown")),
            PlatformUnreachableError,
            Retry.BACKOFF,
        ),
        (
            aiohttp.ClientConnectorCertificateError(KEY, ssl.CertificateError("self-signed")),
            PlatformUnreachableError,
            Retry.NONE,
        ),
        (
            aiohttp.ClientConnectorSSLError(KEY, ssl.SSLError("wrong version")),
            PlatformUnreachableError,
            Retry.NONE,
        ),
        (aiohttp.ConnectionTimeoutError(), PlatformTimeoutError, Retry.FRESH_ONCE),
        (aiohttp.SocketTimeoutError(), PlatformTimeoutError, Retry.BACKOFF),
        (aiohttp.ServerDisconnectedError(), PlatformUnreachableError, Retry.FRESH),
        (aiohttp.ClientPayloadError(), PlatformBadResponseError, Retry.NONE),
    ],
    ids=lambda one: type(one).__name__,
)
def test_the_cause_decides_not_the_name_it_was_given(
    cause: Exception, kind: type[PlatformError], retry: Retry
) -> None:
    error = fault_before_answer(renamed(cause))
    assert (type(error), error.retry_as) == (kind, retry)
    assert "api.test" not in str(error)
    assert type(cause).__name__ in str(error)


def test_a_kept_connection_that_broke_counts_for_nothing() -> None:
    error = fault_before_answer(renamed(KeptConnectionError()))
    assert (error.retry_as, error.trips_as) == (Retry.FRESH, Trips.NOTHING)


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (httpx.ReadError("x"), PlatformTruncatedError),
        (httpx.ReadTimeout("x"), PlatformTimeoutError),
        (httpx.DecodingError("x"), PlatformBadResponseError),
        (TimeoutError(), PlatformTimeoutError),
        (ConnectionResetError(), PlatformTruncatedError),
    ],
    ids=lambda one: type(one).__name__,
)
def test_in_the_body(raised: Exception, kind: type[PlatformError]) -> None:
    assert type(fault_in_body(raised)) is kind
