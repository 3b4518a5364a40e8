"""What the process tells of itself, to whom, and by which methods."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from tests.gateway.serving import open_client

from gateway.security.keys import hash_of, new_api_key

KEY = new_api_key()
KEYS: Mapping[str, Any] = {
    "require_api_key": True,
    "api_keys": [{"name": "wall board", "hash": hash_of(KEY), "scopes": ["read", "metrics"]}],
}
OPEN = ("/healthz", "/readyz", "/")
GUARDED = ("/status.json", "/metrics", "/status")
SAID = ("birch-fr", "Birch", "wall board", hash_of(KEY))


@pytest.mark.parametrize("path", [*OPEN, *GUARDED])
async def test_head_answers_as_get_does_and_other_methods_are_told_so(path: str) -> None:
    async with open_client(**KEYS) as client:
        headers = {"x-api-key": KEY}
        shown = await client.get(path, headers=headers)
        head = await client.head(path, headers=headers)
        assert (shown.status_code, head.status_code, head.content) == (200, 200, b"")
        assert head.headers["content-type"] == shown.headers["content-type"]
        assert head.headers["cache-control"] == shown.headers["cache-control"] == "no-store"
        for method in ("POST", "DELETE", "OPTIONS"):
            refused = await client.request(method, path, headers=headers)
            assert refused.status_code == 405
            assert {one.strip() for one in refused.headers["allow"].split(",")} == {"GET", "HEAD"}


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html"])
async def test_whoever_has_no_key_is_told_nothing_of_platforms_and_keys(accept: str) -> None:
    async with open_client(**KEYS) as client:
        for path in (*OPEN, *GUARDED):
            answer = await client.get(path, headers={"accept": accept})
            assert answer.status_code == (200 if path in OPEN else 401)
            for word in SAID:
                assert word not in answer.text
            if answer.status_code == 401:
                assert "Bearer" in answer.headers["www-authenticate"]


async def test_the_guarded_ones_tell_of_platforms_to_whoever_has_one() -> None:
    async with open_client(**KEYS) as client:
        for path in ("/status.json", "/metrics"):
            answer = await client.get(path, headers={"x-api-key": KEY})
            assert answer.status_code == 200
            assert hash_of(KEY) not in answer.text
        told = (await client.get("/status.json", headers={"x-api-key": KEY})).json()
    assert [one["key"] for one in told["platforms"]] == ["birch-fr"]
