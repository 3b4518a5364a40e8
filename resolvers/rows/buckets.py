"""What all tables of measured values share: buckets, and pages of lines.

Values stand in lines: one line for each platform, item and group, with a row for each bucket. A
cursor names the line and the bucket that came last of each platform, so that a line which appears
or vanishes between two pages shifts no other, and a platform that is back goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from resolvers.context import RequestContext
from resolvers.paging import Cursor, Step, fingerprint, resumed, sealed
from resolvers.planner.series import MeasureAnswer, Series
from resolvers.rows.columns import Cell, Row, RowColumn, RowType
from resolvers.rows.table import RowArgument, RowPage, RowRequest
from vendors.buckets import floor_to, zone
from vendors.errors import BadInputError, PlatformError
from vendors.measures import Grain
from vendors.records import Channel

__all__ = [
    "BUCKET",
    "CHANNEL",
    "Line",
    "Stretch",
    "begun",
    "bucket_cells",
    "bucket_columns",
    "channels_of",
    "grain_of",
    "heard",
    "page_of",
    "stretch_of",
]

BUCKET = RowArgument(
    name="bucket",
    description="The size of the buckets.",
    choices=tuple(one.value for one in Grain),
    default=(Grain.DAY.value,),
)
CHANNEL = RowArgument(
    name="channel",
    description="The channels to restrict to; all if left out.",
    several=True,
    choices=tuple(one.value for one in Channel),
)
_WITHOUT_BUCKETS = frozenset({Grain.TOTAL, Grain.HOUR_OF_DAY})


def bucket_columns() -> tuple[RowColumn, ...]:
    """Return the columns that say which bucket a row is about."""
    return (
        _column("bucket_start", "Bucket start", RowType.INSTANT, "The bucket's first instant."),
        _column("bucket_end", "Bucket end", RowType.INSTANT, "The instant at which it ends."),
        _column(
            "local_date",
            "Local date",
            RowType.DATE,
            "The day of the asked time zone on which the bucket begins; empty for hours of the "
            "day over all days.",
        ),
        _column(
            "local_hour",
            "Local hour",
            RowType.INTEGER,
            "The hour, 0 to 23, of the asked time zone in which the bucket begins. A day on which "
            "clocks change has 23 or 25 of them.",
        ),
    )


def _column(name: str, title: str, kind: RowType, description: str) -> RowColumn:
    return RowColumn(name=name, title=title, type=kind, description=description)


def bucket_cells(
    start: datetime, end: datetime, hour: int | None, where: ZoneInfo
) -> tuple[Cell, Cell, Cell, Cell]:
    """Return what stands in `bucket_columns`; `hour` is that of the day over all days."""
    if hour is not None:
        return start, end, None, hour
    local = start.astimezone(where)
    return start, end, local.date(), local.hour


class Stretch(NamedTuple):
    """The period that is measured, and by which buckets."""

    start: datetime
    end: datetime
    grain: Grain


def grain_of(request: RowRequest, bucket: RowArgument = BUCKET) -> Grain:
    """Return the size of the buckets, by the table's own argument."""
    return Grain(request.arguments.get(bucket.name, bucket.default)[0])


def channels_of(request: RowRequest) -> tuple[Channel, ...]:
    """Return the channels to restrict to."""
    return tuple(Channel(word) for word in request.arguments.get(CHANNEL.name, ()))


def begun(context: RequestContext, table: str, request: RowRequest, after: str | None) -> Cursor:
    """Return where reading begins; raise BadInputError for a cursor of another question."""
    keys = [one.key for one in context.choose(request.platforms)]
    period, told = request.period, sorted(request.arguments.items())
    question = fingerprint(
        "lines", table, period.named, period.time_zone, keys, told, request.updated_since
    )
    begin = Cursor(question, period.start, period.end, at=request.at)
    return resumed(context.services.sealer, after, begin)


def stretch_of(request: RowRequest, begin: Cursor, bucket: RowArgument = BUCKET) -> Stretch | None:
    """Return what is to be measured, or None where it is nothing; raise BadInputError.

    Values that are brought up to date are measured from the bucket on that holds that moment.
    """
    grain, since = grain_of(request, bucket), request.updated_since
    start, end = begin.since or request.period.start, begin.until or request.period.end
    if since is not None:
        if grain in _WITHOUT_BUCKETS:
            message = f"Buckets of `{grain.value}` are not brought up to date."
            accepted = [one.value for one in Grain if one not in _WITHOUT_BUCKETS]
            raise BadInputError(message, argument=BUCKET.name, accepted=accepted)
        start = max(start, floor_to(grain.value, since, zone(request.period.time_zone)))
    return Stretch(start, end, grain) if start < end else None


def heard(answer: MeasureAnswer) -> list[Series]:
    """Return the series but those of platforms that failed and told nothing at all.

    They cost their rows: empty ones would stand for values that come later.
    """
    failed = {error.platform for error in answer.errors}
    told = {
        one.platform for one in answer.series if any(each.value is not None for each in one.amounts)
    }
    return [one for one in answer.series if one.platform in told or one.platform not in failed]


class Line(NamedTuple):
    """Rows that differ by their bucket alone."""

    key: tuple[str, ...]
    """What tells it from every other, the platform first; lines stand in the order of these."""
    length: int
    row: Callable[[int], Row]


def page_of(
    context: RequestContext,
    lines: Iterable[Line],
    begin: Cursor,
    first: int,
    errors: Sequence[PlatformError] = (),
) -> RowPage:
    """Return the page of so many rows, at most, of these lines, which are all that there are.

    More may follow where there are `errors`: of those platforms, for whoever asks again later.
    """
    rows: list[Row] = []
    steps: list[Step] = []
    more = bool(errors)
    every = sorted(lines, key=lambda line: line.key)
    for platform, own in groupby(every, lambda line: line.key[0]):
        behind = _behind(list(own), begin.positions.get(platform))
        for line, place in behind:
            if len(rows) == first:
                more = True
                break
            until = min(line.length, place + first - len(rows))
            rows += map(line.row, range(place, until))
            if until > place:
                steps.append((platform, _position(line, until - 1)))
            more = more or until < line.length
    return RowPage(
        rows=rows,
        end_cursor=sealed(context.services.sealer, begin.moved(steps)) if rows else None,
        has_next=bool(rows) and more,
    )


def _behind(lines: Sequence[Line], position: str | None) -> Iterator[tuple[Line, int]]:
    """Yield the lines of a platform that have rows behind the position, and where they begin."""
    last, place = ((), 0) if position is None else _POSITION.decode(position)
    for line in lines:
        begin = place + 1 if line.key == last else 0
        if line.key >= last and begin < line.length:
            yield line, begin


def _position(line: Line, place: int) -> str:
    return msgspec.json.encode((line.key, place)).decode()


_POSITION = msgspec.json.Decoder(tuple[tuple[str, ...], int])
