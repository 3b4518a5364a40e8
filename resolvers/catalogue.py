"""What can be measured, and how each platform's own figures make it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vendors.catalogue import CATALOGUE, IndicatorKey
from vendors.errors import BadInputError
from vendors.measures import Figure, IndicatorRow, Merge, Term, Unit
from vendors.port import Platform

__all__ = ["Catalogue", "Defined", "DefinedBy"]


@dataclass(frozen=True, slots=True)
class DefinedBy:
    """How one platform measures an indicator."""

    platform: str
    formula: str
    weighed_by: str | None
    figures: list[str]
    caveat: str | None


@dataclass(frozen=True, slots=True)
class Defined:
    """An indicator or native figure, and the platforms that measure it."""

    key: str
    title: str
    description: str
    unit: Unit
    merge: Merge
    weighed_by: str | None
    sources: list[DefinedBy]


class Catalogue:
    """The definitions over some platforms, each made once."""

    def __init__(self, platforms: Sequence[Platform]) -> None:
        """Define by what these platforms measure."""
        self._platforms = platforms
        self._defined: dict[str, Defined] = {}

    def defined(self, key: str) -> Defined:
        """Return the definition of a canonical indicator, or of a native figure `vendor.figure`.

        Raises BadInputError for a native figure that none of the platforms has.
        """
        if key not in self._defined:
            native = key not in CATALOGUE
            self._defined[key] = (
                _native(key, self._platforms)
                if native
                else _canonical(IndicatorKey(key), self._platforms)
            )
        return self._defined[key]


def _canonical(key: IndicatorKey, platforms: Sequence[Platform]) -> Defined:
    row = CATALOGUE[key]
    sources = []
    for platform in platforms:
        tables = platform.measures.measurables if platform.measures else None
        made = tables.indicators.get(key) if tables else None
        if made is not None:
            sources.append(_made(platform, made))
    return Defined(
        key=key,
        title=row.title,
        description=row.description,
        unit=row.unit,
        merge=row.merge,
        weighed_by=row.weighed_by,
        sources=sources,
    )


def _made(platform: Platform, row: IndicatorRow) -> DefinedBy:
    terms = (*row.value, *row.weight)
    ratio = CATALOGUE[IndicatorKey(row.indicator)].merge is Merge.RATIO and row.weight
    return DefinedBy(
        platform=platform.key,
        formula=formula(row.value, row.weight if ratio else ()),
        weighed_by=written(row.weight) or None,
        figures=[f"{platform.vendor}.{name}" for name in _named(terms)],
        caveat=row.caveat,
    )


def _native(key: str, platforms: Sequence[Platform]) -> Defined:
    vendor, _, name = key.partition(".")
    measured = [
        (platform, figure)
        for platform in platforms
        if platform.vendor == vendor
        and platform.measures
        and (figure := platform.measures.measurables.figures.get(name))
    ]
    if not measured:
        message = f"There is no native figure {key!r}."
        raise BadInputError(message, argument="native")
    figure = measured[0][1]
    return Defined(
        key=key,
        title=figure.title,
        description=figure.description or figure.title,
        unit=figure.unit,
        merge=figure.merge,
        weighed_by=written(figure.weight) or None,
        sources=[_given(platform, one) for platform, one in measured],
    )


def _given(platform: Platform, figure: Figure) -> DefinedBy:
    return DefinedBy(
        platform=platform.key,
        formula=figure.name,
        weighed_by=written(figure.weight) or None,
        figures=[f"{platform.vendor}.{figure.name}"],
        caveat=figure.caveat,
    )


def formula(above: Sequence[Term], below: Sequence[Term] = ()) -> str:
    """Return how figures make a value: what is added up, over what it is divided by if anything."""
    return f"({written(above)}) / ({written(below)})" if below else written(above)


def written(terms: Sequence[Term]) -> str:
    """Return terms as people write them: `a + 2 × b - c × d`."""
    text = ""
    for term in terms:
        size = "" if abs(term.times) == 1 else f"{abs(term.times):g} × "
        by = f" × {term.by}" if term.by else ""
        sign = "-" if term.times < 0 else "+"
        lead = f" {sign} " if text else ("-" if sign == "-" else "")
        text += f"{lead}{size}{term.figure}{by}"
    return text


def _named(terms: Sequence[Term]) -> list[str]:
    return list(dict.fromkeys(n for term in terms for n in (term.figure, term.by) if n))
