"""Opens the whole application in this process, over the invented vendor."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
from starlette.applications import Starlette
from tests.gateway.fakes import Grove, birch_table

from gateway.app import create_app
from gateway.configuration.platform_tables import platform_settings
from gateway.configuration.settings import Settings

__all__ = ["LOCAL", "open_app", "open_client", "real_settings"]

LOCAL: Mapping[str, Any] = {"require_api_key": False, "id_key": "k" * 43}
"""Settings of a gateway that has platforms and asks for no key."""


def real_settings(grove: Grove, *keys: str, **fields: Any) -> Settings:  # noqa: ANN401 (any field)
    """Return settings with platforms of the invented vendor, and no sandbox."""
    tables = [birch_table(key) for key in keys or ("birch-fr",)]
    platforms = platform_settings(grove.specs(), tables)
    return Settings(platforms=platforms, **{**LOCAL, **fields})


@asynccontextmanager
async def open_app(grove: Grove, settings: Settings) -> AsyncIterator[Starlette]:
    """Open the application, platforms and all, and close it at the end."""
    app = create_app(settings, specs=grove.specs())
    async with app.router.lifespan_context(app):
        yield app


@asynccontextmanager
async def open_client(
    grove: Grove | None = None,
    settings: Settings | None = None,
    root_path: str = "",
    **fields: Any,  # noqa: ANN401 (any field)
) -> AsyncIterator[httpx.AsyncClient]:
    """Open the application and a client of it, behind a proxy if there is a root path."""
    own = grove or Grove()
    async with open_app(own, settings or real_settings(own, **fields)) as app:
        transport = httpx.ASGITransport(app, root_path=root_path)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway.test") as client:
            yield client
