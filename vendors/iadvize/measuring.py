"""What iAdvize measures: one question to its statistics, and its answer as readings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from vendors.buckets import floor_to, local_midnight, zone
from vendors.calls import Call
from vendors.clock import Clock
from vendors.errors import PlatformBadResponseError, PlatformRejectedError
from vendors.iadvize import mapping, wire
from vendors.iadvize.client import IadvizeClient
from vendors.iadvize.mapping import RESOURCES
from vendors.iadvize.reports import (
    OPERATOR_LIVE,
    OPERATOR_SOURCES,
    OPERATOR_STATISTIC,
    measurables,
)
from vendors.iadvize.settings import IadvizeSettings
from vendors.iadvize.walking import Filters
from vendors.measures import (
    Dimension,
    Grain,
    Measurables,
    MeasureCall,
    Member,
    Partition,
    Reading,
)

__all__ = ["Buckets", "IadvizeMeasures", "readings", "statistic_filters"]

_MOMENT = timedelta(microseconds=1)
# A window that ends so long ago was asked up to now: answers take their time.
_PRESENT = timedelta(minutes=5)
_Told: TypeAlias = wire.OperatorStatistic | wire.Live | None


class IadvizeMeasures:
    """What one iAdvize account measures."""

    def __init__(self, client: IadvizeClient, settings: IadvizeSettings, clock: Clock) -> None:
        """Measure by that client."""
        self._client = client
        self._settings = settings
        self._clock = clock
        self._measurables = measurables(settings)

    @property
    def measurables(self) -> Measurables:
        """Return what can be measured, as tables."""
        return self._measurables

    async def measure(self, measure: MeasureCall, call: Call) -> tuple[Reading, ...]:
        """Make the one call that is described, unless it is known to have no answer.

        That is so where the partition holds none of the sites asked for, where a window without
        buckets begins or ends in the second pass of an hour that a clock change repeats (its local
        time would be read as the first), and where what is told of now is asked of the past.

        Raises:
            PlatformRejectedError: the statistics cannot be asked so; no call was made.
            PlatformError: the call failed, or its answer cannot be read.
        """
        if measure.source in OPERATOR_SOURCES:
            return await self._operator(measure, call)
        partition = self._measurables.partition(measure.partition)
        filters = statistic_filters(measure, partition)
        if filters is None:
            return ()
        data = await self._client.statistic(filters, call)
        return readings(data, measure, partition, self._settings.bucket_labels)

    async def members(self, dimension: Dimension, call: Call) -> tuple[Member, ...]:
        """Return channels of the settings, websites of them or of the account, and operators."""
        if dimension is Dimension.AGENT:
            return tuple(
                Member(one.native_id, one.label) for one in await self._client.agents(call)
            )
        if dimension is Dimension.CHANNEL:
            return tuple(Member(word) for word in self._settings.channels)
        if dimension is not Dimension.SITE:
            return ()
        if self._settings.websites:
            return tuple(Member(one.id, one.label or None) for one in self._settings.websites)
        return tuple(Member(str(one.id), one.label) for one in await self._client.websites(call))

    async def _operator(self, measure: MeasureCall, call: Call) -> tuple[Reading, ...]:
        """Return what is told of one operator now: once, for it belongs to no website."""
        repeated = measure.partition != self._measurables.partitions[0].key
        if repeated or measure.end < self._clock.now() - _PRESENT:
            return ()
        ids = measure.filtered(Dimension.AGENT)
        if len(ids) != 1:
            raise PlatformRejectedError("one operator at a time")
        ask = _OF_OPERATOR[measure.source]
        return _of_operator(await ask(self._client, ids[0], call), measure)


_OF_OPERATOR: Mapping[str, Callable[[IadvizeClient, str, Call], Awaitable[_Told]]] = {
    OPERATOR_STATISTIC: IadvizeClient.operator_statistic,
    OPERATOR_LIVE: IadvizeClient.operator_live,
}


def _of_operator(told: _Told, measure: MeasureCall) -> tuple[Reading, ...]:
    """Return what is told of the one operator of a call; a figure is named by where it stands."""
    (member,) = measure.filtered(Dimension.AGENT)
    group = tuple(member for _ in measure.group_by)
    return tuple(
        Reading(figure, measure.start, mapping.number(_member(told, figure.split(".")[1:])), group)
        for figure in measure.figures
    )


def _member(told: object, path: Sequence[str]) -> object:
    for name in path:
        told = getattr(told, name, None)
    return told


def statistic_filters(measure: MeasureCall, partition: Partition) -> Filters | None:
    """Return the filters of the request, or None where it has no answer.

    Raises:
        PlatformRejectedError: the statistics have no such request.
    """
    where = zone(partition.time_zone)
    # The vendor's `to` is the last second that counts.
    first, last = measure.start.astimezone(where), (measure.end - _MOMENT).astimezone(where)
    wanted = measure.filtered(Dimension.SITE)
    sites = tuple(one for one in partition.sites or wanted if not wanted or one in wanted)
    if (wanted or partition.sites) and not sites:
        return None
    if measure.grain is Grain.TOTAL and (first.fold or last.fold):
        return None
    resource, ids = _resource(measure)
    if measure.grain is not Grain.TOTAL and len(measure.figures) > 1:
        raise PlatformRejectedError("one indicator with a granularity")
    pairs = (
        ("website_list", ",".join(sites)),
        ("channel", _channel(measure)),
        ("resource", RESOURCES[resource] if resource else ""),
        ("resource_id", ids[0] if len(ids) == 1 else ""),
        ("indicators", ",".join(measure.figures)),
        ("from", mapping.local_text(first)),
        ("to", mapping.local_text(last)),
        ("granularity", "" if measure.grain is Grain.TOTAL else measure.grain.value),
    )
    return tuple((name, value) for name, value in pairs if value)


def _resource(measure: MeasureCall) -> tuple[Dimension | None, tuple[str, ...]]:
    """Return the dimension that becomes `resource`, and the ids that it is restricted to."""
    narrowed = {one: ids for one, ids in measure.filters if one in RESOURCES}
    grouped = [one for one in measure.group_by if one in RESOURCES]
    asked = tuple(dict.fromkeys((*grouped, *narrowed)))
    if not asked:
        return None, ()
    if len(asked) > 1:
        raise PlatformRejectedError("one resource at a time")
    if measure.grain is not Grain.TOTAL:
        raise PlatformRejectedError("a resource with a granularity is not documented")
    ids = narrowed.get(asked[0], ())
    if not grouped and len(ids) > 1:
        raise PlatformRejectedError("one member of a resource at a time")
    return asked[0], ids


def _channel(measure: MeasureCall) -> str:
    channels = measure.filtered(Dimension.CHANNEL)
    if len(channels) > 1:
        raise PlatformRejectedError("one channel at a time")
    return "".join(channels)


def readings(
    data: wire.StatisticData,
    measure: MeasureCall,
    partition: Partition,
    labels: tuple[str, ...] = (),
) -> tuple[Reading, ...]:
    """Return what an answer tells of the figures that were asked for.

    What it leaves out was not told, be it a count or not: iAdvize leaves out, or answers with
    null, what does not exist on the channel. Whether it leaves out buckets in which nothing
    happened is not documented, and a gap is not filled with a zero on a guess.

    Raises:
        PlatformBadResponseError: the answer is of another shape, or a bucket's name is not known.
    """
    resource, ids = _resource(measure)
    if measure.grain is not Grain.TOTAL:
        buckets = Buckets(measure.grain, zone(partition.time_zone), labels)
        return _bucketed(data, measure, buckets)
    if resource is None or (isinstance(data, dict) and resource not in measure.group_by):
        return tuple(_told(_object(data), measure))
    return tuple(
        reading
        for member, row in _rows(data)
        if not ids or member in ids
        for reading in _told(row, measure, member)
    )


def _told(row: Mapping[str, Any], measure: MeasureCall, member: str = "") -> Iterator[Reading]:
    """Yield the figures of one object."""
    for name in measure.figures:
        if name in row:
            yield _reading(name, row[name], measure, member)


def _reading(
    figure: str,
    value: Any,  # noqa: ANN401 (as it came)
    measure: MeasureCall,
    member: str,
) -> Reading:
    """Return one value, at the start of the call's window."""
    return Reading(
        figure,
        measure.start,
        mapping.number(value),
        # A dimension that is no resource is a filter: its member is the one that was asked for.
        tuple(
            member if one in RESOURCES else "".join(measure.filtered(one)[:1])
            for one in measure.group_by
        ),
    )


