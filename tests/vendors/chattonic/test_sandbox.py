from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.vendors.chattonic.simulated import (
    CASES,
    DASHBOARD,
    DAY,
    EXPORT,
    LOGIN,
    NOW,
    OPERATORS,
    ORIGIN,
    USERS,
    Row,
    Vendor,
    address,
    created,
    dates,
    iso,
)

from vendors.chattonic.sandbox import simulator
from vendors.chattonic.sandbox.profile import CODENAME, PASSWORD, USERNAME
from vendors.world import World

WEEK = dates(NOW - 7 * DAY, NOW)
BY_DAY = {"queryName": "dashboard", "dateFormatGroup": "%Y-%m-%d", **WEEK}


@pytest.fixture(scope="module")
def vendor() -> Vendor:
    return Vendor()


def decoded(part: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def test_settings_tell_how_to_reach_it() -> None:
    assert simulator(World()).settings(ORIGIN) == {
        "base_url": ORIGIN,
        "codename": "sandbox",
        "username": USERNAME,
        "password": PASSWORD,
        "duration_unit": "seconds",
        "time_zone": "America/Santiago",
    }
    assert USERNAME.startswith("sandbox-")
    assert PASSWORD.startswith("sandbox-")


async def test_a_login_answers_with_the_user_and_a_token(vendor: Vendor) -> None:
    answer = await vendor.login()
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"id", "username", "appCodename", "token"}
    assert (body["username"], body["appCodename"]) == (USERNAME, CODENAME)
    header, payload, signature = body["token"].split(".")
    assert decoded(header) == {"alg": "ES512", "typ": "JWT"}
    assert decoded(payload)["exp"] == vendor.seconds + 15 * 60
    assert len(base64.urlsafe_b64decode(signature)) == 132


@pytest.mark.parametrize(
    ("username", "password"),
    [(USERNAME, "wrong"), ("wrong", PASSWORD), (USERNAME.upper(), PASSWORD), ("ñ", "\udc80")],
)
async def test_wrong_credentials_are_refused(vendor: Vendor, username: str, password: str) -> None:
    answer = await vendor.login(username, password)
    assert answer.status_code == 401
    assert answer.json() == {"message": "Incorrect username or password"}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "The body is not JSON"),
        (b"username=a&password=b", "The body is not JSON"),
        (b"\xff", "The body is not JSON"),
        (b"[" * 100_000, "The body is not JSON"),
        (b"[]", "The body is not an object"),
        (b'{"password": "b"}', "'username' is required"),
        (b'{"username": "", "password": "b"}', "'username' is required"),
        (b'{"username": "a"}', "'password' is required"),
        (b'{"username": "a", "password": 1}', "'password' is required"),
    ],
)
async def test_a_login_without_both_properties_is_refused(
    vendor: Vendor, body: bytes, message: str
) -> None:
    answer = await vendor.send("POST", LOGIN, content=body)
    assert (answer.status_code, answer.json()) == (400, {"message": message})


async def test_only_our_tokens_pass(vendor: Vendor) -> None:
    token, other = await vendor.token(), await Vendor().token()
    header, payload, signature = token.split(".")
    later = {**decoded(payload), "exp": 4_000_000_000}
    forged = base64.urlsafe_b64encode(json.dumps(later).encode()).decode().rstrip("=")
    refused = {
        None: "No authorization token was found",
        "Bearer": "No authorization token was found",
        f"Basic {token}": "No authorization token was found",
        "Bearer nonsense": "invalid token",
        f"Bearer {other}": "invalid token",
        f"Bearer {header}.{forged}.{signature}": "invalid token",
        f"Bearer {header}.{payload}.": "invalid token",
        f"Bearer {header}.{payload}": "invalid token",
    }
    for authorization, message in refused.items():
        headers = {} if authorization is None else {"Authorization": authorization}
        answer = await vendor.send("GET", address(OPERATORS), params=WEEK, headers=headers)
        assert (answer.status_code, answer.json()) == (401, {"message": message})


