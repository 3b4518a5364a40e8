"""A vendor whose accounts hold what their credential says, to see who is shown what."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
from tests.fakes import NOW, FakeClock, platform_of
from tests.gateway.fakes import BirchSettings, Grove, birch_table
from tests.resolvers.measuring import Event, Measuring, source_of

from gateway.app import create_app
from gateway.configuration.platform_tables import platform_settings
from gateway.configuration.settings import Settings
from gateway.security.keys import hash_of
from resolvers.context import Scope
from vendors.calls import Call, CallRecord
from vendors.port import Platform, VendorSpec, Wiring
from vendors.records import Agent

__all__ = ["QUESTION", "Company", "House", "Tenants", "running", "seen", "settings_of"]

QUESTION = """
query ($platforms: [String!]) {
  agents(first: 50, platforms: $platforms) {
    nodes { platform { key } name } sources { platform calls } failures { code }
  }
  indicators(
    keys: [CONVERSATIONS_STARTED], granularity: DAY, platforms: $platforms,
    period: { between: { from: "2026-03-10T00:00:00", to: "2026-03-12T00:00:00" } }
  ) { series { platform { key } value } sources { platform calls } failures { code } }
}"""

Company = Mapping[str, tuple[str, float]]
"""What a caller sees of each platform: the name of its only agent, and how much there was."""


class Tenants:
    """The vendor: each credential is a company of its own, however the platform is called."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []

    def specs(self) -> Mapping[str, VendorSpec[Any]]:
        simulator = Grove().simulator
        return {"birch": VendorSpec("birch", "Birch", BirchSettings, self.build, simulator)}

    def build(self, settings: BirchSettings, _wiring: Wiring) -> Platform:
        # The vendor tells its credentials apart by nothing: that is left to the house.
        token = f"{settings.token.get_secret_value()} at {settings.base_url}"
        staff = _Staff(self, settings.key, token)
        measuring = Measuring(_events(token), source_of(), key=settings.key)
        return platform_of(settings.key, vendor="birch", agents=staff, measures=measuring)


class _Staff:
    def __init__(self, tenants: Tenants, key: str, token: str) -> None:
        self._tenants, self._key, self._token = tenants, key, token

    async def agents(self, call: Call) -> tuple[Agent, ...]:
        self._tenants.calls.append((self._key, self._token))
        call.log.add(CallRecord(platform=self._key, endpoint="staff", status=200, seconds=0.0))
        return (Agent(platform=self._key, native_id="1", name=f"Ana of {self._token}"),)


def _events(token: str) -> list[Event]:
    return [Event(NOW - timedelta(days=7), "chat", "ann", 10, answered=True)] * _count(token)


def _count(token: str) -> int:
    return 1 + sum(token.encode()) % 997


def seen(**platforms: str) -> Company:
    """Return what the owner of these platforms, each by its token, is to see."""
    whole = {key: f"{token} at https://birch.test" for key, token in platforms.items()}
    return {key: (f"Ana of {token}", float(_count(token))) for key, token in whole.items()}


def settings_of(
    tenants: Tenants,
    platforms: Mapping[str, str],
    cache: Mapping[str, Any],
    **fields: Any,  # noqa: ANN401 (any field)
) -> Settings:
    """Return the settings of a gateway over these platforms, by their tokens.

    A key of each name that sees the platform of that name, and one called `all`, are given out.
    """
    tables = [birch_table(key, token=token) for key, token in platforms.items()]
    keys = [
        {"name": key, "hash": hash_of(f"key of {key}"), "platforms": [key], "scopes": [*Scope]}
        for key in platforms
    ]
    keys.append({"name": "all", "hash": hash_of("key of all"), "scopes": [*Scope]})
    return Settings(
        **{
            "id_key": "k" * 43,
            "api_keys": keys,
            "platforms": platform_settings(tenants.specs(), tables),
            "cache": dict(cache),
            **fields,
        }
    )


class House:
    """A gateway that runs, and what its callers are told."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def answer(
        self, key: str, *platforms: str, query: str = QUESTION, **variables: object
    ) -> dict[str, Any]:
        """Return all that the owner of that key is told of these platforms, or of all."""
        asked = {"platforms": list(platforms) or None, **variables}
        content = {"query": query, "variables": asked}
        headers = {"authorization": f"Bearer key of {key}", "x-switchboard-trace": "1"}
        answer: dict[str, Any] = (
            await self._client.post("/graphql", json=content, headers=headers)
        ).json()
        return answer

    async def asked_by(self, key: str, *platforms: str) -> tuple[Company, int]:
        """Return what the owner of that key is shown, and how many calls it cost."""
        answer = await self.answer(key, *platforms)
        data = answer["data"]
        assert [data[field]["failures"] for field in ("agents", "indicators")] == [[], []]
        names = {one["platform"]["key"]: one["name"] for one in data["agents"]["nodes"]}
        values = {one["platform"]["key"]: one["value"] for one in data["indicators"]["series"]}
        calls = len(answer["extensions"]["switchboard"]["calls"])
        return {key: (names[key], values[key]) for key in names}, calls


@asynccontextmanager
async def running(tenants: Tenants, settings: Settings) -> AsyncIterator[House]:
    """Run a gateway of the vendor's accounts in this process."""
    app = create_app(settings, specs=tenants.specs(), wiring=Wiring(clock=FakeClock()))
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://g.test") as client:
            yield House(client)
