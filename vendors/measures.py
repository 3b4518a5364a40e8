"""How a vendor declares what it measures, and how one measuring call is written down.

A vendor's figures, sources and canonical rows are data. The planner reads these tables, decides
which calls are needed and hands each to the platform as a `MeasureCall`; the answer comes back as
`Reading`s. Nothing here knows a vendor, and a new figure is a new row.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from vendors.buckets import Span
from vendors.dimensions import Dimension
from vendors.parameters import Argument, Parameter
from vendors.records import Channel
from vendors.words import Word

__all__ = [
    "Dimension",
    "Figure",
    "Grain",
    "Grouping",
    "IndicatorRow",
    "Measurables",
    "MeasureCall",
    "Member",
    "Merge",
    "Partition",
    "Reading",
    "Source",
    "Term",
    "Unit",
    "Zoning",
]


class Grain(Word):
    """The size of the buckets of a series."""

    TOTAL = "total", "One value for the whole period."
    HOUR = "hour", "One value an hour of local time."
    HOUR_OF_DAY = "hour_of_day", "One value for each hour of the day, over all days of the period."
    DAY = "day", "One value a local day, of 23, 24 or 25 hours."
    WEEK = "week", "One value an ISO week, from Monday."
    MONTH = "month", "One value a calendar month."
    YEAR = "year", "One value a calendar year."


class Unit(Word):
    """The unit of a value, after conversion."""

    COUNT = "count", "A number of things."
    SECONDS = "seconds", "A duration in seconds."
    RATE = "rate", "A fraction from 0 to 1."
    MONEY = "money", "An amount of money; the series names its currency."
    PER_HOUR = "per_hour", "A number of things an hour."
    SCORE = "score", "A score on a scale that the description tells."
    UNKNOWN = "unknown", "The vendor documents no unit, and none is configured."


class Merge(Word):
    """How values of several buckets, groups or platforms become one."""

    SUM = "sum", "Add."
    MEAN = "mean", "Weighted mean; without a weight the parts stay apart."
    RATIO = "ratio", "Add numerators and denominators, then divide."
    UNION = "union", "Time during which somebody was there: adds over time, never over people."
    SNAPSHOT = "snapshot", "The state now: it belongs to no period and is never added."
    DISTINCT = "distinct", "Counts distinct things: parts cannot be added."


class Grouping(Word):
    """How a source splits its figures by a dimension."""

    ALL = "all", "One call answers every member."
    LISTED = "listed", "One call answers the members that it names."
    EACH = "each", "One call per member: the dimension is a filter."


class Zoning(Word):
    """In which zone a source cuts its buckets, and how it is told the bounds of a window."""

    ANY = "any", "In the IANA zone that the call names; bounds are instants."
    PARTITION = "partition", "In the zone of the platform's partition; bounds are its local time."


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of a vendor, under its own name."""

    name: str
    source: str
    unit: Unit
    merge: Merge
    title: str
    description: str = ""
    weight: tuple["Term", ...] = ()
    """For MEAN: what weighs it. Empty: the vendor gives no weight."""
    numerator: tuple["Term", ...] = ()
    denominator: tuple["Term", ...] = ()
    """For RATIO with parts: merged values are recomputed from these figures."""
    conversion: str | None = None
    """How the vendor's value becomes ours, such as `minutes × 60`; None: it is taken as it is."""
    additive_over: frozenset[Dimension] = frozenset(Dimension)
    channels: frozenset[str] | None = None
    """The channels (vendor's words) on which it exists; None: all."""
    dimensions: frozenset[Dimension] | None = None
    """By what it can be grouped, where that is less than its source can."""
    grains: frozenset[Grain] | None = None
    """The buckets it can have, where that is less than its source can."""
    deprecated: str | None = None
    caveat: str | None = None
    documented: bool = True
    personal: bool = False
    """Whether its groups are texts of people, and so may be personal data of customers."""


class Term(msgspec.Struct, frozen=True):
    """`times x figure`, or `times x figure x by` where a product of two figures is meant."""

    figure: str
    times: float = 1.0
    by: str | None = None


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of call that measures, and its limits.

    `grains` maps each bucket size that the vendor itself can cut to the longest window of one such
    call (None: no limit). `total` is the longest window of a call without buckets; `has_total` is
    False where the vendor cannot answer without buckets.
    """

    name: str
    endpoint: str
    grains: Mapping[Grain, Span | None] = {}
    has_total: bool = True
    total: Span | None = None
    figures_per_bucketed_call: int | None = None
    """How many figures one bucketed call may ask for (None: all)."""
    zoning: Zoning = Zoning.ANY
    groupings: Mapping[Dimension, Grouping] = {}
    grouped_grains: frozenset[Grain] | None = None
    """The bucket sizes it can cut while grouped other than EACH; None: the same as `grains`."""
    always_by: Dimension | None = None
    """A dimension that every call must be split by: one member a call where its grouping is EACH,
    all known members in one call where it is LISTED. An ungrouped value is merged from them."""
    several_at_once: frozenset[Dimension] = frozenset()
    """EACH dimensions whose filter takes several members and answers them merged into one."""
    filters: frozenset[Dimension] | None = None
    """LISTED dimensions that a call can also be restricted by while it is grouped by others, or
    not at all; None: all of `groupings`. The others can only be grouped by."""
    group_pairs: frozenset[tuple[Dimension, Dimension]] = frozenset()
    """Pairs of dimensions that may be grouped by at once, neither of them EACH."""
    settling: timedelta = timedelta(minutes=5)
    """How long after a bucket's end its figures may still move."""
    fresh_for: timedelta = timedelta(seconds=60)
    """How long an open bucket's value is taken as fresh."""
    snapshot: bool = False
    parameters: tuple[str, ...] = ()
    """The parameters that its calls take, by name."""
    narrowed: Mapping[str, Parameter] = {}
    """Those of them that it takes otherwise than other sources do, as it takes them."""
    documented: bool = True


