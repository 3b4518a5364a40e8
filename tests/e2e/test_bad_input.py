"""What is asked wrongly gets a code and, where it can be said, what would be right."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from tests.e2e.asked import day_before, days
from tests.e2e.refusals import COMPLEX, INPUT, INVALID, LEAKS, assert_refused
from tests.e2e.running import Gateway, Table


@dataclass(frozen=True)
class Bad:
    """A question, what is said of it, and of what the saying speaks."""

    query: str
    code: str = INPUT
    argument: str | None = None
    accepts: str = ""
    says: str = ""
    variables: Table = field(default_factory=dict)


def measured(*arguments: str) -> str:
    """Return a question about a figure, of yesterday unless told otherwise."""
    period = [] if any("period" in one for one in arguments) else ["period: {calendar: YESTERDAY}"]
    keys = [] if any("native" in one for one in arguments) else ["keys: [CONVERSATIONS_STARTED]"]
    given = ", ".join((*keys, *period, *arguments))
    return f"{{ indicators({given}) {{ series {{ value }} }} }}"


def between(start: str, end: str) -> str:
    return f'period: {{between: {{from: "{start}", to: "{end}"}}}}'


def nested(times: int) -> str:
    """Return a question that goes from conversations to agents and back so often."""
    inner = "{ nodes { id } }"
    for _ in range(times):
        inner = f"{{ nodes {{ agent {{ conversations {inner} }} }} }}"
    return f"{{ conversations {inner} }}"


BAD: dict[str, Bad] = {
    "a platform that is not there": Bad(
        '{ conversations(platforms: ["nowhere"]) { nodes { id } } }',
        argument="platforms",
        says="nowhere",
    ),
    "an end before the beginning": Bad(
        measured(between("2026-03-05T00:00:00Z", "2026-03-01T00:00:00Z")),
        argument="period.between",
        accepts="from before to",
    ),
    "no time at all": Bad(
        measured(between("2026-03-05T00:00:00Z", "2026-03-05T00:00:00Z")),
        argument="period.between",
        accepts="from before to",
    ),
    "a zone that is none": Bad(
        measured('timeZone: "Mars/Olympus_Mons"'), argument="timeZone", accepts="IANA"
    ),
    "a zone that is a path": Bad(
        measured('timeZone: "../../etc/passwd"'), argument="timeZone", accepts="IANA"
    ),
    "ten years": Bad(
        measured(between("2016-03-01T00:00:00Z", "2026-03-01T00:00:00Z")),
        argument="period.between",
        accepts="five years",
    ),
    "the first day of the calendar": Bad(
        measured(between("0001-01-01T00:00:00", "0001-01-02T00:00:00"), 'timeZone: "Asia/Tokyo"'),
        argument="period.between",
        accepts="to",
    ),
    "the last day of the calendar": Bad(
        measured(
            between("9999-12-30T00:00:00Z", "9999-12-31T23:59:59Z"),
            "granularity: DAY",
            'timeZone: "America/New_York"',
        ),
        argument="period.between",
        accepts="to",
    ),
    "no days back": Bad(
        measured("period: {last: {count: 0, unit: DAY}}"),
        argument="period.last.count",
        accepts="1 to",
    ),
    "too many days back": Bad(
        measured("period: {last: {count: 999999, unit: DAY}}"),
        argument="period.last.count",
        accepts="1 to",
    ),
    "two periods at once": Bad(
        measured("period: {calendar: TODAY, last: {count: 1, unit: DAY}}"),
        INVALID,
        says="exactly one",
    ),
    "a period without any member": Bad(measured("period: {}"), INVALID, says="exactly one"),
    "a period that is null": Bad(measured("period: {calendar: null}"), INVALID, says="non-null"),
    "two periods in a variable": Bad(
        "query P($p: PeriodInput) { conversations(period: $p) { nodes { id } } }",
        says="exactly one",
        variables={"p": {"calendar": "TODAY", "last": {"count": 1, "unit": "DAY"}}},
    ),
    "a day that is no date": Bad(
        measured(between("yesterday", "2026-03-05T00:00:00Z")), INVALID, says="ISO 8601"
    ),
    "a bucket that nobody has": Bad(
        measured("granularity: FORTNIGHT"), INVALID, says="'FORTNIGHT' does not exist"
    ),
    "a figure that is none": Bad(
        "{ indicators(keys: [NOTHING]) { series { value } } }", INVALID, says="'NOTHING'"
    ),
    "a cursor that is none": Bad(
        '{ conversations(after: "garbage") { nodes { id } } }',
        argument="after",
        accepts="endCursor",
    ),
    "an empty cursor": Bad(
        '{ agents(after: "") { nodes { id } } }', argument="after", accepts="endCursor"
    ),
    "a cursor of letters that none has": Bad(
        '{ conversations(after: "ÿ🙂") { nodes { id } } }', argument="after", accepts="endCursor"
    ),
    "an id of nothing": Bad(
        '{ node(id: "nothing") { id } }', argument="id", accepts="an earlier answer"
    ),
    "an empty id": Bad('{ node(id: "") { id } }', argument="id", accepts="an earlier answer"),
    "more ids than are fetched at once": Bad(
        "query I($ids: [ID!]!) { nodes(ids: $ids) { id } }",
        argument="ids",
        accepts="at most 100",
        variables={"ids": ["x"] * 101},
    ),
    "no items": Bad(
        "{ conversations(first: 0) { nodes { id } } }", argument="first", accepts="1 to 200"
    ),
    "less than no agents": Bad(
        "{ agents(first: -1) { nodes { id } } }", argument="first", accepts="1 to 200"
    ),
    "too many items": Bad(
        "{ conversations(first: 100000) { nodes { id } } }", argument="first", accepts="1 to 200"
    ),
    "too many rows": Bad(
        '{ report(key: "VOLUME", first: 100000) { rows { values } } }',
        argument="first",
        accepts="1 to 200",
    ),
    "more items than a number can hold": Bad(
        "{ conversations(first: 10000000000) { nodes { id } } }", INVALID, says="32-bit"
    ),
    "nothing to measure": Bad(
        "{ indicators(keys: []) { series { value } } }", argument="keys", accepts="`keys`"
    ),
    "nothing named to measure": Bad(
        "{ indicators { series { value } } }", argument="keys", accepts="`keys`"
    ),
    "a native figure that no vendor has": Bad(
        measured('native: ["nobody.nothing"]'), argument="native", accepts="nativeFigures"
    ),
    "a native figure without a vendor": Bad(
        measured('native: ["nothing"]'), argument="native", accepts="nativeFigures"
    ),
    "a report that is none": Bad(
        '{ report(key: "NOTHING") { rows { values } } }', argument="key", accepts="VOLUME"
    ),
    "an order by no column": Bad(
        '{ report(key: "VOLUME", orderBy: {column: "nothing"}) { rows { values } } }',
        argument="orderBy.column",
        accepts="conversations_started",
    ),
    "an order by a column of buckets that there are none of": Bad(
        '{ report(key: "VOLUME", orderBy: {column: "start"}) { rows { values } } }',
        argument="orderBy.column",
        accepts="messages_sent",
    ),
    "platforms by a filter of members": Bad(
        measured('filter: {members: [{dimension: PLATFORM, ids: ["x"]}]}'),
        argument="filter.members",
        accepts="platforms",
    ),
    "more calls than are allowed": Bad(
        measured(between("2025-06-01T00:00:00Z", "2026-02-06T00:00:00Z"), "granularity: HOUR"),
        COMPLEX,
        says="at most 200",
    ),
    "more points than are answered": Bad(
        "query P($keys: [IndicatorKey!]!) { indicators(keys: $keys, granularity: HOUR, "
        + between("2024-03-01T00:00:00Z", "2026-03-01T00:00:00Z")
        + ") { series { value } } }",
        COMPLEX,
        says="at most 200000",
        variables={"keys": ["CONVERSATIONS_STARTED", "HANDLE_TIME", "NPS", "RATINGS"]},
    ),
    "too many levels": Bad(nested(12), COMPLEX, says="at most 15"),
    "too many aliases": Bad(
        "{" + " ".join(f"a{number}: platforms {{ key }}" for number in range(40)) + "}",
        COMPLEX,
        says="at most 30",
    ),
    "a field that is none": Bad("{ platforms { nothing } }", INVALID, says="'nothing'"),
    "a document that is none": Bad("{ platforms { ", "GRAPHQL_PARSE_FAILED", says="Syntax Error"),
    "a variable that is not given": Bad(
        "query F($first: Int!) { agents(first: $first) { nodes { id } } }", says="$first"
    ),
    "a mutation that is none": Bad("mutation { purge }", INVALID, says="'purge'"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_asked_wrongly_is_told_what_would_be_right(gateway: Gateway, name: str) -> None:
    bad = BAD[name]
    answer = gateway.ask(bad.query, bad.variables)
    error = assert_refused(answer, bad.code)

    assert bad.says in error["message"]
    assert error["extensions"].get("argument") == bad.argument
    assert bad.accepts in str(error["extensions"].get("accepted", ""))
    assert not any((answer.body.get("data") or {}).values())
    trace = answer.body.get("extensions", {}).get("switchboard", {"calls": []})
    assert trace["calls"] == [], "a question that is wrong costs nothing"


def test_a_query_that_costs_too_much_is_refused_with_the_numbers(gateway: Gateway) -> None:
    two_years = between("2024-03-01T00:00:00Z", "2026-03-01T00:00:00Z")
    error = assert_refused(gateway.ask(measured(two_years, "granularity: HOUR")), COMPLEX)
    numbers = error["extensions"]

    assert numbers["callLimit"] == 200
    assert numbers["calls"] > numbers["callLimit"]
    assert str(numbers["calls"]) in error["message"]


def test_what_costs_too_much_together_is_refused_together(gateway: Gateway) -> None:
    """Each of these would do alone: it is the operation that is too much."""
    query = """query Hours($a: PeriodInput!, $b: PeriodInput!, $c: PeriodInput!) {
      a: indicators(keys: [LOGGED_IN_TIME], period: $a, granularity: HOUR) { series { key } }
      b: indicators(keys: [LOGGED_IN_TIME], period: $b, granularity: HOUR) { series { key } }
      c: indicators(keys: [LOGGED_IN_TIME], period: $c, granularity: HOUR) { series { key } }
    }"""
    periods = {name: days(day_before(start), 2) for name, start in (("a", 9), ("b", 7), ("c", 5))}
    answer = gateway.ask(query, periods)

    assert set(answer.codes) == {COMPLEX}
    assert answer.calls == []


def test_a_dimension_that_no_platform_has_is_no_error(gateway: Gateway) -> None:
    answer = gateway.ask(
        """{ indicators(keys: [AVAILABLE_TIME], period: {calendar: YESTERDAY}, groupBy: [TAG]) {
          series { value } failures { code } sources { platform freshness calls note }
        } }"""
    )
    found = answer.data["indicators"]

    assert found["series"] == []
    assert found["failures"] == []
    assert len(found["sources"]) == 4
    for source in found["sources"]:
        assert source["freshness"] == "UNSUPPORTED"
        assert "TAG" in source["note"]
    assert answer.calls == []


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"", {}, 400, INPUT),
        (b"{", {}, 400, INPUT),
        (b"[]", {}, 400, INPUT),
        (b"\xff\xfe", {}, 400, INPUT),
        (b"{}", {}, 400, INPUT),
        (b'{"query": 5}', {}, 400, INPUT),
        (b'{"query": "{ __typename }", "variables": []}', {}, 400, INPUT),
        (b'{"query": "{ __typename }"}', {"x-request-timeout": "soon"}, 400, INPUT),
        (b'{"query": "{ __typename }"}', {"x-request-timeout": "-1"}, 400, INPUT),
        (b"query=x", {"content-type": "text/plain"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b'{"query": "' + b" " * 70_000 + b'"}', {}, 413, "REQUEST_TOO_LARGE"),
    ],
)
def test_a_body_that_is_no_question_is_refused_as_json(
    gateway: Gateway, content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    answer = gateway.post(content, headers)

    assert (answer.status, answer.codes) == (status, [code])
    assert answer.headers["content-type"] == "application/json"
    assert "data" not in answer.body
    assert not LEAKS.search(answer.text)


def test_a_place_where_nothing_is_says_so_as_json(gateway: Gateway) -> None:
    for path in ("/nothing", "/graphql/nothing", "/static/nothing"):
        answer = gateway.get(path)
        assert (answer.status, answer.codes) == (404, ["NOT_FOUND"]), path


def test_nothing_that_was_asked_wrongly_is_a_bug_of_ours(gateway: Gateway) -> None:
    for bad in BAD.values():
        gateway.ask(bad.query, bad.variables)

    assert "Traceback" not in gateway.log
    assert "unexpected error" not in gateway.log
