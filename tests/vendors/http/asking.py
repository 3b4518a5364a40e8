"""Clients for the tests of the wire: short limits, no jitter, a clock that can be set."""

from __future__ import annotations

import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

import httpx
import msgspec

from vendors.http import Answer, Ask, Judge, VendorHttp, judge_by_status
from vendors.port import Wiring
from vendors.settings import Pacing, PlatformSettings

ASK = Ask(endpoint="thing list", path="things")
STEADY = Pacing(connect_seconds=10.0, read_seconds=10.0, call_seconds=30.0)


class Thing(msgspec.Struct):
    """What the tests ask for."""

    id: int


class NoJitter(Random):
    """Draws the lower end always: waits that are random are none."""

    def uniform(self, a: float, b: float) -> float:  # noqa: ARG002 (as inherited)
        return a


@dataclass(slots=True)
class Hands:
    """A clock whose hands are moved by the test."""

    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


@dataclass(frozen=True, slots=True)
class Noon:
    """A wall clock that stands."""

    instant: datetime = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.instant


def paced(**changes: float) -> Pacing:
    """Return limits that a busy machine keeps, but for those that the test is about."""
    return STEADY.model_copy(update=changes)


def settings(
    origin: str, pacing: Pacing = STEADY, *, ca_file: str | None = None
) -> PlatformSettings:
    return PlatformSettings(
        key="plat", vendor="any", base_url=origin, pacing=pacing, ca_file=ca_file
    )


@asynccontextmanager
async def client(
    origin: str,
    pacing: Pacing = STEADY,
    *,
    auth: httpx.Auth | None = None,
    judge: Judge = judge_by_status,
    monotonic: Callable[[], float] = time.monotonic,
    ca_file: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> AsyncIterator[VendorHttp]:
    """Open a client over real connections and close it."""
    http = VendorHttp(
        settings(origin, pacing, ca_file=ca_file),
        Wiring(),
        auth=auth,
        judge=judge,
        headers=headers or {},
        random=NoJitter(),
        monotonic=monotonic,
    )
    try:
        yield http
    finally:
        await http.aclose()


def canned(
    handler: Callable[[httpx.Request], httpx.Response],
    *,
    origin: str = "https://api.test/v1",
    auth: httpx.Auth | None = None,
    headers: Mapping[str, str] | None = None,
) -> VendorHttp:
    """Return a client whose answers are made by a function."""
    return VendorHttp(
        settings(origin),
        Wiring(clock=Noon(), transport=httpx.MockTransport(handler)),
        auth=auth,
        headers=headers or {},
        random=NoJitter(),
    )


def given(status: int = 200, body: bytes = b"{}", **headers: str) -> Answer:
    """Return an answer; `retry_after="1"` becomes a header."""
    fields = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Answer(status, httpx.Headers(fields), body, received=Noon().now())


def unused_origin() -> str:
    """Return the address of a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"
