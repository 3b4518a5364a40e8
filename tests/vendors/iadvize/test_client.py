from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from tests.vendors.iadvize.conftest import Connect, Open
from tests.vendors.iadvize.upstream import (
    NOW,
    OPERATOR,
    Upstream,
    asked,
    conversation,
    failure,
    filters_of,
    live,
    paged,
    refusing,
    saying,
    settings_of,
    success,
)

from vendors import records
from vendors.calls import Call
from vendors.capabilities import Capability
from vendors.errors import (
    PlatformAuthError,
    PlatformBadResponseError,
    PlatformRejectedError,
)
from vendors.iadvize import wire
from vendors.iadvize.client import IadvizeClient
from vendors.port import Wiring
from vendors.records import PresenceStatus

BASE = "https://sd.iadvize.com/api/2"


def operators(count: int) -> list[dict[str, Any]]:
    return [{**OPERATOR, "id": number} for number in range(1, count + 1)]


# --------------------------------------------------------------------------------------- lists


async def test_a_list_asks_for_all_fields_and_long_pages(connected: Connect, call: Call) -> None:
    upstream = Upstream(lambda request: paged(operators(3), request))
    found = await connected(upstream).operators(call)
    assert [one.id for one in found] == [1, 2, 3]
    sent = upstream.request
    assert (sent.method, str(sent.url)) == ("GET", f"{BASE}/operator?full=1&page=1&limit=100")
    assert sent.content == b""


async def test_a_list_is_read_to_its_end(connected: Connect, call: Call) -> None:
    upstream = Upstream(lambda request: paged(operators(205), request))
    found = await connected(upstream).operators(call)
    assert [one.id for one in found] == list(range(1, 206))
    assert [asked(one)["page"] for one in upstream.requests] == ["1", "2", "3"]


async def test_a_shorter_page_may_be_set(connected: Connect, call: Call) -> None:
    upstream = Upstream(lambda request: paged(operators(5), request))
    found = await connected(upstream, page_size=2).operators(call)
    assert [one.id for one in found] == [1, 2, 3, 4, 5]
    assert {asked(one)["limit"] for one in upstream.requests} == {"2"}


async def test_a_list_without_pagination_is_whole(connected: Connect, call: Call) -> None:
    upstream = Upstream(saying(operators(2)))
    assert len(await connected(upstream).operators(call)) == 2
    assert len(upstream.requests) == 1


