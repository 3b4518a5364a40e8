"""Draws operations over any schema: aliases, fragments, variables and directives included."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
)
from graphql.language import print_ast
from graphql.utilities import value_to_literal
from hypothesis import strategies as st

__all__ = ["Asked", "operations"]


@dataclass(frozen=True)
class Asked:
    """An operation and its variables."""

    query: str
    variables: dict[str, Any]


@dataclass
class _Drawing:
    draw: Any
    schema: GraphQLSchema
    values: dict[str, list[Any]]
    """Values to give to arguments, by the name of their type without what makes it required."""
    fields: int
    declared: list[str] = field(default_factory=list)
    given: dict[str, Any] = field(default_factory=dict)
    fragments: list[str] = field(default_factory=list)

    def chance(self, of: int) -> bool:
        return bool(self.draw(st.integers(1, of)) == 1)

    def variable(self, kind: str, value: Any) -> str:  # noqa: ANN401 (any value)
        name = f"v{len(self.declared)}"
        how = self.draw(st.sampled_from(("given", "default", "left out")))
        required = kind.endswith("!")
        if how == "default" and not required:
            self.declared.append(f"${name}: {kind} = {_literal(value)}")
        else:
            self.declared.append(f"${name}: {kind}")
        if how == "given" or required:
            self.given[name] = value
        return f"${name}"

    def directive(self) -> str:
        if not self.chance(8):
            return ""
        name = self.draw(st.sampled_from(("skip", "include")))
        value = self.draw(st.booleans())
        kind = "Boolean!"
        text = self.variable(kind, value) if self.chance(2) else _literal(value)
        return f" @{name}(if: {text})"

    def arguments(self, of: GraphQLField) -> str:
        parts = []
        for name, argument in of.args.items():
            text = self.argument(argument)
            if text is not None:
                parts.append(f"{name}: {text}")
        return f"({', '.join(parts)})" if parts else ""

    def argument(self, argument: GraphQLArgument) -> str | None:
        required = isinstance(argument.type, GraphQLNonNull)
        values = self.values.get(str(argument.type).rstrip("!"), [])
        if not values or (not required and self.chance(3)):
            return None
        value = self.draw(st.sampled_from(values))
        if value is None and required:
            return None
        if self.chance(2):
            return self.variable(str(argument.type), value)
        return _typed_literal(value, argument.type)

    def selection(self, kind: Any, depth: int) -> str:  # noqa: ANN401 (any composite type)
        parts = [self.part(kind, depth) for _ in range(self.draw(st.integers(1, self.fields)))]
        return "{ " + " ".join(parts) + " }"

    def part(self, kind: Any, depth: int) -> str:  # noqa: ANN401 (any composite type)
        if self.chance(8):
            return f"{self.alias('t')}__typename{self.directive()}"
        if is_abstract_type(kind) and not self.chance(3):
            return self.fragment(self.draw(self.narrower(kind)), depth)
        if self.chance(6):
            return self.fragment(kind, depth)
        if not isinstance(kind, (GraphQLObjectType, GraphQLInterfaceType)):
            return "__typename"
        names = [
            name
            for name, each in kind.fields.items()
            if depth or is_leaf_type(get_named_type(each.type))
        ]
        if not names:
            return "__typename"
        name = self.draw(st.sampled_from(names))
        return self.field(name, kind.fields[name], depth)

    def narrower(self, kind: Any) -> Any:  # noqa: ANN401 (any abstract type)
        return st.sampled_from(
            sorted(self.schema.get_possible_types(kind), key=lambda one: one.name)
        )

    def alias(self, stem: str) -> str:
        return f"{stem}{self.draw(st.integers(1, 3))}: " if self.chance(4) else ""

    def field(self, name: str, of: GraphQLField, depth: int) -> str:
        named = get_named_type(of.type)
        below = "" if is_leaf_type(named) else " " + self.selection(named, depth - 1)
        return f"{self.alias(name)}{name}{self.arguments(of)}{self.directive()}{below}"

    def fragment(self, kind: Any, depth: int) -> str:  # noqa: ANN401 (any composite type)
        directive = self.directive()
        selection = self.selection(kind, depth)
        if self.chance(2):
            return f"... on {kind.name}{directive} {selection}"
        name = f"F{len(self.fragments)}"
        self.fragments.append(f"fragment {name} on {kind.name} {selection}")
        spread = f"...{name}{directive}"
        return f"{spread} {spread}" if self.chance(4) else spread


_WORDS = ((True, "true"), (False, "false"), (None, "null"))


def _literal(value: Any) -> str:  # noqa: ANN401 (any value)
    for one, word in _WORDS:
        if value is one:
            return word
    return _written(value)


def _written(value: Any) -> str:  # noqa: ANN401 (any value)
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list):
        return "[" + ", ".join(_literal(one) for one in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_literal(one)}" for name, one in value.items()) + "}"
    return str(value)


def _typed_literal(value: Any, kind: GraphQLInputType) -> str:  # noqa: ANN401 (any value)
    literal = value_to_literal(value, kind)
    return _literal(value) if literal is None else print_ast(literal)


@st.composite
def operations(
    draw: Any,  # noqa: ANN401 (as hypothesis has it)
    schema: GraphQLSchema,
    values: dict[str, list[Any]],
    *,
    depth: int = 3,
    fields: int = 3,
) -> Asked:
    """Draw an operation; not each is valid, since fields of one key may differ."""
    drawing = _Drawing(draw, schema, values, fields)
    selection = drawing.selection(schema.query_type, depth)
    declared = f"({', '.join(drawing.declared)})" if drawing.declared else ""
    text = "\n".join([f"query Q{declared} {selection}", *drawing.fragments])
    return Asked(text, drawing.given)