def _object(data: wire.StatisticData) -> Mapping[str, Any]:
    if isinstance(data, dict):
        return data
    if data:
        raise PlatformBadResponseError("rows in place of one object")
    return {}


def _rows(data: wire.StatisticData) -> Iterator[tuple[str, wire.Row]]:
    """Yield the rows with the id of their member; a row of nobody is in no group."""
    if isinstance(data, dict):
        if data:
            raise PlatformBadResponseError("one object in place of rows")
        return
    for row in data:
        key = row.get("id")
        if isinstance(key, dict):
            # A composite key: which parts it may have is not documented.
            yield ", ".join(f"{part}={value}" for part, value in key.items()), row
        elif key is not None:
            yield str(key), row


def _bucketed(
    data: wire.StatisticData, measure: MeasureCall, buckets: Buckets
) -> tuple[Reading, ...]:
    """Return the readings of one indicator by buckets."""
    (figure,) = measure.figures
    found: dict[datetime, Reading] = {}
    for label, value in _labelled(data, figure):
        starts = buckets.starts(label)
        # A repeated hour that is named twice is named in its order.
        start = next((one for one in starts if one not in found), None)
        if start is not None:
            reading = _reading(figure, value, measure, "")
            found[start] = msgspec.structs.replace(reading, start=start)
        elif starts:
            raise PlatformBadResponseError("a bucket that is named twice")
    first = floor_to(measure.grain, measure.start, buckets.where)
    return tuple(one for one in found.values() if first <= one.start < measure.end)


