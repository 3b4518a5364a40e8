"""What a filter or an order says, as a tree of few kinds of nodes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

__all__ = ["Call", "Column", "Constant", "Literal", "Several", "Term", "columns_of", "conjuncts"]

Literal: TypeAlias = str | int | float | bool | datetime | date | None


@dataclass(frozen=True, slots=True)
class Column:
    """The cell of a column, by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that stands in the address."""

    value: Literal


@dataclass(frozen=True, slots=True)
class Several:
    """The values behind `in`."""

    values: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """An operator or a function, by OData's word for it, and what it is applied to.

    `and` and `or` take any number of arguments.
    """

    name: str
    arguments: tuple[Term, ...]


Term: TypeAlias = Column | Constant | Several | Call


def columns_of(term: Term) -> Iterator[str]:
    """Yield the names of the columns that it speaks of."""
    if isinstance(term, Column):
        yield term.name
    elif isinstance(term, Call):
        for one in term.arguments:
            yield from columns_of(one)


def conjuncts(term: Term | None) -> tuple[Term, ...]:
    """Return what must all be true."""
    if term is None:
        return ()
    if isinstance(term, Call) and term.name == "and":
        return tuple(part for one in term.arguments for part in conjuncts(one))
    return (term,)
