from __future__ import annotations

from collections.abc import Mapping

import httpx
import pytest
from tests.vendors.iadvize.simulated import Vendor


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


async def change(
    vendor: Vendor, method: str, path: str, form: Mapping[str, str] | None = None, **more: str
) -> httpx.Response:
    transport = httpx.ASGITransport(vendor.simulator.app)
    headers = {"X-API-Key": vendor.settings["api_key"], **more}
    async with httpx.AsyncClient(
        transport=transport, base_url=vendor.settings["base_url"], headers=headers
    ) as client:
        return await client.request(method, path, data=form)


async def refused(
    vendor: Vendor, method: str, path: str, form: Mapping[str, str] | None = None
) -> tuple[int, str]:
    answer = await change(vendor, method, path, form)
    assert set(answer.json()) == {"meta"}
    assert answer.json()["meta"]["status"] == "fail"
    return answer.status_code, answer.json()["meta"]["message"]


@pytest.mark.parametrize("resource", ["group", "skill"])
async def test_what_is_created_is_listed_until_it_is_deleted(vendor: Vendor, resource: str) -> None:
    before = await vendor.every(f"/{resource}")
    made = (await change(vendor, "POST", f"/{resource}", {"name": "Night"})).json()["data"]
    path = f"/{resource}/{made['id']}"

    assert made["_link"] == path
    assert made["created_at"] == "2026-11-18 11:35:33"
    assert await vendor.every(f"/{resource}") == [*before, made]

    changed = (await change(vendor, "PUT", path, {"name": "Day"})).json()["data"]
    assert changed == {**made, "name": "Day"}
    assert (await vendor.body(path))["data"] == changed

    assert (await change(vendor, "DELETE", path)).json() == {"meta": {"status": "success"}}
    assert await vendor.every(f"/{resource}") == before
    unknown = f"Unknown '{resource}' with 'id' {made['id']}."
    for method in ("PUT", "DELETE"):
        assert await refused(vendor, method, path) == (404, unknown)


async def test_groups_are_within_each_other(vendor: Vendor) -> None:
    outer = (await change(vendor, "POST", "/group", {"name": "Outer"})).json()["data"]["id"]
    form = {"name": "Inner", "parent_id": str(outer)}
    inner = (await change(vendor, "POST", "/group", form)).json()["data"]

    assert inner["parent_list"] == [outer]
    found = await vendor.every("/group", {"filters[parent_id]": outer})
    assert [one["id"] for one in found] == [inner["id"]]
    loop = await refused(vendor, "PUT", f"/group/{outer}", {"parent_id": str(inner["id"])})
    assert loop == (400, "Value of field 'parent_id' is not valid.")
    assert (await refused(vendor, "DELETE", f"/group/{outer}"))[0] == 409


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({}, "Field 'name' is missing."),
        ({"order": "1"}, "Field 'name' is missing."),
        ({"name": " "}, "Value of field 'name' is not valid."),
        ({"name": "a", "order": "first"}, "Value of field 'order' is not valid."),
        ({"name": "a", "parent_id": ""}, "Value of field 'parent_id' is not valid."),
        ({"name": "a", "colour": "red"}, "Field 'colour' is unknown."),
    ],
    ids=str,
)
async def test_wrong_fields_are_refused(vendor: Vendor, form: dict[str, str], message: str) -> None:
    before = await vendor.every("/skill")

    assert await refused(vendor, "POST", "/skill", form) == (400, message)
    assert await vendor.every("/skill") == before


async def test_bodies_are_forms(vendor: Vendor) -> None:
    headers = {"X-API-Key": vendor.settings["api_key"]}
    transport = httpx.ASGITransport(vendor.simulator.app)
    base_url = vendor.settings["base_url"]
    async with httpx.AsyncClient(transport=transport, base_url=base_url) as client:
        json = await client.post("/group", json={"name": "Night"}, headers=headers)
        keyless = await client.post("/group", data={"name": "Night"})

    assert (json.status_code, keyless.status_code) == (415, 403)
    assert "Night" not in {one["name"] for one in await vendor.every("/group")}


async def test_a_deleted_group_is_no_operators_group(vendor: Vendor) -> None:
    group = next(one for one in await vendor.every("/group") if one["operator_list"])
    await change(vendor, "DELETE", f"/group/{group['id']}")

    operators = {one["id"]: one for one in await vendor.every("/operator")}
    assert [operators[one]["group_id"] for one in group["operator_list"]] == [None] * len(
        group["operator_list"]
    )
