"""How scalars and enums are written by compiled code, where their values are of the plain types."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum, Flag
from typing import Any
from uuid import UUID

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLScalarType,
    GraphQLString,
)

from gateway.execution.names import Names

__all__ = ["Leaves", "Texts", "Writer"]

_STANDARD = {
    GraphQLString.name: (GraphQLString, "type({v}) is str or isinstance({v}, str)"),
    GraphQLID.name: (GraphQLID, "type({v}) is str or isinstance({v}, str)"),
    GraphQLBoolean.name: (GraphQLBoolean, "{v} is True or {v} is False"),
    GraphQLInt.name: (
        GraphQLInt,
        "type({v}) is int and -2147483648 <= {v} <= 2147483647",
    ),
    # What is not finite differs from itself.
    GraphQLFloat.name: (GraphQLFloat, "type({v}) is float and {v} - {v} == 0.0"),
}
"""The scalars whose plain values stand in the answer as they are, and what tells these values."""

_EXACT = 2**53
"""Up to here each whole number is a float."""

_UNCHANGING = frozenset({datetime, date, time, Decimal, UUID, str, int, float, bool})
"""Types whose values never change, so that a text that was written for one remains right."""

_WRITTEN = frozenset({str, int, float, bool})
_MOST_TEXTS = 100_000


class Texts(dict[int, Any]):
    """What was written for values in one execution, by their ids; it keeps the values alive."""

    __slots__ = ("values_kept",)

    def __init__(self) -> None:
        super().__init__()
        self.values_kept: list[object] = []


class Writer:
    """Writes the values of a scalar by its own serializer; None where that is not plain."""

    __slots__ = ("_write",)

    def __init__(self, write: Callable[[Any], Any]) -> None:
        """Write by that serializer, whose answer depends on the value alone."""
        self._write = write

    def once(self, value: Any) -> Any:  # noqa: ANN401 (any value of a scalar)
        """Return what is written for the value."""
        if type(value) not in _UNCHANGING:
            return None
        try:
            written = self._write(value)
        except Exception:  # noqa: BLE001 (graphql-core calls it again, and says what it raised)
            return None
        return written if type(written) in _WRITTEN else None

    def kept(self, texts: Texts, value: Any) -> Any:  # noqa: ANN401 (any value of a scalar)
        """Do as `once`, and keep it: buckets share their edges, and series their buckets."""
        # Said again instead of calling `once`: it is asked for each edge of each bucket.
        if type(value) not in _UNCHANGING:
            return None
        try:
            written = self._write(value)
        except Exception:  # noqa: BLE001 (as in `once`)
            return None
        if type(written) not in _WRITTEN:
            return None
        if len(texts) < _MOST_TEXTS:
            texts[id(value)] = written
            texts.values_kept.append(value)
        return written


class Leaves:
    """Writes the code for scalars and enums, with one writer for each scalar."""

    def __init__(self, names: Names) -> None:
        """Take names from there."""
        self._names = names
        self._writers: dict[str, Writer] = {}

    def code(self, kind: GraphQLLeafType, value: str, otherwise: str) -> str:
        """Return an expression for the answer of a value, and of what to do if it is not plain."""
        standard, test = _STANDARD.get(kind.name, (None, ""))
        if kind is GraphQLFloat:
            whole = f"type({value}) is int and -{_EXACT} <= {value} <= {_EXACT}"
            otherwise = f"float({value}) if {whole} else {otherwise}"
        if kind is standard:
            return f"({value} if {test.format(v=value)} else {otherwise})"
        members = _members(kind)
        if members is not None:
            words, written = self._names.of(members[0], "E"), self._names.of(members[1], "N")
            return f"(type({value}) is {words} and {written}.get(id({value})) or {otherwise})"
        writer = self.writer(kind)
        return f"({writer}.once({value}) or {otherwise})" if writer else otherwise

    def keeping(self, kind: GraphQLLeafType, value: str, otherwise: str, texts: str) -> str:
        """Do as `code` for a scalar with a writer, keeping what is written in these texts."""
        write = f"{self.writer(kind)}.kept({texts}, {value})"
        return f"({texts}.get(id({value})) or {write} or {otherwise})"

    def writer(self, kind: GraphQLLeafType) -> str | None:
        """Return the name of the scalar's writer, None for what needs none."""
        if kind is _STANDARD.get(kind.name, (None, ""))[0] or not isinstance(
            kind, GraphQLScalarType
        ):
            return None
        if kind.name not in self._writers:
            self._writers[kind.name] = Writer(kind.coerce_output_value)
        return self._names.of(self._writers[kind.name], "W")


def _members(kind: GraphQLLeafType) -> tuple[type[Enum], dict[int, str]] | None:
    """Return the class of a Strawberry enum, and what is written for each member, by its id."""
    words = getattr(kind, "wrapped_cls", None)
    if not isinstance(kind, GraphQLEnumType) or not isinstance(words, type):
        return None
    if not issubclass(words, Enum) or issubclass(words, Flag):
        return None
    try:
        return words, {id(member): kind.coerce_output_value(member) for member in words}
    except Exception:  # noqa: BLE001 (a member that is not in the schema)
        return None
