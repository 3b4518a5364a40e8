"""What of a filter a table can be asked for: then nothing is read to be thrown away.

Only what must be true of every row is looked at. Whatever is found here, the rows are filtered
once more; so it may let more through than the filter, and never less.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from gateway.odata.terms import Call, Column, Constant, Literal, Several, Term, conjuncts
from resolvers.rows.columns import RowType
from resolvers.rows.table import RowTable
from vendors.buckets import floor_to, next_edge

__all__ = ["Pushed", "pushed"]

_PLATFORM, _INDICATOR = "platform", "indicator"
_KEYS, _NATIVE = "keys", "native"
_FROM, _TO, _BUCKET = "from", "to", "bucket"
_EDGES = frozenset({"hour", "day", "week", "month", "year"})
_INSTANT = timedelta(microseconds=1)
_TURNED: Mapping[str, str] = {"eq": "eq", "gt": "lt", "ge": "le", "lt": "gt", "le": "ge"}


class Pushed(NamedTuple):
    """Parameters of the table, and whether any row can be left at all."""

    parameters: Mapping[str, str]
    possible: bool = True


class _Bound(NamedTuple):
    column: str
    operator: str
    value: Literal


def pushed(
    term: Term | None,
    table: RowTable,
    told: Mapping[str, str],
    now: datetime,
    platforms: Iterable[str],
) -> Pushed:
    """Return what the filter asks of the table, beside the parameters that the caller has told.

    What the caller has told is left as it is. `now` is in the zone of local days.
    """
    parts = conjuncts(term)
    bounds, possible = _period(parts, table, told, now)
    parameters = dict(bounds)
    chosen = _chosen(parts, _PLATFORM)
    if chosen is not None and _PLATFORM not in told:
        visible = [key for key in platforms if key in chosen]
        possible = possible and bool(visible)
        parameters[_PLATFORM] = ",".join(visible)
    named = _chosen(parts, _INDICATOR)
    own = {one.name for one in table.arguments}
    if named is not None and {_KEYS, _NATIVE} <= own and not {_KEYS, _NATIVE} & told.keys():
        items = _items(named, table)
        possible = possible and bool(items)
        parameters.update(items)
    return Pushed(parameters, possible)


def _items(named: frozenset[Literal], table: RowTable) -> Mapping[str, str]:
    """Return the indicators, and the vendors' own figures, that have these names."""
    (keys,) = (one for one in table.arguments if one.name == _KEYS)
    texts = sorted(str(one) for one in named)
    told = {
        _KEYS: ",".join(text for text in texts if text in keys.choices),
        _NATIVE: ",".join(text for text in texts if "." in text and "," not in text),
    }
    return {name: text for name, text in told.items() if text}


# ---------------------------------------------------------------------------------- values


def _chosen(parts: Iterable[Term], column: str) -> frozenset[Literal] | None:
    """Return the only values that the column can have; None where it may have any."""
    found: frozenset[Literal] | None = None
    for part in parts:
        values = _values(part, column)
        if values is not None:
            found = values if found is None else found & values
    return found


def _values(term: Term, column: str) -> frozenset[Literal] | None:
    if not isinstance(term, Call):
        return None
    if term.name == "or":
        each = [_values(one, column) for one in term.arguments]
        known = [one for one in each if one is not None]
        return frozenset().union(*known) if len(known) == len(each) else None
    if term.name == "and":
        return _chosen(term.arguments, column)
    if term.name == "in" and term.arguments[0] == Column(column):
        listed = term.arguments[1]
        return frozenset(listed.values) if isinstance(listed, Several) else None
    bound = _bound(term)
    if bound is not None and (bound.column, bound.operator) == (column, "eq"):
        return frozenset({bound.value})
    return None


