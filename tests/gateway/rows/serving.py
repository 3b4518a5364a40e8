"""The file door in this process, over platforms of which each test tells what they do."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from tests.fakes import FakeClock
from tests.gateway.fakes import Grove
from tests.gateway.serving import real_settings

from gateway.app import create_app
from vendors.port import Wiring

__all__ = ["ORIGIN", "Files", "opened", "problem_of", "table_of"]

ORIGIN = "http://files.test"


class Files:
    """A client of the door, what its platforms do, and the clock that they go by."""

    def __init__(self, client: httpx.AsyncClient, grove: Grove, clock: FakeClock) -> None:
        self.client = client
        self.grove = grove
        self.clock = clock

    async def get(self, path: str, **headers: str) -> httpx.Response:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.get(path, headers={"accept-encoding": "identity", **told})


@asynccontextmanager
async def opened(*keys: str, **fields: Any) -> AsyncIterator[Files]:  # noqa: ANN401 (any field)
    """Open the gateway over platforms with these keys."""
    grove, clock = Grove(), FakeClock()
    settings = real_settings(grove, *keys, **fields)
    # Nothing is kept of the platforms, so that each file that is made can be told from others.
    app = create_app(settings, specs=grove.specs(), wiring=Wiring(clock=clock))
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
            yield Files(client, grove, clock)


def table_of(answer: httpx.Response) -> list[dict[str, str]]:
    """Return the rows of a file that is there."""
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


def problem_of(answer: httpx.Response, status: int) -> dict[str, object]:
    """Return what is told where there is none."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told: dict[str, object] = json.loads(answer.text)
    assert told["status"] == status
    return told
