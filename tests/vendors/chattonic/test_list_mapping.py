from __future__ import annotations

import pytest

from vendors import records
from vendors.chattonic import list_mapping, wire


def serving(number: int, origins: str, text: str | None) -> wire.Operator:
    return wire.Operator(id=str(number), origins=tuple(origins), originsName=text)


def names(*operators: wire.Operator) -> dict[str, str | None]:
    found = list_mapping.skills(wire.OperatorStats(operators=operators), "ct")
    return {one.native_id: one.name for one in found}


def test_origins_are_skills_of_those_who_serve_them() -> None:
    stats = wire.OperatorStats(
        operators=(
            serving(1, "ba", "Baggage and more"),
            serving(2, "a", "Animals"),
            serving(3, "", "all"),
            serving(4, "", "none"),
        )
    )
    assert list_mapping.skills(stats, "ct") == (
        records.Skill(platform="ct", native_id="b", name=None, agent_ids=("1", "3")),
        records.Skill(platform="ct", native_id="a", name="Animals", agent_ids=("1", "2", "3")),
    )


@pytest.mark.parametrize(
    ("operators", "found"),
    [
        # Alone, a text is a name, with whatever commas it has.
        ([(1, "a", "Orders, lost")], {"a": "Orders, lost"}),
        ([(1, "ab", "Orders, Returns")], {"a": None, "b": None}),
        # Whatever the order of the names is, one is in all texts of those who serve an origin.
        (
            [(1, "ab", "Returns, Orders"), (2, "bc", "Lost, Returns"), (3, "ca", "Lost, Orders")],
            {"a": "Orders", "b": "Returns", "c": "Lost"},
        ),
        ([(1, "ab", "Orders, Returns"), (2, "b", "Returns")], {"a": None, "b": "Returns"}),
        # More commas than origins: the text cannot be taken apart.
        ([(1, "ab", "Orders, lost, Returns"), (2, "a", "X")], {"a": "X", "b": None}),
        ([(1, "a", "X"), (2, "ab", "Orders, lost, Returns")], {"a": "X", "b": None}),
        # Texts that contradict each other name nothing.
        ([(1, "a", "Orders"), (2, "a", "Returns")], {"a": None}),
        ([(1, "a", None), (2, "b", "")], {"a": None, "b": None}),
    ],
    ids=str,
)
def test_a_name_is_told_where_it_follows(
    operators: list[tuple[int, str, str | None]], found: dict[str, str | None]
) -> None:
    assert names(*(serving(*one) for one in operators)) == found
