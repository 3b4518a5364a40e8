"""A schema in which everything may go wrong, in the same way each time it is asked.

What a field does depends on the seed and on where the object stands, so that two executions of one
operation meet the same values, nulls, errors and delays.
"""

from __future__ import annotations

import asyncio
import enum
import random
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, Any, NewType

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.schema.config import StrawberryConfig

__all__ = ["VALUES", "Trap", "World", "trap_schema"]


class OrderError(Exception):
    """An error of the invented company."""


class World:
    """What happens: with that seed, so often out of a hundred, and asynchronously or not."""

    def __init__(self, seed: int, trouble: int, *, asynchronous: bool) -> None:
        self.seed = seed
        self.trouble = trouble
        self.asynchronous = asynchronous
        self.seen: list[tuple[Any, ...]] = []
        self._begun: list[Coroutine[Any, Any, Any]] = []

    def outcome(self, where: str, value: Callable[[], Any]) -> Any:  # noqa: ANN401 (anything)
        """Return what is found there, or raise."""
        chance = random.Random(f"{self.seed} {where}")
        made = self._made(where, value, chance)
        if self.asynchronous and chance.randrange(100) < 40:
            later = self._later(made, chance.randrange(4))
            if chance.randrange(2):
                self._begun.append(later)
                return later
            return asyncio.ensure_future(later)
        return made() if callable(made) else made

    def _made(self, where: str, value: Callable[[], Any], chance: random.Random) -> Any:  # noqa: ANN401
        def broken() -> Any:  # noqa: ANN401 (it never returns)
            message = f"broken at {where}"
            raise OrderError(message)

        if chance.randrange(100) >= self.trouble:
            return value
        return chance.choice([None, broken, OrderError(f"an error at {where}"), {"odd": 1}, 1e999])

    def close(self) -> None:
        """End what nobody awaited: what an operation gives up differs from one to the other."""
        for later in self._begun:
            later.close()

    async def _later(self, made: Any, ticks: int) -> Any:  # noqa: ANN401 (anything)
        for _ in range(ticks):
            await asyncio.sleep(0)
        return made() if callable(made) else made


class Trap:
    """An object of the invented company, whose attributes are found as they are asked for."""

    def __init__(self, world: World, where: str) -> None:
        self.world = world
        self.where = where

    def __repr__(self) -> str:
        return f"<{self.where}>"

    def found(self, name: str, value: Callable[[], Any]) -> Any:  # noqa: ANN401 (anything)
        return self.world.outcome(f"{self.where}.{name}", value)

    def below(self, name: str) -> Trap:
        chance = random.Random(f"{self.where}.{name}")
        return chance.choice((Trap, Trap, Bait, Bait, Worm, Stranger))(
            self.world, f"{self.where}.{name}"
        )

    def several(self, name: str) -> list[Any]:
        many = random.Random(f"{self.world.seed} {self.where}.{name}").randrange(4)
        found = []
        for at in range(many):
            make = partial(Trap, self.world, f"{self.where}.{name}[{at}]")
            found.append(self.world.outcome(f"{self.where}.{name}.{at}", make))
        return found


def _property(name: str, value: Callable[[Trap], Any]) -> None:
    setattr(Trap, name, property(lambda self: self.found(name, lambda: value(self))))


class Colour(enum.Enum):
    """A plain enum; two names are one value."""

    RED = "red"
    GREEN = "green"
    ROUGE = "red"  # noqa: PIE796 - that is the trap


class Size(enum.StrEnum):
    """A text that is an enum."""

    SMALL = "small"
    LARGE = "large"


Brittle = NewType("Brittle", str)


def _brittle(value: str) -> str | None:
    if "3" in value:
        message = f"{value} cannot be written"
        raise ValueError(message)
    return None if "4" in value else value.upper()


class Bait(Trap):
    """An object of the other type."""


class Worm(Trap):
    """An object of the type that takes its time to say so."""


class Stranger(Trap):
    """An object of no type at all."""


class Loud(FieldExtension):
    """Something that stands between Strawberry and a field's function."""

    def resolve(
        self, next_: Callable[..., Any], source: object, info: strawberry.Info, **kwargs: object
    ) -> Any:  # noqa: ANN401 - any value
        told = next_(source, info, **kwargs)
        return told.upper() if isinstance(told, str) else told


_FIRST = datetime(2026, 3, 1, tzinfo=UTC)

_PLAIN: dict[str, Callable[[Trap], Any]] = {
    "text": lambda trap: f"text of {trap.where}",
    "number": lambda trap: len(trap.where),
    "share": lambda trap: len(trap.where) / 7,
    "whole": lambda trap: (int, float)[len(trap.where) % 2](len(trap.where)),
    "flag": lambda trap: len(trap.where) % 2 == 0,
    "colour": lambda _: Colour.RED,
    "size": lambda _: Size.LARGE,
    "code": lambda trap: str(len(trap.where)),
    "moment": lambda trap: _FIRST + timedelta(seconds=len(trap.where)),
    "identity": lambda trap: len(trap.where),
    "child": lambda trap: Trap(trap.world, f"{trap.where}.child"),
    "doubtful": lambda trap: trap.below("doubtful"),
    "late": lambda trap: Worm(trap.world, f"{trap.where}.late"),
    "lates": lambda trap: [trap.below("late"), Worm(trap.world, f"{trap.where}.lates")],
    "sure_child": lambda trap: Trap(trap.world, f"{trap.where}.sure_child"),
    "things": lambda trap: trap.several("things"),
    "sure_things": lambda trap: tuple(trap.several("sure_things")),
    "either": lambda trap: trap.below("either"),
    "named": lambda trap: trap.below("named"),
    "many_named": lambda trap: [trap.below(f"many{at}") for at in range(3)],
    "words": lambda trap: ["a", None, trap.where],
    "grid": lambda trap: [[1, None], (2,), [], [trap.found("cell", lambda: 3)]],
    "streamed": lambda trap: (each for each in (trap.where, None, "b")),
    "bait": lambda trap: f"bait of {trap.where}",
}
for _name, _value in _PLAIN.items():
    _property(_name, _value)


