"""What lies ahead of now is found at every door where only a beginning is told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from tests.fakes import NOW, FakeClock, platform_of
from tests.gateway.fakes import BirchSettings, Grove
from tests.gateway.serving import real_settings
from tests.resolvers.test_rows_ahead import DAYS, Diary, after_days

from gateway.app import create_app
from vendors.port import Platform, VendorSpec, Wiring

SINCE = after_days(1)
AHEAD = sum(1 for one in DAYS if 1 <= one < 366)


class Vendor(Grove):
    """Platforms that list appointments."""

    def specs(self) -> Mapping[str, VendorSpec[Any]]:
        build = self.build
        return {"birch": VendorSpec("birch", "Birch", BirchSettings, build, self.simulator)}

    def build(self, settings: BirchSettings, _wiring: Wiring) -> Platform:
        return platform_of(settings.key, vendor="birch", histories=Diary())


@asynccontextmanager
async def opened() -> AsyncIterator[httpx.AsyncClient]:
    vendor = Vendor()
    settings, wiring = real_settings(vendor, "oak"), Wiring(clock=FakeClock(NOW))
    app = create_app(settings, specs=vendor.specs(), wiring=wiring)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://rows.test") as client:
            yield client


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/v1/call_meetings.json", {"from": SINCE}),
        ("/v1/call_meetings.json", {"updated_since": SINCE}),
        ("/odata/call_meetings", {"$filter": f"starts_at ge {SINCE}"}),
        ("/odata/call_meetings", {"$filter": f"starts_at gt {SINCE}"}),
        ("/odata/call_meetings", {"$filter": f"{SINCE} le starts_at"}),
        ("/odata/call_meetings", {"from": SINCE}),
        ("/odata/call_meetings", {"$filter": f"starts_at ge {SINCE}", "$top": "10"}),
        (
            "/odata/call_meetings",
            {"$filter": f"starts_at ge {SINCE} and starts_at lt {after_days(366)}"},
        ),
    ],
)
async def test_files_and_odata_find_it(path: str, asked: Mapping[str, str]) -> None:
    async with opened() as client:
        answer = await client.get(path, params=asked)

    assert answer.status_code == 200
    told = answer.json()
    rows = told["value"] if path.startswith("/odata/") else told
    assert len(rows) == AHEAD


@pytest.mark.parametrize("argument", ["from", "updatedSince"])
async def test_graphql_rows_find_it(argument: str) -> None:
    query = f'{{ callMeetingRows({argument}: "{SINCE}") {{ nodes {{ callMeetingId }} }} }}'
    async with opened() as client:
        told = (await client.post("/graphql", json={"query": query})).json()

    assert len(told["data"]["callMeetingRows"]["nodes"]) == AHEAD
