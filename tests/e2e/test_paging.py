from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.e2e.asked import capable, day_before, days, is_newest_first
from tests.e2e.running import Gateway, Table

CONVERSATIONS = """query Page($period: PeriodInput, $first: Int, $after: String) {
  page: conversations(period: $period, timeZone: "Europe/Paris", first: $first, after: $after) {
    edges { cursor node { id startedAt platform { key } } }
    nodes { id }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    failures { code }
  }
}"""
AGENTS = """query Page($first: Int, $after: String) {
  page: agents(first: $first, after: $after) {
    edges { cursor node { id label platform { key } } }
    nodes { id }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    failures { code }
  }
}"""
REPORT = """query Page($period: PeriodInput, $first: Int, $after: String) {
  page: report(key: "AGENT_PERFORMANCE", period: $period, first: $first, after: $after) {
    rows { platform group { nativeId } values }
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    failures { code }
  }
}"""


def pages(
    gateway: Gateway, query: str, first: int, variables: Mapping[str, Any] | None = None
) -> list[Table]:
    """Return every page, read on by `endCursor` while there is a next one."""
    read: list[Table] = []
    after = None
    while True:
        asked = {**(variables or {}), "first": first, "after": after}
        page = gateway.ask(query, asked).data["page"]
        assert page["failures"] == []
        assert page["pageInfo"]["hasPreviousPage"] is False
        read.append(page)
        if not page["pageInfo"]["hasNextPage"]:
            return read
        after = page["pageInfo"]["endCursor"]
        assert len(read) < 200, "the pages do not end"


def nodes(read: list[Table]) -> list[Table]:
    return [edge["node"] for page in read for edge in page["edges"]]


def test_a_day_is_the_same_whatever_the_size_of_its_pages(gateway: Gateway) -> None:
    period = {"period": days(day_before(3))}
    small = pages(gateway, CONVERSATIONS, 7, period)
    large = pages(gateway, CONVERSATIONS, 50, period)

    assert all(len(page["edges"]) == 7 for page in small[:-1])
    assert all(len(page["edges"]) == 50 for page in large[:-1])
    assert nodes(small) == nodes(large)
    ids = [node["id"] for node in nodes(small)]
    assert len(ids) > 100
    assert len(set(ids)) == len(ids)
    assert is_newest_first(nodes(small))
    shown = {node["platform"]["key"] for node in nodes(small)}
    assert shown == capable(gateway, "CONVERSATIONS")


def test_a_page_says_where_it_stands(gateway: Gateway) -> None:
    for page in pages(gateway, CONVERSATIONS, 50, {"period": days(day_before(3))}):
        cursors = [edge["cursor"] for edge in page["edges"]]
        assert page["pageInfo"]["startCursor"] == cursors[0]
        assert page["pageInfo"]["endCursor"] == cursors[-1]
        assert page["nodes"] == [{"id": edge["node"]["id"]} for edge in page["edges"]]


def test_reading_goes_on_behind_any_item(gateway: Gateway) -> None:
    period = {"period": days(day_before(3))}
    (first, second, *_) = pages(gateway, CONVERSATIONS, 20, period)
    both = [*first["edges"], *second["edges"]]

    for place in (0, 7, 19):
        after = {**period, "first": 10, "after": both[place]["cursor"]}
        page = gateway.ask(CONVERSATIONS, after).data["page"]
        expected = [edge["node"] for edge in both[place + 1 : place + 11]]
        assert [edge["node"] for edge in page["edges"]] == expected


def test_the_list_up_to_now_is_read_without_skips(gateway: Gateway) -> None:
    """Whatever begins while it is read does not shift what is read."""
    read = pages(gateway, CONVERSATIONS, 13, {"period": {"last": {"count": 2, "unit": "DAY"}}})
    ids = [node["id"] for node in nodes(read)]

    assert len(ids) > 100
    assert len(set(ids)) == len(ids)
    assert is_newest_first(nodes(read))


def test_an_empty_page_has_no_cursors(gateway: Gateway) -> None:
    (page,) = pages(gateway, CONVERSATIONS, 5, {"period": days(day_before(-2))})

    assert page["edges"] == []
    assert page["pageInfo"] == {
        "hasNextPage": False,
        "hasPreviousPage": False,
        "startCursor": None,
        "endCursor": None,
    }


def test_agents_are_paged_platform_by_platform(gateway: Gateway) -> None:
    small = nodes(pages(gateway, AGENTS, 3))
    (large,) = pages(gateway, AGENTS, 200)

    assert small == [edge["node"] for edge in large["edges"]]
    assert len({node["id"] for node in small}) == len(small)
    platforms = [node["platform"]["key"] for node in small]
    assert platforms == sorted(platforms, key=platforms.index)


def test_rows_of_a_report_are_paged(gateway: Gateway) -> None:
    period = {"period": days(day_before(3))}
    small = pages(gateway, REPORT, 4, period)
    (large,) = pages(gateway, REPORT, 200, period)

    rows = [row for page in small for row in page["rows"]]
    assert rows == large["rows"]
    assert {page["totalCount"] for page in (*small, large)} == {len(rows)}
    assert len(rows) > 8
