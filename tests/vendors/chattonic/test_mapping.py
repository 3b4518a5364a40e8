from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest
from tests.vendors.chattonic.upstream import FIRST, NOW, SAMPLE, instant

from vendors import records
from vendors.chattonic import mapping, wire
from vendors.records import Channel, ConversationState, PresenceStatus

STATS = msgspec.json.decode(SAMPLE, type=wire.OperatorStats)


def test_an_operator_is_an_agent() -> None:
    assert mapping.agent(STATS.operators[0], "ct", mapping.STATUSES) == records.Agent(
        platform="ct",
        native_id=FIRST,
        name="Chamo Sac2",
        display_name="Chamo Sac2",
        given_name="Chamo",
        family_name="Sac2",
        roles=("500",),
        skill_ids=("5ed94dd1fdda89cee4cb61",),
        status=PresenceStatus.UNKNOWN,
    )


def test_an_empty_list_of_origins_means_all_where_it_says_so() -> None:
    operator = STATS.operators[1]
    assert mapping.agent(operator, "ct", mapping.STATUSES).skill_ids is None
    none = msgspec.structs.replace(operator, originsName="ninguno")
    assert mapping.agent(none, "ct", mapping.STATUSES).skill_ids == ()


@pytest.mark.parametrize(
    ("told", "at"),
    [
        (None, None),
        ("2021-12-01T10:00:00.000Z", "2021-12-01T10:00"),
        (1638352800, "2021-12-01T10:00"),
        (1638352800.0, "2021-12-01T10:00"),
        (1638352800000, "2021-12-01T10:00"),
        (0, "1970-01-01T00:00"),
        ("2021-12-01", None),
        ("never", None),
        (1e300, None),
        (-1e18, None),
        (True, None),
        ({"at": 1}, None),
    ],
)
def test_the_last_connection_is_read_in_each_likely_form(told: object, at: str | None) -> None:
    found = mapping.agent(wire.Operator(id="x", lastConnection=told), "ct", {})
    assert found.last_connected_at == (instant(at) if at else None)


def test_the_code_of_a_role_is_told_as_it_is() -> None:
    assert mapping.agent(wire.Operator(id="x", profile="100"), "ct", {}).roles == ("100",)
    assert mapping.agent(wire.Operator(id="x"), "ct", {}).roles is None


def test_an_operator_may_have_no_name_at_all() -> None:
    agent = mapping.agent(wire.Operator(id="x", displayName="Zoë"), "ct", {})
    assert (agent.name, agent.given_name, agent.display_name) == ("Zoë", None, "Zoë")
    assert mapping.agent(wire.Operator(id="x"), "ct", {}).name is None


@pytest.mark.parametrize(
    ("word", "status", "connected"),
    [
        ("online", PresenceStatus.AVAILABLE, True),
        ("away", PresenceStatus.AWAY, True),
        ("offline", PresenceStatus.OFFLINE, False),
        ("on the moon", PresenceStatus.UNKNOWN, None),
        (None, PresenceStatus.UNKNOWN, None),
    ],
)
def test_presence_is_the_operators_word(
    word: str | None, status: PresenceStatus, connected: bool | None
) -> None:
    operator = wire.Operator(id="x", status=word)
    assert mapping.presence(operator, "ct", mapping.STATUSES, NOW) == records.AgentPresence(
        platform="ct", agent_id="x", status=status, as_of=NOW, connected=connected
    )


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("pending", ConversationState.WAITING),
        ("progress", ConversationState.OPEN),
        ("resolved", ConversationState.CLOSED),
        ("RESOLVED", ConversationState.UNKNOWN),
        (None, ConversationState.UNKNOWN),
    ],
)
def test_the_status_of_a_query_is_its_state(word: str | None, state: ConversationState) -> None:
    query = wire.Query(id="q", createdAt=NOW, status=word)
    found = mapping.conversation(query, "ct", mapping.CHANNELS)
    assert (found.state, found.native_state) == (state, word)


@pytest.mark.parametrize(
    ("word", "channel"),
    [
        ("messenger", Channel.MESSENGER),
        ("telegram", Channel.TELEGRAM),
        ("pigeon", Channel.OTHER),
        (None, Channel.OTHER),
    ],
)
def test_the_platform_of_the_user_is_the_channel(word: str | None, channel: Channel) -> None:
    query = wire.Query(id="q", createdAt=NOW, messageUser=wire.MessageUser("u", word))
    found = mapping.conversation(query, "ct", mapping.CHANNELS)
    assert (found.channel, found.native_channel, found.customer_id) == (channel, word, "u")


@pytest.mark.parametrize(
    ("status", "members", "ended"),
    [
        ("resolved", b'"dates":{"resolved":"2021-11-03T09:45:00.000Z"}', "2021-11-03T09:45"),
        ("resolved", b'"resolutionSettedAt":"2021-11-03T09:50:00Z"', "2021-11-03T09:50"),
        ("resolved", b'"dates":{"resolved":1635932700}', None),
        ("resolved", b'"dates":{"resolved":"soon"},"resolutionSettedAt":null', None),
        ("resolved", b'"dates":{"resolved":"2021-11-03T09:45:00"}', None),
        ("progress", b'"resolutionSettedAt":"2021-11-03T09:50:00Z"', None),
    ],
)
def test_a_resolved_query_ended_when_it_says(
    status: str, members: bytes, ended: str | None
) -> None:
    told = b'{"_id":"q","createdAt":"2021-11-03T09:15:00Z","status":"%s",%s}'
    query = msgspec.json.decode(told % (status.encode(), members), type=wire.Query)
    found = mapping.conversation(query, "ct", mapping.CHANNELS)
    assert found.ended_at == (instant(ended) if ended else None)


@pytest.mark.parametrize(
    ("origins", "skill"),
    [(b"[]", None), (b'["a"]', "a"), (b'[{"_id":"a","name":"x"}]', "a"), (b'["a","b"]', None)],
)
def test_the_one_origin_of_a_query_is_its_skill(origins: bytes, skill: str | None) -> None:
    told = b'{"_id":"q","createdAt":"2021-11-03T09:15:00Z","origins":%s}' % origins
    query = msgspec.json.decode(told, type=wire.Query)
    assert mapping.conversation(query, "ct", mapping.CHANNELS).skill_id == skill


def test_nothing_personal_of_a_user_is_decoded() -> None:
    assert wire.Query.__struct_fields__ == (
        *("id", "createdAt", "status", "messageUser", "account", "origins", "dates"),
        "resolutionSettedAt",
    )
    assert wire.MessageUser.__struct_fields__ == ("id", "platform")


def test_instants_are_written_in_utc_with_milliseconds() -> None:
    paris = datetime(2021, 11, 1, 4, 0, 0, 1999, tzinfo=ZoneInfo("Europe/Paris"))
    assert mapping.vendor_instant(paris) == "2021-11-01T03:00:00.001Z"
