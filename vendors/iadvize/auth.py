"""The API key, sent in one of the three ways that iAdvize takes as equal, and how it refuses."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping
from contextlib import suppress
from hashlib import sha256
from urllib.parse import quote

import httpx
import msgspec

from vendors.errors import (
    PlatformAuthError,
    PlatformBadResponseError,
    PlatformError,
    PlatformNotFoundError,
    PlatformRejectedError,
)
from vendors.http.message import Answer
from vendors.http.status import error_for_status
from vendors.iadvize import wire
from vendors.iadvize.settings import IadvizeSettings

__all__ = ["HeaderKeyAuth", "QueryKeyAuth", "auth_of", "fingerprint", "judge"]

_TOO_MANY, _SERVER = 429, 500
_KNOWN_MESSAGE = re.compile(
    r"Field '\w{1,40}' is missing|Value of field '\w{1,40}' is not valid"
    r"|(?P<unknown>Unknown '\w{1,40}' with 'id')"
)
"""What may be logged of a message: any other might hold whatever was asked for. iAdvize has no code
for an unknown object, so that its message is all there is to tell it by."""

_FAILURES: Mapping[str, type[PlatformError]] = {
    "fail": PlatformRejectedError,
    "error": PlatformAuthError,
}


class HeaderKeyAuth(httpx.Auth):
    """Sends the key as `X-API-Key`."""

    def __init__(self, key: str) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the header."""
        request.headers["X-API-Key"] = self._key
        yield request


class QueryKeyAuth(httpx.Auth):
    """Sends the key as the query parameter `key`."""

    def __init__(self, key: str) -> None:
        self._parameter = f"key={quote(key, safe='')}".encode()

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the parameter behind those that are there, which stay as they were encoded."""
        query = b"&".join(filter(None, (request.url.query, self._parameter)))
        request.url = request.url.copy_with(query=query)
        yield request


def _basic(key: str) -> httpx.Auth:
    # The key is the user name; iAdvize takes any password.
    return httpx.BasicAuth(key, "x")


_WAYS: Mapping[str, Callable[[str], httpx.Auth]] = {
    "header": HeaderKeyAuth,
    "query": QueryKeyAuth,
    "basic": _basic,
}


def auth_of(settings: IadvizeSettings) -> httpx.Auth:
    """Return the authentication that the settings ask for."""
    return _WAYS[settings.auth](settings.api_key.get_secret_value())


def fingerprint(settings: IadvizeSettings) -> str:
    """Return what tells credentials apart without giving any away."""
    return sha256(settings.api_key.get_secret_value().encode()).hexdigest()[:16]


def judge(answer: Answer) -> None:
    """Raise what an answer stands for: the envelope's word decides, whatever the HTTP status.

    iAdvize documents no statuses. One counts where the body is no envelope, and where it speaks
    of the server's own state: 429 and 5xx.
    """
    by_status = error_for_status(answer)
    if by_status is not None and (answer.status == _TOO_MANY or answer.status >= _SERVER):
        raise by_status
    meta = _meta_of(answer)
    error = by_status if meta is None else _failure(meta, answer.status)
    if error is not None:
        raise error


def _meta_of(answer: Answer) -> wire.Meta | None:
    with suppress(msgspec.DecodeError, UnicodeDecodeError):
        return msgspec.json.decode(answer.body, type=wire.Envelope).meta
    return None


def _failure(meta: wire.Meta, status: int) -> PlatformError | None:
    if meta.status == "success":
        return None
    known = _KNOWN_MESSAGE.search(meta.message or "")
    error = _FAILURES.get(meta.status, PlatformBadResponseError)
    if error is PlatformRejectedError and known and known["unknown"]:
        error = PlatformNotFoundError
    return error(known[0] if known else "refused by the envelope", status=status)
