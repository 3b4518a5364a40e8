"""Reports: tables of figures by platform, group and bucket, with a row of totals.

The unified reports are the same for every platform. A vendor's own tables are data too: their key
is `vendor.name`, and their columns are the vendor's figures under their own names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

import msgspec

from resolvers.combining import combined
from resolvers.outcomes import PlatformFailure, SourceStatus
from resolvers.planner.series import GroupMember, MeasureAnswer, Series
from vendors.catalogue import CATALOGUE, IndicatorKey
from vendors.errors import BadInputError
from vendors.measures import Dimension, Grain, Unit
from vendors.port import Platform
from vendors.words import Word

__all__ = [
    "UNIFIED",
    "Column",
    "ColumnType",
    "ReportDefinition",
    "ReportRow",
    "Table",
    "definition",
    "definitions",
    "place_of",
    "table",
]

_K = IndicatorKey


class ColumnType(Word):
    """The type of a report's column; it never depends on the data."""

    TEXT = "text", "A text."
    NUMBER = "number", "A number, in the unit of the column."
    INSTANT = "instant", "A moment in UTC."


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One column of a report."""

    name: str
    title: str
    type: ColumnType
    unit: Unit | None = None
    description: str = ""


class ReportDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """What a report shows: which items, and by what it is grouped if the caller does not say."""

    key: str
    title: str
    description: str
    items: tuple[str, ...]
    group_by: tuple[Dimension, ...] = ()
    platform_keys: tuple[str, ...] = ()
    """The platforms that can answer it; empty: all are asked."""


def _unified(
    key: str, description: str, items: Sequence[str], group_by: tuple[Dimension, ...] = ()
) -> ReportDefinition:
    title = key.replace("_", " ").capitalize()
    return ReportDefinition(
        key=key, title=title, description=description, items=tuple(items), group_by=group_by
    )


UNIFIED: Mapping[str, ReportDefinition] = {
    one.key: one
    for one in (
        _unified(
            "VOLUME",
            "How many conversations there were, and what became of them.",
            (
                _K.CONVERSATIONS_STARTED,
                _K.CONVERSATIONS_CLOSED,
                _K.CONVERSATIONS_REOPENED,
                _K.CONVERSATIONS_UNANSWERED,
                _K.CONVERSATIONS_ABANDONED,
                _K.MESSAGES_RECEIVED,
                _K.MESSAGES_SENT,
            ),
        ),
        _unified(
            "RESPONSE_TIMES",
            "How long customers waited, and how long conversations took.",
            (_K.FIRST_RESPONSE_TIME, _K.RESPONSE_TIME, _K.QUEUE_TIME, _K.HANDLE_TIME),
        ),
        _unified(
            "SATISFACTION",
            "How customers rated what they got.",
            (_K.RATINGS, _K.RATED_GOOD, _K.RATED_BAD, _K.SATISFACTION_RATE, _K.NPS),
        ),
        _unified(
            "AVAILABILITY",
            "How long agents were there, and how busy they were.",
            (
                _K.LOGGED_IN_TIME,
                _K.AVAILABLE_TIME,
                _K.UNAVAILABLE_TIME,
                _K.OCCUPIED_TIME,
                _K.COVERAGE_TIME,
                _K.AVAILABILITY_RATE,
                _K.OCCUPANCY_RATE,
            ),
        ),
        _unified(
            "AGENT_PERFORMANCE",
            "What each agent did, agent by agent.",
            (
                _K.CONVERSATIONS_STARTED,
                _K.CONVERSATIONS_CLOSED,
                _K.FIRST_RESPONSE_TIME,
                _K.HANDLE_TIME,
                _K.AVAILABLE_TIME,
                _K.OCCUPANCY_RATE,
                _K.CONTACTS_PER_HOUR,
                _K.RATED_GOOD,
                _K.RATED_BAD,
            ),
            (Dimension.AGENT,),
        ),
    )
}


def definitions(platforms: Iterable[Platform]) -> list[ReportDefinition]:
    """Return the unified reports, and the vendors' own tables on these platforms."""
    native: dict[str, ReportDefinition] = {}
    for platform in platforms:
        if platform.measures is None:
            continue
        tables = platform.measures.measurables
        for name, figures in tables.reports.items():
            key = f"{platform.vendor}.{name}"
            own = tuple(f"{platform.vendor}.{figure}" for figure in figures)
            before = native.get(key)
            native[key] = ReportDefinition(
                key=key,
                title=f"{platform.vendor_title}: {name.replace('_', ' ')}",
                description=f"The figures of {platform.vendor_title} under their own names.",
                items=tuple(dict.fromkeys((*before.items, *own))) if before else own,
                platform_keys=(*before.platform_keys, platform.key) if before else (platform.key,),
            )
    return [*UNIFIED.values(), *native.values()]


