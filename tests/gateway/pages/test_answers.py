from __future__ import annotations

from typing import Any

from gateway.pages.answers import MOST_ROWS, answered


def report(*rows: list[float | None]) -> dict[str, Any]:
    return {
        "columns": [
            {"name": "platform", "title": "Platform", "type": "TEXT", "unit": None},
            {"name": "start", "unit": None},
            {"name": "started", "title": "Conversations started", "type": "NUMBER"},
            {"name": "nps", "unit": "SCORE"},
        ],
        "rows": [{"platform": "birch", "values": list(row)} for row in rows],
        "pageInfo": {"hasNextPage": False},
    }


def test_the_values_of_a_report_stand_under_their_names() -> None:
    (table,) = answered({"data": {"report": report([12.0, None], [3.0, 40.5])}}).tables

    assert table.columns == (("Platform", False), ("Conversations started", True), ("Nps", True))
    assert table.rows == (("birch", "12", "–"), ("birch", "3", "40.5"))


def test_values_without_as_many_names_have_none() -> None:
    (table,) = answered({"data": {"report": report([1.0, 2.0, 3.0])}}).tables

    assert table.columns == (("Platform", False), ("Values", False))
    assert table.rows == (("birch", "1, 2, 3"),)


def test_what_is_about_the_answer_stands_below() -> None:
    field = {
        "series": [{"platforms": ["birch"], "firstValue": 1.0}],
        "sources": [{"platform": "birch", "freshness": "LIVE"}],
        "failures": [{"platform": "cedar", "code": "PLATFORM_TIMEOUT"}],
    }
    shown = answered({"data": {"indicators": field}})

    assert [table.columns for table in shown.tables] == [
        (("Platforms", False), ("First value", True))
    ]
    assert shown.sources == ("birch: live",)
    assert shown.problems == ("cedar: platform timeout",)


def test_a_long_table_says_how_much_is_left_out() -> None:
    rows: list[list[float | None]] = [[1.0, 2.0]] * (MOST_ROWS + 5)
    (table,) = answered({"data": {"report": report(*rows)}}).tables

    assert len(table.rows) == MOST_ROWS
    assert table.more == 5


def test_what_went_wrong_is_said() -> None:
    shown = answered({"data": None, "errors": [{"message": "Too much."}]})

    assert shown.tables == ()
    assert shown.problems == ("Too much.",)