async def test_a_token_ends_after_a_quarter_of_an_hour() -> None:
    vendor = Vendor()
    headers = {"Authorization": f"Bearer {await vendor.token()}"}
    vendor.seconds += 15 * 60 - 1
    assert (await vendor.send("GET", address(CASES), headers=headers)).status_code == 200
    vendor.seconds += 1
    answer = await vendor.send("GET", address(CASES), headers=headers)
    assert (answer.status_code, answer.json()) == (401, {"message": "jwt expired"})
    headers = {"Authorization": f"Bearer {await vendor.token()}"}
    assert (await vendor.send("GET", address(CASES), headers=headers)).status_code == 200


async def test_the_documented_headers_may_be_missing(vendor: Vendor) -> None:
    headers = {"Authorization": f"bearer {await vendor.token()}"}
    bare = await vendor.send("GET", address(OPERATORS), params=WEEK, headers=headers)
    assert bare.json() == await vendor.told(OPERATORS, WEEK)


@pytest.mark.parametrize("path", [OPERATORS, DASHBOARD, EXPORT, CASES, USERS])
async def test_another_app_does_not_exist(vendor: Vendor, path: str) -> None:
    headers = {"Authorization": f"Bearer {await vendor.token()}"}
    answer = await vendor.send("GET", f"/api/v1/another/{path}", headers=headers)
    assert (answer.status_code, answer.json()) == (404, {"message": "App not found"})
    stranger = await vendor.send("GET", f"/api/v1/another/{path}")
    assert stranger.status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", address("stats"), 404),
        ("GET", address("stats/operator/"), 404),
        ("GET", "/api/v2/sandbox/query", 404),
        ("POST", address(CASES), 405),
        ("GET", LOGIN, 405),
    ],
)
async def test_other_paths_and_methods_do_not_exist(
    vendor: Vendor, method: str, path: str, status: int
) -> None:
    answer = await vendor.send(method, path)
    assert answer.status_code == status
    assert set(answer.json()) == {"message"}


BAD_DATES = [
    ({"startDate": None}, "'startDate' is required"),
    ({"startDate": ""}, "'startDate' is required"),
    ({"endDate": None}, "'endDate' is required"),
    ({"startDate": "2026-11-01"}, "'startDate' is not valid"),
    ({"startDate": "2026-11-01T00:00:00"}, "'startDate' is not valid"),
    ({"startDate": "2026-11-01T00:00:00+03:00"}, "'startDate' is not valid"),
    ({"startDate": "2026-11-01T00:00:00.000001Z"}, "'startDate' is not valid"),
    ({"startDate": "1793491200000"}, "'startDate' is not valid"),
    ({"endDate": "2026-02-29T00:00:00.000Z"}, "'endDate' is not valid"),
    ({"endDate": "2026-11-01T24:00:00.000Z"}, "'endDate' is not valid"),
    ({"endDate": WEEK["startDate"]}, "'endDate' is not valid"),
    ({"endDate": "2020-01-01T00:00:00.000Z"}, "'endDate' is not valid"),
]
BAD_VALUES: list[tuple[str, dict[str, str | None], str]] = [
    (OPERATORS, {"operator": "1"}, "'operator' is not allowed"),
    (DASHBOARD, {"queryName": None}, "'queryName' is required"),
    (DASHBOARD, {"queryName": "users"}, "'queryName' is not valid"),
    (DASHBOARD, {"dateFormatGroup": None}, "'dateFormatGroup' is required"),
    (DASHBOARD, {"dateFormatGroup": "%Y-%U"}, "'dateFormatGroup' is not valid"),
    (DASHBOARD, {"dateFormatGroup": "%Y-%m-%dT%H"}, "'dateFormatGroup' is not valid"),
    (DASHBOARD, {"timeZone": "UTC"}, "'timeZone' is not allowed"),
    (EXPORT, {"typeUser": None}, "'typeUser' is required"),
    (EXPORT, {"typeUser": "promoters"}, "'typeUser' is not valid"),
]
VALID = {OPERATORS: WEEK, DASHBOARD: BY_DAY, EXPORT: {"typeUser": "all", **WEEK}}


@pytest.mark.parametrize(
    ("path", "change", "message"),
    [*((path, change, message) for path in VALID for change, message in BAD_DATES), *BAD_VALUES],
)
async def test_values_that_are_not_valid_are_refused(
    vendor: Vendor, path: str, change: dict[str, str | None], message: str
) -> None:
    asked = {name: value for name, value in {**VALID[path], **change}.items() if value is not None}
    assert await vendor.refusal(path, asked) == message
    assert vendor.mails == []


