"""A report as it is asked for, and the page of it that is read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from resolvers.context import RequestContext
from resolvers.given import Given
from resolvers.indicators import joined, measure
from resolvers.outcomes import PlatformFailure, SourceStatus
from resolvers.paging import Cursor, fingerprint, resumed
from resolvers.parameters import arguments_of
from resolvers.periods import Period
from resolvers.planner.request import MeasureRequest
from resolvers.planner.series import MeasureAnswer
from resolvers.reports.catalogue import ReportDefinition, definition
from resolvers.reports.pages import Reading, RowOrder, RowPage
from resolvers.reports.table import Column, ReportRow, columns_of, rows_of
from resolvers.reports.totals import totals_of
from vendors.errors import BadInputError
from vendors.measures import Dimension, Grain
from vendors.port import Platform
from vendors.records import Channel

__all__ = ["Question", "Report", "read_report"]


@dataclass(frozen=True, slots=True)
class Question:
    """Which report is asked for, of whom, and how it is to be ordered."""

    key: str
    period: Period
    platforms: Sequence[str] | None = None
    grain: Grain = Grain.TOTAL
    group_by: tuple[Dimension, ...] | None = None
    """None: by what the report is grouped if nobody says otherwise."""
    filters: tuple[tuple[Dimension, tuple[str, ...]], ...] = ()
    channels: tuple[Channel, ...] = ()
    given: tuple[Given, ...] = ()
    order: RowOrder | None = None

    def request(self, report: ReportDefinition, platforms: Iterable[Platform]) -> MeasureRequest:
        """Return what is to be measured for that report.

        Raises BadInputError for parameters that these platforms do not take.
        """
        request = MeasureRequest(
            items=report.items,
            start=self.period.start,
            end=self.period.end,
            zone=self.period.time_zone,
            grain=self.grain,
            group_by=report.group_by if self.group_by is None else self.group_by,
            filters=self.filters,
            channels=self.channels,
        )
        arguments = arguments_of(self.given, request, platforms)
        return msgspec.structs.replace(request, arguments=arguments)


@dataclass(frozen=True, slots=True)
class Report:
    """One page of a report, and all that there is to say about the whole of it."""

    definition: ReportDefinition
    period: Period
    columns: tuple[Column, ...]
    page: RowPage
    answer: MeasureAnswer
    totals: tuple[ReportRow, ...] = ()
    """All rows as one, where they were asked for."""

    @property
    def failures(self) -> tuple[PlatformFailure, ...]:
        """Return the platforms whose part is missing, and why."""
        return self.answer.failures

    @property
    def sources(self) -> tuple[SourceStatus, ...]:
        """Return each platform's share."""
        return self.answer.sources


async def read_report(
    context: RequestContext,
    question: Question,
    *,
    first: int | None,
    after: str | None,
    totals: bool = False,
) -> Report:
    """Return a page of the report, or all of it where `first` is None.

    For the `totals` platforms may be asked once more, which counts as part of the report.

    Raises BadInputError for what is not acceptable, before anything is asked of a platform.
    """
    report = definition(question.key, context.platforms.values())
    chosen = context.choose(question.platforms)
    if question.platforms is None and report.platform_keys:
        chosen = tuple(one for one in chosen if one.key in report.platform_keys)
    request = question.request(report, chosen)
    columns = columns_of(report, request, chosen)
    _check_order(question.order, columns)
    keys = [one.key for one in chosen]
    reading = _reading(context, question, request, keys, first=first, after=after)
    pinned = reading.pinned(question.period)
    request = msgspec.structs.replace(request, start=pinned.start, end=pinned.end)
    answer = await measure(context, request, chosen)
    rows = rows_of(report, answer.series)
    page = reading.page(rows, columns)
    if not totals:
        return Report(report, pinned, columns, page, answer)
    whole = await totals_of(context, report, answer)
    return Report(report, pinned, columns, page, joined(answer, whole.answers), whole.rows)


def _reading(
    context: RequestContext,
    question: Question,
    request: MeasureRequest,
    platforms: Sequence[str],
    *,
    first: int | None,
    after: str | None,
) -> Reading:
    """Return where reading begins; raise BadInputError for a cursor of another question."""
    period = question.period
    asked = (question.key, period.named, period.time_zone, request.grain, request.group_by)
    chosen = (request.filters, request.channels, platforms, question.order, *request.arguments)
    sealer = context.services.sealer
    begin = Cursor(fingerprint("report", *asked, *chosen), period.start, period.end)
    size = None if first is None else context.page_size(first)
    return Reading(resumed(sealer, after, begin), size, question.order, sealer)


def _check_order(order: RowOrder | None, columns: Sequence[Column]) -> None:
    """Raise BadInputError for a column that the report does not have."""
    names = [one.name for one in columns]
    if order is not None and order.column not in names:
        message = f"Rows cannot be ordered by {order.column!r}."
        raise BadInputError(message, argument="orderBy.column", accepted=names)