def definition(key: str, platforms: Iterable[Platform]) -> ReportDefinition:
    """Return the definition of that key; raise BadInputError naming the nearest keys."""
    known = {one.key: one for one in definitions(platforms)}
    if key not in known:
        message = f"There is no report {key!r}."
        raise BadInputError(message, argument="key", accepted=list(known))
    return known[key]


def place_of(column: str, report: ReportDefinition) -> int:
    """Return which of a row's values stand in that column; raise BadInputError if none do."""
    names = [_column_name(item) for item in report.items]
    if column not in names:
        message = f"Rows cannot be ordered by {column!r}."
        raise BadInputError(message, argument="orderBy.column", accepted=names)
    return names.index(column)


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One row: what it is about, and one value for each item of the report."""

    platform: str | None
    group: tuple[GroupMember, ...]
    start: datetime
    end: datetime
    values: tuple[float | None, ...]
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A report's rows, its totals over all of them, and what became of each platform."""

    definition: ReportDefinition
    columns: tuple[Column, ...]
    rows: tuple[ReportRow, ...]
    totals: ReportRow | None
    failures: tuple[PlatformFailure, ...]
    sources: tuple[SourceStatus, ...]


def table(report: ReportDefinition, answer: MeasureAnswer, platforms: Sequence[Platform]) -> Table:
    """Return the table that the measured series make."""
    return Table(
        definition=report,
        columns=_columns(report, answer, platforms),
        rows=tuple(_rows(report, answer)),
        totals=_totals(report, answer),
        failures=answer.failures,
        sources=answer.sources,
    )


def _columns(
    report: ReportDefinition, answer: MeasureAnswer, platforms: Sequence[Platform]
) -> tuple[Column, ...]:
    """Return the columns: they follow from what was asked, never from what was answered."""
    dimensions = [
        Column(name="platform", title="Platform", type=ColumnType.TEXT),
        *(
            Column(
                name=one.value, title=one.name.replace("_", " ").capitalize(), type=ColumnType.TEXT
            )
            for one in answer.request.group_by
        ),
    ]
    if answer.request.grain is not Grain.TOTAL:
        dimensions += [
            Column(name="start", title="Start", type=ColumnType.INSTANT),
            Column(name="end", title="End", type=ColumnType.INSTANT),
        ]
    return (*dimensions, *(_value_column(item, platforms) for item in report.items))


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


def _rows(report: ReportDefinition, answer: MeasureAnswer) -> list[ReportRow]:
    """Return a row for each platform, group and bucket of which something was answered.

    Amounts of several currencies have rows of their own, beside one for what is no amount.
    """
    currencies: dict[tuple[str, tuple[str, ...]], set[str]] = {}
    for one in answer.series:
        found = currencies.setdefault(_about(one), set())
        found.update([one.currency] if one.currency else [])
    lines: dict[_Place, dict[str, Series]] = {}
    for one in answer.series:
        about = _about(one)
        apart = (one.currency or "") if len(currencies[about]) > 1 else ""
        lines.setdefault((*about, apart), {})[one.item] = one
    order = {key: at for at, key in enumerate(dict.fromkeys(place[0] for place in lines))}
    places = sorted(lines, key=lambda place: (order[place[0]], *place[1:]))
    return [row for place in places for row in _line(report, lines[place])]


def _about(one: Series) -> tuple[str, tuple[str, ...]]:
    return one.platform or "", tuple(member.id for member in one.group)


def _line(report: ReportDefinition, line: Mapping[str, Series]) -> list[ReportRow]:
    first = next(iter(line.values()))
    currency = next((one.currency for one in line.values() if one.currency), None)
    return [
        ReportRow(
            platform=first.platform,
            group=first.group,
            start=start,
            end=end,
            values=tuple(
                line[item].amounts[at].value if item in line else None for item in report.items
            ),
            currency=currency,
        )
        for at, (start, end) in enumerate(first.buckets)
    ]


def _totals(report: ReportDefinition, answer: MeasureAnswer) -> ReportRow | None:
    """Return the totals over all platforms, where no group would be counted twice by them."""
    if any(one.group for one in answer.series):
        return None
    found: dict[str, float | None] = {}
    for one in combined(answer.series):
        # Amounts of another currency are not added, and neither stands for both.
        found[one.item] = None if one.item in found else one.value
    currencies = {one.currency for one in answer.series if one.currency}
    return ReportRow(
        platform=None,
        group=(),
        start=answer.request.start,
        end=answer.request.end,
        values=tuple(found.get(item) for item in report.items),
        currency=currencies.pop() if len(currencies) == 1 else None,
    )
