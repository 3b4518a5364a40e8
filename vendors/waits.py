"""Why a call to a platform waits, and who is told of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from vendors.words import Word

__all__ = ["UNWATCHED", "Wait", "WaitObserver", "WaitReason", "Waits"]


class WaitReason(Word):
    """What a call waits for."""

    QUEUE = "queue", "A place among the calls that are made at once."
    PACE = "pace", "Its turn, at the calls a second that the platform bears."
    RATE_LIMIT = "rate_limit", "The end of a rate limit, which another call has met."
    RETRY_AFTER = "retry_after", "The time after which the platform wants to be asked again."
    BACKOFF = "backoff", "The next try after one that failed."
    ANSWER = "answer", "The platform's answer."


@dataclass(frozen=True, slots=True)
class Wait:
    """One wait of one call."""

    platform: str
    reason: WaitReason
    seconds: float | None = None
    """How long it lasts; None where that is not known before it is over."""


class WaitObserver(Protocol):
    """Is told of waits, as they begin and as they end."""

    def waiting(self, wait: Wait) -> None:
        """Note that a wait begins."""
        ...

    def waited(self, wait: Wait, seconds: float) -> None:
        """Note that it is over, however it ended, after so many seconds."""
        ...


class _Unwatched:
    """Notes nothing."""

    def waiting(self, wait: Wait) -> None:
        """Note nothing."""

    def waited(self, wait: Wait, seconds: float) -> None:
        """Note nothing."""


UNWATCHED: WaitObserver = _Unwatched()
"""Whom it is told where nobody wants to know."""


@dataclass(frozen=True, slots=True)
class Waits:
    """Tells of the waits of one platform's calls."""

    platform: str
    observer: WaitObserver
    monotonic: Callable[[], float]

    @contextmanager
    def told(self, reason: WaitReason, seconds: float | None = None) -> Iterator[None]:
        """Tell of the block as a wait."""
        wait = Wait(self.platform, reason, seconds)
        began = self.monotonic()
        self.observer.waiting(wait)
        try:
            yield
        finally:
            self.observer.waited(wait, self.monotonic() - began)
