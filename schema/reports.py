"""Reports: tables of figures, the unified ones and the vendors' own."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import Parent

from resolvers import indicators, periods, reports
from resolvers.paging import Cursor, fingerprint, resumed
from resolvers.planner.request import MeasureRequest
from resolvers.report_pages import Reading, RowOrder, RowPage
from resolvers.reports import ColumnType
from schema.context import Info
from schema.failures import PlatformFailure, SourceStatus
from schema.indicators import IndicatorFilter, grouping, read_filter
from schema.paging import AFTER, FIRST, PageInfo
from schema.platforms import PLATFORMS
from schema.series import GroupMember
from schema.windows import PERIOD, TIME_ZONE, Period, PeriodInput, read_period
from vendors.measures import Dimension, Grain, Unit

__all__ = ["Report", "ReportDefinition", "ReportQuery"]


@strawberry.type(description="One column of a report. Its type never depends on the data.")
class ReportColumn:
    """A column."""

    name: str = strawberry.field(description="Its name, for `orderBy`.")
    title: str = strawberry.field(description="Its name for people.")
    type: ColumnType = strawberry.field(description="The type of its cells.")
    unit: Unit | None = strawberry.field(description="The unit of its numbers.")
    description: str = strawberry.field(description="What it shows.")


@strawberry.type(description="One row of a report.")
class ReportRow:
    """What the row is about, and one value for each indicator of the report."""

    platform: str | None = strawberry.field(
        description="The key of the platform; null in the row of totals."
    )
    group: list[GroupMember] = strawberry.field(
        description="One member for each dimension of `groupBy`."
    )
    start: datetime = strawberry.field(description="The first instant of its bucket.")
    end: datetime = strawberry.field(description="The instant at which the bucket ends.")
    values: list[float | None] = strawberry.field(
        description="One for each column of type NUMBER, in their order; null if not measured."
    )
    currency: str | None = strawberry.field(description="The currency of amounts of money.")


@strawberry.type(description="What a report shows.")
class ReportDefinition:
    """One entry of the catalogue of reports."""

    key: str = strawberry.field(description="Its key, for `report(key:)`.")
    title: str = strawberry.field(description="Its name for people.")
    description: str = strawberry.field(description="What it shows.")
    items: list[str] = strawberry.field(
        description="The indicators, or native figures, that are its columns."
    )
    group_by: list[Dimension] = strawberry.field(
        description="What it tells apart beside platforms, if the caller does not say."
    )
    platform_keys: list[str] = strawberry.field(
        description="The platforms whose own table it is; empty for reports of all platforms."
    )


@dataclass(frozen=True, slots=True)
class _Page:
    """What the type Report reads."""

    table: reports.Table
    period: periods.Period
    page: RowPage


def _page_info(root: Parent[_Page]) -> PageInfo:
    return PageInfo(
        has_next_page=root.page.has_next_page,
        has_previous_page=False,
        start_cursor=root.page.start_cursor,
        end_cursor=root.page.end_cursor,
    )


@strawberry.type(description="A table of figures, with totals and what became of each platform.")
class Report:
    """One page of a report's rows."""

    key: str = strawberry.field(
        description="Its key.", resolver=lambda root: root.table.definition.key
    )
    title: str = strawberry.field(
        description="Its name for people.", resolver=lambda root: root.table.definition.title
    )
    period: Period = strawberry.field(description="The period that it covers.")
    columns: list[ReportColumn] = strawberry.field(
        description="Its columns: platform, dimensions, bucket, then one for each figure.",
        resolver=lambda root: root.table.columns,
    )
    rows: list[ReportRow] = strawberry.field(
        description="The rows of this page.", resolver=lambda root: root.page.rows
    )
    totals: ReportRow | None = strawberry.field(
        description=(
            "All platforms and buckets as one row, by each figure's merge rule; null values "
            "cannot be merged. Null where rows are grouped, and would overlap."
        ),
        resolver=lambda root: root.table.totals,
    )
    total_count: int = strawberry.field(
        description="How many rows there are on all pages.",
        resolver=lambda root: root.page.total_count,
    )
    page_info: PageInfo = strawberry.field(
        description="Where the page stands.", resolver=_page_info
    )
    failures: list[PlatformFailure] = strawberry.field(
        description="The platforms whose part is missing, and why.",
        resolver=lambda root: root.table.failures,
    )
    sources: list[SourceStatus] = strawberry.field(
        description="Each platform's share.", resolver=lambda root: root.table.sources
    )


