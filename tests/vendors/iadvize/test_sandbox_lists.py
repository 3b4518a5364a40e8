"""The simulator's lists: strict as documented, and of one world with the figures."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.vendors.iadvize.simulated import NOW, UNICODE, Vendor, brackets, wall

from vendors.iadvize.sandbox.profile import PROFILE, TAG_IDS

PARIS = ZoneInfo("Europe/Paris")
DAYS = {"from_": "2026-11-02", "to": "2026-11-08"}
LISTS = ("/client", "/website", "/group", "/skill", "/tag")
DATED = ("/transaction", "/satisfaction", "/callmeeting")


@pytest.fixture(scope="module")
def vendor() -> Vendor:
    return Vendor()


@pytest.mark.parametrize("path", [*LISTS, "/transaction", "/satisfaction", "/visitor"])
async def test_one_is_as_it_is_listed(vendor: Vendor, path: str) -> None:
    body = await vendor.body(path, {"full": 1, "limit": 3})
    assert body["data"]
    for row in body["data"]:
        assert (await vendor.body(f"{path}/{row['id']}"))["data"] == row
    bare = await vendor.body(path, {"limit": 3})
    assert [set(row) for row in bare["data"]] == [{"id", "_link"}] * len(body["data"])
    answer = await vendor.get(f"{path}/987654321987")
    name = path.removeprefix("/")
    assert answer.json() == {
        "meta": {"status": "fail", "message": f"Unknown '{name}' with 'id' 987654321987."}
    }


async def test_no_single_call_meeting_is_read(vendor: Vendor) -> None:
    (row, *_) = (await vendor.body("/callmeeting"))["data"]
    answer = await vendor.get(f"/callmeeting/{row['id']}")
    assert (answer.status_code, answer.json()["meta"]["status"]) == (404, "fail")


@pytest.mark.parametrize("path", [*LISTS, *DATED, "/visitor"])
async def test_what_no_list_knows_is_refused(vendor: Vendor, path: str) -> None:
    assert "unknown" in await vendor.refusal(path, brackets(colour="red"))
    assert "limit" in await vendor.refusal(path, {"limit": 101})


@pytest.mark.parametrize("path", DATED)
@pytest.mark.parametrize("bad", ["2015-06-31", "yesterday", "2026-11-01T10:00:00", ""])
async def test_impossible_dates_are_refused(vendor: Vendor, path: str, bad: str) -> None:
    assert "'from'" in await vendor.refusal(path, brackets(from_=bad))


async def test_sales_of_more_than_a_month_are_refused(vendor: Vendor) -> None:
    month = brackets(from_="2026-09-10 00:00:00", to="2026-10-10 00:00:00")
    assert (await vendor.body("/transaction", month))["pagination"]["count"] > 0
    more = brackets(from_="2026-09-10 00:00:00", to="2026-10-10 00:00:01")
    assert "1 month" in await vendor.refusal("/transaction", more)


async def test_without_dates_sales_are_those_of_a_month(vendor: Vendor) -> None:
    count = (await vendor.body("/transaction"))["pagination"]["count"]
    now = NOW.astimezone(PARIS).replace(tzinfo=None)
    asked = brackets(from_=wall(now - timedelta(days=31)), to=wall(now))
    assert (await vendor.body("/transaction", asked))["pagination"]["count"] == count


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/transaction", "website_id"),
        ("/transaction", "operator_id"),
        ("/transaction", "conversation_id"),
        ("/satisfaction", "website_id"),
        ("/satisfaction", "operator_id"),
        ("/satisfaction", "conversation_id"),
        ("/callmeeting", "website_id"),
    ],
)
async def test_a_filter_shows_what_it_names(vendor: Vendor, path: str, name: str) -> None:
    rows = await vendor.every(path, brackets(**DAYS))
    value = next(row[name] for row in rows if row[name] is not None)
    told = await vendor.every(path, brackets(**DAYS, **{name: value}))
    assert told == [row for row in rows if row[name] == value] != []


@pytest.mark.parametrize("path", ["/transaction", "/callmeeting"])
async def test_a_channel_is_that_of_the_conversation(vendor: Vendor, path: str) -> None:
    rows = await vendor.every(path, brackets(**DAYS))
    parts = {
        channel: await vendor.every(path, brackets(**DAYS, channel=channel))
        for channel in ("chat", "call", "whatsapp")
    }
    linked = [row for row in rows if path != "/transaction" or row["conversation_id"] is not None]
    told = [row for part in parts.values() for row in part]
    assert sorted(row["id"] for row in told) == sorted(row["id"] for row in linked)
    assert parts["chat"]
    assert parts["whatsapp"] == []
    assert "channel" in await vendor.refusal(path, brackets(channel="pigeon"))


@pytest.mark.parametrize("path", DATED)
async def test_the_newest_come_first_each_once(vendor: Vendor, path: str) -> None:
    rows = await vendor.every(path, brackets(**DAYS))
    times = [row["start_at" if path == "/callmeeting" else "created_at"] for row in rows]
    assert times == sorted(times, reverse=True)
    assert "2026-11-02 00:00:00" <= times[-1] <= times[0] <= "2026-11-08 23:59:59"
    assert len({row["id"] for row in rows}) == len(rows) > 10


async def test_sales_have_a_conversation_or_none(vendor: Vendor) -> None:
    every = await vendor.every("/transaction", brackets(**DAYS))
    linked = await vendor.every("/transaction", brackets(**DAYS, conversation_id="!null"))
    others = await vendor.every("/transaction", brackets(**DAYS, conversation_id="null"))
    assert linked == [row for row in every if row["conversation_id"] is not None] != []
    assert others == [row for row in every if row["conversation_id"] is None] != []
    assert {row["visitor_uid"] for row in others} == {row["visitor_email"] for row in others}
    assert "conversation_id" in await vendor.refusal(
        "/transaction", brackets(conversation_id="some")
    )


async def test_lists_are_what_the_figures_count(vendor: Vendor) -> None:
    """Sales and answers are those of which the statistics tell."""
    asked = {**DAYS, "website_list": "2101,2102"}
    names = (
        "transaction_total_number,transaction_total_amount,"
        "transaction_after_contact_number,transaction_after_contact_amount"
    )
    told = await vendor.statistic(indicators=names, **asked)
    sales = await vendor.every("/transaction", brackets(**DAYS))
    linked = [row for row in sales if row["conversation_id"] is not None]

    assert told["transaction_total_number"] == len(sales)
    assert told["transaction_total_amount"] == pytest.approx(_sum(sales))
    assert told["transaction_after_contact_number"] == len(linked)
    assert told["transaction_after_contact_amount"] == pytest.approx(_sum(linked))


def _sum(rows: list[dict[str, Any]]) -> float:
    return sum(float(row["amount"]) for row in rows)


async def test_what_belongs_to_a_conversation_agrees_with_it(vendor: Vendor) -> None:
    linked = await vendor.every("/transaction", brackets(**DAYS, conversation_id="!null"))
    notes = await vendor.every("/satisfaction", brackets(**DAYS))
    for row in (*linked[:5], *notes[:5]):
        talk = (await vendor.body(f"{UNICODE}/{row['conversation_id']}"))["data"]
        assert (talk["operator_id"], talk["website_id"]) == (row["operator_id"], row["website_id"])
        assert talk["created_at"] < row["created_at"]
        if "visitor_uid" in row:
            assert talk["visitor_uid"] == row["visitor_uid"]
    assert {"note_welcome", "note_resolution", "node_delay"} <= set(notes[0])


async def test_the_visitor_of_every_conversation_of_late_is_found(vendor: Vendor) -> None:
    talks = (await vendor.body(UNICODE, {"full": 1, "limit": 40}))["data"]
    for talk in talks:
        rows = await vendor.every("/visitor", brackets(unique_id=talk["visitor_uid"]))
        assert [row["unique_id"] for row in rows] == [talk["visitor_uid"]]
        (row,) = rows
        assert (await vendor.body(f"/visitor/{row['id']}"))["data"] == row
        same = await vendor.every("/visitor", brackets(external_id=row["external_id"]))
        assert same == rows


async def test_visitors_come_newest_first_by_website(vendor: Vendor) -> None:
    rows = await vendor.every("/visitor")
    assert [row["created_at"] for row in rows] == sorted(
        (row["created_at"] for row in rows), reverse=True
    )
    own = await vendor.every("/visitor", brackets(website_id=2102))
    assert own == [row for row in rows if row["website_id"] == [2102]] != []
    assert await vendor.every("/visitor", brackets(unique_id="nobody")) == []


async def test_groups_skills_and_tags_name_whom_the_others_name(vendor: Vendor) -> None:
    operators = await vendor.every("/operator")
    for group in await vendor.every("/group"):
        named = {one["id"] for one in operators if one["group_id"] == group["id"]}
        assert set(group["operator_list"]) == named
    for skill in await vendor.every("/skill"):
        named = {one["id"] for one in operators if skill["id"] in one["skill_list"]}
        assert set(skill["operator_list"]) == named
    someone = next(one for one in operators if one["skill_list"])
    own = await vendor.every("/skill", brackets(operator_id=someone["id"]))
    assert [one["id"] for one in own] == someone["skill_list"]
    tags = await vendor.every("/tag", brackets(website_id=2101))
    assert {one["name"]: one["id"] for one in tags} == TAG_IDS
    assert tags[0]["website_id"] == [site.id for site in PROFILE.sites]
    assert await vendor.every("/group", brackets(parent_id=11)) == []
    assert await vendor.every("/skill", brackets(parent_id=21)) == []


async def test_what_lies_ahead_is_pending_and_what_is_over_is_not(vendor: Vendor) -> None:
    now = NOW.astimezone(PARIS)
    window = brackets(from_=wall(now - timedelta(days=3)), to=wall(now + timedelta(days=1)))
    rows = await vendor.every("/callmeeting", window)
    local = now.strftime("%Y-%m-%d %H:%M:%S")
    assert {row["status"] for row in rows if row["start_at"] > local} == {"pending"}
    assert {row["status"] for row in rows if row["start_at"] <= local} <= {
        "progress",
        "done",
        "failed",
    }
    assert {datetime.fromisoformat(row["start_at"]).minute % 15 for row in rows} == {0}
    assert all(isinstance(row["skill_id"], str) for row in rows)
