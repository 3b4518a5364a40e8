"""A vendor that gives one table as a file, byte by byte as a test says, on real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
from tests.fakes import FakeClock, platform_of
from tests.gateway.fakes import BirchSettings, Grove, birch_table
from tests.gateway.serving import LOCAL
from tests.resolvers.measuring import Measuring, source_of

from gateway.app import create_app
from gateway.configuration.platform_tables import platform_settings
from gateway.configuration.settings import Settings
from gateway.server import Server, address_of, bind
from vendors.calls import Call, CallRecord
from vendors.errors import BadInputError
from vendors.exports import Export, ExportQuery
from vendors.measures import Dimension, Grain
from vendors.parameters import Parameter, ParameterType, Way
from vendors.port import Platform, VendorSpec, Wiring

__all__ = ["LEAVES", "WEEK", "Press", "client", "serving"]

WEEK = {"from": "2026-03-01", "to": "2026-03-08"}
WAYS = (Way.VALUES, Way.EXISTS)
LEAVES = Export(
    name="leaves",
    title="Leaves",
    description="Every leaf that fell.",
    grains=(Grain.TOTAL, Grain.DAY),
    filters=(Dimension.AGENT, Dimension.CHANNEL),
    parameters=(
        Parameter(
            name="colour",
            description="Of which colour.",
            choices=("green", "red", "poem"),
            most=2,
            required=True,
        ),
        Parameter(name="most", description="How many.", type=ParameterType.INTEGER, most=1),
        Parameter(name="vein", description="How it is veined.", keyed="A side.", ways=WAYS),
    ),
    personal=(("colour", "poem"),),
    most_rows=1000,
)
_LONGEST = timedelta(days=31)


class Press:
    """All platforms of the vendor; those whose key begins with `bare` give no files."""

    def __init__(self, *pieces: bytes | Exception) -> None:
        """Give these pieces, one after another; an exception is raised in its turn."""
        self.pieces = pieces or (b"id,name\r\n", b"1,=Ana\r\n")
        self.queries: list[ExportQuery] = []
        self.gate: asyncio.Event | None = None
        """Where it is set, nothing comes behind the first piece before it."""
        self.reached = asyncio.Event()
        self.left = asyncio.Event()
        self.given = 0

    def specs(self) -> Mapping[str, VendorSpec[Any]]:
        spec = VendorSpec("birch", "Birch", BirchSettings, self.build, Grove().simulator)
        return {"birch": spec}

    def build(self, settings: BirchSettings, _wiring: Wiring) -> Platform:
        measures = Measuring([], source_of(), key=settings.key)
        bare = settings.key.startswith("bare")
        exports = None if bare else _Files(self, settings.key)
        return platform_of(settings.key, vendor="birch", measures=measures, exports=exports)


class _Files:
    def __init__(self, press: Press, key: str) -> None:
        self._press = press
        self._key = key
        self.exports = {LEAVES.name: LEAVES}

    def check(self, query: ExportQuery) -> None:
        if query.end - query.start > _LONGEST:
            raise BadInputError("That is too long.", argument="to", accepted="31 days")

    @asynccontextmanager
    async def export(self, query: ExportQuery, call: Call) -> AsyncIterator[AsyncIterator[bytes]]:
        press = self._press
        press.queries.append(query)
        first = press.pieces[0]
        if isinstance(first, Exception):
            raise first
        try:
            yield self._pieces()
        finally:
            press.left.set()
            record = CallRecord(platform=self._key, endpoint="leaves", status=200, seconds=0.0)
            call.log.add(record)

    async def _pieces(self) -> AsyncIterator[bytes]:
        press = self._press
        for piece in press.pieces:
            if press.given and press.gate is not None:
                press.reached.set()
                await press.gate.wait()
            if isinstance(piece, Exception):
                raise piece
            press.given += 1
            yield piece


def settings_of(press: Press, keys: tuple[str, ...], **fields: Any) -> Settings:  # noqa: ANN401 (any field)
    tables = [birch_table(key) for key in keys or ("oak",)]
    return Settings(platforms=platform_settings(press.specs(), tables), **{**LOCAL, **fields})


@asynccontextmanager
async def client(press: Press, *keys: str, **fields: Any) -> AsyncIterator[httpx.AsyncClient]:  # noqa: ANN401 (any field)
    """Open the gateway in this process, and a client of it."""
    settings = settings_of(press, keys, **fields)
    app = create_app(settings, specs=press.specs(), wiring=Wiring(clock=FakeClock()))
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://g.test") as one:
            yield one


@asynccontextmanager
async def serving(press: Press, *keys: str, **fields: Any) -> AsyncIterator[tuple[str, Server]]:  # noqa: ANN401 (any field)
    """Serve the gateway on a real socket; yield its address, and what runs it."""
    app = create_app(settings_of(press, keys, **fields), specs=press.specs())
    begun, loop = asyncio.Event(), asyncio.get_running_loop()

    def started() -> None:
        loop.call_soon_threadsafe(begun.set)

    server = Server(app, shutdown_seconds=1, started=started, stopping=app.state.streams.stop)
    with bind("127.0.0.1", 0) as listening:
        task = loop.create_task(server.serve([listening]))
        await begun.wait()
        try:
            yield address_of(listening), server
        finally:
            server.should_exit = True
            await task
