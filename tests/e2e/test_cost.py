"""What a question costs. Each asks about days of its own: what others asked costs nothing more."""

from __future__ import annotations

from collections import Counter

from tests.e2e.asked import day_before, days
from tests.e2e.running import Answer, Gateway

ONE = """query One($period: PeriodInput!) {
  indicators(keys: [CONVERSATIONS_STARTED], period: $period) { series { value } }
}"""
FIVE = """query Five($period: PeriodInput!) {
  a: indicators(keys: [CONVERSATIONS_STARTED], period: $period) { series { value } }
  b: indicators(keys: [CONVERSATIONS_STARTED], period: $period) { series { value } }
  c: indicators(keys: [CONVERSATIONS_STARTED], period: $period, combined: true) {
    series { value }
  }
  d: indicators(keys: [CONVERSATIONS_STARTED], period: $period, timeZone: "UTC") {
    series { value }
  }
  e: report(key: "VOLUME", period: $period) { rows { values } }
}"""
FOUR_ALIASES = FIVE.replace("  e: report", "  e: indicators").replace(
    '(key: "VOLUME", period: $period) { rows { values } }',
    "(keys: [CONVERSATIONS_STARTED], period: $period) { series { key } }",
)


def endpoints(answer: Answer) -> Counter[tuple[str, str]]:
    """Return how often each endpoint of each platform was called."""
    return Counter((call["platform"], call["endpoint"]) for call in answer.calls)


def test_the_trace_counts_every_call_and_comes_by_header(gateway: Gateway) -> None:
    answer = gateway.ask(
        ONE, {"period": days(day_before(149))}, headers={"x-switchboard-trace": "1"}
    )

    assert len(answer.data["indicators"]["series"]) == 4
    assert {call["status"] for call in answer.trace["calls"]} == {200}
    counted = {one["platform"]: one["calls"] for one in answer.trace["platforms"]}
    assert counted == Counter(call["platform"] for call in answer.trace["calls"])
    assert all(count == 1 for count in endpoints(answer).values())
    assert len(counted) == 4


def test_five_aliases_of_a_figure_cost_what_one_costs(gateway: Gateway) -> None:
    one = gateway.ask(ONE, {"period": days(day_before(150))})
    five = gateway.ask(FOUR_ALIASES, {"period": days(day_before(151))})

    assert len(five.data) == 5
    assert endpoints(five) == endpoints(one)
    assert len(one.calls) == 4


def test_fields_of_other_kinds_share_the_calls(gateway: Gateway) -> None:
    alone = gateway.ask(
        """query Alone($period: PeriodInput!) {
          report(key: "VOLUME", period: $period) { rows { values } }
        }""",
        {"period": days(day_before(152))},
    )
    together = gateway.ask(FIVE, {"period": days(day_before(153))})

    assert endpoints(together) == endpoints(alone)


def test_the_same_question_again_costs_nothing(gateway: Gateway) -> None:
    query = """query Again($period: PeriodInput!) {
      indicators(keys: [CONVERSATIONS_STARTED, HANDLE_TIME], period: $period, granularity: DAY) {
        series { platform { key } value points { start value } } sources { freshness calls }
      }
      report(key: "RESPONSE_TIMES", period: $period) { rows { platform values } }
      agents(first: 200) { nodes { id } }
      conversations(period: $period, first: 40) { nodes { id agent { label } } }
    }"""
    asked = {"period": days(day_before(156), 2)}
    first = gateway.ask(query, asked)
    second = gateway.ask(query, asked)

    assert first.calls
    assert second.calls == []
    assert second.data["report"] == first.data["report"]
    assert second.data["conversations"] == first.data["conversations"]
    told = first.data["indicators"]["series"]
    assert second.data["indicators"]["series"] == told
    assert {source["calls"] for source in second.data["indicators"]["sources"]} == {0}
    assert {source["freshness"] for source in second.data["indicators"]["sources"]} == {"CACHED"}


def test_the_same_question_by_agent_again_costs_nothing(gateway: Gateway) -> None:
    query = """query Agents($period: PeriodInput!) {
      report(key: "AGENT_PERFORMANCE", period: $period) { rows { group { nativeId name } values } }
    }"""
    asked = {"period": days(day_before(157))}
    first = gateway.ask(query, asked)
    second = gateway.ask(query, asked)

    assert first.calls
    assert second.calls == []
    assert second.data == first.data


def test_a_longer_period_costs_only_the_days_that_are_new(gateway: Gateway) -> None:
    query = """query Daily($period: PeriodInput!) {
      indicators(keys: [CONVERSATIONS_STARTED], period: $period, granularity: DAY) {
        series { points { value } }
      }
    }"""
    gateway.ask(query, {"period": days(day_before(165), 5)})
    longer = gateway.ask(query, {"period": days(day_before(165), 6)})
    inner = gateway.ask(query, {"period": days(day_before(164), 3)})

    assert len(longer.calls) == 4
    assert inner.calls == []


def test_many_conversations_with_agents_cost_one_list_of_agents(cold_gateway: Gateway) -> None:
    def asked(fields: str, days_ago: int) -> Answer:
        query = f"""query Listed($period: PeriodInput!) {{
          conversations(period: $period, first: 100) {{ nodes {{ agentId {fields} }} }}
        }}"""
        return cold_gateway.ask(query, {"period": days(day_before(days_ago))})

    without = asked("", 3)
    with_agents = asked("agent { label }", 4)
    further = {
        endpoint: count
        for endpoint, count in endpoints(with_agents).items()
        if endpoint not in endpoints(without)
    }

    answered = [node for node in with_agents.data["conversations"]["nodes"] if node["agentId"]]
    assert len(answered) > 3
    assert all(node["agent"]["label"] for node in answered)
    assert further
    assert set(further.values()) == {1}
    assert not further.keys() & endpoints(asked("agent { label }", 5)).keys()


def test_a_field_that_nobody_selects_is_not_fetched(cold_gateway: Gateway) -> None:
    answer = cold_gateway.ask("{ agents(first: 200) { nodes { nativeId } } }")
    live = cold_gateway.ask("{ agents(first: 200) { nodes { live { status } } } }")

    assert set(endpoints(answer).values()) == {1}
    assert endpoints(live).keys() - endpoints(answer).keys()


def test_catalogues_ask_no_platform(gateway: Gateway) -> None:
    answer = gateway.ask(
        "{ platforms { key nativeFigures { name } } indicatorCatalogue { key }"
        " reportCatalogue { key } }"
    )

    assert answer.data
    assert answer.calls == []
