"""How often one operation may ask for a field: each limit stands at the field's own resolver."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import strawberry
from graphql import GraphQLField, GraphQLObjectType, GraphQLResolveInfo, default_field_resolver

from gateway.configuration.complaints import ConfigurationError, nearest

__all__ = ["limit_fields"]

_Resolve = Callable[..., Any]


def limit_fields(schema: strawberry.Schema, limits: Mapping[str, int]) -> None:
    """Let no operation resolve a field `Type.field` more often than its limit.

    Raises ConfigurationError where there is no such field.
    """
    for name, most in limits.items():
        field = _field(schema, name)
        field.resolve = _counted(field.resolve or default_field_resolver, name, most)


def _field(schema: strawberry.Schema, name: str) -> GraphQLField:
    kind, _, field = name.partition(".")
    types = schema._schema.type_map  # noqa: SLF001 (what Strawberry itself executes; it has no public name)
    known: dict[str, GraphQLField] = {
        f"{one.name}.{each}": definition
        for one in types.values()
        if isinstance(one, GraphQLObjectType) and not one.name.startswith("__")
        for each, definition in one.fields.items()
    }
    if name not in known:
        of_kind = [each for each in known if each.startswith(f"{kind}.")] if field else []
        message = f"limits.fields: there is no field {name!r}; {nearest(name, of_kind or known)}"
        raise ConfigurationError([message])
    found: GraphQLField = known[name]
    return found


def _counted(resolve: _Resolve, name: str, most: int) -> _Resolve:
    def counted(source: object, info: GraphQLResolveInfo[Any], **arguments: object) -> object:
        info.context.spending.resolve(name, most)
        return resolve(source, info, **arguments)

    return counted
