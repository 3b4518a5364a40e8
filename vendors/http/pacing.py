"""How hard a platform may be asked: calls at once, calls a second, and none at all for a while.

The limits are state machines over explicit times; `Pacer` is the queue in front of them. All of
them learn from a 429: the calls at once shrink by a tenth, the calls a second to what was answered
lately, and no call starts before the time that the platform gave.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from vendors.errors import PlatformRateLimitedError, PlatformTimeoutError, Retry, Trips
from vendors.settings import Pacing
from vendors.waits import WaitReason, Waits

__all__ = ["Concurrency", "Pace", "Pacer", "RateGate"]

_SHRINK = 0.9
_QUIET_SECONDS = 10.0
"""How long no 429 must have come before more is tried."""
_LONGEST_SHUT = 300.0
_LONGEST_QUEUE = 10.0
"""Seconds that a call waits for the platform's own limit; beyond, the caller is told at once."""
_FIRST_SHUT = 0.1
_COUNTED_BY_SECOND = 2.0
"""A Retry-After up to so many seconds is taken for a limit that is counted by the second."""
_REMEMBERED = 1000
"""Starts that are remembered; a faster pace than that many a second is not kept."""
_MARGIN = 1.05
"""How much longer than a second ours is: on its way a call loses or gains some time."""
_FEW = 5
"""Answers in a second that show what a platform bears; fewer may be somebody else's doing."""
_FORGOTTEN_SECONDS = 60.0
"""How long after the last 429 a learned pace holds."""


class Concurrency:
    """Calls at once: down by a tenth on each 429, up by one after a quiet time."""

    def __init__(self, most: int) -> None:
        self._most = float(most)
        self._limit = float(most)
        self._changed = float("-inf")

    @property
    def limit(self) -> int:
        """Return how many calls may be in flight now."""
        return int(self._limit)

    def limited(self, now: float) -> None:
        """Note a 429: as many as come at once, so many calls were too many."""
        self._limit = max(1.0, self._limit * _SHRINK)
        self._changed = now

    def succeeded(self, now: float) -> None:
        """Note a success."""
        if self._limit < self._most and now - self._changed >= _QUIET_SECONDS:
            self._limit = min(self._most, float(int(self._limit) + 1))
            self._changed = now


class Pace:
    """Calls a second: never more than configured, nor more than the platform has shown to bear."""

    def __init__(self, per_second: float | None) -> None:
        self._configured = per_second
        self._learned: float | None = None
        self._limited_at = 0.0
        self._raised_at = 0.0
        self._starts: deque[float] = deque(maxlen=_REMEMBERED)
        self._refused: deque[float] = deque(maxlen=_REMEMBERED)

    @property
    def per_second(self) -> float | None:
        """Return the pace that holds now; None: no limit."""
        known = [one for one in (self._configured, self._learned) if one is not None]
        return min(known, default=None)

    def wait(self, now: float) -> float:
        """Return the seconds until the next call may start."""
        rate = self.per_second
        if rate is None:
            return 0.0
        at_once = min(max(1, int(rate)), _REMEMBERED)
        if len(self._starts) < at_once:
            return 0.0
        return max(0.0, self._starts[-at_once] + _MARGIN * at_once / rate - now)

    def start(self, at: float) -> None:
        """Note that a call starts at that time: now, or after the wait that was told."""
        self._starts.append(at)

    def limited(self, now: float) -> None:
        """Note a 429 of a limit that is counted by the second."""
        self._refused.append(now)
        answered = _since(self._starts, now - 1.0) - _since(self._refused, now - 1.0)
        if answered >= _FEW:
            self._learned = _SHRINK * answered
        self._limited_at = self._raised_at = now

    def succeeded(self, now: float) -> None:
        """Note a success."""
        if self._learned is None or now - self._raised_at < _QUIET_SECONDS:
            return
        self._learned /= _SHRINK
        self._raised_at = now
        if now - self._limited_at >= _FORGOTTEN_SECONDS:
            self._learned = None


