"""The gateway's answer beside what it has to be: equal, different, or more than can be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isclose

from tests.reference.asking import Asker, NotOfferedError
from tests.reference.periods import buckets
from tests.reference.plain import Expected, Told, expected, merged

from resolvers.combining import combined
from resolvers.merge import Amount
from resolvers.planner.request import MeasureRequest
from resolvers.planner.series import MeasureAnswer, Series
from vendors.measures import Grain, Merge

__all__ = ["Tally", "compare"]

_RELATIVE, _ABSOLUTE = 1e-9, 1e-9
_ADDED_ACROSS = frozenset({Merge.SUM, Merge.MEAN, Merge.RATIO})


@dataclass
class Tally:
    """How many values were compared, and what came of it."""

    equal: int = 0
    null: int = 0
    """Of the equal ones: those that are null on both sides."""
    refused: int = 0
    """Series that neither side has."""
    cannot_tell: int = 0
    """Values that could not be asked with exact bounds."""
    different: list[str] = field(default_factory=list)

    @property
    def compared(self) -> int:
        """Return how many values were compared."""
        return self.equal + len(self.different)

    def add(self, other: Tally) -> None:
        """Take in what another one counted."""
        self.equal += other.equal
        self.null += other.null
        self.refused += other.refused
        self.cannot_tell += other.cannot_tell
        self.different += other.different


async def compare(answer: MeasureAnswer, askers: Sequence[Asker]) -> Tally:
    """Compare every value of an answer, bucket by bucket, and what it makes of all platforms."""
    tally, request = Tally(), answer.request
    told: dict[tuple[str, str], dict[tuple[str, ...], Expected]] = {}
    for asker in askers:
        for item in request.items:
            key = asker.platform.key
            own = [one for one in answer.series if (one.item, one.platform) == (item, key)]
            try:
                told[item, key] = await expected(asker, item, request)
            except NotOfferedError as error:
                tally.refused += 1
                _check_refused(tally, own, f"{key} {item}: refused ({error})")
                continue
            _check_series(tally, own, told[item, key], request)
    for series in combined(answer.series):
        _check_combined(tally, series, answer, told)
    return tally


def _check_refused(tally: Tally, series: Sequence[Series], what: str) -> None:
    for one in series:
        if any(amount.value is not None for amount in (*one.amounts, one.total)):
            tally.different.append(f"{what}, yet answered: {one.total} {one.amounts}")


def _check_series(
    tally: Tally,
    series: Sequence[Series],
    told: Mapping[tuple[str, ...], Expected],
    request: MeasureRequest,
) -> None:
    """Compare the series of one item on one platform, group by group."""
    found = {tuple(member.id for member in one.group): one for one in series}
    # What may count the same thing twice in one group is answered for none.
    apart = any(point is not None and point.apart for one in told.values() for point in one.points)
    for group, one in told.items():
        if group in found:
            _check_one(tally, found[group], one, request, apart=apart)
        elif None in one.points:
            # What cannot be had of one bucket is refused, and nobody knows of which groups.
            tally.cannot_tell += len(one.points)
        elif apart:
            tally.refused += 1
        elif any(point is not None and point.value is not None for point in one.points):
            tally.different.append(f"missing: {group} {one} of {request}")
    for group in found.keys() - told.keys():
        _check_refused(tally, [found[group]], f"of nobody: {group} of {request}")


def _check_one(
    tally: Tally, series: Series, one: Expected, request: MeasureRequest, *, apart: bool
) -> None:
    what = f"{series.platform} {series.item} {[m.id for m in series.group]}"
    slots = buckets(request.grain, request.start, request.end, request.zone)
    if request.grain is not Grain.HOUR_OF_DAY and [slot for (slot,) in slots] != [*series.buckets]:
        tally.different.append(f"{what}: other buckets: {series.buckets} for {slots}")
        return
    # What cannot be had of one bucket, or must stay apart there, the whole series may lack.
    excused = series.note is not None and (apart or None in one.points)
    for slot, amount, point in zip(slots, series.amounts, one.points, strict=True):
        if slot:
            _check(tally, f"{what} {slot[0][0]} {series.note}", amount, point, excused=excused)
        elif amount.value is not None:
            tally.different.append(f"{what}: {amount} of an hour that the period has not")
    if request.grain is Grain.TOTAL:
        return
    alone = one.merge in {Merge.SNAPSHOT, Merge.DISTINCT} or (
        one.merge is Merge.MEAN and not one.weighed
    )
    excused = excused or (series.note is not None and alone)
    _check(tally, f"{what} total {series.note}", series.total, one.total, excused=excused)


def _check(tally: Tally, what: str, amount: Amount, point: Told | None, *, excused: bool) -> None:
    """Compare one value and its weight; a value that may be missing for a reason may be null."""
    if point is None:
        tally.cannot_tell += 1
        return
    if excused and amount.value is None:
        tally.equal += 1
        tally.null += 1
        return
    weighs = point.weight is not None and amount.weight is not None
    if _same(amount.value, point.value) and (not weighs or _same(amount.weight, point.weight)):
        tally.equal += 1
        tally.null += amount.value is None
    else:
        tally.different.append(f"{what}: told {amount}, has to be {point}")


def _same(value: float | None, other: float | None) -> bool:
    if value is None or other is None:
        return value is other
    return isclose(value, other, rel_tol=_RELATIVE, abs_tol=_ABSOLUTE)


def _check_combined(
    tally: Tally,
    series: Series,
    answer: MeasureAnswer,
    told: Mapping[tuple[str, str], Mapping[tuple[str, ...], Expected]],
) -> None:
    """Compare what is made of all platforms with the plain values of those that are named."""
    if series.group or not series.platforms:
        return
    if any((series.item, key) not in told for key in series.platforms):
        return
    parts = [told[series.item, key][()] for key in series.platforms]
    what = f"combined {series.item} of {series.platforms}"
    left_out = set(_addable(series, answer, told)) - set(series.platforms)
    if left_out:
        tally.different.append(f"{what}: {left_out} are left out")
    for at, amount in enumerate(series.amounts):
        points = [one.points[at] for one in parts]
        _check(tally, f"{what} {at}", amount, _across(points, series.merge), excused=False)
    _check(
        tally,
        f"{what} total",
        series.total,
        _across([one.total for one in parts], series.merge),
        excused=series.note is not None,
    )


def _addable(
    series: Series,
    answer: MeasureAnswer,
    told: Mapping[tuple[str, str], Mapping[tuple[str, ...], Expected]],
) -> Iterator[str]:
    """Yield the platforms that have a value which may be added to the others'."""
    for one in answer.series:
        own = told.get((one.item, one.platform or ""), {})
        same = (one.item, one.currency or "") == (series.item, series.currency or "")
        told_any = any(amount.value is not None for amount in one.amounts)
        if same and told_any and one.platform and () in own and own[()].across:
            yield one.platform


def _across(points: Sequence[Told | None], merge: Merge) -> Told | None:
    known = [point for point in points if point is not None]
    if len(known) < len(points):
        return None
    measured = [point for point in known if point.measured and not point.apart]
    if not measured:
        return Told(None)
    if len(measured) > 1 and merge not in _ADDED_ACROSS:
        return Told(None)
    return merged(merge, measured)
