"""A report's table: columns that follow from what is asked, and the rows that were answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

import msgspec

from resolvers.planner.evaluate import BROKEN
from resolvers.planner.request import MeasureRequest
from resolvers.planner.series import GroupMember, Series
from resolvers.reports.catalogue import ReportDefinition
from vendors.catalogue import CATALOGUE, IndicatorKey
from vendors.measures import Dimension, Grain, Unit
from vendors.port import Platform
from vendors.words import Word

__all__ = [
    "Cell",
    "Column",
    "ColumnType",
    "ReportRow",
    "bucket_note",
    "cells_of",
    "columns_of",
    "is_settled",
    "plain_columns",
    "rows_of",
    "value_columns",
]

Cell: TypeAlias = str | int | float | datetime | None


class ColumnType(Word):
    """The type of a report's column; it never depends on the data."""

    TEXT = "text", "A text."
    INTEGER = "integer", "A whole number without a unit."
    NUMBER = "number", "A number, in the unit of the column."
    INSTANT = "instant", "A moment in UTC."


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One column of a report."""

    name: str
    title: str
    type: ColumnType
    unit: Unit | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One row: what it is about, and one value for each item of the report."""

    platform: str | None
    group: tuple[GroupMember, ...]
    start: datetime
    end: datetime
    values: tuple[float | None, ...]
    notes: tuple[str | None, ...]
    """Why a value is null, or what it holds, where that is known."""
    currency: str | None = None
    hour: int | None = None
    """Which hour of the day, where rows are hours of the day."""
    final: bool = False
    """Whether none of its values can change any more."""


def cells_of(row: ReportRow, columns: Sequence[Column]) -> tuple[Cell, ...]:
    """Return what stands in these columns: all that the report has, in their order."""
    members = (member.name or member.id for member in row.group)
    values = iter(row.values)
    return tuple(
        _CELLS[column.name](row)
        if column.name in _CELLS
        else next(members if column.unit is None else values, None)
        for column in columns
    )


_CELLS: Mapping[str, Callable[[ReportRow], Cell]] = {
    "platform": lambda row: row.platform,
    "currency": lambda row: row.currency,
    "hour": lambda row: row.hour,
    "start": lambda row: row.start,
    "end": lambda row: row.end,
}


def columns_of(
    report: ReportDefinition, request: MeasureRequest, platforms: Sequence[Platform]
) -> tuple[Column, ...]:
    """Return the columns: they follow from what is asked, never from what is answered."""
    return _columns(report, request.group_by, request.grain, platforms)


def plain_columns(report: ReportDefinition, platforms: Sequence[Platform]) -> tuple[Column, ...]:
    """Return the columns that it has if nobody says how to group it, and by which buckets."""
    return _columns(report, report.group_by, Grain.TOTAL, platforms)


def _columns(
    report: ReportDefinition,
    group_by: Iterable[Dimension],
    grain: Grain,
    platforms: Sequence[Platform],
) -> tuple[Column, ...]:
    values = value_columns(report, platforms)
    money = [_CURRENCY] if any(one.unit is Unit.MONEY for one in values) else []
    groups = [_named(one.value, one.name.replace("_", " ")) for one in group_by]
    return (_PLATFORM, *groups, *_BUCKETS.get(grain, _BUCKET), *money, *values)


def value_columns(report: ReportDefinition, platforms: Sequence[Platform]) -> list[Column]:
    """Return the columns of its figures, in their order."""
    return [_value_column(item, platforms) for item in report.items]


def _named(name: str, title: str, kind: ColumnType = ColumnType.TEXT) -> Column:
    return Column(name=name, title=title.capitalize(), type=kind)


_PLATFORM = _named("platform", "platform")
_CURRENCY = _named("currency", "currency")
_HOUR = _named("hour", "hour of the day", ColumnType.INTEGER)
_BUCKET = (
    _named("start", "start", ColumnType.INSTANT),
    _named("end", "end", ColumnType.INSTANT),
)
_BUCKETS: Mapping[Grain, tuple[Column, ...]] = {Grain.TOTAL: (), Grain.HOUR_OF_DAY: (_HOUR,)}


def _column_name(item: str) -> str:
    return item.lower()


def _value_column(item: str, platforms: Sequence[Platform]) -> Column:
    if item in CATALOGUE:
        row = CATALOGUE[IndicatorKey(item)]
        title, unit, description = row.title, row.unit, row.description
    else:
        title, unit, description = _native(item, platforms)
    return Column(
        name=_column_name(item),
        title=title,
        type=ColumnType.NUMBER,
        unit=unit,
        description=description,
    )


def _native(item: str, platforms: Sequence[Platform]) -> tuple[str, Unit, str]:
    vendor, _, name = item.partition(".")
    for platform in platforms:
        if platform.vendor == vendor and platform.measures is not None:
            figure = platform.measures.measurables.figures.get(name)
            if figure is not None:
                return figure.title, figure.unit, figure.description
    return name, Unit.UNKNOWN, ""


_Place: TypeAlias = tuple[str, tuple[str, ...], str]
"""What the rows of one line have in common: platform, group, and currency where it has several."""


def rows_of(report: ReportDefinition, series: Sequence[Series]) -> tuple[ReportRow, ...]:
    """Return a row for each platform, group and bucket of which something was answered.

    Amounts of several currencies have rows of their own, beside one for what is no amount.
    """
    currencies: dict[tuple[str, tuple[str, ...]], set[str]] = {}
    for one in series:
        found = currencies.setdefault(_about(one), set())
        found.update([one.currency] if one.currency else [])
    lines: dict[_Place, dict[str, Series]] = {}
    for one in series:
        about = _about(one)
        apart = (one.currency or "") if len(currencies[about]) > 1 else ""
        lines.setdefault((*about, apart), {})[one.item] = one
    order = {key: at for at, key in enumerate(dict.fromkeys(place[0] for place in lines))}
    places = sorted(lines, key=lambda place: (order[place[0]], *place[1:]))
    return tuple(row for place in places for row in _line(report.items, lines[place]))


def _about(one: Series) -> tuple[str, tuple[str, ...]]:
    return one.platform or "", tuple(member.id for member in one.group)


def bucket_note(one: Series, at: int) -> str | None:
    """Return why a bucket lacks its value, or what it holds, where that is known.

    It follows from that bucket alone: what a total lacks is no lack of its buckets.
    """
    return one.note if len(one.buckets) == 1 else one.notes.get(at)


def is_settled(one: Series, at: int) -> bool:
    """Return whether the value of that bucket can no longer change; what is never told cannot."""
    return one.final[at] or (not one.origins and one.note != BROKEN)


def _line(items: Sequence[str], line: Mapping[str, Series]) -> list[ReportRow]:
    first = next(iter(line.values()))
    currency = next((one.currency for one in line.values() if one.currency), None)
    columns = [line.get(item) for item in items]
    of_day = first.grain is Grain.HOUR_OF_DAY
    return [
        ReportRow(
            platform=first.platform,
            group=first.group,
            start=start,
            end=end,
            values=tuple(None if one is None else one.amounts[at].value for one in columns),
            notes=tuple(None if one is None else bucket_note(one, at) for one in columns),
            currency=currency,
            hour=at if of_day else None,
            final=all(is_settled(one, at) for one in line.values()),
        )
        for at, (start, end) in enumerate(first.buckets)
    ]