@strawberry.input(description="By which column rows are ordered.")
class ReportOrder:
    """A column and a direction."""

    column: str = strawberry.field(description="The name of a column of type NUMBER.")
    descending: bool = strawberry.field(
        description="Whether the greatest comes first; rows without a value come last.",
        default=True,
    )


def _order(given: ReportOrder | None, report: reports.ReportDefinition) -> RowOrder | None:
    """Return the order; raise BadInputError for a column that has no numbers."""
    if given is None:
        return None
    return RowOrder(reports.place_of(given.column, report), given.descending)


async def _report(
    info: Info,
    key: Annotated[str, strawberry.argument(description="Which report: see `reportCatalogue`.")],
    period: Annotated[PeriodInput | None, PERIOD] = None,
    time_zone: Annotated[str | None, TIME_ZONE] = None,
    granularity: Annotated[
        Grain, strawberry.argument(description="The size of the buckets.")
    ] = Grain.TOTAL,
    group_by: Annotated[
        list[Dimension] | None,
        strawberry.argument(description="What to tell apart; the report's own if left out."),
    ] = None,
    filter: Annotated[
        IndicatorFilter | None, strawberry.argument(description="What to restrict to.")
    ] = None,
    platforms: Annotated[list[str] | None, PLATFORMS] = None,
    order_by: Annotated[
        ReportOrder | None, strawberry.argument(description="By what rows are ordered.")
    ] = None,
    first: Annotated[int | None, FIRST] = None,
    after: Annotated[str | None, AFTER] = None,
) -> Report | None:
    context = info.context
    report = reports.definition(key, context.platforms.values())
    period_ = read_period(context, period, time_zone)
    chosen = context.choose(platforms)
    if platforms is None and report.platform_keys:
        chosen = tuple(one for one in chosen if one.key in report.platform_keys)
    members, channels = read_filter(filter)
    dimensions = report.group_by if group_by is None else grouping(group_by)
    # What is wrong with the page is said before anything is asked of a platform.
    order = _order(order_by, report)
    keys = [one.key for one in chosen]
    named = (key, period_.named, period_.time_zone, granularity, dimensions)
    question = fingerprint("report", *named, members, channels, keys, order)
    size = None if first is None else context.page_size(first)
    sealer = context.services.sealer
    begun = resumed(sealer, after, Cursor(question, period_.start, period_.end))
    rows = Reading(begun, size, order, sealer)
    asked = rows.pinned(period_)
    request = MeasureRequest(
        items=report.items,
        start=asked.start,
        end=asked.end,
        zone=asked.time_zone,
        grain=granularity,
        group_by=dimensions,
        filters=members,
        channels=channels,
    )
    answer = await indicators.measure(context, request, chosen)
    table = reports.table(report, answer, chosen)
    return _Page(table, asked, rows.page(table.rows))  # type: ignore[return-value]  # the type reads the record


def _reports(
    info: Info, platforms: Annotated[list[str] | None, PLATFORMS] = None
) -> list[ReportDefinition]:
    return reports.definitions(info.context.choose(platforms))  # type: ignore[return-value]  # the type reads the record


@strawberry.type
class ReportQuery:
    """The part of Query that is about reports."""

    report: Report | None = strawberry.field(
        description="A table of figures over a period (the last seven days if left out).",
        resolver=_report,
    )
    report_catalogue: list[ReportDefinition] = strawberry.field(
        description="The reports that there are; asks no platform.", resolver=_reports
    )
