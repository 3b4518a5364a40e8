"""Hand-written stand-ins for what the resolvers are given: a clock, a store, platforms."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from resolvers.context import Lifetimes, Limits, Principal, RequestContext, Scope, Services
from vendors.calls import Call
from vendors.port import Platform, Probe

__all__ = [
    "EVERYTHING",
    "NOW",
    "FakeCache",
    "FakeClock",
    "PlainSealer",
    "Tasks",
    "context_of",
    "platform_of",
]

NOW = datetime(2026, 3, 18, 10, 30, tzinfo=UTC)
EVERYTHING = Principal("tests", frozenset(Scope))


class FakeClock:
    """Tells the time that it is told."""

    def __init__(self, now: datetime = NOW) -> None:
        self.moment = now

    def now(self) -> datetime:
        return self.moment

    def pass_(self, **span: float) -> None:
        self.moment += timedelta(**span)


class FakeCache:
    """A dictionary that forgets by the fake clock."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.entries: dict[str, tuple[datetime, bytes]] = {}

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        return [self._alive(key) for key in keys]

    async def set_many(self, entries: Mapping[str, bytes], ttl: float) -> None:
        until = self._clock.now() + timedelta(seconds=ttl)
        self.entries.update({key: (until, value) for key, value in entries.items()})

    async def delete_many(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.entries.pop(key, None)

    def _alive(self, key: str) -> bytes | None:
        until, value = self.entries.get(key, (None, None))
        return value if until is not None and until > self._clock.now() else None


class Tasks:
    """Runs work behind the answers, and waits for it when a test wants to see it done."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[Any]] = []

    def start(self, work: Coroutine[Any, Any, Any]) -> None:
        self._tasks.append(asyncio.get_running_loop().create_task(work))

    async def done(self) -> None:
        await asyncio.gather(*self._tasks, return_exceptions=True)


class PlainSealer:
    """Seals nothing: tokens can be read by anybody, which is what a test wants."""

    def seal(self, purpose: str, content: bytes) -> str:
        return f"{purpose}:{content.hex()}"

    def unseal(self, purpose: str, token: str) -> bytes | None:
        head, colon, body = token.partition(":")
        try:
            return bytes.fromhex(body) if head == purpose and colon else None
        except ValueError:
            return None


def platform_of(key: str, vendor: str = "fake", **ports: Any) -> Platform:  # noqa: ANN401 - any of the ports
    """Return a platform with these ports, and none else."""

    async def probe(_call: Call) -> Probe:
        return Probe(seconds=0.0)

    async def close() -> None:
        return None

    return Platform(
        key=key,
        title=key.title(),
        vendor=vendor,
        vendor_title=vendor.title(),
        time_zone="UTC",
        credential=f"credential of {key}",
        probe=probe,
        close=close,
        **ports,
    )


def context_of(
    *platforms: Platform,
    clock: FakeClock | None = None,
    cache: FakeCache | None = None,
    tasks: Tasks | None = None,
    principal: Principal = EVERYTHING,
    limits: Limits | None = None,
    seconds: float = 30.0,
) -> RequestContext:
    """Return the context of a new operation over these platforms."""
    told = clock or FakeClock()
    services = Services(
        platforms={platform.key: platform for platform in platforms},
        clock=told,
        cache=cache or FakeCache(told),
        background=tasks or Tasks(),
        sealer=PlainSealer(),
        limits=limits or Limits(),
        lifetimes=Lifetimes(),
    )
    return RequestContext(services, principal, Call.within(seconds))
