"""What tools trip over in types and pages: traps 2, 9, 13 and 14; the others are in test_traps."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as ET

import httpx
import pytest
from tests.e2e.running import Gateway, Table

from resolvers.rows.columns import RowType
from resolvers.rows.registry import STANDARD

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"


DATED = sorted(name for name, table in STANDARD.items() if table.dated)


SCALARS = {"String", "Int", "Float", "Boolean"}


EDMS = {
    "Edm.String",
    "Edm.Int32",
    "Edm.Double",
    "Edm.Boolean",
    "Edm.DateTimeOffset",
    "Edm.Date",
}


INTROSPECTION = """{ __schema { types { name kind fields(includeDeprecated: true) {
  name
  args { name type { kind name ofType { kind name } } }
  type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }
} } } }"""


@pytest.fixture(scope="module")
def types(gateway: Gateway) -> dict[str, Table]:
    """The types of the schema by their names, as tools introspect them."""
    found = gateway.ask(INTROSPECTION).data["__schema"]["types"]
    return {one["name"]: one for one in found}


def fields_of(types: dict[str, Table], name: str) -> dict[str, Table]:
    return {one["name"]: one for one in types[name]["fields"]}


def row_fields(types: dict[str, Table]) -> dict[str, Table]:
    """Return the fields that give rows."""
    found = {name: one for name, one in fields_of(types, "Query").items() if name.endswith("Rows")}
    assert len(found) >= len(STANDARD)
    return found


def nodes_of(types: dict[str, Table]) -> Iterator[Table]:
    """Return the types of rows."""
    for field in row_fields(types).values():
        edge = fields_of(types, field["type"]["name"])["edges"]["type"]["ofType"]["name"]
        yield types[fields_of(types, edge)["node"]["type"]["name"]]


def test_2_the_cursor_of_an_empty_page_is_null(gateway: Gateway, types: dict[str, Table]) -> None:
    dated = [
        name
        for name, one in row_fields(types).items()
        if "from" in {each["name"] for each in one["args"]}
    ]
    assert len(dated) >= len(DATED)
    for name in dated:
        page = gateway.ask(
            f'{{ page: {name}(from: "2020-01-01", to: "2020-01-02", first: 5) {{'
            " edges { cursor } pageInfo { hasNextPage endCursor } } }"
        ).data["page"]
        if not page["edges"]:
            assert page["pageInfo"] == {"hasNextPage": False, "endCursor": None}, name
        elif not page["pageInfo"]["hasNextPage"]:
            # A reader that looks at the cursor alone comes to an empty page then.
            again = gateway.ask(
                f'{{ page: {name}(from: "2020-01-01", to: "2020-01-02", first: 5,'
                f' after: "{page["pageInfo"]["endCursor"]}") {{'
                " edges { cursor } pageInfo { endCursor } } }"
            ).data["page"]
            assert again == {"edges": [], "pageInfo": {"endCursor": None}}, name


def test_9_columns_are_scalars_that_every_tool_has(
    client: httpx.Client, types: dict[str, Table]
) -> None:
    for row in nodes_of(types):
        for column in row["fields"]:
            kind = column["type"]
            named = kind["ofType"] if kind["kind"] == "NON_NULL" else kind
            assert named["kind"] == "SCALAR", (row["name"], column["name"])
            assert named["name"] in SCALARS, (row["name"], column["name"])
    schema = ET.fromstring(client.get("/odata/$metadata").content)  # noqa: S314 (our own)
    assert {one.get("Type") for one in schema.iter(f"{EDM}Property")} <= EDMS
    tables = client.get("/v1/").json()["tables"]
    for table in tables:
        columns = client.get(f"/v1/{table['schema']}").json()["columns"]
        assert {one["type"] for one in columns} <= {kind.value for kind in RowType}
        ids = [one for one in columns if one["name"].endswith("_id")]
        assert {one["type"] for one in ids} <= {"text"}


def test_13_there_is_one_kind_of_page_info(types: dict[str, Table]) -> None:
    assert {name for name in types if name.endswith("PageInfo")} == {"PageInfo"}
    connections = [name for name in types if name.endswith("Connection")]
    assert len(connections) > len(STANDARD)
    for name in connections:
        kind = fields_of(types, name)["pageInfo"]["type"]
        assert (kind["kind"], kind["ofType"]["name"]) == ("NON_NULL", "PageInfo")


def test_14_the_way_to_a_row_may_be_null_and_takes_texts_and_numbers(
    types: dict[str, Table],
) -> None:
    for name, field in row_fields(types).items():
        assert field["type"]["kind"] == "OBJECT", name
        edges = fields_of(types, field["type"]["name"])["edges"]["type"]
        assert (edges["kind"], edges["ofType"]["kind"]) == ("LIST", "OBJECT"), name
        node = fields_of(types, edges["ofType"]["name"])["node"]["type"]
        assert node["kind"] == "OBJECT", name
        for argument in field["args"]:
            kind = argument["type"]
            assert kind["kind"] == "SCALAR", (name, argument["name"])
            assert kind["name"] in {"String", "Int"}, (name, argument["name"])
