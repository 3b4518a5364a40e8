"""The variables of a query as parameters of an address."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLInputType,
    GraphQLScalarType,
    GraphQLSchema,
    VariableDefinitionNode,
    get_named_type,
    get_nullable_type,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    type_from_ast,
    value_from_ast_untyped,
)

from gateway.queries.documents import Source, UnfitQueryError, line_of
from gateway.rows.asking import FIELDS, OWN
from gateway.rows.formats import FORMS
from resolvers.context import RequestContext
from resolvers.rows.moments import MOMENTS, read_moment
from resolvers.rows.table import RowArgument
from vendors.buckets import zone
from vendors.errors import BadInputError

__all__ = ["Variable", "read_variables", "variables_of"]

_TAKEN = frozenset(
    {
        FIELDS,
        "api_key",
        *(one.name for one in OWN),
        *(one.name for form in FORMS.values() for one in form.options),
    }
)
"""What means something else in an address."""
_WHOLE = re.compile(r"[+-]?[0-9]{1,10}")
_LARGEST = 2**31
_BOOLEANS: Mapping[str, bool] = {"true": True, "1": True, "false": False, "0": False}
_DATE_TIME = "DateTime"


class Variable(msgspec.Struct, frozen=True, kw_only=True):
    """One variable, and how it stands in an address."""

    name: str
    type: str
    """As GraphQL writes it."""
    named: Any
    """The scalar or enum of its values."""
    argument: RowArgument
    required: bool
    default: Any = None
    """What the document says, as JSON has it."""

    @property
    def accepted(self) -> object:
        """Return what it takes: a list, or in words."""
        return self.argument.choices or _ACCEPTED.get(self.named.name, f"a {self.named.name}")


_ACCEPTED: Mapping[str, str] = {
    "Int": "a whole number of 32 bits",
    "Float": "a number",
    "Boolean": "true or false",
    "String": "a text",
    "ID": "an ID",
    _DATE_TIME: MOMENTS,
}


def variables_of(schema: GraphQLSchema, source: Source) -> tuple[Variable, ...]:
    """Return the variables; raise UnfitQueryError for one that no address can hold."""
    definitions = source.operation.variable_definitions or ()
    names = {one.variable.name.value for one in definitions}
    for name in source.said:
        if name not in names:
            raise UnfitQueryError(f"`# ${name}:` is about a variable that is not there")
    return tuple(_variable(schema, one, source.said) for one in definitions)


def _variable(
    schema: GraphQLSchema, node: VariableDefinitionNode, said: Mapping[str, str]
) -> Variable:
    name = node.variable.name.value
    kind: Any = type_from_ast(schema, node.type)
    bare = get_nullable_type(kind)
    named = get_named_type(kind)
    _check(name, bare, node)
    default = None if node.default_value is None else value_from_ast_untyped(node.default_value)
    argument = RowArgument(
        name=name,
        description=said.get(name, ""),
        several=is_list_type(bare),
        choices=tuple(named.values) if isinstance(named, GraphQLEnumType) else (),
        default=_texts(default),
    )
    return Variable(
        name=name,
        type=str(kind),
        named=named,
        argument=argument,
        required=is_non_null_type(kind) and node.default_value is None,
        default=default,
    )


def _check(name: str, kind: GraphQLInputType, node: VariableDefinitionNode) -> None:
    line = line_of(node)
    if name in _TAKEN:
        message = f"`${name}` has the name of what every file takes: call it otherwise"
        raise UnfitQueryError(message, line)
    if is_input_object_type(get_named_type(kind)):
        message = (
            f"`${name}` is an object, which no address can hold: write it in the document, with "
            "variables for its members, as `period: { between: { from: $from, to: $to } }`"
        )
        raise UnfitQueryError(message, line)
    if is_list_type(kind) and is_list_type(get_nullable_type(kind.of_type)):
        message = f"`${name}` is a list of lists, which no address can hold"
        raise UnfitQueryError(message, line)


def _texts(value: object) -> tuple[str, ...]:
    """Return a default as it would stand in an address."""
    if value is None:
        return ()
    if isinstance(value, list | tuple):
        return tuple(text for one in value for text in _texts(one))
    return (str(value).lower() if isinstance(value, bool) else str(value),)


def read_variables(
    variables: tuple[Variable, ...],
    told: Mapping[str, str],
    context: RequestContext,
    where: Callable[[Mapping[str, object]], tuple[str | None, str]],
) -> dict[str, object]:
    """Return the values of the parameters; raise BadInputError naming one and what it accepts.

    `where` tells the zone of times without an offset from the values of the other variables, and
    the parameter that names it.
    """
    lists = {one.name for one in variables if one.argument.several}
    # As for tables: a list of nothing is left out, and does not mean that nothing is asked for.
    told = {name: text for name, text in told.items() if name not in lists or text.strip(", ")}
    for one in variables:
        if one.required and one.name not in told:
            raise BadInputError(f"`{one.name}` is missing.", **_about(one))
    given = [one for one in variables if one.name in told]
    values = {
        one.name: _value(one, told[one.name], _reader(one))
        for one in given
        if one.named.name != _DATE_TIME
    }
    moments = [one for one in given if one.name not in values]
    if moments:
        local = _local(context, *where(values))
        for one in moments:
            values[one.name] = _value(one, told[one.name], _moments(one, context, local))
    return values


def _local(context: RequestContext, name: str | None, parameter: str) -> ZoneInfo:
    try:
        return zone(context.zone_name(name))
    except BadInputError as error:
        accepted = "an IANA time zone"
        raise BadInputError(str(error), argument=parameter, accepted=accepted) from None


def _about(variable: Variable) -> dict[str, Any]:
    return {"argument": variable.name, "accepted": variable.accepted}


def _value(variable: Variable, text: str, read: Callable[[str], object]) -> object:
    parts = text.split(",") if variable.argument.several else [text]
    try:
        values = [read(part.strip()) for part in parts if part.strip() or len(parts) == 1]
    except (ValueError, TypeError, GraphQLError):
        message = f"`{variable.name}` has no value {text.strip()!r}."
        raise BadInputError(message, **_about(variable)) from None
    return values if variable.argument.several else values[0]


def _reader(variable: Variable) -> Callable[[str], object]:
    named = variable.named
    if is_enum_type(named):
        names = {name.casefold(): name for name in named.values}
        return lambda text: _known(names, text)
    found = _READERS.get(named.name)
    return found or (lambda text: _taken_by(named, text))


def _known(names: Mapping[str, str], text: str) -> str:
    if text.casefold() not in names:
        raise ValueError(text)
    return names[text.casefold()]


def _whole(text: str) -> int:
    number = int(text) if _WHOLE.fullmatch(text) else _LARGEST
    if not -_LARGEST <= number < _LARGEST:
        raise ValueError(text)
    return number


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _boolean(text: str) -> bool:
    if text.lower() not in _BOOLEANS:
        raise ValueError(text)
    return _BOOLEANS[text.lower()]


def _taken_by(scalar: GraphQLScalarType, text: str) -> str:
    """Return the text where the scalar takes it."""
    scalar.parse_value(text)
    return text


_READERS: Mapping[str, Callable[[str], object]] = {
    "Int": _whole,
    "Float": _number,
    "Boolean": _boolean,
    "String": str,
    "ID": str,
}


def _moments(variable: Variable, context: RequestContext, where: ZoneInfo) -> Callable[[str], str]:
    now = context.clock.now()
    return lambda text: read_moment(text, where, now, variable.name).isoformat()
