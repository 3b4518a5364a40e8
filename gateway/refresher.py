"""Asks certain queries again and again behind the answers, so that nobody has to wait for them.

One at a time, within a budget of its own, and only of platforms that are well. Where processes
share a store, one of them asks each query each time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import fields, replace
from datetime import timedelta
from hashlib import blake2b
from random import SystemRandom
from typing import Any

import msgspec
from strawberry import Schema

from gateway.background import BackgroundTasks
from gateway.configuration.settings import RefreshSettings, Settings
from gateway.graphql.asking import Question, ask_services, operators_schema
from resolvers.context import Services
from vendors.calls import Call
from vendors.http.health import HealthState
from vendors.port import Platform

__all__ = ["Refresher", "refreshing"]

_LOG = logging.getLogger("switchboard.refresher")

_REQUEST_ID = "refresher"
_FIRST_SECONDS = 5.0
"""Within how long after the start the first ones are asked."""
_SOONEST = 0.95
"""Share of the interval after which a query may be asked again, so that not all come together."""
_CLAIMED = 0.9
"""Share of the interval for which a query is one process's: it is over before the next time."""
_AHEAD = 1.25
"""How many intervals ahead freshness is looked at: an answer takes time, too."""


@asynccontextmanager
async def refreshing(settings: Settings, services: Services) -> AsyncIterator[None]:
    """Refresh what the settings name, as long as the context lasts."""
    if not settings.refresh:
        yield
        return
    refresher = Refresher(operators_schema(settings), services, settings.longest_deadline_seconds)
    task = asyncio.create_task(refresher.run(settings.refresh))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


class Refresher:
    """Keeps what queries need fresh in the cache."""

    def __init__(self, schema: Schema, services: Services, longest_seconds: float) -> None:
        """Ask these services; give no query longer than that."""
        self._schema = schema
        self._services = services
        self._longest = longest_seconds
        self._random = SystemRandom()

    async def run(self, wanted: tuple[RefreshSettings, ...]) -> None:
        """Ask each query at its time, for ever."""
        now = asyncio.get_running_loop().time
        due = {
            place: now() + self._random.uniform(0, _FIRST_SECONDS) for place in range(len(wanted))
        }
        while True:
            place = min(due, key=due.__getitem__)
            await asyncio.sleep(max(0.0, due[place] - now()))
            seconds = wanted[place].every.total_seconds()
            due[place] = now() + seconds * self._random.uniform(_SOONEST, 1.0)
            try:
                await self.refresh(wanted[place])
            except Exception:  # noqa: BLE001 (the next ones are still to be asked)
                _LOG.exception("a refresh failed", extra={"query": str(wanted[place].query)})

    async def refresh(self, wanted: RefreshSettings) -> bool:
        """Ask one query, unless another process does; return whether it was asked."""
        query = await asyncio.to_thread(wanted.query.read_text, encoding="utf-8")
        seconds = wanted.every.total_seconds()
        if not await self._services.leases.claim(_name(query, wanted), seconds * _CLAIMED):
            return False
        background = BackgroundTasks()
        services = replace(
            self._services,
            platforms={key: _if_well(one) for key, one in self._services.platforms.items()},
            limits=msgspec.structs.replace(self._services.limits, most_calls=wanted.most_calls),
            background=background,
        )
        call = Call.within(min(seconds, self._longest), request_id=_REQUEST_ID)
        try:
            answer = await ask_services(
                self._schema,
                services,
                call,
                Question(query, wanted.variables),
                ahead=timedelta(seconds=seconds * _AHEAD),
            )
            await background.done()
        finally:
            await background.close()
        _tell(wanted, answer)
        return True


def _name(query: str, wanted: RefreshSettings) -> str:
    content = msgspec.msgpack.encode((query, wanted.variables), order="deterministic")
    return f"refresh:{blake2b(content, digest_size=16).hexdigest()}"


def _if_well(platform: Platform) -> Platform:
    """Return the platform, without anything to ask of it where it is to be left alone."""
    if platform.health is None or platform.health().state is not HealthState.DOWN:
        return platform
    return replace(platform, **dict.fromkeys(_PORTS))  # type: ignore[arg-type]  # each may be None


_PORTS = {one.name for one in fields(Platform) if one.default is None} - {"health"}
"""All that a platform can be asked through."""


def _tell(wanted: RefreshSettings, answer: Mapping[str, Any]) -> None:
    about = {
        "query": str(wanted.query),
        "calls": len(answer["extensions"]["switchboard"]["calls"]),
        "errors": [error["message"] for error in answer.get("errors", ())],
    }
    _LOG.log(logging.WARNING if about["errors"] else logging.DEBUG, "refreshed", extra=about)
