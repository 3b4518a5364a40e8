"""How each platform fares, for people and their alarms: from what was seen, asking nobody."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from statistics import median, quantiles

import msgspec

from gateway import __version__
from vendors.calls import CallRecord
from vendors.clock import Clock
from vendors.errors import PlatformRateLimitedError
from vendors.http.health import Health, HealthState, RateLimitHeaders
from vendors.port import Platform

__all__ = ["PlatformState", "PlatformStatus", "Sightings", "Status", "status_of"]

_REMEMBERED = 256
"""Calls of a platform of which the times are remembered."""
_SLOW_SECONDS = 2.0
"""A median beyond it: a query that needs a few calls in turn nears the default deadline."""
_FEWEST = 2
_MEASURES = "measures"
_OK = "OK"


class PlatformState(Enum):
    """What all that was seen amounts to."""

    OK = "ok"
    SLOW = "slow"
    """It answers, but takes its time."""
    LIMITED = "limited"
    """It has asked us to slow down, and nothing has succeeded since."""
    FAILING = "failing"
    """Its last call failed, or it is left alone for a while."""
    NEVER_ASKED = "never asked"
    """Nothing has been asked of it since the process began."""


class Latency(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Seconds that the last calls took, of those that were answered."""

    calls: int
    median_seconds: float | None
    p95_seconds: float | None


class PlatformStatus(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One platform. None: nothing of the kind was seen."""

    key: str
    title: str
    state: PlatformState
    last_success_at: datetime | None
    last_failure_at: datetime | None
    last_failure_code: str | None
    latency: Latency
    calls_in_progress: int
    circuits: Mapping[str, str]
    """By group of endpoints: closed (calls go through), half-open (one at a time) or open."""
    credential: str
    """The same for all calls with the credential."""
    quota: RateLimitHeaders | None
    """What it last said of its rate limit, in its own words."""
    newest_figure_at: datetime | None
    """When the platform last gave a figure, whatever period it was about."""
    newest_figure_age_seconds: float | None
    deprecation: str | None
    """What it announced of the end of the version that is used."""


class Status(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The gateway, and the platforms that the caller sees."""

    version: str
    at: datetime
    since: datetime
    """When the process began: it has seen nothing before."""
    platforms: tuple[PlatformStatus, ...]


@dataclass(slots=True)
class _Seen:
    seconds: deque[float] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    measured_at: datetime | None = None


class Sightings:
    """What was seen of each platform lately; fulfils `gateway.observability.observing.Observer`."""

    def __init__(self, clock: Clock) -> None:
        """Begin without any."""
        self._clock = clock
        self._seen: dict[str, _Seen] = {}
        self.since = clock.now()

    def of(self, platform: str) -> _Seen:
        """Return what was seen of a platform."""
        return self._seen.setdefault(platform, _Seen())

    def called(self, record: CallRecord) -> None:
        """Note how long an answer took."""
        if record.status is not None and not record.credential:
            self.of(record.platform).seconds.append(record.seconds)

    def asked(self, platform: str, port: str, outcome: str, seconds: float) -> None:  # noqa: ARG002 (the protocol's)
        """Note when figures came."""
        if port == _MEASURES and outcome == _OK:
            self.of(platform).measured_at = self._clock.now()

    def looked_up(self, tier: str, hits: int, misses: int) -> None:
        """Note nothing: it is about no platform."""

    def kept(self, tier: str, entries: int) -> None:
        """Note nothing: it is about no platform."""


def status_of(platforms: Iterable[Platform], sightings: Sightings, clock: Clock) -> Status:
    """Return how these platforms fare."""
    now = clock.now()
    return Status(
        version=__version__,
        at=now,
        since=sightings.since,
        platforms=tuple(_status(one, sightings.of(one.key), now) for one in platforms),
    )


def _status(platform: Platform, seen: _Seen, now: datetime) -> PlatformStatus:
    health = platform.health() if platform.health is not None else _UNSEEN
    newest = seen.measured_at
    latency = _latency(seen)
    return PlatformStatus(
        key=platform.key,
        title=platform.title,
        state=_state(health, latency),
        last_success_at=health.last_success_at,
        last_failure_at=health.last_failure_at,
        last_failure_code=health.last_failure_code,
        latency=latency,
        calls_in_progress=health.in_flight,
        circuits={group: state.value for group, state in health.circuits.items()},
        credential=health.credential.value,
        quota=health.rate_limit,
        newest_figure_at=newest,
        newest_figure_age_seconds=None if newest is None else (now - newest).total_seconds(),
        deprecation=health.deprecation,
    )


_UNSEEN = Health()


def _state(health: Health, latency: Latency) -> PlatformState:
    if health.state is HealthState.UNKNOWN:
        return PlatformState.NEVER_ASKED
    if health.state is not HealthState.UP:
        limited = health.last_failure_code == PlatformRateLimitedError.code
        return PlatformState.LIMITED if limited else PlatformState.FAILING
    slow = (latency.median_seconds or 0.0) > _SLOW_SECONDS
    return PlatformState.SLOW if slow else PlatformState.OK


def _latency(seen: _Seen) -> Latency:
    times = seen.seconds
    middle = median(times) if times else None
    slowest = quantiles(times, n=20, method="inclusive")[-1] if len(times) >= _FEWEST else middle
    return Latency(calls=len(times), median_seconds=middle, p95_seconds=slowest)
