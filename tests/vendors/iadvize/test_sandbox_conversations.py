from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.vendors.iadvize.simulated import (
    NOW,
    STRUCTURED,
    UNICODE,
    WEEK,
    Vendor,
    brackets,
    last_second,
    wall,
)

PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture(scope="module")
def vendor() -> Vendor:
    return Vendor()


async def test_conversations_come_newest_first_and_every_one_once(vendor: Vendor) -> None:
    rows = await vendor.every(UNICODE, {**WEEK, **STRUCTURED})
    began = [(row["created_at"], row["id"]) for row in rows]
    assert began == sorted(set(began), reverse=True)
    assert began[0][0] <= "2026-11-16 23:59:59"
    assert began[-1][0] >= "2026-11-10 00:00:00"
    assert 60 * 7 < len(rows) < 160 * 7


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("website_id", "website_id"),
        ("operator_id", "operator_id"),
        ("skill_id", "skill_id"),
        ("rule_id", "rule_id"),
        ("channel", "channel"),
        ("visitor_id", "visitor_uid"),
    ],
)
async def test_conversations_are_filtered(vendor: Vendor, name: str, field: str) -> None:
    rows = await vendor.every(UNICODE, WEEK)
    value = next(row[field] for row in rows if row[field] is not None)
    told = await vendor.every(UNICODE, {**WEEK, **brackets(**{name: value})})
    assert told == [row for row in rows if row[field] == value]
    assert told


async def test_a_visitor_may_be_named_by_number(vendor: Vendor) -> None:
    rows = await vendor.every(UNICODE, WEEK)
    # Whoever comes for the first time has the number of their first conversation.
    told = [
        (row, await vendor.every(UNICODE, {**WEEK, **brackets(visitor_id=row["id"])}))
        for row in rows[:20]
    ]
    found = [(row, mine) for row, mine in told if mine]
    assert found
    for row, mine in found:
        assert row in mine
        assert {one["visitor_uid"] for one in mine} == {row["visitor_uid"]}


async def test_conversations_are_filtered_by_tag(vendor: Vendor) -> None:
    rows = await vendor.every(UNICODE, WEEK)
    told = await vendor.every(UNICODE, {**WEEK, **brackets(tag_id=602)})
    assert told == [row for row in rows if 602 in row["tag_list"]]
    assert told


@pytest.mark.parametrize("channel", ["video", "social"])
async def test_a_channel_that_the_account_lacks_has_no_conversations(
    vendor: Vendor, channel: str
) -> None:
    body = await vendor.body(UNICODE, brackets(channel=channel))
    assert body["data"] == []
    assert body["pagination"] == {"page": 1, "pages": 1, "limit": 20, "count": 0}


async def count(vendor: Vendor, **filters: object) -> int:
    return int((await vendor.body(UNICODE, brackets(**filters)))["pagination"]["count"])


async def test_a_missing_bound_is_three_months_away(vendor: Vendor) -> None:
    local = NOW.astimezone(PARIS)
    ago = wall(local.replace(month=8))
    assert await count(vendor) == await count(vendor, from_=ago, to=wall(local))
    assert await count(vendor, from_="2026-03-10") == await count(
        vendor, from_="2026-03-10", to="2026-06-09"
    )
    assert await count(vendor, to="2026-05-31 12:00:00") == await count(
        vendor, from_="2026-02-28 12:00:00", to="2026-05-31 12:00:00"
    )


async def test_more_than_three_months_are_refused(vendor: Vendor) -> None:
    assert await count(vendor, from_="2026-01-31", to="2026-04-30") > 0
    message = await vendor.refusal(UNICODE, brackets(from_="2026-01-31", to="2026-05-01"))
    assert "over 3 months" in message
    assert await vendor.refusal(
        UNICODE, brackets(from_="2026-01-15 08:00:00", to="2026-04-15 08:00:01")
    )


@pytest.mark.parametrize(
    ("filters", "field"),
    [
        ({"from_": "2015-06-31"}, "from"),
        ({"from_": "2026-11-01T00:00:00"}, "from"),
        ({"from_": "2026-11-01 24:00:00"}, "from"),
        ({"from_": "yesterday"}, "from"),
        ({"to": "0001-01-01"}, "to"),
        ({"from_": "2026-11-02", "to": "2026-11-01"}, "to"),
        ({"from_": "2026-11-02 10:00:01", "to": "2026-11-02 10:00:00"}, "to"),
        ({"channel": "facebook"}, "channel"),
        ({"tag_id": "late"}, "tag_id"),
    ],
)
async def test_conversation_filters_that_are_not_valid_are_refused(
    vendor: Vendor, filters: dict[str, object], field: str
) -> None:
    message = await vendor.refusal(UNICODE, brackets(**filters))
    assert message == f"Value of field '{field}' is not valid."


async def test_days_meet_without_a_gap(vendor: Vendor) -> None:
    noon = datetime(2026, 10, 25, 12, tzinfo=PARIS)
    whole = await count(vendor, from_="2026-10-25", to="2026-10-25")
    before = await count(vendor, from_="2026-10-25", to=last_second(noon))
    after = await count(vendor, from_=wall(noon), to="2026-10-25")
    assert whole == before + after > 0


async def test_history_is_positional_in_local_time_with_milliseconds(vendor: Vendor) -> None:
    rows = await vendor.every(UNICODE, {**WEEK, **STRUCTURED, **brackets(channel="chat")})
    kinds: set[int] = set()
    for row in rows:
        entries = row["history"]
        kinds |= {entry[0] for entry in entries}
        assert [entry[1] for entry in entries] == sorted(entry[1] for entry in entries)
        for kind, at, _, *rest in entries:
            assert len(rest) == (kind in {1, 2})
            for stamp in rest:
                assert wall(datetime.fromtimestamp(stamp // 1000, PARIS)) == at
        assert entries[0][:2] == [5, row["created_at"]]
        assert row["operator_closed"] == (entries[-1][2] == "OPERATOR_CHAT_CLOSE")
    assert kinds == {1, 2, 3, 5, 6}


async def test_without_the_switch_the_history_is_one_text(vendor: Vendor) -> None:
    number = (await vendor.body(UNICODE, WEEK))["data"][0]["id"]
    path = f"{UNICODE}/{number}"
    structured = (await vendor.body(path, STRUCTURED))["data"]
    text = (await vendor.body(path))["data"]["history"]
    assert isinstance(text, str)
    assert all(str(entry[2]) in text for entry in structured["history"])
    assert structured["_link"] == f"/conversation/{number}"
    assert await vendor.refusal(path, {"formatHistory": "no"})


async def test_json_unicode_has_the_letters_and_plain_json_escapes_them(vendor: Vendor) -> None:
    params = {**WEEK, **STRUCTURED, "full": 1, "limit": 100}
    letters = await vendor.get(UNICODE, params)
    escaped = await vendor.get("/conversation", params)
    assert "é" in letters.text
    assert escaped.content.isascii()
    assert letters.json() == escaped.json()


async def test_a_conversation_that_goes_on_is_not_closed(vendor: Vendor) -> None:
    rows = await vendor.every(UNICODE, brackets(from_="2026-11-18"))
    going_on = [row for row in rows if row["closed_at"] is None]
    assert going_on
    assert all(row["created_at"] <= wall(NOW.astimezone(PARIS)) for row in rows)
    later = Vendor(NOW + timedelta(hours=4))
    for row in going_on:
        then = (await later.body(f"{UNICODE}/{row['id']}"))["data"]
        assert then["closed_at"] > row["created_at"]
