"""The floor says what the documents say, and the planner reaches it over real sockets."""

from __future__ import annotations

import pytest
from benchmarks.calls import PLATFORMS, QUESTIONS, measure_all
from benchmarks.floor import Question, floor

from gateway.commands.sandbox import with_sandbox
from gateway.configuration.reading import load
from vendors.registry import specs


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (Question("", ("CONVERSATIONS_STARTED",)), (1, 1, 1, 1)),
        (Question("", ("CONVERSATIONS_STARTED",), "DAY", 90), (1, 1, 3, 1)),
        (Question("", ("CONVERSATIONS_STARTED",), "HOUR", 25), (1, 1, 2, 1)),
        (Question("", ("FIRST_RESPONSE_TIME",), "DAY", 2), (2, 1, 0, 0)),
        (Question("", ("FIRST_RESPONSE_TIME",), "DAY", 30), (3, 1, 0, 0)),
        (Question("", ("MESSAGES_SENT",), "MONTH", 6), (2, 0, 1, 1)),
        (Question("", ("AVAILABLE_TIME",), "DAY", 5), (1, 5, 1, 5)),
        (Question("", ("AVAILABLE_TIME",), "DAY", 5, "AGENT"), (5, 5, 1, 5)),
        (Question("", ("CONVERSATIONS_STARTED",), "HOUR_OF_DAY", 168), (1, 1, 7, 1)),
        (Question("", ("CONVERSATIONS_STARTED",), "WEEK", 9), (1, 1, 3, 1)),
        (Question("", ("CONVERSATIONS_STARTED",), compared=True), (2, 1, 1, 1)),
        (Question("", ("FIRST_RESPONSE_TIME",), compared=True), (2, 1, 0, 0)),
        (Question("", ("AVAILABLE_TIME",), "DAY", 5, beside=("TOTAL",)), (1, 5, 1, 5)),
    ],
)
def test_the_floor_is_what_the_documents_allow(
    question: Question, expected: tuple[int, ...]
) -> None:
    assert tuple(floor(platform, question) for platform in PLATFORMS) == expected


@pytest.mark.timeout(240)
async def test_the_floor_is_reached_and_the_second_time_is_free() -> None:
    with with_sandbox(load(specs()).settings, specs()) as settings:
        costs = await measure_all(settings, QUESTIONS)

    days = next(cost for cost in costs if cost.question.name == "started by day, 90 days")
    assert set(days.later.values()) == {1}
    assert {cost.question.name: cost.excess for cost in costs if cost.excess} == {}
    assert [cost.question.name for cost in costs if cost.warm] == []
