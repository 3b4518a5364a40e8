"""Operators that are written, and who is available, in the simulator."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.vendors.iadvize.simulated import NOW, Vendor, brackets
from tests.vendors.iadvize.test_sandbox_writes import change, refused

ZOE = {"name": "Martin", "email": "zoe.martin@example.com"}
CHANNELS = ("chat", "call", "video")
NIGHT = datetime(2026, 11, 18, 2, 0, 0, tzinfo=UTC)


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


async def made(vendor: Vendor, **more: str) -> dict[str, Any]:
    answer = await change(vendor, "POST", "/operator", {**ZOE, **more})
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


async def live(vendor: Vendor, number: int) -> dict[str, Any]:
    data: dict[str, Any] = (await vendor.body(f"/operator/{number}/live"))["data"]
    return data


async def connected(vendor: Vendor, one: int = 1, **filters: object) -> set[int]:
    rows = (await vendor.body("/operator/live", brackets(connected=one, **filters)))["data"]
    return {row["id"] for row in rows}


async def test_everything_that_is_written_is_told(vendor: Vendor) -> None:
    form = {
        "name": "Lefèvre",
        "first_name": "Zoé",
        "pseudo": "Z",
        "email": "z@example.com",
        "external_id": "RH-1",
        "roles[0]": "operator",
        "roles[1]": "manager",
        "chat_enabled": "1",
        "call_enabled": "0",
        "video_enabled": "1",
        "chat_max_number": "4",
        "chat_and_call": "1",
        "chat_priority": "0",
        "call_priority": "10",
        "video_priority": "0",
        "language_list[]": "fr",
        "language_admin": "es",
        "group_id": "11",
        "website_list": "2101,2102",
        "skill_list[0]": "22",
    }
    before = await vendor.every("/operator")

    told = (await change(vendor, "POST", "/operator", form)).json()["data"]

    assert {name: told[name] for name in ("name", "first_name", "pseudo", "email")} == {
        "name": "Lefèvre",
        "first_name": "Zoé",
        "pseudo": "Z",
        "email": "z@example.com",
    }
    assert (told["external_id"], told["role"], told["roles"]) == (
        "RH-1",
        "manager",
        ["operator", "manager"],
    )
    assert [told[f"{one}_enabled"] for one in CHANNELS] == [True, False, True]
    assert [told[f"{one}_priority"] for one in CHANNELS] == [0, 10, 0]
    assert (told["chat_max_number"], told["chat_and_call"]) == (4, True)
    assert (told["language_list"], told["language_admin"]) == (["fr"], "es")
    assert (told["group_id"], told["website_list"], told["skill_list"]) == (11, [2101, 2102], [22])
    assert await vendor.every("/operator") == [told, *before]
    assert (await vendor.body(f"/operator/{told['id']}"))["data"] == told


async def test_what_is_not_said_of_a_new_one_is_off_or_empty(vendor: Vendor) -> None:
    told = await made(vendor)

    assert [told[f"{one}_enabled"] for one in CHANNELS] == [False] * 3
    assert (told["group_id"], told["website_list"], told["skill_list"]) == (None, [], [])
    assert (told["external_id"], told["roles"], told["pseudo"]) == (None, ["operator"], "Martin")


async def test_a_new_one_is_wherever_operators_are(vendor: Vendor) -> None:
    told = await made(vendor, group_id="11", skill_list="21", website_list="2101")
    number = told["id"]

    assert number in (await vendor.body("/group/11"))["data"]["operator_list"]
    assert number in (await vendor.body("/skill/21"))["data"]["operator_list"]
    skills = await vendor.every("/skill", brackets(operator_id=number))
    assert [one["id"] for one in skills] == [21]
    for filters in (
        brackets(id=number),
        brackets(name="mart*"),
        brackets(email=ZOE["email"]),
        brackets(group_id=11, skill_id=21, website_id=2101),
    ):
        assert number in [one["id"] for one in await vendor.every("/operator", filters)]
    assert (await vendor.body(f"/operator/{number}/statistic"))["data"]["conversation_number"] == 0
    assert (await vendor.body(f"/operator/{number}/profile"))["data"]["user_id"] == number
    assert not (await live(vendor, number))["connected"]
    assert number not in await connected(vendor, 0, group_id=11), "never logged in"
    rows = await vendor.rows("operator", indicators="contact_number", from_="2026-11-17")
    assert {row["id"]: row["contact_number"] for row in rows}[number] == 0


async def test_what_is_not_said_of_somebody_stays(vendor: Vendor) -> None:
    before = (await vendor.body("/operator/903"))["data"]
    form = {"call_enabled": "0", "chat_max_number": "5", "skill_list": "", "pseudo": "Nono"}

    after = (await change(vendor, "PUT", "/operator/903", form)).json()["data"]

    assert before["call_enabled"]
    told = {"call_enabled": False, "chat_max_number": 5, "skill_list": [], "pseudo": "Nono"}
    assert after == {**before, **told}
    assert (await vendor.body("/operator/903"))["data"] == after
    state = await live(vendor, 903)
    assert (state["chat"]["slot_max_number"], state["call"]["enabled"]) == (5, False)


async def test_who_is_gone_is_gone_and_what_they_did_is_not(vendor: Vendor) -> None:
    week = {"from_": "2026-11-09", "to": "2026-11-15", "indicators": "contact_number"}
    groups = await vendor.rows("group", **week)
    operators = await vendor.rows("operator", **week)
    presence = await vendor.statistic(**{**week, "indicators": "presence_duration"})

    assert (await change(vendor, "DELETE", "/operator/903")).json() == {
        "meta": {"status": "success"}
    }

    assert 903 not in [one["id"] for one in await vendor.every("/operator")]
    assert not [one for one in await vendor.every("/group") if 903 in one["operator_list"]]
    assert 903 not in await connected(vendor, group_id=11)
    message = "Unknown 'operator' with 'id' 903."
    for method, path in (
        ("PUT", "/operator/903"),
        ("DELETE", "/operator/903"),
        ("PUT", "/operator/903/live"),
        ("GET", "/operator/903"),
        ("GET", "/operator/903/live"),
        ("GET", "/operator/903/statistic"),
        ("GET", "/operator/903/profile"),
    ):
        assert await refused(vendor, method, path) == (404, message)
    assert await vendor.rows("group", **week) == groups
    assert await vendor.rows("operator", **week) == operators
    assert await vendor.statistic(**{**week, "indicators": "presence_duration"}) == presence


async def test_who_changes_groups_takes_no_past_along(vendor: Vendor) -> None:
    week = {"from_": "2026-11-09", "to": "2026-11-18", "indicators": "contact_number"}
    before = await vendor.rows("group", **week)

    await change(vendor, "PUT", "/operator/903", {"group_id": "12"})

    assert 903 in (await vendor.body("/group/12"))["data"]["operator_list"]
    assert await vendor.rows("group", **week) == before


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({}, "Field 'name' is missing."),
        ({"name": "Martin"}, "Field 'email' is missing."),
        ({**ZOE, "name": " "}, "Value of field 'name' is not valid."),
        ({**ZOE, "email": "zoe"}, "Value of field 'email' is not valid."),
        ({**ZOE, "email": "Zoe.Lefevre@example.com"}, "Value of field 'email' is not valid."),
        ({**ZOE, "chat_priority": "5"}, "Value of field 'chat_priority' is not valid."),
        ({**ZOE, "chat_max_number": "0"}, "Value of field 'chat_max_number' is not valid."),
        ({**ZOE, "call_max_number": "1"}, "Field 'call_max_number' is unknown."),
        ({**ZOE, "chat_enabled": "true"}, "Value of field 'chat_enabled' is not valid."),
        ({**ZOE, "roles": "boss"}, "Value of field 'roles' is not valid."),
        ({**ZOE, "roles": ""}, "Value of field 'roles' is not valid."),
        ({**ZOE, "language_list": "fr,english"}, "Value of field 'language_list' is not valid."),
        ({**ZOE, "language_admin": "it"}, "Value of field 'language_admin' is not valid."),
        ({**ZOE, "group_id": ""}, "Value of field 'group_id' is not valid."),
        ({**ZOE, "skill_list": "21,x"}, "Value of field 'skill_list' is not valid."),
        ({**ZOE, "name[0]": "x"}, "Value of field 'name' is not valid."),
        ({**ZOE, "pseudo[0]": "x"}, "Field 'pseudo[]' is unknown."),
        ({**ZOE, "sso_key": "x"}, "Field 'sso_key' is unknown."),
        ({**ZOE, "id": "7"}, "Field 'id' is unknown."),
    ],
    ids=str,
)
async def test_wrong_fields_make_nobody(vendor: Vendor, form: dict[str, str], message: str) -> None:
    before = await vendor.every("/operator")

    assert await refused(vendor, "POST", "/operator", form) == (400, message)
    assert await vendor.every("/operator") == before


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"group_id": "99"}, "Unknown 'group' with 'id' 99."),
        ({"skill_list": "21,99"}, "Unknown 'skill' with 'id' 99."),
        ({"website_list": "99"}, "Unknown 'website' with 'id' 99."),
    ],
)
async def test_what_is_named_must_be_there(
    vendor: Vendor, form: dict[str, str], message: str
) -> None:
    before = await vendor.every("/operator")

    assert await refused(vendor, "POST", "/operator", {**ZOE, **form}) == (404, message)
    assert await refused(vendor, "PUT", "/operator/903", form) == (404, message)
    assert await vendor.every("/operator") == before


async def test_an_address_may_be_kept(vendor: Vendor) -> None:
    email = (await vendor.body("/operator/903"))["data"]["email"]

    answer = await change(vendor, "PUT", "/operator/903", {"email": email.upper()})

    assert answer.json()["data"]["email"] == email.upper()


async def test_who_is_made_unavailable_is_so_until_midnight(vendor: Vendor) -> None:
    vendor.now = NOW + timedelta(hours=1)
    everybody = [await live(vendor, one) for one in range(901, 906)]
    here = next(one["id"] for one in everybody if one["chat"]["available"])
    form = {"chat[available]": "0"}

    answer = await change(vendor, "PUT", f"/operator/{here}/live", form)

    message = "Operator is now unavailable for chat channel."
    assert answer.json() == {"meta": {"status": "success", "message": message}}
    state = await live(vendor, here)
    assert (state["connected"], state["chat"]["available"]) == (True, False)
    vendor.now += timedelta(days=1)
    untouched = Vendor(now=vendor.now)
    assert await live(vendor, here) == await live(untouched, here)


async def test_whoever_is_made_available_is_connected(vendor: Vendor) -> None:
    vendor.now = NIGHT
    number = (await made(vendor, chat_enabled="1", call_enabled="1"))["id"]
    assert await connected(vendor) == set()
    form = {"chat[available]": "1", "call[available]": "0"}

    answer = await change(vendor, "PUT", f"/operator/{number}/live", form)

    assert answer.json()["meta"]["message"] == (
        "Operator is now available for chat channel. Operator is now unavailable for call channel."
    )
    state = await live(vendor, number)
    assert [state[one]["available"] for one in CHANNELS] == [True, False, False]
    assert await connected(vendor) == {number}
    assert [one["id"] for one in (await vendor.body("/operator/live"))["data"]] == [number]


async def test_who_was_never_available_was_never_there(vendor: Vendor) -> None:
    number = (await made(vendor, chat_enabled="1"))["id"]

    await change(vendor, "PUT", f"/operator/{number}/live", {"chat[available]": "0"})

    assert number not in await connected(vendor, 0) | await connected(vendor, 1)


async def test_who_is_disconnected_is_available_for_nothing(vendor: Vendor) -> None:
    number = (await made(vendor, chat_enabled="1"))["id"]
    path = f"/operator/{number}/live"
    await change(vendor, "PUT", path, {"chat[available]": "1"})

    answer = await change(vendor, "PUT", path, {"connected": "0"})

    assert answer.json()["meta"]["status"] == "success"
    state = await live(vendor, number)
    assert not state["connected"]
    assert not any(state[one]["available"] for one in CHANNELS)
    assert number in await connected(vendor, 0)
    assert number not in await connected(vendor, 1)


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({}, "Field 'connected' is missing."),
        ({"connected": "1"}, "Value of field 'connected' is not valid."),
        ({"chat[available]": "yes"}, "Value of field 'chat[available]' is not valid."),
        ({"video[available]": "1"}, "Value of field 'video[available]' is not valid."),
        ({"sms[available]": "1"}, "Field 'sms[available]' is unknown."),
    ],
    ids=str,
)
async def test_wrong_states_are_not_set(vendor: Vendor, form: dict[str, str], message: str) -> None:
    before = await live(vendor, 903)

    assert await refused(vendor, "PUT", "/operator/903/live", form) == (400, message)
    assert await live(vendor, 903) == before
