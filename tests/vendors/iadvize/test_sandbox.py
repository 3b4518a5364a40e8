from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from tests.vendors.iadvize.simulated import ORIGIN, STRUCTURED, UNICODE, WEEK, Vendor, brackets

from vendors.iadvize.sandbox.profile import API_KEY

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping


@pytest.fixture(scope="module")
def vendor() -> Vendor:
    return Vendor()


def basic(user: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:anything".encode()).decode()


def test_settings_tell_how_to_reach_it(vendor: Vendor) -> None:
    assert vendor.settings["base_url"] == f"{ORIGIN}/api/2"
    assert vendor.settings["api_key"].startswith("sandbox-")
    assert vendor.settings["time_zone"] == "Europe/Paris"
    assert vendor.settings["channels"] == ["chat", "call"]
    assert vendor.settings["channel_mode"] == "optional"
    assert {(site["time_zone"], site["currency"]) for site in vendor.settings["websites"]} == {
        ("Europe/Paris", "EUR")
    }
    assert not {"key", "vendor", "title"} & set(vendor.settings)


@pytest.mark.parametrize(
    "options",
    [
        {"headers": {"X-API-Key": API_KEY}},
        {"params": {"key": API_KEY}},
        {"headers": {"Authorization": basic(API_KEY)}},
    ],
)
async def test_the_key_comes_in_three_ways(
    vendor: Vendor, options: dict[str, dict[str, str]]
) -> None:
    assert (await vendor.send("GET", "/client", **options)).status_code == 200


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"headers": {"X-API-Key": "wrong"}},
        {"headers": {"X-API-Key": "wrong"}, "params": {"key": API_KEY}},
        {"params": {"key": "wrong"}},
        {"params": {"key": "clé"}},
        {"headers": {"Authorization": basic("wrong")}},
        {"headers": {"Authorization": "Basic ***"}},
        {"headers": {"Authorization": f"Bearer {API_KEY}"}},
    ],
)
async def test_any_other_key_is_forbidden(
    vendor: Vendor, options: dict[str, dict[str, str]]
) -> None:
    answer = await vendor.send("GET", "/operator", **options)
    assert answer.status_code == 403
    assert answer.json() == {"meta": {"status": "error", "message": "Forbidden"}}


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/client/42", "Unknown 'client' with 'id' 42."),
        ("/website/1", "Unknown 'website' with 'id' 1."),
        ("/website/one", "Unknown 'website' with 'id' one."),
        ("/operator/1", "Unknown 'operator' with 'id' 1."),
        ("/operator/1/live", "Unknown 'operator' with 'id' 1."),
        ("/conversation/1", "Unknown 'conversation' with 'id' 1."),
        (f"{UNICODE}/{'9' * 18}", f"Unknown 'conversation' with 'id' {'9' * 18}."),
        (f"{UNICODE}/{'9' * 5000}", f"Unknown 'conversation' with 'id' {'9' * 5000}."),
        ("/turnover", "Unknown resource 'turnover'."),
        ("/operator/", "Unknown resource 'operator/'."),
    ],
)
async def test_what_does_not_exist_is_refused(vendor: Vendor, path: str, message: str) -> None:
    answer = await vendor.get(path)
    assert answer.status_code == 404
    assert answer.json() == {"meta": {"status": "fail", "message": message}}


async def test_sales_cannot_be_written(vendor: Vendor) -> None:
    answer = await vendor.send("DELETE", "/transaction/901", headers={"X-API-Key": API_KEY})
    assert answer.status_code == 405
    assert answer.json()["meta"]["status"] == "fail"


async def test_a_list_is_ids_and_links_until_it_is_asked_for_in_full(vendor: Vendor) -> None:
    bare = await vendor.body("/website")
    assert bare["data"] == [
        {"id": 2102, "_link": "/website/2102"},
        {"id": 2101, "_link": "/website/2101"},
    ]
    assert bare["pagination"] == {"page": 1, "pages": 1, "limit": 20, "count": 2}
    full = await vendor.body("/website", {"full": "true"})
    assert full["data"][1] == (await vendor.body("/website/2101"))["data"]
    assert full["data"][1]["currency"] == "EUR"
    client = await vendor.body("/client", {"full": 1})
    assert client["data"] == [(await vendor.body("/client/41"))["data"]]


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"limit": 101}, "limit"),
        ({"limit": 0}, "limit"),
        ({"page": 0}, "page"),
        ({"page": "two"}, "page"),
        ({"full": "yes"}, "full"),
        ({"filters[id]": "Zoé"}, "id"),
        ({"filters[id]": ""}, "id"),
        ({"filters[id][0]": "901"}, "id"),
        ({"filters[website_list]": "2101,,2102"}, "website_list"),
    ],
)
async def test_values_that_are_not_valid_are_refused(
    vendor: Vendor, params: dict[str, object], field: str
) -> None:
    message = await vendor.refusal("/operator", params)
    assert message == f"Value of field '{field}' is not valid."


