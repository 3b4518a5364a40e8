"""Everything that can go wrong on purpose, as one tree.

    SwitchboardError
    ├── CallerError                     the caller's doing; the message says what to do
    │   ├── BadInputError               BAD_USER_INPUT
    │   ├── TooComplexError             QUERY_TOO_COMPLEX
    │   ├── UnsupportedError            UNSUPPORTED
    │   └── ForbiddenError              FORBIDDEN
    └── PlatformError                   one platform's fault; costs that platform's part only
        ├── PlatformUnreachableError    PLATFORM_UNREACHABLE
        ├── PlatformTimeoutError        PLATFORM_TIMEOUT
        ├── PlatformBadResponseError    PLATFORM_BAD_RESPONSE
        │   └── PlatformTruncatedError  the same, for an answer that was cut on its way
        ├── PlatformTooLargeError       PLATFORM_TOO_LARGE
        ├── PlatformAuthError           PLATFORM_AUTH
        ├── PlatformForbiddenError      PLATFORM_FORBIDDEN
        ├── PlatformNotFoundError       PLATFORM_BAD_RESPONSE (one object by its id: caught, null)
        ├── PlatformRejectedError       PLATFORM_REJECTED
        ├── PlatformRateLimitedError    PLATFORM_RATE_LIMITED
        ├── PlatformServerError         PLATFORM_ERROR
        ├── PlatformCircuitOpenError    PLATFORM_CIRCUIT_OPEN
        └── PlatformOutcomeUnknownError PLATFORM_OUTCOME_UNKNOWN

A PlatformError's message is for the log. What callers see is its code, never a host, a vendor's
text or a credential.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, ClassVar

__all__ = [
    "BadInputError",
    "CallerError",
    "ForbiddenError",
    "PlatformAuthError",
    "PlatformBadResponseError",
    "PlatformCircuitOpenError",
    "PlatformError",
    "PlatformForbiddenError",
    "PlatformNotFoundError",
    "PlatformOutcomeUnknownError",
    "PlatformRateLimitedError",
    "PlatformRejectedError",
    "PlatformServerError",
    "PlatformTimeoutError",
    "PlatformTooLargeError",
    "PlatformTruncatedError",
    "PlatformUnreachableError",
    "Retry",
    "SwitchboardError",
    "TooComplexError",
    "Trips",
    "UnsupportedError",
]


class Retry(Enum):
    """How a failed call may be tried again, if its endpoint is idempotent and the budget allows."""

    NONE = "none"
    FRESH = "fresh"
    """Once, at once, on a new connection: nothing was processed. After that, BACKOFF."""
    FRESH_ONCE = "fresh once"
    BACKOFF = "backoff"
    """At most twice, after a random wait that doubles."""
    BACKOFF_ONCE = "backoff once"
    WAIT = "wait"
    """After the time the platform asked for, if that is sane and fits the deadline."""


class Trips(Enum):
    """What a failure counts against."""

    NOTHING = "nothing"
    CIRCUIT = "circuit"
    """The circuit of the platform's endpoint group."""
    CREDENTIAL = "credential"
    """The gate of the credential, so that one bad key does not shut the platform for others."""
    RATE = "rate"
    """The rate gate: no call before the time the platform gave."""


class SwitchboardError(Exception):
    """The base of every error raised on purpose."""

    code: ClassVar[str] = "INTERNAL_SERVER_ERROR"


class CallerError(SwitchboardError):
    """The caller asked for something that cannot be answered; the message says what to do."""

    code: ClassVar[str] = "BAD_USER_INPUT"

    def __init__(self, message: str, *, extensions: Mapping[str, Any] | None = None) -> None:
        """Keep the message for the caller and members for the error's `extensions`."""
        super().__init__(message)
        self.extensions: dict[str, Any] = dict(extensions or {})


class BadInputError(CallerError):
    """An argument is not acceptable; `argument` names it and `accepted` says what would be."""

    def __init__(
        self,
        message: str,
        *,
        argument: str | None = None,
        accepted: Sequence[str] | str | None = None,
    ) -> None:
        """Name the argument and what would be accepted, where that can be said."""
        members: dict[str, Any] = {}
        if argument is not None:
            members["argument"] = argument
        if accepted is not None:
            members["accepted"] = accepted if isinstance(accepted, str) else list(accepted)
        super().__init__(message, extensions=members)


class TooComplexError(CallerError):
    """The query would cost more than is allowed; nothing was asked of any platform."""

    code: ClassVar[str] = "QUERY_TOO_COMPLEX"


class UnsupportedError(CallerError):
    """The platform does not offer this; it was not asked."""

    code: ClassVar[str] = "UNSUPPORTED"


class ForbiddenError(CallerError):
    """The caller's key does not allow this."""

    code: ClassVar[str] = "FORBIDDEN"


