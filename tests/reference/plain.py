"""What the answer has to be, by plain arithmetic over one plain question after another.

The rules are those that the catalogue states: counts and times are added, means are weighed by
what the vendor says weighs them, ratios add up what is above and what is below and divide once, and
what may count the same thing twice is not added at all. Nothing measured is None, never zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.reference.asking import Asker, Group, NotOfferedError, Part, UnaskableError
from tests.reference.periods import Interval, buckets

from resolvers.planner.request import MeasureRequest
from vendors.catalogue import CATALOGUE, IndicatorKey
from vendors.measures import Dimension, Grouping, Measurables, Merge, Term

__all__ = ["APART", "CANNOT_TELL", "Expected", "Told", "expected", "merged"]


@dataclass(frozen=True)
class Told:
    """A value, what weighs it, and what was divided; `apart` says that parts must not be merged."""

    value: float | None
    weight: float | None = None
    numerator: float | None = None
    apart: bool = False

    @property
    def measured(self) -> bool:
        """Return whether anything was told at all, if only that there was nothing to weigh."""
        return any(one is not None for one in (self.value, self.weight, self.numerator))


CANNOT_TELL = None
"""In place of what could not be asked with its exact bounds."""
APART = Told(None, apart=True)


@dataclass
class Expected:
    """One item on one platform and group: by bucket, and over the whole period."""

    merge: Merge
    weighed: bool
    points: list[Told | None] = field(default_factory=list)
    total: Told | None = None
    across: bool = True
    """Whether platforms may be added."""


@dataclass(frozen=True)
class _Item:
    """How an item is made of figures."""

    key: str
    merge: Merge
    value: tuple[Term, ...]
    weight: tuple[Term, ...]
    channels: frozenset[str] | None
    parts: _Item | None = None
    """For a vendor's own quotient: what it is a quotient of."""

    @property
    def figures(self) -> tuple[str, ...]:
        return _named((*self.value, *self.weight))


def _named(terms: Iterable[Term]) -> tuple[str, ...]:
    names = (name for term in terms for name in (term.figure, term.by) if name)
    return tuple(dict.fromkeys(names))


async def expected(
    asker: Asker, item: str, request: MeasureRequest
) -> dict[tuple[str, ...], Expected]:
    """Return what has to be answered, by group; without groups there is ().

    Raises:
        NotOfferedError: the platform does not measure the item so.
    """
    made = _item(asker, item, request)
    slots = buckets(request.grain, request.start, request.end, request.zone)
    found = {}
    for group in sorted(await _groups(asker, made, request, slots)):
        members = dict(zip(request.group_by, group, strict=True))
        one = Expected(made.merge, bool(made.weight), across=_across(asker.tables, made))
        for stretches in slots:
            one.points.append(await _over(asker, made, request, stretches, members))
        one.total = await _over(asker, made, request, [(request.start, request.end)], members)
        found[group] = one
    return found


def _across(tables: Measurables, item: _Item) -> bool:
    return all(Dimension.PLATFORM in tables.figures[name].additive_over for name in item.figures)


def _item(asker: Asker, key: str, request: MeasureRequest) -> _Item:
    tables = asker.tables
    vendor, dot, name = key.partition(".")
    if not dot:
        row = tables.row(key, request.group_by)
        if row is None:
            raise NotOfferedError("not measured")
        merge = CATALOGUE[IndicatorKey(key)].merge
        # A quotient that the vendor alone can make is a mean of which nobody knows the weight.
        kind = Merge.MEAN if merge is Merge.RATIO and not row.weight else merge
        return _Item(key, kind, row.value, row.weight, row.channels)
    if vendor != asker.platform.vendor or name not in tables.figures:
        raise NotOfferedError("another vendor's")
    figure = tables.figures[name]
    own = (Term(name),)
    if figure.merge is not Merge.RATIO:
        weight = figure.weight if figure.merge is Merge.MEAN else ()
        return _Item(key, figure.merge, own, weight, None)
    parts = None
    if figure.denominator:
        parts = _Item(key, Merge.RATIO, figure.numerator, figure.denominator, None)
    return _Item(key, Merge.MEAN, own, (), None, parts)


