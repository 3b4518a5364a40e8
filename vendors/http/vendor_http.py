"""The one way to a platform: every request to a vendor goes through a `VendorHttp`.

It keeps the promises that no vendor's code should have to think of: an answer is whole, bounded
and in time, or there is a PlatformError that says why; retries, the circuit, the gate of the
credential and the pace are those of the platform; each request is counted in the call's log.

    http = VendorHttp(settings, wiring, auth=KeyAuth(settings.api_key))
    listing = await http.fetch(Ask(endpoint="operator list", path="operator"), wire.Listing, call)

`judge` decides whether an answer is a success. A platform that tells of failures in an envelope
has its own, which falls back on `judge_by_status`. `fetch_unauthenticated` is for logins: without
the credential, ahead of the queue, noted as a credential's call.

Credentials and the headers given to the constructor go to the hosts that the settings name and to
no other.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from random import Random
from types import MappingProxyType
from typing import TypeVar, cast

import httpx
import msgspec

from vendors.calls import Call
from vendors.errors import (
    PlatformAuthError,
    PlatformCircuitOpenError,
    PlatformError,
    PlatformUnreachableError,
)
from vendors.http.decoding import decoded
from vendors.http.exchange import Exchange, Sending
from vendors.http.health import Health, HealthRecorder
from vendors.http.message import Answer, Ask, Judge
from vendors.http.request import Requests
from vendors.http.resilience import Resilience, Work
from vendors.http.status import date_header, judge_by_status
from vendors.http.transport import NoCookies, Transports, transports
from vendors.port import Probe, Wiring
from vendors.settings import PlatformSettings
from vendors.waits import Waits

__all__ = ["Answer", "Ask", "Judge", "VendorHttp", "judge_by_status"]

T = TypeVar("T")


class VendorHttp:
    """The HTTP client of one platform, for the life of the process."""

    def __init__(
        self,
        settings: PlatformSettings,
        wiring: Wiring,
        *,
        auth: httpx.Auth | None = None,
        judge: Judge = judge_by_status,
        headers: Mapping[str, str] = MappingProxyType({}),
        monotonic: Callable[[], float] = time.monotonic,
        random: Random | None = None,
    ) -> None:
        """Prepare; connections are opened when they are needed.

        `headers` go with every request, `auth` with all but the unauthenticated ones. `monotonic`
        and `random` drive the breakers, the pace and the waits between tries.
        """
        self._auth = auth
        self._judge = judge
        self._monotonic = monotonic
        self._clock = wiring.clock
        self._call_seconds = settings.pacing.call_seconds
        self._recorder = HealthRecorder(wiring.clock)
        self._resilience = Resilience(
            settings,
            self._answer,
            self._recorder,
            monotonic=monotonic,
            random=random or Random(),  # noqa: S311 (jitter, no secret)
            waits=Waits(settings.key, wiring.waits, time.monotonic),
        )
        self._requests = Requests(settings, headers)
        self._decoders: dict[object, msgspec.json.Decoder[object]] = {}
        self._client = self._opened(settings, wiring.transport)

    async def send(self, ask: Ask, call: Call) -> Answer:
        """Return a successful answer; raise PlatformError."""
        return await self._resilience.run(Work(ask, call, _judged(self._judge, _as_it_is)))

    async def fetch(self, ask: Ask, shape: type[T] | msgspec.json.Decoder[T], call: Call) -> T:
        """Return a successful answer's JSON in this shape; raise PlatformError."""
        result = _judged(self._judge, self._reader(shape))
        return await self._resilience.run(Work(ask, call, result))

    @asynccontextmanager
    async def stream(self, ask: Ask, call: Call) -> AsyncIterator[AsyncIterator[bytes]]:
        """Give the body of a successful answer as it comes, decompressed, to be read once.

        Until its first piece is there, all is as for `send`: the turn, the credential, the tries.
        From then on nothing is tried again; a PlatformError says that the rest will not come. The
        call keeps its place until the block is left, which closes the connection unless all was
        read. The pacing's `read_seconds` limit each wait for the platform, `body_bytes` the body,
        and `call_seconds` and the call's deadline the whole.
        """
        work = Work(ask, call, _judged(self._judge, _as_it_is))
        opened = await self._resilience.open(work)
        try:
            yield aiter(opened.stream)
        finally:
            await opened.aclose()

    async def send_unauthenticated(
        self, ask: Ask, call: Call | None, *, judge: Judge = judge_by_status
    ) -> Answer:
        """Return the answer to a request that leads to a credential, such as a login.

        It carries no credential, waits in no queue, and is noted as a credential's call.

        Raises:
            PlatformUnreachableError: if there is no connection.
            PlatformCircuitOpenError: if that has been so for a while.
            PlatformAuthError: for every other failure.
        """
        return await self._log_in(ask, call, judge, _as_it_is)

    async def fetch_unauthenticated(
        self,
        ask: Ask,
        shape: type[T] | msgspec.json.Decoder[T],
        call: Call | None,
        *,
        judge: Judge = judge_by_status,
    ) -> T:
        """Return such an answer's JSON in this shape; raise as `send_unauthenticated` does."""
        return await self._log_in(ask, call, judge, self._reader(shape))

    async def probe(self, ask: Ask, call: Call) -> Probe:
        """Ask once and return how long it took and how the clocks differ; raise PlatformError."""
        answer = await self.send(ask, call)
        theirs = date_header(answer.headers)
        skew = None
        if theirs is not None and answer.received is not None:
            # The date was written while the answer was under way: half way, as far as is known.
            skew = (theirs - answer.received).total_seconds() + answer.seconds / 2
        return Probe(
            seconds=answer.seconds, clock_skew_seconds=skew, detail=self._recorder.deprecation
        )

    @property
    def health(self) -> Health:
        """Return how the platform has fared lately."""
        now, seen = self._monotonic(), self._recorder
        guard, pacer = self._resilience.guard, self._resilience.pacer
        return Health(
            circuits=guard.circuits(now),
            credential=guard.credential(now),
            last_success_at=seen.last_success_at,
            last_failure_at=seen.last_failure_at,
            last_failure_code=seen.last_failure_code,
            median_seconds=seen.median_seconds,
            rate_limit=seen.rate_limit,
            in_flight=pacer.in_flight,
            deprecation=seen.deprecation,
        )

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    def _opened(
        self, settings: PlatformSettings, transport: httpx.AsyncBaseTransport | None
    ) -> httpx.AsyncClient:
        ways = transports(settings) if transport is None else Transports(transport, transport)
        return httpx.AsyncClient(
            transport=Exchange(
                ways,
                self._recorder,
                self._monotonic,
                most_bytes=settings.pacing.body_bytes,
                read_seconds=settings.pacing.read_seconds,
            ),
            cookies=NoCookies(),
            follow_redirects=False,
            trust_env=False,
        )

    def _reader(self, shape: type[T] | msgspec.json.Decoder[T]) -> Callable[[Answer], T]:
        if isinstance(shape, msgspec.json.Decoder):
            decoder = shape
        elif found := self._decoders.get(shape):
            decoder = cast("msgspec.json.Decoder[T]", found)
        else:
            decoder = msgspec.json.Decoder(shape)
            self._decoders[shape] = cast("msgspec.json.Decoder[object]", decoder)
        return lambda answer: decoded(answer, decoder)

    async def _log_in(
        self, ask: Ask, call: Call | None, judge: Judge, read: Callable[[Answer], T]
    ) -> T:
        call = call or Call.within(self._call_seconds)
        result = _judged(judge, read)
        try:
            return await self._resilience.run(Work(ask, call, result, authenticated=False))
        except (PlatformUnreachableError, PlatformCircuitOpenError):
            raise
        except PlatformError as error:
            self._resilience.guard.credential_failed(self._monotonic())
            raise _no_credential(error) from error

    async def _answer(self, ask: Ask, sending: Sending) -> Answer:
        request = self._requests.build(ask, sending)
        auth = None if sending.credential else self._auth
        # The body was read by then, within bounds: nothing is left to stream.
        response = await self._client.send(request, auth=auth, stream=True)
        return Answer(
            response.status_code,
            response.headers,
            sending.body,
            sending.seconds,
            self._clock.now(),
        )


def _as_it_is(answer: Answer) -> Answer:
    return answer


def _judged(judge: Judge, read: Callable[[Answer], T]) -> Callable[[Answer], T]:
    def result(answer: Answer) -> T:
        judge(answer)
        return read(answer)

    return result


def _no_credential(error: PlatformError) -> PlatformError:
    return PlatformAuthError(
        f"no credential: {error}",
        platform=error.platform,
        operation=error.operation,
        retry_after=error.retry_after,
        attempts=error.attempts,
    )
