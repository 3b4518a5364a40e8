"""Tables of reports: one for each, with a column for each of its figures.

Their columns follow from the report alone: by what it is grouped if nobody says otherwise, and
whatever the size of the buckets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from zoneinfo import ZoneInfo

from resolvers.context import RequestContext
from resolvers.indicators import measure
from resolvers.planner.request import MeasureRequest
from resolvers.reports.catalogue import ReportDefinition
from resolvers.reports.table import ReportRow, rows_of, value_columns
from resolvers.rows.buckets import (
    BUCKET,
    CHANNEL,
    Line,
    Names,
    Stretch,
    begun,
    bucket_cells,
    bucket_columns,
    channels_of,
    name_of,
    names_of,
    page_of,
    stretch_of,
)
from resolvers.rows.columns import Cell, Row, RowColumn, RowType, titled
from resolvers.rows.table import RowPage, RowRequest, RowTable
from vendors.buckets import zone
from vendors.measures import Dimension
from vendors.port import Platform

__all__ = ["report_table"]

_PLATFORM = RowColumn(
    name="platform", title="Platform", type=RowType.TEXT, description="The key of the platform."
)
_CURRENCY = RowColumn(
    name="currency",
    title="Currency",
    type=RowType.TEXT,
    description="The currency of amounts of money, by ISO 4217.",
)
_FINAL = RowColumn(
    name="final",
    title="Final",
    type=RowType.BOOLEAN,
    description="Whether none of its values can change any more.",
)


def report_table(report: ReportDefinition, platforms: Sequence[Platform]) -> RowTable:
    """Return the table of that report; `platforms` tell what native figures are."""
    name = f"report_{_snake(report.key)}"
    groups = [column for one in report.group_by for column in _members(one)]
    fixed = (_PLATFORM, *groups, *bucket_columns(), _CURRENCY)
    ids = tuple(f"{one.value}_id" for one in report.group_by)
    return RowTable(
        name=name,
        noun=name,
        title=report.title,
        description=report.description,
        columns=(*fixed, *_figures(report, platforms, {one.name for one in fixed}), _FINAL),
        key=("platform", *ids, "currency", "bucket_start", "local_hour"),
        read=_ReportReader(name, report).read,
        incremental="bucket_start",
        dated=True,
        arguments=(BUCKET, CHANNEL),
    )


def _members(dimension: Dimension) -> tuple[RowColumn, RowColumn]:
    word = dimension.value.replace("_", " ")
    return (
        RowColumn(
            name=f"{dimension.value}_id",
            title=titled(f"{dimension.value}_id"),
            type=RowType.TEXT,
            description=f"The platform's ID of the {word}.",
        ),
        RowColumn(
            name=f"{dimension.value}_name",
            title=titled(f"{dimension.value}_name"),
            type=RowType.TEXT,
            description=f"The name of the {word}.",
        ),
    )


def _figures(
    report: ReportDefinition, platforms: Sequence[Platform], taken: set[str]
) -> Iterator[RowColumn]:
    """Yield a column for each figure, under a name that no other column has."""
    taken.add(_FINAL.name)
    for column in value_columns(report, platforms):
        own = _snake(column.name.partition(".")[2] or column.name)
        number = 1
        name = own
        while name in taken:
            number += 1
            name = f"{own}_{number}"
        taken.add(name)
        yield RowColumn(
            name=name,
            title=column.title,
            type=RowType.NUMBER,
            unit=column.unit,
            description=column.description or column.title,
        )


def _snake(name: str) -> str:
    """Return the name in snake_case, of letters, digits and underscores alone."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_")


@dataclass(frozen=True, slots=True)
class _ReportReader:
    """Reads the table of one report."""

    name: str
    report: ReportDefinition

    async def read(
        self, context: RequestContext, request: RowRequest, first: int, after: str | None
    ) -> RowPage:
        """Return the page behind the cursor; all of it is measured at once, for the first one."""
        begin = begun(context, self.name, request, after)
        stretch = stretch_of(request, begin)
        if stretch is None:
            return RowPage(())
        asked = self._asked(request, stretch)
        answer = await measure(context, asked, self._platforms(context, request))
        # Whose part is lost is not known: it may be missing from any of the platform's rows.
        lost = {one.platform for one in answer.lost}
        rows = [
            replace(row, final=row.final and row.platform not in lost)
            for row in rows_of(self.report, answer.series)
        ]
        named = request.wants(*(f"{one.value}_name" for one in self.report.group_by))
        members = (member for row in rows for member in row.group) if named else ()
        names = await names_of(context, members)
        page = page_of(context, _lines(rows, names, zone(asked.zone)), begin, first)
        return page.told(answer.failures, answer.sources)

    def _asked(self, request: RowRequest, stretch: Stretch) -> MeasureRequest:
        return MeasureRequest(
            items=self.report.items,
            start=stretch.start,
            end=stretch.end,
            zone=request.period.time_zone,
            grain=stretch.grain,
            group_by=self.report.group_by,
            channels=channels_of(request),
        )

    def _platforms(self, context: RequestContext, request: RowRequest) -> tuple[Platform, ...]:
        chosen = context.choose(request.platforms)
        keys = self.report.platform_keys
        if request.platforms is not None or not keys:
            return chosen
        return tuple(one for one in chosen if one.key in keys)


def _lines(rows: Sequence[ReportRow], names: Names, where: ZoneInfo) -> Iterator[Line]:
    """Yield the rows of each platform, group and currency as a line."""
    for key, same in groupby(rows, _line_key):
        own = list(same)
        yield Line(key, len(own), partial(_cells, own, names, where))


def _line_key(row: ReportRow) -> tuple[str, ...]:
    return (row.platform or "", *(member.id for member in row.group), row.currency or "")


def _cells(rows: Sequence[ReportRow], names: Names, where: ZoneInfo, at: int) -> Row:
    row = rows[at]
    group: list[Cell] = []
    for member in row.group:
        group += (member.id, name_of(member, names))
    bucket = bucket_cells(row.start, row.end, row.hour, where)
    return (row.platform, *group, *bucket, row.currency, *row.values, row.final)
