"""Visitors, tags and websites that are written, in the simulator."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.vendors.iadvize.simulated import STRUCTURED, UNICODE, Vendor, brackets
from tests.vendors.iadvize.test_sandbox_writes import change, refused

SOMEBODY = {
    "external_id": "CLI-9",
    "lastname": "Ruiz",
    "firstname": "Ana",
    "address": "1 rue de l'Été",
    "city": "Bourg",
    "zip": "01000",
    "country": "FR",
    "phone": "+33 6 14",
    "email": "ana@example.org",
}


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


async def made(vendor: Vendor, **form: str) -> dict[str, Any]:
    answer = await change(vendor, "POST", "/visitor", form)
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


async def array(vendor: Vendor, rows: object, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(vendor.simulator.app)
    headers = {"X-API-Key": vendor.settings["api_key"], **headers}
    async with httpx.AsyncClient(
        transport=transport, base_url=vendor.settings["base_url"], headers=headers
    ) as client:
        return await client.post("/tag", json=rows)


async def test_a_visitor_who_is_made_is_the_newest(vendor: Vendor) -> None:
    before = await vendor.every("/visitor")

    told = await made(vendor, **SOMEBODY, **{"website_id[0]": "2101"})

    assert told == {
        **SOMEBODY,
        "id": told["id"],
        "unique_id": told["unique_id"],
        "browser": None,
        "website_id": [2101],
        "created_at": "2026-11-18 11:35:33",
        "_link": f"/visitor/{told['id']}",
    }
    assert await vendor.every("/visitor") == [told, *before]
    assert (await vendor.body(told["_link"]))["data"] == told
    for filters in (
        brackets(unique_id=told["unique_id"]),
        brackets(external_id="CLI-9"),
        brackets(external_id="CLI-9", website_id=2101),
    ):
        assert await vendor.every("/visitor", filters) == [told]
    assert await vendor.every("/visitor", brackets(external_id="CLI-9", website_id=2102)) == []
    assert told in await vendor.every("/visitor", brackets(website_id=2101))


async def test_who_comes_later_is_newer(vendor: Vendor) -> None:
    told = await made(vendor, firstname="Ana")
    vendor.now += timedelta(hours=2)

    listed = await vendor.every("/visitor")

    at = [one["id"] for one in listed].index(told["id"])
    assert at > 0
    times = [one["created_at"] for one in listed]
    assert times == sorted(times, reverse=True)


async def test_of_nobody_nothing_need_be_known(vendor: Vendor) -> None:
    one, other = await made(vendor), await made(vendor)

    assert (one["email"], one["website_id"]) == (None, [])
    assert one["id"] != other["id"]
    assert one["unique_id"] != other["unique_id"]


async def test_what_is_written_of_a_visitor_is_told_from_then_on(vendor: Vendor) -> None:
    before = (await vendor.every("/visitor"))[7]
    form = {"external_id": "CLI-7", "email": "", "website_id": "2102"}

    after = (await change(vendor, "PUT", before["_link"], form)).json()["data"]

    assert after == {**before, "external_id": "CLI-7", "email": "", "website_id": [2102]}
    assert (await vendor.every("/visitor"))[7] == after
    assert await vendor.every("/visitor", brackets(external_id="CLI-7")) == [after]
    assert await vendor.every("/visitor", brackets(external_id=before["external_id"])) == []
    assert await vendor.every("/visitor", brackets(unique_id=before["unique_id"])) == [after]


@pytest.mark.parametrize("of", ["made", "come"])
async def test_a_deleted_visitor_is_unknown(vendor: Vendor, of: str) -> None:
    before = await vendor.every("/visitor")
    found = await made(vendor, **SOMEBODY) if of == "made" else before[3]

    assert (await change(vendor, "DELETE", found["_link"])).json() == {
        "meta": {"status": "success"}
    }

    assert await vendor.every("/visitor") == [one for one in before if one != found]
    assert await vendor.every("/visitor", brackets(unique_id=found["unique_id"])) == []
    message = f"Unknown 'visitor' with 'id' {found['id']}."
    for method in ("GET", "PUT", "DELETE"):
        assert await refused(vendor, method, found["_link"]) == (404, message)


async def test_the_conversations_of_a_deleted_visitor_stay(vendor: Vendor) -> None:
    found = (await vendor.every("/visitor"))[3]
    asked = {**brackets(visitor_id=found["unique_id"]), **STRUCTURED}
    before = await vendor.every(UNICODE, asked)

    await change(vendor, "DELETE", found["_link"])

    assert before
    assert await vendor.every(UNICODE, asked) == before


@pytest.mark.parametrize(
    ("form", "status", "message"),
    [
        ({"colour": "red"}, 400, "Field 'colour' is unknown."),
        ({"unique_id": "0a15"}, 400, "Field 'unique_id' is unknown."),
        ({"created_at": "2026-11-18"}, 400, "Field 'created_at' is unknown."),
        ({"website_id": "shop"}, 400, "Value of field 'website_id' is not valid."),
        ({"website_id[]": "99"}, 404, "Unknown 'website' with 'id' 99."),
    ],
    ids=str,
)
async def test_wrong_fields_keep_nobody(
    vendor: Vendor, form: dict[str, str], status: int, message: str
) -> None:
    before = await vendor.every("/visitor")

    assert await refused(vendor, "POST", "/visitor", form) == (status, message)
    assert await refused(vendor, "PUT", before[0]["_link"], form) == (status, message)
    assert await vendor.every("/visitor") == before


async def test_tags_are_made_several_at_once(vendor: Vendor) -> None:
    before = await vendor.every("/tag")

    answer = await array(
        vendor,
        [{"name": "Été", "website_id": 2101}, {"name": "Été", "website_id": 2102}],
    )

    rows = answer.json()["data"]
    assert [(row["name"], row["website_id"]) for row in rows] == [("Été", 2101), ("Été", 2102)]
    assert [row["_link"] for row in rows] == [f"/tag/{row['id']}" for row in rows]
    told = [{**row, "website_id": [row["website_id"]]} for row in rows]
    assert await vendor.every("/tag") == [*before, *told]
    assert await vendor.every("/tag", brackets(website_id=2102)) == [*before, told[1]]
    assert (await vendor.body(rows[0]["_link"]))["data"] == told[0]


GOOD = {"name": "Gift", "website_id": 2101}


@pytest.mark.parametrize(
    ("rows", "status", "message"),
    [
        ([], 400, "The body is not an array of objects."),
        (GOOD, 400, "The body is not an array of objects."),
        ([GOOD, "Gift"], 400, "The body is not an array of objects."),
        ([GOOD, {"name": "Gift"}], 400, "Field 'website_id' is missing."),
        ([GOOD, {"website_id": 2101}], 400, "Field 'name' is missing."),
        ([GOOD, {**GOOD, "name": " "}], 400, "Value of field 'name' is not valid."),
        ([GOOD, {**GOOD, "website_id": "2101"}], 400, "Value of field 'website_id' is not valid."),
        ([GOOD, {**GOOD, "website_id": [2101]}], 400, "Value of field 'website_id' is not valid."),
        ([GOOD, {**GOOD, "colour": "red"}], 400, "Field 'colour' is unknown."),
        ([GOOD, {**GOOD, "website_id": 99}], 404, "Unknown 'website' with 'id' 99."),
    ],
    ids=str,
)
async def test_one_wrong_tag_spoils_all(
    vendor: Vendor, rows: object, status: int, message: str
) -> None:
    before = await vendor.every("/tag")

    answer = await array(vendor, rows)

    assert answer.status_code == status
    assert answer.json() == {"meta": {"status": "fail", "message": message}}
    assert await vendor.every("/tag") == before


async def test_tags_are_json(vendor: Vendor) -> None:
    form = await change(vendor, "POST", "/tag", {"name": "Gift", "website_id": "2101"})
    broken = await vendor.send(
        "POST",
        "/tag",
        headers={"X-API-Key": vendor.settings["api_key"], "Content-Type": "application/json"},
    )

    assert (form.status_code, broken.status_code) == (415, 400)


async def test_a_website_is_changed(vendor: Vendor) -> None:
    before = (await vendor.body("/website/2101"))["data"]
    form = {
        "label": "Épicerie",
        "url": "https://new.example.com",
        "currency": "CHF",
        "language_admin": "se",
        "timezone": "Europe/Zurich",
    }

    after = (await change(vendor, "PUT", "/website/2101", form)).json()["data"]

    assert after == {**before, **form}
    assert (await vendor.body("/website/2101"))["data"] == after
    assert after in await vendor.every("/website")


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"label": ""}, "Value of field 'label' is not valid."),
        ({"currency": "euro"}, "Value of field 'currency' is not valid."),
        ({"language_admin": "zh"}, "Value of field 'language_admin' is not valid."),
        ({"timezone": "Mars/Base"}, "Value of field 'timezone' is not valid."),
        ({"client_id": "42"}, "Field 'client_id' is unknown."),
    ],
    ids=str,
)
async def test_wrong_fields_change_no_website(
    vendor: Vendor, form: dict[str, str], message: str
) -> None:
    before = await vendor.every("/website")

    assert await refused(vendor, "PUT", "/website/2101", form) == (400, message)
    assert await refused(vendor, "PUT", "/website/9", form) == (
        404,
        "Unknown 'website' with 'id' 9.",
    )
    assert await vendor.every("/website") == before
