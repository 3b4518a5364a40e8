"""All that platforms tell of an agent, and the filters that find agents and what they did."""

from __future__ import annotations

from typing import Any

import pytest
from tests.e2e.asked import capable, day_before, days
from tests.e2e.running import Gateway, Table

WHOLE = """query Whole($platforms: [String!]) {
  agents(first: 50, platforms: $platforms) {
    nodes {
      nativeId externalId email roles channels severalChannels adminLanguage lastConnectedAt
      channelSettings { channel enabled mostAtOnce priority fromChat }
      profile { status description city country facebook twitter }
      lifetime { conversations satisfactionRate experience }
      skills { label }
    }
    failures { code }
  }
}"""


def whole(gateway: Gateway, *platforms: str) -> list[Table]:
    """Return all that is told of the agents of these platforms."""
    agents = gateway.ask(WHOLE, {"platforms": list(platforms)}).data["agents"]
    assert agents["failures"] == []
    nodes: list[Table] = agents["nodes"]
    assert nodes
    return nodes


def test_profiles_and_lifetimes_cost_a_call_for_each_agent_and_are_kept(
    cold_gateway: Gateway,
) -> None:
    (key,) = capable(cold_gateway, "PROFILES")
    first = cold_gateway.ask(WHOLE, {"platforms": [key]})
    agents = first.data["agents"]["nodes"]
    calls = [call["endpoint"] for call in first.calls]

    assert len(calls) == 2 * len(agents) + len({"operator", "skill"})
    assert cold_gateway.ask(WHOLE, {"platforms": [key]}).calls == []
    shown = [one["profile"] for one in agents if one["profile"]["status"]]
    assert shown
    assert all(one["city"] and one["country"] and one["description"] for one in shown)
    assert all(one["lifetime"]["conversations"] > 0 for one in agents)
    assert all(one["lifetime"]["experience"] > 0 for one in agents)


def test_what_is_set_for_channels_agrees_with_the_channels(gateway: Gateway) -> None:
    (key,) = capable(gateway, "PROFILES")
    agents = whole(gateway, key)

    for one in agents:
        settings = {setting["channel"]: setting for setting in one["channelSettings"]}
        assert {name for name, setting in settings.items() if setting["enabled"]} == set(
            one["channels"]
        )
        assert settings["CHAT"]["mostAtOnce"] >= 1
        assert {setting["priority"] for setting in settings.values()} <= {0, 10}
        assert one["adminLanguage"] in {"de", "en", "es", "fr"}
    assert {one["severalChannels"] for one in agents} == {True, False}


def test_platforms_that_tell_no_profiles_leave_them_out(gateway: Gateway) -> None:
    without = capable(gateway, "AGENTS") - capable(gateway, "PROFILES")
    assert without

    agents = whole(gateway, *without)

    assert {(one["profile"], one["lifetime"]) for one in agents} == {(None, None)}


def test_who_last_connected_is_told_with_the_origins_that_they_serve(gateway: Gateway) -> None:
    (key,) = capable(gateway, "REQUEST_NPS_EXPORT")
    agents = whole(gateway, key)

    assert any(one["lastConnectedAt"] for one in agents)
    assert {role for one in agents for role in one["roles"]} == {"500"}
    named = [skill["label"] for one in agents for skill in one["skills"] or ()]
    assert named
    assert any(" " in label or label.isalpha() for label in named)


FOUND = """query Found($filter: AgentFilter) {
  agents(first: 50, filter: $filter) { nodes { nativeId externalId email platform { key } } }
}"""


@pytest.mark.parametrize(("member", "name"), [("externalIds", "externalId"), ("emails", "email")])
def test_agents_are_found_by_what_the_company_calls_them(
    gateway: Gateway, member: str, name: str
) -> None:
    agents = gateway.ask(FOUND).data["agents"]["nodes"]
    value = next(one[name] for one in agents if one[name])

    found = gateway.ask(FOUND, {"filter": {member: [value, "nobody's"]}}).data["agents"]["nodes"]

    assert found == [one for one in agents if one[name] == value] != []


TALKS = """query Talks($period: PeriodInput, $filter: ConversationFilter) {
  conversations(period: $period, first: 100, filter: $filter) {
    nodes { nativeId ruleId queued closedByAgent platform { key } }
    sources { platform freshness note }
    pageInfo { hasNextPage }
  }
}"""


def test_conversations_are_found_by_the_rule_that_began_them(gateway: Gateway) -> None:
    period = days(day_before(4))
    talks = gateway.ask(TALKS, {"period": period}).data["conversations"]["nodes"]
    rule = next(one["ruleId"] for one in talks if one["ruleId"])
    asked = {"period": period, "filter": {"ruleIds": [rule]}}

    answer = gateway.ask(TALKS, asked).data["conversations"]

    assert {one["ruleId"] for one in answer["nodes"]} == {rule}
    expected = {one["nativeId"] for one in talks if one["ruleId"] == rule}
    assert expected <= {one["nativeId"] for one in answer["nodes"]}
    notes = [one["note"] for one in answer["sources"] if one["freshness"] == "UNSUPPORTED"]
    assert "The platform cannot filter conversations by rule ids." in notes


def test_how_conversations_began_and_ended_is_told_where_it_is_known(gateway: Gateway) -> None:
    (key,) = capable(gateway, "PROFILES")
    talks = gateway.ask(TALKS, {"period": days(day_before(4))}).data["conversations"]["nodes"]
    told = [one for one in talks if one["platform"]["key"] == key]
    others = [one for one in talks if one["platform"]["key"] != key]

    assert {one["closedByAgent"] for one in told} == {True, False}
    assert {one["queued"] for one in told} == {True, False}
    assert {(one["queued"], one["closedByAgent"]) for one in others} == {(None, None)}


BY_CHANNEL = """query ByChannel($period: PeriodInput, $channels: [Channel!]) {
  transactions(period: $period, first: 200, filter: {channels: $channels}) {
    nodes { nativeId conversation { channel } }
  }
  callMeetings(period: $period, first: 200, filter: {channels: $channels}) {
    nodes { nativeId }
  }
}"""


def _by_channel(gateway: Gateway, *channels: str) -> Any:  # noqa: ANN401 - as it came
    asked = {"period": days(day_before(3)), "channels": list(channels) or None}
    return gateway.ask(BY_CHANNEL, asked).data


def test_sales_and_call_meetings_are_found_by_channel(gateway: Gateway) -> None:
    chats, both = _by_channel(gateway, "CHAT"), _by_channel(gateway, "CHAT", "CALL")
    every, none = _by_channel(gateway), _by_channel(gateway, "TRUSTPILOT")

    sales = chats["transactions"]["nodes"]
    assert {one["conversation"]["channel"] for one in sales} == {"CHAT"}
    linked = [one for one in every["transactions"]["nodes"] if one["conversation"]]
    assert {one["nativeId"] for one in both["transactions"]["nodes"]} == {
        one["nativeId"] for one in linked
    }
    assert both["callMeetings"] == every["callMeetings"]
    assert 0 < len(chats["callMeetings"]["nodes"]) <= len(every["callMeetings"]["nodes"])
    assert (none["transactions"]["nodes"], none["callMeetings"]["nodes"]) == ([], [])