async def test_percent_signs_have_to_be_encoded(vendor: Vendor) -> None:
    window = "&".join(f"{name}={value}" for name, value in WEEK.items())
    rows = await vendor.rows("%Y-%m-%d %H", NOW - 7 * DAY, NOW)
    for label in ("%25Y-%25m-%25d%20%25H", "%25Y-%25m-%25d+%25H"):
        query = f"queryName=dashboard&dateFormatGroup={label}&{window}"
        assert await vendor.told(f"{DASHBOARD}?{query}") == rows
    raw = f"queryName=dashboard&dateFormatGroup=%Y-%m-%d%20%H&{window}"
    message = await vendor.refusal(f"{DASHBOARD}?{raw}")
    assert message == "The query string is not percent-encoded"


async def test_milliseconds_may_be_missing(vendor: Vendor) -> None:
    bare = {name: value.replace(".000Z", "Z") for name, value in WEEK.items()}
    assert await vendor.told(OPERATORS, bare) == await vendor.told(OPERATORS, WEEK)


async def test_an_export_sends_a_mail_and_tells_nothing() -> None:
    vendor = Vendor()
    for type_user in ("all", "promoter", "passive", "detractor"):
        assert await vendor.told(EXPORT, {"typeUser": type_user, **WEEK}) == {}
    every, *parts = (mail.answers for mail in vendor.mails)
    assert [mail.type_user for mail in vendor.mails] == ["all", "promoter", "passive", "detractor"]
    assert {mail.to for mail in vendor.mails} == {USERNAME}
    assert {mail.window for mail in vendor.mails} == {(NOW - 7 * DAY, NOW)}
    assert every == sum(parts)
    assert all(parts)
    operators = await vendor.operators(NOW - 7 * DAY, NOW)
    assert every == sum(row["numberOfResponsesNps"] for row in operators)


async def test_the_mails_of_a_simulator_can_be_looked_at() -> None:
    assert vars(simulator(World()).app)["state"].outbox.mails == []


async def test_a_case_is_told_whole(vendor: Vendor) -> None:
    (case,) = await vendor.page(CASES, {"status": "resolved"}, limit=1)
    assert set(case) == {
        "_id",
        "app",
        "messageUser",
        "message",
        "account",
        "origins",
        "status",
        "dates",
        "search",
        "createdAt",
        "updatedAt",
    }
    user = case["messageUser"]
    assert {"_id", "firstName", "lastName", "platform", "account", "createdAt"} <= set(user)
    assert case["account"] == {"_id": user["account"]}
    assert case["message"]["messageUser"] == user["_id"]
    assert case["message"]["createdAt"] == case["createdAt"] == case["dates"]["pending"]
    assert case["message"]["text"]
    assert case["updatedAt"] == case["dates"]["resolved"]
    assert user["createdAt"] <= case["createdAt"]
    ids = [case["_id"], case["app"], user["_id"], user["account"], *case["origins"]]
    assert all(len(bytes.fromhex(one)) == 12 for one in ids)
    assert len(set(ids)) == 5


async def test_the_dates_of_a_case_follow_its_status(vendor: Vendor) -> None:
    cases = await vendor.cases(NOW - 2 * DAY, NOW + DAY)
    shapes = {
        status: {tuple(case["dates"]) for case in cases if case["status"] == status}
        for status in ("pending", "progress", "resolved")
    }
    assert shapes == {
        "pending": {("pending",)},
        "progress": {("pending", "progress")},
        "resolved": {("pending", "progress", "resolved"), ("pending", "resolved")},
    }
    for case in cases:
        moments = list(case["dates"].values())
        assert moments == sorted(moments)
        assert moments[-1] <= iso(NOW)


@pytest.mark.parametrize("path", [CASES, USERS])
async def test_pages_make_the_list(vendor: Vendor, path: str) -> None:
    whole = await vendor.page(path)
    assert len(whole) == 100
    body = await vendor.told(path, {"skip": "30", "limit": "7"})
    assert body == {"limit": 7, "skip": 30, "objects": whole[30:37]}
    moments = [row["createdAt"] for row in whole]
    assert moments == sorted(moments, reverse=True)
    assert await vendor.page(path, sort='{"createdAt": -1}') == whole


