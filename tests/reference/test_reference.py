"""The planner against the plainest way to the same answer, over all vendors on real sockets.

A few hundred questions are asked each time. `REFERENCE_CASES=3000` in the environment asks more,
and `python -m tests.reference.soak` as many as one likes, and tells what it found.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.reference.house import House, opened_house
from tests.reference.questions import questions

CASES = int(os.environ.get("REFERENCE_CASES", "120"))


@pytest.fixture(scope="module")
def house() -> Iterator[tuple[House, asyncio.Runner]]:
    with opened_house() as opened:
        yield opened


@pytest.mark.timeout(60 + CASES)
def test_every_value_is_what_plain_questions_tell(house: tuple[House, asyncio.Runner]) -> None:
    asked, runner = house

    @settings(max_examples=CASES)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        question = data.draw(questions(asked.choices))
        assert runner.run(asked.check(question)).different == []

    check()

    assert asked.tally.equal > CASES
    assert asked.tally.cannot_tell < asked.tally.equal / 20
    assert asked.tally.null < asked.tally.equal / 2
