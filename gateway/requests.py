"""Reads the operation that a request, or a message on a socket, asks for."""

from __future__ import annotations

import orjson
from strawberry.http import GraphQLRequestData

from gateway.refusals import RefusedError
from vendors.errors import BadInputError

__all__ = ["asked", "json_of"]


def json_of(text: bytes, what: str) -> object:
    """Return what the text says; raise RefusedError where it is not JSON."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise bad(f"{what} is not JSON.") from None


def asked(data: object) -> GraphQLRequestData:
    """Return the operation that is asked for; raise RefusedError where it cannot be read."""
    if isinstance(data, list):
        raise bad("Batches are not answered; send one operation at a time.")
    if not isinstance(data, dict):
        raise bad("The body must be a JSON object with `query`.")
    for name, kind, said in (
        ("query", str, "text"),
        ("operationName", str, "text"),
        ("variables", dict, "an object"),
        ("extensions", dict, "an object"),
    ):
        if not isinstance(data.get(name), kind | None):
            raise bad(f"`{name}` must be {said}.")
    if not data.get("query"):
        raise bad("There is no `query`.")
    return GraphQLRequestData(
        query=data["query"],
        variables=data.get("variables"),
        operation_name=data.get("operationName") or None,
        extensions=data.get("extensions"),
    )


def bad(message: str) -> RefusedError:
    """Return the refusal of what cannot be read."""
    return RefusedError(400, BadInputError.code, message)
