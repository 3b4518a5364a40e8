"""Lists that are cut: what can be had by further pages is, at every door, and the rest is told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias

import httpx
import pytest
from tests.fakes import NOW, platform_of
from tests.gateway.fakes import BirchSettings, Grove
from tests.gateway.queries.written import folder_of
from tests.gateway.serving import real_settings

from gateway.app import create_app
from vendors.calls import Call
from vendors.port import HistoryQuery, Page, Platform, VendorSpec, Wiring
from vendors.records import Customer, Dated

HELD = 500
"""How many customers the platform holds."""
AT_ONCE = 30
"""How many it gives on one page, whatever is asked for."""
QUERIES = {
    "listed": "# As a list.\n# rows: customers.nodes\nquery { customers { nodes { nativeId } } }",
    "rows": "# As rows.\n# rows: customerRows.nodes\n"
    "query { customerRows { nodes { customerId } } }",
}
Answer: TypeAlias = tuple[int, int]
"""A status, and how many customers came with it."""
Ask: TypeAlias = Callable[[httpx.AsyncClient, bool], Any]


class Register:
    """Customers of a platform that shows no more than the first of them."""

    history_filters: Mapping[type[Dated], frozenset[str]] = {Customer: frozenset()}

    def __init__(self, shows: int) -> None:
        self._shows = shows

    async def history(self, _kind: type[Dated], query: HistoryQuery, _call: Call) -> Page[Customer]:
        begin = int(query.after or 0)
        end = min(begin + AT_ONCE, begin + query.limit, self._shows)
        every = tuple(
            Customer(platform="oak", native_id=f"{number}", at=NOW - timedelta(seconds=number))
            for number in range(begin, end)
        )
        places = tuple(str(number + 1) for number in range(begin, end))
        cut = end < HELD and len(every) < query.limit
        return Page(every, places, has_more=end < self._shows, truncated=cut)


class Vendor(Grove):
    """Platforms that list customers."""

    def __init__(self, shows: int) -> None:
        super().__init__()
        self._shows = shows

    def specs(self) -> Mapping[str, VendorSpec[Any]]:
        build = self.build
        return {"birch": VendorSpec("birch", "Birch", BirchSettings, build, self.simulator)}

    def build(self, settings: BirchSettings, _wiring: Wiring) -> Platform:
        return platform_of(settings.key, vendor="birch", histories=Register(self._shows))


@asynccontextmanager
async def served(folder: Path, shows: int) -> AsyncIterator[httpx.AsyncClient]:
    vendor = Vendor(shows)
    queries = {"folder": folder_of(folder / "queries", QUERIES)}
    app = create_app(real_settings(vendor, "oak", queries=queries), specs=vendor.specs())
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://lists.test") as client:
            yield client


def _file(path: str) -> Ask:
    async def ask(client: httpx.AsyncClient, partial: bool) -> Answer:
        answer = await client.get(path, params={"partial": "allow"} if partial else {})
        told = ";truncated" in answer.headers.get("x-sources", "")
        assert told is (partial and answer.status_code == 200 and len(_lines(answer)) < HELD)
        return answer.status_code, len(_lines(answer)) if answer.status_code == 200 else 0

    return ask


def _lines(answer: httpx.Response) -> list[str]:
    return answer.text.splitlines()


async def _odata(client: httpx.AsyncClient, partial: bool) -> Answer:
    params = {"partial": "allow"} if partial else {}
    answer = await client.get("/odata/customers", params=params)
    told = answer.json()
    return answer.status_code, len(told["value"]) if answer.status_code == 200 else 0


DOORS: Mapping[str, Ask] = {
    "files": _file("/v1/customers.ndjson"),
    "lists by name": _file("/q/listed.ndjson"),
    "rows by name": _file("/q/rows.ndjson"),
    "odata": _odata,
}


@pytest.mark.parametrize("door", DOORS)
async def test_what_further_pages_hold_is_missing_nowhere(door: str, tmp_path: Path) -> None:
    async with served(tmp_path, HELD) as client:
        assert await DOORS[door](client, False) == (200, HELD)
        assert await DOORS[door](client, True) == (200, HELD)


@pytest.mark.parametrize("door", DOORS)
async def test_what_no_page_holds_is_told_and_left_out_only_if_allowed(
    door: str, tmp_path: Path
) -> None:
    async with served(tmp_path, HELD - 1) as client:
        assert await DOORS[door](client, False) == (502, 0)
        assert await DOORS[door](client, True) == (200, HELD - 1)


@pytest.mark.parametrize("field", ["customers", "customerRows"])
@pytest.mark.parametrize("shows", [HELD, HELD - 1])
async def test_graphql_tells_it_on_the_last_page(field: str, shows: int, tmp_path: Path) -> None:
    asked = (
        f"query ($after: String) {{ {field}(first: 200, after: $after) {{ nodes {{ __typename }} "
        "truncated pageInfo { hasNextPage endCursor } } }"
    )
    found, told, after = 0, [], None
    async with served(tmp_path, shows) as client:
        while True:
            body = {"query": asked, "variables": {"after": after}}
            answer = (await client.post("/graphql", json=body)).json()["data"][field]
            found += len(answer["nodes"])
            told.append(answer["truncated"])
            if not answer["pageInfo"]["hasNextPage"]:
                break
            after = answer["pageInfo"]["endCursor"]

    assert found == shows
    assert told[-1] is (shows < HELD)
    assert not any(told[:-1])
