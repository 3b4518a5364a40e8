"""Who asks, through every door, over real sockets."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest
from tests.gateway.exporting import WEEK, Press, serving
from tests.gateway.security.provider import AUDIENCE, Provider, provider
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from gateway.security.keys import hash_of, new_api_key

KEY, ENDED, WRITER, WATCHER = (new_api_key() for _ in range(4))
PAST = datetime.now(UTC) - timedelta(seconds=1)
FUTURE = datetime.now(UTC) + timedelta(days=1)
FIELDS: Mapping[str, Any] = {
    "require_api_key": True,
    "api_keys": [
        {"name": "reader", "hash": hash_of(KEY), "platforms": ["oak"], "not_after": FUTURE},
        {"name": "former", "hash": hash_of(ENDED), "not_after": PAST},
        {"name": "writer", "hash": hash_of(WRITER), "scopes": ["write"]},
        {"name": "watcher", "hash": hash_of(WATCHER), "scopes": ["metrics"]},
    ],
}
QUERY = "{platforms{key}}"
EVENTS = "text/event-stream"
FILE = "/exports/oak/leaves.csv"


def basic(key: str, user: str = "anybody") -> str:
    return "Basic " + base64.b64encode(f"{user}:{key}".encode()).decode()


WAYS: Mapping[str, Callable[[str], dict[str, str]]] = {
    "bearer": lambda key: {"authorization": f"Bearer {key}"},
    "header": lambda key: {"x-api-key": key},
    "basic": lambda key: {"authorization": basic(key)},
    "basic-without-user": lambda key: {"authorization": basic(key, "")},
}


async def post(client: httpx.AsyncClient, headers: dict[str, str]) -> httpx.Response:
    return await client.post("/graphql", json={"query": QUERY}, headers=headers)


async def get(client: httpx.AsyncClient, headers: dict[str, str]) -> httpx.Response:
    return await client.get("/graphql", params={"query": QUERY}, headers=headers)


async def events(client: httpx.AsyncClient, headers: dict[str, str]) -> httpx.Response:
    headers = {**headers, "accept": EVENTS}
    return await client.post("/graphql", json={"query": QUERY}, headers=headers)


async def file(client: httpx.AsyncClient, headers: dict[str, str]) -> httpx.Response:
    return await client.get(FILE, params={**WEEK, "colour": "red"}, headers=headers)


async def file_head(client: httpx.AsyncClient, headers: dict[str, str]) -> httpx.Response:
    return await client.head(FILE, params={**WEEK, "colour": "red"}, headers=headers)


async def status(client: httpx.AsyncClient, headers: dict[str, str]) -> httpx.Response:
    return await client.get("/status.json", headers=headers)


async def rows(client: httpx.AsyncClient, headers: dict[str, str]) -> httpx.Response:
    return await client.get("/v1/platforms.csv", headers=headers)


async def odata(client: httpx.AsyncClient, headers: dict[str, str]) -> httpx.Response:
    return await client.get("/odata/platforms", headers=headers)


DOORS = {one.__name__: one for one in (post, get, events, file, file_head, status, rows, odata)}
Door = Callable[[httpx.AsyncClient, dict[str, str]], Any]


@asynccontextmanager
async def gateway(press: Press | None = None, **fields: Any) -> AsyncIterator[httpx.AsyncClient]:  # noqa: ANN401 (any field)
    async with (
        serving(press or Press(), "oak", "elm", **{**FIELDS, **fields}) as (address, _),
        httpx.AsyncClient(base_url=address) as client,
    ):
        yield client


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
async def test_the_same_key_opens_every_door(
    way: Callable[[str], dict[str, str]], door: Door
) -> None:
    async with gateway() as client:
        answer = await door(client, way(KEY))
        assert answer.status_code == 200
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "elm" not in answer.text
        for bad in (new_api_key(), ENDED):
            refused = await door(client, way(bad))
            assert refused.status_code == 401
            assert refused.headers["www-authenticate"].startswith("Basic ")
            assert bad not in refused.text
        assert (await door(client, way(WRITER))).status_code == 403


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
async def test_nobody_comes_in_without_a_key(door: Door) -> None:
    async with gateway() as client:
        refused = await door(client, {})
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Basic ")


NO_KEYS = ("Basic", "Basic !!!", "Basic dTpw", "Basic /zo=", "Bearer", "bEaReR x", "Token x")


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
async def test_what_is_no_key_is_challenged_in_both_ways(door: Door) -> None:
    async with gateway() as client:
        for sent in NO_KEYS:
            refused = await door(client, {"authorization": sent})
            challenge = refused.headers["www-authenticate"]
            assert refused.status_code == 401
            assert challenge == 'Basic realm="Switchboard", charset="UTF-8", Bearer'


async def said(address: httpx.URL, headers: Mapping[str, str], payload: object) -> object:
    """Return what a socket answers, or why it is closed."""
    target = str(address).replace("http", "ws").rstrip("/") + "/graphql"
    subprotocols: Any = ["graphql-transport-ws"]
    async with connect(
        target, additional_headers=headers, subprotocols=subprotocols, proxy=None
    ) as socket:
        await socket.send(orjson.dumps({"type": "connection_init", "payload": payload}).decode())
        try:
            await socket.recv()
            subscribe = {"type": "subscribe", "id": "1", "payload": {"query": QUERY}}
            await socket.send(orjson.dumps(subscribe).decode())
            return orjson.loads(await socket.recv())["payload"]
        except ConnectionClosed as closed:
            return (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else None


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
async def test_the_same_key_opens_a_socket_by_its_headers_or_its_first_message(
    way: Callable[[str], dict[str, str]],
) -> None:
    seen = {"data": {"platforms": [{"key": "oak"}]}}
    async with gateway() as client:
        address = client.base_url
        assert await said(address, way(KEY), {}) == seen
        assert await said(address, {}, way(KEY)) == seen
        assert await said(address, way(ENDED), {}) == (4403, "This key has ended.")
        assert (await said(address, {}, way(WRITER)))[0] == 4403  # type: ignore[index]
        assert (await said(address, {}, {}))[0] == 4403  # type: ignore[index]


async def test_downloads_take_the_key_from_the_address_and_nothing_else_does() -> None:
    press = Press()
    query = {**WEEK, "colour": "red"}
    async with gateway(press) as client:
        answer = await client.get(FILE, params={**query, "api_key": KEY})
        assert answer.status_code == 200
        assert [one.name for one in press.queries] == ["leaves"]
        assert (await client.head(FILE, params={"api_key": KEY, **query})).status_code == 200
        wrong = await client.get(FILE, params={**query, "api_key": ENDED})
        assert (wrong.status_code, ENDED in wrong.text) == (401, False)
        unknown = await client.get(FILE, params={**query, "api_key": KEY, "shape": "oval"})
        assert (unknown.status_code, KEY in unknown.text) == (400, False)
        for path in ("/graphql", "/status.json", "/metrics"):
            refused = await client.get(path, params={"api_key": KEY, "query": QUERY})
            assert (refused.status_code, KEY in refused.text) == (401, False)


async def test_a_key_in_a_header_and_another_in_the_address_are_refused() -> None:
    query = {**WEEK, "colour": "red"}
    async with gateway() as client:
        same = await client.get(FILE, params={**query, "api_key": KEY}, headers={"x-api-key": KEY})
        assert same.status_code == 200
        for one, other in ((ENDED, KEY), (KEY, ENDED)):
            answer = await client.get(
                FILE, params={**query, "api_key": one}, headers={"x-api-key": other}
            )
            assert (answer.status_code, KEY in answer.text) == (400, False)
        twice = await client.get(FILE, params={**query, "api_key": [KEY, ENDED]})
        assert (twice.status_code, KEY in twice.text) == (400, False)


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
async def test_two_keys_at_once_are_refused_at_every_door(door: Door) -> None:
    async with gateway() as client:
        for bearer, other in ((KEY, ENDED), (ENDED, KEY), (KEY, WRITER)):
            both = {"authorization": f"Bearer {bearer}", "x-api-key": other}
            answer = await door(client, both)
            # No browser asks for a password again and again because of it.
            assert (answer.status_code, "www-authenticate" in answer.headers) == (400, False)
            assert KEY not in answer.text
        assert (await door(client, {"authorization": basic(KEY), "x-api-key": KEY})).is_success


async def test_what_a_socket_says_first_stands_in_place_of_its_headers() -> None:
    seen = {"data": {"platforms": [{"key": "oak"}]}}
    async with gateway() as client:
        address = client.base_url
        # A browser sends by itself what somebody once typed into its window.
        assert await said(address, {"authorization": basic(ENDED)}, {"x-api-key": KEY}) == seen
        assert await said(address, {"x-api-key": ENDED}, {"authorization": basic(KEY)}) == seen
        both = {"Authorization": f"Bearer {KEY}", "X-API-Key": WRITER}
        closed = (4403, "Two different keys were sent; send one, in one place.")
        assert await said(address, {}, both) == closed


async def test_keys_in_the_address_can_be_forbidden() -> None:
    query = {**WEEK, "colour": "red", "api_key": KEY}
    async with gateway(api_key_in_query=False) as client:
        assert (await client.get(FILE, params=query)).status_code == 401
        refused = await client.get(FILE, params=query, headers={"x-api-key": KEY})
        assert refused.status_code == 400
        assert refused.json()["errors"][0]["extensions"]["argument"] == "api_key"
        assert KEY not in refused.text


@asynccontextmanager
async def with_tokens(**oidc: object) -> AsyncIterator[tuple[Provider, httpx.AsyncClient]]:
    async with provider() as one:
        table = {"issuer": one.issuer, "audience": AUDIENCE, "platform_claim": "accounts", **oidc}
        async with gateway(oidc=table) as client:
            yield one, client


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
async def test_a_signed_token_opens_every_door_beside_keys(door: Door) -> None:
    async with with_tokens() as (one, client):
        for key in (one.rsa, one.ec):
            good = f"Bearer {one.token(key, accounts=['oak'])}"
            answer = await door(client, {"authorization": good})
            assert answer.status_code == 200
            assert "elm" not in answer.text
        ended = one.token(exp=1)
        refused = await door(client, {"authorization": f"Bearer {ended}"})
        assert refused.status_code == 401
        assert 'Bearer error="invalid_token"' in refused.headers["www-authenticate"]
        other = one.token(scope="openid")
        assert (await door(client, {"authorization": f"Bearer {other}"})).status_code == 403
        assert (await door(client, {"authorization": f"Bearer {KEY}"})).status_code == 200
        # A token is no key: it ends too soon to be pasted where keys are.
        token = one.token(accounts=["oak"])
        assert (await door(client, {"x-api-key": token})).status_code == 401
        assert (await door(client, {"authorization": basic(token)})).status_code == 401


async def test_a_signed_token_opens_a_socket() -> None:
    async with with_tokens() as (one, client):
        seen = {"data": {"platforms": [{"key": "elm"}]}}
        header = {"authorization": f"Bearer {one.token(accounts='elm')}"}
        assert await said(client.base_url, header, {}) == seen
        assert await said(client.base_url, {}, header) == seen
        ended = {"authorization": f"Bearer {one.token(exp=1)}"}
        assert await said(client.base_url, {}, ended) == (
            4403,
            "The token has ended; get a new one.",
        )


async def test_while_tokens_cannot_be_checked_keys_still_work() -> None:
    async with with_tokens() as (one, client):
        await one.close()
        away = await post(client, {"authorization": f"Bearer {one.token()}"})
        assert (away.status_code, away.headers["retry-after"]) == (503, "5")
        assert away.json()["errors"][0]["extensions"]["code"] == "AUTHENTICATION_UNAVAILABLE"
        assert (await post(client, {"x-api-key": KEY})).status_code == 200
        await one.open()


async def test_where_no_provider_is_set_a_token_is_an_unknown_key() -> None:
    async with provider() as one, gateway() as client:
        refused = await post(client, {"authorization": f"Bearer {one.token()}"})
        assert refused.status_code == 401
        assert one.asked == []
