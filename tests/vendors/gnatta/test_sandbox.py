"""How the simulator is reached: settings, tokens, limits, exports, and that it tells one story."""

from __future__ import annotations

import csv
import io
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.responses import Response
from tests.vendors.gnatta.simulated import CLOSED, NOW, ORIGIN, REOPENED, Vendor, window

from vendors.gnatta.sandbox.guards import Limits
from vendors.gnatta.sandbox.keeping import Keeping
from vendors.gnatta.sandbox.tenant import DATA_TYPES

TOKEN_URL = f"{ORIGIN}/sandbox-domain/connect/token"
GRANT = {"grant_type": "client_credentials"}
BY_PASSWORD = {"grant_type": "password", "username": "analyst", "password": "analyst-secret"}
BY_REFRESH = {"grant_type": "refresh_token", "refresh_token": "analyst-refresh"}
CLIENT = {"client_id": "sandbox-client", "client_secret": "sandbox-secret"}
WEEK = window(NOW - timedelta(days=7), NOW)
COUNT = "/interactions/state/count"
BASIC = "Basic " + b64encode(b"sandbox-client:sandbox-secret").decode()


@pytest.fixture(scope="module")
def vendor() -> Vendor:
    return Vendor()


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_settings_lead_to_the_simulator(vendor: Vendor) -> None:
    settings = vendor.settings
    assert settings["base_url"] == f"{ORIGIN}/reporting/v1.2"
    assert settings["export_base_url"] == f"{ORIGIN}/reporting/export/v1.2"
    assert settings["time_zone"] == "Europe/London"
    directory = dict(settings["directory"])
    assert directory.pop("tag_type") in DATA_TYPES
    assert {kind: len(names) for kind, names in directory.items()} == {
        "users": 9,
        "queues": 4,
        "accounts": 10,
        "tags": 8,
        "string_types": 1,
    }
    assert "Siobhán O’Connor" in settings["directory"]["users"].values()


async def test_the_discovery_document_names_the_token_endpoint(vendor: Vendor) -> None:
    told = (await vendor.send("GET", vendor.settings["discovery_url"])).json()
    assert told["issuer"] == f"{ORIGIN}/sandbox-domain"
    assert told["token_endpoint"] == TOKEN_URL


