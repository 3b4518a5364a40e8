"""What every door answers for the same error is the same."""

from __future__ import annotations

import pytest

from gateway.refusals import later, refused_by
from vendors.errors import (
    BadInputError,
    CallerError,
    ForbiddenError,
    PlatformCircuitOpenError,
    PlatformError,
    PlatformRateLimitedError,
    PlatformServerError,
    PlatformTimeoutError,
    TooComplexError,
)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (PlatformRateLimitedError(platform="oak", retry_after=1.2), 429),
        (PlatformCircuitOpenError(platform="oak"), 503),
        (PlatformTimeoutError(platform="oak"), 504),
        (PlatformServerError(platform="oak"), 502),
        (BadInputError("No.", argument="tz", accepted="a zone"), 400),
        (TooComplexError("Too much."), 400),
        (ForbiddenError("Not yours."), 403),
    ],
    ids=lambda one: getattr(type(one), "code", str(one)),
)
def test_each_error_has_its_status(error: PlatformError | CallerError, status: int) -> None:
    refused = refused_by(error)
    assert (refused.status, refused.code) == (status, error.code)


def test_the_wait_is_told_in_whole_seconds_that_suffice() -> None:
    limited = refused_by(PlatformRateLimitedError(platform="oak", retry_after=1.2))
    assert limited.headers == {"retry-after": "2"}
    assert limited.extensions["platform"] == "oak"
    assert later(2.0, None, 30.5) == {"retry-after": "31"}
    assert later(None) == later() == refused_by(PlatformServerError(platform="oak")).headers == {}
