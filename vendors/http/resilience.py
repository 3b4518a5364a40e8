"""One call, from its first try to its last.

Around each try: the breakers and the queue in front, the time limit around, and behind it the
accounts of what happened, from which the next try and the next call are decided.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from random import Random
from typing import Generic, TypeAlias, TypeVar

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
from vendors.http.streaming import Stream
from vendors.settings import PlatformSettings
from vendors.waits import WaitReason, Waits

__all__ = ["Opened", "Resilience", "Work"]

T = TypeVar("T")
R = TypeVar("R")

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


_Once: TypeAlias = Callable[[Work[T], Sending, Retries], Awaitable[R]]


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
        waits: Waits,
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
        self._waits = waits
        self.pacer = Pacer(settings.pacing, monotonic, waits)

    async def run(self, work: Work[T]) -> T:
        """Try until there is a result or no further try; raise the last PlatformError."""
        return await self._until_done(work, self._in_turn)

    async def open(self, work: Work[T]) -> Opened:
        """Try so until the body of a success has begun; it keeps its place until it is closed."""
        return await self._until_done(work, self._opened)

    async def _until_done(self, work: Work[T], once: _Once[T, R]) -> R:
        attempts = self._pacing.attempts if work.ask.idempotent else 1
        retries = Retries(self._budget, self._random, attempts=attempts)
        with ExitStack() as between:
            async for attempt in retries.loop():
                between.close()
                with attempt:
                    sending = self._sending(work, attempt.num, fresh=retries.fresh)
                    try:
                        return await once(work, sending, retries)
                    except PlatformError as error:
                        self.attribute(error, sending)
                        if retries.wait:
                            between.enter_context(self._waits.told(_why(error), retries.wait))
                        raise
        raise AssertionError("the loop ends with a result or an error")

    def _sending(self, work: Work[T], attempt: int, *, fresh: bool) -> Sending:
        return Sending(
            platform=self._key,
            endpoint=work.ask.endpoint,
            call=work.call,
            credential=not work.authenticated,
            attempt=attempt,
            fresh=fresh,
        )

    def attribute(self, error: PlatformError, sending: Sending) -> None:
        """Let an error say where it was, in which operation and after how many tries."""
        error.platform = error.platform or self._key
        error.operation = error.operation or sending.endpoint
        # Zero says that nothing was sent this time.
        error.attempts = sending.attempt if error.attempts else sending.attempt - 1

    def _check(self, work: Work[T]) -> None:
        if work.call.remaining <= 0.0:
            raise PlatformTimeoutError(
                "no time left", attempts=0, retry=Retry.NONE, trips=Trips.NOTHING
            )
        # Asked before the queue, too: what is refused anyway need not wait.
        self.guard.check(work.group, self._monotonic(), credential=work.authenticated)

    async def _in_turn(self, work: Work[T], sending: Sending, retries: Retries) -> T:
        self._check(work)
        if not work.authenticated:
            return await self._permitted(work, sending, retries)
        await self.pacer.enter(work.call.deadline)
        try:
            return await self._permitted(work, sending, retries)
        finally:
            self.pacer.leave()

    async def _opened(self, work: Work[T], sending: Sending, retries: Retries) -> Opened:
        self._check(work)
        sending.streams = True
        await self.pacer.enter(work.call.deadline)
        try:
            permit, _ = await self._judged(work, sending, retries)
        except BaseException:
            try:
                if sending.stream is not None:
                    await sending.stream.aclose()
            finally:
                self.pacer.leave()
            raise
        assert sending.stream is not None  # noqa: S101 (a success has one)
        ends = asyncio.get_running_loop().time() + self._longest(work.ask)
        sending.stream.deadline = min(work.call.deadline, ends)
        return Opened(self, work.group, sending, permit)

    async def _permitted(self, work: Work[T], sending: Sending, retries: Retries) -> T:
        permit, result = await self._judged(work, sending, retries)
        self.succeeded(permit, sending)
        return result

    async def _judged(self, work: Work[T], sending: Sending, retries: Retries) -> tuple[Permit, T]:
        """Return the result and the permit, whose outcome is still to be told if it is one."""
        sending.started = now = self._monotonic()
        permit = self.guard.permit(work.group, now, credential=work.authenticated)
        try:
            result = work.result(await self._in_time(work, sending))
        except PlatformError as error:
            retries.decide(error, work.call.remaining, self._recorder.median_seconds or 0.0)
            if self.failed(error, permit, sending, work.group):
                retries.drop()
            raise
        except BaseException:
            permit.released()
            raise
        return permit, result

    async def _in_time(self, work: Work[T], sending: Sending) -> Answer:
        ends = asyncio.get_running_loop().time() + self._longest(work.ask)
        try:
            with self._waits.told(WaitReason.ANSWER):
                async with asyncio.timeout_at(min(ends, work.call.deadline)):
                    return await self._answer(work.ask, sending)
        except TimeoutError:
            raise self._too_late(sending, by_caller=work.call.deadline < ends) from None

    def _longest(self, ask: Ask) -> float:
        return ask.call_seconds or self._pacing.call_seconds

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

    def succeeded(self, permit: Permit, sending: Sending) -> None:
        """Note that a call did what it was made for."""
        permit.succeeded(self._monotonic())
        self._budget.succeeded()
        self._recorder.succeeded(sending.seconds)
        if not sending.credential:
            self.pacer.succeeded()
        if _LOG.isEnabledFor(logging.DEBUG):
            self._log(logging.DEBUG, sending, None)

    def failed(self, error: PlatformError, permit: Permit, sending: Sending, group: str) -> bool:
        """Note that it did not, and return whether that shut something."""
        opened = permit.failed(error, self._monotonic(), refusals=sending.refusals)
        if opened:
            _LOG.warning("platform=%s group=%r opened", self._key, group)
        if error.trips_as is Trips.RATE and not sending.credential:
            self.pacer.limited(sending.started, error.retry_after)
        self._recorder.failed(error.code)
        self._log(_level(error), sending, error)
        return opened

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


@dataclass(frozen=True, slots=True)
class Opened:
    """A call that has begun to bring what was asked for, and lasts until it is closed."""

    resilience: Resilience
    group: str
    sending: Sending
    permit: Permit

    @property
    def stream(self) -> Stream:
        """Return what it brings."""
        assert self.sending.stream is not None  # noqa: S101 (it was opened)
        return self.sending.stream

    async def aclose(self) -> None:
        """Give back its place, and note how it went: well, badly, or given up."""
        try:
            await self.stream.aclose()
        finally:
            self._conclude(self.stream.error, whole=self.stream.whole)
            self.resilience.pacer.leave()

    def _conclude(self, error: PlatformError | None, *, whole: bool) -> None:
        if error is not None:
            self.resilience.attribute(error, self.sending)
            self.resilience.failed(error, self.permit, self.sending, self.group)
        elif whole:
            self.resilience.succeeded(self.permit, self.sending)
        else:
            self.permit.released()


def _why(error: PlatformError) -> WaitReason:
    """Return for what the next try waits after this failure."""
    asked = error.retry_as is Retry.WAIT and error.retry_after
    return WaitReason.RETRY_AFTER if asked else WaitReason.BACKOFF


def _level(error: PlatformError) -> int:
    # What cannot connect and need not try again is a certificate: somebody must look at it.
    if isinstance(error, PlatformUnreachableError) and error.retry_as is Retry.NONE:
        return logging.ERROR
    return _LEVELS.get(type(error), logging.WARNING)
