"""The contract: the exported SDL is current, every element is described, names are the field's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    is_non_null_type,
)
from graphql import (
    build_schema as parse_sdl,
)

from schema import build_schema

SDL = Path(__file__).parent.parent / "schema" / "schema.graphql"


def test_the_exported_schema_is_current() -> None:
    assert SDL.read_text(encoding="utf-8") == build_schema().as_str() + "\n", "run `make schema`"


def test_every_element_has_a_description() -> None:
    silent = [name for name, description in _elements() if not (description or "").strip()]

    assert silent == []


def test_descriptions_are_sentences() -> None:
    odd = [name for name, said in _elements() if said and not said.strip().endswith((".", "`"))]

    assert odd == []


def test_there_is_one_page_info() -> None:
    types = [name for name in parse_sdl(SDL.read_text()).type_map if name.endswith("PageInfo")]

    assert types == ["PageInfo"]


def test_every_spanning_connection_says_what_became_of_each_platform() -> None:
    for name, one in _types():
        if name.endswith("Connection") and isinstance(one, GraphQLObjectType):
            assert {"edges", "nodes", "pageInfo", "failures", "sources"} <= set(one.fields)


def _types() -> Iterator[tuple[str, GraphQLNamedType]]:
    sdl = parse_sdl(SDL.read_text(encoding="utf-8"))
    builtin = {"String", "Int", "Float", "Boolean", "ID"}
    for name, one in sdl.type_map.items():
        if not name.startswith("__") and name not in builtin:
            yield name, one


def _elements() -> Iterator[tuple[str, str | None]]:
    """Return every named element of the schema with its description."""
    for name, one in _types():
        yield name, one.description
        if isinstance(one, GraphQLEnumType):
            for value, what in one.values.items():
                yield f"{name}.{value}", what.description
        elif isinstance(one, GraphQLInputObjectType):
            for field, given in one.fields.items():
                yield f"{name}.{field}", given.description
        elif isinstance(one, GraphQLObjectType | GraphQLInterfaceType):
            for field, what_ in one.fields.items():
                yield from _field(f"{name}.{field}", what_)


def _field(name: str, field: GraphQLField) -> Iterator[tuple[str, str | None]]:
    yield name, field.description
    for argument, what in field.args.items():
        yield f"{name}({argument})", what.description


def test_no_question_can_take_the_answers_of_the_others() -> None:
    query = parse_sdl(SDL.read_text(encoding="utf-8")).query_type

    assert query is not None
    assert [name for name, one in query.fields.items() if is_non_null_type(one.type)] == []


def test_only_things_have_an_id() -> None:
    """Clients keep what has an `id` under it: two values of the same `id` would become one."""
    node = parse_sdl(SDL.read_text(encoding="utf-8")).type_map["Node"]
    values = [
        name
        for name, one in _types()
        if isinstance(one, GraphQLObjectType)
        and "id" in one.fields
        and node.name not in {each.name for each in one.interfaces}
    ]

    assert values == []
