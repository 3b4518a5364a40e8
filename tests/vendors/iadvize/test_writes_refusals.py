"""What is refused without asking, and which member a sentence of the vendor's is about."""

from __future__ import annotations

import httpx
import pytest
from tests.vendors.iadvize.conftest import Open
from tests.vendors.iadvize.test_writes import writing
from tests.vendors.iadvize.upstream import Upstream, failure, saying

from vendors.calls import Call
from vendors.records import Channel, ChannelSetting
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
    PickUpCallback,
    Refusal,
    RefusalCode,
    SetAgentAvailability,
    UpdateAgent,
    UpdateCustomer,
    UpdateSite,
    WriteRefusedError,
)

MISSING, INVALID, NOT_FOUND = RefusalCode.MISSING, RefusalCode.INVALID, RefusalCode.NOT_FOUND


def agent(**members: object) -> UpdateAgent:
    return UpdateAgent(native_id="7", members=AgentMembers(**members))  # type: ignore[arg-type]  # any of them


def setting(**members: object) -> UpdateAgent:
    return agent(channel_settings=(ChannelSetting(**members),))  # type: ignore[arg-type]  # as above


def callback(**members: str) -> PickUpCallback:
    return PickUpCallback(**{"agent_external_id": "RH-7", "site_id": "1", "phone": "06"} | members)


@pytest.mark.parametrize(
    ("change", "refusals"),
    [
        (
            CreateAgent(members=AgentMembers()),
            {("family_name", MISSING), ("email", MISSING)},
        ),
        (agent(family_name=" "), {("family_name", MISSING)}),
        (agent(email=""), {("email", MISSING)}),
        (agent(email="nobody at example.com"), {("email", INVALID)}),
        (agent(email="nobody@example"), {("email", INVALID)}),
        (agent(email="a@b.example", given_name=""), set()),
        (agent(roles=("operator", "expert", "manager", "admin")), set()),
        (agent(roles=("operator", "boss")), {("roles", INVALID)}),
        (agent(roles=()), {("roles", INVALID)}),
        (agent(languages=("fr", "english")), {("languages", INVALID)}),
        (agent(languages=()), set()),
        (agent(admin_language="es"), set()),
        (agent(admin_language="it"), {("admin_language", INVALID)}),
        (agent(team_id="11a"), {("team_id", INVALID)}),
        (agent(team_id="\u0661"), {("team_id", INVALID)}),
        (CreateTag(name="x", site_id="1" * 5000), {("site_id", INVALID)}),
        (setting(channel=Channel.VIDEO, from_chat=True), {("channel_settings", INVALID)}),
        (agent(site_ids=("1", "")), {("site_ids", INVALID)}),
        (agent(skill_ids=("1", "-2")), {("skill_ids", INVALID)}),
        (agent(external_id="RH-7", skill_ids=()), set()),
        (setting(channel=Channel.CHAT, most_at_once=1, priority=10), set()),
        (setting(channel=Channel.CHAT, most_at_once=0), {("channel_settings", INVALID)}),
        (setting(channel=Channel.CALL, most_at_once=1), {("channel_settings", INVALID)}),
        (setting(channel=Channel.VIDEO, most_at_once=2), {("channel_settings", INVALID)}),
        (setting(channel=Channel.CHAT, priority=5), {("channel_settings", INVALID)}),
        (setting(channel=Channel.CALL, priority=0), set()),
        (setting(channel=Channel.WHATSAPP, enabled=True), {("channel_settings", INVALID)}),
        (
            agent(channel_settings=(ChannelSetting(channel=Channel.CALL),) * 2),
            {("channel_settings", INVALID)},
        ),
        (UpdateAgent(native_id="7/live", members=AgentMembers()), {("native_id", INVALID)}),
        (DeleteAgent(native_id=""), {("native_id", INVALID)}),
        (DisconnectAgent(native_id="x"), {("native_id", INVALID)}),
        (SetAgentAvailability(native_id="7", channels=()), {("channels", MISSING)}),
        (
            SetAgentAvailability(native_id="7", channels=((Channel.SMS, True),)),
            {("channels", INVALID)},
        ),
        (
            SetAgentAvailability(
                native_id="7", channels=((Channel.CHAT, True), (Channel.CHAT, False))
            ),
            {("channels", INVALID)},
        ),
        (CreateCustomer(members=CustomerMembers(email="", phone="")), set()),
        (CreateCustomer(members=CustomerMembers(site_ids=("a",))), {("site_ids", INVALID)}),
        (
            UpdateCustomer(native_id="0a15", members=CustomerMembers()),
            {("native_id", INVALID)},
        ),
        (DeleteCustomer(native_id="0a15"), {("native_id", INVALID)}),
        (CreateTag(name="", site_id="one"), {("name", MISSING), ("site_id", INVALID)}),
        (UpdateSite(native_id="7", name=" ", url=""), {("name", MISSING), ("url", MISSING)}),
        (UpdateSite(native_id="7", currency="euro"), {("currency", INVALID)}),
        (UpdateSite(native_id="7", language="tw", time_zone="Asia/Taipei"), set()),
        (UpdateSite(native_id="7", language="zh"), {("language", INVALID)}),
        (UpdateSite(native_id="7", time_zone="Mars/Base"), {("time_zone", INVALID)}),
        (callback(phone=" "), {("phone", MISSING)}),
        (
            callback(agent_external_id="", site_id=""),
            {
                ("agent_external_id", MISSING),
                ("site_id", INVALID),
            },
        ),
    ],
)
def test_what_is_known_to_be_refused_is_said_without_asking(
    opened: Open, change: Change, refusals: set[tuple[str, RefusalCode]]
) -> None:
    upstream = Upstream(saying([]))

    found = writing(opened(upstream)).refusals(change)

    assert {(one.field, one.code) for one in found} == refusals
    assert upstream.requests == []


