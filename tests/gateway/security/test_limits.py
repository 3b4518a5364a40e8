from __future__ import annotations

from typing import Any

import pytest
import strawberry
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send
from strawberry.extensions import ValidationCache
from strawberry.types.execution import ExecutionResult

from gateway.security.limits import BodyLimit, document_limits


@strawberry.type(name="Node")
class Query:
    @strawberry.field
    def name(self) -> str:
        return "n"

    @strawberry.field
    def child(self) -> Query:
        return Query()


def schema(
    *, depth: int = 5, aliases: int = 3, tokens: int = 500, introspection: bool = True
) -> strawberry.Schema:
    limits = document_limits(
        depth=depth, aliases=aliases, tokens=tokens, introspection=introspection
    )
    return strawberry.Schema(Query, extensions=limits)


SCHEMA = schema()


def codes(result: ExecutionResult) -> list[Any]:
    return [(error.extensions or {}).get("code") for error in result.errors or ()]


def nested(levels: int) -> str:
    return "{child" * (levels - 1) + "{name" + "}" * levels


async def test_depth_is_counted_in_levels_of_fields() -> None:
    assert (await SCHEMA.execute(nested(5))).errors is None
    result = await SCHEMA.execute(nested(6))
    assert codes(result) == ["QUERY_TOO_COMPLEX"]
    assert result.errors is not None
    expected = "The operation has 6 levels of fields; at most 5 are allowed."
    assert result.errors[0].message == expected


@pytest.mark.parametrize(
    "query",
    [
        "{child{child{...a}}}fragment a on Node{child{child{...b}}}fragment b on Node{child{name}}",
        "{child{...on Node{child{...on Node{child{child{child{name}}}}}}}}",
        "query small{name} query large{child{child{child{child{child{name}}}}}}",
        "fragment a on Node{child{child{child{...on Node{child{child{name}}}}}}} {...a}",
    ],
)
async def test_depth_goes_through_fragments_in_any_order(query: str) -> None:
    result = await SCHEMA.execute(query, operation_name=None)
    assert "QUERY_TOO_COMPLEX" in codes(result)


async def test_aliases_are_counted_wherever_a_fragment_is_spread() -> None:
    fragment = "fragment f on Node{a:name b:name}"
    assert (await SCHEMA.execute(f"{{child{{...f}} c:name}} {fragment}")).errors is None
    result = await SCHEMA.execute(f"{{child{{...f child{{...f}}}}}} {fragment}")
    assert codes(result) == ["QUERY_TOO_COMPLEX"]
    assert result.errors is not None
    assert result.errors[0].message == "The operation has 4 aliases; at most 3 are allowed."


async def test_fragments_that_spread_each_other_twice_cost_no_more_than_their_text() -> None:
    chain = "".join(f"fragment f{n} on Node{{...f{n + 1} ...f{n + 1}}}" for n in range(90))
    query = f"{{...f0}} {chain} fragment f90 on Node{{a:name}}"
    result = await schema(tokens=2000).execute(query)
    # Walking into every spread would take until the test's time is over, and much longer.
    assert codes(result) == ["QUERY_TOO_COMPLEX"]


@pytest.mark.parametrize(
    "query",
    [
        "{...a} fragment a on Node{child{...b}} fragment b on Node{child{...a}}",
        "{...a} fragment a on Node{...a}",
        "{...missing}",
        "{child{...a}} fragment a on Node{...missing}",
    ],
)
async def test_documents_that_are_wrong_otherwise_are_left_to_the_other_rules(query: str) -> None:
    result = await SCHEMA.execute(query)
    assert result.errors
    assert "QUERY_TOO_COMPLEX" not in codes(result)


async def test_long_documents_are_not_parsed_to_their_end() -> None:
    result = await schema(tokens=10).execute("{name child{name child{name}}}")
    assert result.errors is not None
    assert "10 tokens" in result.errors[0].message


async def test_introspection_is_free_where_it_is_allowed() -> None:
    deep = "{__schema{types{fields{type{ofType{ofType{ofType{name}}}}}}}}"
    assert (await SCHEMA.execute(deep)).errors is None
    assert (await schema(introspection=False).execute(deep)).errors
    assert (await schema(introspection=False).execute("{__typename name}")).errors is None


async def test_a_document_is_validated_once() -> None:
    own = schema()
    caches = [each for make in own.extensions if isinstance(each := make(), ValidationCache)]
    cached: Any = caches[0].cached_validate_document
    before = cached.cache_info()
    for _ in range(3):
        assert (await own.execute("{child{child{name}}}")).errors is None
    after = cached.cache_info()
    assert (after.misses - before.misses, after.hits - before.hits) == (1, 2)


LIMIT = 10


async def through(*bodies: bytes, announced: bytes | None = None, read: bool = True) -> int:
    """Send a body in pieces through the limit; return the status of the answer."""
    pieces: list[Message] = [
        {"type": "http.request", "body": body, "more_body": number < len(bodies) - 1}
        for number, body in enumerate(bodies)
    ]
    sent: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        more = read
        while more:
            more = (await receive()).get("more_body", False)
        await PlainTextResponse("ok")(scope, receive, send)

    async def receive() -> Message:
        return pieces.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [] if announced is None else [(b"content-length", announced)]
    scope: Scope = {"type": "http", "method": "POST", "path": "/", "headers": headers}
    await BodyLimit(app, LIMIT)(scope, receive, send)
    return int(sent[0]["status"])


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=4))
async def test_a_body_is_let_through_if_and_only_if_it_is_small_enough(bodies: list[bytes]) -> None:
    total = sum(map(len, bodies))
    assert await through(*bodies) == (200 if total <= LIMIT else 413)
    assert await through(*bodies, announced=str(total).encode()) == (200 if total <= LIMIT else 413)


async def test_a_body_that_announces_too_much_is_not_even_read() -> None:
    assert await through(announced=b"11", read=False) == 413
    assert await through(b"123", announced=b"-5") == 200
    assert await through(b"123", announced=b"many") == 200


async def test_a_body_that_is_not_read_does_not_matter() -> None:
    assert await through(b"x" * 50, read=False) == 200
