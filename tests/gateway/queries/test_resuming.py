"""Where a query goes on: behind the same rows, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes import PlainSealer

from gateway.queries.resuming import Passed
from resolvers.rows.columns import Row
from vendors.errors import BadInputError

QUESTION = b"which"
NOON = datetime(2026, 3, 18, 12, tzinfo=UTC)
cells = st.none() | st.text(max_size=3) | st.floats(allow_nan=False) | st.just(NOON)
rows = st.lists(st.tuples(cells, cells), min_size=1, max_size=6)


def go_on(cursor: str, found: Sequence[Row]) -> list[Row]:
    """Return the rows behind the cursor, which are found one by one."""
    passed = Passed(PlainSealer(), QUESTION, cursor)
    left = list(found)
    while passed.left and left:
        passed.pass_over([left.pop(0)])
    passed.end()
    return left


def behind(found: Sequence[Row]) -> str:
    passed = Passed(PlainSealer(), QUESTION, None)
    passed.note(found)
    return passed.cursor


@given(before=rows, after=rows)
def test_it_goes_on_behind_the_same_rows(before: list[Row], after: list[Row]) -> None:
    assert go_on(behind(before), [*before, *after]) == after


@given(before=rows, others=rows)
def test_others_are_never_taken_for_them(before: list[Row], others: list[Row]) -> None:
    if others[: len(before)] == before:
        return
    with pytest.raises(BadInputError, match="others by now"):
        go_on(behind(before), others)


def test_a_cursor_of_another_question_is_refused() -> None:
    with pytest.raises(BadInputError) as caught:
        Passed(PlainSealer(), b"another", behind([("a",)]))
    assert caught.value.extensions["argument"] == "after"
