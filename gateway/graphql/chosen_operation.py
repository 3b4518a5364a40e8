"""Which operation of a document is to be answered: the only one, or the one that is named."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import OperationDefinitionNode
from strawberry.extensions import SchemaExtension
from strawberry.schema.exceptions import CannotGetOperationTypeError

__all__ = ["ChosenOperation", "UnclearOperationError"]


class UnclearOperationError(CannotGetOperationTypeError):
    """Nothing says which operation is to be answered, or there is none of that name."""

    def __init__(self, name: str | None, message: str) -> None:
        """Keep the name that was asked for, and the message for the caller."""
        super().__init__(name)
        self._message = message

    def as_http_error_reason(self) -> str:
        """Return the message for the caller, under the name that Strawberry asks for."""
        return self._message


class ChosenOperation(SchemaExtension):
    """Refuses to guess: Strawberry itself would answer the first of several operations."""

    def on_parse(self) -> Iterator[None]:
        """Look at the parsed document; raise UnclearOperationError."""
        yield
        document = self.execution_context.graphql_document
        if document is None:
            return
        asked = self.execution_context._provided_operation_name  # noqa: SLF001 (public is only a guess)
        nodes = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
        names = [None if node.name is None else node.name.value for node in nodes]
        if not names:
            raise UnclearOperationError(asked, "There is no operation in the document.")
        if asked is not None and asked not in names:
            raise UnclearOperationError(asked, f'There is no operation named "{asked}".')
        # An anonymous one among several is refused by validation, which says so better.
        if asked is None and len(names) > 1 and None not in names:
            message = "There are several operations: say by `operationName` which one is meant."
            raise UnclearOperationError(asked, message)
