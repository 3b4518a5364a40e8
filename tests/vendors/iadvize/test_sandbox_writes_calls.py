"""Calls of which a telephone system tells, in the simulator."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.vendors.iadvize.simulated import STRUCTURED, UNICODE, Vendor, brackets
from tests.vendors.iadvize.test_sandbox_writes import change, refused

CALL = {"operator_external_id": "RH-00903", "website_id": "2101", "phone_number": "0614037735"}
TODAY = {"from_": "2026-11-18", "to": "2026-11-18"}


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


async def picked_up(vendor: Vendor, **more: str) -> dict[str, Any]:
    answer = await change(vendor, "POST", "/odigocallback/pickup", {**CALL, **more})
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


async def conversations(vendor: Vendor, **filters: object) -> list[dict[str, Any]]:
    asked: dict[str, object] = {**TODAY, **filters}
    found: list[dict[str, Any]] = await vendor.every(UNICODE, {**brackets(**asked), **STRUCTURED})
    return found


async def test_a_call_that_is_picked_up_is_a_conversation(vendor: Vendor) -> None:
    before = await conversations(vendor)

    told = await picked_up(vendor)

    assert (told["website_id"], told["visitor_phone_number"]) == (2101, "0614037735")
    first, *rest = await conversations(vendor)
    assert rest == before
    number = told["conversation_id"]
    assert (first["id"], first["channel"], first["operator_id"]) == (number, "call", 903)
    assert (first["visitor_uid"], first["skill_id"]) == (told["visitor_uid"], told["skill_id"])
    assert (first["created_at"], first["closed_at"]) == ("2026-11-18 11:35:33", None)
    assert first["operator_answer"]
    assert (await vendor.body(f"{UNICODE}/{number}", STRUCTURED))["data"] == first
    assert first in await conversations(vendor, channel="call", visitor_id=told["visitor_uid"])
    assert first in await conversations(vendor, operator_id=903, website_id=2101)


async def test_hanging_up_closes_it(vendor: Vendor) -> None:
    number = (await picked_up(vendor))["conversation_id"]
    vendor.now += timedelta(minutes=4)

    answer = await change(vendor, "POST", "/odigocallback/hangup", CALL)

    assert answer.json() == {"meta": {"status": "success"}, "data": []}
    told = (await vendor.body(f"{UNICODE}/{number}", STRUCTURED))["data"]
    assert (told["closed_at"], told["operator_closed"]) == ("2026-11-18 11:39:33", True)


async def test_a_call_counts_as_others_do(vendor: Vendor) -> None:
    asked = {**TODAY, "channel": "call", "indicators": "contact_number,contact_unanswered_number"}
    before = await vendor.statistic(**asked)
    rows = await vendor.rows("operator", **asked)
    done = (await vendor.body("/operator/903/statistic"))["data"]["conversation_number"]

    await picked_up(vendor)

    after = await vendor.statistic(**asked)
    number = "contact_number"
    assert after[number] == before[number] + 1 == len(await conversations(vendor, channel="call"))
    assert after["contact_unanswered_number"] == before["contact_unanswered_number"]
    grown = {row["id"]: row[number] for row in await vendor.rows("operator", **asked)}
    assert grown == {row["id"]: row[number] + (row["id"] == 903) for row in rows}
    told = (await vendor.body("/operator/903/statistic"))["data"]
    assert told["conversation_number"] == done + 1


async def test_a_call_takes_the_slot_until_it_ends(vendor: Vendor) -> None:
    path = "/operator/903/live"
    before = (await vendor.body(path))["data"]["call"]

    await picked_up(vendor)
    during = (await vendor.body(path))["data"]["call"]
    await change(vendor, "POST", "/odigocallback/hangup", CALL)

    assert during["slot_number"] == before["slot_number"] + 1
    assert (during["busy"], during["available"]) == (True, False)
    assert (await vendor.body(path))["data"]["call"] == before


async def test_an_unknown_number_is_a_new_visitor(vendor: Vendor) -> None:
    before = await vendor.every("/visitor")

    told = await picked_up(vendor)

    first, *rest = await vendor.every("/visitor")
    assert rest == before
    assert (first["unique_id"], first["phone"]) == (told["visitor_uid"], CALL["phone_number"])
    assert (first["website_id"], first["lastname"]) == ([2101], None)
    assert await vendor.every("/visitor", brackets(unique_id=told["visitor_uid"])) == [first]
    assert (await picked_up(vendor))["visitor_uid"] == told["visitor_uid"], "the same caller again"


async def test_a_known_number_is_the_visitors(vendor: Vendor) -> None:
    form = {"phone": CALL["phone_number"], "firstname": "Ana"}
    made = (await change(vendor, "POST", "/visitor", form)).json()["data"]

    assert (await picked_up(vendor))["visitor_uid"] == made["unique_id"]
    assert (await change(vendor, "POST", "/odigocallback/hangup", CALL)).status_code == 200
    assert (await vendor.every("/visitor"))[0] == made


async def test_whoever_is_hired_can_be_called(vendor: Vendor) -> None:
    form = {"name": "Martin", "email": "m@example.com", "external_id": "X-1"}
    number = (await change(vendor, "POST", "/operator", form)).json()["data"]["id"]

    told = await picked_up(vendor, operator_external_id="X-1")

    assert (await conversations(vendor))[0]["operator_id"] == number
    rows = await vendor.rows("operator", **TODAY, indicators="contact_number")
    assert {row["id"]: row["contact_number"] for row in rows}[number] == 1
    assert told["skill_id"] == 21


@pytest.mark.parametrize("what", ["pickup", "hangup"])
@pytest.mark.parametrize(
    ("form", "status", "message"),
    [
        ({}, 400, "Field 'operator_external_id' is missing."),
        (
            {name: CALL[name] for name in ("operator_external_id", "website_id")},
            400,
            "Field 'phone_number' is missing.",
        ),
        ({**CALL, "phone_number": " "}, 400, "Value of field 'phone_number' is not valid."),
        ({**CALL, "website_id": "shop"}, 400, "Value of field 'website_id' is not valid."),
        ({**CALL, "website_id": "9"}, 404, "Unknown 'website' with 'id' 9."),
        (
            {**CALL, "operator_external_id": "RH-9"},
            404,
            "Unknown 'operator' with 'id' RH-9.",
        ),
        ({**CALL, "rule_id": "501"}, 400, "Field 'rule_id' is unknown."),
    ],
    ids=str,
)
async def test_wrong_calls_are_refused(
    vendor: Vendor, what: str, form: dict[str, str], status: int, message: str
) -> None:
    before = await conversations(vendor)

    assert await refused(vendor, "POST", f"/odigocallback/{what}", form) == (status, message)
    assert await conversations(vendor) == before


async def test_no_call_ends_twice(vendor: Vendor) -> None:
    await picked_up(vendor)
    await change(vendor, "POST", "/odigocallback/hangup", CALL)

    message = "Value of field 'phone_number' is not valid."
    assert await refused(vendor, "POST", "/odigocallback/hangup", CALL) == (400, message)