async def test_cases_come_in_either_order(vendor: Vendor) -> None:
    query = created(NOW - 3 * DAY, NOW)
    newest_first = await vendor.every(CASES, query)
    oldest_first = await vendor.every(CASES, query, sort='{"createdAt": 1}')
    assert oldest_first == newest_first[::-1]
    assert len(newest_first) > 100
    assert len({case["_id"] for case in newest_first}) == len(newest_first)
    assert await vendor.page(CASES, query, skip=len(newest_first)) == []


async def test_cases_are_filtered(vendor: Vendor) -> None:
    window = created(NOW - 20 * DAY, NOW - 10 * DAY)
    every = await vendor.every(CASES, window)
    assert {case["status"] for case in every} == {"resolved"}
    platforms = {case["messageUser"]["platform"] for case in every}
    assert platforms == {"whatsapp", "messenger", "telegram"}
    user = next(
        case["messageUser"]["_id"]
        for case in every
        if sum(row["messageUser"]["_id"] == case["messageUser"]["_id"] for row in every) > 1
    )
    mine = [case for case in every if case["messageUser"]["_id"] == user]
    assert await vendor.every(CASES, {**window, "messageUser": user}) == mine
    account = every[0]["account"]["_id"]
    there = [case for case in every if case["account"]["_id"] == account]
    assert await vendor.every(CASES, {**window, "account": account}) == there
    assert 0 < len(there) < len(every)
    nobody = {**window, "messageUser": "0" * 24}
    assert await vendor.every(CASES, nobody) == []
    assert await vendor.every(CASES, {**window, "status": "pending"}) == []


async def test_cases_of_a_status_are_those_of_the_whole_list(vendor: Vendor) -> None:
    recent = await vendor.cases(NOW - 5 * DAY, NOW + DAY)
    for status in ("pending", "progress"):
        found = await vendor.every(CASES, {"status": status})
        assert found == [case for case in recent if case["status"] == status]
        assert found


async def test_bounds_of_a_list_are_half_open(vendor: Vendor) -> None:
    cases = await vendor.page(CASES)
    moments = sorted({case["createdAt"] for case in cases})
    between = {"createdAt": {"$gte": moments[5], "$lt": moments[9]}}
    told = {case["createdAt"] for case in await vendor.page(CASES, between)}
    assert told == set(moments[5:9])
    since = await vendor.page(CASES, {"createdAt": {"$gte": moments[-2]}})
    assert {case["createdAt"] for case in since} == set(moments[-2:])
    first = "2024-10-02T00:00:00.000Z"
    earliest = await vendor.every(CASES, {"createdAt": {"$lt": first}})
    assert earliest
    assert all(case["createdAt"] < first for case in earliest)
    assert await vendor.page(CASES, {"createdAt": {"$gte": moments[9], "$lt": moments[5]}}) == []


@pytest.mark.parametrize("path", [CASES, USERS])
@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"limit": "101"}, "'limit' is not valid"),
        ({"limit": "0"}, "'limit' is not valid"),
        ({"limit": "ten"}, "'limit' is not valid"),
        ({"limit": ""}, "'limit' is not valid"),
        ({"skip": "-1"}, "'skip' is not valid"),
        ({"skip": "1.5"}, "'skip' is not valid"),
        ({"skip": "9" * 5000}, "'skip' is not valid"),
        ({"query": "pending"}, "'query' is not valid"),
        ({"query": "[]"}, "'query' is not valid"),
        ({"query": '{"operator": "1"}'}, "'query.operator' is not allowed"),
        ({"query": '{"$where": "1"}'}, "'query.$where' is not allowed"),
        ({"query": '{"account": 1}'}, "'query.account' is not valid"),
        ({"query": '{"account": null}'}, "'query.account' is not valid"),
        ({"sort": "-createdAt"}, "'sort' is not valid"),
        ({"sort": '{"createdAt": 2}'}, "'sort' is not valid"),
        ({"sort": '{"createdAt": true}'}, "'sort' is not valid"),
        ({"sort": '{"status": 1}'}, "'sort' is not valid"),
        ({"sort": '{"createdAt": 1, "_id": 1}'}, "'sort' is not valid"),
        ({"page": "2"}, "'page' is not allowed"),
    ],
)
async def test_lists_refuse_what_they_cannot_read(
    vendor: Vendor, path: str, params: dict[str, str], message: str
) -> None:
    assert await vendor.refusal(path, params) == message


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"status": "closed"}, "'query.status' is not valid"),
        ({"status": ["pending"]}, "'query.status' is not valid"),
        ({"messageUser": {"$ne": ""}}, "'query.messageUser' is not valid"),
        ({"createdAt": "2026-11-01"}, "'query.createdAt' is not valid"),
        ({"createdAt": {"$gt": iso(NOW)}}, "'query.createdAt.$gt' is not allowed"),
        ({"createdAt": {"$gte": 1}}, "'query.createdAt.$gte' is not valid"),
        ({"createdAt": {"$lt": "yesterday"}}, "'query.createdAt.$lt' is not valid"),
    ],
)
async def test_filters_of_cases_that_are_not_valid_are_refused(
    vendor: Vendor, query: Row, message: str
) -> None:
    assert await vendor.refusal(CASES, {"query": json.dumps(query)}) == message