def _bound(term: Term) -> _Bound | None:
    """Return a comparison of a column with a value, whichever of them stands first."""
    if not (isinstance(term, Call) and term.name in _TURNED):
        return None
    left, right = term.arguments
    if isinstance(left, Column) and isinstance(right, Constant):
        return _Bound(left.name, term.name, right.value)
    if isinstance(left, Constant) and isinstance(right, Column):
        return _Bound(right.name, _TURNED[term.name], left.value)
    return None


# ---------------------------------------------------------------------------------- period


def _period(
    parts: Iterable[Term], table: RowTable, told: Mapping[str, str], now: datetime
) -> tuple[Mapping[str, str], bool]:
    """Return where the period begins and ends, and whether there is anything between.

    A period that has a beginning and no end is up to the end of today, as everywhere, but where
    rows may lie ahead.
    """
    if table.incremental is None or not table.dated or {_FROM, _TO} & told.keys():
        return {}, True
    where = now.tzinfo if isinstance(now.tzinfo, ZoneInfo) else ZoneInfo("UTC")
    grain = _grain(table, told)
    stretches = list(_stretches(parts, table, where))
    starts = [_edge(one, grain, where) for one, _ in stretches if one is not None]
    ends = [_edge(one, grain, where) for _, one in stretches if one is not None]
    start, end = max(starts, default=None), min(ends, default=None)
    today_ends = next_edge("day", floor_to("day", now, where), where)
    last = None if table.ahead else today_ends
    stop = end or last
    if start is not None and stop is not None and start >= stop:
        return {}, False
    if start is None and end is not None and last is not None and end >= last:
        # The period is counted back from its end: all that is meant by default is before this one.
        end = None
    bounds = {_FROM: start, _TO: end}
    return {name: one.isoformat() for name, one in bounds.items() if one is not None}, True


def _stretches(
    parts: Iterable[Term], table: RowTable, where: ZoneInfo
) -> Iterator[tuple[datetime | None, datetime | None]]:
    columns = {table.incremental, _day_column(table)}
    for bound in map(_bound, parts):
        if bound is not None and bound.column in columns:
            yield _stretch(bound, where)


def _day_column(table: RowTable) -> str | None:
    """Return the column that holds the local day of the incremental one: it stands beside it."""
    names = {f"{table.incremental}_date", "local_date"}
    days = (one.name for one in table.columns if one.type is RowType.DATE and one.name in names)
    return next(days, None)


def _stretch(bound: _Bound, where: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """Return the first instant that can be meant, and the one behind the last."""
    first, behind = _instants(bound.value, where)
    if first is None or behind is None:
        return None, None
    return {
        "eq": (first, behind),
        "ge": (first, None),
        "gt": (behind, None),
        "lt": (None, first),
        "le": (None, behind),
    }[bound.operator]


def _instants(value: Literal, where: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """Return the instant at which what is meant begins, and that at which it has ended."""
    try:
        if isinstance(value, datetime):
            first = value.astimezone(UTC)
            return first, first + _INSTANT
        if isinstance(value, date):
            first = datetime.combine(value, time(), where)
            behind = datetime.combine(value + timedelta(days=1), time(), where)
            return first.astimezone(UTC), behind.astimezone(UTC)
    except OverflowError:
        pass
    return None, None


def _grain(table: RowTable, told: Mapping[str, str]) -> str | None:
    """Return the size of the table's buckets, where it has some that begin at edges."""
    for one in table.arguments:
        if one.name == _BUCKET:
            grain = told.get(_BUCKET, one.default[0]).strip().lower()
            return grain if grain in _EDGES else None
    return None


def _edge(instant: datetime, grain: str | None, where: ZoneInfo) -> datetime:
    """Return the first edge of a bucket that is not before the instant.

    A bucket is never cut: whether it is meant is told by its beginning.
    """
    if grain is None:
        return instant
    try:
        floor = floor_to(grain, instant, where)
        found = floor if floor == instant else next_edge(grain, floor, where)
    except (OverflowError, ValueError):
        return instant
    return found.astimezone(UTC)
