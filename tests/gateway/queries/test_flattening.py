"""Rows of any answer are those of a plain recursion over it, and columns never depend on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from graphql import build_schema
from hypothesis import given
from hypothesis import strategies as st
from tests.gateway.queries.written import read

from gateway.queries.flattening import Met, flattened
from resolvers.rows.columns import RowType

KINDS: dict[str, tuple[RowType, st.SearchStrategy[Any]]] = {
    "String": (RowType.TEXT, st.text(max_size=5)),
    "ID": (RowType.TEXT, st.text(max_size=5)),
    "Int": (RowType.INTEGER, st.integers(-(2**31), 2**31 - 1)),
    "Float": (RowType.NUMBER, st.floats(allow_nan=False, allow_infinity=False)),
    "Boolean": (RowType.BOOLEAN, st.booleans()),
    "Colour": (RowType.TEXT, st.sampled_from(["RED", "BLUE"])),
    "DateTime": (
        RowType.INSTANT,
        st.datetimes().map(lambda moment: f"{moment.isoformat()}Z"),
    ),
}


@dataclass
class Thing:
    """A type of objects: members that are cells, single objects, and what leads to the rows."""

    leaves: list[tuple[str, str]] = field(default_factory=list)
    singles: list[tuple[str, Thing]] = field(default_factory=list)
    onward: tuple[str, Thing, bool] | None = None

    def members(self) -> Iterator[tuple[str, str | Thing]]:
        yield from self.leaves
        yield from self.singles
        if self.onward:
            yield self.onward[0], self.onward[1]


class Made:
    """Draws things, each member of which has a name of its own."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self._count = 0

    def name(self) -> str:
        self._count += 1
        return f"m{self._count}"

    def thing(self, depth: int = 2) -> Thing:
        kinds = self._draw(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=3))
        singles = self._draw(st.integers(0, 1)) if depth else 0
        below = [(self.name(), self.thing(depth - 1)) for _ in range(singles)]
        return Thing([(self.name(), kind) for kind in kinds], below)

    def path(self) -> Thing:
        """Return a thing from which a path with at least one list leads on."""
        steps = self._draw(st.lists(st.booleans(), min_size=1, max_size=4).filter(any))
        below = self.thing()
        for many in reversed(steps):
            above = self.thing()
            above.onward = (self.name(), below, many)
            below = above
        return below


def sdl_of(root: Thing) -> str:
    types: list[str] = []

    def name_of(thing: Thing) -> str:
        place = len(types)
        types.append("")
        name = "Query" if place == 0 else f"T{place}"
        members = []
        for member, kind in thing.members():
            told = kind if isinstance(kind, str) else name_of(kind)
            many = thing.onward is not None and member == thing.onward[0] and thing.onward[2]
            members.append(f"{member}: {f'[{told}]' if many else told}")
        types[place] = f"type {name} {{ {' '.join(members)} }}"
        return name

    name_of(root)
    return "\n".join(["scalar DateTime", "enum Colour { RED BLUE }", *types])


def selected(thing: Thing) -> str:
    told = [
        name if isinstance(kind, str) else f"{name} {selected(kind)}"
        for name, kind in thing.members()
    ]
    return f"{{ {' '.join(told)} }}"


def path_of(thing: Thing) -> list[str]:
    return [thing.onward[0], *path_of(thing.onward[1])] if thing.onward else []


def answer_of(draw: st.DrawFn, thing: Thing) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    for name, kind in thing.leaves:
        answer[name] = draw(st.none() | KINDS[kind][1])
    for name, below in thing.singles:
        answer[name] = answer_of(draw, below) if draw(st.booleans()) else None
    if thing.onward:
        name, below, many = thing.onward
        count = draw(st.integers(0, 3)) if many else 1
        found = [answer_of(draw, below) if draw(st.integers(0, 5)) else None for _ in range(count)]
        answer[name] = found if many else found[0]
    return answer


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Thing, dict[str, Any]]:
    root = Made(draw).path()
    return root, answer_of(draw, root)


def cells_of(answer: dict[str, Any], prefix: str = "", but: str = "") -> dict[str, Any]:
    """Return the scalars of an object and of the single ones in it."""
    cells: dict[str, Any] = {}
    for key, value in answer.items():
        if key == but:
            continue
        if isinstance(value, dict):
            cells |= cells_of(value, f"{prefix}{key}_")
        else:
            cells[f"{prefix}{key}"] = value
    return cells


def reference(answer: dict[str, Any], thing: Thing) -> Iterator[dict[str, Any]]:
    """Yield rows by plain recursion."""
    if thing.onward is None:
        yield cells_of(answer)
        return
    name, below, many = thing.onward
    own, value = cells_of(answer, but=name), answer[name]
    if many:
        for one in value:
            if one is not None:
                yield from (own | row for row in reference(one, below))
    elif value is not None:
        yield from (own | row for row in reference(value, below))
    elif not leads_to_a_list(below):
        # What is missing behind the last list is a row without it.
        yield own


def leads_to_a_list(thing: Thing) -> bool:
    return thing.onward is not None and (thing.onward[2] or leads_to_a_list(thing.onward[1]))


def columns_of(thing: Thing, prefix: str = "") -> Iterator[tuple[str, RowType]]:
    for name, kind in thing.leaves:
        yield f"{prefix}{name}", KINDS[kind][0]
    for name, below in thing.singles:
        yield from columns_of(below, f"{prefix}{name}_")
    if thing.onward:
        yield from columns_of(thing.onward[1])


def told(cell: object) -> object:
    """Return a cell as the answer has it."""
    return f"{cell.replace(tzinfo=None).isoformat()}Z" if isinstance(cell, datetime) else cell


@given(worlds())
def test_rows_are_those_of_a_plain_recursion(world: tuple[Thing, dict[str, Any]]) -> None:
    root, answer = world
    path = path_of(root)
    text = f"# Things.\n# rows: {'.'.join(path)}\nquery {selected(root)}"
    shape = read(text, build_schema(sdl_of(root))).shape
    names = [one.name for one in shape.columns]

    assert [(one.name, one.type) for one in shape.columns] == [*columns_of(root)]
    found = [*flattened(answer, shape.level, len(names), Met())]
    assert [{name: told(cell) for name, cell in zip(names, row, strict=True)} for row in found] == [
        {name: row.get(name) for name in names} for row in reference(answer, root)
    ]


@given(worlds())
def test_an_answer_without_anything_has_the_same_columns_and_no_rows(
    world: tuple[Thing, dict[str, Any]],
) -> None:
    root, _ = world
    text = f"# Things.\n# rows: {'.'.join(path_of(root))}\nquery {selected(root)}"
    shape = read(text, build_schema(sdl_of(root))).shape

    assert len(shape.columns) == len([*columns_of(root)])
    assert [*flattened({}, shape.level, len(shape.columns), Met())] == []
