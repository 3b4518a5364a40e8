"""How compiled code gets the value of a field: an attribute, a call, or graphql-core's resolver.

Strawberry wraps each resolver so that it finds its arguments, extensions and handlers. Where it
would find none, the attribute is read, or the function called, without the wrapping.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from keyword import iskeyword
from typing import Any

from graphql import GraphQLSchema, ValueNode, VariableNode
from graphql.execution import Executor
from graphql.language import ListValueNode, ObjectValueNode
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from gateway.execution.names import Names
from gateway.execution.places import FieldPlace
from gateway.execution.runtime import Run

__all__ = ["Access", "access"]

_CONSTANT = (str, int, float, bool, Enum, type(None))


@dataclass(frozen=True, slots=True)
class Access:
    """The code that gets a value from `s`, which is the object, in `run`."""

    value: str
    before: str = ""
    """A statement that goes before it."""
    informed: bool = False
    """Whether it reads `info`."""
    plain: bool = False
    """Whether it may be done twice: nothing but an attribute is read."""


def access(place: FieldPlace, executor: Executor[Any], names: Names) -> Access:
    """Return how the value of a field is got."""
    definition = place.definition
    resolve = definition.resolve
    field = definition.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if isinstance(field, StrawberryField) and hasattr(resolve, "_is_default"):
        if _reads_attribute(field, getattr(resolve, "__name__", "")):
            return Access(f"s.{field.python_name}", plain=True)
        if _calls_function(field, executor.schema):
            return _call(place, field, executor, names)
    name = names.of(resolve or executor.field_resolver, "R")
    wanted = definition.args or place.nodes[0].arguments
    given = f", **{names.of(place, 'F')}.values(run)" if wanted else ""
    return Access(f"{name}(s, info{given})", informed=True)


def _reads_attribute(field: StrawberryField, name: str) -> bool:
    """Return whether Strawberry's resolver of that name does no more than read an attribute."""
    return (
        name == "_get_basic_result"
        and type(field).get_result is StrawberryField.get_result
        and field.default_resolver is getattr
        and field.python_name.isidentifier()
        and not iskeyword(field.python_name)
    )


def _calls_function(field: StrawberryField, schema: GraphQLSchema) -> bool:
    """Return whether nothing stands between Strawberry and the field's function."""
    converter = schema._strawberry_schema.schema_converter  # type: ignore[attr-defined]  # noqa: SLF001 (as Strawberry's own Info finds it)
    return (
        type(field.base_resolver) is StrawberryResolver
        and type(field).get_result is StrawberryField.get_result
        and callable(field.base_resolver.wrapped_func)
        and not field.extensions
        and not converter.exception_handlers
    )


@dataclass(frozen=True, slots=True)
class _Arguments:
    """Converts the arguments of a field as Strawberry does."""

    place: FieldPlace
    field: StrawberryField
    converter: GraphQLCoreConverter

    def given(self, values: dict[str, Any], info: Any) -> dict[str, Any]:  # noqa: ANN401 (Info)
        """Return the coerced values under the names of the function's parameters."""
        converter = self.converter
        return convert_arguments(
            values,
            self.field.arguments,
            scalar_registry=converter.scalar_registry,
            config=converter.config,
            info=info,
        )

    def __call__(self, run: Run, info: Any) -> dict[str, Any]:  # noqa: ANN401 (Strawberry's Info)
        """Return the arguments in this execution."""
        return self.given(self.place.values(run), info)

    def constant(self, executor: Executor[Any]) -> dict[str, Any] | None:
        """Return the arguments if they are the same plain values in each execution."""
        if any(_varies(each.value) for each in self.place.nodes[0].arguments or ()):
            return None
        try:
            given = self.given(self.place.values(Run(executor)), None)
        except Exception:  # noqa: BLE001 (it is raised again where it belongs)
            return None
        return given if all(isinstance(value, _CONSTANT) for value in given.values()) else None


def _varies(value: ValueNode) -> bool:
    """Return whether a variable stands somewhere in it."""
    if isinstance(value, VariableNode):
        return True
    if isinstance(value, ListValueNode):
        return any(_varies(one) for one in value.values)
    if isinstance(value, ObjectValueNode):
        return any(_varies(one.value) for one in value.fields)
    return False


def _call(
    place: FieldPlace, field: StrawberryField, executor: Executor[Any], names: Names
) -> Access:
    """Return the call of the field's function."""
    resolver = field.base_resolver
    assert resolver is not None  # noqa: S101 (looked at by the caller)
    converter = executor.schema._strawberry_schema.schema_converter  # type: ignore[attr-defined]  # noqa: SLF001 (as Strawberry's own Info finds it)
    arguments = _Arguments(place, field, converter)
    parts = ["s"] if resolver.self_parameter else []
    sources = dict.fromkeys(
        each.name for each in (resolver.parent_parameter, resolver.root_parameter) if each
    )
    parts += [f"{name}=s" for name in sources]
    found = Access("", informed=resolver.info_parameter is not None)
    if resolver.info_parameter is not None:
        parts.append(f"{resolver.info_parameter.name}=i")
    constant = arguments.constant(executor) if field.arguments else {}
    if constant is None:
        found = replace(found, informed=True)
        parts.append(f"**{names.of(arguments, 'A')}(run, i)")
    else:
        parts += [f"{name}={names.of(value, 'C')}" for name, value in constant.items()]
    if found.informed:
        info_class = names.of(converter.config.info_class, "I")
        before = f"i = {info_class}(_raw_info=info, _field={names.of(field, 'D')})"
        found = replace(found, before=before)
    return replace(found, value=f"{names.of(resolver.wrapped_func, 'R')}({', '.join(parts)})")