class IndicatorRow(msgspec.Struct, frozen=True, kw_only=True):
    """How a vendor's figures make one canonical indicator.

    SUM, UNION, SNAPSHOT, DISTINCT: `value` is added up. MEAN: `value` is one figure and `weight`
    weighs it (empty: no weight known). RATIO: `value` over `weight`, each added up first; a
    RATIO row with an empty `weight` is a ratio that the vendor alone can compute, and is treated
    as a MEAN without weight.
    """

    indicator: str
    value: tuple[Term, ...]
    weight: tuple[Term, ...] = ()
    channels: frozenset[str] | None = None
    """Restricts the figures to these channels (vendor's words), where the definition demands it."""
    caveat: str | None = None


class Member(msgspec.Struct, frozen=True):
    """One member of a dimension on a platform: the vendor's id, and a name for people."""

    id: str
    name: str | None = None


class Partition(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a platform whose figures share one zone and one currency, and so one call."""

    key: str = ""
    time_zone: str = "UTC"
    currency: str | None = None
    sites: tuple[str, ...] = ()


class MeasureCall(msgspec.Struct, frozen=True, kw_only=True):
    """One call that measures, in neutral words; equal calls are one call.

    `start` and `end` are UTC instants, half-open. `grain` TOTAL means no buckets. `members` are
    the members named for a LISTED dimension of `group_by`; `filters` restrict (dimension, ids).
    """

    source: str
    figures: tuple[str, ...]
    start: datetime
    end: datetime
    zone: str
    grain: Grain = Grain.TOTAL
    group_by: tuple[Dimension, ...] = ()
    members: tuple[str, ...] = ()
    filters: tuple[tuple[Dimension, tuple[str, ...]], ...] = ()
    partition: str = ""
    arguments: tuple[Argument, ...] = ()

    def filtered(self, dimension: Dimension) -> tuple[str, ...]:
        """Return the ids that `dimension` is restricted to, or an empty tuple."""
        return next((ids for name, ids in self.filters if name is dimension), ())


class Reading(msgspec.Struct, frozen=True):
    """One measured value. A figure that was not measured is a reading of None, or no reading.

    `start` is the first instant (UTC) of the bucket, which is the call's own start for TOTAL.
    `group` holds one member id per dimension of the call's `group_by`, and `names` the members'
    names where the answer tells them.
    """

    figure: str
    start: datetime
    value: float | None
    group: tuple[str, ...] = ()
    names: tuple[str | None, ...] = ()


class Measurables(msgspec.Struct, frozen=True, kw_only=True):
    """All that one platform can measure: its vendor's tables, adapted to its settings."""

    sources: Mapping[str, Source]
    figures: Mapping[str, Figure]
    indicators: Mapping[str, IndicatorRow]
    partitions: tuple[Partition, ...] = (Partition(),)
    alternatives: Mapping[tuple[str, Dimension], IndicatorRow] = {}
    """The row to use instead where an indicator is grouped by that dimension."""
    channels: Mapping[str, Channel] = {}
    """The vendor's words for channels, as they stand in groups and filters, and what they mean."""

    reports: Mapping[str, tuple[str, ...]] = {}
    """The vendor's own tables, by name: the figures that are their columns."""
    parameters: Mapping[str, Parameter] = {}
    """What the sources can be told beside period, groups and filters, by name."""

    def with_reports(self, tables: Mapping[str, tuple[str, ...]]) -> "Measurables":
        """Return the same with those of the vendor's own tables that have figures here."""
        held = {
            name: tuple(figure for figure in figures if figure in self.figures)
            for name, figures in tables.items()
        }
        return msgspec.structs.replace(
            self, reports={name: figures for name, figures in held.items() if figures}
        )

    def row(
        self, indicator: str, group_by: tuple[Dimension, ...], filtered: tuple[Dimension, ...] = ()
    ) -> IndicatorRow | None:
        """Return how that indicator is made when grouped so, or None where it is not measured.

        An alternative that cannot be grouped and restricted so itself is passed over.
        """
        asked = frozenset((*group_by, *filtered))
        for dimension in group_by:
            row = self.alternatives.get((indicator, dimension))
            if row is not None and all(asked <= self._offered(one) for one in row.value):
                return row
        return self.indicators.get(indicator)

    def _offered(self, term: Term) -> frozenset[Dimension]:
        """Return what the figure of that term can be grouped or restricted by."""
        return frozenset(self.sources[self.figures[term.figure].source].groupings)

    def partition(self, key: str) -> Partition:
        """Return the partition of that key."""
        return next(part for part in self.partitions if part.key == key)