async def test_users_are_those_who_wrote_first(vendor: Vendor) -> None:
    since = NOW - 3 * DAY
    users: list[Row] = []
    while not users or users[-1]["createdAt"] >= iso(since):
        users += await vendor.page(USERS, skip=len(users))
    fresh = [user for user in users if iso(since) <= user["createdAt"]]
    days = await vendor.rows("%Y", since, NOW + DAY)
    assert len(fresh) == sum(row["newUsers"] for row in days)
    assert len({user["_id"] for user in users}) == len(users)
    known = {user["_id"]: user for user in fresh}
    seen = [case["messageUser"] for case in await vendor.cases(since, NOW + DAY)]
    met = [user for user in seen if user["_id"] in known]
    assert met
    assert all(user == known[user["_id"]] for user in met)
    account = users[0]["account"]
    there = [user for user in users if user["account"] == account]
    assert await vendor.page(USERS, {"account": account}, limit=20) == there[:20]


async def test_users_of_old_come_first_or_last() -> None:
    young = Vendor(now=datetime(2024, 10, 12, 15, tzinfo=UTC))
    newest_first = await young.every(USERS)
    oldest_first = await young.every(USERS, sort='{"createdAt": 1}')
    ids = [user["_id"] for user in newest_first]
    assert sorted(user["_id"] for user in oldest_first) == sorted(set(ids)) == sorted(ids)
    for users, backwards in ((newest_first, True), (oldest_first, False)):
        moments = [user["createdAt"] for user in users]
        assert moments == sorted(moments, reverse=backwards)
    opened = "2024-10-01T03:00:00.000Z"
    of_old = [user for user in oldest_first if user["createdAt"] == opened]
    assert 0 < len(of_old) < len(oldest_first)
    cases = await young.cases(young.now - 30 * DAY, young.now + DAY)
    assert {case["messageUser"]["_id"] for case in cases} <= set(ids)


async def test_two_of_the_same_seed_tell_the_same(vendor: Vendor) -> None:
    again, other = Vendor(), Vendor(seed=8)
    for path, params in ((CASES, None), (USERS, None), (OPERATORS, WEEK), (DASHBOARD, BY_DAY)):
        told = await vendor.get(path, params)
        assert told.content == (await again.get(path, params)).content
        assert told.content != (await other.get(path, params)).content


async def test_now_is_told() -> None:
    moving = Vendor()
    (latest,) = await moving.page(CASES, limit=1)
    moving.now = datetime.fromisoformat(latest["createdAt"])
    (same,) = await moving.page(CASES, limit=1)
    assert (same["_id"], same["status"]) == (latest["_id"], "pending")
    (row,) = await moving.rows("%Y", moving.now - DAY, moving.now + DAY)
    recent = await moving.cases(moving.now - DAY, moving.now + DAY)
    assert row["pending"] + row["progress"] + row["resolved"] == len(recent)
    body = await moving.told(OPERATORS, WEEK)
    assert body["queryPending"] == len(await moving.every(CASES, {"status": "pending"}))
    moving.now -= timedelta(seconds=1)
    (before,) = await moving.page(CASES, limit=1)
    assert before["_id"] != latest["_id"]
