"""Keeps a store's troubles away from queries: a short time, a circuit, one warning, a count."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from random import SystemRandom
from typing import TypeVar

from vendors.http.circuit import Breaker, BreakerRules, BreakerState

__all__ = ["RULES", "StoreGuard"]

T = TypeVar("T")

_LOG = logging.getLogger("switchboard.cache")

RULES = BreakerRules(in_a_row=3, seconds=2.0, longest=30.0, jitter=0.1)
"""A store is cheap to try and of use only while it is quick: left alone soon, and not for long."""


class StoreGuard:
    """Asks a store, and does without it where it fails, is slow, or has lately been either.

    A store that is gone is left alone altogether. One that refuses one kind of request, such as
    writing when it is full, is still asked for the others.
    """

    def __init__(
        self,
        name: str,
        seconds: float,
        *,
        rules: BreakerRules = RULES,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Give each request to the store of that name at most so many seconds."""
        self._name = name
        self._seconds = seconds
        self._rules = rules
        self._monotonic = monotonic
        self._reach = Breaker(rules, SystemRandom())
        self._kinds: dict[str, Breaker] = {}
        self.failures = 0
        """Requests that failed, since the process began."""

    @property
    def is_open(self) -> bool:
        """Return whether the store is left alone for now."""
        return self._reach.state(self._monotonic()) is BreakerState.OPEN

    async def attempt(self, kind: str, ask: Callable[[], Awaitable[T]]) -> T | None:
        """Return what the store says, or None where it does not say it in time."""
        own = self._kinds.get(kind)
        if own is None:
            own = self._kinds[kind] = Breaker(self._rules, SystemRandom())
        began = self._monotonic()
        if own.refuses_for(began) > 0.0 or self._reach.refuses_for(began) > 0.0:
            return None
        asked = _Asked(own, self._reach, began)
        outcome: T | None = None
        error: Exception | None = None
        try:
            async with asyncio.timeout(self._seconds):
                outcome = await ask()
        except Exception as failure:  # noqa: BLE001 (whatever it is, the query goes on without)
            error = failure
        except BaseException:
            asked.left()
            raise
        self._note(kind, asked, error)
        return outcome

    def _note(self, kind: str, asked: _Asked, error: Exception | None) -> None:
        now = self._monotonic()
        if error is None:
            if asked.succeeded(now):
                _LOG.info("the cache's store is used again", extra={"store": self._name})
            return
        self.failures += 1
        reached = not _is_out_of_reach(error)
        if asked.failed(now, reached=reached):
            about = {
                "store": self._name,
                "left": kind if reached else "everything",
                "problem": type(error).__name__,
            }
            _LOG.warning("the cache's store fails; going on without it", extra=about)


class _Asked:
    """One request under way: what it tells of the store, and of its kind of request."""

    def __init__(self, own: Breaker, reach: Breaker, now: float) -> None:
        self._own, self._reach = own, reach
        self._was_closed = {each: each.state(now) is BreakerState.CLOSED for each in (own, reach)}
        self._tickets = {each: each.permit(now) or 0 for each in (own, reach)}

    def left(self) -> None:
        for breaker, ticket in self._tickets.items():
            breaker.released(ticket)

    def succeeded(self, now: float) -> bool:
        """Note that all is well; return whether it was not before."""
        for breaker, ticket in self._tickets.items():
            breaker.succeeded(ticket, now)
        return not all(self._was_closed.values())

    def failed(self, now: float, *, reached: bool) -> bool:
        """Note a failure; return whether it is news that the store is now left alone."""
        # A refusal shows that the store is there; without an answer nothing is known of the kind.
        guilty, other = (self._own, self._reach) if reached else (self._reach, self._own)
        if reached:
            other.succeeded(self._tickets[other], now)
        else:
            other.released(self._tickets[other])
        return guilty.failed(self._tickets[guilty], now) and self._was_closed[guilty]


def _is_out_of_reach(error: Exception) -> bool:
    """Return whether the error says that no answer came, rather than what the answer was."""
    # The Redis client's own errors of connection and time derive from neither of Python's.
    return isinstance(error, OSError | TimeoutError) or any(
        kind.__name__ in {"ConnectionError", "TimeoutError"} for kind in type(error).__mro__
    )
