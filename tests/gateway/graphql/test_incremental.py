"""Answers in parts, over real sockets: what is there comes first, and nothing else changes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import httpx
import orjson
import pytest
import strawberry
from strawberry.schema.config import StrawberryConfig
from tests.fakes import context_of
from tests.gateway.serving import open_client
from tests.gateway.staffed import House, Staff, events, serving, settled, socket, until

from gateway.configuration.settings import SubscriptionSettings
from gateway.context import Operations
from gateway.graphql.endpoint import GraphQLDoor
from gateway.graphql.streams import Streams
from gateway.observability.request_log import RequestLog
from gateway.security.authentication import Authenticator
from resolvers.context import Scope

PARTS = "multipart/mixed, application/json"
LATER = """query ($later: Boolean! = true) {
  platforms { key }
  ... @defer(if: $later, label: "who") { agents { nodes { nativeId live { status } } } }
}"""
ONE_BY_ONE = "{ agents { nodes @stream(initialCount: 1) { nativeId live { status } } } }"
FIRST = {"platforms": [{"key": "oak"}]}
ALL = [
    {"nativeId": "ana", "live": {"status": "AVAILABLE"}},
    {"nativeId": "ben", "live": {"status": "AWAY"}},
]
Part = dict[str, Any]


async def parsed(response: httpx.Response) -> AsyncGenerator[Part, None]:
    """Give the parts as they come, each when its delimiter is there."""
    assert response.headers["content-type"] == 'multipart/mixed; boundary="-"'
    text = b""
    async for more in response.aiter_bytes():
        *whole, text = (text + more).split(b"\r\n---")
        for part in whole:
            head, _, body = part.removeprefix(b"---").partition(b"\r\n\r\n")
            assert head == b"\r\nContent-Type: application/json; charset=utf-8"
            yield orjson.loads(body)
    assert text == b"--\r\n"


@asynccontextmanager
async def in_parts(
    house: House, query: str = LATER, *, method: str = "POST", **headers: str
) -> AsyncIterator[AsyncGenerator[Part, None]]:
    asked: dict[str, Any] = {"params" if method == "GET" else "json": {"query": query}}
    sent = {"accept": PARTS, **headers}
    async with (
        httpx.AsyncClient(base_url=house.address, timeout=30) as client,
        client.stream(method, "/graphql", headers=sent, **asked) as response,
        aclosing(parsed(response)) as parts,
    ):
        yield parts


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_what_is_deferred_comes_when_it_is_there(method: str) -> None:
    staff = Staff()
    async with serving(staff) as house, in_parts(house, method=method) as parts:
        assert await anext(parts) == {
            "data": FIRST,
            "pending": [{"id": "0", "path": [], "label": "who"}],
            "hasNext": True,
        }
        assert staff.calls == []
        staff.let()
        assert await anext(parts) == {
            "incremental": [{"id": "0", "data": {"agents": {"nodes": ALL}}}],
            "completed": [{"id": "0"}],
            "hasNext": False,
        }
        assert [one async for one in parts] == []


async def test_a_list_comes_item_by_item() -> None:
    staff = Staff()
    staff.let(2)
    async with serving(staff) as house, in_parts(house, ONE_BY_ONE) as parts:
        first = await anext(parts)
        assert first["data"] == {"agents": {"nodes": ALL[:1]}}
        items = [
            item async for part in parts for one in part["incremental"] for item in one["items"]
        ]
        assert items == ALL[1:]


async def test_events_and_sockets_bring_parts_too() -> None:
    staff = Staff()
    async with serving(staff) as house, socket(house, {}) as one:
        staff.let(4)
        async with events(house, LATER) as told:
            parts = [part async for part in told]
        assert await one.hear() == {"type": "connection_ack"}
        await one.say("subscribe", id="1", payload={"query": LATER})
        heard = [await one.hear() for _ in range(3)]
        assert [each["type"] for each in heard] == ["next", "next", "complete"]
        for first, last in (parts, [each["payload"] for each in heard[:2]]):
            assert (first["data"], first["hasNext"]) == (FIRST, True)
            assert last["incremental"][0]["data"] == {"agents": {"nodes": ALL}}


@pytest.mark.parametrize(
    "accept",
    [
        "application/json",
        "*/*",
        "application/graphql-response+json",
        "multipart/mixed;q=0, application/json",
        "multipart/mixed;deferSpec=20220824, application/json",
    ],
)
async def test_who_takes_no_parts_is_told_before_anything_is_asked(accept: str) -> None:
    staff = Staff()
    async with serving(staff) as house, httpx.AsyncClient(base_url=house.address) as client:
        for query in (LATER, ONE_BY_ONE):
            refused = await client.post(
                "/graphql", json={"query": query}, headers={"accept": accept}
            )
            (error,) = refused.json()["errors"]
            assert (refused.status_code, error["extensions"]["code"]) == (406, "NOT_ACCEPTABLE")
            assert "multipart/mixed" in error["message"]
        assert staff.waiting == 0


async def test_what_is_not_deferred_is_one_answer() -> None:
    staff = Staff()
    staff.let(2)
    whole = {"data": FIRST | {"agents": {"nodes": ALL}}}
    plain = LATER.replace("= true", "= false")
    async with serving(staff) as house, httpx.AsyncClient(base_url=house.address) as client:
        for accept in (PARTS, "application/json"):
            for asked in ({"query": plain}, {"query": LATER, "variables": {"later": False}}):
                answer = await client.post("/graphql", json=asked, headers={"accept": accept})
                assert answer.headers["content-type"] == "application/json"
                assert answer.json() == whole
                staff.let()


async def test_the_last_part_tells_what_all_cost() -> None:
    staff = Staff()
    staff.let()
    headers = {"x-switchboard-trace": "1", "x-request-id": "r1"}
    async with serving(staff) as house, in_parts(house, **headers) as parts:
        told = [part async for part in parts]
    assert "extensions" not in told[0]
    trace = told[-1]["extensions"]["switchboard"]
    assert trace["requestId"] == "r1"
    assert [call["platform"] for call in trace["calls"]] == ["oak"]


async def test_a_request_in_parts_is_one_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "switchboard.requests")
    staff = Staff()
    staff.let()
    async with serving(staff) as house, in_parts(house) as parts:
        assert len([part async for part in parts]) == 2
    (line,) = [one for one in caplog.records if one.name == "switchboard.requests"]
    assert (vars(line)["status"], vars(line)["calls"]) == (200, 1)


@pytest.mark.parametrize(
    ("method", "accept"),
    [
        ("POST", "application/json"),
        ("GET", "application/json"),
        ("POST", "text/event-stream"),
        ("GET", "text/event-stream"),
        ("POST", PARTS),
        ("GET", PARTS),
    ],
)
async def test_what_is_asked_for_who_has_gone_is_given_up(method: str, accept: str) -> None:
    staff = Staff()
    query = LATER if accept == PARTS else LATER.replace("= true", "= false")
    asked: dict[str, Any] = {"params" if method == "GET" else "json": {"query": query}}

    async def ask(client: httpx.AsyncClient) -> None:
        async with client.stream(method, "/graphql", headers={"accept": accept}, **asked) as got:
            await got.aread()

    # Else the deadline would end it.
    longest = {"deadline_seconds": 600, "longest_deadline_seconds": 600}
    async with (
        serving(staff, **longest) as house,
        httpx.AsyncClient(base_url=house.address) as client,
    ):
        asking = asyncio.create_task(ask(client))
        await until(lambda: staff.waiting == 1)
        asking.cancel()
        await until(lambda: staff.waiting == 0)
        await settled(house)
        assert staff.calls == []


@strawberry.type
class Slow:
    @strawberry.field
    async def wait(self) -> str | None:
        await asyncio.Event().wait()
        return None

    @strawberry.field
    async def broken(self) -> str:
        message = "hunter2"
        raise RuntimeError(message)

    @strawberry.field
    def soon(self) -> str:
        return "now"


def slow_client() -> httpx.AsyncClient:
    """Return a client of a gateway whose operations have hardly any time."""
    operations = Operations(
        services=context_of().services,
        authenticator=Authenticator([], required=False, anonymous=frozenset(Scope)),
        deadline=0.01,
        longest_deadline=1,
    )
    config = StrawberryConfig(enable_experimental_incremental_execution=True)
    schema = strawberry.Schema(Slow, config=config)
    streams = Streams(SubscriptionSettings())
    door = GraphQLDoor(schema, lambda: operations, None, streams)
    transport = httpx.ASGITransport(RequestLog(door))
    return httpx.AsyncClient(transport=transport, base_url="http://gateway.test")


async def last_of(query: str) -> Part:
    async with (
        slow_client() as client,
        client.stream(
            "POST", "/graphql", json={"query": query}, headers={"accept": PARTS}
        ) as response,
    ):
        first, last = [part async for part in parsed(response)]
    assert first == {"data": {"soon": "now"}, "pending": first["pending"], "hasNext": True}
    assert last["hasNext"] is False
    return last


async def test_what_is_not_there_by_the_deadline_has_failed() -> None:
    last = await last_of("{ soon ... @defer { wait } ... @defer { again: wait } }")
    assert [one["id"] for one in last["completed"]] == ["0", "1"]
    for one in last["completed"]:
        assert one["errors"][0]["extensions"]["code"] == "DEADLINE_EXCEEDED"


async def test_what_is_wrong_in_a_part_is_told_in_our_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    last = await last_of("{ soon ... @defer { broken } }")
    (error,) = last["completed"][0]["errors"]
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert error["path"] == ["broken"]
    assert "hunter2" not in orjson.dumps(last).decode()
    assert [one for one in caplog.records if one.name == "switchboard.errors"]


async def test_what_another_operation_leaves_off_is_not_off_for_this_one() -> None:
    part = "($d: Boolean! = {}) {{ ... @defer(if: $d) {{ platforms {{ key }} }} }}"
    query = f"query A{part.format('true')} query B{part.format('false')}"
    async with open_client() as client:
        asked = {"query": query, "operationName": "A"}
        answer = await client.post("/graphql", json=asked)
    assert answer.json()["errors"][0]["extensions"]["code"] == "NOT_ACCEPTABLE"
