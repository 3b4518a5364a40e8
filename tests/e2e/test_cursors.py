"""A cursor is good for the question that it came with, and for nothing else."""

from __future__ import annotations

import pytest
from tests.e2e.refusals import INPUT, assert_refused
from tests.e2e.running import Gateway

PAGES = {
    "conversations": "conversations(period: {calendar: YESTERDAY}, first: 3, after: $after %s)",
    "agents": "agents(first: 3, after: $after %s)",
    "report": 'report(key: "AGENT_PERFORMANCE", period: {calendar: YESTERDAY}, first: 3,'
    " after: $after %s)",
}


def page(field: str, more: str = "") -> str:
    return "query Page($after: String) { page: %s { pageInfo { endCursor } } }" % (
        PAGES[field] % more
    )


@pytest.fixture(scope="module")
def cursors(gateway: Gateway) -> dict[str, str]:
    return {
        field: gateway.ask(page(field)).data["page"]["pageInfo"]["endCursor"] for field in PAGES
    }


@pytest.mark.parametrize("field", PAGES)
def test_a_cursor_is_of_one_field_only(
    gateway: Gateway, cursors: dict[str, str], field: str
) -> None:
    for other, cursor in cursors.items():
        answer = gateway.ask(page(field), {"after": cursor})
        if other == field:
            assert answer.data["page"]["pageInfo"]["endCursor"] != cursor
        else:
            error = assert_refused(answer, INPUT)
            assert error["extensions"]["argument"] == "after"
            assert "same field" in error["extensions"]["accepted"]


@pytest.mark.parametrize(
    ("field", "more"),
    [
        ("conversations", ', timeZone: "Asia/Tokyo"'),
        ("conversations", ", filter: {channels: [CHAT]}"),
        ("conversations", ", platforms: [%s]"),
        ("agents", ', filter: {name: "a"}'),
        ("agents", ", platforms: [%s]"),
        ("report", ', timeZone: "Asia/Tokyo"'),
        ("report", ", filter: {channels: [CHAT]}"),
        ("report", ', orderBy: {column: "handle_time"}'),
        ("report", ", platforms: [%s]"),
    ],
)
def test_a_cursor_is_of_one_question_only(
    gateway: Gateway, cursors: dict[str, str], field: str, more: str
) -> None:
    key = gateway.ask("{ platforms { key } }").data["platforms"][0]["key"]
    asked = page(field, more.replace("%s", f'"{key}"'))
    error = assert_refused(gateway.ask(asked, {"after": cursors[field]}), INPUT)

    assert "other arguments" in error["message"]


def test_a_cursor_that_was_changed_is_none(gateway: Gateway, cursors: dict[str, str]) -> None:
    cursor = cursors["agents"]
    for place in (0, len(cursor) // 2, len(cursor) - 1):
        sign = "A" if cursor[place] != "A" else "B"
        changed = cursor[:place] + sign + cursor[place + 1 :]
        assert_refused(gateway.ask(page("agents"), {"after": changed}), INPUT)


def test_a_cursor_is_no_id_and_an_id_no_cursor(gateway: Gateway, cursors: dict[str, str]) -> None:
    platform = gateway.ask("{ platforms { id } }").data["platforms"][0]["id"]
    query = "query One($id: ID!) { node(id: $id) { id } }"

    assert_refused(gateway.ask(query, {"id": cursors["agents"]}), INPUT)
    assert_refused(gateway.ask(page("agents"), {"after": platform}), INPUT)
