"""What a vendor's own reports can be told beside period and grouping, as data.

A vendor declares parameters and which of its sources take them. An argument is one of them with
what was given for it; it is part of what makes a measuring call equal to another. Above the vendors
arguments are checked against the declaration, so that a call never carries others, and put into one
order: by name and key, values sorted and each once, integers without signs and zeros that they do
not need.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from vendors.dimensions import Dimension
from vendors.words import Word

__all__ = ["Argument", "Parameter", "ParameterType", "Way", "names_of"]


class ParameterType(Word):
    """What the values of a parameter are."""

    TEXT = "text", "A text."
    INTEGER = "integer", "A whole number."
    BOOLEAN = "boolean", "true or false."


class Way(Word):
    """How an argument can restrict."""

    VALUES = "values", "To what has any of the values."
    EXCLUDE_VALUES = "exclude_values", "To what has none of the values."
    EXISTS = "exists", "To what has a value at all, or has none."


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that reports can be told."""

    name: str
    description: str
    type: ParameterType = ParameterType.TEXT
    ways: tuple[Way, ...] = (Way.VALUES,)
    """How it can be given; one of them at a time."""
    choices: tuple[str, ...] = ()
    """The values that there are; empty: any of the type."""
    most: int | None = None
    """How many values it takes, at most."""
    every: bool = False
    """Whether all of the values can be demanded at once."""
    keyed: str | None = None
    """What `key` names, where the parameter is one of many of its kind; None: it has no key."""
    keys: tuple[str, ...] = ()
    """The keys that there are; empty: any of the form."""
    key_form: str = ""
    """What keys look like, as a regular expression of the whole; empty: any text."""
    types: Mapping[str, ParameterType] = {}
    """What the values are beside keys for which that is another type."""
    excludes: tuple[str, ...] = ()
    """The parameters beside which it is not taken."""
    needs: tuple[tuple[str, str], ...] = ()
    """The parameters, each with its value, without which it is not taken; `true` and `false` are
    also what `exists` is."""
    required: bool = False
    """Whether nothing is answered without it."""
    personal: bool = False
    """Whether its values may be texts of customers: who names one and counts learns who wrote it,
    so it takes the scope `personal`. Whether there is a value at all is no such text."""
    open_keys: tuple[str, ...] = ()
    """The keys beside which its values are nobody's texts."""
    dimension: Dimension | None = None
    """The dimension whose members it restricts to. It is not taken beside a grouping or filter by
    that dimension which a source is told as a filter, too: one that is EACH or LISTED there."""


class Argument(msgspec.Struct, frozen=True, kw_only=True):
    """What was given for a parameter; exactly one of `values`, `exclude_values`, `exists` is."""

    name: str
    key: str | None = None
    values: tuple[str, ...] = ()
    """As text, whatever the type; a boolean is `true` or `false`."""
    exclude_values: tuple[str, ...] = ()
    exists: bool | None = None
    every: bool = False


def names_of(arguments: Iterable[Argument]) -> tuple[str, ...]:
    """Return which parameters are told, each once; what is told of them may name people."""
    return tuple(dict.fromkeys(one.name for one in arguments))