class PlatformError(SwitchboardError):
    """One platform could not give its part. Class attributes say how the fault is treated."""

    code: ClassVar[str] = "PLATFORM_ERROR"
    retry: ClassVar[Retry] = Retry.NONE
    trips: ClassVar[Trips] = Trips.CIRCUIT
    serves_stale: ClassVar[bool] = True
    """Whether an older cached value may stand in, marked as stale."""

    def __init__(  # noqa: PLR0913 - all of them by name
        self,
        message: str = "",
        *,
        platform: str = "",
        operation: str = "",
        retry_after: float | None = None,
        attempts: int = 1,
        status: int | None = None,
        retry: Retry | None = None,
        trips: Trips | None = None,
        retryable: bool | None = None,
    ) -> None:
        """Say where and in which operation; `retry` and `trips` override the class's treatment.

        `retryable` says whether asking again later can help where that does not follow from them.
        """
        super().__init__(message or self.code)
        self.platform = platform
        self.operation = operation
        self.retry_after = retry_after
        self.attempts = attempts
        self.status = status
        self.retry_as = retry if retry is not None else self.retry
        self.trips_as = trips if trips is not None else self.trips
        self._retryable = retryable
        self.sent = True
        """Whether the request may have reached the platform, so that it may have been done."""

    @property
    def retryable(self) -> bool:
        """Return whether asking again later can help without anybody changing anything."""
        if self._retryable is not None:
            return self._retryable
        return self.retry_as is not Retry.NONE or self.trips_as in {Trips.CIRCUIT, Trips.RATE}


class PlatformUnreachableError(PlatformError):
    """No connection, or it broke before an answer came."""

    code: ClassVar[str] = "PLATFORM_UNREACHABLE"
    retry: ClassVar[Retry] = Retry.FRESH


class PlatformTimeoutError(PlatformError):
    """No answer within the time allowed."""

    code: ClassVar[str] = "PLATFORM_TIMEOUT"
    retry: ClassVar[Retry] = Retry.BACKOFF


class PlatformBadResponseError(PlatformError):
    """An answer came that cannot be what was asked for."""

    code: ClassVar[str] = "PLATFORM_BAD_RESPONSE"


class PlatformTruncatedError(PlatformBadResponseError):
    """The answer was cut on its way; another try may bring it whole."""

    retry: ClassVar[Retry] = Retry.BACKOFF_ONCE


class PlatformTooLargeError(PlatformError):
    """The answer was larger than is ever read."""

    code: ClassVar[str] = "PLATFORM_TOO_LARGE"


class PlatformAuthError(PlatformError):
    """The platform refused the credential."""

    code: ClassVar[str] = "PLATFORM_AUTH"
    trips: ClassVar[Trips] = Trips.CREDENTIAL
    serves_stale: ClassVar[bool] = False

    @property
    def retryable(self) -> bool:
        """Return False: somebody must mend the credential first."""
        return False


class PlatformForbiddenError(PlatformError):
    """The credential is good but may not do this."""

    code: ClassVar[str] = "PLATFORM_FORBIDDEN"
    trips: ClassVar[Trips] = Trips.NOTHING
    serves_stale: ClassVar[bool] = False


class PlatformNotFoundError(PlatformError):
    """The platform knows no such path or object."""

    code: ClassVar[str] = "PLATFORM_BAD_RESPONSE"
    trips: ClassVar[Trips] = Trips.NOTHING
    serves_stale: ClassVar[bool] = False


class PlatformRejectedError(PlatformError):
    """The platform called our request wrong; asking again would not help."""

    code: ClassVar[str] = "PLATFORM_REJECTED"
    trips: ClassVar[Trips] = Trips.NOTHING
    serves_stale: ClassVar[bool] = False


class PlatformRateLimitedError(PlatformError):
    """The platform asked us to slow down; `retry_after` is in seconds where it said how long."""

    code: ClassVar[str] = "PLATFORM_RATE_LIMITED"
    retry: ClassVar[Retry] = Retry.WAIT
    trips: ClassVar[Trips] = Trips.RATE


class PlatformServerError(PlatformError):
    """The platform failed on its own side."""

    code: ClassVar[str] = "PLATFORM_ERROR"
    retry: ClassVar[Retry] = Retry.BACKOFF


class PlatformCircuitOpenError(PlatformError):
    """The platform has failed so often that it is left alone for a while; no call was made."""

    code: ClassVar[str] = "PLATFORM_CIRCUIT_OPEN"
    trips: ClassVar[Trips] = Trips.NOTHING

    @property
    def retryable(self) -> bool:
        """Return True: it will be probed again by itself."""
        return True


class PlatformOutcomeUnknownError(PlatformError):
    """The answer to a change was lost, and whether it was made cannot be told."""

    code: ClassVar[str] = "PLATFORM_OUTCOME_UNKNOWN"
    trips: ClassVar[Trips] = Trips.NOTHING
    serves_stale: ClassVar[bool] = False