class RateGate:
    """No call before the time that the platform gave, or one of our own where it gave none."""

    def __init__(self) -> None:
        self._until = 0.0
        self._shut_at = float("-inf")
        self._row = 0

    def wait(self, now: float) -> float:
        """Return the seconds until calls may start again."""
        return max(0.0, self._until - now)

    def limited(self, now: float, started: float, retry_after: float | None) -> None:
        """Note a 429 to a call of that start; without a time given, each burst doubles ours."""
        if retry_after is None:
            if started < self._shut_at:
                return
            self._row += 1
            retry_after = _FIRST_SHUT * 2.0 ** min(self._row - 1, 16)
        self._shut_at = now
        self._until = max(self._until, now + min(retry_after, _LONGEST_SHUT))

    def succeeded(self) -> None:
        """Note a success."""
        self._row = 0


class Pacer:
    """The queue in front of one platform: first come, first served."""

    def __init__(self, pacing: Pacing, monotonic: Callable[[], float], waits: Waits) -> None:
        self._monotonic = monotonic
        self._waits = waits
        self.concurrency = Concurrency(pacing.concurrency)
        self.pace = Pace(pacing.calls_per_second)
        self.gate = RateGate()
        self._waiting: deque[asyncio.Future[None]] = deque()
        self.in_flight = 0

    async def enter(self, deadline: float) -> None:
        """Wait for a turn until `deadline` on the loop's clock; `leave` gives it back.

        Raises:
            PlatformTimeoutError: if the turn does not come in time.
            PlatformRateLimitedError: at once, if the platform's own limit lasts too long.
        """
        self._refuse_if_shut(deadline)
        await self._slot(deadline)
        try:
            await self._turn(deadline)
        except BaseException:
            self.leave()
            raise

    def leave(self) -> None:
        """Give the place back."""
        self.in_flight -= 1
        self._wake()

    def limited(self, started: float, retry_after: float | None) -> None:
        """Note a 429 to a call of that start."""
        now = self._monotonic()
        self.concurrency.limited(now)
        self.gate.limited(now, started, retry_after)
        if retry_after is not None and retry_after <= _COUNTED_BY_SECOND:
            self.pace.limited(now)

    def succeeded(self) -> None:
        """Note a success."""
        now = self._monotonic()
        self.concurrency.succeeded(now)
        self.pace.succeeded(now)
        self.gate.succeeded()

    async def _slot(self, deadline: float) -> None:
        if self.in_flight < self.concurrency.limit and not self._waiting:
            self.in_flight += 1
            return
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            with self._waits.told(WaitReason.QUEUE):
                async with asyncio.timeout_at(deadline):
                    await place
        except BaseException as error:
            self._give_up(place)
            if isinstance(error, TimeoutError):
                raise _no_turn() from None
            raise

    def _give_up(self, place: asyncio.Future[None]) -> None:
        if place.done() and not place.cancelled():
            self.leave()  # it was given in the very moment of leaving
        elif place in self._waiting:
            self._waiting.remove(place)

    def _wake(self) -> None:
        while self._waiting and self.in_flight < self.concurrency.limit:
            place = self._waiting.popleft()
            if not place.done():
                self.in_flight += 1
                place.set_result(None)

    async def _turn(self, deadline: float) -> None:
        await self._pass_gate(deadline)
        now = self._monotonic()
        wait = self.pace.wait(now)
        if wait > _remaining(deadline):
            raise _no_turn()
        self.pace.start(now + wait)
        if wait > 0.0:
            with self._waits.told(WaitReason.PACE, wait):
                await asyncio.sleep(wait)
            await self._pass_gate(deadline)

    async def _pass_gate(self, deadline: float) -> None:
        # It opens by time, not by an event, and may be shut for longer meanwhile.
        while (wait := self._refuse_if_shut(deadline)) > 0.0:
            with self._waits.told(WaitReason.RATE_LIMIT, wait):
                await asyncio.sleep(wait)

    def _refuse_if_shut(self, deadline: float) -> float:
        wait = self.gate.wait(self._monotonic())
        if wait > min(_remaining(deadline), _LONGEST_QUEUE):
            raise PlatformRateLimitedError(
                "rate limit not over yet",
                retry_after=wait,
                attempts=0,
                retry=Retry.NONE,
                trips=Trips.NOTHING,
                retryable=True,
            )
        return wait


def _remaining(deadline: float) -> float:
    return deadline - asyncio.get_running_loop().time()


def _no_turn() -> PlatformTimeoutError:
    return PlatformTimeoutError(
        "no turn in time",
        attempts=0,
        retry=Retry.NONE,
        trips=Trips.NOTHING,
        retryable=True,
    )


def _since(times: deque[float], start: float) -> int:
    return sum(1 for one in times if one >= start)