@pytest.mark.parametrize("name", ["filters[mood]", "filters", "filters[id", "filters[a][b]"])
async def test_filters_that_do_not_exist_are_refused(vendor: Vendor, name: str) -> None:
    assert "is unknown" in await vendor.refusal("/operator", {name: "1"})


async def test_beyond_the_last_page_there_is_the_last_page_again(vendor: Vendor) -> None:
    pages = [await vendor.body("/operator", {"limit": 2, "page": page}) for page in (1, 2, 3, 4)]
    assert pages[3] == pages[2]
    assert pages[2]["pagination"] == {"page": 3, "pages": 3, "limit": 2, "count": 6}
    told = [row["id"] for page in pages[:3] for row in page["data"]]
    assert told == sorted(set(told), reverse=True)
    assert len(told) == 6


async def test_operators_are_told_whole(vendor: Vendor) -> None:
    everybody = await vendor.every("/operator")
    zoe = next(one for one in everybody if one["email"] == "zoe.lefevre@example.com")
    assert (zoe["name"], zoe["first_name"], zoe["role"]) == ("Lefèvre", "Zoé", "admin")
    assert zoe["roles"] == [zoe["role"]]
    assert zoe["group_id"] is None
    assert zoe["skill_list"] == []
    assert zoe["_link"] == f"/operator/{zoe['id']}"
    assert all({one["language_admin"]} <= {"de", "en", "es", "fr"} for one in everybody)
    assert zoe == (await vendor.body(f"/operator/{zoe['id']}"))["data"]


@pytest.mark.parametrize(
    ("filters", "keeps"),
    [
        ({"id": 901}, lambda one: one["id"] == 901),
        ({"group_id": 12}, lambda one: one["group_id"] == 12),
        ({"skill_id": 22}, lambda one: 22 in one["skill_list"]),
        ({"website_id": 2101}, lambda one: 2101 in one["website_list"]),
        ({"website_list": "2102,7"}, lambda one: 2102 in one["website_list"]),
        ({"website_list": "7"}, lambda _: False),
        ({"name": "*BIAN*"}, lambda one: one["name"] == "Bianchi"),
        ({"name": "Bian"}, lambda _: False),
        ({"name": "bianchi"}, lambda one: one["name"] == "Bianchi"),
        ({"external_id": "RH-00902"}, lambda one: one["id"] == 902),
        ({"email": "*@example.org"}, lambda one: one["email"].endswith("@example.org")),
        (
            {"group_id": 11, "skill_id": 21},
            lambda one: (one["group_id"], 21 in one["skill_list"]) == (11, True),
        ),
    ],
)
async def test_operators_are_filtered(
    vendor: Vendor, filters: dict[str, object], keeps: Callable[[dict[str, Any]], bool]
) -> None:
    everybody = await vendor.every("/operator")
    told = await vendor.every("/operator", brackets(**filters))
    assert told == [one for one in everybody if keeps(one)]


async def test_brackets_may_be_encoded_or_not(vendor: Vendor) -> None:
    key = {"X-API-Key": API_KEY}
    encoded = await vendor.send("GET", "/operator?filters%5Bname%5D=*e*&full=1", headers=key)
    plain = await vendor.send("GET", "/operator?filters[name]=*e*&full=1", headers=key)
    assert 0 < encoded.json()["pagination"]["count"] < 6
    assert encoded.json() == plain.json()


async def test_the_live_list_hides_groups_and_skills_that_are_not_asked_for(
    vendor: Vendor,
) -> None:
    everybody = {one["id"]: one for one in await vendor.every("/operator")}
    shown = {
        name: {
            row["id"]
            for connected in (0, 1)
            for row in (
                await vendor.body("/operator/live", {**filters, **brackets(connected=connected)})
            )["data"]
        }
        for name, filters in {
            "none": {},
            "group 11": brackets(group_id=11),
            "group 12": brackets(group_id=12),
            "skill 21": brackets(skill_id=21),
        }.items()
    }
    people = {number: one for number, one in everybody.items() if number != 900}
    assert shown["none"] == {
        number
        for number, one in people.items()
        if one["group_id"] is None and not one["skill_list"]
    }
    assert shown["none"]
    for group in (11, 12):
        members = {number for number, one in people.items() if one["group_id"] == group}
        assert shown[f"group {group}"] == members
    assert shown["skill 21"] == {n for n, one in people.items() if 21 in one["skill_list"]}


