from __future__ import annotations

import msgspec
import pytest
from tests.vendors.iadvize.upstream import NOW, OPERATOR, live

from vendors import records
from vendors.errors import PlatformBadResponseError
from vendors.iadvize import mapping, wire
from vendors.records import (
    Agent,
    AgentPresence,
    Channel,
    ChannelPresence,
    ChannelSetting,
    PresenceStatus,
)


def agent_of(**members: object) -> Agent:
    return mapping.agent(msgspec.convert({**OPERATOR, **members}, wire.Operator), "ia")


def test_an_operator_is_mapped_whole_but_for_its_secret() -> None:
    assert agent_of() == Agent(
        platform="ia",
        native_id="123",
        name="Ana Ruiz",
        display_name="Ana",
        given_name="Ana",
        email="ana@example.test",
        external_id="E-9",
        roles=("operator", "expert"),
        languages=("en", "fr"),
        channels=(Channel.CHAT, Channel.VIDEO),
        team_ids=("1984",),
        skill_ids=("32", "33"),
        site_ids=("1", "2"),
        channel_settings=(
            ChannelSetting(channel=Channel.CHAT, enabled=True, most_at_once=4, priority=0),
            ChannelSetting(channel=Channel.CALL, enabled=False, priority=10),
            ChannelSetting(channel=Channel.VIDEO, enabled=True, priority=0),
        ),
        several_channels=False,
        admin_language="fr",
    )
    assert "never-shown" not in repr(msgspec.convert(OPERATOR, wire.Operator))


def test_a_telephone_number_of_the_later_document_is_not_decoded() -> None:
    told = {"call_config": {"type": "ANSWER_FROM_PHONE", "phone_number": "+33199000000"}}
    assert "33199" not in repr(msgspec.convert({**OPERATOR, **told}, wire.Operator))


@pytest.mark.parametrize(
    ("members", "setting"),
    [
        ({"chat_max_number": "3"}, ChannelSetting(channel=Channel.CHAT, most_at_once=3)),
        ({"chat_priority": "10"}, ChannelSetting(channel=Channel.CHAT, priority=10)),
        (
            {"chat_priority": "", "chat_enabled": 0},
            ChannelSetting(channel=Channel.CHAT, enabled=False),
        ),
        ({"chat_max_number": 0}, ChannelSetting(channel=Channel.CHAT, most_at_once=0)),
        ({"call_priority": 0}, ChannelSetting(channel=Channel.CALL, priority=0)),
        ({"chat_to_video": True}, ChannelSetting(channel=Channel.VIDEO, from_chat=True)),
        ({"video_enabled": 1}, ChannelSetting(channel=Channel.VIDEO, enabled=True)),
    ],
)
def test_what_is_told_of_a_channel_is_its_setting(
    members: dict[str, object], setting: ChannelSetting
) -> None:
    item = msgspec.convert({"id": 1, **members}, wire.Operator)
    assert mapping.agent(item, "ia").channel_settings == (setting,)


@pytest.mark.parametrize(("told", "several"), [(True, True), (0, False), (None, None)])
def test_chats_and_calls_may_be_taken_at_once(told: object, several: bool | None) -> None:
    assert agent_of(chat_and_call=told).several_channels is several


@pytest.mark.parametrize(
    ("name", "first_name", "expected"),
    [
        ("Ruiz", "Ana", ("Ana Ruiz", "Ana", "Ruiz")),
        ("Ana Ruiz", "Ana", ("Ana Ruiz", "Ana", None)),
        ("Ruiz", None, ("Ruiz", None, None)),
        ("Ruiz", "", ("Ruiz", "", None)),
        (None, "Ana", (None, "Ana", None)),
    ],
)
def test_a_name_without_the_first_name_is_the_familys(
    name: str | None, first_name: str | None, expected: tuple[str | None, ...]
) -> None:
    one = agent_of(name=name, first_name=first_name)
    assert (one.name, one.given_name, one.family_name) == expected


def test_the_old_role_counts_where_there_are_no_roles() -> None:
    assert agent_of(roles=None, role="manager").roles == ("manager",)
    assert agent_of(roles=[]).roles == ()
    assert agent_of(roles=None, role=None).roles is None


def test_an_operator_without_group_is_in_no_team() -> None:
    assert agent_of(group_id=None).team_ids == ()


