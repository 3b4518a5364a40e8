"""Who may ask: version, credentials, region and rate."""

from __future__ import annotations

import binascii
import time
from base64 import b64decode
from collections import deque
from typing import TYPE_CHECKING

from vendors.livechat.sandbox.profile import BASIC_SCOPES, BEARER_SCOPES, REGION, SCOPE
from vendors.livechat.sandbox.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.datastructures import Headers

VERSIONS = ("3.4", "3.5", "3.6")
# Version -> the header of its answers that tells of its end; the last one has no end yet.
FAREWELLS: dict[str, dict[str, str]] = {
    "3.4": {"Deprecation": "2026-09-30"},
    "3.5": {"Legacy": "2027-03-31"},
}


def version_of(in_path: str | None, headers: Headers) -> str:
    """Return the version that is named in the path, in the header, or in both alike.

    Raises:
        Refusal: It is none of those that are served, or there are two of them, or none.
    """
    in_header = headers.get("X-API-Version")
    named = {version for version in (in_path, in_header) if version is not None}
    found = next(iter(named), "")
    if len(named) != 1 or found not in VERSIONS:
        raise Refusal("unsupported_version")
    return found


def check_credentials(headers: Headers) -> None:
    """Refuse who is not known, or may not read reports.

    Raises:
        Refusal: The credentials are missing, unknown, sent the wrong way, or lack the scope.
    """
    scheme, _, value = headers.get("Authorization", "").partition(" ")
    scopes = _SCHEMES.get(scheme.lower(), _nobody)(value.strip())
    if scopes is None:
        raise Refusal("authentication")
    if SCOPE not in scopes:
        raise Refusal("authorization")


def check_region(headers: Headers) -> None:
    """Refuse who looks for the account in another data centre; not to say is right.

    Raises:
        Refusal: The account is elsewhere; it says where.
    """
    if headers.get("X-Region", REGION) != REGION:
        raise Refusal("misdirected_request", data={"region": REGION})


class Rate:
    """At most so many requests in any stretch of so many seconds."""

    def __init__(
        self, requests: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._requests = requests
        self._seconds = seconds
        # Not the world's clock: a world may stand still, and the block must lift by itself.
        self._clock = clock
        self._seen: deque[float] = deque()

    def check(self) -> None:
        """Count a request.

        Raises:
            Refusal: There were too many lately.
        """
        now = self._clock()
        while self._seen and self._seen[0] <= now - self._seconds:
            self._seen.popleft()
        if len(self._seen) >= self._requests:
            raise Refusal("too_many_requests")
        self._seen.append(now)


def _basic(value: str) -> frozenset[str] | None:
    """Return the scopes of an account and its personal access token, which alone goes here."""
    try:
        account, _, token = b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return BASIC_SCOPES.get((account, token))


def _nobody(_: str) -> frozenset[str] | None:
    return None


_SCHEMES: dict[str, Callable[[str], frozenset[str] | None]] = {
    "bearer": BEARER_SCOPES.get,
    "basic": _basic,
}
