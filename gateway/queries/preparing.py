"""The document as it is executed: beside what it selects, it asks what became of the platforms.

The connection on the path is given two variables, by which its pages are followed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any, TypeVar

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLObjectType,
    GraphQLSchema,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    parse,
    print_ast,
    visit,
)

from gateway.queries.shaping import PAGE, tells

N = TypeVar("N", bound=Node)

__all__ = ["AFTER", "FIRST", "prepared"]

FIRST, AFTER = "switchboardFirst", "switchboardAfter"
"""The variables by which pages are followed."""

_TOLD: dict[str, str] = {
    "failures": "{ platform code retryable retryAfterSeconds attempts staleAgeSeconds }",
    "sources": "{ platform freshness asOf calls note }",
    "truncated": "",
    PAGE: "{ hasNextPage endCursor }",
}
"""What is asked beside, where the type has it."""


def prepared(document: DocumentNode, schema: GraphQLSchema, paged: Collection[FieldNode]) -> str:
    """Return the text that is executed."""
    info = TypeInfo(schema)
    adding = _Adding(info, paged)
    return print_ast(visit(document, TypeInfoVisitor(info, adding)))


class _Adding(Visitor):
    def __init__(self, info: TypeInfo, paged: Collection[FieldNode]) -> None:
        super().__init__()
        self._info = info
        self._paged = frozenset(map(id, paged))

    def enter_field(self, node: FieldNode, *_: object) -> FieldNode | None:
        if id(node) not in self._paged:
            return None
        given = _field(f"x(first: ${FIRST}, after: ${AFTER})").arguments or ()
        return _with(node, arguments=(*(node.arguments or ()), *given))

    def enter_operation_definition(
        self, node: OperationDefinitionNode, *_: object
    ) -> OperationDefinitionNode | None:
        if not self._paged:
            return None
        declared = parse(f"query (${FIRST}: Int, ${AFTER}: String) {{ x }}").definitions[0]
        assert isinstance(declared, OperationDefinitionNode)  # noqa: S101 (so it is written)
        more = declared.variable_definitions or ()
        return _with(node, variable_definitions=(*(node.variable_definitions or ()), *more))

    def leave_selection_set(self, node: SelectionSetNode, *_: object) -> SelectionSetNode | None:
        kind = self._info.get_parent_type()
        if not isinstance(kind, GraphQLObjectType) or not tells(kind):
            return None
        more = [_field(f"{name} {below}") for name, below in _TOLD.items() if name in kind.fields]
        return _with(node, selections=(*node.selections, *more))


def _field(text: str) -> FieldNode:
    definition = parse(f"{{ {text} }}", no_location=True).definitions[0]
    assert isinstance(definition, OperationDefinitionNode)  # noqa: S101 (so it is written)
    (found,) = definition.selection_set.selections
    assert isinstance(found, FieldNode)  # noqa: S101 (so it is written)
    return found


def _with(node: N, **changed: Any) -> N:  # noqa: ANN401 (members of a node)
    return replace(node, **changed)
