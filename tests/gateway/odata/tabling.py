"""A vendor whose platforms list conversations, behind the whole application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
from starlette.applications import Starlette
from tests.fakes import NOW, FakeClock, platform_of
from tests.gateway.fakes import BirchSettings, Grove, birch_table
from tests.gateway.serving import LOCAL
from tests.resolvers.test_conversations import Listing

from gateway.app import create_app
from gateway.configuration.platform_tables import platform_settings
from gateway.configuration.settings import Settings
from vendors.port import Platform, VendorSpec, Wiring

__all__ = ["WEEK", "Wood", "client", "opened"]

WEEK = {"from": (NOW - timedelta(days=7)).isoformat(), "to": NOW.isoformat()}


class Wood:
    """Platforms by key, each with conversations that began so many seconds ago."""

    def __init__(self, **ages: Sequence[int]) -> None:
        self.lists = {key: Listing(key, each) for key, each in ages.items()}

    def specs(self) -> Mapping[str, VendorSpec[Any]]:
        spec = VendorSpec("birch", "Birch", BirchSettings, self.build, Grove().simulator)
        return {"birch": spec}

    def build(self, settings: BirchSettings, _wiring: Wiring) -> Platform:
        listing = self.lists[settings.key]
        return platform_of(settings.key, vendor="birch", conversations=listing)


@asynccontextmanager
async def opened(wood: Wood, **fields: Any) -> AsyncIterator[Starlette]:  # noqa: ANN401 (any field)
    """Open the gateway in this process."""
    platforms = platform_settings(wood.specs(), [birch_table(key) for key in wood.lists])
    settings = Settings(platforms=platforms, **{**LOCAL, **fields})
    clock = FakeClock(NOW + timedelta(seconds=1))
    app = create_app(settings, specs=wood.specs(), wiring=Wiring(clock=clock))
    async with app.router.lifespan_context(app):
        yield app


@asynccontextmanager
async def client(
    wood: Wood,
    **fields: Any,  # noqa: ANN401 (any field)
) -> AsyncIterator[httpx.AsyncClient]:
    """Open the gateway, below `root_path` if there is one, and a client of it."""
    root_path = fields.pop("root_path", "")
    async with opened(wood, **fields) as app:
        transport = httpx.ASGITransport(app, root_path=root_path)
        async with httpx.AsyncClient(transport=transport, base_url="https://g.test") as one:
            yield one
