"""The simulator, asked without a network, and the world that it draws on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx

from vendors.livechat.sandbox.access import Rate
from vendors.livechat.sandbox.app import app, settings
from vendors.livechat.sandbox.profile import PROFILE
from vendors.port import Simulator
from vendors.world import Contact, World

ORIGIN = "http://livechat.test"
# A Tuesday afternoon; the clocks of London went forward on the 29th.
NOW = datetime(2026, 3, 31, 13, 47, 12, tzinfo=UTC)
TOKEN = "fra:sandbox-livechat-token"
BEARER = {"Authorization": f"Bearer {TOKEN}"}

WORLD = World(7, lambda: NOW)
ACCOUNT = WORLD.account(PROFILE)
# All tests together may ask faster than an account may.
SIMULATOR = Simulator(app(WORLD, Rate(1_000_000, 1.0)), settings)

MONTH = {"from": "2026-03-01T00:00:00Z", "to": "2026-03-31T23:59:59.999999+01:00"}
SPRING = {"from": "2026-03-28T00:00:00+00:00", "to": "2026-03-30T23:59:59.999999+01:00"}
AUTUMN = {"from": "2025-10-25T00:00:00+01:00", "to": "2025-10-27T23:59:59.999999+00:00"}


async def send(
    method: str,
    path: str,
    *,
    headers: Mapping[str, str] = BEARER,
    simulated: Simulator = SIMULATOR,
    json: object = None,
    content: bytes | None = None,
    params: Mapping[str, Sequence[str]] | None = None,
) -> httpx.Response:
    """Send one request."""
    transport = httpx.ASGITransport(simulated.app)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        return await client.request(
            method, path, headers=headers, json=json, content=content, params=params
        )


async def ask(
    report: str, simulated: Simulator = SIMULATOR, **parameters: object
) -> dict[str, Any]:
    """Ask for a report and return its answer."""
    path = f"/v3.4/reports/{report}"
    response = await send("POST", path, json=parameters, simulated=simulated)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


async def count(**filters: object) -> int:
    """Return how many chats of a month pass the filters."""
    answer = await ask("chats/total_chats", filters={**MONTH, **filters})
    total = answer["total"]
    assert isinstance(total, int)
    return total


def contacts(filters: Mapping[str, Any] = MONTH) -> list[Contact]:
    """Return what the world knows of the chats in a window."""
    start, last = (datetime.fromisoformat(filters[name]) for name in ("from", "to"))
    return [one for one in ACCOUNT.contacts(start, NOW) if one.started_at <= last]
