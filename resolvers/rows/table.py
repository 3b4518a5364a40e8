"""A flat table: what it holds, what it can be told, and how it is read page by page.

A door reads one page by `RowTable.page`, or all of them by `read_all`. A page is as long as was
asked for wherever more rows follow, unless a platform fails on it or the operation may make no more
calls, and an empty one ends the reading: its cursor is None. What failed is told on the page on
which it did; the platform that failed gives no further rows in the same operation, and keeps its
place in the cursor for others.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TypeAlias

import msgspec

from resolvers.context import RequestContext, Scope
from resolvers.outcomes import PlatformFailure, SourceStatus, together_of
from resolvers.periods import Period
from resolvers.rows.columns import Cell, Row, RowColumn

__all__ = [
    "Reader",
    "RowArgument",
    "RowPage",
    "RowRequest",
    "RowTable",
    "merged_sources",
    "read_all",
]


class RowArgument(msgspec.Struct, frozen=True, kw_only=True):
    """Something that one table can be told, beside what all of them take."""

    name: str
    """In snake_case."""
    description: str
    several: bool = False
    """Whether it takes several values, with commas between them."""
    choices: tuple[str, ...] = ()
    """The values that there are; empty: any text."""
    default: tuple[str, ...] = ()
    """What is meant where it is left out."""
    most: int | None = None
    """How many values it takes, where that is limited."""


class RowRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of a table; `asking.read_request` makes it of a caller's texts."""

    period: Period
    """The period that dated tables are about, and the zone of all local dates and hours."""
    platforms: tuple[str, ...] | None = None
    """The keys of the platforms to ask; None: all that the caller sees."""
    arguments: Mapping[str, tuple[str, ...]] = {}
    """What the table is told, by name; where a name is missing, its default is meant."""
    fields: frozenset[str] | None = None
    """The names of the columns that are wanted; None: all. The others may be left empty."""
    updated_since: datetime | None = None
    """For tables with an incremental column: only rows in which it is not before that instant."""
    at: datetime | None = None
    """When the first page was asked for: all pages are of that moment. None: it is not told."""

    def wants(self, *names: str) -> bool:
        """Return whether any of these columns is wanted."""
        return self.fields is None or not self.fields.isdisjoint(names)


@dataclass(frozen=True, slots=True)
class RowPage:
    """Some rows, and what became of the platforms that were asked for them."""

    rows: Sequence[Row]
    end_cursor: str | None = None
    """Where the next page begins; None on an empty page."""
    has_next: bool = False
    """Whether more may follow: also of a platform that failed, for whoever asks again later."""
    failures: tuple[PlatformFailure, ...] = ()
    """What failed: with `stale_age_seconds` it cost nothing but newness, without, rows."""
    sources: tuple[SourceStatus, ...] = ()
    truncated: tuple[str, ...] = ()
    """The platforms that hold more in the period than they can be made to list."""

    def told(
        self, failures: tuple[PlatformFailure, ...], sources: tuple[SourceStatus, ...]
    ) -> RowPage:
        """Return the same page, told what became of the platforms."""
        return replace(self, failures=failures, sources=sources)


Reader: TypeAlias = Callable[[RequestContext, RowRequest, int, str | None], Awaitable[RowPage]]
"""Reads so many rows, at most, behind a cursor; raises BadInputError for one of another question.

It may give out personal data: `RowTable.page` withholds it.
"""


@dataclass(frozen=True, kw_only=True)
class RowTable:
    """One table, declared once for all doors."""

    name: str
    """In snake_case: `conversations`, `report_volume`."""
    noun: str
    """What one row is, in snake_case: `conversation`, `report_volume`."""
    title: str
    description: str
    columns: tuple[RowColumn, ...]
    key: tuple[str, ...]
    """The columns that tell a row from every other: none is None; a text may be empty."""
    read: Reader
    incremental: str | None = None
    """The column by which a copy is brought up to date, where there is one."""
    dated: bool = False
    """Whether it is about a period."""
    ahead: bool = False
    """Whether rows may lie ahead of now: then a period without an end does not end today."""
    arguments: tuple[RowArgument, ...] = ()

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Return the names of the columns, in their order."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def personal(self) -> frozenset[str]:
        """Return the names of the columns that hold personal data of customers."""
        return frozenset(column.name for column in self.columns if column.personal)

    def key_of(self, row: Row) -> tuple[Cell, ...]:
        """Return what tells the row from every other of the table."""
        return tuple(row[place] for place in self._key_places)

    @cached_property
    def _key_places(self) -> tuple[int, ...]:
        return tuple(map(self.names.index, self.key))

    async def page(
        self, context: RequestContext, request: RowRequest, *, first: int, after: str | None = None
    ) -> RowPage:
        """Return the page of at most `first` rows behind the cursor.

        Raises BadInputError for what is not acceptable. A platform that fails is told in the
        page's `failures` and costs its own rows alone.
        """
        page = await self.read(context, request, first, after)
        hidden = self._withheld(context, page.rows)
        return replace(page, rows=_without(page.rows, hidden)) if hidden else page

    def _withheld(self, context: RequestContext, rows: Sequence[Row]) -> frozenset[int]:
        """Return the places of the cells that hold something which the caller may not read."""
        held = [
            (place, column)
            for place, column in enumerate(self.columns)
            if column.personal and any(row[place] is not None for row in rows)
        ]
        return frozenset(
            place
            for place, column in held
            if not context.sees(Scope.PERSONAL, f"{self.name}.{column.name}")
        )


def _without(rows: Iterable[Row], hidden: frozenset[int]) -> tuple[Row, ...]:
    return tuple(
        tuple(None if place in hidden else cell for place, cell in enumerate(row)) for row in rows
    )


async def read_all(
    table: RowTable,
    context: RequestContext,
    request: RowRequest,
    *,
    size: int | None = None,
    seconds: float | None = None,
) -> AsyncIterator[RowPage]:
    """Yield page after page until there are no more rows; nothing is asked twice.

    At least one page comes, be it empty: it says what became of the platforms. All pages together
    have the time of the operation, or each further one has that many `seconds` of its own: then one
    platform that says nothing takes no time of the others.
    """
    first = size or context.services.limits.most_rows_per_page
    after: str | None = None
    while True:
        page = await table.page(context, request, first=first, after=after)
        yield page
        if not page.has_next or page.end_cursor is None:
            return
        after = page.end_cursor
        if seconds is not None:
            context.renew(seconds)


def merged_sources(sources: Iterable[SourceStatus]) -> tuple[SourceStatus, ...]:
    """Return what the pages of one reading tell of each platform, as one."""
    told: dict[str, list[SourceStatus]] = {}
    for one in sources:
        told.setdefault(one.platform, []).append(one)
    return tuple(map(together_of, told.values()))
