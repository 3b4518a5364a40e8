"""Reports: tables of figures, the unified ones and the vendors' own."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import Parent

from resolvers.reports import catalogue, report
from resolvers.reports.pages import RowOrder
from resolvers.reports.table import ColumnType, plain_columns
from schema.context import Info
from schema.failures import PlatformFailure, SourceStatus
from schema.indicators import IndicatorFilter, grouping, read_filter
from schema.paging import AFTER, FIRST, PageInfo
from schema.parameters import ReportParameter, ReportParameterInput, read_parameters
from schema.platforms import PLATFORMS
from schema.selection import selected
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
    hour: int | None = strawberry.field(
        description="For granularity HOUR_OF_DAY: the hour of local time, 0 to 23."
    )
    values: list[float | None] = strawberry.field(
        description="One for each column of type NUMBER, in their order; null if not measured."
    )
    notes: list[str | None] = strawberry.field(
        description="For each of `values` why it is null or what it holds, where that is known."
    )
    currency: str | None = strawberry.field(description="The currency of amounts of money.")


def _plain_columns(root: Parent[catalogue.ReportDefinition], info: Info) -> list[ReportColumn]:
    return list(plain_columns(root, list(info.context.platforms.values())))  # type: ignore[arg-type]  # the type reads the record


@strawberry.type(description="What a report shows, and what it can be told.")
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
    columns: list[ReportColumn] = strawberry.field(
        description="Its columns, if the caller does not say how to group it nor by which buckets.",
        resolver=_plain_columns,
    )
    parameters: list[ReportParameter] = strawberry.field(
        description="What `report(parameters:)` takes; none for reports of all platforms."
    )


def _page_info(root: Parent[report.Report]) -> PageInfo:
    return PageInfo(
        has_next_page=root.page.has_next_page,
        has_previous_page=False,
        start_cursor=root.page.start_cursor,
        end_cursor=root.page.end_cursor,
    )


@strawberry.type(description="A table of figures, with totals and what became of each platform.")
class Report:
    """One page of a report's rows."""

    key: str = strawberry.field(description="Its key.", resolver=lambda root: root.definition.key)
    title: str = strawberry.field(
        description="Its name for people.", resolver=lambda root: root.definition.title
    )
    period: Period = strawberry.field(description="The period that it covers.")
    columns: list[ReportColumn] = strawberry.field(
        description="Its columns: platform, dimensions, bucket, then one for each figure."
    )
    rows: list[ReportRow] = strawberry.field(
        description="The rows of this page.", resolver=lambda root: root.page.rows
    )
    totals: list[ReportRow] = strawberry.field(
        description=(
            "All rows as one, by each figure's merge rule; for amounts of several currencies one "
            "row each. What no row can tell is asked of the platforms for the whole period; a "
            "value that can be had by neither is null, and `notes` says why."
        )
    )
    total_count: int = strawberry.field(
        description="How many rows there are on all pages.",
        resolver=lambda root: root.page.total_count,
    )
    page_info: PageInfo = strawberry.field(
        description="Where the page stands.", resolver=_page_info
    )
    failures: list[PlatformFailure] = strawberry.field(
        description="The platforms whose part is missing, and why; of `totals`, if selected, too."
    )
    sources: list[SourceStatus] = strawberry.field(
        description="Each platform's share; that in `totals`, if selected, included."
    )


@strawberry.input(description="By which column rows are ordered.")
class ReportOrder:
    """A column and a direction."""

    column: str = strawberry.field(description="The name of one of the report's `columns`.")
    descending: bool = strawberry.field(
        description="Whether the greatest comes first; rows without a value come last.",
        default=True,
    )


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
    parameters: Annotated[
        list[ReportParameterInput] | None,
        strawberry.argument(
            description="What else the vendor's own report is told; see `reportCatalogue`."
        ),
    ] = None,
    platforms: Annotated[list[str] | None, PLATFORMS] = None,
    order_by: Annotated[
        ReportOrder | None, strawberry.argument(description="By what rows are ordered.")
    ] = None,
    first: Annotated[int | None, FIRST] = None,
    after: Annotated[str | None, AFTER] = None,
) -> Report | None:
    context = info.context
    members, channels = read_filter(filter)
    question = report.Question(
        key=key,
        period=read_period(context, period, time_zone),
        platforms=platforms,
        grain=granularity,
        group_by=None if group_by is None else grouping(group_by),
        filters=members,
        channels=channels,
        given=read_parameters(parameters),
        order=None if order_by is None else RowOrder(order_by.column, order_by.descending),
    )
    totals = "totals" in selected(info)
    return await report.read_report(context, question, first=first, after=after, totals=totals)  # type: ignore[return-value]  # the type reads the record


def _reports(
    info: Info, platforms: Annotated[list[str] | None, PLATFORMS] = None
) -> list[ReportDefinition] | None:
    return catalogue.definitions(info.context.choose(platforms))  # type: ignore[return-value]  # the type reads the record


@strawberry.type
class ReportQuery:
    """The part of Query that is about reports."""

    report: Report | None = strawberry.field(
        description="A table of figures over a period (the last seven days if left out).",
        resolver=_report,
    )
    report_catalogue: list[ReportDefinition] | None = strawberry.field(
        description="The reports that there are; asks no platform.", resolver=_reports
    )
