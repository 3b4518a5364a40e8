from __future__ import annotations

import base64
from collections import Counter
from math import fsum, isclose

import pytest
from tests.e2e.asked import WEEK, by_platform, capable, day_before, days, is_newest_first
from tests.e2e.running import Gateway, Table

FIRST_LOOK = """query FirstLook {
  started: indicators(
    keys: [CONVERSATIONS_STARTED], period: {calendar: YESTERDAY}, combined: true
  ) { ...Measured }
  firstResponse: indicators(
    keys: [FIRST_RESPONSE_TIME], period: {last: {count: 8, unit: DAY}}, combined: true
  ) { ...Measured }
}
fragment Measured on IndicatorAnswer {
  series { platform { key } platforms value weight }
  sources { platform freshness calls }
  failures { platform code }
}"""


@pytest.fixture(scope="module")
def first_look(gateway: Gateway) -> Table:
    return gateway.ask(FIRST_LOOK).data


@pytest.fixture(scope="module")
def everywhere(gateway: Gateway) -> set[str]:
    return capable(gateway, "MEASURES")


def parts_and_whole(answer: Table) -> tuple[list[Table], Table]:
    """Return the series of each platform, and the one over them."""
    parts = [one for one in answer["series"] if one["platform"]]
    (whole,) = [one for one in answer["series"] if not one["platform"]]
    return parts, whole


def test_the_platforms_are_named_with_what_they_can_do(
    gateway: Gateway, everywhere: set[str]
) -> None:
    platforms = gateway.ask(
        "{ platforms { id key title vendor vendorTitle timeZone capabilities"
        " nativeFigures { name unit merge description } } }"
    ).data["platforms"]

    assert len(platforms) == 4
    assert {one["key"] for one in platforms} == everywhere
    for one in platforms:
        assert "MEASURES" in one["capabilities"]
        assert one["nativeFigures"]
        assert all(figure["name"].startswith(one["vendor"]) for figure in one["nativeFigures"])


def test_what_began_yesterday_is_told_for_each_platform_and_for_all(
    first_look: Table, everywhere: set[str]
) -> None:
    started = first_look["started"]
    parts, whole = parts_and_whole(started)

    assert started["failures"] == []
    assert {source["freshness"] for source in started["sources"]} <= {"LIVE", "CACHED"}
    assert sorted(whole["platforms"]) == sorted(everywhere)
    assert [one["platforms"] for one in parts] == [[key] for key in whole["platforms"]]
    assert all(one["value"] is not None for one in parts)
    assert whole["value"] > 0
    assert whole["value"] == fsum(one["value"] for one in parts)


def test_a_mean_over_platforms_is_weighed_and_who_cannot_measure_it_says_so(
    first_look: Table, everywhere: set[str]
) -> None:
    times = first_look["firstResponse"]
    parts, whole = parts_and_whole(times)
    measured = [one for one in parts if one["value"] is not None]
    sources = by_platform(times["sources"])
    unable = {key for key, one in sources.items() if one["freshness"] == "UNSUPPORTED"}

    assert times["failures"] == []
    assert len(measured) >= 2
    assert {key for one in measured for key in one["platforms"]} == everywhere - unable
    assert unable
    assert all(sources[key]["calls"] == 0 for key in unable)
    assert sorted(whole["platforms"]) == sorted(everywhere - unable)
    weight = fsum(one["weight"] for one in measured)
    mean = fsum(one["value"] * one["weight"] for one in measured) / weight
    assert isclose(whole["weight"], weight)
    assert isclose(whole["value"], mean)
    values = [one["value"] for one in measured]
    assert min(values) <= whole["value"] <= max(values)


def test_the_latest_conversations_of_all_who_list_them_come_newest_first(gateway: Gateway) -> None:
    answer = gateway.ask(
        """{ conversations(period: {last: {count: 2, unit: DAY}}, first: 100) {
          nodes { platform { key } startedAt channel state }
          sources { platform freshness calls note } failures { code }
        } }"""
    ).data["conversations"]
    listing = capable(gateway, "CONVERSATIONS")

    assert len(listing) == 3
    assert {node["platform"]["key"] for node in answer["nodes"]} == listing
    assert is_newest_first(answer["nodes"])
    assert answer["failures"] == []
    for source in answer["sources"]:
        silent = source["platform"] not in listing
        assert (source["freshness"] == "UNSUPPORTED") is silent
        assert bool(source["note"]) is silent


AGENTS = """{ agents(first: 200) {
  nodes { id nativeId label email platform { key } live { status asOf } }
  sources { platform freshness } failures { code }
} }"""


def test_agents_of_all_platforms_are_listed_and_live_states_where_they_are_told(
    gateway: Gateway, everywhere: set[str]
) -> None:
    answer = gateway.ask(AGENTS).data["agents"]
    telling = capable(gateway, "PRESENCE")

    assert answer["failures"] == []
    assert {node["platform"]["key"] for node in answer["nodes"]} == everywhere
    assert 0 < len(telling) < len(everywhere)
    for node in answer["nodes"]:
        assert node["label"]
        assert (node["live"] is not None) is (node["platform"]["key"] in telling)


def test_ids_of_agents_tell_nothing(gateway: Gateway) -> None:
    nodes = gateway.ask(AGENTS).data["agents"]["nodes"]
    known_by_address = [node for node in nodes if "@" in node["nativeId"]]

    assert known_by_address
    for node in known_by_address:
        name, _, domain = node["nativeId"].encode().partition(b"@")
        opened = base64.urlsafe_b64decode(node["id"] + "=" * (-len(node["id"]) % 4))
        for read in (node["id"].encode(), opened, opened[::-1]):
            assert name not in read
            assert domain not in read


