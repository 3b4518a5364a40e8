"""A vendor whose agents come and go as a test says, and callers that follow them over sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson
from tests.fakes import platform_of
from tests.gateway.fakes import BirchSettings, Grove, birch_table
from tests.gateway.serving import LOCAL
from websockets.asyncio.client import ClientConnection, connect

from gateway.app import create_app
from gateway.configuration.platform_tables import platform_settings
from gateway.configuration.settings import Settings
from gateway.server import Server, address_of, bind
from vendors.calls import Call, CallRecord
from vendors.errors import PlatformError
from vendors.port import Platform, VendorSpec, Wiring
from vendors.records import Agent, AgentPresence, PresenceStatus

__all__ = [
    "FOLLOW",
    "House",
    "Staff",
    "events",
    "following",
    "serving",
    "settled",
    "socket",
    "until",
]

FOLLOW = """subscription ($platforms: [String!]) {
  agentAvailability(platforms: $platforms) {
    platform { key } snapshot agents { nativeId name live { status } } removed
    source { freshness } failure { code }
  }
}"""
Event = dict[str, Any]


class Staff:
    """All platforms of the vendor; each question for who is there waits to be let through."""

    def __init__(self) -> None:
        self.states: dict[str, PresenceStatus] = {
            "ana": PresenceStatus.AVAILABLE,
            "ben": PresenceStatus.AWAY,
        }
        self.calls: list[str] = []
        self.error: PlatformError | None = None
        self.turns = asyncio.Semaphore(0)
        self.asked = asyncio.Event()
        self.waiting = 0

    def specs(self) -> Mapping[str, VendorSpec[Any]]:
        spec = VendorSpec("birch", "Birch", BirchSettings, self.build, Grove().simulator)
        return {"birch": spec}

    def build(self, settings: BirchSettings, _wiring: Wiring) -> Platform:
        desk = _Desk(self, settings.key)
        return platform_of(settings.key, vendor="birch", agents=desk, presence=desk)

    def has_answered(self, times: int) -> bool:
        """Return whether so many questions have been answered."""
        return len(self.calls) >= times

    def let(self, turns: int = 1) -> None:
        """Let so many questions through."""
        for _ in range(turns):
            self.turns.release()


class _Desk:
    def __init__(self, staff: Staff, key: str) -> None:
        self._staff = staff
        self._key = key

    async def agents(self, _call: Call) -> tuple[Agent, ...]:
        return tuple(
            Agent(platform=self._key, native_id=name, name=name.title())
            for name in self._staff.states
        )

    async def presence(self, agents: Sequence[Agent], call: Call) -> tuple[AgentPresence, ...]:
        staff = self._staff
        staff.waiting += 1
        try:
            staff.asked.set()
            await staff.turns.acquire()
        finally:
            staff.waiting -= 1
        staff.calls.append(self._key)
        call.log.add(CallRecord(platform=self._key, endpoint="desk", status=200, seconds=0.0))
        if staff.error is not None:
            raise staff.error
        now = datetime.now(UTC)
        return tuple(
            AgentPresence(
                platform=self._key,
                agent_id=one.native_id,
                status=staff.states[one.native_id],
                as_of=now,
            )
            for one in agents
        )


class House:
    """A gateway that runs on a socket."""

    def __init__(self, address: str, app: Any, server: Server) -> None:  # noqa: ANN401 (Starlette)
        self.address = address
        self.app = app
        self.server = server

    @property
    def open(self) -> int:
        """How many subscriptions and sockets are open."""
        return len(self.app.state.streams)


async def settled(house: House) -> None:
    """Wait until nothing is open any more."""
    await until(lambda: not house.open)


async def until(condition: Callable[[], bool]) -> None:
    """Wait until it holds."""
    while not condition():  # noqa: ASYNC110 (there is no event of it)
        await asyncio.sleep(0.002)


@asynccontextmanager
async def serving(staff: Staff, *keys: str, **fields: Any) -> AsyncIterator[House]:  # noqa: ANN401 (any field)
    """Serve a gateway over the vendor on a real socket."""
    tables = [birch_table(key) for key in keys or ("oak",)]
    live = {"every": 0.005, **fields.pop("subscriptions", {})}
    lifetimes = fields.pop("lifetimes", {"presence": {"fresh": 0}})
    settings = Settings(
        platforms=platform_settings(staff.specs(), tables),
        **{**LOCAL, "subscriptions": live, "lifetimes": lifetimes, **fields},
    )
    app = create_app(settings, specs=staff.specs())
    begun, loop = asyncio.Event(), asyncio.get_running_loop()

    def started() -> None:
        loop.call_soon_threadsafe(begun.set)

    server = Server(
        app,
        shutdown_seconds=5,
        started=started,
        stopping=app.state.streams.stop,
    )
    with bind("127.0.0.1", 0) as listening:
        task = loop.create_task(server.serve([listening]))
        await begun.wait()
        try:
            yield House(address_of(listening), app, server)
        finally:
            server.should_exit = True
            await task


@asynccontextmanager
async def events(
    house: House,
    query: str = FOLLOW,
    headers: Mapping[str, str] | None = None,
    **variables: object,
) -> AsyncIterator[AsyncGenerator[Event, None]]:
    """Ask by POST for events, and give what each `next` holds, until `complete`."""
    asked = {"query": query, "variables": variables}
    accepted = {"accept": "text/event-stream", **(headers or {})}
    async with (
        httpx.AsyncClient(base_url=house.address, timeout=30) as client,
        client.stream("POST", "/graphql", json=asked, headers=accepted) as response,
    ):
        assert response.status_code == 200, await response.aread()
        assert response.headers["content-type"].startswith("text/event-stream")
        async with aclosing(_parsed(response)) as parsed:
            yield parsed


async def _parsed(response: httpx.Response) -> AsyncGenerator[Event, None]:
    name = ""
    async for line in response.aiter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: ") and name == "next":
            yield orjson.loads(line.removeprefix("data: "))
    assert name == "complete"


class Followed:
    """One socket and what comes over it."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def tell(self, message: Mapping[str, object]) -> None:
        await self.connection.send(orjson.dumps(message).decode())

    async def say(self, kind: str, **fields: object) -> None:
        await self.tell({"type": kind, **fields})

    async def hear(self) -> Event:
        heard: Event = orjson.loads(await self.connection.recv())
        return heard

    async def hear_out(self) -> None:
        """Listen until the socket is closed."""
        while True:
            await self.hear()

    async def next_of(self, name: str = "1") -> Event:
        heard = await self.hear()
        assert (heard["type"], heard["id"]) == ("next", name), heard
        told: Event = heard["payload"]["data"]["agentAvailability"]
        return told

    async def follow(
        self, name: str = "1", query: str = FOLLOW, platforms: Sequence[str] | None = None
    ) -> None:
        asked = {"query": query, "variables": {"platforms": platforms}}
        await self.say("subscribe", id=name, payload=asked)


@asynccontextmanager
async def socket(
    house: House, init: Mapping[str, object] | None = None, **headers: str
) -> AsyncIterator[Followed]:
    """Open a socket, without saying anything but `init` where it is given."""
    address = house.address.replace("http", "ws") + "/graphql"
    protocols: Any = ["graphql-transport-ws"]
    async with connect(address, subprotocols=protocols, additional_headers=headers) as connection:
        followed = Followed(connection)
        if init is not None:
            await followed.say("connection_init", payload=dict(init))
        yield followed


@asynccontextmanager
async def following(house: House) -> AsyncIterator[Followed]:
    """Open a socket and follow the agents on it."""
    async with socket(house, {}) as followed:
        assert await followed.hear() == {"type": "connection_ack"}
        await followed.follow()
        yield followed