async def _groups(
    asker: Asker, item: _Item, request: MeasureRequest, slots: Sequence[Sequence[Interval]]
) -> set[tuple[str, ...]]:
    """Return every group of which something is told in any bucket."""
    found: set[tuple[str, ...]] = set()
    for name in _named(item.value):
        words = _words(asker.tables, item, name, request, weighing=False)
        for stretches in slots:
            for when in stretches:
                found |= await asker.groups(name, request, words, when)
    return found


async def _over(
    asker: Asker,
    item: _Item,
    request: MeasureRequest,
    stretches: Sequence[Interval],
    group: Group,
) -> Told | None:
    """Return an item's value over stretches of time that together are one bucket."""
    if not stretches:
        return Told(None)
    try:
        told = [await _at(asker, item, request, when, group) for when in stretches]
        if item.parts is not None and (len(told) > 1 or told[0].apart):
            told = [await _at(asker, item.parts, request, when, group) for when in stretches]
            return merged(Merge.RATIO, told)
    except UnaskableError:
        return CANNOT_TELL
    return merged(item.merge, told)


async def _at(
    asker: Asker, item: _Item, request: MeasureRequest, when: Interval, group: Group
) -> Told:
    """Return an item's value over one stretch of time."""
    value, weight = set(_named(item.value)), set(_named(item.weight))
    parts: dict[str, list[Part]] = {}
    for name in (*value, *(weight - value)):
        words = _words(asker.tables, item, name, request, weighing=name not in value)
        parts[name] = await asker.parts(name, request, words, when, group)
    if any(_overlap(asker.tables, name, told) for name, told in parts.items()):
        return APART
    return _MADE[item.merge](item, parts)


def _words(
    tables: Measurables, item: _Item, name: str, request: MeasureRequest, *, weighing: bool
) -> tuple[str, ...] | None:
    """Return the channels that count for one figure, None where all do.

    What is below a line is of all channels, unless the vendor answers one channel at a time.
    """
    figure = tables.figures[name]
    source = tables.sources[figure.source]
    each = source.groupings.get(Dimension.CHANNEL) is Grouping.EACH
    always = source.always_by is Dimension.CHANNEL
    limits = []
    if item.channels is not None and (always or not weighing):
        limits.append(item.channels)
    if figure.channels is not None and each and (always or Dimension.CHANNEL in request.group_by):
        limits.append(figure.channels)
    if request.channels:
        limits.append(frozenset(w for w, one in tables.channels.items() if one in request.channels))
    words = tuple(w for w in tables.channels if all(w in limit for limit in limits))
    if not limits or (words and len(words) == len(tables.channels)):
        return None
    if not words:
        raise NotOfferedError("on none of these channels")
    return words


def _overlap(tables: Measurables, name: str, parts: Sequence[Part]) -> bool:
    """Return whether parts would have to be added that may count the same thing."""
    additive = tables.figures[name].additive_over
    for dimension in {one for part in parts for one, _ in part.place} - additive:
        if len({dict(part.place)[dimension] for part in parts}) > 1:
            return True
    return Dimension.SITE not in additive and len({part.partition for part in parts}) > 1


def _summed(terms: Sequence[Term], parts: Mapping[str, Sequence[Part]]) -> float | None:
    """Return the terms added up over all parts; None where nothing was measured of one of them."""
    total = 0.0
    for term in terms:
        products = [
            product
            for part in parts[term.figure]
            if (product := _product(term, part, parts)) is not None
        ]
        if not products:
            return None
        total += sum(products)
    return total


