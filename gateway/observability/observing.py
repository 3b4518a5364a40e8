"""Sees what the process does as it does it: calls to platforms, and what the cache is asked.

What is seen is told to observers, which count it; nothing is changed or held up.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import wraps
from inspect import iscoroutinefunction, ismethod
from typing import Any, Protocol

from resolvers.context import Services
from resolvers.keys import tier_of
from resolvers.ports import Cache
from vendors.calls import Call, CallLog, CallRecord
from vendors.errors import CallerError, PlatformError
from vendors.port import Platform

__all__ = ["Observer", "observed"]

_PORTS = tuple(one.name for one in fields(Platform) if one.default is None and one.name != "health")
"""The fields of a platform that hold what it can do."""
_NO_TIER = "other"
_OK, _CANCELLED, _BUG = "OK", "CANCELLED", "INTERNAL_SERVER_ERROR"


class Observer(Protocol):
    """Is told what happens."""

    def called(self, record: CallRecord) -> None:
        """Note one request that was sent to a platform."""
        ...

    def asked(self, platform: str, port: str, outcome: str, seconds: float) -> None:
        """Note that one of its ports was asked: the outcome is OK or a code of `vendors.errors`.

        The seconds are those of all its calls, of the waits between them and for a turn.
        """
        ...

    def looked_up(self, tier: str, hits: int, misses: int) -> None:
        """Note what a tier of the cache was asked for, and what of it was there."""
        ...

    def kept(self, tier: str, entries: int) -> None:
        """Note what was written into a tier of the cache."""
        ...


def observed(services: Services, observers: Sequence[Observer]) -> Services:
    """Return the same services, seen by these observers."""
    platforms = {key: _platform(one, observers) for key, one in services.platforms.items()}
    return replace(services, platforms=platforms, cache=_Cache(services.cache, observers))


def _platform(platform: Platform, observers: Sequence[Observer]) -> Platform:
    there = {name: getattr(platform, name) for name in _PORTS}
    ports: dict[str, Any] = {
        name: _Port(port, platform.key, name, observers)
        for name, port in there.items()
        if port is not None
    }
    return replace(platform, **ports)


@dataclass(slots=True, kw_only=True)
class _Log(CallLog):
    """Tells of the calls, and notes them where they belong."""

    observers: Sequence[Observer]

    def add(self, record: CallRecord) -> None:
        for one in self.observers:
            one.called(record)
        if self.whole is not None:
            self.whole.add(record)


class _Port:
    """A port of a platform, as it is, but that its calls are seen."""

    def __init__(
        self, port: object, platform: str, name: str, observers: Sequence[Observer]
    ) -> None:
        self._port = port
        self._platform = platform
        self._name = name
        self._observers = observers

    def __getattr__(self, name: str) -> object:
        value = getattr(self._port, name)
        if not ismethod(value):
            return value
        seen = self._timed(value) if iscoroutinefunction(value) else self._passed(value)
        # Found there from now on, without coming here.
        self.__dict__[name] = seen
        return seen

    def _timed(self, method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        @wraps(method)
        async def timed(*given: object, **named: object) -> object:
            began, outcome = time.perf_counter(), _BUG
            try:
                result = await method(*map(self._seen, given), **self._all_seen(named))
                outcome = _OK
            except (PlatformError, CallerError) as error:
                outcome = error.code
                raise
            except asyncio.CancelledError:
                outcome = _CANCELLED
                raise
            finally:
                seconds = time.perf_counter() - began
                for one in self._observers:
                    one.asked(self._platform, self._name, outcome, seconds)
            return result

        return timed

    def _passed(self, method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def passed(*given: object, **named: object) -> object:
            return method(*map(self._seen, given), **self._all_seen(named))

        return passed

    def _seen(self, argument: object) -> object:
        if not isinstance(argument, Call):
            return argument
        log = _Log(argument.log, observers=self._observers)
        return Call(argument.deadline, log, argument.request_id)

    def _all_seen(self, named: Mapping[str, object]) -> Mapping[str, Any]:
        return {name: self._seen(value) for name, value in named.items()}


@dataclass(slots=True)
class _Cache:
    """A cache as it is, but that its work is seen. Keys that come together are of one tier."""

    cache: Cache
    observers: Sequence[Observer]

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        found = await self.cache.get_many(keys)
        if keys:
            tier, misses = _tier(keys[0]), found.count(None)
            for one in self.observers:
                one.looked_up(tier, len(found) - misses, misses)
        return found

    async def set_many(self, entries: Mapping[str, bytes], ttl: float) -> None:
        await self.cache.set_many(entries, ttl)
        if entries:
            tier = _tier(next(iter(entries)))
            for one in self.observers:
                one.kept(tier, len(entries))

    async def delete_many(self, keys: Sequence[str]) -> None:
        await self.cache.delete_many(keys)


def _tier(key: str) -> str:
    """Return the tier that a key names; one that names none could be anything a caller sent."""
    return tier_of(key) if ":" in key else _NO_TIER
