"""How a platform has fared lately, as seen from its client."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from datetime import datetime
from statistics import median

import msgspec

from vendors.clock import Clock
from vendors.http.circuit import BreakerState
from vendors.words import Word

__all__ = ["Health", "HealthRecorder", "HealthState", "RateLimitHeaders"]

_REMEMBERED = 64
_LONGEST_TEXT = 120

_LIMIT_FIELDS: Mapping[bytes, str] = {
    prefix + field.encode(): field
    for prefix in (b"x-rate-limit-", b"x-ratelimit-", b"ratelimit-")
    for field in ("limit", "remaining", "reset")
}
_FAREWELLS: Mapping[bytes, str] = {
    b"deprecation": "Deprecation",
    b"legacy": "Legacy",
    b"sunset": "Sunset",
}


class HealthState(Word):
    """How a platform fares, as far as calls have shown."""

    UP = "up", "Its last call succeeded."
    DEGRADED = "degraded", "Its last call failed, or it is being tried again after failures."
    DOWN = "down", "It is left alone for a while, after too many failures or a refused credential."
    UNKNOWN = "unknown", "It has not been asked yet."


class RateLimitHeaders(msgspec.Struct, frozen=True, kw_only=True):
    """What the platform last said of its rate limit, in its own words."""

    limit: str | None = None
    remaining: str | None = None
    reset: str | None = None
    """Seconds, a moment or a date: platforms differ, so it is not interpreted."""


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """One moment's view. None: nothing of the kind was seen yet."""

    circuits: Mapping[str, BreakerState] = msgspec.field(default_factory=dict)
    """By group of endpoints; logins are the group "credential"."""
    credential: BreakerState = BreakerState.CLOSED
    """Whether calls with the credential go through; open: it was refused a moment ago."""
    last_success_at: datetime | None = None
    last_failure_at: datetime | None = None
    last_failure_code: str | None = None
    median_seconds: float | None = None
    """Of the last calls that succeeded."""
    rate_limit: RateLimitHeaders | None = None
    in_flight: int = 0
    deprecation: str | None = None
    """What the platform announced of its version's end, such as "Sunset: 2027-01-31"."""

    @property
    def state(self) -> HealthState:
        """Return what all of this amounts to."""
        breakers = {self.credential, *self.circuits.values()}
        if BreakerState.OPEN in breakers:
            return HealthState.DOWN
        if BreakerState.HALF_OPEN in breakers:
            return HealthState.DEGRADED
        if self.last_failure_at is not None and (
            self.last_success_at is None or self.last_failure_at > self.last_success_at
        ):
            return HealthState.DEGRADED
        return HealthState.UNKNOWN if self.last_success_at is None else HealthState.UP

    def beside(self, other: Health) -> Health:
        """Return this together with what another client has seen of the same platform.

        How long it takes and what it says of its limits stays this one's.
        """
        failed = self if _later(self.last_failure_at, other.last_failure_at) else other
        succeeded = self if _later(self.last_success_at, other.last_success_at) else other
        return msgspec.structs.replace(
            self,
            circuits={**other.circuits, **self.circuits},
            credential=max(self.credential, other.credential, key=_SEVERITY.index),
            last_success_at=succeeded.last_success_at,
            last_failure_at=failed.last_failure_at,
            last_failure_code=failed.last_failure_code,
            in_flight=self.in_flight + other.in_flight,
            deprecation=self.deprecation or other.deprecation,
        )


_SEVERITY = (BreakerState.CLOSED, BreakerState.HALF_OPEN, BreakerState.OPEN)


def _later(one: datetime | None, other: datetime | None) -> bool:
    return other is None or (one is not None and one >= other)


class HealthRecorder:
    """Takes note of outcomes and headers."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seconds: deque[float] = deque(maxlen=_REMEMBERED)
        self.last_success_at: datetime | None = None
        self.last_failure_at: datetime | None = None
        self.last_failure_code: str | None = None
        self.rate_limit: RateLimitHeaders | None = None
        self.deprecation: str | None = None

    @property
    def median_seconds(self) -> float | None:
        """Return the median time of the last successful calls."""
        return median(self._seconds) if self._seconds else None

    def succeeded(self, seconds: float) -> None:
        """Note a success."""
        self._seconds.append(seconds)
        self.last_success_at = self._clock.now()

    def failed(self, code: str) -> None:
        """Note a failure."""
        self.last_failure_at = self._clock.now()
        self.last_failure_code = code

    def headers(self, fields: Mapping[bytes, bytes]) -> None:
        """Note what an answer says of limits and of the version's end; names in lower case."""
        limits = {
            _LIMIT_FIELDS[name]: _text(fields[name])
            for name in _LIMIT_FIELDS.keys() & fields.keys()
        }
        if limits:
            self.rate_limit = RateLimitHeaders(**limits)
        for name in _FAREWELLS.keys() & fields.keys():
            self.deprecation = f"{_FAREWELLS[name]}: {_text(fields[name])}"


def _text(value: bytes) -> str:
    """Return a header as one line that can be shown: it is somebody else's text."""
    shown = value[:_LONGEST_TEXT].decode("ascii", "replace")
    return "".join(one for one in shown if one.isprintable())
