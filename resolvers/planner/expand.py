"""Asked items become the vendor's figures, or a refusal that says why not."""

from __future__ import annotations

from collections.abc import Iterable

from resolvers.planner.request import Item, MeasureRequest, Refusal
from vendors.catalogue import CATALOGUE, IndicatorKey
from vendors.measures import Figure, IndicatorRow, Measurables, Merge, Source, Term

__all__ = ["expand", "in_parts", "native_sources", "sources_of"]

_NOT_MEASURED = "The platform does not measure it."


def expand(request: MeasureRequest, vendor: str, tables: Measurables) -> list[Item | Refusal]:
    """Return each asked item as this platform measures it; other vendors' figures are left out."""
    found: list[Item | Refusal] = []
    filtered = tuple(dimension for dimension, _ in request.filters)
    for name in request.items:
        native_vendor, dot, figure = name.partition(".")
        if not dot:
            found.append(_canonical(name, tables.row(name, request.group_by, filtered)))
        elif native_vendor == vendor:
            found.append(_native(name, tables.figures.get(figure)))
    return found


def sources_of(request: MeasureRequest, vendor: str, tables: Measurables) -> list[Source]:
    """Return the sources whose figures the request needs on this platform."""
    return _sources(expand(request, vendor, tables), tables)


def native_sources(figures: Iterable[str], tables: Measurables) -> list[Source]:
    """Return the sources that these native figures need, those of their weights as well."""
    return _sources([_native(name, tables.figures.get(name)) for name in figures], tables)


def _sources(expanded: Iterable[Item | Refusal], tables: Measurables) -> list[Source]:
    items = (one for one in expanded if isinstance(one, Item))
    names = {tables.figures[figure].source for item in items for figure in item.figures}
    return [tables.sources[name] for name in sorted(names)]


def _canonical(name: str, row: IndicatorRow | None) -> Item | Refusal:
    if row is None:
        return Refusal(name, _NOT_MEASURED)
    indicator = CATALOGUE[IndicatorKey(name)]
    merge = indicator.merge
    if merge is Merge.RATIO and not row.weight:
        merge = Merge.MEAN
    return Item(
        key=name,
        unit=indicator.unit,
        merge=merge,
        value=row.value,
        weight=row.weight,
        channels=row.channels,
        caveat=row.caveat,
    )


def _native(name: str, figure: Figure | None) -> Item | Refusal:
    if figure is None:
        return Refusal(name, _NOT_MEASURED)
    merge = Merge.MEAN if figure.merge is Merge.RATIO else figure.merge
    return Item(
        key=name,
        unit=figure.unit,
        merge=merge,
        value=(Term(figure.name),),
        weight=figure.weight if merge is Merge.MEAN else (),
        caveat=figure.caveat,
    )


def in_parts(item: Item, tables: Measurables) -> Item:
    """Return a native ratio as its numerator and denominator, so that parts of it can be merged.

    The vendor's own quotient is shown where one call answers it; it is recomputed only where
    several answers must become one.
    """
    if "." not in item.key or len(item.value) != 1:
        return item
    figure = tables.figures[item.value[0].figure]
    if figure.merge is not Merge.RATIO or not figure.denominator:
        return item
    return Item(
        key=item.key,
        unit=item.unit,
        merge=Merge.RATIO,
        value=figure.numerator,
        weight=figure.denominator,
        caveat=item.caveat,
    )
