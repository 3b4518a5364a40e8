"""What became of each platform: failures and freshness, as data beside the answer."""

from datetime import datetime

import strawberry

import schema.enums  # noqa: F401 - the enums must be known before a type refers to them
from resolvers.outcomes import Freshness

__all__ = ["PlatformFailure", "SourceStatus"]


@strawberry.type(
    description="Why a platform's part is missing, or older than it should be. "
    "The rest of the answer is whole.",
)
class PlatformFailure:
    """A failure as callers see it: a code, never the platform's own words."""

    platform: str = strawberry.field(description="The key of the platform that failed.")
    code: str = strawberry.field(
        description="What happened, such as PLATFORM_TIMEOUT or PLATFORM_AUTH."
    )
    retryable: bool = strawberry.field(
        description="Whether asking again later can help without anybody changing anything."
    )
    retry_after_seconds: float | None = strawberry.field(
        description="How long the platform asked to be left alone, where it said so."
    )
    attempts: int = strawberry.field(description="How often the call was tried.")
    stale_age_seconds: float | None = strawberry.field(
        description="The age of the older values that stand in for the part; null: it is missing."
    )


@strawberry.type(description="One platform's share in an answer.")
class SourceStatus:
    """Where a platform's part came from."""

    platform: str = strawberry.field(description="The key of the platform.")
    freshness: Freshness = strawberry.field(description="Where its part came from.")
    as_of: datetime | None = strawberry.field(
        description="When the oldest piece of its part was asked of the platform."
    )
    calls: int = strawberry.field(
        description="How many calls to the platform this field took part in making."
    )
    note: str | None = strawberry.field(
        description="What the platform does not offer of what was asked, and why."
    )