@strawberry.interface
class Named:
    """What both types have."""

    text: str | None


@strawberry.input
class Range:
    """An input."""

    first: int
    last: int | None = 7
    words: list[str] | None = None


def _told(root: Trap, info: strawberry.Info, name: str, value: Any) -> Any:  # noqa: ANN401
    selected = repr(info.selected_fields)
    root.world.seen.append((tuple(info.path.as_list()), info.field_name, selected, str(value)))
    return root.found(name, lambda: value)


def _asked(
    root: strawberry.Parent[Trap],
    info: strawberry.Info,
    number: int = 3,
    size: Size | None = None,
    given: Range | None = None,
    words: list[str] | None = strawberry.UNSET,
    at: datetime | None = None,
) -> str | None:
    words = ["unset"] if words is strawberry.UNSET else words
    said = f"{number} {size!r} {given} {words} {at}"
    return _told(root, info, "asked", said)  # type: ignore[no-any-return]


async def _slow(root: strawberry.Parent[Trap], info: strawberry.Info, given: Range) -> Thing:
    await asyncio.sleep(0)
    return _told(root, info, "slow", Trap(root.world, f"{root.where}.slow{given.first}"))  # type: ignore[no-any-return]


def _near(root: strawberry.Parent[Trap], info: strawberry.Info) -> Thing | None:
    return _told(root, info, "near", Trap(root.world, f"{root.where}.near"))  # type: ignore[no-any-return]


def _all_near(root: strawberry.Parent[Trap]) -> list[Thing | None]:
    return root.several("all_near")


@strawberry.type
class Other(Named):
    """A type whose objects are told from the other's."""

    bait: str
    flag: bool

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        return isinstance(value, Bait)


@strawberry.type
class Late(Named):
    """A type whose objects are known by asking somewhere else."""

    code: Brittle | None
    number: int

    @classmethod
    async def is_type_of(cls, value: object, _info: object) -> bool:
        await asyncio.sleep(0)
        return isinstance(value, Worm)


@strawberry.type
class Thing(Named):
    """A type with a field of each kind."""

    number: int
    share: float | None
    whole: float
    flag: bool
    colour: Colour | None
    size: Size
    code: Brittle | None
    moment: datetime
    identity: strawberry.ID
    child: Thing | None
    doubtful: Thing | None
    late: Late | None
    lates: list[Late | None] | None
    sure_child: Thing
    things: list[Thing] | None
    sure_things: list[Thing | None]
    either: Annotated[Thing | Other, strawberry.union("Either")] | None
    named: Named
    many_named: list[Named | None] | None
    words: list[str | None]
    grid: list[list[int | None] | None] | None
    streamed: list[str | None] | None
    asked: str | None = strawberry.field(resolver=_asked)
    loud: str | None = strawberry.field(resolver=_asked, extensions=[Loud()])
    near: Thing | None = strawberry.field(resolver=_near)
    all_near: list[Thing | None] = strawberry.field(resolver=_all_near)
    slow: Thing = strawberry.field(resolver=_slow)
    where: str = strawberry.field(resolver=lambda root: root.where)

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        return isinstance(value, Trap) and not isinstance(value, (Bait, Worm, Stranger))


def _thing(info: strawberry.Info[World, None]) -> Thing | None:
    return info.context.outcome("thing", lambda: Trap(info.context, "thing"))  # type: ignore[no-any-return]


def _sure(info: strawberry.Info[World, None]) -> Thing:
    return info.context.outcome("sure", lambda: Trap(info.context, "sure"))  # type: ignore[no-any-return]


async def _later(
    info: strawberry.Info[World, None], number: int | None = None
) -> list[Thing] | None:
    await asyncio.sleep(0)
    return Trap(info.context, f"later{number}").several("later")


@strawberry.type
class Query:
    """The root."""

    thing: Thing | None = strawberry.field(resolver=_thing)
    sure: Thing = strawberry.field(resolver=_sure)
    later: list[Thing] | None = strawberry.field(resolver=_later)


VALUES: dict[str, list[Any]] = {
    "Int": [0, 7, -3],
    "Size": ["SMALL", "LARGE", None],
    "Range": [{"first": 1}, {"first": 2, "last": None, "words": ["a"]}, {"first": 3, "words": []}],
    "[String!]": [["a", "b"], [], None],
    "DateTime": ["2026-03-01T00:00:00Z", "2026-03-01", None],
}


def trap_schema(extensions: list[Any]) -> strawberry.Schema:
    """Return the schema; the context of an operation is a `World`."""
    brittle = strawberry.scalar(name="Brittle", serialize=_brittle, parse_value=str)
    return strawberry.Schema(
        Query,
        types=[Thing, Other, Late],
        extensions=extensions,
        config=StrawberryConfig(scalar_map={Brittle: brittle}),
    )
