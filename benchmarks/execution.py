"""Times answering by compiled code beside graphql-core, over records that are there already.

Each question is parsed, validated and compiled once, which the line below it includes; what is
timed is `Schema.execute` and the encoding of its answer. By hand is what it takes to build the
points in one expression and to encode them. Only the ratios of one run mean something: the times
move with whatever else the machine does.
"""

import argparse
import asyncio
import gc
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import orjson
import strawberry
from strawberry.extensions import ParserCache, SchemaExtension, ValidationCache
from strawberry.schema.config import StrawberryConfig

import schema.enums  # noqa: F401 - the enums must be known before a type refers to them
from gateway.execution import compiled_execution
from schema.scalars import DATE_TIME
from vendors.measures import Unit

__all__ = ["DATA", "POINTS", "SMALL", "schemas"]

POINTS = "{ indicators { series { points { start end value final } } } }"
SMALL = """{
  indicators {
    period { start end timeZone }
    series { key unit currency value note platforms }
    sources { platform }
  }
}"""
_FIRST = datetime(2026, 1, 1, tzinfo=UTC)
_SERIES = 12


@dataclass(frozen=True, slots=True)
class _Point:
    start: datetime
    end: datetime
    value: float | None
    final: bool


@dataclass(frozen=True)
class _Period:
    start: datetime
    end: datetime
    time_zone: str


@dataclass(frozen=True)
class _Series:
    item: str
    unit: Unit
    points: list[_Point]
    value: float | None = None
    currency: str | None = None
    note: str | None = None
    platforms: tuple[str, ...] = ("birch",)


@dataclass(frozen=True)
class _Source:
    platform: str


@dataclass(frozen=True)
class _Answer:
    period: _Period
    series: list[_Series]
    sources: tuple[_Source, ...] = (_Source("birch"),)


@strawberry.type
class Point:
    """As the gateway's own: attributes alone."""

    start: datetime
    end: datetime
    value: float | None
    final: bool


@strawberry.type
class Period:
    """Likewise."""

    start: datetime
    end: datetime
    time_zone: str


@strawberry.type
class Series:
    """As the gateway's own: a key that a function reads, and attributes."""

    key: str = strawberry.field(resolver=lambda root: root.item)
    unit: Unit
    currency: str | None
    value: float | None
    note: str | None
    platforms: list[str]
    points: list[Point]


@strawberry.type
class Source:
    """A platform's share."""

    platform: str


@strawberry.type
class Indicators:
    """An answer of the gateway's shape."""

    period: Period
    series: list[Series]
    sources: list[Source]


def _answer(series: int, points: int) -> _Answer:
    """Return so many series of so many points, whose buckets are the same objects in each."""
    edges = [_FIRST + timedelta(minutes=15 * step) for step in range(points + 1)]
    rows = [
        _Series("FIRST_RESPONSE_TIME", Unit.SECONDS, _points(edges, number))
        for number in range(series)
    ]
    return _Answer(_Period(edges[0], edges[-1], "UTC"), rows)


def _points(edges: list[datetime], number: int) -> list[_Point]:
    return [
        _Point(start, end, None if place % 7 == 0 else place * 1.5 + number, final=True)
        for place, (start, end) in enumerate(pairwise(edges))
    ]


DATA = {
    "12 fields": (SMALL, _answer(1, 0)),
    "1,000 points": (POINTS, _answer(1, 1000)),
    "86,400 points": (POINTS, _answer(_SERIES, 7200)),
    "86,400 points, 1 series": (POINTS, _answer(1, 86_400)),
}


@strawberry.type
class Query:
    """One field: what is prepared is given as the context."""

    @strawberry.field
    async def indicators(self, info: strawberry.Info[Any, None]) -> Indicators:
        """Return the records that the operation was given."""
        return info.context  # type: ignore[no-any-return]  # the type reads the record


def schemas() -> tuple[strawberry.Schema, strawberry.Schema]:
    """Return the same schema by graphql-core and by compiled code."""
    caches: list[Callable[[], SchemaExtension]] = [
        lambda: ParserCache(maxsize=100),
        lambda: ValidationCache(maxsize=100),
    ]
    config = StrawberryConfig(scalar_map={datetime: DATE_TIME})
    compiled = [*caches, compiled_execution(most_fields=1000, from_use=1)]
    return (
        strawberry.Schema(Query, extensions=caches, config=config),
        strawberry.Schema(Query, extensions=compiled, config=config),
    )


def _by_hand(answer: _Answer) -> bytes:
    """Build and encode the points as a program would that does nothing else."""
    series = [
        {
            "points": [
                {
                    "start": point.start.isoformat(),
                    "end": point.end.isoformat(),
                    "value": point.value,
                    "final": point.final,
                }
                for point in each.points
            ]
        }
        for each in answer.series
    ]
    return orjson.dumps({"data": {"indicators": {"series": series}}})


async def _asked(schema: strawberry.Schema, query: str, answer: _Answer) -> bytes:
    result = await schema.execute(query, context_value=answer)
    if result.errors:
        raise result.errors[0]
    return orjson.dumps({"data": result.data})


async def _best(work: Callable[[], Coroutine[Any, Any, bytes]], rounds: int) -> float:
    """Return the milliseconds of processor time of the best round."""
    best = float("inf")
    for _ in range(rounds):
        gc.collect()
        began = time.process_time_ns()
        await work()
        best = min(best, (time.process_time_ns() - began) / 1e6)
    return best


async def _compare(rounds: int) -> None:
    core, compiled = schemas()
    print(
        f"{'question':<26}{'bytes':>12}{'core ms':>10}{'compiled':>10}{'by hand':>10}{'ratio':>8}"
    )
    for name, (query, answer) in DATA.items():
        began = time.process_time_ns()
        slowly = await _asked(core, query, answer)
        between = time.process_time_ns()
        text = await _asked(compiled, query, answer)
        cold = [(between - began) / 1e6, (time.process_time_ns() - between) / 1e6]
        if text != slowly:
            message = f"the answers to {name} differ"
            raise AssertionError(message)
        times = rounds if len(text) > 1_000_000 else rounds * 50  # noqa: PLR2004 (a large answer)
        slow = await _best(lambda: _asked(core, query, answer), min(times, 100))  # noqa: B023 (run here)
        fast = await _best(lambda: _asked(compiled, query, answer), times)  # noqa: B023 (run here)
        floor = min(_timed(lambda: _by_hand(answer)) for _ in range(times))  # noqa: B023 (run here)
        said = f"{floor:>10.3f}" if query is POINTS else f"{'-':>10}"
        print(f"{name:<26}{len(text):>12,}{slow:>10.3f}{fast:>10.3f}{said}{slow / fast:>8.1f}")
        print(f"{'  parsed, validated':<26}{'':>12}{cold[0]:>10.3f}{cold[1]:>10.3f}")


def _timed(work: Callable[[], object]) -> float:
    gc.collect()
    began = time.process_time_ns()
    work()
    return (time.process_time_ns() - began) / 1e6


def main() -> None:
    """Print one line for each question."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="of the large answers")
    asyncio.run(_compare(parser.parse_args().rounds))


if __name__ == "__main__":
    main()
