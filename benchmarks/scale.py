"""What the largest questions cost in this process, with nothing to wait for.

90 days of hours, ten indicators, four platforms: answered from the warm cache, and taken apart
into planning, reading, evaluating and combining, beside building and encoding as many points as
plain JSON. Then a report over 2,000 agents, and two years of hours that are refused. All in one
run, since times of two runs are those of two machines; peaks of memory are of another pass.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import time
import tracemalloc
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import TypeVar

import msgspec

from benchmarks.invented import INDICATORS, agents, platform
from gateway.background import BackgroundTasks
from gateway.cache import BoundedBackend, MemoryCache
from gateway.execution import compiled_execution
from gateway.security.sealing import SivSealer
from resolvers.combining import combined
from resolvers.context import Limits, Principal, RequestContext, Scope, Services
from resolvers.indicators import measure
from resolvers.planner.answer import series_of
from resolvers.planner.fetch import Fetcher, Outcome, Sharing
from resolvers.planner.plan import RequestPlan, plan_request
from resolvers.planner.request import MeasureRequest
from resolvers.planner.series import Series
from schema import build_schema
from vendors.calls import Call
from vendors.clock import SystemClock
from vendors.errors import TooComplexError
from vendors.measures import Dimension, Grain
from vendors.port import Platform

T = TypeVar("T")

PLATFORMS = ("one", "two", "three", "four")
AGENTS = 2_000
_CACHE_BYTES = 512 * 1024 * 1024
_MEGABYTE = 1024 * 1024
_SECONDS = 60.0


def main() -> None:
    """Print what each question costs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each part is timed")
    asyncio.run(_bench(parser.parse_args().rounds))


async def _bench(rounds: int) -> None:
    await _hours(rounds)
    await _report(rounds)
    await _too_complex(rounds)


def _services(platforms: dict[str, Platform], cache: MemoryCache, limits: Limits) -> Services:
    return Services(
        platforms=platforms,
        clock=SystemClock(),
        cache=cache,
        background=BackgroundTasks(),
        sealer=SivSealer("a secret that seals what a benchmark keeps"),
        limits=limits,
    )


def _context(services: Services) -> RequestContext:
    principal = Principal("benchmark", frozenset(Scope))
    return RequestContext(services, principal, Call.within(_SECONDS))


def _asked(days: int, grain: Grain, items: tuple[str, ...] = INDICATORS) -> MeasureRequest:
    end = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return MeasureRequest(
        items=items, start=end - timedelta(days=days), end=end, zone="UTC", grain=grain
    )


async def _hours(rounds: int) -> None:
    cache = MemoryCache(BoundedBackend(_CACHE_BYTES))
    services = _services({key: platform(key) for key in PLATFORMS}, cache, Limits())
    request = _asked(90, Grain.HOUR)

    async def ask() -> list[Series]:
        context = _context(services)
        answer = await measure(context, request, list(services.platforms.values()))
        return [*answer.series, *combined(answer.series)]

    series = await _timed("cold, into the cache", ask, 1)
    points = sum(len(one.buckets) for one in series if one.platform)
    print(f"{'points of the platforms':<44}{points:>10}")
    print(f"{'bytes in the cache':<44}{cache.counts.size:>10}")
    await _timed("warm: the whole answer", ask, rounds)
    await _timed("warm, the collector off", _without_collector(ask), rounds)
    await _parts(services, request, rounds)
    await _timed("points of every series, as objects", _points_of(series), rounds)
    await _timed("build and encode as many points as JSON", _plain(series), rounds)
    await _timed("GraphQL, compiled: the whole answer", _document(services, request), rounds)
    await _peak("warm: the whole answer", ask)


@dataclass(slots=True)
class _Part:
    fetcher: Fetcher
    plan: RequestPlan
    outcome: Outcome


async def _parts(services: Services, request: MeasureRequest, rounds: int) -> None:
    """Time the steps of the warm answer one by one."""
    now = services.clock.now()
    parts: list[_Part] = []

    def fetcher(one: Platform, context: RequestContext) -> Fetcher:
        if one.measures is None:
            raise RuntimeError(one.key)
        return Fetcher(
            one,
            one.measures,
            store=context.series,
            sharing=Sharing(services.flights),
            clock=services.clock,
            background=services.background,
        )

    async def plan() -> list[_Part]:
        context = _context(services)
        made = [fetcher(one, context) for one in services.platforms.values()]
        return [
            _Part(
                one,
                plan_request(request, one.platform.key, "", one.tables, {}, now=now),
                Outcome(),
            )
            for one in made
        ]

    async def read() -> list[_Part]:
        read = []
        for part in await plan():
            wanted = part.plan.wanted(now)
            await part.fetcher.recall(wanted, now)
            missing = part.fetcher.missing(wanted)
            outcome = await part.fetcher.complete(missing, Call.within(_SECONDS))
            read.append(replace(part, outcome=outcome))
        return read

    async def evaluate() -> list[Series]:
        return [
            one
            for part in parts
            for one in series_of(part.plan, part.outcome, part.fetcher.tables, {}, now)
        ]

    async def combine() -> list[Series]:
        return combined(series)

    await _timed("  planning", plan, rounds)
    parts = await _timed("  planning and reading", read, rounds)
    series = await _timed("  evaluating", evaluate, rounds)
    await _timed("  combining", combine, rounds)


