"""Tables of reports: one for each, with a column for each of its figures.

Their columns follow from the report alone, whatever the size of the buckets and by whatever a
caller groups a vendor's own report.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from typing import Self
from zoneinfo import ZoneInfo

import msgspec

from resolvers.context import RequestContext
from resolvers.indicators import measure
from resolvers.planner.request import MeasureRequest
from resolvers.planner.series import GroupMember
from resolvers.reports.catalogue import ReportDefinition
from resolvers.reports.table import ReportRow, rows_of, value_columns
from resolvers.rows.buckets import (
    BUCKET,
    CHANNEL,
    Line,
    Stretch,
    begun,
    bucket_cells,
    bucket_columns,
    channels_of,
    heard,
    page_of,
    stretch_of,
)
from resolvers.rows.columns import Row, RowColumn, RowType, titled
from resolvers.rows.groups import (
    GROUP,
    MEMBER_IDS,
    MEMBER_NAMES,
    MEMBERS,
    Names,
    dimensions_of,
    member_cells,
    name_of,
    names_of,
)
from resolvers.rows.table import RowArgument, RowPage, RowRequest, RowTable
from vendors.buckets import zone
from vendors.measures import Dimension, Grain
from vendors.port import Platform

__all__ = ["report_table"]

_PLATFORM = RowColumn(
    name="platform", title="Platform", type=RowType.TEXT, description="The key of the platform."
)
_CURRENCY = RowColumn(
    name="currency",
    title="Currency",
    type=RowType.TEXT,
    description="The currency of money, by ISO 4217; an empty text where there is none.",
)
_FINAL = RowColumn(
    name="final",
    title="Final",
    type=RowType.BOOLEAN,
    description="Whether none of its values can change any more.",
)


def report_table(report: ReportDefinition, platforms: Sequence[Platform]) -> RowTable:
    """Return the table of that report; `platforms` tell what native figures are.

    A vendor's own report is grouped as the caller says, a unified one by what it is about.
    """
    name = f"report_{_snake(report.key)}"
    of_vendor = bool(report.platform_keys)
    shape = _Shape.of_caller() if of_vendor else _Shape.of_report(report)
    bucket = _bucket(report, platforms)
    fixed = (_PLATFORM, *shape.columns, *bucket_columns(), _CURRENCY)
    return RowTable(
        name=name,
        noun=name,
        title=report.title,
        description=report.description,
        columns=(*fixed, *_figures(report, platforms, {one.name for one in fixed}), _FINAL),
        key=("platform", *shape.ids, "currency", "bucket_start", "local_hour"),
        read=_ReportReader(name, report, shape, bucket).read,
        incremental="bucket_start",
        dated=True,
        arguments=(bucket, CHANNEL, *([GROUP] if of_vendor else [])),
    )


@dataclass(frozen=True, slots=True)
class _Shape:
    """The columns of a report's groups, and what stands in them."""

    columns: tuple[RowColumn, ...]
    ids: tuple[str, ...]
    names: tuple[str, ...]
    cells: Callable[[Sequence[GroupMember], Names], Row]

    @classmethod
    def of_caller(cls) -> Self:
        """Return the columns that fit whatever a caller groups by."""
        return cls(MEMBERS, MEMBER_IDS, MEMBER_NAMES, member_cells)

    @classmethod
    def of_report(cls, report: ReportDefinition) -> Self:
        """Return the columns that are named for what the report is grouped by."""
        words = [one.value for one in report.group_by]
        columns = [column for one in report.group_by for column in _members(one)]
        ids, names = ([f"{word}_{what}" for word in words] for what in ("id", "name"))
        return cls(tuple(columns), tuple(ids), tuple(names), _named_cells)


def _named_cells(group: Sequence[GroupMember], names: Names) -> Row:
    return tuple(cell for one in group for cell in (one.id, name_of(one, names)))


def _bucket(report: ReportDefinition, platforms: Sequence[Platform]) -> RowArgument:
    """Return the argument for buckets: by default none where all figures are of the present."""
    states = [
        tables.sources[tables.figures[name].source].snapshot
        for platform in platforms
        if platform.key in report.platform_keys and platform.measures is not None
        for tables in [platform.measures.measurables]
        for name in (item.partition(".")[2] for item in report.items)
        if name in tables.figures
    ]
    if states and all(states):
        return msgspec.structs.replace(BUCKET, default=(Grain.TOTAL.value,))
    return BUCKET


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
    shape: _Shape
    bucket: RowArgument

    async def read(
        self, context: RequestContext, request: RowRequest, first: int, after: str | None
    ) -> RowPage:
        """Return the page behind the cursor; all of it is measured at once, for the first one."""
        begin = begun(context, self.name, request, after)
        stretch = stretch_of(request, begin, self.bucket)
        if stretch is None:
            return RowPage(())
        asked = self._asked(request, stretch)
        answer = await measure(context, asked, self._platforms(context, request))
        # Whose part is lost is not known: it may be missing from any of the platform's rows.
        lost = {one.platform for one in answer.lost}
        rows = [
            replace(row, final=row.final and row.platform not in lost)
            for row in rows_of(self.report, heard(answer))
        ]
        named = request.wants(*self.shape.names)
        members = (member for row in rows for member in row.group) if named else ()
        names = await names_of(context, members)
        lines = self._lines(rows, names, zone(asked.zone))
        page = page_of(context, lines, begin, first, answer.errors)
        return page.told(answer.failures, answer.sources)

    def _asked(self, request: RowRequest, stretch: Stretch) -> MeasureRequest:
        return MeasureRequest(
            items=self.report.items,
            start=stretch.start,
            end=stretch.end,
            zone=request.period.time_zone,
            grain=stretch.grain,
            group_by=self.report.group_by or dimensions_of(request),
            channels=channels_of(request),
        )

    def _platforms(self, context: RequestContext, request: RowRequest) -> tuple[Platform, ...]:
        chosen = context.choose(request.platforms)
        keys = self.report.platform_keys
        if request.platforms is not None or not keys:
            return chosen
        return tuple(one for one in chosen if one.key in keys)

    def _lines(self, rows: Sequence[ReportRow], names: Names, where: ZoneInfo) -> Iterator[Line]:
        """Yield the rows of each platform, group and currency as a line."""
        for key, same in groupby(rows, _line_key):
            own = list(same)
            yield Line(key, len(own), partial(self._cells, own, names, where))

    def _cells(self, rows: Sequence[ReportRow], names: Names, where: ZoneInfo, at: int) -> Row:
        row = rows[at]
        group = self.shape.cells(row.group, names)
        bucket = bucket_cells(row.start, row.end, row.hour, where)
        return (row.platform, *group, *bucket, row.currency or "", *row.values, row.final)


def _line_key(row: ReportRow) -> tuple[str, ...]:
    return (row.platform or "", *(member.id for member in row.group), row.currency or "")
