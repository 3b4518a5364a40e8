"""Variables are parameters of an address, read as the types say that the document declares."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from graphql import build_schema
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes import context_of
from tests.gateway.queries.written import read

from gateway.queries.variables import read_variables
from vendors.errors import BadInputError

SCHEMA = build_schema(
    """
    scalar DateTime
    scalar Odd
    enum Colour { RED BLUE }
    type Thing { id: ID }
    type Query {
      things(
        i: Int f: Float b: Boolean s: String id: ID c: Colour t: DateTime o: Odd
        many: [Int!] colours: [Colour!] words: [String] timeZone: String
      ): [Thing]
    }
    """
)
QUERY = """
# Things.
# rows: things
# $s: Some text.
query (
  $i: Int! $f: Float $b: Boolean $s: String = "x" $id: ID $c: Colour = RED $t: DateTime $o: Odd
  $many: [Int!] = [1, 2] $colours: [Colour!] $words: [String] $zone: String = "Asia/Tokyo"
) {
  things(
    i: $i f: $f b: $b s: $s id: $id c: $c t: $t o: $o
    many: $many colours: $colours words: $words timeZone: $zone
  ) { id }
}
"""
FOUND = read(QUERY, SCHEMA)


def values(**told: str) -> dict[str, Any]:
    given = {"i": "1", **told}
    found = read_variables(FOUND.variables, given, context_of(), FOUND.zone)
    return {name: value for name, value in found.items() if name in told}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("i", "-7", -7),
        ("i", " 2147483647 ", 2147483647),
        ("f", "1e3", 1000.0),
        ("b", "TRUE", True),
        ("b", "0", False),
        ("s", "a,b", "a,b"),
        ("id", "0017", "0017"),
        ("c", "blue", "BLUE"),
        ("o", "anything", "anything"),
        ("many", "3, 4,,5", [3, 4, 5]),
        ("colours", "red,BLUE", ["RED", "BLUE"]),
        ("words", "one", ["one"]),
        ("t", "2026-03-01T00:00:00Z", "2026-03-01T00:00:00+00:00"),
        ("t", "1772323200000", "2026-03-01T00:00:00+00:00"),
    ],
)
async def test_a_text_is_read_by_its_type(name: str, text: str, value: object) -> None:
    assert values(**{name: text}) == {name: value}


@pytest.mark.parametrize("text", [",", " , ,"])
async def test_a_list_of_nothing_is_left_out(text: str) -> None:
    assert values(many=text, colours=text) == {}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("i", "1.5"),
        ("i", "2147483648"),
        ("i", "\u0661"),
        ("i", "99999999999999999999"),
        ("f", "nan"),
        ("f", "many"),
        ("f", "1e999"),
        ("b", "yes"),
        ("c", "GREEN"),
        ("many", "1,x"),
        ("colours", "RED,GREEN"),
        ("t", "soon"),
    ],
)
async def test_what_is_not_of_the_type_names_the_parameter(name: str, text: str) -> None:
    with pytest.raises(BadInputError) as error:
        values(**{name: text})
    assert error.value.extensions["argument"] == name
    assert error.value.extensions["accepted"]


async def test_what_must_be_there_is_named() -> None:
    with pytest.raises(BadInputError, match="`i` is missing") as error:
        read_variables(FOUND.variables, {}, context_of(), FOUND.zone)
    assert error.value.extensions == {"argument": "i", "accepted": "a whole number of 32 bits"}


async def test_what_is_left_out_is_left_to_the_document() -> None:
    assert read_variables(FOUND.variables, {"i": "1"}, context_of(), FOUND.zone) == {"i": 1}


@pytest.mark.parametrize(
    ("told", "hours"), [({}, 15), ({"zone": "Europe/Paris"}, 23)], ids=["default", "given"]
)
async def test_times_without_an_offset_are_of_the_asked_zone(
    told: dict[str, str], hours: int
) -> None:
    found = values(t="2026-03-01", **told)

    assert found["t"] == datetime(2026, 2, 28, hours, tzinfo=UTC).isoformat()


async def test_a_zone_that_is_none_is_named_as_it_was_given() -> None:
    with pytest.raises(BadInputError) as error:
        values(t="2026-03-01", zone="Mars")
    assert error.value.extensions["argument"] == "zone"


async def test_times_are_of_the_zone_that_the_document_names() -> None:
    query = read(
        "# A.\n# rows: things\n"
        'query ($t: DateTime) { things(t: $t, timeZone: "Asia/Tokyo") { id } }',
        SCHEMA,
    )
    found = read_variables(query.variables, {"t": "2026-03-01"}, context_of(), query.zone)

    assert found == {"t": "2026-02-28T15:00:00+00:00"}


async def test_parameters_are_told_with_defaults() -> None:
    told = {one.name: one for one in FOUND.variables}

    assert told["s"].argument.description == "Some text."
    assert (told["i"].type, told["i"].required) == ("Int!", True)
    assert told["many"].argument.default == ("1", "2")
    assert told["many"].argument.several
    assert (told["c"].argument.choices, told["c"].argument.default) == (("RED", "BLUE"), ("RED",))


@given(st.text())
async def test_any_text_is_read_or_refused(text: str) -> None:
    for variable in FOUND.variables:
        try:
            values(**{variable.name: text})
        except BadInputError as error:
            assert error.extensions["argument"] == variable.name  # noqa: PT017
