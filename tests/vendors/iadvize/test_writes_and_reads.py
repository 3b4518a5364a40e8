"""What is changed through the client is what the client reads afterwards, from the simulator."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import httpx
import pytest
from tests.vendors.iadvize.simulated import NOW, Vendor
from tests.vendors.iadvize.test_writes import writing
from tests.vendors.iadvize.test_writes_requests import EVERYTHING, SOMEBODY

from vendors.calls import Call
from vendors.iadvize import SPEC
from vendors.port import ConversationQuery, HistoryQuery, Platform, Wiring
from vendors.records import (
    Agent,
    AgentPresence,
    Channel,
    ChannelSetting,
    Conversation,
    ConversationState,
    Customer,
    PresenceStatus,
    Site,
    Tag,
)
from vendors.writes import (
    AgentMembers,
    Change,
    CreateAgent,
    CreateCustomer,
    CreateTag,
    CustomerMembers,
    DeleteAgent,
    DeleteCustomer,
    DisconnectAgent,
    HangUpCallback,
    Made,
    PickUpCallback,
    Refusal,
    RefusalCode,
    SetAgentAvailability,
    UpdateAgent,
    UpdateCustomer,
    UpdateSite,
    WriteRefusedError,
)

CALLER = {"agent_external_id": "RH-00903", "site_id": "2101", "phone": "0614037735"}


class Ticking:
    """The clock of a simulator."""

    def __init__(self, vendor: Vendor) -> None:
        self._vendor = vendor

    def now(self) -> datetime:
        return self._vendor.now


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


@pytest.fixture(params=["numbered", "brackets", "commas"])
async def platform(vendor: Vendor, request: pytest.FixtureRequest) -> AsyncIterator[Platform]:
    settings = SPEC.settings(
        key="ia", vendor="iadvize", write_lists=request.param, **vendor.settings
    )
    transport = httpx.ASGITransport(vendor.simulator.app)
    one = SPEC.build(settings, Wiring(clock=Ticking(vendor), transport=transport))
    yield one
    await one.close()


async def make(platform: Platform, change: Change) -> Made:
    port = writing(platform)
    assert port.refusals(change) == ()
    return await port.make(change, Call.within(30))


async def agent(platform: Platform, native_id: str | None) -> Agent | None:
    assert platform.agents is not None
    listed = await platform.agents.agents(Call.within(30))
    return next((one for one in listed if one.native_id == native_id), None)


async def presence(platform: Platform, one: Agent) -> AgentPresence:
    assert platform.presence is not None
    (found,) = await platform.presence.presence([one], Call.within(30))
    return found


async def customers(platform: Platform, **filters: tuple[str, ...]) -> tuple[Customer, ...]:
    assert platform.histories is not None
    query = HistoryQuery(limit=5, **filters)  # type: ignore[arg-type]  # filters, all of them
    return (await platform.histories.history(Customer, query, Call.within(30))).items


async def newest(platform: Platform) -> Conversation:
    assert platform.conversations is not None
    query = ConversationQuery(start=NOW - timedelta(days=1), end=NOW + timedelta(days=1), limit=1)
    (found,) = (await platform.conversations.conversations(query, Call.within(30))).items
    return found


async def test_the_life_of_an_agent(platform: Platform) -> None:
    made = await make(platform, CreateAgent(members=EVERYTHING))
    native_id = made.native_id or ""

    told = await agent(platform, native_id)
    assert told is not None
    assert CreateAgent(members=EVERYTHING).made(told)
    for name in (
        "given_name",
        "family_name",
        "display_name",
        "email",
        "external_id",
        "roles",
        "languages",
        "site_ids",
        "skill_ids",
        "admin_language",
        "several_channels",
    ):
        assert getattr(told, name) == getattr(EVERYTHING, name), name
    assert told.team_ids == ("11",)
    assert told.channels == (Channel.CHAT,)
    assert {one.channel: one for one in told.channel_settings or ()} == {
        Channel.CHAT: ChannelSetting(
            channel=Channel.CHAT, enabled=True, most_at_once=3, priority=10
        ),
        Channel.CALL: ChannelSetting(channel=Channel.CALL, enabled=False, priority=0),
        Channel.VIDEO: ChannelSetting(channel=Channel.VIDEO, enabled=False, priority=0),
    }

    fewer = AgentMembers(display_name="Z", skill_ids=(), site_ids=("2102",))
    assert await make(platform, UpdateAgent(native_id=native_id, members=fewer)) == made
    changed = await agent(platform, native_id)
    assert changed is not None
    assert (changed.display_name, changed.skill_ids, changed.site_ids) == ("Z", (), ("2102",))
    assert changed.email == told.email

    assert await make(platform, DeleteAgent(native_id=native_id)) == made
    assert await agent(platform, native_id) is None


async def test_who_is_available_is_what_was_set(platform: Platform) -> None:
    made = await make(platform, CreateAgent(members=EVERYTHING))
    told = await agent(platform, made.native_id)
    assert told is not None
    assert (await presence(platform, told)).status is PresenceStatus.UNAVAILABLE

    for change, status in (
        (((Channel.CHAT, True), (Channel.CALL, False)), PresenceStatus.AVAILABLE),
        (((Channel.CHAT, False),), PresenceStatus.AWAY),
    ):
        setting = SetAgentAvailability(native_id=told.native_id, channels=change)
        assert await make(platform, setting) == made
        assert (await presence(platform, told)).status is status

    assert await make(platform, DisconnectAgent(native_id=told.native_id)) == made
    assert (await presence(platform, told)).connected is None, "not in the list of the connected"


async def test_the_life_of_a_customer(platform: Platform) -> None:
    made = await make(platform, CreateCustomer(members=SOMEBODY))
    native_id = made.native_id or ""

    (told,) = await customers(platform, external_ids=("CLI-1",))
    assert CreateCustomer(members=SOMEBODY).made(told)
    assert made == Made(told.record_id, {"customer_id": told.native_id})
    assert (await customers(platform))[0] == told

    city = CustomerMembers(city="Nantes", email="")
    assert await make(platform, UpdateCustomer(native_id=native_id, members=city)) == made
    (changed,) = await customers(platform, customer_ids=(told.native_id,))
    assert (changed.city, changed.email, changed.phone) == ("Nantes", "", told.phone)

    assert await make(platform, DeleteCustomer(native_id=native_id)) == Made(native_id)
    assert await customers(platform, customer_ids=(told.native_id,)) == ()


async def test_tags_and_sites(platform: Platform) -> None:
    assert platform.directories is not None
    tags = [CreateTag(name="Été", site_id="2102"), CreateTag(name="Été", site_id="2101")]
    site = UpdateSite(native_id="2101", name="Épicerie", time_zone="Europe/Brussels")

    made = await writing(platform).make_together(tags, Call.within(30))
    assert await make(platform, site) == Made("2101")

    listed = {
        one.native_id: one for one in await platform.directories.directory(Tag, Call.within(30))
    }
    for change, one in zip(tags, made, strict=True):
        assert change.made(listed[one.native_id or ""])
    sites = await platform.directories.directory(Site, Call.within(30))
    told = next(one for one in sites if one.native_id == "2101")
    assert (told.name, told.time_zone, told.currency) == ("Épicerie", "Europe/Brussels", "EUR")


async def test_a_call_from_beginning_to_end(platform: Platform, vendor: Vendor) -> None:
    made = await make(platform, PickUpCallback(**CALLER))

    call = await newest(platform)
    assert (call.native_id, call.channel, call.agent_id) == (made.native_id, Channel.CALL, "903")
    assert made.ids == {
        "customer_id": call.customer_id,
        "site_id": "2101",
        "skill_id": call.skill_id,
    }
    assert call.state is ConversationState.OPEN

    vendor.now += timedelta(minutes=3)
    assert await make(platform, HangUpCallback(**CALLER)) == Made()
    assert platform.conversation_by_id is not None
    ended = await platform.conversation_by_id.conversation(call.native_id, Call.within(30))
    assert ended is not None
    assert ended.state is ConversationState.CLOSED
    assert ended.duration_seconds == 180


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (UpdateAgent(native_id="99", members=AgentMembers(display_name="Z")), "native_id"),
        (UpdateAgent(native_id="903", members=AgentMembers(team_id="99")), "team_id"),
        (UpdateAgent(native_id="903", members=AgentMembers(skill_ids=("21", "99"))), "skill_ids"),
        (UpdateAgent(native_id="903", members=AgentMembers(site_ids=("99",))), "site_ids"),
        (DeleteAgent(native_id="99"), "native_id"),
        (DisconnectAgent(native_id="99"), "native_id"),
        (SetAgentAvailability(native_id="99", channels=((Channel.CHAT, True),)), "native_id"),
        (UpdateCustomer(native_id="999999999", members=CustomerMembers(city="x")), "native_id"),
        (CreateCustomer(members=CustomerMembers(site_ids=("99",))), "site_ids"),
        (DeleteCustomer(native_id="999999999"), "native_id"),
        (CreateTag(name="x", site_id="99"), "site_id"),
        (UpdateSite(native_id="99", name="x"), "native_id"),
        (PickUpCallback(**(CALLER | {"site_id": "99"})), "site_id"),
        (PickUpCallback(**(CALLER | {"agent_external_id": "RH-9"})), "agent_external_id"),
    ],
    ids=lambda one: one if isinstance(one, str) else type(one).__name__,
)
async def test_what_is_not_there_is_named(platform: Platform, change: Change, field: str) -> None:
    with pytest.raises(WriteRefusedError) as raised:
        await make(platform, change)

    assert raised.value.refusals == (Refusal(RefusalCode.NOT_FOUND, field),)


async def test_an_address_that_is_taken_is_refused(platform: Platform) -> None:
    told = await agent(platform, "903")
    assert told is not None
    members = AgentMembers(family_name="Martin", email=told.email or "")

    with pytest.raises(WriteRefusedError) as raised:
        await make(platform, CreateAgent(members=members))

    assert raised.value.refusals == (Refusal(RefusalCode.INVALID, "email"),)