def test_agents_are_filtered_by_what_they_do_now(gateway: Gateway) -> None:
    answer = gateway.ask(
        """{ agents(filter: {statuses: [AVAILABLE, BUSY, AWAY, OFFLINE, UNAVAILABLE, UNKNOWN]},
                    first: 200) { nodes { platform { key } live { status } }
                                  sources { platform freshness note } } }"""
    ).data["agents"]
    telling = capable(gateway, "PRESENCE")

    assert {node["platform"]["key"] for node in answer["nodes"]} == telling
    for source in answer["sources"]:
        assert (source["freshness"] == "UNSUPPORTED") is (source["platform"] not in telling)


NESTED = """query Nested($period: PeriodInput!) {
  conversations(period: $period, first: 100) { nodes {
    id startedAt agentId platform { key }
    agent { id nativeId platform { key } }
  } }
}"""


def test_a_conversation_leads_to_its_agent_and_back(gateway: Gateway) -> None:
    period = days(day_before(3))
    nodes = gateway.ask(NESTED, {"period": period}).data["conversations"]["nodes"]
    held = next(node for node in nodes if node["agent"])

    assert held["agent"]["nativeId"] == held["agentId"]
    assert held["agent"]["platform"] == held["platform"]
    back = gateway.ask(
        """query Back($id: ID!, $period: PeriodInput!) {
          node(id: $id) { ... on Agent {
            conversations(period: $period, first: 200) {
              nodes { id startedAt agent { id } } failures { code }
            }
          } }
        }""",
        {"id": held["agent"]["id"], "period": period},
    ).data["node"]["conversations"]

    assert back["failures"] == []
    assert held["id"] in {node["id"] for node in back["nodes"]}
    assert {node["agent"]["id"] for node in back["nodes"]} == {held["agent"]["id"]}
    assert is_newest_first(back["nodes"])


def test_what_an_agent_did_is_what_the_table_of_agents_says(
    gateway: Gateway, everywhere: set[str]
) -> None:
    period = days(day_before(10), WEEK)
    answer = gateway.ask(
        """query Done($period: PeriodInput!) {
          agents(first: 200) { nodes {
            nativeId platform { key }
            performance(period: $period, keys: [HANDLE_TIME, AVAILABLE_TIME]) {
              series { key value weight group { nativeId name } } failures { code }
            }
          } }
          indicators(period: $period, keys: [HANDLE_TIME, AVAILABLE_TIME], groupBy: [AGENT]) {
            series { key platform { key } group { nativeId } value weight } failures { code }
          }
        }""",
        {"period": period},
    ).data
    table = {
        (one["platform"]["key"], one["group"][0]["nativeId"], one["key"]): (
            one["value"],
            one["weight"],
        )
        for one in answer["indicators"]["series"]
    }
    own = {
        (node["platform"]["key"], node["nativeId"], one["key"]): (one["value"], one["weight"])
        for node in answer["agents"]["nodes"]
        for one in node["performance"]["series"]
    }

    assert answer["indicators"]["failures"] == []
    assert {key for key, _, _ in own} == everywhere
    assert own
    assert own.items() <= table.items()
    assert any(value for value, _ in own.values())


NODES = """query Things($ids: [ID!]!) { nodes(ids: $ids) {
  __typename id
  ... on Platform { key }
  ... on Agent { nativeId label }
  ... on Conversation { nativeId startedAt channel }
} }"""


def test_everything_that_has_an_id_is_found_by_it(gateway: Gateway) -> None:
    answer = gateway.ask(
        """query All($period: PeriodInput!) {
          platforms { __typename id key }
          agents(first: 200) { nodes { __typename id nativeId label platform { key } } }
          conversations(period: $period, first: 200) {
            nodes { __typename id nativeId startedAt channel platform { key } }
          }
        }""",
        {"period": days(day_before(4))},
    ).data
    single = capable(gateway, "CONVERSATION_BY_ID")
    fetched = [c for c in answer["conversations"]["nodes"] if c["platform"]["key"] in single]
    things = [*answer["platforms"], *answer["agents"]["nodes"], *fetched[:5]]
    found = gateway.ask(NODES, {"ids": [one["id"] for one in things]}).data["nodes"]

    kinds = Counter(one["__typename"] for one in found)
    assert kinds.keys() == {"Platform", "Agent", "Conversation"}
    for thing, one in zip(things, found, strict=True):
        assert one == {name: thing[name] for name in one}


def test_a_conversation_of_a_platform_that_fetches_none_by_id_is_null_and_says_why(
    gateway: Gateway,
) -> None:
    listed = gateway.ask(NESTED, {"period": days(day_before(3))}).data["conversations"]["nodes"]
    single = capable(gateway, "CONVERSATION_BY_ID")
    unfetched = {one["platform"]["key"]: one["id"] for one in listed}
    unfetched = {key: node for key, node in unfetched.items() if key not in single}

    assert len(unfetched) == 2
    for key, node in unfetched.items():
        answer = gateway.ask("query One($id: ID!) { node(id: $id) { id } }", {"id": node})
        assert answer.status == 200
        assert answer.body["data"] == {"node": None}
        (error,) = answer.errors
        assert error["path"] == ["node"]
        assert error["extensions"]["code"] == "UNSUPPORTED"
        assert error["extensions"]["platform"] == key


def test_one_bad_id_costs_its_own_place_only(gateway: Gateway) -> None:
    good = gateway.ask("{ platforms { id } }").data["platforms"][0]["id"]
    answer = gateway.ask(NODES, {"ids": [good, "nothing", good]})

    assert [one and one["id"] for one in answer.body["data"]["nodes"]] == [good, None, good]
    (error,) = answer.errors
    assert error["path"] == ["nodes", 1]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
