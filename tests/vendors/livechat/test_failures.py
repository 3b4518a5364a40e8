from __future__ import annotations

import pytest

from vendors.errors import (
    PlatformAuthError,
    PlatformError,
    PlatformForbiddenError,
    PlatformNotFoundError,
    PlatformRateLimitedError,
    PlatformRejectedError,
    PlatformServerError,
    PlatformTimeoutError,
    Trips,
)
from vendors.livechat.client import Error, ErrorData, failure


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("authentication", PlatformAuthError),
        ("authorization", PlatformForbiddenError),
        ("missing_access", PlatformForbiddenError),
        ("not_allowed", PlatformForbiddenError),
        ("license_expired", PlatformForbiddenError),
        ("license_not_found", PlatformForbiddenError),
        ("validation", PlatformRejectedError),
        ("limit_reached", PlatformRejectedError),
        ("entity_too_large", PlatformRejectedError),
        ("group_not_found", PlatformRejectedError),
        ("wrong_product_version", PlatformRejectedError),
        ("unsupported_version", PlatformRejectedError),
        ("misdirected_request", PlatformRejectedError),
        ("not_found", PlatformNotFoundError),
        ("too_many_requests", PlatformRateLimitedError),
        ("request_timeout", PlatformTimeoutError),
        ("service_unavailable", PlatformServerError),
        ("internal", PlatformServerError),
    ],
)
def test_an_error_is_known_by_its_type(kind: str, expected: type[PlatformError]) -> None:
    found = failure(Error(kind, "No."), 418)
    assert type(found) is expected
    assert found.status == 418


def test_an_unknown_type_is_left_to_the_status() -> None:
    assert failure(Error("teapot"), 418) is None


def test_an_expired_licence_shuts_the_credential_out() -> None:
    found = failure(Error("license_expired"), 400)
    assert found is not None
    assert found.trips_as is Trips.CREDENTIAL
    assert not found.retryable


def test_a_version_that_was_switched_off_is_said_in_the_log() -> None:
    found = failure(Error("unsupported_version", "Cannot call."), 400)
    assert "switched this version of its API off" in str(found)


def test_a_vendors_message_brings_no_address_into_the_log() -> None:
    found = failure(Error("validation", "no agent 'joe.doe@acme.com'" * 40), 400)
    assert str(found).startswith("validation: no agent '…'")
    assert "acme" not in str(found)
    assert len(str(found)) < 250


@pytest.mark.parametrize("region", [None, "", "fra\r\nX-Evil: 1", "x" * 17])
def test_a_region_that_is_none_is_not_followed(region: str | None) -> None:
    error = Error("misdirected_request", "", ErrorData(region))
    assert type(failure(error, 421)) is PlatformRejectedError
