"""The shape of a document: how deep its operations reach, and how many aliases they use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Any, ClassVar

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    ValidationContext,
    ValidationRule,
)

from vendors.errors import TooComplexError

__all__ = ["shape_rule"]


@dataclass(slots=True)
class _Shape:
    """What one definition holds itself, and at which depth it spreads which fragments."""

    depth: int = 0
    aliases: int = 0
    spreads: list[tuple[str, int]] = field(default_factory=list)

    def add(self, fragments: Mapping[str, _Shape]) -> None:
        """Add what the spread fragments hold, which must be complete themselves."""
        for name, depth in self.spreads:
            if name in fragments:
                self.depth = max(self.depth, depth + fragments[name].depth)
                self.aliases += fragments[name].aliases


class _ShapeRule(ValidationRule):
    """Weighs each fragment once, however often it is spread.

    Walking into every spread takes exponential time on fragments that spread each other twice.
    """

    most_depth: ClassVar[int]
    most_aliases: ClassVar[int]

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._depth = 0
        self._shape = _Shape()
        self._fragments: dict[str, _Shape] = {}
        self._operations: list[tuple[OperationDefinitionNode, _Shape]] = []

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: object) -> None:
        self._shape = _Shape()
        self._operations.append((node, self._shape))

    def enter_fragment_definition(self, node: FragmentDefinitionNode, *_: object) -> None:
        self._shape = self._fragments[node.name.value] = _Shape()

    def enter_field(self, node: FieldNode, *_: object) -> Any:  # noqa: ANN401 (SKIP is untyped)
        if node.name.value.startswith("__"):
            return self.SKIP
        self._depth += 1
        self._shape.depth = max(self._shape.depth, self._depth)
        self._shape.aliases += node.alias is not None
        return None

    def leave_field(self, *_: object) -> None:
        self._depth -= 1

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> None:
        self._shape.spreads.append((node.name.value, self._depth))

    def leave_document(self, *_: object) -> None:
        if not self._complete_fragments():
            return
        for node, shape in self._operations:
            shape.add(self._fragments)
            self._judge(node, "levels of fields", shape.depth, self.most_depth)
            self._judge(node, "aliases", shape.aliases, self.most_aliases)

    def _complete_fragments(self) -> bool:
        """Add to each fragment what it spreads; return False for those that spread themselves."""
        graph = {
            name: [spread for spread, _ in shape.spreads] for name, shape in self._fragments.items()
        }
        try:
            order = [*TopologicalSorter(graph).static_order()]
        except CycleError:
            # Another rule reports it, and nothing will be executed.
            return False
        for name in order:
            if name in self._fragments:
                self._fragments[name].add(self._fragments)
        return True

    def _judge(self, node: OperationDefinitionNode, what: str, found: int, most: int) -> None:
        if found > most:
            message = f"The operation has {found} {what}; at most {most} are allowed."
            extensions = {"code": TooComplexError.code}
            self.report_error(GraphQLError(message, [node], extensions=extensions))


def shape_rule(most_depth: int, most_aliases: int) -> type[ValidationRule]:
    """Return a validation rule with these limits; introspection is not counted."""
    limits = {"most_depth": most_depth, "most_aliases": most_aliases}
    return type("ShapeRule", (_ShapeRule,), limits)
