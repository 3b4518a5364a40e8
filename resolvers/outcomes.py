"""What became of each platform that an answer spans: failures and freshness, as data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Self

from vendors.errors import PlatformError
from vendors.records import Record
from vendors.words import Word

__all__ = ["Freshness", "PlatformFailure", "SourceStatus", "freshest_first", "together_of"]


class Freshness(Word):
    """Where one platform's part of an answer came from."""

    LIVE = "live", "All of it was asked of the platform now."
    CACHED = "cached", "All or some of it was asked a short while ago and is still fresh."
    STALE = "stale", "Some of it is older than it should be; see `asOf`."
    PARTIAL = "partial", "Some of it is missing; `failures` says why."
    FAILED = "failed", "None of it could be had; `failures` says why."
    UNSUPPORTED = "unsupported", "The platform does not offer it; it was not asked."


class PlatformFailure(Record, frozen=True, kw_only=True):
    """Why a platform's part is missing, or old. It never holds the platform's own words."""

    platform: str
    code: str
    retryable: bool
    retry_after_seconds: float | None = None
    attempts: int = 1
    stale_age_seconds: float | None = None
    """The age of what stands in for the part; None where nothing does."""

    @classmethod
    def of(cls, error: PlatformError, stale_age: timedelta | None = None) -> Self:
        """Return the failure that this error is, for callers to see."""
        return cls(
            platform=error.platform,
            code=error.code,
            retryable=error.retryable,
            retry_after_seconds=error.retry_after,
            attempts=error.attempts,
            stale_age_seconds=None if stale_age is None else stale_age.total_seconds(),
        )


class SourceStatus(Record, frozen=True, kw_only=True):
    """One platform's share in an answer."""

    platform: str
    freshness: Freshness
    as_of: datetime | None = None
    calls: int = 0
    note: str | None = None


_ORDER: Sequence[Freshness] = (Freshness.LIVE, Freshness.CACHED, Freshness.STALE)


def freshest_first(kinds: Iterable[Freshness]) -> Freshness:
    """Return what several pieces of one platform's part amount to: the stalest of them."""
    return max(kinds, key=_ORDER.index, default=Freshness.LIVE)


def together_of(parts: Sequence[SourceStatus]) -> SourceStatus:
    """Return what several parts of one platform's share amount to: its calls are added up.

    What is had in one part and not in another is partial; the notes of all are told.
    """
    had = [one for one in parts if one.freshness in _ORDER]
    kinds = {one.freshness for one in parts} - {Freshness.UNSUPPORTED}
    if kinds <= set(_ORDER):
        freshness = freshest_first(kinds) if kinds else Freshness.UNSUPPORTED
    else:
        whole = not had and kinds == {Freshness.FAILED}
        freshness = Freshness.FAILED if whole else Freshness.PARTIAL
    notes = dict.fromkeys(one.note for one in parts if one.note)
    return SourceStatus(
        platform=parts[0].platform,
        freshness=freshness,
        as_of=min((one.as_of for one in parts if one.as_of), default=None),
        calls=sum(one.calls for one in parts),
        note=" ".join(notes) or None,
    )
