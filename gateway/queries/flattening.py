"""The flatten rule at work: makes rows of an answer, and notes what became of the platforms.

What the rows look like is decided by a `Level` for each object of the answer, which was made of the
schema and the document; the answer changes nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from resolvers.outcomes import Freshness, PlatformFailure, SourceStatus
from resolvers.rows.columns import Cell, Row, RowType

__all__ = ["Leaf", "Level", "Met", "flattened"]

Answer = Mapping[str, Any]


def _as_it_is(value: Any) -> Cell:  # noqa: ANN401 (a scalar that GraphQL has written)
    cell: Cell = value
    return cell


_READERS: Mapping[RowType, Callable[[Any], Cell]] = {
    RowType.TEXT: str,
    RowType.NUMBER: float,
    RowType.INSTANT: datetime.fromisoformat,
    RowType.DATE: date.fromisoformat,
}


@dataclass(frozen=True, slots=True)
class Leaf:
    """A member that is a cell, and the place of that."""

    key: str
    place: int
    type: RowType

    def read(self, value: object) -> Cell:
        """Return the cell that the value is."""
        return None if value is None else _READERS.get(self.type, _as_it_is)(value)


@dataclass(frozen=True, slots=True)
class Level:
    """One object of the answer: its members that are cells, and those that lead on."""

    leaves: tuple[Leaf, ...] = ()
    beside: tuple[tuple[str, Level], ...] = ()
    """Single objects whose members are cells of the same row."""
    onward: tuple[str, Level] | None = None
    """The member on the path to the rows; None where each object is a row."""
    many: bool = False
    """Whether that member is a list."""
    lists_follow: bool = False
    """Whether a list is still to come, so that without the member there are no rows."""
    told: bool = False
    """Whether the object tells what became of the platforms."""


@dataclass(slots=True)
class Met:
    """What became of the platforms, as far as an answer tells it."""

    failures: list[PlatformFailure] = field(default_factory=list)
    sources: list[SourceStatus] = field(default_factory=list)
    truncated: dict[str, None] = field(default_factory=dict)

    def note(self, answer: Answer) -> None:
        """Note what one object tells."""
        self.failures += [_failure(one) for one in answer["failures"]]
        sources = [_source(one) for one in answer["sources"]]
        self.sources += sources
        if answer.get("truncated"):
            # Which of them it is, is not told.
            self.truncated.update((one.platform, None) for one in sources if _answered(one))


def flattened(answer: Answer, level: Level, width: int, met: Met) -> Iterator[Row]:
    """Yield the rows of an answer; what becomes of the platforms is noted in `met`."""
    yield from _rows(answer, level, [None] * width, met)


def _rows(answer: Answer | None, level: Level, cells: Sequence[Cell], met: Met) -> Iterator[Row]:
    row = [*cells]
    _fill(answer, level, row, met)
    if level.onward is None:
        yield tuple(row)
        return
    key, below = level.onward
    value = None if answer is None else answer.get(key)
    if level.many:
        for one in value or ():
            if one is not None:
                yield from _rows(one, below, row, met)
    elif value is not None or not level.lists_follow:
        yield from _rows(value, below, row, met)


def _fill(answer: Answer | None, level: Level, row: list[Cell], met: Met) -> None:
    """Fill the cells of an object and of the single ones in it."""
    if answer is None:
        return
    if level.told and "failures" in answer:
        met.note(answer)
    for leaf in level.leaves:
        row[leaf.place] = leaf.read(answer.get(leaf.key))
    for key, below in level.beside:
        _fill(answer.get(key), below, row, met)


def _answered(source: SourceStatus) -> bool:
    return source.freshness not in {Freshness.FAILED, Freshness.UNSUPPORTED}


def _failure(told: Answer) -> PlatformFailure:
    return PlatformFailure(
        platform=told["platform"],
        code=told["code"],
        retryable=told["retryable"],
        retry_after_seconds=told["retryAfterSeconds"],
        attempts=told["attempts"],
        stale_age_seconds=told["staleAgeSeconds"],
    )


def _source(told: Answer) -> SourceStatus:
    as_of = told["asOf"]
    return SourceStatus(
        platform=told["platform"],
        freshness=Freshness[told["freshness"]],
        as_of=None if as_of is None else datetime.fromisoformat(as_of),
        calls=told["calls"],
        note=told["note"],
    )
