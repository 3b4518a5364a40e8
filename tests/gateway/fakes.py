"""A vendor called Birch, for tests of the process: its platforms answer what they are told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from tests.fakes import platform_of

from vendors.calls import Call, CallRecord
from vendors.errors import PlatformError
from vendors.port import Platform, Probe, Simulator, VendorSpec, Wiring
from vendors.records import Agent
from vendors.settings import PlatformSettings
from vendors.world import World

__all__ = ["BirchSettings", "Grove", "birch", "birch_table"]


class Leaf(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    size: int = 1


class BirchSettings(PlatformSettings):
    """The settings of the invented vendor."""

    base_url: str = "https://birch.test"
    token: SecretStr = Field(min_length=3)
    second_token: SecretStr | None = None
    words: tuple[str, ...] = ()
    leaf: Leaf = Leaf()
    names: Mapping[str, str] = Field(default_factory=dict)


def birch_table(key: str = "birch-fr", **fields: Any) -> dict[str, Any]:  # noqa: ANN401 (any field)
    """Return a `[[platforms]]` table of the invented vendor."""
    return {"key": key, "vendor": "birch", "token": "hunter2", **fields}


class Grove:
    """What the platforms of the invented vendor do, and what became of them."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.closed: list[str] = []
        self.error: PlatformError | None = None
        self.gate: asyncio.Event | None = None
        self.reached = asyncio.Event()
        self.cancelled = asyncio.Event()
        self.refuses_to_build: set[str] = set()
        self.refuses_to_close: set[str] = set()

    def spec(self) -> VendorSpec[BirchSettings]:
        return VendorSpec("birch", "Birch & Co", BirchSettings, self.build, self.simulator)

    def specs(self) -> Mapping[str, VendorSpec[Any]]:
        return {"birch": self.spec()}

    def build(self, settings: BirchSettings, _wiring: Wiring) -> Platform:
        if settings.key in self.refuses_to_build:
            raise ValueError("cannot be built")
        self.opened.append(settings.key)
        tree = _Tree(self, settings.key)
        return replace(
            platform_of(settings.key, vendor="birch", agents=tree),
            title=settings.title or settings.key,
            vendor_title="Birch & Co",
            probe=tree.probe,
            close=self.closing(settings.key),
        )

    def closing(self, key: str) -> Callable[[], Awaitable[None]]:
        async def close() -> None:
            self.closed.append(key)
            if key in self.refuses_to_close:
                raise ValueError("cannot be closed")

        return close

    def simulator(self, world: World) -> Simulator:
        async def staff(_request: Request) -> JSONResponse:
            return JSONResponse({"now": world.account.__name__})

        return Simulator(
            app=Starlette(routes=[Route("/staff", staff)]),
            settings=lambda origin: {"base_url": origin, "token": "sandbox-token"},
        )


class _Tree:
    """One platform of the invented vendor."""

    def __init__(self, grove: Grove, key: str) -> None:
        self._grove = grove
        self._key = key

    async def agents(self, call: Call) -> tuple[Agent, ...]:
        """Answer two agents, once the gate is open."""
        await self._pass_the_gate()
        self._note(call)
        return tuple(
            Agent(platform=self._key, native_id=name, name=name.title()) for name in ("ana", "ben")
        )

    async def probe(self, call: Call) -> Probe:
        await self._pass_the_gate()
        self._note(call)
        return Probe(seconds=0.25, clock_skew_seconds=-1.5, detail="all leaves are there")

    async def _pass_the_gate(self) -> None:
        self._grove.reached.set()
        try:
            if self._grove.gate is not None:
                await self._grove.gate.wait()
        except asyncio.CancelledError:
            self._grove.cancelled.set()
            raise

    def _note(self, call: Call) -> None:
        status = 200 if self._grove.error is None else 500
        call.log.add(CallRecord(platform=self._key, endpoint="staff", status=status, seconds=0.125))
        if self._grove.error is not None:
            raise self._grove.error


def birch(grove: Grove | None = None) -> Mapping[str, VendorSpec[Any]]:
    """Return the invented vendor alone."""
    return (grove or Grove()).specs()
