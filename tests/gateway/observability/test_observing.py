"""What is seen of the process's work, and that nothing is changed by looking."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from tests.fakes import NOW, platform_of
from tests.gateway.fakes import Grove
from tests.gateway.serving import real_settings

from gateway.observability.observing import observed
from gateway.services import open_services
from resolvers.context import Services
from vendors.calls import Call, CallLog, CallRecord
from vendors.errors import BadInputError, PlatformTimeoutError
from vendors.exports import Export, ExportQuery
from vendors.port import Wiring
from vendors.records import Agent

ANA = Agent(platform="oak", native_id="ana", name="Ana")


class Notes:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.calls: list[CallRecord] = []
        self.questions: list[tuple[str, str, str]] = []
        self.lookups: list[tuple[str, int, int]] = []
        self.writes: list[tuple[str, int]] = []

    def called(self, record: CallRecord) -> None:
        self.calls.append(record)

    def asked(self, platform: str, port: str, outcome: str, seconds: float) -> None:
        assert seconds >= 0.0
        self.questions.append((platform, port, outcome))

    def looked_up(self, tier: str, hits: int, misses: int) -> None:
        self.lookups.append((tier, hits, misses))

    def kept(self, tier: str, entries: int) -> None:
        self.writes.append((tier, entries))


class Desk:
    """A port that does what it is told, of all kinds of members that ports have."""

    conversation_filters = frozenset({"agent_ids"})

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.given: list[Call] = []

    @property
    def exports(self) -> Mapping[str, Export]:
        return {}

    def check(self, query: ExportQuery) -> None:
        raise BadInputError(query.name)

    async def agents(self, call: Call) -> tuple[Agent, ...]:
        self._note(call)
        if self.error is not None:
            raise self.error
        return (ANA,)

    @asynccontextmanager
    async def export(self, query: ExportQuery, call: Call) -> AsyncIterator[AsyncIterator[bytes]]:
        self._note(call)
        yield _pieces(query.name)

    def _note(self, call: Call) -> None:
        self.given.append(call)
        call.log.add(CallRecord(platform="oak", endpoint="desk", status=200, seconds=0.5))


async def _pieces(name: str) -> AsyncIterator[bytes]:
    yield name.encode()


@asynccontextmanager
async def seen(desk: Desk, *notes: Notes) -> AsyncIterator[Services]:
    grove = Grove()
    async with open_services(real_settings(grove), grove.specs(), Wiring()) as services:
        platform = replace(platform_of("oak"), agents=desk, exports=desk)
        yield observed(replace(services, platforms={"oak": platform}), notes)


def budget() -> Call:
    return Call(deadline=10.0, log=CallLog(whole=CallLog()), request_id="r1")


async def test_what_goes_in_and_comes_out_is_as_it_was() -> None:
    desk, notes, call = Desk(), Notes(), budget()
    async with seen(desk, notes) as services:
        port = services.platforms["oak"].agents
        assert port is not None
        assert await port.agents(call) == (ANA,)
        assert await port.agents(call=call) == (ANA,)
    for given in desk.given:
        assert (given.deadline, given.request_id) == (call.deadline, "r1")
    assert call.log.count("oak") == 2
    assert call.log.whole is not None
    assert call.log.whole.records == call.log.records == notes.calls
    assert notes.questions == [("oak", "agents", "OK")] * 2


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (PlatformTimeoutError("late", platform="oak"), PlatformTimeoutError.code),
        (BadInputError("no"), BadInputError.code),
        (KeyError("bug"), "INTERNAL_SERVER_ERROR"),
    ],
    ids=["platform", "caller", "bug"],
)
async def test_a_failure_is_seen_and_goes_on(error: Exception, outcome: str) -> None:
    desk, notes = Desk(), Notes()
    desk.error = error
    async with seen(desk, notes) as services:
        port = services.platforms["oak"].agents
        assert port is not None
        with pytest.raises(type(error)) as raised:
            await port.agents(budget())
    assert raised.value is error
    assert notes.questions == [("oak", "agents", outcome)]


async def test_streams_and_what_asks_nothing_pass_through() -> None:
    desk, notes, call = Desk(), Notes(), budget()
    query = ExportQuery(name="leaves", start=NOW, end=NOW, zone="UTC")
    async with seen(desk, notes) as services:
        platform = services.platforms["oak"]
        port = platform.exports
        assert port is not None
        assert port.exports == {}
        assert platform.capabilities == platform_of("oak", agents=desk, exports=desk).capabilities
        with pytest.raises(BadInputError, match="leaves"):
            port.check(query)
        async with port.export(query, call) as pieces:
            assert [piece async for piece in pieces] == [b"leaves"]
    assert notes.calls == call.log.records
    assert len(notes.calls) == 1


async def test_every_observer_is_told() -> None:
    both = Notes(), Notes()
    async with seen(Desk(), *both) as services:
        await services.cache.set_many({"agents:a": b"1", "agents:b": b"2"}, 60)
        found = await services.cache.get_many(["agents:a", "agents:c", "agents:b"])
        assert found == [b"1", None, b"2"]
        await services.cache.delete_many(["agents:a"])
        assert await services.cache.get_many(["agents:a"]) == [None]
        assert await services.cache.get_many([]) == []
        await services.cache.get_many(["whatever somebody sent"])
    for notes in both:
        assert notes.writes == [("agents", 2)]
        assert notes.lookups == [("agents", 2, 1), ("agents", 0, 1), ("other", 0, 1)]


async def test_what_a_platform_cannot_do_stays_so() -> None:
    async with seen(Desk()) as services:
        platform = services.platforms["oak"]
    absent: Sequence[object] = (platform.measures, platform.writes, platform.conversations)
    assert absent == (None, None, None)
