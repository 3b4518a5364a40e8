"""Exports at the wire: where they are asked for and by what, and that nothing waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest
from tests.simulators import opened as open_platform
from tests.simulators import serving
from tests.vendors.gnatta.conftest import Open
from tests.vendors.gnatta.upstream import ANA, BEN, ORDERS, RETURNS, SHOP, granted, settings_of
from tests.vendors.gnatta.upstream import Upstream as Wire

from vendors.buckets import local_midnight, zone
from vendors.calls import Call
from vendors.capabilities import Capability
from vendors.errors import (
    BadInputError,
    PlatformBadResponseError,
    PlatformNotFoundError,
    PlatformRateLimitedError,
)
from vendors.exports import ExportQuery
from vendors.gnatta import SPEC
from vendors.gnatta.sandbox import simulator
from vendors.gnatta.sandbox.guards import Limits
from vendors.http.circuit import BreakerState
from vendors.http.health import HealthState
from vendors.measures import Dimension, Grain, MeasureCall
from vendors.parameters import Argument
from vendors.port import Platform
from vendors.world import World

D, G = Dimension, Grain
START = datetime(2026, 3, 2, tzinfo=UTC)
NOON = datetime(2026, 3, 20, 12, 0, 20, tzinfo=UTC)
CSV = b"reference,channel\r\nA-1,Email\r\n"
LATE = "Lateness"
BASE = "/reporting/export/v1.2"
WINDOW = {"from": "2026-03-02T00:00:00Z", "to": "2026-03-09T00:00:00Z"}
UNPACED = {"calls_per_second": None}


def ask(
    name: str,
    grain: Grain = G.TOTAL,
    filters: Mapping[Dimension, tuple[str, ...]] | None = None,
    *,
    days: int = 7,
    where: str = "Europe/London",
    **arguments: str | tuple[str, ...],
) -> ExportQuery:
    told = {one: (value,) if isinstance(value, str) else value for one, value in arguments.items()}
    return ExportQuery(
        name=name,
        start=START,
        end=START + timedelta(days=days),
        zone=where,
        grain=grain,
        filters=tuple((filters or {}).items()),
        arguments=tuple(Argument(name=one, values=values) for one, values in told.items()),
    )


async def read(platform: Platform, query: ExportQuery) -> bytes:
    assert platform.exports is not None
    async with platform.exports.export(query, Call.within(20)) as pieces:
        return b"".join([piece async for piece in pieces])


def csv(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=CSV, headers={"content-type": "text/csv"})


class Domain:
    """A domain whose exports are all answered, and what was asked of it."""

    def __init__(self, **changes: object) -> None:
        self.wire = Wire(csv)
        pace = {"export_pacing": UNPACED}
        self.platform = SPEC.build(settings_of(**{**pace, **changes}), self.wire.wiring())

    async def asked(self, query: ExportQuery) -> tuple[str, dict[str, Any]]:
        """Return the path and the body of the one request for an export."""
        assert await read(self.platform, query) == CSV
        request = self.wire.requests[-1]
        body: dict[str, Any] = self.wire.bodies[-1]
        return request.url.path.removeprefix(BASE), body

    def refused(self, query: ExportQuery) -> tuple[str, Any]:
        """Return the argument that is not accepted, and what would be."""
        assert self.platform.exports is not None
        with pytest.raises(BadInputError) as caught:
            self.platform.exports.check(query)
        return caught.value.extensions["argument"], caught.value.extensions.get("accepted")


async def test_an_export_is_a_post_for_csv_beside_the_reports() -> None:
    domain = Domain()
    await domain.asked(ask("interactions-closed"))
    (request,) = domain.wire.requests
    assert request.method == "POST"
    assert str(request.url) == "https://gnatta.test/reporting/export/v1.2/interactions/state/count"
    assert request.headers.get_list("accept") == ["text/csv"]
    assert request.headers["content-type"] == "application/json"
    assert domain.wire.bearers == ["t1"]


TAGGED = {
    "users": {ANA: "", BEN: ""},
    "queues": {RETURNS: "", ORDERS: ""},
    "accounts": {SHOP: ""},
    "channels": ["Email", "WebChat", "Voice"],
    "tag_type": "type-1",
    "tags": {LATE: ""},
    "string_types": {"type-9": "Page"},
}
BY_DAY = {**WINDOW, "groupBy": "Day"}
ZONED = {"timeZone": "Europe/London"}
LIVE = {"newState": ["Closed"], "accounts": [SHOP]}
CPH = "/unit-of-works/contacts-per-hour"


@pytest.mark.parametrize(
    ("query", "path", "body"),
    [
        (
            ask("interactions-closed", filters={D.QUEUE: (ORDERS,), D.TAG: (LATE,)}),
            "/interactions/state/count",
            {
                "newState": ["Closed"],
                "filters": {
                    **WINDOW,
                    "queues": [ORDERS],
                    "data": [{"id": "type-1", "values": [LATE]}],
                },
            },
        ),
        (
            ask("interactions-closed", old_state=("Assigned", "Queued")),
            "/interactions/state/count",
            {"newState": ["Closed"], "oldState": ["Assigned", "Queued"], "filters": WINDOW},
        ),
        (
            msgspec.structs.replace(
                ask("message-volume", filters={D.TAG: (LATE,)}, direction="Inbound"),
                arguments=(
                    Argument(name="direction", values=("Inbound",)),
                    Argument(name="data", key="type-2", values=("x", "y")),
                    Argument(name="data", key="type-3", exists=True),
                ),
            ),
            "/messages/volume/count",
            {
                "direction": "Inbound",
                "filters": {
                    **WINDOW,
                    "data": [
                        {"id": "type-1", "values": [LATE]},
                        {"id": "type-2", "values": ["x", "y"]},
                        {"id": "type-3"},
                    ],
                },
            },
        ),
        (
            ask("interactions-closed-by-use", rank="Ascending"),
            "/interactions/state/count/by-data",
            {
                "newState": ["Closed"],
                "data": {"id": "type-9"},
                "orderBy": "Ascending",
                "filters": WINDOW,
            },
        ),
        (
            ask("interactions-received-by-channel", G.DAY),
            "/interactions/state/by-date/by-channels",
            {
                **ZONED,
                "oldState": ["Draft"],
                "newState": ["Created", "Queued", "Automation"],
                "filters": {**BY_DAY, "channels": ["Email", "WebChat", "Voice"]},
            },
        ),
        (
            ask("interactions-closed-by-user", G.WEEK, {D.AGENT: (BEN,)}),
            "/interactions/state/by-date/by-users",
            {
                **ZONED,
                "newState": ["Closed"],
                "userIds": [BEN],
                "filters": {**WINDOW, "groupBy": "Week"},
            },
        ),
        (
            ask("interactions-closed-by-data"),
            "/interactions/state/count/by-data",
            {
                "newState": ["Closed"],
                "data": {"id": "type-1", "values": [LATE]},
                "filters": WINDOW,
            },
        ),
        (
            ask("queue-time-by-queue", filters={D.CHANNEL: ("Email",)}),
            "/interactions/times/count/by-queues",
            {
                "oldState": ["Queued"],
                "newState": ["Assigned"],
                "filters": {**WINDOW, "channels": ["Email"], "queues": [RETURNS, ORDERS]},
            },
        ),
        (
            ask("message-volume-by-account", direction="Inbound"),
            "/messages/volume/count/by-accounts",
            {"direction": "Inbound", "accounts": [SHOP], "filters": WINDOW},
        ),
        (
            ask("message-volume-by-user"),
            "/messages/volume/count/by-users",
            {"direction": "Outbound", "userIds": [ANA, BEN], "filters": WINDOW},
        ),
        (
            ask("advisor-response-times-by-user"),
            "/messages/times/count/by-users",
            {"responseTime": "AdvisorResponseTime", "userIds": [ANA, BEN], "filters": WINDOW},
        ),
        (
            ask("live-totals-by-account"),
            "/conversations/totals/count/by-accounts",
            {**LIVE, "filters": {**WINDOW, "channel": "WebChat"}},
        ),
        (
            ask("live-percentages-by-account", filters={D.CHANNEL: ("Voice",)}),
            "/conversations/percentages/count/by-accounts",
            {**LIVE, "filters": {**WINDOW, "channel": "Voice"}},
        ),
        (
            ask("live-duration-by-account", direction="Outbound"),
            "/conversations/durations/count/by-accounts",
            {**LIVE, "direction": "Outbound", "filters": {**WINDOW, "channel": "Voice"}},
        ),
        (
            ask("advisor-actions", action="None"),
            "/unit-of-works/actions/count/by-users",
            {"action": "None", "userIds": [ANA, BEN], "filters": WINDOW},
        ),
        (
            ask("cph-by-queue", user_state="LoggedIn", filters={D.AGENT: (ANA,)}),
            f"{CPH}/count/by-queues",
            {
                "userState": "LoggedIn",
                "userIds": [ANA],
                "filters": {**WINDOW, "queues": [RETURNS, ORDERS]},
            },
        ),
        (
            ask("cph-average", G.MONTH, user_state="Available"),
            f"{CPH}/average/by-date",
            {
                **ZONED,
                "userState": "Available",
                "userIds": [ANA, BEN],
                "filters": {**WINDOW, "groupBy": "Month"},
            },
        ),
        (
            ask("cph-average", user_state="Available"),
            f"{CPH}/average/count",
            {"userState": "Available", "userIds": [ANA, BEN], "filters": WINDOW},
        ),
        (
            ask("availability-percentage-by-user"),
            "/presence/percentage/count/by-users",
            {"userState": "Available", "userIds": [ANA, BEN], "filters": WINDOW},
        ),
        (
            ask("view-interactions-interactions", of="interactionsClosed"),
            "/interactions/view-interactions",
            {
                "orderBy": "Descending",
                "orderByField": "Timestamp",
                "filters": {**WINDOW, "newState": ["Closed"]},
            },
        ),
        (
            ask(
                "view-interactions-interactions",
                filters={D.AGENT: (BEN,)},
                of="interactionsClosed",
                order="Ascending",
                order_by="Reference",
                context=("Data", "Queue"),
            ),
            "/interactions/view-interactions",
            {
                "orderBy": "Ascending",
                "orderByField": "Reference",
                "contexts": [
                    {"type": "Data", "id": "type-1"},
                    {"type": "Data", "id": "type-9", "orderBy": "Descending"},
                    {"type": "Queue"},
                ],
                "filters": {**WINDOW, "newState": ["Closed"], "userIds": [BEN]},
            },
        ),
        (
            ask("view-interactions-conversations", of="liveTotals/Inbound"),
            "/conversations/view-interactions",
            {
                "orderBy": "Descending",
                "orderByField": "Timestamp",
                "filters": {**WINDOW, **LIVE, "direction": "Inbound", "channel": "Voice"},
            },
        ),
        (
            ask(
                "view-interactions-messages",
                filters={D.ACCOUNT: (SHOP,)},
                of="messageTimes/OriginatorWaitTime",
            ),
            "/messages/view-interactions",
            {
                "orderBy": "Descending",
                "orderByField": "Timestamp",
                "filters": {**WINDOW, "responseTime": "OriginatorWaitTime", "accounts": [SHOP]},
            },
        ),
        (
            ask("view-interactions-unit-of-works", of="advisorActions/Note"),
            "/unit-of-works/view-interactions",
            {
                "orderBy": "Descending",
                "orderByField": "Timestamp",
                "filters": {**WINDOW, "action": "Note", "userIds": [ANA, BEN]},
            },
        ),
    ],
    ids=lambda one: f"{one.name} {one.grain.name}" if isinstance(one, ExportQuery) else "",
)
async def test_what_an_export_asks(query: ExportQuery, path: str, body: dict[str, Any]) -> None:
    assert await Domain(directory=TAGGED).asked(query) == (path, body)


async def test_an_export_asks_what_a_figure_asks(opened: Open, call: Call) -> None:
    groups = {"groups": [{"name": "Total", "value": 1}]}
    measuring = opened(httpx.Response(200, json=groups))
    measured = MeasureCall(
        source="messageVolume/Inbound",
        figures=("messageVolume/Inbound",),
        start=START,
        end=START + timedelta(days=7),
        zone="Europe/London",
        filters=((D.CHANNEL, ("Email",)),),
    )
    assert measuring.platform.measures is not None
    await measuring.platform.measures.measure(measured, call)
    query = ask("message-volume", filters={D.CHANNEL: ("Email",)}, direction="Inbound")
    path, body = await Domain().asked(query)
    assert [path] == measuring.upstream.paths
    assert [body] == measuring.upstream.bodies


# ------------------------------------------------------------------------------ what there is


def test_every_tile_and_family_has_an_export() -> None:
    exports = Domain(directory=TAGGED).platform.exports
    assert exports is not None
    # 37 tiles: two are definitions, the last lists four families, the third counts in two ways.
    assert len(exports.exports) == 37 - 2 - 1 + 4 + 1
    counted = {name for name, one in exports.exports.items() if one.grains == (G.TOTAL,)}
    listed = {name for name in exports.exports if name.startswith("view-")}
    assert counted == listed | {
        "interactions-closed-by-use",
        "cph-by-channel",
        "cph-by-queue",
        "availability-percentage-by-user",
        "advisor-metrics-by-user",
    }
    assert {exports.exports[name].most_rows for name in listed} == {1_000_000}
    assert {one.most_rows for name, one in exports.exports.items() if name not in listed} == {None}
    documented = {name for name, one in exports.exports.items() if one.documented}
    assert documented >= {"interactions-closed", "interactions-closed-by-channel"}
    assert "interactions-closed-by-queue" not in documented
    personal = {name: one.personal for name, one in exports.exports.items() if one.personal}
    assert personal == {"view-interactions-interactions": (("context", "Data"),)}
    always = {name for name, one in exports.exports.items() if one.personal_always}
    assert always == {"interactions-closed-by-use"}


def test_without_tags_nothing_is_of_tags() -> None:
    exports = Domain().platform.exports
    assert exports is not None
    assert "interactions-closed-by-data" not in exports.exports
    assert all(D.TAG not in one.filters for one in exports.exports.values())


def test_without_an_address_there_are_no_exports() -> None:
    domain = Domain(base_url="https://gnatta.test/api")
    assert Capability.EXPORTS not in domain.platform.capabilities
    assert Capability.EXPORTS in Domain().platform.capabilities


# --------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("grain", "days", "words"),
    [
        (G.HOUR, 1, "24 hours"),
        (G.DAY, 31, "31 days"),
        (G.WEEK, 31 + 30 + 31, "3 months"),
        (G.MONTH, 731, "24 months"),
        (G.TOTAL, 731, "24 months"),
    ],
)
def test_a_window_is_no_longer_than_gnatta_takes(grain: Grain, days: int, words: str) -> None:
    domain = Domain()
    assert domain.platform.exports is not None
    domain.platform.exports.check(ask("interactions-closed", grain, days=days, where="UTC"))
    late = ask("interactions-closed", grain, days=days + 1, where="UTC")
    assert domain.refused(late) == ("to", f"at most {words} after `from`")


@pytest.mark.parametrize(
    ("grain", "first", "last"),
    [
        # 31 days with one of 25 hours, a month that ends in the other offset, 24 real hours.
        (G.DAY, (2026, 10, 1), (2026, 11, 1)),
        (G.WEEK, (2026, 1, 1), (2026, 4, 1)),
        (G.HOUR, (2026, 3, 29), (2026, 3, 30)),
    ],
)
def test_days_and_months_are_counted_on_the_clock_of_the_zone(
    grain: Grain, first: tuple[int, int, int], last: tuple[int, int, int]
) -> None:
    london = zone("Europe/London")
    start, end = (
        local_midnight(datetime(*one, tzinfo=UTC).date(), london) for one in (first, last)
    )
    query = ExportQuery(
        name="interactions-closed", start=start, end=end, zone="Europe/London", grain=grain
    )
    domain = Domain()
    assert domain.platform.exports is not None
    domain.platform.exports.check(query)
    later = ExportQuery(
        name=query.name,
        start=start,
        end=end + timedelta(hours=2),
        zone=query.zone,
        grain=grain,
    )
    assert domain.refused(later)[0] == "to"


@pytest.mark.parametrize(
    ("query", "argument"),
    [
        (ask("live-totals-by-account", filters={D.CHANNEL: ("Email",)}), "channel"),
        (ask("live-totals-by-account", filters={D.CHANNEL: ("Voice", "WebChat")}), "channel"),
        (
            ask(
                "live-percentages-by-account",
                filters={D.CHANNEL: ("WebChat",)},
                direction="Inbound",
            ),
            "channel",
        ),
        (
            ask(
                "view-interactions-conversations",
                filters={D.CHANNEL: ("WebChat",)},
                of="liveTotals/Outbound",
            ),
            "channel",
        ),
        (ask("interactions-closed", filters={D.AGENT: (ANA,)}), "agent"),
        (
            ask("view-interactions-interactions", filters={D.AGENT: (ANA,)}, of="queueTime"),
            "agent",
        ),
        (
            ask(
                "view-interactions-messages",
                filters={D.AGENT: (ANA,), D.ACCOUNT: (SHOP,)},
                of="messageVolume/Outbound",
            ),
            "account",
        ),
        (ask("message-volume"), "direction"),
        (ask("view-interactions-interactions", of="queueTime", old_state="Draft"), "old_state"),
        (
            msgspec.structs.replace(
                ask("interactions-closed"),
                arguments=(Argument(name="data", key="type-1", exists=False),),
            ),
            "data",
        ),
        (ask("view-interactions-messages"), "of"),
    ],
)
def test_what_gnatta_would_not_understand_is_refused(query: ExportQuery, argument: str) -> None:
    domain = Domain()
    assert domain.refused(query)[0] == argument
    assert domain.wire.requests == []


def test_whom_gnatta_must_be_told_is_asked_for() -> None:
    domain = Domain(directory={"queues": {RETURNS: ""}})
    assert domain.refused(ask("interactions-closed-by-user"))[0] == "agent"
    assert domain.refused(ask("live-totals-by-account"))[0] == "account"
    assert domain.platform.exports is not None
    domain.platform.exports.check(ask("interactions-closed-by-user", filters={D.AGENT: (ANA,)}))


# -------------------------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    ("changes", "address"),
    [
        ({}, "https://gnatta.test/reporting/export/v1.2/messages/volume/count"),
        (
            {"export_base_url": "https://gnatta.test/csv/"},
            "https://gnatta.test/csv/messages/volume/count",
        ),
        (
            {"paths": {"messageVolume.count": "/volume"}},
            "https://gnatta.test/reporting/export/v1.2/volume",
        ),
        (
            {"paths": {"messageVolume.count": "/volume", "messageVolume.export.count": "/own"}},
            "https://gnatta.test/reporting/export/v1.2/own",
        ),
    ],
)
async def test_where_an_export_is_asked_for_can_be_set(
    changes: dict[str, object], address: str
) -> None:
    domain = Domain(**changes)
    await domain.asked(ask("message-volume", direction="Inbound"))
    assert str(domain.wire.requests[-1].url) == address


async def test_a_404_on_a_guessed_path_says_which_to_set(opened: Open) -> None:
    domain = opened(*(httpx.Response(404) for _ in range(2)), export_pacing=UNPACED)
    with pytest.raises(PlatformBadResponseError) as caught:
        await read(domain.platform, ask("message-volume", direction="Inbound"))
    assert str(caught.value) == "path guessed, set it: paths.messageVolume.export.count"
    with pytest.raises(PlatformNotFoundError):
        await read(domain.platform, ask("interactions-closed"))


# ------------------------------------------------------------------------------ beside the rest


async def test_a_token_serves_both_and_is_renewed_before_the_file() -> None:
    answers = iter([httpx.Response(401), httpx.Response(200, content=CSV)])

    def answer(request: httpx.Request) -> httpx.Response:
        if "/export/" in request.url.path:
            return next(answers)
        return httpx.Response(200, json={"groups": [{"name": "Total", "value": 1}]})

    upstream = Wire(answer, [granted("old"), granted("new")])
    platform = SPEC.build(settings_of(), upstream.wiring())
    await platform.probe(Call.within(5))
    assert await read(platform, ask("interactions-closed")) == CSV
    await platform.probe(Call.within(5))
    assert upstream.bearers == ["old", "old", "new", "new"]
    await platform.close()


@pytest.fixture
def tight() -> Iterator[Mapping[str, Any]]:
    """The settings that reach a simulator which allows two exports, in a minute without end."""
    world = World(clock=lambda: NOON)
    limited = replace(SPEC, simulator=lambda _: simulator(world, limits=Limits(export=2)))
    with serving("gnatta", {"gnatta": limited}) as told:
        yield told


@pytest.fixture
async def limited(tight: Mapping[str, Any]) -> AsyncIterator[Platform]:
    one = open_platform("gnatta", tight, export_pacing=UNPACED)
    yield one
    await one.close()


async def test_a_limited_export_holds_up_nothing_else(limited: Platform) -> None:
    query = ask("interactions-closed")
    for _ in range(2):
        assert (await read(limited, query)).startswith(b"id,name")
    for _ in range(3):
        with pytest.raises(PlatformRateLimitedError) as caught:
            await read(limited, query)
        assert 0 < (caught.value.retry_after or 0) <= 60
        await limited.probe(Call.within(5))
    assert limited.health is not None
    assert set(limited.health().circuits.values()) == {BreakerState.CLOSED}


async def test_exports_are_had_one_after_another_and_queries_meanwhile() -> None:
    going, waiting = asyncio.Event(), asyncio.Event()
    files = 0

    async def slow() -> Any:  # noqa: ANN401 (a body)
        yield b"a,b\r\n"
        going.set()
        await waiting.wait()
        yield b"1,2\r\n"

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal files
        if "/export/" not in request.url.path:
            return httpx.Response(200, json={"groups": [{"name": "Total", "value": 1}]})
        files += 1
        return httpx.Response(200, content=slow())

    platform = SPEC.build(settings_of(export_pacing=UNPACED), Wire(answer).wiring())
    assert platform.health is not None
    reading = [asyncio.ensure_future(read(platform, ask("interactions-closed"))) for _ in range(3)]
    await going.wait()
    for _ in range(20):
        await platform.probe(Call.within(5))
    assert (files, platform.health().in_flight) == (1, 1)
    waiting.set()
    assert await asyncio.gather(*reading) == [b"a,b\r\n1,2\r\n"] * 3
    assert files == 3
    await platform.close()


async def test_the_health_is_that_of_both() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if "/export/" in request.url.path:
            return httpx.Response(400)
        return httpx.Response(200, json={"groups": [{"name": "Total", "value": 1}]})

    platform = SPEC.build(settings_of(export_pacing=UNPACED), Wire(answer).wiring())
    assert platform.health is not None
    await platform.probe(Call.within(5))
    assert platform.health().state is HealthState.UP
    with pytest.raises(Exception, match="400"):
        await read(platform, ask("interactions-closed"))
    health = platform.health()
    assert health.last_failure_code == "PLATFORM_REJECTED"
    assert set(health.circuits) == {"credential", "interactions", "exports"}
    assert health.state is HealthState.DEGRADED
    await platform.close()


async def test_where_none_is_left_none_is_sent() -> None:
    headers = {"X-Rate-Limit-Remaining": "0", "X-Rate-Limit-Reset": "50"}

    def answer(request: httpx.Request) -> httpx.Response:
        if "/export/" in request.url.path:
            return httpx.Response(200, content=CSV, headers=headers)
        return httpx.Response(200, json={"groups": [{"name": "Total", "value": 1}]})

    upstream = Wire(answer)
    platform = SPEC.build(settings_of(export_pacing=UNPACED), upstream.wiring())
    assert await read(platform, ask("interactions-closed")) == CSV
    with pytest.raises(PlatformRateLimitedError) as caught:
        await read(platform, ask("interactions-closed"))
    assert 40 < (caught.value.retry_after or 0) <= 50
    await platform.probe(Call.within(5))
    assert [path.count("/export/") for path in upstream.paths] == [1, 0]
    await platform.close()
