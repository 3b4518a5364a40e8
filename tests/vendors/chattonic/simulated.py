"""The simulator at a moment, asked as a client would ask it: over ASGI, by HTTP."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx

from vendors.chattonic.sandbox.app import application
from vendors.chattonic.sandbox.profile import CODENAME, PASSWORD, USERNAME
from vendors.world import World

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vendors.chattonic.sandbox.mail import Mail

# A Tuesday at noon in Santiago: cases wait and go on, some people are busy, away or at home.
NOW = datetime(2026, 11, 17, 15, 39, 3, tzinfo=UTC)
DAY = timedelta(days=1)
ORIGIN = "http://vendor.test"
LOGIN = "/api/v1/user/login"
OPERATORS = "stats/operator"
DASHBOARD = "stats/bigquery"
EXPORT = "stats/nps/export"
CASES = "query"
USERS = "messageuser"

Row = dict[str, Any]


class Vendor:
    """One simulator; the test sets the world's clock and that of the tokens."""

    def __init__(self, now: datetime = NOW, seed: int = 7) -> None:
        self.now = now
        self.seconds = 1_800_000_000.0
        self.app = application(World(seed=seed, clock=lambda: self.now), lambda: self.seconds)
        self._token = ""

    @property
    def mails(self) -> list[Mail]:
        """The mails that would have been sent."""
        mails: list[Mail] = self.app.state.outbox.mails
        return mails

    async def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        content: str | bytes | None = None,
    ) -> httpx.Response:
        """Send a request as it is, without a token."""
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
            return await client.request(
                method, path, params=params, headers=headers, content=content
            )

    async def login(self, username: str = USERNAME, password: str = PASSWORD) -> httpx.Response:
        """Log in."""
        body = json.dumps({"username": username, "password": password})
        return await self.send("POST", LOGIN, content=body)

    async def token(self) -> str:
        """Return a new token."""
        return str((await self.login()).json()["token"])

    async def get(self, path: str, params: Mapping[str, Any] | None = None) -> httpx.Response:
        """Read from the app with a token."""
        self._token = self._token or await self.token()
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Accept": "application/json",
            "Content-Type": "application/json",
        }
        return await self.send("GET", address(path), params=params, headers=headers)

    async def told(self, path: str, params: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 (JSON)
        """Read what is told if it is told."""
        answer = await self.get(path, params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def refusal(self, path: str, params: Mapping[str, Any] | None = None) -> str:
        """Read what is refused, and return the message."""
        answer = await self.get(path, params)
        assert answer.status_code == 400, answer.text
        assert set(answer.json()) == {"message"}
        return str(answer.json()["message"])

    async def operators(self, start: datetime, end: datetime) -> list[Row]:
        """Read the operators over a window."""
        body = await self.told(OPERATORS, dates(start, end))
        assert body["status"] is True
        found: list[Row] = body["operators"]
        return found

    async def rows(self, label: str, start: datetime, end: datetime) -> list[Row]:
        """Read the dashboard over a window."""
        asked = {"queryName": "dashboard", "dateFormatGroup": label, **dates(start, end)}
        found: list[Row] = await self.told(DASHBOARD, asked)
        return found

    async def page(self, path: str, query: object = None, **params: object) -> list[Row]:
        """Read one page of a list."""
        asked = {**params, **({} if query is None else {"query": json.dumps(query)})}
        body = await self.told(path, asked)
        assert set(body) == {"limit", "skip", "objects"}
        found: list[Row] = body["objects"]
        return found

    async def every(self, path: str, query: object = None, **params: object) -> list[Row]:
        """Read all pages of a list."""
        found: list[Row] = []
        while len(found) % 100 == 0:
            more = await self.page(path, query, skip=len(found), **params)
            if not more:
                break
            found += more
        return found

    async def cases(self, start: datetime, end: datetime) -> list[Row]:
        """Read all cases that were opened within a window."""
        return await self.every(CASES, created(start, end))


def address(path: str) -> str:
    """Return where a resource of the account is."""
    return f"/api/v1/{CODENAME}/{path}"


def iso(at: datetime) -> str:
    """Write a moment as the vendor does."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def dates(start: datetime, end: datetime) -> dict[str, str]:
    """Name a window as the vendor does."""
    return {"startDate": iso(start), "endDate": iso(end)}


def created(start: datetime, end: datetime) -> dict[str, Any]:
    """Filter a list by a window."""
    return {"createdAt": {"$gte": iso(start), "$lt": iso(end)}}
