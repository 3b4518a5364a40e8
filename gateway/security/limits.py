"""How much one request may ask: the size of its body, and the shape of its document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from graphql import ASTValidationRule, NoSchemaIntrospectionCustomRule
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from strawberry.extensions import (
    AddValidationRules,
    MaxTokensLimiter,
    ParserCache,
    SchemaExtension,
    ValidationCache,
)

from gateway.refusals import refusal, request_id_of
from gateway.security.shape import shape_rule
from vendors.errors import CallerError

__all__ = ["BodyLimit", "document_limits"]

_GUESS = " Did you mean "
_DOCUMENTS = 1000
"""How many parsed and validated documents are kept; further ones push out the least used."""


def document_limits(
    *, depth: int, aliases: int, tokens: int, introspection: bool
) -> Sequence[Callable[[], SchemaExtension]]:
    """Return the extensions that parse and validate each document once, within these limits.

    The rules are made here once: validated documents are found again by them.
    """
    rules: list[type[ASTValidationRule]] = [shape_rule(depth, aliases)]
    hidden: list[type[SchemaExtension]] = []
    if not introspection:
        rules.append(NoSchemaIntrospectionCustomRule)
        hidden.append(_HiddenNames)
    return (
        *hidden,
        lambda: ParserCache(maxsize=_DOCUMENTS),
        lambda: ValidationCache(maxsize=_DOCUMENTS),
        lambda: AddValidationRules(rules),
        lambda: MaxTokensLimiter(tokens),
    )


class _HiddenNames(SchemaExtension):
    """Takes out of GraphQL's messages the names that it guesses were meant.

    Whoever asks for enough wrong names would be told the whole schema by them.
    """

    def get_results(self) -> dict[str, Any]:
        """Add nothing to the answer; it is about to be given, so that all its errors are known."""
        for error in self.execution_context.pre_execution_errors or ():
            # What our own code says of a platform's data is no name of the schema.
            if not isinstance(error.original_error, CallerError):
                error.message = error.message.partition(_GUESS)[0]
        return {}


class _BodyTooLargeError(Exception):
    pass


class BodyLimit:
    """Refuses requests whose body is larger than is ever read, with 413."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        """Let bodies of at most `most` bytes through to `app`."""
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        read, started = 0, False

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._most:
                raise _BodyTooLargeError
            return message

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        if _announced(scope) > self._most:
            await self._refuse(scope, receive, send)
            return
        try:
            await self._app(scope, counted, noted)
        except _BodyTooLargeError:
            if started:
                raise
            await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        message = f"The request is larger than {self._most} bytes."
        answer = refusal(413, "REQUEST_TOO_LARGE", message, request_id_of(scope))
        await answer(scope, receive, send)


def _announced(scope: Scope) -> int:
    """Return the length that the request announces, 0 where it announces none."""
    value = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(value) if value.isdigit() else 0
