"""A period cut into windows that can be read one by one, and that change no row.

Lists of records are cut anywhere: a record lies in one window by its instant. Measured values are
cut at edges of their buckets alone, and not at all where a row depends on more than its bucket. A
platform that cannot be asked for all buckets at once may tell those of a window.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from resolvers.rows.buckets import BUCKET
from resolvers.rows.groups import GROUP
from resolvers.rows.indicators import INDICATORS
from resolvers.rows.table import RowArgument, RowRequest, RowTable
from vendors.buckets import bucket_edges, floor_to, zone
from vendors.catalogue import CATALOGUE, IndicatorKey
from vendors.errors import BadInputError
from vendors.measures import Grain, Unit

__all__ = ["WHOLE", "WINDOW", "Window", "bucket_of", "uncut_because", "windows_of"]

WHOLE = "whole"
_DAY, _WEEK, _MONTH, _YEAR = "day", "week", "month", "year"

WINDOW = RowArgument(
    name="window",
    description="How long the windows are that are read, and kept, one by one; chosen by the "
    "length of the period if left out.",
    choices=(_DAY, _WEEK, _MONTH, _YEAR, WHOLE),
)

_BY_LENGTH: Sequence[tuple[timedelta, str]] = (
    (timedelta(days=31), _DAY),
    (timedelta(days=183), _WEEK),
    (timedelta.max, _MONTH),
)
"""For periods up to which length lists are cut into what."""

_BY_BUCKET: Mapping[Grain, tuple[str, int]] = {
    Grain.HOUR: (_DAY, 1),
    Grain.DAY: (_MONTH, 1),
    Grain.WEEK: (_WEEK, 13),
    Grain.MONTH: (_MONTH, 12),
    Grain.YEAR: (_YEAR, 1),
}
"""By how many of what measured values are cut; what is not here is one value of the whole."""

_ALLOWED: Mapping[Grain, tuple[str, ...]] = {
    Grain.HOUR: (_DAY, _WEEK, _MONTH, _YEAR),
    Grain.DAY: (_DAY, _WEEK, _MONTH, _YEAR),
    Grain.WEEK: (_WEEK,),
    Grain.MONTH: (_MONTH, _YEAR),
    Grain.YEAR: (_YEAR,),
}
"""Whose edges are edges of the buckets, too."""


class Window(NamedTuple):
    """A half-open part of the period, in UTC."""

    start: datetime
    end: datetime


def bucket_of(table: RowTable, request: RowRequest) -> Grain | None:
    """Return the size of the buckets; None for a table that has none."""
    for one in table.arguments:
        if one.name == BUCKET.name:
            return Grain(request.arguments.get(one.name, one.default)[0])
    return None


def uncut_because(table: RowTable, request: RowRequest) -> str | None:
    """Return why the period cannot be cut; None where it can."""
    if not table.dated:
        return "the table is about no period"
    bucket = bucket_of(table, request)
    if bucket is None:
        return None
    if bucket not in _BY_BUCKET:
        return f"buckets of `{bucket.value}` are made of the whole period"
    return next((reason for depends, reason in _WHOLE if depends(table, request)), None)


def _grouped(table: RowTable, request: RowRequest) -> bool:
    """Return whether rows are about members: one that is found once has a row in every bucket."""
    if GROUP in table.arguments:
        return bool(request.arguments.get(GROUP.name))
    # A report that is grouped by what it is about has these in its key.
    return any(name.endswith("_id") for name in table.key)


def _in_currencies(table: RowTable, request: RowRequest) -> bool:
    if table.name != INDICATORS.name:
        units = {column.unit for column in table.columns}
    elif "native" in request.arguments:
        # What unit they have is each vendor's own matter.
        return True
    else:
        default = next(one.default for one in table.arguments if one.name == "keys")
        keys = request.arguments.get("keys", default)
        units = {CATALOGUE[IndicatorKey(key)].unit for key in keys}
    return Unit.MONEY in units


_WHOLE: Sequence[tuple[Callable[[RowTable, RowRequest], bool], str]] = (
    (_grouped, "which groups have rows depends on the whole period"),
    (_in_currencies, "which currencies have rows depends on the whole period"),
)
"""Why measured values cannot be cut."""


def windows_of(
    table: RowTable, request: RowRequest, now: datetime, unit: str | None = None
) -> tuple[Window, ...]:
    """Return the windows of the period in their order: one at least, without gap or overlap.

    What lies ahead of now belongs to the window in which now lies. Raises BadInputError where the
    period cannot be cut into such windows.
    """
    period = request.period
    whole = Window(period.start, period.end)
    reason = uncut_because(table, request)
    if reason is not None and unit not in {None, WHOLE}:
        message = f"`{table.name}` cannot be cut into windows here: {reason}."
        raise BadInputError(message, argument=WINDOW.name, accepted=(WHOLE,))
    if reason is not None or unit == WHOLE:
        return (whole,)
    bucket = bucket_of(table, request)
    grain, count = _step(bucket, whole, unit)
    edges = bucket_edges(grain, whole.start, whole.end, zone(period.time_zone))[count::count]
    inner = [edge for edge in edges if edge < min(whole.end, now)]
    bounds = [whole.start, *inner, whole.end]
    windows = [Window(*pair) for pair in pairwise(bounds)]
    return _worth_reading(windows, request, bucket)


def _step(bucket: Grain | None, whole: Window, unit: str | None) -> tuple[str, int]:
    """Return of what, and of how many of these, a window consists."""
    if unit is not None and bucket is not None and unit not in _ALLOWED[bucket]:
        message = f"Buckets of `{bucket.value}` would be cut by windows of `{unit}`."
        raise BadInputError(message, argument=WINDOW.name, accepted=(*_ALLOWED[bucket], WHOLE))
    if unit is not None:
        return unit, 1
    if bucket is not None:
        return _BY_BUCKET[bucket]
    length = whole.end - whole.start
    return next(name for longest, name in _BY_LENGTH if length <= longest), 1


def _worth_reading(
    windows: Sequence[Window], request: RowRequest, bucket: Grain | None
) -> tuple[Window, ...]:
    """Return the windows without those that lie before what is asked for by `updated_since`."""
    since = request.updated_since
    if since is None:
        return tuple(windows)
    if bucket is not None:
        since = floor_to(bucket.value, since, zone(request.period.time_zone))
    return tuple(one for one in windows if one.end > since) or (windows[-1],)
