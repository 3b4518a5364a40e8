"""The simulator at a moment, asked as a client would ask it: over ASGI, by HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx

from vendors.gnatta.sandbox import simulator
from vendors.gnatta.sandbox.guards import LIMITS, Limits
from vendors.world import World

# A Wednesday morning in the week after the clocks went back; all channels are busy.
NOW = datetime(2026, 10, 28, 10, 35, 33, tzinfo=UTC)
ORIGIN = "http://vendor.test"
CHANNELS = ["Email", "WebChat", "Facebook", "Twitter", "SMS", "Voice", "Instagram", "TrustPilot"]
RECEIVED: dict[str, Any] = {"oldState": ["Draft"], "newState": ["Created", "Queued", "Automation"]}
REOPENED: dict[str, Any] = {
    "oldState": ["Closed"],
    "newState": ["Queued", "Assigned", "Automation"],
}
CLOSED: dict[str, Any] = {"newState": ["Closed"]}


def utc(at: datetime) -> str:
    """Write a moment as the vendor does."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Vendor:
    """One simulator whose clock the test sets, and a token for it."""

    def __init__(
        self,
        now: datetime = NOW,
        seed: int = 7,
        limits: Limits = LIMITS,
        *,
        cached: bool = False,
    ) -> None:
        self.now = now
        self.world = World(seed=seed, clock=lambda: self.now)
        made = simulator(self.world, cached=cached, limits=limits)
        self.app = made.app
        self.settings = made.settings(ORIGIN)
        directory = self.settings["directory"]
        self.users, self.queues, self.accounts = (
            list(directory[kind]) for kind in ("users", "queues", "accounts")
        )
        self._token = ""
        self._token_at = now

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str] | None = None,
        json: object = None,
        data: dict[str, Any] | None = None,
        content: bytes | None = None,
    ) -> httpx.Response:
        """Send a request as it is."""
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport) as client:
            return await client.request(
                method, url, headers=headers, json=json, data=data, content=content
            )

    async def token(self) -> str:
        """Return a token, a new one when the clock has moved."""
        if not self._token or self._token_at != self.now:
            form = {name: self.settings[name] for name in ("client_id", "client_secret")}
            told = await self.send(
                "POST",
                f"{ORIGIN}/sandbox-domain/connect/token",
                data={"grant_type": "client_credentials", **form},
            )
            self._token, self._token_at = told.json()["access_token"], self.now
        return self._token

    async def post(
        self, path: str, body: object, *, base: str = "base_url", accept: str = "*/*"
    ) -> httpx.Response:
        """Ask with a token."""
        headers = {"Authorization": f"Bearer {await self.token()}", "Accept": accept}
        return await self.send("POST", self.settings[base] + path, json=body, headers=headers)

    async def ask(self, path: str, filters: dict[str, Any], **top: object) -> dict[str, Any]:
        """Ask for what is told."""
        answer = await self.post(path, {**top, "filters": filters})
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def counts(self, path: str, filters: dict[str, Any], **top: object) -> list[Any]:
        """Ask for a count and return the value of every group."""
        return [one["value"] for one in (await self.ask(path, filters, **top))["groups"]]

    async def series(
        self, path: str, filters: dict[str, Any], zone: str = "Europe/London", **top: object
    ) -> dict[str, list[dict[str, Any]]]:
        """Ask by date and return the values of every group by its id."""
        told = await self.ask(path, filters, timeZone=zone, **top)
        return {one["id"]: one["values"] for one in told["groups"]}

    async def refusal(self, path: str, body: object) -> dict[str, list[str]]:
        """Ask for what is refused and return the reasons."""
        answer = await self.post(path, body)
        assert answer.status_code == 400, answer.text
        assert answer.headers["Content-Type"] == "application/problem+json"
        told = answer.json()
        assert set(told) == {"type", "title", "status", "errors", "traceId"}
        assert told["status"] == 400
        errors: dict[str, list[str]] = told["errors"]
        return errors


def window(start: datetime, end: datetime, **more: object) -> dict[str, Any]:
    """Return the filters of a window."""
    return {"from": utc(start), "to": utc(end), **more}
