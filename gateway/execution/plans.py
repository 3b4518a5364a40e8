"""The operations that were compiled, as long as they are kept."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from graphql import DocumentNode, GraphQLError, GraphQLSchema
from graphql.execution import Executor
from graphql.pyutils import Undefined

from gateway.execution.documents import Reading, read
from gateway.execution.source import UnsupportedError, compiled

__all__ = ["Operation", "Plans"]

_LOG = logging.getLogger("switchboard.execution")

_MOST_VARIANTS = 16
"""For how many decisions of `@skip` and `@include` one operation is kept."""

Answering = Callable[..., dict[str, Any]]


@dataclass(slots=True)
class Operation:
    """One operation of a document, and what it was compiled to."""

    schema: GraphQLSchema
    document: DocumentNode
    """Kept, so that no other document is found by its identity."""
    reading: Reading | None
    """What is known of it; None: it is not compiled."""
    uses: int = 0
    weight: int = 1
    """About how much it takes to keep it: its fields."""
    variants: OrderedDict[tuple[object, ...], tuple[Answering | None, int]] = field(
        default_factory=OrderedDict
    )


class Plans:
    """The operations that were compiled; the least recently used give way."""

    def __init__(self, most_fields: int, from_use: int) -> None:
        """Keep operations of so many fields in all; compile small ones from that use on."""
        self._most = most_fields
        self._from_use = from_use
        self._weight = 0
        self._kept: OrderedDict[tuple[int, int, str | None], Operation] = OrderedDict()

    def operation(
        self, schema: GraphQLSchema, document: DocumentNode, name: str | None
    ) -> Operation:
        """Return the operation of that name in a document, known by its identity, for one use."""
        key = (id(schema), id(document), name)
        kept = self._kept.get(key)
        if kept is None:
            kept = Operation(schema, document, read(schema, document, name))
            self._kept[key] = kept
            self._weigh(kept.weight)
        else:
            self._kept.move_to_end(key)
        kept.uses += 1
        return kept

    def worth_compiling(self, operation: Operation) -> bool:
        """Return whether it pays: the answer may be large, or the operation comes again."""
        reading = operation.reading
        return reading is not None and (reading.large or operation.uses >= self._from_use)

    def answering(self, operation: Operation, executor: Executor[Any]) -> Answering | None:
        """Return the code for the executor's variables, None where graphql-core has to do it."""
        given = executor.variable_values.coerced
        names = operation.reading.deciding if operation.reading else ()
        decided = tuple(given.get(name, Undefined) for name in names)
        found = operation.variants.get(decided)
        if found is None:
            found = operation.variants[decided] = _compiled(executor)
            before = operation.weight
            if len(operation.variants) > _MOST_VARIANTS:
                operation.variants.popitem(last=False)
            operation.weight = 1 + sum(fields for _, fields in operation.variants.values())
            self._weigh(operation.weight - before)
        else:
            operation.variants.move_to_end(decided)
        return found[0]

    def _weigh(self, more: int) -> None:
        """Add to what is kept, and let the least recently used go for it."""
        self._weight += more
        while self._weight > self._most and len(self._kept) > 1:
            _, gone = self._kept.popitem(last=False)
            self._weight -= gone.weight


def _compiled(executor: Executor[Any]) -> tuple[Answering | None, int]:
    try:
        return compiled(executor)
    except (UnsupportedError, GraphQLError, RecursionError):
        return None, 1
    except Exception:  # noqa: BLE001 (logged)
        # A fault here must not cost an answer that graphql-core can give.
        _LOG.exception("an operation could not be compiled")
        return None, 1