def _product(term: Term, part: Part, parts: Mapping[str, Sequence[Part]]) -> float | None:
    factor: float | None = 1.0
    # Of nothing there is no share, and none is needed.
    if term.by is not None and part.value != 0:
        factor = _beside(part, parts[term.by])
    return None if part.value is None or factor is None else part.value * factor * term.times


def _beside(part: Part, others: Sequence[Part]) -> float | None:
    """Return another figure's value of the same members."""
    return next(
        (one.value for one in others if (one.place, one.partition) == (part.place, part.partition)),
        None,
    )


def _added(item: _Item, parts: Mapping[str, Sequence[Part]]) -> Told:
    return Told(_summed(item.value, parts))


def _single(item: _Item, parts: Mapping[str, Sequence[Part]]) -> Told:
    """Return what cannot be added, if it is one part."""
    return _added(item, parts) if len(parts[item.value[0].figure]) <= 1 else APART


def _weighed(item: _Item, parts: Mapping[str, Sequence[Part]]) -> Told:
    term = item.value[0]
    told = []
    for part in parts[term.figure]:
        value = None if part.value is None else part.value * term.times
        weight: float | None = None
        if item.weight:
            beside = {name: [_at_place(part, parts[name])] for name in _named(item.weight)}
            weight = _summed(item.weight, beside)
        told.append(Told(None if weight == 0 else value, weight))
    return merged(Merge.MEAN, told)


def _at_place(part: Part, others: Sequence[Part]) -> Part:
    return Part(part.place, part.partition, _beside(part, others))


def _divided(item: _Item, parts: Mapping[str, Sequence[Part]]) -> Told:
    return _quotient(_summed(item.value, parts), _summed(item.weight, parts))


def _quotient(above: float | None, below: float | None) -> Told:
    return Told(above / below if above is not None and below else None, below, above)


_MADE: Mapping[Merge, Callable[[_Item, Mapping[str, Sequence[Part]]], Told]] = {
    Merge.SUM: _added,
    Merge.UNION: _added,
    Merge.SNAPSHOT: _added,
    Merge.DISTINCT: _single,
    Merge.MEAN: _weighed,
    Merge.RATIO: _divided,
}


def merged(merge: Merge, told: Sequence[Told]) -> Told:
    """Return several values as one: of channels, of hours of the day, of platforms."""
    if any(one.apart for one in told):
        return APART
    return told[0] if len(told) == 1 else _MERGED[merge](told)


def _sum(told: Sequence[Told]) -> Told:
    known = [one.value for one in told if one.value is not None]
    return Told(sum(known) if known else None)


def _ratio(told: Sequence[Told]) -> Told:
    halves = [one for one in told if one.numerator is not None and one.weight is not None]
    if any(one.value is not None and one not in halves for one in told):
        return APART
    if not halves:
        return Told(None)
    above = sum(one.numerator for one in halves if one.numerator is not None)
    return _quotient(above, sum(one.weight for one in halves if one.weight is not None))


def _mean(told: Sequence[Told]) -> Told:
    counting = [one for one in told if one.value is not None and one.weight != 0]
    if not counting:
        weights = [one.weight for one in told if one.weight is not None]
        return Told(None, sum(weights) if weights else None)
    if any(one.weight is None for one in counting):
        return APART
    weight = sum(one.weight for one in counting if one.weight is not None)
    whole = sum(one.value * one.weight for one in counting if one.value and one.weight)
    return Told(whole / weight, weight)


def _alone(told: Sequence[Told]) -> Told:
    counting = [one for one in told if one.value is not None]
    return APART if len(counting) > 1 else Told(counting[0].value if counting else None)


_MERGED: Mapping[Merge, Callable[[Sequence[Told]], Told]] = {
    Merge.SUM: _sum,
    Merge.UNION: _sum,
    Merge.RATIO: _ratio,
    Merge.MEAN: _mean,
    Merge.SNAPSHOT: _alone,
    Merge.DISTINCT: _alone,
}
