"""Pages of a report: behind a row that was shown, in the window that the first page was about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from resolvers.paging import Cursor, sealed
from resolvers.periods import Period
from resolvers.ports import Sealer
from resolvers.reports.table import Cell, Column, ReportRow, cells_of

__all__ = ["Reading", "RowOrder", "RowPage"]

_ROW, _COUNT = "row", "count"
"""What a cursor holds: which row was the last, and how many there were up to it."""


class RowOrder(NamedTuple):
    """By which column rows are ordered, and whether the greatest comes first."""

    column: str
    descending: bool


@dataclass(frozen=True, slots=True)
class RowPage:
    """Some of a report's rows, and where they stand among all."""

    rows: Sequence[ReportRow]
    total_count: int
    has_next_page: bool
    start_cursor: str | None
    end_cursor: str | None


@dataclass(frozen=True, slots=True)
class Reading:
    """Where reading begins, and how far it goes."""

    begun: Cursor
    size: int | None
    """How many rows a page holds; None: all that there are."""
    order: RowOrder | None
    sealer: Sealer

    def pinned(self, period: Period) -> Period:
        """Return the period with the bounds that it had for the first page."""
        start, end = self.begun.since or period.start, self.begun.until or period.end
        return msgspec.structs.replace(period, start=start, end=end)

    def page(self, rows: Sequence[ReportRow], columns: Sequence[Column]) -> RowPage:
        """Return the page of these rows, which are all that there are."""
        every = rows if self.order is None else _ordered(rows, columns, self.order)
        begin = self._begin(every)
        end = len(every) if self.size is None else begin + self.size
        shown = every[begin:end]
        return RowPage(
            rows=shown,
            total_count=len(every),
            has_next_page=end < len(every),
            start_cursor=self._behind(shown[0], begin + 1) if shown else None,
            end_cursor=self._behind(shown[-1], begin + len(shown)) if shown else None,
        )

    def _begin(self, rows: Sequence[ReportRow]) -> int:
        """Return the place behind the last row; where that one is gone, behind as many as then."""
        last, count = self.begun.positions.get(_ROW), self.begun.positions.get(_COUNT)
        return next(
            (place for place, row in enumerate(rows, 1) if _name(row) == last), int(count or 0)
        )

    def _behind(self, row: ReportRow, count: int) -> str:
        return sealed(self.sealer, self.begun.moved([(_ROW, _name(row)), (_COUNT, str(count))]))


def _name(row: ReportRow) -> str:
    """Return what tells a row from every other of its report."""
    ids = tuple(member.id for member in row.group)
    told = (row.platform, ids, row.currency, row.start, row.hour)
    return msgspec.json.encode(told).decode()


def _ordered(
    rows: Sequence[ReportRow], columns: Sequence[Column], order: RowOrder
) -> Sequence[ReportRow]:
    """Return the rows by the values of a column; those without a value come last."""
    place = [one.name for one in columns].index(order.column)
    told: list[tuple[Cell, ReportRow]] = [(cells_of(row, columns)[place], row) for row in rows]
    found = [pair for pair in told if pair[0] is not None]
    found.sort(key=lambda pair: pair[0], reverse=order.descending)  # type: ignore[arg-type,return-value]  # a column has one type
    return [*(row for _, row in found), *(row for cell, row in told if cell is None)]