def _labelled(data: wire.StatisticData, figure: str) -> Iterator[tuple[str, Any]]:
    """Yield each bucket's name and value, whichever of the likely shapes the answer has."""
    inner: Any = data.get(figure, data) if isinstance(data, dict) else data
    if isinstance(inner, dict):
        yield from inner.items()
    elif isinstance(inner, list):
        for row in inner:
            yield _label(row, figure), row.get(figure)
    elif inner is not None:
        raise PlatformBadResponseError("one value in place of buckets")


def _label(row: wire.Row, figure: str) -> str:
    """Return the name of a row's bucket: its one text, under whatever name."""
    texts = [
        value
        for name, value in row.items()
        if isinstance(value, str) and name != figure and not name.startswith("_")
    ]
    if len(texts) != 1:
        raise PlatformBadResponseError("a bucket without a name")
    return texts[0]


class Buckets(msgspec.Struct, frozen=True):
    """How buckets of one size are named in one zone: in ISO form, or by further patterns."""

    grain: Grain
    where: ZoneInfo
    patterns: tuple[str, ...] = ()

    def starts(self, label: str) -> tuple[datetime, ...]:
        """Return the instants that a name may mean: two for a repeated hour, none for a skipped.

        Raises:
            PlatformBadResponseError: it names no bucket of this size.
        """
        read = self._read(label)
        if read.tzinfo:
            starts: tuple[datetime, ...] = (read.astimezone(UTC),)
        elif self.grain is Grain.HOUR:
            starts = tuple(dict.fromkeys(self._hours(read)))
        elif read.time() != datetime.min.time():
            raise PlatformBadResponseError("a time of day in place of a day")
        else:
            starts = (local_midnight(read.date(), self.where),)
        if any(floor_to(self.grain, start, self.where) != start for start in starts):
            raise PlatformBadResponseError("a name that no bucket has")
        return starts

    def _read(self, label: str) -> datetime:
        month = len(label) == len("2017-03")
        try:
            return datetime.fromisoformat(f"{label}-01" if month else label)
        except ValueError:
            return self._read_by_pattern(label)

    def _read_by_pattern(self, label: str) -> datetime:
        for pattern in self.patterns:
            try:
                return datetime.strptime(label, pattern)  # noqa: DTZ007 (local, or says its zone)
            except ValueError:
                continue
        raise PlatformBadResponseError("a bucket's name that is not known")

    def _hours(self, read: datetime) -> Iterable[datetime]:
        for fold in (0, 1):
            start = read.replace(tzinfo=self.where, fold=fold).astimezone(UTC)
            # An hour that the clocks skipped comes back as another one.
            if start.astimezone(self.where).replace(tzinfo=None, fold=0) == read:
                yield start
