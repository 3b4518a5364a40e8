"""The simulator at a moment, asked as a client would ask it: over ASGI, by HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx

from vendors.iadvize.sandbox import simulator
from vendors.iadvize.sandbox.profile import PROFILE
from vendors.world import World

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vendors.port import Simulator
    from vendors.world import AccountProfile

# A Wednesday morning; chats, a call and the bot's conversation go on.
NOW = datetime(2026, 11, 18, 10, 35, 33, tzinfo=UTC)
ORIGIN = "http://vendor.test"


class Vendor:
    """One simulator whose clock the test sets."""

    def __init__(
        self, now: datetime = NOW, seed: int = 7, profile: AccountProfile = PROFILE
    ) -> None:
        self.now = now
        self.simulator: Simulator = simulator(World(seed=seed, clock=lambda: self.now), profile)
        self.settings = self.simulator.settings(ORIGIN)

    async def send(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Send a request as it is, without a key."""
        transport = httpx.ASGITransport(self.simulator.app)
        base_url = self.settings["base_url"]
        async with httpx.AsyncClient(transport=transport, base_url=base_url) as client:
            return await client.request(method, path, params=params, headers=headers)

    async def get(self, path: str, params: Mapping[str, Any] | None = None) -> httpx.Response:
        """Read with the key in the header."""
        headers = {"X-API-Key": self.settings["api_key"]}
        return await self.send("GET", path, params=params, headers=headers)

    async def body(self, path: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Read, and return what is told if it is told."""
        answer = await self.get(path, params)
        assert answer.status_code == 200, answer.text
        assert answer.json()["meta"] == {"status": "success"}
        told: dict[str, Any] = answer.json()
        return told

    async def refusal(self, path: str, params: Mapping[str, Any] | None = None) -> str:
        """Read what is refused, and return the message."""
        answer = await self.get(path, params)
        assert answer.status_code == 400, answer.text
        assert set(answer.json()) == {"meta"}
        assert answer.json()["meta"]["status"] == "fail"
        return str(answer.json()["meta"]["message"])

    async def every(self, path: str, params: Mapping[str, Any] | None = None) -> list[Any]:
        """Read all pages of a list with all fields."""
        found: list[Any] = []
        page = pages = 1
        while page <= pages:
            body = await self.body(path, {**(params or {}), "full": 1, "limit": 100, "page": page})
            found += body["data"]
            pages = body["pagination"]["pages"]
            page += 1
        return found

    async def statistic(self, **filters: object) -> dict[str, Any]:
        """Read indicators, as one object or by buckets; `from_` stands for `from`."""
        told: dict[str, Any] = (await self.body("/statistic", brackets(**filters)))["data"]
        assert isinstance(told, dict)
        return told

    async def rows(self, resource: str, **filters: object) -> list[dict[str, Any]]:
        """Read indicators by the members of a resource."""
        asked = brackets(resource=resource, **filters)
        told: list[dict[str, Any]] = (await self.body("/statistic", asked))["data"]
        assert isinstance(told, list)
        return told

    async def series(self, indicator: str, granularity: str, **filters: object) -> dict[str, Any]:
        """Read one indicator by buckets."""
        return await self.statistic(indicators=indicator, granularity=granularity, **filters)


def brackets(**filters: object) -> dict[str, Any]:
    """Name filters as the vendor does."""
    return {f"filters[{name.rstrip('_')}]": value for name, value in filters.items()}


def wall(at: datetime) -> str:
    """Write a moment as a date with a time."""
    return at.strftime("%Y-%m-%d %H:%M:%S")


def last_second(end: datetime) -> str:
    """Write the end of a half-open window as the vendor's inclusive `to`."""
    return wall(end - timedelta(seconds=1))


UNICODE = "/conversation.json-unicode"
STRUCTURED = {"formatHistory": 0}
WEEK = brackets(from_="2026-11-10", to="2026-11-16")