def _plain(series: list[Series]) -> Callable[[], Awaitable[bytes]]:
    async def encode() -> bytes:
        return msgspec.json.encode(
            [
                {
                    "item": one.item,
                    "points": [
                        {"start": start, "end": end, "value": amount.value, "final": final}
                        for (start, end), amount, final in zip(
                            one.buckets, one.amounts, one.final, strict=True
                        )
                    ],
                }
                for one in series
            ]
        )

    return encode


def _points_of(series: list[Series]) -> Callable[[], Awaitable[int]]:
    async def count() -> int:
        return sum(len(one.points) for one in series)

    return count


def _document(services: Services, request: MeasureRequest) -> Callable[[], Awaitable[None]]:
    schema = build_schema([compiled_execution(most_fields=1000, from_use=1)])
    document = (
        f"{{ indicators(keys: [{', '.join(request.items)}], granularity: HOUR, combined: true, "
        f'timeZone: "UTC", period: {{between: {{from: "{request.start.isoformat()}", '
        f'to: "{request.end.isoformat()}"}}}}) {{ series {{ key value '
        "points { start end value final } } } }"
    )

    async def execute() -> None:
        result = await schema.execute(document, context_value=_context(services))
        if result.errors:
            raise RuntimeError(str(result.errors[0]))

    return execute


async def _report(rounds: int) -> None:
    team = agents(AGENTS)
    cache = MemoryCache(BoundedBackend(_CACHE_BYTES))
    services = _services({key: platform(key, team) for key in PLATFORMS}, cache, Limits())
    request = msgspec.structs.replace(_asked(30, Grain.TOTAL), group_by=(Dimension.AGENT,))

    async def ask() -> int:
        context = _context(services)
        answer = await measure(context, request, list(services.platforms.values()))
        return len(answer.series)

    print(f"\n{AGENTS} agents on each platform, {len(INDICATORS)} indicators")
    await _timed("cold, into the cache", ask, 1)
    print(f"{'bytes in the cache':<44}{cache.counts.size:>10}")
    await _timed("warm: the whole answer", ask, rounds)
    await _peak("warm: the whole answer", ask)


async def _too_complex(rounds: int) -> None:
    cache = MemoryCache(BoundedBackend(_CACHE_BYTES))
    services = _services(
        {key: platform(key) for key in PLATFORMS}, cache, Limits(most_calls=1, most_points=10**9)
    )
    request = _asked(730, Grain.HOUR)

    async def ask() -> None:
        try:
            await measure(_context(services), request, list(services.platforms.values()))
        except TooComplexError:
            return
        message = "it was not refused"
        raise RuntimeError(message)

    print(f"\ntwo years of hours, {len(INDICATORS)} indicators, refused")
    await _timed("until it is refused", ask, rounds)


def _without_collector(ask: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[object]]:
    async def frozen() -> object:
        gc.disable()
        try:
            return await ask()
        finally:
            gc.enable()

    return frozen


async def _timed(name: str, ask: Callable[[], Awaitable[T]], rounds: int) -> T:
    """Print the median of the milliseconds that it takes; return what the last round returned."""
    seconds: list[float] = []
    while True:
        gc.collect()
        begun = time.perf_counter()
        answer = await ask()
        seconds.append(time.perf_counter() - begun)
        if len(seconds) >= rounds:
            break
    print(f"{name + ', ms':<44}{median(seconds) * 1000:>10.1f}")
    return answer


async def _peak(name: str, ask: Callable[[], Awaitable[object]]) -> None:
    """Print how much memory the answer takes at its peak, beside what was there."""
    gc.collect()
    tracemalloc.start()
    answer = await ask()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    del answer
    print(f"{name + ', peak MB':<44}{peak / _MEGABYTE:>10.1f}")


if __name__ == "__main__":
    main()
