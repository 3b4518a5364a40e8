"""Compare the planner with plain questions for as long as one likes, and tell what was found.

python -m tests.reference.soak --cases 3000 --seed 1
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from tests.reference.house import opened_house
from tests.reference.questions import GRAINS, Question, questions

__all__ = ["main"]

_SHOWN = 40


def main() -> int:
    """Ask so many questions, print what came of them, and return 1 where something differs."""
    parser = argparse.ArgumentParser(description="Compare the planner with plain questions.")
    parser.add_argument("--cases", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    started = time.monotonic()
    kinds: Counter[str] = Counter()
    wrong: list[tuple[Question, list[str]]] = []
    with opened_house() as (house, runner):

        @seed(told.seed)
        @settings(
            max_examples=told.cases,
            database=None,
            deadline=None,
            derandomize=False,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(st.data())
        def check(data: st.DataObject) -> None:
            question = data.draw(questions(house.choices, GRAINS))
            kinds.update(_kinds(question))
            try:
                different = runner.run(house.check(question)).different
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told at the end
                different = [repr(error)]
            if different:
                wrong.append((question, different))

        check()
        tally = house.tally
    for question, different in wrong[:_SHOWN]:
        sys.stdout.write(f"{question}\n")
        sys.stdout.writelines(f"    {one}\n" for one in different[:4])
    sys.stdout.write(f"{told.cases} questions in {time.monotonic() - started:.0f} s, ")
    sys.stdout.write(f"{house.plain_calls} plain calls: {dict(sorted(kinds.items()))}\n")
    sys.stdout.write(
        f"values compared: {tally.compared}; equal: {tally.equal}, of which null on both sides: "
        f"{tally.null}; different: {sum(len(one) for _, one in wrong)} in {len(wrong)} questions; "
        f"cannot tell: {tally.cannot_tell}; series refused by both: {tally.refused}\n"
    )
    return int(bool(wrong))


def _kinds(question: Question) -> list[str]:
    request = question.request
    return [
        request.grain.name,
        request.zone,
        "+".join(one.name for one in request.group_by) or "ungrouped",
        *(["filtered"] if request.filters else []),
        *(["channels"] if request.channels else []),
        *(["kept"] if question.kept else []),
        *(["with another"] if question.beside else []),
        *(["all platforms"] if len(question.platforms) > 1 else question.platforms),
    ]


if __name__ == "__main__":
    sys.exit(main())
