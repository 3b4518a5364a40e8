"""Which operations are compiled, and the compiled ones that are kept."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
)
from graphql.execution import Executor
from graphql.pyutils import Undefined

from gateway.execution.source import UnsupportedError, compiled

__all__ = ["Operation", "Plans"]

_LOG = logging.getLogger("switchboard.execution")

_DECIDING = frozenset({"skip", "include"})
_MOST_VARIANTS = 16
"""For how many decisions of `@skip` and `@include` one operation is kept."""

Answering = Callable[..., dict[str, Any]]


@dataclass(slots=True)
class Operation:
    """One operation of a document, and what it was compiled to."""

    schema: GraphQLSchema
    document: DocumentNode
    """Kept, so that no other document is found by its identity."""
    deciding: tuple[str, ...] | None
    """The variables that decide about fields; None: the operation is not compiled."""
    variants: OrderedDict[tuple[object, ...], Answering | None] = field(default_factory=OrderedDict)

    def answering(self, executor: Executor[Any]) -> Answering | None:
        """Return the code for the executor's variables, None where graphql-core has to do it."""
        given = executor.variable_values.coerced
        decided = tuple(given.get(name, Undefined) for name in self.deciding or ())
        if decided in self.variants:
            self.variants.move_to_end(decided)
            return self.variants[decided]
        found = self.variants[decided] = _compiled(executor)
        if len(self.variants) > _MOST_VARIANTS:
            self.variants.popitem(last=False)
        return found


class Plans:
    """The operations that were compiled; the least recently used give way."""

    def __init__(self, most: int) -> None:
        """Keep so many operations at most."""
        self._most = most
        self._kept: OrderedDict[tuple[int, int, str | None], Operation] = OrderedDict()

    def operation(
        self, schema: GraphQLSchema, document: DocumentNode, name: str | None
    ) -> Operation:
        """Return the operation of that name in a document, known by its identity."""
        key = (id(schema), id(document), name)
        kept = self._kept.get(key)
        if kept is None:
            kept = self._kept[key] = Operation(schema, document, _deciding(document, name))
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return kept


def _compiled(executor: Executor[Any]) -> Answering | None:
    try:
        return compiled(executor)
    except (UnsupportedError, GraphQLError, RecursionError):
        return None
    except Exception:  # noqa: BLE001 (logged)
        # A fault here must not cost an answer that graphql-core can give.
        _LOG.exception("an operation could not be compiled")
        return None


def _deciding(document: DocumentNode, name: str | None) -> tuple[str, ...] | None:
    """Return the variables that decide about fields; None for what is not compiled."""
    selections: list[SelectionSetNode] = []
    for definition in document.definitions:
        if isinstance(definition, FragmentDefinitionNode):
            if definition.variable_definitions or definition.directives:
                return None
            selections.append(definition.selection_set)
        elif isinstance(definition, OperationDefinitionNode):
            found = definition.name.value if definition.name else None
            if name is not None and found != name:
                continue
            if definition.operation is not OperationType.QUERY or definition.directives:
                return None
            selections.append(definition.selection_set)
    return _variables(selections)


def _variables(selections: list[SelectionSetNode]) -> tuple[str, ...] | None:
    names: dict[str, None] = {}
    while selections:
        for node in selections.pop().selections:
            found = _decided_by(node.directives or ())
            if found is None:
                return None
            names.update(dict.fromkeys(found))
            below = getattr(node, "selection_set", None)
            if below is not None:
                selections.append(below)
            if isinstance(node, FieldNode) and node.name.value in {"__schema", "__type"}:
                return None
    return tuple(names)


def _decided_by(directives: Iterable[DirectiveNode]) -> list[str] | None:
    """Return the variables of `@skip` and `@include`; None where there is another directive."""
    names = []
    for directive in directives:
        if directive.name.value not in _DECIDING:
            return None
        for argument in directive.arguments or ():
            if isinstance(argument.value, VariableNode):
                names.append(argument.value.name.value)
            elif not isinstance(argument.value, BooleanValueNode):
                return None
    return names
