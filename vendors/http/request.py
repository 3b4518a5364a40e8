"""Turns an `Ask` into an HTTP request for one platform's hosts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote, urlencode

import httpx
import msgspec

from vendors.errors import PlatformBadResponseError, PlatformRejectedError, Trips
from vendors.http.body import ACCEPTED
from vendors.http.exchange import Sending
from vendors.http.message import Ask
from vendors.http.transport import time_limits
from vendors.settings import PlatformSettings

__all__ = ["Requests"]

_ABSOLUTE = ("http://", "https://")
_DEFAULTS = {"Accept": "*/*", "Accept-Encoding": ACCEPTED, "User-Agent": "switchboard"}
_JSON = {"Content-Type": "application/json"}
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_REMEMBERED = 256
"""Addresses that are not parsed again."""


class Requests:
    """Builds the requests of one platform.

    Trusted are the origins that the settings name, in `base_url` or any other address among them:
    the operator wrote them. An address that came from elsewhere, such as out of an answer, gets
    no credential.
    """

    def __init__(self, settings: PlatformSettings, headers: Mapping[str, str]) -> None:
        """`headers` go with every request to a trusted origin."""
        self._base = settings.base_url.rstrip("/") + "/"
        self._headers = {
            trusted: [_merged(content, more) for content in ({}, _JSON, _FORM)]
            for trusted, more in ((True, headers), (False, {}))
        }
        self._url = lru_cache(_REMEMBERED)(httpx.URL)
        self._time_limits = time_limits(settings).as_dict()
        named = (value for _, value in settings if isinstance(value, str))
        self._trusted = frozenset(_origin(one) for one in named if one.startswith(_ABSOLUTE))
        self._trusted -= {None}

    def build(self, ask: Ask, sending: Sending) -> httpx.Request:
        """Return the request.

        Raises:
            PlatformBadResponseError: for a foreign address, unless nothing secret would be sent.
            PlatformRejectedError: if the path is no part of an address.
        """
        trusted = self._is_trusted(ask.path)
        if not (trusted or sending.credential):
            raise PlatformBadResponseError(
                "an address outside the platform", trips=Trips.NOTHING, attempts=0
            )
        kind, content = _content(ask)
        headers = self._headers[trusted][kind]
        if ask.headers:
            headers = headers.copy()
            headers.update(ask.headers)
        try:
            return httpx.Request(
                ask.method,
                self._url(self._address(ask)),
                content=content,
                headers=headers,
                extensions={"timeout": self._time_limits, **sending.extensions()},
            )
        except httpx.InvalidURL:
            raise PlatformRejectedError("not an address", attempts=0) from None

    def _is_trusted(self, path: str) -> bool:
        return not path.startswith(_ABSOLUTE) or _origin(path) in self._trusted

    def _address(self, ask: Ask) -> str:
        absolute = ask.path.startswith(_ABSOLUTE)
        address = ask.path if absolute else self._base + ask.path.lstrip("/")
        if not ask.params:
            return address
        # A blank is %20: "+" means a blank in forms only.
        query = urlencode(ask.params, quote_via=quote)
        return f"{address}{'&' if '?' in address else '?'}{query}"


def _content(ask: Ask) -> tuple[int, bytes | None]:
    """Return which of the prepared headers go with the body, and the body."""
    if ask.json is not None:
        return 1, msgspec.json.encode(ask.json)
    if ask.form:
        return 2, urlencode(ask.form).encode()
    return 0, None


def _merged(*later: Mapping[str, str]) -> httpx.Headers:
    """Return the default headers, and of each name, however it is written, the last value."""
    headers = httpx.Headers(_DEFAULTS)
    for more in later:
        headers.update(more)
    return headers


def _origin(address: str) -> tuple[str, str, int | None] | None:
    """Return the scheme, host and port of an address; None if it is none."""
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL:
        return None
    return url.scheme, url.host, url.port
