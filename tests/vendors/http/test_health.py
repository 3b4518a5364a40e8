"""What two clients of one platform have seen, as one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from vendors.http.circuit import BreakerState
from vendors.http.health import Health, HealthState, RateLimitHeaders

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
EARLY, LATE = NOON, NOON + timedelta(minutes=5)
UNKNOWN = Health()
BUSY = replace(
    UNKNOWN,
    circuits={"data": BreakerState.CLOSED},
    last_success_at=LATE,
    last_failure_at=EARLY,
    last_failure_code="PLATFORM_TIMEOUT",
    median_seconds=0.25,
    rate_limit=RateLimitHeaders(remaining="5"),
    in_flight=2,
)


def test_what_was_never_asked_changes_nothing() -> None:
    assert BUSY.beside(UNKNOWN) == BUSY
    assert UNKNOWN.beside(UNKNOWN) == UNKNOWN


def test_what_came_last_counts() -> None:
    later = LATE + timedelta(minutes=1)
    other = replace(
        UNKNOWN,
        circuits={"files": BreakerState.HALF_OPEN},
        last_failure_at=later,
        last_failure_code="PLATFORM_ERROR",
        last_success_at=EARLY,
        median_seconds=40.0,
        rate_limit=RateLimitHeaders(remaining="0"),
        in_flight=1,
        deprecation="Sunset: 2027-01-31",
    )
    both = BUSY.beside(other)
    assert both == replace(
        BUSY,
        circuits={"data": BreakerState.CLOSED, "files": BreakerState.HALF_OPEN},
        last_failure_at=later,
        last_failure_code="PLATFORM_ERROR",
        in_flight=3,
        deprecation="Sunset: 2027-01-31",
    )
    assert both.state is HealthState.DEGRADED


@pytest.mark.parametrize(
    ("one", "other", "worst"),
    [
        (BreakerState.CLOSED, BreakerState.OPEN, BreakerState.OPEN),
        (BreakerState.OPEN, BreakerState.HALF_OPEN, BreakerState.OPEN),
        (BreakerState.HALF_OPEN, BreakerState.CLOSED, BreakerState.HALF_OPEN),
    ],
)
def test_a_credential_is_as_good_as_where_it_is_worst(
    one: BreakerState, other: BreakerState, worst: BreakerState
) -> None:
    found = replace(BUSY, credential=one).beside(replace(UNKNOWN, credential=other))
    assert found.credential is worst
