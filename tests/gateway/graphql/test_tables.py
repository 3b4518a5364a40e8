from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from gateway.commands.demo import cost_of
from gateway.graphql.tables import print_answer, rows_of


def printed(answer: dict[str, Any], **options: int) -> str:
    stream = io.StringIO()
    print_answer(Console(file=stream, width=120), answer, **options)
    return stream.getvalue()


def test_objects_within_a_row_become_columns() -> None:
    assert rows_of({"a": 1, "b": {"c": {"d": "x"}, "e": None}}) == [
        {"a": "1", "b.c.d": "x", "b.e": "–"}
    ]


def test_lists_of_objects_within_a_row_stand_beside_each_other() -> None:
    item = {
        "name": "n",
        "points": [{"v": 1}, {"v": 2}, {"v": 3}],
        "notes": [{"t": "x", "deep": [{"u": 7}, {"u": 8}]}],
    }
    assert rows_of(item) == [
        {"name": "n", "points.v": "1", "notes.t": "x", "notes.deep.u": "7"},
        {"points.v": "2", "notes.deep.u": "8"},
        {"points.v": "3"},
    ]


def test_values_are_shown_for_people() -> None:
    item = {
        "float": 1234.5,
        "whole": 3.0,
        "small": 0.126,
        "yes": True,
        "no": False,
        "none": None,
        "list": ["a", 2, None],
        "empty": [],
        "at": "2026-03-18T10:30:00Z",
        "exact": "2026-03-18T10:30:00.123456Z",
    }
    assert rows_of(item) == [
        {
            "float": "1,234.5",
            "whole": "3",
            "small": "0.13",
            "yes": "yes",
            "no": "no",
            "none": "–",
            "list": "a, 2, –",
            "empty": "–",
            "at": "2026-03-18 10:30Z",
            "exact": "2026-03-18 10:30Z",
        }
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0"),
        (0.0004, "0.0004"),
        (-0.01234, "-0.0123"),
        (0.000000012, "0.000000012"),
        (0.8256, "0.83"),
        (1234.5, "1,234.5"),
    ],
)
def test_a_number_that_is_not_zero_is_never_shown_as_zero(value: float, shown: str) -> None:
    assert rows_of({"value": value}) == [{"value": shown}]


def test_each_list_is_a_table_of_its_own() -> None:
    text = printed(
        {
            "data": {
                "things": {
                    "total": 7,
                    "edges": [
                        {"cursor": "c1", "node": {"name": "one", "owner": {"name": "ana"}}},
                        {"cursor": "c2", "node": {"name": "two", "owner": None}},
                    ],
                    "failures": [],
                    "pageInfo": {"hasNextPage": False},
                },
                "nothing": None,
                "empty": [],
            }
        }
    )
    lines = text.splitlines()
    assert any(line.split()[-3:] == ["name", "owner", "cursor"] for line in lines)
    assert any(line.split()[-3:] == ["one", "ana", "c1"] for line in lines)
    assert any(line.split()[-3:] == ["two", "–", "c2"] for line in lines)
    assert any(line.split()[:2] == ["total", "7"] for line in lines)
    assert any(line.split()[:2] == ["pageInfo.hasNextPage", "no"] for line in lines)
    assert "failures" not in text
    assert lines[lines.index("nothing") + 1] == "–"


def test_long_tables_are_cut_and_say_so() -> None:
    rows = [{"n": number} for number in range(30)]
    text = printed({"data": {"rows": rows}}, most_rows=10)
    assert "and 20 more" in text
    assert " 10 " not in text
    assert "more" not in printed({"data": {"rows": rows}}, most_rows=30)


def test_errors_come_first_and_markup_is_text() -> None:
    error = {
        "message": "[bold]It broke[/bold].",
        "path": ["a", 0],
        "extensions": {"code": "BROKEN"},
    }
    text = printed({"errors": [error, {"message": "Plain."}], "data": {"x": [{"y": "[red]z"}]}})
    assert "BROKEN at a.0: [bold]It broke[/bold]." in text
    assert "Plain." in text
    assert "[red]z" in text
    assert printed({"errors": [error]})


def test_what_somebody_wrote_cannot_drive_the_terminal() -> None:
    text = printed({"data": {"x": [{"y": "a\x1b[2Jb\x07\nc"}], "z": "\x1b]0;title\x07"}})
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "a [2Jb  c" in text


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
NAMES = st.text("abc.", min_size=1, max_size=3)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(NAMES, JSON, max_size=3))
def test_any_answer_can_be_printed(data: dict[str, Any]) -> None:
    assert printed({"data": data}) or not data


def test_the_cost_is_told_in_words() -> None:
    trace = {"milliseconds": 1234.5, "platforms": [{"calls": 2}, {"calls": 3}]}
    answer = {"extensions": {"switchboard": trace}}
    assert cost_of(answer) == "5 calls to 2 platforms, 1,234 milliseconds"
    assert cost_of({}) == "0 calls, 0 milliseconds"