def test_what_an_operator_does_not_tell_is_none() -> None:
    assert mapping.agent(wire.Operator(id=5), "ia") == Agent(
        platform="ia", native_id="5", team_ids=()
    )


CHAT_FREE = ChannelPresence(
    channel=Channel.CHAT,
    enabled=True,
    available=True,
    busy=False,
    slots_used=2,
    slots_total=4,
)
CLOSED = {"enabled": False, "available": False, "busy": False, "slots_used": 0, "slots_total": 1}


def presence_of(**members: object) -> AgentPresence:
    return mapping.presence(msgspec.convert(live(456, **members), wire.Live), "ia", NOW)


def test_a_live_state_is_mapped_whole() -> None:
    assert presence_of() == AgentPresence(
        platform="ia",
        agent_id="456",
        status=PresenceStatus.AVAILABLE,
        as_of=NOW,
        connected=True,
        channels=(
            CHAT_FREE,
            ChannelPresence(channel=Channel.CALL, **CLOSED),  # type: ignore[arg-type]
            ChannelPresence(channel=Channel.VIDEO, **CLOSED),  # type: ignore[arg-type]
        ),
    )


ON = {"enabled": True, "busy": False, "available": True}
FULL = {"enabled": True, "busy": True, "available": False}
SHUT = {"enabled": True, "busy": False, "available": False}
NONE = {"enabled": False, "busy": False, "available": False}


@pytest.mark.parametrize(
    ("connected", "chat", "call", "status"),
    [
        (False, ON, NONE, PresenceStatus.OFFLINE),
        (True, ON, FULL, PresenceStatus.AVAILABLE),
        (True, FULL, NONE, PresenceStatus.BUSY),
        (True, FULL, FULL, PresenceStatus.BUSY),
        (True, FULL, SHUT, PresenceStatus.AWAY),
        (True, SHUT, NONE, PresenceStatus.AWAY),
        (True, NONE, NONE, PresenceStatus.AWAY),
        (None, ON, NONE, PresenceStatus.AVAILABLE),
        (None, FULL, NONE, PresenceStatus.UNKNOWN),
        (1, FULL, NONE, PresenceStatus.BUSY),
        (0, ON, NONE, PresenceStatus.OFFLINE),
    ],
)
def test_the_status_is_derived_from_connection_and_channels(
    connected: object, chat: object, call: object, status: PresenceStatus
) -> None:
    found = presence_of(connected=connected, chat=chat, call=call, video=None)
    assert found.status is status


def test_slots_may_be_strings_but_must_be_numbers() -> None:
    state = {"enabled": True, "slot_number": "1", "slot_max_number": "3"}
    found = presence_of(chat=state, call=None, video=None).channels
    assert found == (
        ChannelPresence(channel=Channel.CHAT, enabled=True, slots_used=1, slots_total=3),
    )
    with pytest.raises(PlatformBadResponseError):
        presence_of(chat=state | {"slot_number": "many"})


def test_who_is_not_shown_is_unavailable() -> None:
    assert mapping.unseen("9", "ia", NOW) == AgentPresence(
        platform="ia", agent_id="9", status=PresenceStatus.UNAVAILABLE, as_of=NOW
    )


def one_of(team: str | None, *skills: str) -> Agent:
    return records.Agent(
        platform="ia",
        native_id="1",
        team_ids=() if team is None else (team,),
        skill_ids=skills,
    )


@pytest.mark.parametrize(
    ("agents", "filters"),
    [
        ([], []),
        ([one_of(None)], [()]),
        (
            [one_of("5"), one_of("6"), one_of("5", "1")],
            [(("group_id", "5"),), (("group_id", "6"),)],
        ),
        ([one_of("5"), one_of(None)], [(("group_id", "5"),), ()]),
        ([one_of(None, "1"), one_of(None, "2")], [(("skill_id", "1"),), (("skill_id", "2"),)]),
        # One skill that many have does for all of them.
        (
            [one_of(None, "1", "9"), one_of(None, "9"), one_of(None, "2", "9")],
            [(("skill_id", "9"),)],
        ),
    ],
)
def test_the_live_list_is_asked_for_as_few_groups_as_show_everybody(
    agents: list[Agent], filters: list[tuple[tuple[str, str], ...]]
) -> None:
    assert mapping.live_filters(agents) == filters
