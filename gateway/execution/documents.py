"""What can be told of an operation before it is executed: whether to compile it, and how often."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    is_composite_type,
)

__all__ = ["Reading", "read"]

_DECIDING = frozenset({"skip", "include"})
_INTROSPECTION = frozenset({"__schema", "__type"})
_MANY = 2
"""Lists in lists: the answer may be of any size."""


@dataclass(frozen=True, slots=True)
class Reading:
    """An operation that can be compiled."""

    deciding: tuple[str, ...]
    """The variables of `@skip` and `@include`: for each of their values it is another one."""
    large: bool
    """Whether its answer may be so large that compiling pays at once."""


class _LeftToCoreError(Exception):
    """Something in the document is not known to compiled code."""


def read(schema: GraphQLSchema, document: DocumentNode, name: str | None) -> Reading | None:
    """Return what is to know of the operation of that name; None for what is not compiled."""
    operation, fragments = _parts(document, name)
    if operation is None or operation.operation is not OperationType.QUERY:
        return None
    walk = _Walk(schema, fragments)
    try:
        walk.refuse_directives(operation.directives)
        walk.follow(operation.selection_set, schema.query_type, 0)
        while walk.left:
            walk.follow(*walk.left.pop())
    except _LeftToCoreError:
        return None
    return Reading(tuple(walk.deciding), walk.large)


def _parts(
    document: DocumentNode, name: str | None
) -> tuple[OperationDefinitionNode | None, dict[str, FragmentDefinitionNode]]:
    fragments: dict[str, FragmentDefinitionNode] = {}
    found: OperationDefinitionNode | None = None
    for definition in document.definitions:
        if isinstance(definition, FragmentDefinitionNode):
            fragments[definition.name.value] = definition
        elif isinstance(definition, OperationDefinitionNode) and (
            name is None or (definition.name is not None and definition.name.value == name)
        ):
            found = definition
    return found, fragments


class _Walk:
    """Goes through the selections of an operation, each fragment once at each depth of lists."""

    def __init__(
        self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode]
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._seen: set[tuple[str, int]] = set()
        self.left: list[tuple[SelectionSetNode, Any, int]] = []
        self.deciding: dict[str, None] = {}
        self.large = False

    def follow(self, selections: SelectionSetNode, kind: Any, lists: int) -> None:  # noqa: ANN401 (any composite type)
        """Read one selection, inside of so many lists, and put down what is below it."""
        for node in selections.selections:
            self._decided_by(node.directives or ())
            if isinstance(node, FieldNode):
                self._field(node, kind, lists)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                below = kind if condition is None else self._schema.get_type(condition.name.value)
                self.left.append((node.selection_set, below, lists))
            elif isinstance(node, FragmentSpreadNode):
                self._spread(node.name.value, lists)

    def _field(self, node: FieldNode, kind: Any, lists: int) -> None:  # noqa: ANN401 (any composite type)
        name = node.name.value
        if name in _INTROSPECTION:
            raise _LeftToCoreError
        definition = self._schema.get_field(kind, name)
        if definition is None or node.selection_set is None:
            return
        below: Any = definition.type
        while isinstance(below, (GraphQLList, GraphQLNonNull)):
            lists += isinstance(below, GraphQLList)
            below = below.of_type
        self.large = self.large or lists >= _MANY
        if is_composite_type(below):
            self.left.append((node.selection_set, below, min(lists, _MANY)))

    def _spread(self, name: str, lists: int) -> None:
        fragment = self._fragments.get(name)
        if fragment is None or (name, lists) in self._seen:
            return
        self._seen.add((name, lists))
        if fragment.variable_definitions:
            raise _LeftToCoreError
        self.refuse_directives(fragment.directives)
        below = self._schema.get_type(fragment.type_condition.name.value)
        self.left.append((fragment.selection_set, below, lists))

    @staticmethod
    def refuse_directives(directives: Iterable[DirectiveNode] | None) -> None:
        """Leave what stands under directives of a whole operation or fragment to graphql-core."""
        if directives:
            raise _LeftToCoreError

    def _decided_by(self, directives: Iterable[DirectiveNode]) -> None:
        """Note the variables of `@skip` and `@include`."""
        for directive in directives:
            if directive.name.value not in _DECIDING:
                raise _LeftToCoreError
            for argument in directive.arguments or ():
                if isinstance(argument.value, VariableNode):
                    self.deciding[argument.value.name.value] = None
                elif not isinstance(argument.value, BooleanValueNode):
                    raise _LeftToCoreError