TEAM_AND_SKILL = agent(team_id="11", skill_ids=("21",), site_ids=("1",))


@pytest.mark.parametrize(
    ("change", "message", "refusal"),
    [
        (agent(), "Unknown 'operator' with 'id' 7.", Refusal(NOT_FOUND, "native_id")),
        (DeleteAgent(native_id="7"), "Unknown 'operator' with 'id' 7", "native_id"),
        (DisconnectAgent(native_id="7"), "Unknown 'operator' with 'id' 7.", "native_id"),
        (TEAM_AND_SKILL, "Unknown 'operator' with 'id' 7.", "native_id"),
        (TEAM_AND_SKILL, "Unknown 'group' with 'id' 11.", "team_id"),
        (TEAM_AND_SKILL, "Unknown 'skill' with 'id' 21.", "skill_ids"),
        (TEAM_AND_SKILL, "Unknown 'website' with 'id' 1.", "site_ids"),
        (TEAM_AND_SKILL, "Unknown 'planet' with 'id' 1.", None),
        (
            UpdateCustomer(native_id="7", members=CustomerMembers(site_ids=("9",))),
            "Unknown 'website' with 'id' 9.",
            "site_ids",
        ),
        (UpdateSite(native_id="7", name="x"), "Unknown 'website' with 'id' 7.", "native_id"),
        (callback(), "Unknown 'operator' with 'id' RH-7.", "agent_external_id"),
        (callback(), "Unknown 'website' with 'id' 1.", "site_id"),
        (callback(), "Field 'phone_number' is missing.", Refusal(MISSING, "phone")),
        (agent(), "Field 'name' is missing.", Refusal(MISSING, "family_name")),
        (agent(), "Value of field 'email' is not valid.", Refusal(INVALID, "email")),
        (agent(), "Value of field 'group_id' is not valid.", Refusal(INVALID, "team_id")),
        (
            agent(),
            "Value of field 'video_priority' is not valid.",
            Refusal(INVALID, "channel_settings"),
        ),
        (
            agent(),
            "Value of field 'chat_max_number' is not valid.",
            Refusal(INVALID, "channel_settings"),
        ),
        (agent(), "Value of field 'sso_key' is not valid.", Refusal(INVALID)),
        (
            UpdateCustomer(native_id="7", members=CustomerMembers()),
            "Value of field 'zip' is not valid.",
            Refusal(INVALID, "postal_code"),
        ),
        (
            UpdateSite(native_id="7", name="x"),
            "Value of field 'timezone' is not valid.",
            Refusal(INVALID, "time_zone"),
        ),
        (CreateTag(name="x", site_id="1"), "Field 'name' is missing.", Refusal(MISSING, "name")),
        (agent(), "zoe@example.com is taken", Refusal(RefusalCode.REFUSED)),
    ],
)
async def test_sentences_are_about_members(
    opened: Open, change: Change, message: str, refusal: Refusal | str | None
) -> None:
    expected = refusal if isinstance(refusal, Refusal) else Refusal(NOT_FOUND, refusal)

    with pytest.raises(WriteRefusedError) as raised:
        await writing(opened(Upstream(lambda _: failure(message)))).make(change, Call.within(5))

    assert raised.value.refusals == (expected,)
    assert "example.com" not in str(raised.value)


async def test_an_unknown_path_is_about_the_one_id_in_it(opened: Open) -> None:
    upstream = Upstream(lambda _: httpx.Response(404))
    port = writing(opened(upstream))

    for change, field in ((DeleteCustomer(native_id="7"), "native_id"), (TEAM_AND_SKILL, None)):
        with pytest.raises(WriteRefusedError) as raised:
            await port.make(change, Call.within(5))
        assert raised.value.refusals == (Refusal(NOT_FOUND, field),)