async def test_another_domain_is_not_known(vendor: Vendor) -> None:
    answer = await vendor.send("GET", f"{ORIGIN}/other/.well-known/openid-configuration")
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("headers", "form"),
    [({}, {**GRANT, **CLIENT}), ({"Authorization": BASIC}, GRANT)],
    ids=["by form", "by HTTP Basic"],
)
async def test_a_token_is_issued(
    vendor: Vendor, headers: dict[str, str], form: dict[str, str]
) -> None:
    answer = await vendor.send("POST", TOKEN_URL, data=form, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    told = answer.json()
    assert (told["token_type"], told["expires_in"], told["scope"]) == ("Bearer", 900, "reporting")
    bearer = {"Authorization": f"Bearer {told['access_token']}"}
    url = vendor.settings["base_url"] + COUNT
    asked = await vendor.send("POST", url, json={**CLOSED, "filters": WEEK}, headers=bearer)
    assert asked.status_code == 200


@pytest.mark.parametrize(
    ("headers", "form", "status", "code"),
    [
        ({}, {**GRANT, **CLIENT, "client_secret": "wrong"}, 401, "invalid_client"),
        ({}, {**GRANT, **CLIENT, "client_id": "nobody"}, 401, "invalid_client"),
        ({}, {**GRANT, "client_id": "nobody", "client_secret": ""}, 401, "invalid_client"),
        ({}, GRANT, 401, "invalid_client"),
        ({"Authorization": "Basic !"}, GRANT, 401, "invalid_client"),
        ({"Authorization": "Bearer x"}, GRANT, 401, "invalid_client"),
        ({"Authorization": BASIC}, {**GRANT, **CLIENT}, 400, "invalid_request"),
        ({}, CLIENT, 400, "invalid_request"),
        ({}, {"grant_type": "implicit", **CLIENT}, 400, "unsupported_grant_type"),
        ({}, {"grant_type": "password", **CLIENT}, 400, "invalid_request"),
        ({}, {"grant_type": "refresh_token", **CLIENT}, 400, "invalid_request"),
        ({}, {**BY_PASSWORD, "password": "wrong", **CLIENT}, 400, "invalid_grant"),
        ({}, {**BY_PASSWORD, "username": "nobody", **CLIENT}, 400, "invalid_grant"),
        ({}, {**BY_REFRESH, "refresh_token": "wrong", **CLIENT}, 400, "invalid_grant"),
        ({}, BY_PASSWORD, 401, "invalid_client"),
        ({}, {**GRANT, **CLIENT, "scope": "reporting all"}, 400, "invalid_scope"),
        ({}, {**CLIENT, "grant_type": [GRANT["grant_type"]] * 2}, 400, "invalid_request"),
    ],
)
async def test_a_token_is_refused(
    vendor: Vendor, headers: dict[str, str], form: dict[str, Any], status: int, code: str
) -> None:
    answer = await vendor.send("POST", TOKEN_URL, data=form, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    by_basic = status == 401 and "Authorization" in headers
    assert ("WWW-Authenticate" in answer.headers) == by_basic


async def test_a_token_is_asked_for_by_form(vendor: Vendor) -> None:
    answer = await vendor.send("POST", TOKEN_URL, json={**GRANT, **CLIENT})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("header", "challenge"),
    [
        (None, "Bearer"),
        ("Bearer ", "Bearer"),
        (BASIC, "Bearer"),
        ("Bearer sandbox-x", 'Bearer error="invalid_token"'),
    ],
)
async def test_figures_need_a_token(vendor: Vendor, header: str | None, challenge: str) -> None:
    headers = {} if header is None else {"Authorization": header}
    url = vendor.settings["base_url"] + COUNT
    answer = await vendor.send("POST", url, json={**CLOSED, "filters": WEEK}, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == challenge
    assert answer.json()["title"] == "Unauthorized"


async def test_a_token_lives_for_15_minutes() -> None:
    vendor = Vendor()
    bearer = {"Authorization": f"Bearer {await vendor.token()}"}
    statuses = []
    for seconds in (899, 1):
        vendor.now += timedelta(seconds=seconds)
        url = vendor.settings["base_url"] + COUNT
        answer = await vendor.send("POST", url, json={**CLOSED, "filters": WEEK}, headers=bearer)
        statuses.append(answer.status_code)
    assert statuses == [200, 401]
    assert (await vendor.post(COUNT, {**CLOSED, "filters": WEEK})).status_code == 200


@pytest.mark.parametrize(
    "path", ["/interactions", "/interactions/state/sum", "/presence/percentage/by-date/by-users"]
)
async def test_an_unknown_path_is_not_found(vendor: Vendor, path: str) -> None:
    answer = await vendor.post(path, {})
    assert (answer.status_code, answer.json()["title"]) == (404, "Not Found")


async def test_figures_are_asked_for_by_post_and_json(vendor: Vendor) -> None:
    url = vendor.settings["base_url"] + COUNT
    bearer = {"Authorization": f"Bearer {await vendor.token()}"}
    read = await vendor.send("GET", url, headers=bearer)
    assert (read.status_code, read.headers["Allow"]) == (405, "POST")
    form = await vendor.send("POST", url, data={"newState": "Closed"}, headers=bearer)
    assert form.status_code == 415
    broken = {**bearer, "Content-Type": "application/json; charset=utf-8"}
    cut = await vendor.send("POST", url, content=b'{"newState"', headers=broken)
    assert (cut.status_code, list(cut.json()["errors"])) == (400, ["$"])


async def test_every_answer_tells_the_limits_and_too_many_are_refused() -> None:
    vendor = Vendor(limits=Limits(reporting=2, export=1))
    told = [await vendor.post(COUNT, {**CLOSED, "filters": WEEK}) for _ in range(3)]
    assert [answer.status_code for answer in told] == [200, 200, 429]
    remaining = [answer.headers["X-Rate-Limit-Remaining"] for answer in told]
    assert remaining == ["1", "0", "0"]
    assert {answer.headers["X-Rate-Limit-Limit"] for answer in told} == {"1m"}
    resets = {answer.headers["X-Rate-Limit-Reset"] for answer in told}
    assert resets == {"2026-10-28T10:36:00.0000000Z"}
    assert told[-1].headers["Retry-After"] == "27"
    assert told[-1].json()["title"] == "Too Many Requests"
    exports = [
        await vendor.post(COUNT, {**CLOSED, "filters": WEEK}, base="export_base_url")
        for _ in range(2)
    ]
    assert [answer.status_code for answer in exports] == [200, 429]
    bearer = {"Authorization": f"Bearer {await vendor.token()}"}
    vendor.now += timedelta(seconds=27)
    again = await vendor.send("POST", vendor.settings["base_url"] + COUNT, headers=bearer)
    assert again.headers["X-Rate-Limit-Remaining"] == "1"


async def test_refusals_tell_the_limits_too(vendor: Vendor) -> None:
    url = vendor.settings["base_url"] + "/nothing"
    unknown = await vendor.send("POST", url)
    assert unknown.status_code == 401
    assert int(unknown.headers["X-Rate-Limit-Remaining"]) > 0
    missing = await vendor.post("/nothing", {})
    assert int(missing.headers["X-Rate-Limit-Remaining"]) > 0


@pytest.mark.parametrize("cached", [False, True])
async def test_answers_are_kept_for_10_minutes_where_that_is_wanted(*, cached: bool) -> None:
    vendor = Vendor(cached=cached)
    body = {**CLOSED, "filters": window(NOW - timedelta(hours=3), NOW + timedelta(hours=3))}
    first = (await vendor.post(COUNT, body)).json()
    seen = []
    for minutes in (9, 1):
        vendor.now += timedelta(minutes=minutes, seconds=29)
        seen.append((await vendor.post(COUNT, body)).json() == first)
    assert seen == [cached, False]


def test_the_oldest_answer_makes_room() -> None:
    keeping = Keeping(lambda: NOW, most=2)
    answers = [Response(content) for content in ("a", "b", "c")]
    keys = [("/path", body) for body in (b"1", b"2", b"3")]
    for key, answer in zip(keys, answers, strict=True):
        keeping.put(key, answer)
    assert [keeping.get(key) for key in keys] == [None, *answers[1:]]


@pytest.mark.parametrize("accept", ["*/*", "text/csv"])
async def test_exports_are_csv_of_the_same_figures(vendor: Vendor, accept: str) -> None:
    body = {**CLOSED, "filters": {**WEEK, "groupBy": "Day"}, "timeZone": "UTC"}
    path = "/interactions/state/by-date"
    answer = await vendor.post(path, body, base="export_base_url", accept=accept)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    (total,) = (await vendor.post(path, body)).json()["groups"]
    assert rows(answer.text) == [
        {"id": "Total", "name": "Total", "date": one["date"], "value": str(one["value"])}
        for one in total["values"]
    ]


@pytest.mark.parametrize("accept", ["application/json", "text/csv, */*", "text/*"])
async def test_exports_of_any_other_kind_are_not_found(vendor: Vendor, accept: str) -> None:
    body = {**CLOSED, "filters": WEEK}
    answer = await vendor.post(COUNT, body, base="export_base_url", accept=accept)
    assert answer.status_code == 404


async def test_members_within_users_are_exported_line_by_line(vendor: Vendor) -> None:
    path = "/unit-of-works/contacts-per-hour/count/by-channels"
    filters = {**WEEK, "channels": ["Email", "Voice"]}
    body = {"userState": "LoggedIn", "userIds": vendor.users[:2], "filters": filters}
    exported = rows((await vendor.post(path, body, base="export_base_url")).text)
    told = (await vendor.post(path, body)).json()["groups"]
    assert [(line["id"], line["memberId"], float(line["value"])) for line in exported] == [
        (user["id"], one["id"], one["value"]) for user in told for one in user["values"]
    ]
    assert exported[0]["totalContacts"] == str(told[0]["totalContacts"])


async def test_the_average_over_users_is_exported_under_paths_of_its_own(vendor: Vendor) -> None:
    base = "/unit-of-works/contacts-per-hour"
    asked = {"userState": "Available", "userIds": vendor.users, "timeZone": "UTC"}
    count = {**asked, "filters": WEEK}
    exported = await vendor.post(f"{base}/average/count", count, base="export_base_url")
    told = (await vendor.post(f"{base}/count/by-users", count)).json()
    assert rows(exported.text) == [{"average": str(told["average"])}]
    dated = {**asked, "filters": {**WEEK, "groupBy": "Day"}}
    lines = rows((await vendor.post(f"{base}/average/by-date", dated, base="export_base_url")).text)
    groups = (await vendor.post(f"{base}/by-date/by-users", dated)).json()["groups"]
    assert [line["date"] for line in lines] == [one["date"] for one in groups[0]["values"]]
    assert (await vendor.post(f"{base}/average/count", count)).status_code == 404


async def test_the_same_seed_tells_the_same_story() -> None:
    stories = []
    for seed in (7, 7, 8):
        vendor = Vendor(seed=seed)
        rows_ = await vendor.ask(
            "/interactions/view-interactions",
            {**CLOSED, **WEEK},
            orderBy="Ascending",
            orderByField="Timestamp",
        )
        stories.append((vendor.settings, rows_))
    assert stories[0] == stories[1]
    assert stories[0] != stories[2]


async def test_the_past_stays_as_it_is_and_the_future_is_not_told() -> None:
    vendor = Vendor()
    past = window(NOW - timedelta(days=9), NOW - timedelta(seconds=33))
    ahead = window(NOW + timedelta(seconds=1), NOW + timedelta(days=9))
    volume = "/messages/volume/count"
    sent: dict[str, Any] = {"direction": "Outbound"}
    asked = [(COUNT, CLOSED), (COUNT, REOPENED), (volume, sent)]
    before = [await vendor.counts(path, past, **top) for path, top in asked]
    assert [await vendor.counts(path, ahead, **top) for path, top in asked] == [[0], [0], [0]]
    vendor.now += timedelta(days=20)
    assert [await vendor.counts(path, past, **top) for path, top in asked] == before
    later = [await vendor.counts(path, ahead, **top) for path, top in asked]
    assert all(value > 0 for (value,) in later)


async def test_what_was_asked_before_does_not_change_what_is_told() -> None:
    asked = Vendor()
    sent: dict[str, Any] = {"direction": "Outbound"}
    for step in (timedelta(0), timedelta(minutes=20), timedelta(days=1), timedelta(days=2)):
        asked.now += step
        fresh = Vendor(now=asked.now)
        filters = window(asked.now - timedelta(days=3), asked.now + timedelta(seconds=1))
        for path, top in ((COUNT, CLOSED), (COUNT, REOPENED), ("/messages/volume/count", sent)):
            told = await asked.counts(path, filters, **top)
            assert told == await fresh.counts(path, filters, **top)


async def test_there_is_a_believable_history_of_years(vendor: Vendor) -> None:
    start = datetime(2023, 1, 1, tzinfo=UTC)
    for year in range(3):
        begin = start.replace(year=2023 + year)
        filters = window(begin, begin + timedelta(days=28), groupBy="Day", channels=["Email"])
        everyday = await vendor.series("/interactions/state/by-date", filters, **CLOSED)
        assert min(one["value"] for one in everyday["Total"]) >= 5
    whole = window(NOW - timedelta(days=28), NOW, channels=["Email", "WebChat", "Facebook"])
    (week,) = await vendor.counts(COUNT, whole, **CLOSED)
    assert 28 * 40 < week < 28 * 150
