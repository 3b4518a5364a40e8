from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from tests.fakes import platform_of
from tests.gateway.fakes import BirchSettings, Grove, birch_table
from tests.gateway.serving import LOCAL
from tests.resolvers.measuring import Event, Measuring, source_of

from gateway.app import create_app
from gateway.configuration.platform_tables import platform_settings
from gateway.configuration.settings import Settings
from gateway.pages.figures import DAYS
from vendors.errors import PlatformUnreachableError
from vendors.port import Platform, VendorSpec, Wiring

BROWSER = {"Accept": "text/html"}


class Meters:
    """Platforms that measure, but for those whose key begins with `bad` and `bare`."""

    def __init__(self) -> None:
        now = datetime.now(UTC)
        # Three today, so that there are days without any and days that can change.
        self.events = [
            Event(now - timedelta(seconds=number), "chat", "ann", 30, answered=True)
            for number in range(3)
        ]

    def specs(self) -> dict[str, VendorSpec[Any]]:
        spec = VendorSpec("birch", "Birch", BirchSettings, self.build, Grove().simulator)
        return {"birch": spec}

    def build(self, settings: BirchSettings, _wiring: Wiring) -> Platform:
        if settings.key.startswith("bare"):
            return platform_of(settings.key, vendor="birch")
        measures = Measuring(self.events, source_of(), key=settings.key)
        if settings.key.startswith("bad"):
            measures.fails = PlatformUnreachableError("secret")
        return platform_of(settings.key, vendor="birch", measures=measures)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    specs = Meters().specs()
    tables = [birch_table(key) for key in ("good", "bad", "bare")]
    settings = Settings(platforms=platform_settings(specs, tables), **LOCAL)
    app = create_app(settings, specs=specs)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway.test") as one:
            yield one


async def shown(client: httpx.AsyncClient, path: str) -> str:
    response = await client.get(path, headers=BROWSER)
    assert response.status_code == 200
    return response.text


async def test_each_chart_has_a_total_words_and_a_row_for_each_day(
    client: httpx.AsyncClient,
) -> None:
    text = await shown(client, "/figures/good")

    assert "<b>3</b> in all" in text
    assert "<b>30 s</b> on average" in text
    assert text.count('role="img" aria-label="') == 3
    assert len(re.findall(r'<tr><th scope="row">', text)) == DAYS
    assert re.search(r'<rect class="bar open"', text)
    # Nobody waited on days without contacts: that is not a mean of zero.
    assert "not measured" in text


async def test_a_platform_that_fails_says_so_in_its_own_place(client: httpx.AsyncClient) -> None:
    text = await shown(client, "/figures/bad")

    assert "<strong>Bad</strong> could not be reached." in text
    assert "<rect" not in text
    assert "secret" not in text


async def test_what_is_not_measured_is_a_gap(client: httpx.AsyncClient) -> None:
    text = await shown(client, "/figures/bare")

    assert text.count('class="panel none"') == 3
    assert text.count(">not measured<") == 3
    assert '<svg class="chart"' not in text


async def test_another_platform_is_shown_whole(client: httpx.AsyncClient) -> None:
    text = await shown(client, "/")

    assert re.findall(r'data-load="/figures/(\w+)"', text) == ["good", "bad", "bare"]


async def test_a_page_shows_what_calls_have_shown(client: httpx.AsyncClient) -> None:
    before = await shown(client, "/status")
    await shown(client, "/figures/good")
    after = await shown(client, "/status")

    assert "<dt>Newest figures</dt><dd>never</dd>" in before
    assert after.count("<dt>Newest figures</dt><dd>never</dd>") == 2
