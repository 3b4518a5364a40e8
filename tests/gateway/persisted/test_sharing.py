"""Processes that share a Redis server share what callers have registered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.gateway.serving import open_client
from tests.stores import RedisServer, running_redis

from gateway.persisted.trusted import digest_of
from gateway.security.keys import hash_of

TEXT = "query SharedKeys { platforms { key } }"
ASKED = {"persistedQuery": {"version": 1, "sha256Hash": digest_of(TEXT)}}

pytestmark = pytest.mark.redis


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server


async def test_one_registers_and_the_other_answers(server: RedisServer) -> None:
    keys = [{"name": name, "hash": hash_of(f"key of {name}")} for name in ("ana", "ben")]
    fields: dict[str, Any] = {
        "cache": {"backend": "redis", "url": server.url},
        "require_api_key": True,
        "api_keys": keys,
    }
    ana = {"x-api-key": "key of ana"}
    async with open_client(**fields) as one, open_client(**fields) as other:
        sent = {"query": TEXT, "extensions": ASKED}
        assert "errors" not in (await one.post("/graphql", json=sent, headers=ana)).json()
        named = {"extensions": ASKED}
        found = await other.post("/graphql", json=named, headers=ana)
        assert found.json() == {"data": {"platforms": [{"key": "birch-fr"}]}}
        foreign = await other.post("/graphql", json=named, headers={"x-api-key": "key of ben"})
        (error,) = foreign.json()["errors"]
        assert error["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
    # What leaves the process is sealed.
    assert b"SharedKeys" not in server.dump()
