from __future__ import annotations

from typing import Any

import pytest
from tests.gateway.serving import open_client

QUERY = "{ platforms { key } }"
BROWSER = {"Accept": "text/html"}


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("POST", "/graphql", {"json": {"query": QUERY}}),
        ("POST", "/graphql", {"json": {"query": "{ nothing }"}}),
        ("GET", "/graphql", {"params": {"query": QUERY}}),
        ("GET", "/graphql", {"headers": BROWSER}),
        ("GET", "/", {}),
        ("GET", "/", {"headers": BROWSER}),
        ("GET", "/status", {"headers": BROWSER}),
        ("GET", "/connect", {"headers": BROWSER}),
        ("GET", "/figures/birch-fr", {"headers": BROWSER}),
        ("GET", "/questions/available-now", {"headers": BROWSER}),
        ("GET", "/nowhere", {}),
    ],
    ids=str,
)
async def test_what_depends_on_the_key_is_kept_nowhere(
    method: str, path: str, sent: dict[str, Any]
) -> None:
    async with open_client() as client:
        answer = await client.request(method, path, **sent)

    assert answer.headers["cache-control"] == "no-store"


async def test_files_that_are_the_same_for_everybody_are_asked_for_again_but_not_sent_again() -> (
    None
):
    async with open_client(root_path="/gateway") as client:
        file = await client.get("/gateway/static/page.css")
        tag = {"If-None-Match": file.headers["etag"]}
        again = await client.get("/gateway/static/page.css", headers=tag)

    assert file.headers["cache-control"] == "no-cache"
    assert again.status_code == 304
    assert again.headers["cache-control"] == "no-cache"
