"""One call, from its first try to its last.

Around each try: the breakers and the queue in front, the time limit around, and behind it the
accounts of what happened, from which the next try and the next call are decided.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Generic, TypeVar

from vendors.calls import Call
from vendors.errors import (
    PlatformAuthError,
    PlatformError,
    PlatformNotFoundError,
    PlatformRejectedError,
    PlatformTimeoutError,
    PlatformUnreachableError,
    Retry,
    Trips,
)
from vendors.http.circuit import Guard, Permit
from vendors.http.exchange import Sending
from vendors.http.health import HealthRecorder
from vendors.http.message import Answer, Ask
from vendors.http.pacing import Pacer
from vendors.http.retrying import Retries, RetryBudget
from vendors.settings import PlatformSettings

__all__ = ["Resilience", "Work"]

T = TypeVar("T")

_LOG = logging.getLogger("switchboard.vendors")
_LEVELS: Mapping[type[PlatformError], int] = {
    # Our bug, or somebody's wrong setting: no later call will mend it.
    PlatformRejectedError: logging.ERROR,
    PlatformNotFoundError: logging.DEBUG,
}

_CREDENTIAL_GROUP = "credential"
_PATIENCE = 1.0
"""Seconds that a platform had at least before a caller's short deadline counts against it."""


@dataclass(frozen=True, slots=True)
class Work(Generic[T]):
    """What is to be done: ask, and make a result of the answer or raise a PlatformError."""

    ask: Ask
    call: Call
    result: Callable[[Answer], T]
    authenticated: bool = True
    """False for what leads to a credential: it waits in no queue, since those who hold the places
    wait for it."""

    @property
    def group(self) -> str:
        """Return the group of endpoints whose circuit it belongs to."""
        return self.ask.group if self.authenticated else _CREDENTIAL_GROUP


class Resilience:
    """The policies of one platform's client."""

    def __init__(
        self,
        settings: PlatformSettings,
        answer: Callable[[Ask, Sending], Awaitable[Answer]],
        recorder: HealthRecorder,
        *,
        monotonic: Callable[[], float],
        random: Random,
    ) -> None:
        """Ask by `answer`, which raises PlatformError where no whole answer comes."""
        self._key = settings.key
        self._pacing = settings.pacing
        self._answer = answer
        self._recorder = recorder
        self._monotonic = monotonic
        self._random = random
        self._budget = RetryBudget()
        self.guard = Guard(random)
        self.pacer = Pacer(settings.pacing, monotonic)

    async def run(self, work: Work[T]) -> T:
        """Try until there is a result or no further try; raise the last PlatformError."""
        attempts = self._pacing.attempts if work.ask.idempotent else 1
        retries = Retries(self._budget, self._random, attempts=attempts)
        async for attempt in retries.loop():
            with attempt:
                sending = Sending(
                    platform=self._key,
                    endpoint=work.ask.endpoint,
                    call=work.call,
                    credential=not work.authenticated,
                    attempt=attempt.num,
                    fresh=retries.fresh,
                )
                return await self._attributed(work, sending, retries)
        raise AssertionError("the loop ends with a result or an error")

    async def _attributed(self, work: Work[T], sending: Sending, retries: Retries) -> T:
        """Try once; an error says where, in which operation and after how many tries."""
        try:
            return await self._in_turn(work, sending, retries)
        except PlatformError as error:
            error.platform = error.platform or self._key
            error.operation = error.operation or work.ask.endpoint
            # Zero says that nothing was sent this time.
            error.attempts = sending.attempt if error.attempts else sending.attempt - 1
            raise

    async def _in_turn(self, work: Work[T], sending: Sending, retries: Retries) -> T:
        if work.call.remaining <= 0.0:
            raise PlatformTimeoutError(
                "no time left", attempts=0, retry=Retry.NONE, trips=Trips.NOTHING
            )
        # Asked before the queue, too: what is refused anyway need not wait.
        self.guard.check(work.group, self._monotonic(), credential=work.authenticated)
        if not work.authenticated:
            return await self._permitted(work, sending, retries)
        await self.pacer.enter(work.call.deadline)
        try:
            return await self._permitted(work, sending, retries)
        finally:
            self.pacer.leave()

    async def _permitted(self, work: Work[T], sending: Sending, retries: Retries) -> T:
        sending.started = now = self._monotonic()
        permit = self.guard.permit(work.group, now, credential=work.authenticated)
        try:
            result = work.result(await self._in_time(work, sending))
        except PlatformError as error:
            self._failed(error, permit, work, sending, retries)
            raise
        except BaseException:
            permit.released()
            raise
        self._succeeded(permit, sending)
        return result

    async def _in_time(self, work: Work[T], sending: Sending) -> Answer:
        now = asyncio.get_running_loop().time()
        ends = now + (work.ask.call_seconds or self._pacing.call_seconds)
        try:
            async with asyncio.timeout_at(min(ends, work.call.deadline)):
                return await self._answer(work.ask, sending)
        except TimeoutError:
            raise self._too_late(sending, by_caller=work.call.deadline < ends) from None

    def _too_late(self, sending: Sending, *, by_caller: bool) -> PlatformError:
        if sending.authenticating:
            return PlatformAuthError("no token in time", trips=Trips.NOTHING)
        hurried = by_caller and self._monotonic() - sending.started < self._patience
        return PlatformTimeoutError(
            "not done in time", retry=Retry.NONE, trips=Trips.NOTHING if hurried else None
        )

    @property
    def _patience(self) -> float:
        """Return the seconds after which a late answer is the platform's fault, not the caller's.

        Else one caller with short deadlines could open the circuit for everybody.
        """
        usual = 2.0 * (self._recorder.median_seconds or 0.0)
        return min(self._pacing.read_seconds, self._pacing.call_seconds, max(_PATIENCE, usual))

    def _succeeded(self, permit: Permit, sending: Sending) -> None:
        permit.succeeded(self._monotonic())
        self._budget.succeeded()
        self._recorder.succeeded(sending.seconds)
        if not sending.credential:
            self.pacer.succeeded()
        if _LOG.isEnabledFor(logging.DEBUG):
            self._log(logging.DEBUG, sending, None)

    def _failed(
        self,
        error: PlatformError,
        permit: Permit,
        work: Work[T],
        sending: Sending,
        retries: Retries,
    ) -> None:
        median = self._recorder.median_seconds or 0.0
        retries.decide(error, work.call.remaining, median)
        if permit.failed(error, self._monotonic(), refusals=sending.refusals):
            retries.drop()
            _LOG.warning("platform=%s group=%r opened", self._key, work.group)
        if error.trips_as is Trips.RATE and not sending.credential:
            self.pacer.limited(sending.started, error.retry_after)
        self._recorder.failed(error.code)
        self._log(_level(error), sending, error)

    def _log(self, level: int, sending: Sending, error: PlatformError | None) -> None:
        """Write one line, which holds no address and nothing that a platform said."""
        _LOG.log(
            level,
            "platform=%s endpoint=%r status=%s seconds=%.3f attempt=%d code=%s why=%r request=%r",
            sending.platform,
            sending.endpoint,
            sending.status,
            sending.seconds,
            sending.attempt,
            "OK" if error is None else error.code,
            "" if error is None else str(error),
            sending.call.request_id,
        )


def _level(error: PlatformError) -> int:
    # What cannot connect and need not try again is a certificate: somebody must look at it.
    if isinstance(error, PlatformUnreachableError) and error.retry_as is Retry.NONE:
        return logging.ERROR
    return _LEVELS.get(type(error), logging.WARNING)
