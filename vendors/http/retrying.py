"""Whether a failed call is tried again, and when.

The loop is stamina's; what it asks is answered here, from the error's retry class, the budget of
the platform and the time that is left.
"""

from __future__ import annotations

from collections.abc import AsyncIterable
from random import Random

import stamina

from vendors.errors import PlatformError, Retry, Trips

__all__ = ["Retries", "RetryBudget"]

# In tenths of a retry, which add up exactly.
_CAP = 100
_PER_SUCCESS = 1
_PER_RETRY = 10
_FIRST_WAIT = 0.1
_LONGEST_WAIT = 2.0
_LONGEST_ASKED = 10.0
"""Seconds of Retry-After that are waited for within one call."""

_FRESH = frozenset({Retry.FRESH, Retry.FRESH_ONCE})
_BACKOFFS = {
    Retry.FRESH: 2,
    Retry.BACKOFF: 2,
    Retry.BACKOFF_ONCE: 1,
    Retry.WAIT: 2,
}
"""How often each class is tried again after a wait."""


class RetryBudget:
    """Keeps retries to a tenth of the successes, beyond a first few.

    In a long outage everybody's retries together would be a load of their own.
    """

    def __init__(self) -> None:
        self._left = _CAP

    @property
    def left(self) -> float:
        """Return how many retries could be paid for now."""
        return self._left / _PER_RETRY

    def succeeded(self) -> None:
        """Earn a tenth of a retry."""
        self._left = min(_CAP, self._left + _PER_SUCCESS)

    def spend(self) -> bool:
        """Pay for one retry, if there is enough for it."""
        if self._left < _PER_RETRY:
            return False
        self._left -= _PER_RETRY
        return True


class Retries:
    """The retries of one call."""

    def __init__(self, budget: RetryBudget, random: Random, *, attempts: int) -> None:
        """Allow that many tries in all, the first included."""
        self._budget = budget
        self._random = random
        self._attempts = attempts
        self._made = 0
        self._freshened = False
        self._backoffs = 0
        self._next: float | None = None
        self.fresh = False
        """Whether the next try takes a connection of its own."""

    @property
    def wait(self) -> float | None:
        """Return the seconds before the next try; None where none is decided on."""
        return self._next

    def loop(self) -> AsyncIterable[stamina.Attempt]:
        """Return stamina's loop over the tries."""
        return stamina.retry_context(on=self._hook, attempts=self._attempts, timeout=None)

    def decide(self, error: PlatformError, remaining: float, median: float) -> None:
        """Decide on the try after this failure, and pay for it.

        `remaining` are the seconds left and `median` those that the platform usually takes.
        """
        self._made += 1
        wait = self._wait(error)
        if wait is None or self._made >= self._attempts or wait + median > remaining:
            return
        # What says nothing of the platform's health, such as a kept connection that it had
        # closed, costs it nothing either.
        free = self.fresh and error.retry_as is Retry.FRESH and error.trips_as is Trips.NOTHING
        if free or self._budget.spend():
            self._next = wait

    def drop(self) -> None:
        """Take back the decision for another try."""
        self._next = None

    def _hook(self, error: Exception) -> bool | float:
        # Taken, not read: an error that nobody decided on must not find the last decision.
        decided, self._next = self._next, None
        return False if decided is None or not isinstance(error, PlatformError) else decided

    def _wait(self, error: PlatformError) -> float | None:
        """Return the seconds before the next try by the error's class, or None for no try."""
        kind = error.retry_as
        asked = error.retry_after or 0.0
        self.fresh = kind in _FRESH and not self._freshened
        if self.fresh:
            self._freshened = True
            return 0.0
        if self._backoffs >= _BACKOFFS.get(kind, 0) or (
            kind is Retry.WAIT and asked > _LONGEST_ASKED
        ):
            return None
        self._backoffs += 1
        wait = self._random.uniform(0.0, min(_LONGEST_WAIT, _FIRST_WAIT * 2.0**self._backoffs))
        return wait + asked if kind is Retry.WAIT else wait
