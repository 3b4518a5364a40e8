"""The description of the entity sets, held against the rules of CSDL and against the rows."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from tests.gateway.odata.tabling import Wood, client

from gateway.odata.protocol import Protocol
from gateway.odata.service import entity_sets
from resolvers.rows.registry import STANDARD

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
EDMX = "{http://docs.oasis-open.org/odata/ns/edmx}"
IDENTIFIER = re.compile(r"[A-Za-z_]\w{0,127}", re.ASCII)
KEY_TYPES = {"Edm.String", "Edm.DateTimeOffset", "Edm.Int32"}
TYPES = KEY_TYPES | {"Edm.Double", "Edm.Boolean", "Edm.Date"}

SETS = entity_sets(STANDARD.values())
PROTOCOL = Protocol(tuple(SETS.values()))


@pytest.fixture(scope="module")
def schema() -> ET.Element:
    document = ET.fromstring(PROTOCOL.metadata_xml())  # noqa: S314 (our own)
    assert (document.tag, document.get("Version")) == (f"{EDMX}Edmx", "4.0")
    (services,) = document.findall(f"{EDMX}DataServices")
    (found,) = services.findall(f"{EDM}Schema")
    included = {
        include.get("Namespace") for include in document.iterfind(f"{EDMX}Reference/{EDMX}Include")
    }
    terms = {one.get("Term", "") for one in found.iter(f"{EDM}Annotation")}
    assert {term.rpartition(".")[0] for term in terms} == included
    return found


def test_every_table_is_an_entity_set(schema: ET.Element) -> None:
    (container,) = schema.findall(f"{EDM}EntityContainer")
    sets = {one.get("Name"): one.get("EntityType") for one in container.findall(f"{EDM}EntitySet")}
    assert set(sets) == set(STANDARD)
    types = {f"Switchboard.{one.get('Name')}" for one in schema.findall(f"{EDM}EntityType")}
    assert set(sets.values()) == types
    assert len(types) == len(sets) == 25


def test_types_keep_the_rules_of_the_schema(schema: ET.Element) -> None:
    names = [one.get("Name", "") for one in schema]
    assert len(set(names)) == len(names)
    for kind in schema.findall(f"{EDM}EntityType"):
        properties = {one.get("Name", ""): one for one in kind.findall(f"{EDM}Property")}
        assert len(properties) == len(kind.findall(f"{EDM}Property"))
        for name, one in properties.items():
            assert IDENTIFIER.fullmatch(name)
            assert name != kind.get("Name")
            assert one.get("Type") in TYPES
        (key,) = kind.findall(f"{EDM}Key")
        for part in key:
            told = properties[part.get("Name", "")]
            assert (told.get("Nullable"), told.get("Type") in KEY_TYPES) == ("false", True)


def test_types_are_those_of_the_tables(schema: ET.Element) -> None:
    for kind, one in zip(schema.findall(f"{EDM}EntityType"), SETS.values(), strict=True):
        told = {each.get("Name"): each.get("Type") for each in kind.findall(f"{EDM}Property")}
        assert told == dict(one.types)
        assert list(told) == list(one.table.names)


async def test_both_forms_are_given_and_say_the_same() -> None:
    async with client(Wood(oak=())) as http:
        xml = await http.get("/odata/$metadata")
        json = await http.get("/odata/$metadata", params={"$format": "json"})
        accepted = await http.get("/odata/$metadata", headers={"accept": "application/json"})
        root = await http.get("/odata/")
        refused = await http.get("/odata/$metadata", params={"$top": "1"})
    assert xml.headers["content-type"].startswith("application/xml")
    assert json.headers["content-type"].startswith("application/json")
    assert accepted.content == json.content
    told = json.json()["Switchboard"]
    assert json.json()["$EntityContainer"] == "Switchboard.Tables"
    types = ET.fromstring(xml.content).iter(f"{EDM}EntityType")  # noqa: S314 (our own)
    for one in types:
        members = {name for name in told[one.get("Name")] if name[0] not in "$@"}
        assert members == {each.get("Name") for each in one.findall(f"{EDM}Property")}
    listed = root.json()["value"]
    assert {one["url"] for one in listed} == set(STANDARD)
    assert {one["kind"] for one in listed} == {"EntitySet"}
    assert refused.status_code == 400


async def test_clients_of_version_4_0_are_given_xml_whatever_they_take() -> None:
    headers = {"accept": "application/json;odata.metadata=minimal;q=1.0, application/json;q=0.7"}
    async with client(Wood(oak=())) as http:
        old = await http.get("/odata/$metadata", headers={**headers, "odata-maxversion": "4.0"})
        new = await http.get("/odata/$metadata", headers={**headers, "odata-maxversion": "4.01"})
        root = await http.get("/odata/", headers={**headers, "odata-maxversion": "4.0"})
        asked = await http.get(
            "/odata/$metadata", params={"$format": "json"}, headers={"odata-maxversion": "4.0"}
        )
    assert old.headers["content-type"].startswith("application/xml")
    assert old.headers["odata-version"] == "4.0"
    assert new.json()["$Version"] == new.headers["odata-version"] == "4.01"
    assert root.json()["@odata.context"] == "https://g.test/odata/$metadata"
    assert asked.status_code == 406
