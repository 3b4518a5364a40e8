"""The table of indicators: one row for each value, whatever is measured."""

from __future__ import annotations

from functools import partial
from zoneinfo import ZoneInfo

from resolvers.context import RequestContext
from resolvers.indicators import measure
from resolvers.planner.request import MeasureRequest
from resolvers.planner.series import Series
from resolvers.reports.table import bucket_note, is_settled
from resolvers.rows.buckets import (
    BUCKET,
    CHANNEL,
    Line,
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
    names_of,
)
from resolvers.rows.table import RowArgument, RowPage, RowRequest, RowTable
from vendors.buckets import zone
from vendors.catalogue import IndicatorKey

__all__ = ["INDICATORS"]

_K = IndicatorKey
_HEADLINES = (
    _K.CONVERSATIONS_STARTED,
    _K.CONVERSATIONS_CLOSED,
    _K.MESSAGES_RECEIVED,
    _K.MESSAGES_SENT,
    _K.FIRST_RESPONSE_TIME,
    _K.HANDLE_TIME,
    _K.SATISFACTION_RATE,
)

_KEYS = RowArgument(
    name="keys",
    description="Which indicators: a few of them if neither they nor `native` are named.",
    several=True,
    choices=tuple(one.value for one in IndicatorKey),
    default=tuple(one.value for one in _HEADLINES),
)
_NATIVE = RowArgument(
    name="native",
    description="Which figures under the vendors' own names, as `vendor.figure`.",
    several=True,
)


def _text(name: str, description: str, kind: RowType = RowType.TEXT) -> RowColumn:
    return RowColumn(name=name, title=titled(name), type=kind, description=description)


_COLUMNS = (
    _text("platform", "The key of the platform."),
    _text("indicator", "The indicator, or the native figure as `vendor.figure`."),
    _text("unit", "The unit of the value."),
    _text("merge", "How several values become one; `mean` and `ratio` are weighed by `weight`."),
    *bucket_columns(),
    *MEMBERS,
    _text("value", "The value; empty if not measured.", RowType.NUMBER),
    _text("weight", "What weighs it, where it is a mean or a ratio.", RowType.NUMBER),
    _text("final", "Whether it can no longer change.", RowType.BOOLEAN),
    _text("currency", "The currency of money, by ISO 4217; an empty text where there is none."),
    _text("note", "Why it is empty or what it holds, where that is known."),
)


async def _read(
    context: RequestContext, request: RowRequest, first: int, after: str | None
) -> RowPage:
    """Return the page behind the cursor; all values are measured at once, for the first one."""
    begin = begun(context, INDICATORS.name, request, after)
    stretch = stretch_of(request, begin)
    if stretch is None:
        return RowPage(())
    asked = MeasureRequest(
        items=_items(request),
        start=stretch.start,
        end=stretch.end,
        zone=request.period.time_zone,
        grain=stretch.grain,
        group_by=dimensions_of(request),
        channels=channels_of(request),
    )
    answer = await measure(context, asked, context.choose(request.platforms))
    series = heard(answer)
    wanted = series if request.wants(*MEMBER_NAMES) else ()
    names = await names_of(context, (member for one in wanted for member in one.group))
    where = zone(asked.zone)
    lines = (_line(one, names, where) for one in series)
    page = page_of(context, lines, begin, first, answer.errors)
    return page.told(answer.failures, answer.sources)


def _items(request: RowRequest) -> tuple[str, ...]:
    native = request.arguments.get(_NATIVE.name, ())
    keys = request.arguments.get(_KEYS.name, () if native else _KEYS.default)
    return (*keys, *native)


def _line(one: Series, names: Names, where: ZoneInfo) -> Line:
    members = tuple(member.id for member in one.group)
    key = (one.platform or "", one.item, *members, one.currency or "")
    return Line(key, len(one.buckets), partial(_row, one, _about(one, names), where))


def _about(one: Series, names: Names) -> tuple[Row, Row]:
    """Return the cells of a line that are the same in all of its rows."""
    said = (one.platform, str(one.item), one.unit.value, one.merge.value)
    return said, member_cells(one.group, names)


def _row(one: Series, about: tuple[Row, Row], where: ZoneInfo, at: int) -> Row:
    (start, end), amount = one.buckets[at], one.amounts[at]
    hour = at if one.grain == "hour_of_day" else None
    return (
        *about[0],
        *bucket_cells(start, end, hour, where),
        *about[1],
        amount.value,
        amount.weight,
        is_settled(one, at),
        one.currency or "",
        bucket_note(one, at),
    )


INDICATORS = RowTable(
    name="indicators",
    noun="indicator",
    title="Indicators",
    description="Figures that are comparable over platforms: one row for each value.",
    columns=_COLUMNS,
    key=(
        "platform",
        "indicator",
        *MEMBER_IDS,
        "currency",
        "bucket_start",
        "local_hour",
    ),
    read=_read,
    incremental="bucket_start",
    dated=True,
    arguments=(_KEYS, _NATIVE, BUCKET, GROUP, CHANNEL),
)
"""The table of indicators."""
