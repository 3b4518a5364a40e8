from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.pages.charts import Chart, Point, chart_of

FIRST = date(2026, 3, 1)
values = st.none() | st.floats(-1e9, 1e9)


def days(*values: float | None, open_from: int = 99) -> list[Point]:
    return [
        Point(FIRST + timedelta(days=number), value, number < open_from)
        for number, value in enumerate(values)
    ]


def drawn(*values: float | None, unit: str = "COUNT", bars: bool = True) -> Chart:
    chart = chart_of(days(*values), unit, bars=bars)
    assert chart is not None
    return chart


def test_what_was_never_measured_is_no_chart() -> None:
    assert chart_of(days(None, None), "COUNT", bars=True) is None
    assert chart_of([], "COUNT", bars=True) is None


def test_a_gap_has_no_bar_and_no_ground_and_zero_stands_on_it() -> None:
    with_gap, with_zero = drawn(4, None, 2), drawn(4, 0, 2)

    assert [len(with_gap.bars), len(with_zero.bars)] == [2, 3]
    assert [len(with_gap.ground), len(with_zero.ground)] == [2, 1]
    assert with_zero.bars[1].height == 0
    assert with_zero.bars[1].y == with_zero.ground_y


def test_a_small_value_is_still_seen() -> None:
    assert drawn(100_000, 1).bars[1].height == 1


def test_a_line_is_broken_by_a_gap() -> None:
    chart = drawn(1, 2, None, 3, 4, None, 5, unit="SECONDS", bars=False)

    assert len(chart.lines) == 2
    assert len(chart.dots) == 5
    assert [line.count(",") for line in chart.lines] == [2, 2]


def test_days_that_can_change_are_told_apart() -> None:
    chart = chart_of(days(1, 2, 3, open_from=2), "COUNT", bars=True)

    assert chart is not None
    assert [bar.final for bar in chart.bars] == [True, True, False]


def test_the_largest_value_and_both_ends_are_written_down() -> None:
    chart = drawn(3, 1200, 7)

    assert [label.text for label in chart.labels] == ["1,200", "1 Mar", "3 Mar"]


def test_below_zero_is_below_the_ground() -> None:
    chart = drawn(-50, 50)

    assert chart.bars[0].y == chart.ground_y == chart.bars[1].y + chart.bars[1].height


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ((3.0, 1.0), "1 Mar to 2 Mar: from 1 on 2 Mar to 3 on 1 Mar."),
        (
            (3.0, None, 1.0),
            "1 Mar to 3 Mar: from 1 on 3 Mar to 3 on 1 Mar; 1 of 3 days not measured.",
        ),
    ],
)
def test_it_is_told_in_words(values: tuple[float | None, ...], told: str) -> None:
    assert drawn(*values).summary == told


@given(st.lists(values, min_size=1, max_size=40), st.booleans())
def test_all_of_it_is_within_the_picture(values: list[float | None], bars: bool) -> None:
    chart = chart_of(days(*values), "COUNT", bars=bars)

    if chart is None:
        assert all(value is None for value in values)
        return
    places = [(bar.x, bar.y) for bar in chart.bars]
    places += [(bar.x + bar.width, bar.y + bar.height) for bar in chart.bars]
    places += [(dot.x, dot.y) for dot in chart.dots]
    places += [(label.x, label.y) for label in chart.labels]
    assert all(0 <= x <= 300 and 0 <= y <= 96 for x, y in places)
    assert len(chart.bars) + len(chart.dots) == sum(value is not None for value in values)
