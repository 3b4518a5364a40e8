from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from tests.vendors.chattonic.conftest import Open
from tests.vendors.chattonic.upstream import FIRST, NOW, SAMPLE, SECOND, Upstream, saying

from vendors.calls import Call
from vendors.capabilities import Capability
from vendors.chattonic import SPEC
from vendors.errors import (
    PlatformBadResponseError,
    PlatformCircuitOpenError,
    PlatformError,
    PlatformServerError,
)
from vendors.port import ConversationQuery, Platform
from vendors.records import Agent, AgentPresence, Channel, PresenceStatus

LAST_HOUR = (
    b"/api/v1/acme/stats/operator"
    b"?startDate=2021-12-01T09%3A00%3A00.000Z&endDate=2021-12-01T10%3A00%3A00.000Z"
)


def operators(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=SAMPLE, headers={"Date": "Wed, 01 Dec 2021 10:42:33 GMT"})


async def agents(platform: Platform, call: Call) -> tuple[Agent, ...]:
    assert platform.agents is not None
    return await platform.agents.agents(call)


async def presence(
    platform: Platform, wanted: tuple[Agent, ...], call: Call
) -> tuple[AgentPresence, ...]:
    assert platform.presence is not None
    return await platform.presence.presence(wanted, call)


def test_a_platform_offers_what_the_vendor_can(opened: Open) -> None:
    platform = opened(Upstream(operators), title="Acme bot")
    assert (SPEC.name, SPEC.title) == ("chattonic", "Chat-Tonic")
    assert (platform.key, platform.title, platform.vendor_title) == ("ct", "Acme bot", "Chat-Tonic")
    assert platform.capabilities == {
        Capability.CONVERSATIONS,
        Capability.AGENTS,
        Capability.PRESENCE,
        Capability.MEASURES,
        Capability.CUSTOMERS,
        Capability.SKILLS,
        Capability.REQUEST_NPS_EXPORT,
    }
    assert platform.conversations is not None
    assert platform.conversations.conversation_filters == {"states", "customer_ids"}


async def test_agents_are_the_operators_of_the_last_full_hour(opened: Open, call: Call) -> None:
    upstream = Upstream(operators)
    found = await agents(opened(upstream), call)
    assert [one.native_id for one in found] == [FIRST, SECOND]
    assert upstream.request.url.raw_path == LAST_HOUR


async def test_presence_of_all_is_one_call(opened: Open, call: Call) -> None:
    upstream = Upstream(operators)
    platform = opened(upstream)
    wanted = tuple(Agent(platform="ct", native_id=one) for one in (SECOND, FIRST, "gone"))
    found = await presence(platform, wanted, call)
    assert found == (
        AgentPresence(
            platform="ct", agent_id=FIRST, status=PresenceStatus.UNKNOWN, as_of=NOW, connected=None
        ),
        AgentPresence(
            platform="ct",
            agent_id=SECOND,
            status=PresenceStatus.AVAILABLE,
            as_of=NOW,
            connected=True,
        ),
    )
    assert len(upstream.requests) == 1
    assert await presence(platform, wanted[:1], call) == found[1:]


async def test_words_of_presence_and_channels_can_be_added_and_changed(
    opened: Open, call: Call
) -> None:
    told = {
        "operators": [{"_id": "1", "status": "coffee"}, {"_id": "2", "status": "online"}],
        "objects": [
            {
                "_id": "q",
                "createdAt": "2021-11-03T00:00:00Z",
                "messageUser": {"_id": "u", "platform": "line"},
            }
        ],
    }
    platform = opened(
        Upstream(saying(told)),
        statuses={"coffee": "away", "online": "busy"},
        channels={"line": "sms"},
    )
    assert [one.status for one in await agents(platform, call)] == ["away", "busy"]
    assert platform.conversations is not None
    day = timedelta(days=40)
    query = ConversationQuery(start=NOW - day, end=NOW, limit=1)
    (found,) = (await platform.conversations.conversations(query, call)).items
    assert (found.channel, found.native_channel) == (Channel.SMS, "line")


async def test_a_probe_asks_once_and_compares_the_clocks(opened: Open, call: Call) -> None:
    upstream = Upstream(operators)
    probe = await opened(upstream).probe(call)
    assert upstream.request.url.raw_path == LAST_HOUR
    assert probe.clock_skew_seconds == pytest.approx(3.0, abs=1.0)
    assert probe.detail is None


async def test_a_probe_of_a_broken_platform_fails(opened: Open, call: Call) -> None:
    with pytest.raises(PlatformServerError):
        await opened(Upstream(saying({}, 502))).probe(call)


async def test_one_endpoint_that_is_down_does_not_shut_the_others(opened: Open) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(500) if "query" in request.url.path else operators(request)

    platform = opened(Upstream(answer))
    assert platform.conversations is not None
    query = ConversationQuery(start=NOW, end=NOW, limit=1)
    failures = []
    for _ in range(8):
        with pytest.raises(PlatformError) as caught:
            await platform.conversations.conversations(query, Call.within(5))
        failures.append(type(caught.value))
    assert failures[-1] is PlatformCircuitOpenError
    assert len(await agents(platform, Call.within(5))) == 2


async def test_lists_of_operators_take_any_last_connection(opened: Open, call: Call) -> None:
    told = [
        {"_id": str(number), "lastConnection": value}
        for number, value in enumerate([None, 1638354150, "2021-12-01T10:00:00Z", {"at": 1}])
    ]
    found = await agents(opened(Upstream(saying({"status": True, "operators": told}))), call)
    assert len(found) == 4


async def test_an_operator_without_an_id_is_no_answer(opened: Open, call: Call) -> None:
    with pytest.raises(PlatformBadResponseError):
        await agents(opened(Upstream(saying({"operators": [{"displayName": "x"}]}))), call)