async def test_a_list_that_lies_about_its_pages_ends_where_nothing_is_new(
    connected: Connect, call: Call
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        endless = {"page": asked(request)["page"], "pages": 10**9, "count": 10**11}
        return success(operators(3), pagination=endless)

    upstream = Upstream(answer)
    assert len(await connected(upstream).operators(call)) == 3
    assert len(upstream.requests) == 2


async def test_an_item_that_shifts_to_the_next_page_is_read_once(
    connected: Connect, call: Call
) -> None:
    pages = {"1": operators(2), "2": operators(3)[1:]}

    def answer(request: httpx.Request) -> httpx.Response:
        return success(pages[asked(request)["page"]], pagination={"pages": "2"})

    found = await connected(Upstream(answer)).operators(call)
    assert [one.id for one in found] == [1, 2, 3]


async def test_websites_tell_zone_and_currency(connected: Connect, call: Call) -> None:
    row = {"id": 1, "label": "Shop", "currency": "EUR", "timezone": "Europe/Paris", "url": "x"}
    upstream = Upstream(saying([row]))
    found = await connected(upstream).websites(call)
    assert found == (
        wire.Website(id=1, label="Shop", currency="EUR", timezone="Europe/Paris", url="x"),
    )
    assert upstream.request.url.path == "/api/2/website"


async def test_the_live_list_takes_its_filters(connected: Connect, call: Call) -> None:
    upstream = Upstream(saying([live(456)]))
    found = await connected(upstream).operators_live(
        (("website_list", "1,2"), ("connected", "0")), call
    )
    assert [one.id for one in found] == [456]
    assert upstream.request.url.raw_path == (
        b"/api/2/operator/live?full=1&filters%5Bwebsite_list%5D=1%2C2&filters%5Bconnected%5D=0"
        b"&page=1&limit=100"
    )


# ----------------------------------------------------------------------------------- one object


async def test_one_operator_is_asked_for_by_its_id(opened: Open, call: Call) -> None:
    upstream = Upstream(saying(OPERATOR))
    platform = opened(upstream)
    assert platform.fetches_one(records.Agent)
    assert platform.fetches is not None
    found = await platform.fetches.fetch(records.Agent, "123", call)
    assert found is not None
    assert (found.platform, found.native_id, found.given_name) == ("ia", "123", "Ana")
    assert str(upstream.request.url) == f"{BASE}/operator/123"


async def test_one_conversation_has_the_suffix_before_its_id(opened: Open, call: Call) -> None:
    upstream = Upstream(saying(conversation(666, "2016-02-16 11:24:20")))
    port = opened(upstream).conversation_by_id
    assert port is not None
    found = await port.conversation("666", call)
    assert found is not None
    assert found.native_id == "666"
    assert str(upstream.request.url) == f"{BASE}/conversation.json-unicode/666?formatHistory=0"


async def test_a_websites_own_zone_comes_first(connected: Connect, call: Call) -> None:
    upstream = Upstream(saying(conversation(1, "2017-03-01 12:00:00", website_id=2)))
    websites = [{"id": 2, "time_zone": "America/New_York"}]
    found = await connected(upstream, websites=websites).conversation("1", call)
    assert found is not None
    assert found.started_at is not None
    assert found.started_at.isoformat() == "2017-03-01T17:00:00+00:00"


@pytest.mark.parametrize(
    "answer",
    [
        refusing("Unknown 'conversation' with 'id' 456."),
        saying([]),
        lambda _: failure("Unknown 'conversation' with 'id' 456.", status=404),
        lambda _: httpx.Response(404),
    ],
    ids=["fail", "empty list", "fail with a status", "status"],
)
async def test_an_object_that_is_not_there_is_none(
    opened: Open, call: Call, answer: Callable[[httpx.Request], httpx.Response]
) -> None:
    platform = opened(Upstream(answer))
    assert platform.conversation_by_id is not None
    assert platform.fetches is not None
    assert await platform.conversation_by_id.conversation("456", call) is None
    assert await platform.fetches.fetch(records.Agent, "456", call) is None


@pytest.mark.parametrize("native_id", ["", "abc", "../website/1", "1?x", "٣", "1.5"])
async def test_what_can_be_no_id_is_not_asked_for(
    connected: Connect, call: Call, native_id: str
) -> None:
    upstream = Upstream(saying([]))
    assert await connected(upstream).conversation(native_id, call) is None
    assert upstream.requests == []


async def test_a_refused_object_is_a_failure(connected: Connect, call: Call) -> None:
    with pytest.raises(PlatformRejectedError):
        await connected(Upstream(refusing("Field 'x' is missing."))).conversation("1", call)
    with pytest.raises(PlatformAuthError):
        await connected(Upstream(refusing("Forbidden", "error"))).conversation("1", call)


async def test_an_answer_of_another_shape_is_a_bad_answer(connected: Connect, call: Call) -> None:
    with pytest.raises(PlatformBadResponseError):
        await connected(Upstream(saying([{"id": None}]))).operators(call)


# ----------------------------------------------------------------------------- agents, presence


async def test_the_directory_becomes_agents(opened: Open, call: Call) -> None:
    platform = opened(Upstream(saying([OPERATOR])))
    assert platform.agents is not None
    (found,) = await platform.agents.agents(call)
    assert (found.platform, found.native_id, found.team_ids) == ("ia", "123", ("1984",))


def agent(number: int, team: str | None = None, *skills: str) -> records.Agent:
    return records.Agent(
        platform="ia",
        native_id=str(number),
        team_ids=() if team is None else (team,),
        skill_ids=skills,
    )


async def test_presence_asks_once_for_each_group_and_once_for_the_rest(
    opened: Open, call: Call
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        filters = filters_of(request)
        group = filters.get("group_id")
        away = {"enabled": True, "busy": False, "available": False}
        shown = {"5": [live(1)], "6": [live(2, chat=away)], None: [live(4), live(99)]}
        assert filters["connected"] == "1"
        return success(shown[group])

    upstream = Upstream(answer)
    platform = opened(upstream)
    assert platform.presence is not None
    agents = [agent(1, "5"), agent(2, "6"), agent(3, "5", "32"), agent(4)]
    found = await platform.presence.presence(agents, call)
    assert [(one.agent_id, one.status, one.connected) for one in found] == [
        ("1", PresenceStatus.AVAILABLE, True),
        ("2", PresenceStatus.AWAY, True),
        ("3", PresenceStatus.UNAVAILABLE, None),
        ("4", PresenceStatus.AVAILABLE, True),
    ]
    assert {one.as_of for one in found} == {NOW}
    assert len(upstream.requests) == 3


@pytest.mark.parametrize(
    ("view", "filters"),
    [
        ("available", [{"group_id": "5"}]),
        ("connected", [{"group_id": "5", "connected": "1"}]),
        (
            "all",
            [{"group_id": "5", "connected": "1"}, {"group_id": "5", "connected": "0"}],
        ),
    ],
)
async def test_which_agents_are_asked_for_is_a_setting(
    connected: Connect, call: Call, view: str, filters: list[dict[str, str]]
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        offline = filters_of(request).get("connected") == "0"
        return success([live(2, connected=False)] if offline else [live(1)])

    upstream = Upstream(answer)
    client = connected(upstream, presence_view=view)
    found = await client.presence([agent(1, "5"), agent(2, "5")], call)
    assert sorted(map(str, map(filters_of, upstream.requests))) == sorted(map(str, filters))
    shown = PresenceStatus.OFFLINE if view == "all" else PresenceStatus.UNAVAILABLE
    assert [one.status for one in found] == [PresenceStatus.AVAILABLE, shown]


async def test_presence_of_nobody_costs_nothing(connected: Connect, call: Call) -> None:
    upstream = Upstream(saying([]))
    assert await connected(upstream).presence([], call) == ()
    assert upstream.requests == []


async def test_one_group_that_fails_is_a_failure(connected: Connect, call: Call) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        first = filters_of(request)["group_id"] == "5"
        return success([]) if first else failure("Value of field 'group_id' is not valid.")

    client = connected(Upstream(answer))
    with pytest.raises(PlatformRejectedError) as raised:
        await client.presence([agent(1, "5"), agent(2, "6")], call)
    assert (raised.value.platform, raised.value.operation) == ("ia", "operator/live")


async def test_where_one_group_fails_the_others_are_not_left_running(call: Call) -> None:
    left: list[str] = []

    async def answer(request: httpx.Request) -> httpx.Response:
        if filters_of(request)["group_id"] == "5":
            return failure("Forbidden", "error")
        try:
            await asyncio.Event().wait()
        finally:
            left.append(filters_of(request)["group_id"])
        raise AssertionError

    client = IadvizeClient(settings_of(), Wiring(transport=httpx.MockTransport(answer)))
    with pytest.raises(PlatformAuthError):
        await client.presence([agent(1, "6"), agent(2, "5")], call)
    assert left == ["6"]
    await client.aclose()


# --------------------------------------------------------------------------------------- probe


def websites_and_operator(
    websites: Callable[[httpx.Request], httpx.Response],
) -> Callable[[httpx.Request], httpx.Response]:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/website"):
            return websites(request)
        return paged(operators(3), request)

    return answer


async def test_a_probe_asks_for_one_operator_and_compares_the_websites(
    opened: Open, call: Call
) -> None:
    rows = [
        {"id": 1, "timezone": "Europe/Paris", "currency": "EUR"},
        {"id": 2, "timezone": "Europe/London", "currency": "GBP"},
    ]
    upstream = Upstream(websites_and_operator(saying(rows)))
    found = await opened(upstream, currency="EUR").probe(call)
    assert found.seconds >= 0.0
    assert found.detail == "website 2 is in Europe/London, GBP"
    assert [str(one.url) for one in upstream.requests] == [
        f"{BASE}/operator?full=1&page=1&limit=1",
        f"{BASE}/website?full=1&page=1&limit=100",
    ]


async def test_a_probe_has_nothing_to_tell_where_all_is_as_set(opened: Open, call: Call) -> None:
    rows = [{"id": 1, "timezone": "Europe/Paris", "currency": "EUR"}]
    upstream = Upstream(websites_and_operator(saying(rows)))
    found = await opened(upstream, currency="EUR").probe(call)
    assert found.detail is None


async def test_a_probe_passes_without_the_websites(opened: Open, call: Call) -> None:
    upstream = Upstream(websites_and_operator(refusing("Forbidden", "error")))
    found = await opened(upstream).probe(call)
    assert found.detail is None


async def test_a_probe_fails_with_the_operators(opened: Open, call: Call) -> None:
    with pytest.raises(PlatformAuthError):
        await opened(Upstream(refusing("Forbidden", "error"))).probe(call)


async def test_it_can_do_all_that_its_documents_offer(opened: Open) -> None:
    platform = opened(Upstream(saying([])), title="iAdvize France")
    assert platform.capabilities == frozenset(Capability) - {
        Capability.EXPORTS,
        Capability.REQUEST_NPS_EXPORT,
        Capability.DRILL_THROUGH,
    }
    assert (platform.vendor, platform.vendor_title, platform.title) == (
        "iadvize",
        "iAdvize",
        "iAdvize France",
    )
    assert platform.time_zone == "Europe/Paris"
