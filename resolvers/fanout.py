"""Asking many platforms at once: each answers or fails for itself, within one deadline."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

import msgspec

from resolvers.cached import Held
from resolvers.deadline import in_time
from resolvers.outcomes import Freshness, PlatformFailure, SourceStatus
from resolvers.together import together
from vendors.calls import Call, CallLog
from vendors.errors import PlatformError
from vendors.port import Platform

__all__ = ["Answers", "Part", "ask_each"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """One platform's part of an answer: a value, or the failure that stands in its place."""

    platform: Platform
    calls: int = 0
    held: Held[T] | None = None
    error: PlatformError | None = None
    unsupported: str | None = None

    @property
    def source(self) -> SourceStatus:
        """Return what became of the platform."""
        return SourceStatus(
            platform=self.platform.key,
            freshness=self._freshness,
            as_of=self._as_of,
            calls=self.calls,
            note=self.unsupported,
        )

    @property
    def stand_in(self) -> PlatformFailure | None:
        """Return the failure for which an older value stands in, if one does."""
        failure = None if self.held is None else self.held.failure
        return failure and msgspec.structs.replace(failure, platform=self.platform.key)

    @property
    def _freshness(self) -> Freshness:
        if self.unsupported is not None:
            return Freshness.UNSUPPORTED
        return Freshness.FAILED if self.held is None else self.held.freshness

    @property
    def _as_of(self) -> datetime | None:
        return None if self.held is None else self.held.at


@dataclass(frozen=True, slots=True)
class Answers(Generic[T]):
    """The parts of all platforms that were asked."""

    parts: tuple[Part[T], ...]

    @property
    def errors(self) -> tuple[PlatformError, ...]:
        """Return the failures, platform by platform."""
        return tuple(part.error for part in self.parts if part.error is not None)

    @property
    def stand_ins(self) -> tuple[PlatformFailure, ...]:
        """Return the failures that cost nothing but newness, platform by platform."""
        return tuple(part.stand_in for part in self.parts if part.stand_in is not None)

    @property
    def sources(self) -> tuple[SourceStatus, ...]:
        """Return what became of each platform."""
        return tuple(part.source for part in self.parts)


async def ask_each(
    platforms: Sequence[Platform],
    call: Call,
    ask: Callable[[Platform, Call], Awaitable[Held[T]]],
    unsupported: Callable[[Platform], str | None] = lambda _: None,
) -> Answers[T]:
    """Ask all platforms at once within the operation's deadline; what fails is a part of its own.

    `unsupported` says why a platform is not asked at all, where it is not.
    """

    async def one(platform: Platform) -> Part[T]:
        reason = unsupported(platform)
        if reason is not None:
            return Part(platform, unsupported=reason)
        own = Call(call.deadline, CallLog(call.log), call.request_id)
        held: Held[T] | None = None
        error: PlatformError | None = None
        try:
            async with in_time(platform, own):
                held = await ask(platform, own)
        except PlatformError as failure:
            error = failure
        return Part(platform, own.log.count(platform.key), held, error)

    return Answers(tuple(await together(map(one, platforms))))
