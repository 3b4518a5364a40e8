"""One question to a platform and the answer it gave, as plain values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeAlias

import msgspec

__all__ = ["Answer", "Ask", "Judge"]


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """One HTTP request, described.

    At most one of `json` and `form` is set. Neither an address nor a credential belongs into
    `endpoint`: it is written to logs.
    """

    endpoint: str
    """A short name for logs and call counts, such as "operator list"."""
    path: str
    """Joined to the platform's `base_url`; an absolute http(s) address is taken as it is."""
    method: str = "GET"
    params: tuple[tuple[str, str], ...] = ()
    json: Any = None
    """Whatever msgspec encodes; sent as application/json. None: no body."""
    form: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    group: str = "data"
    """Which circuit breaker watches over it."""
    idempotent: bool = True
    """Whether it may be sent again. Reads by POST may: the verb says nothing."""
    call_seconds: float | None = None
    """Longest time of one try; None: as the platform's pacing says."""


class Answer(msgspec.Struct, frozen=True):
    """What came back, whole and decompressed."""

    status: int
    headers: Mapping[str, str]
    """Names are case-insensitive."""
    body: bytes
    seconds: float = 0.0
    """From sending the request to the last byte of the body."""
    received: datetime | None = None
    """When it was there, by our own clock in UTC."""


Judge: TypeAlias = Callable[[Answer], None]
"""Raises a PlatformError for an answer that is no success. The platform, the operation and the
attempts are filled in by the one who calls it."""