async def test_the_live_list_shows_the_available_unless_asked_otherwise(vendor: Vendor) -> None:
    for group in (11, 12):
        asked = brackets(group_id=group)
        available = (await vendor.body("/operator/live", asked))["data"]
        online = (await vendor.body("/operator/live", {**asked, **brackets(connected=1)}))["data"]
        offline = (await vendor.body("/operator/live", {**asked, **brackets(connected=0)}))["data"]
        assert available == [row for row in online if free(row)]
        assert all(row["connected"] for row in online)
        assert not any(row["connected"] or free(row) for row in offline)
        assert online
    assert await vendor.refusal("/operator/live", brackets(connected=2)) == (
        "Value of field 'connected' is not valid."
    )


def free(row: dict[str, dict[str, bool]]) -> bool:
    return any(row[channel]["available"] for channel in ("chat", "call", "video"))


async def test_who_is_connected_is_not_always_available() -> None:
    moving = Vendor()
    seen = {"kept back": 0, "busy chat": 0, "busy call": 0}
    for _ in range(8):
        moving.now += timedelta(minutes=25)
        for skill in (21, 22, 23):
            asked = brackets(skill_id=skill)
            available = (await moving.body("/operator/live", asked))["data"]
            online = (await moving.body("/operator/live", {**asked, **CONNECTED}))["data"]
            assert available == [row for row in online if free(row)]
            seen["kept back"] += len(online) - len(available)
            for row in online:
                assert_slots(row)
                seen["busy chat"] += row["chat"]["busy"]
                seen["busy call"] += row["call"]["busy"] and not row["chat"]["busy"]
    assert all(seen.values()), seen


CONNECTED = brackets(connected=1)


def assert_slots(row: dict[str, Any]) -> None:
    used = row["chat"]["slot_number"] + row["call"]["slot_number"]
    for channel in ("chat", "call"):
        slots = row[channel]
        full = slots["slot_number"] >= slots["slot_max_number"]
        assert slots["busy"] == (full or used >= row["chat"]["slot_max_number"])
        assert not (slots["available"] and (slots["busy"] or not slots["enabled"]))


async def test_live_slots_are_the_conversations_that_go_on(vendor: Vendor) -> None:
    rows = await vendor.every(UNICODE, brackets(from_="2026-11-17"))
    going_on = [row for row in rows if row["closed_at"] is None and row["operator_id"] != 900]
    assert going_on
    used = 0
    for one in await vendor.every("/operator"):
        live = (await vendor.body(f"/operator/{one['id']}/live"))["data"]
        assert live["chat"]["slot_max_number"] == one["chat_max_number"]
        assert live["call"]["enabled"] is one["call_enabled"]
        assert live["video"] == {
            "enabled": False,
            "slot_number": 0,
            "slot_max_number": 1,
            "busy": live["video"]["busy"],
            "available": False,
        }
        for channel in ("chat", "call"):
            mine = [
                row
                for row in going_on
                if (row["operator_id"], row["channel"]) == (one["id"], channel)
            ]
            assert live[channel]["slot_number"] == len(mine)
            used += len(mine)
    assert used == sum(row["operator_id"] is not None for row in going_on)


async def test_the_bot_never_logged_in(vendor: Vendor) -> None:
    live = (await vendor.body("/operator/900/live"))["data"]
    assert live["connected"] is False
    assert not free(live)


async def test_two_of_the_same_seed_tell_the_same(vendor: Vendor) -> None:
    params = {**WEEK, **STRUCTURED, "full": 1, "limit": 100}
    again = await Vendor().get(UNICODE, params)
    other = await Vendor(seed=8).get(UNICODE, params)
    told = await vendor.get(UNICODE, params)
    assert told.content == again.content
    assert json.loads(told.content) != other.json()


async def test_it_starts_and_stops_with_its_server(vendor: Vendor) -> None:
    received = iter(["lifespan.startup", "lifespan.shutdown"])
    sent: list[str] = []

    async def receive() -> dict[str, str]:
        return {"type": next(received)}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message["type"])

    await vendor.simulator.app({"type": "lifespan", "state": {}}, receive, send)
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
