"""What the simulator refuses: one test a sentence of the vendor's article."""

from __future__ import annotations

from typing import Any

import pytest
from tests.vendors.gnatta.simulated import CHANNELS, Vendor

from vendors.gnatta.sandbox.operations import operations
from vendors.gnatta.sandbox.tenant import DATA_TYPES
from vendors.gnatta.sandbox.view import VIEWS, View

FROM, TO = "2026-10-01T00:00:00Z", "2026-10-02T00:00:00Z"
STATE, VOLUME = "/interactions/state", "/messages/volume"
REASON, PAGE = DATA_TYPES
USERS, ACCOUNTS, QUEUES = (
    list(Vendor().settings["directory"][kind]) for kind in ("users", "accounts", "queues")
)
WHOLE: dict[str, Any] = {
    "filters": {
        "from": FROM,
        "to": TO,
        "groupBy": "Hour",
        "channels": CHANNELS,
        "channel": "Voice",
        "queues": QUEUES,
    },
    "timeZone": "Europe/London",
    "oldState": ["Assigned"],
    "newState": ["Closed"],
    "userIds": USERS,
    "accounts": ACCOUNTS,
    "data": {"id": PAGE, "values": ["cart"]},
    "direction": "Inbound",
    "responseTime": "AdvisorResponseTime",
    "action": "Any",
    "userState": "Available",
}
# What each path needs besides the window, in the words of the article.
NEEDS: dict[str, set[str]] = {
    STATE: {"newState"},
    "/interactions/times": {"oldState", "newState"},
    VOLUME: {"direction"},
    "/messages/times": {"responseTime"},
    "/conversations/totals": {"newState", "filters.channel"},
    "/conversations/percentages": {"newState", "filters.channel"},
    "/conversations/durations": {"newState", "filters.channel"},
    "/unit-of-works/actions": {"action"},
    "/unit-of-works/contacts-per-hour": {"userState"},
    "/presence/duration": {"userState"},
    "/presence/percentage": {"userState"},
    "/advisors/metrics": set(),
}
MEMBERS = {
    "": set[str](),
    "channels": {"filters.channels"},
    "queues": {"filters.queues"},
    "users": {"userIds"},
    "accounts": {"accounts"},
    "data": {"data"},
}
PATHS = [operation.suffix for operation in operations()]

NOBODY = "0e4f6d1c-8a52-4b5e-9c3d-2f7a1b6c5d4e"
"""An id that is well formed and of nothing."""


@pytest.fixture(scope="module")
def vendor() -> Vendor:
    return Vendor()


def changed(**changes: object) -> dict[str, Any]:
    """Return the whole body with some properties changed; `filters_x` stands for `filters.x`."""
    body = {**WHOLE, "filters": dict(WHOLE["filters"])}
    for name, value in changes.items():
        inner = name.removeprefix("filters_")
        place = body if inner == name else body["filters"]
        place[inner] = value
    return body


def needs(path: str) -> set[str]:
    """Return what a path needs, all told."""
    base = next(base for base in NEEDS if path.startswith(base + "/"))
    by = path.rpartition("/by-")[2] if not path.endswith(("by-date", "count")) else ""
    dated = {"timeZone", "filters.groupBy"} if "/by-date" in path else set[str]()
    split = {"userIds"} if "per-hour/count/by-" in path else set[str]()
    return {"filters.from", "filters.to"} | NEEDS[base] | MEMBERS[by] | dated | split


def test_the_paths_are_those_of_the_article() -> None:
    assert len(PATHS) == len(set(PATHS)) == 48
    assert {path for path in PATHS if path.startswith("/unit-of-works")} == {
        "/unit-of-works/actions/by-date/by-users",
        "/unit-of-works/actions/count/by-users",
        "/unit-of-works/contacts-per-hour/by-date/by-users",
        "/unit-of-works/contacts-per-hour/count/by-users",
        "/unit-of-works/contacts-per-hour/count/by-channels",
        "/unit-of-works/contacts-per-hour/count/by-queues",
    }


@pytest.mark.parametrize("path", PATHS)
async def test_a_path_answers_when_it_gets_what_it_needs(vendor: Vendor, path: str) -> None:
    answer = await vendor.post(path, WHOLE)
    assert answer.status_code == 200, answer.text
    assert answer.json()["groups"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("body", [{}, {"filters": {}}, {"filters": None}, {"filters": []}])
async def test_a_path_tells_everything_that_it_misses(
    vendor: Vendor, path: str, body: dict[str, Any]
) -> None:
    assert set(await vendor.refusal(path, body)) == needs(path)


@pytest.mark.parametrize(
    ("path", "changes", "wrong"),
    [
        (STATE, {"newState": []}, "newState"),
        (STATE, {"newState": ["closed"]}, "newState"),
        (STATE, {"newState": "Closed"}, "newState"),
        (STATE, {"newState": [["Closed"]]}, "newState"),
        (STATE, {"oldState": ["Open"]}, "oldState"),
        (STATE, {"filters_channels": ["Fax"]}, "filters.channels"),
        (STATE, {"filters_channels": ["email"]}, "filters.channels"),
        (STATE, {"filters_queues": ["31"]}, "filters.queues"),
        (STATE, {"filters_data": [{"id": "reason"}]}, "filters.data"),
        (STATE, {"filters_data": [{"id": NOBODY}]}, "filters.data"),
        (STATE, {"filters_data": [{"id": REASON, "values": ["size"]}]}, "filters.data"),
        (STATE, {"filters_data": ["reason"]}, "filters.data"),
        (STATE, {"filters_from": "2026-10-01"}, "filters.from"),
        (STATE, {"filters_from": "2026-10-01T00:00:00+02:00"}, "filters.from"),
        (STATE, {"filters_from": "2026-10-01T00:00:00"}, "filters.from"),
        (STATE, {"filters_from": "1926-10-01T00:00:00Z"}, "filters.from"),
        (STATE, {"filters_to": "2026-02-30T00:00:00Z"}, "filters.to"),
        (STATE, {"filters_to": 1_790_000_000}, "filters.to"),
        (STATE, {"filters_from": TO}, "filters.from"),
        (STATE, {"filters_from": TO, "filters_to": FROM}, "filters.from"),
        (VOLUME, {"direction": "Both"}, "direction"),
        (VOLUME, {"direction": ["Inbound"]}, "direction"),
        ("/messages/times", {"responseTime": "FirstResponseTime"}, "responseTime"),
    ],
)
async def test_wrong_values_are_refused(
    vendor: Vendor, path: str, changes: dict[str, Any], wrong: str
) -> None:
    assert list(await vendor.refusal(f"{path}/count", changed(**changes))) == [wrong]


@pytest.mark.parametrize(
    ("path", "changes", "wrong"),
    [
        (f"{STATE}/by-date", {"timeZone": "London"}, "timeZone"),
        (f"{STATE}/by-date", {"timeZone": "../UTC"}, "timeZone"),
        (f"{STATE}/by-date", {"filters_groupBy": "Weekly"}, "filters.groupBy"),
        (f"{STATE}/count/by-queues", {"filters_queues": [NOBODY]}, "filters.queues"),
        (f"{VOLUME}/count/by-accounts", {"accounts": [NOBODY]}, "accounts"),
        (f"{VOLUME}/count/by-accounts", {"accounts": ["mailbox"]}, "accounts"),
        (f"{VOLUME}/count/by-users", {"userIds": ["nobody"]}, "userIds"),
        (f"{VOLUME}/count/by-users", {"userIds": [""]}, "userIds"),
        ("/unit-of-works/actions/count/by-users", {"action": "Call"}, "action"),
        (
            "/unit-of-works/contacts-per-hour/count/by-users",
            {"userState": "Unavailable"},
            "userState",
        ),
        ("/presence/duration/count/by-users", {"userState": "LoggedIn"}, "userState"),
        ("/presence/percentage/count/by-users", {"userState": "Unavailable"}, "userState"),
        (
            "/conversations/totals/count/by-accounts",
            {"filters_channel": "Email"},
            "filters.channel",
        ),
        (
            "/conversations/totals/count/by-accounts",
            {"filters_channel": ["Voice"]},
            "filters.channel",
        ),
        ("/conversations/totals/count/by-accounts", {"newState": ["Queued", "Closed"]}, "newState"),
        ("/conversations/totals/count/by-accounts", {"filters_channel": "WebChat"}, "direction"),
        (f"{STATE}/count/by-data", {"data": {"id": REASON}}, "data"),
        (f"{STATE}/count/by-data", {"data": {"id": REASON}, "orderBy": "Ascending"}, "data"),
        (f"{STATE}/count/by-data", {"data": {"id": REASON, "values": ["size"]}}, "data"),
        (f"{STATE}/count/by-data", {"data": {"id": PAGE}}, "data"),
        (f"{STATE}/count/by-data", {"orderBy": "Most"}, "orderBy"),
        (f"{STATE}/by-date/by-data", {"data": {"id": PAGE}, "orderBy": "Ascending"}, "data"),
    ],
)
async def test_wrong_groups_and_states_are_refused(
    vendor: Vendor, path: str, changes: dict[str, Any], wrong: str
) -> None:
    assert list(await vendor.refusal(path, changed(**changes))) == [wrong]


@pytest.mark.parametrize("body", [[], "Closed", False, 1])
async def test_a_body_is_an_object(vendor: Vendor, body: object) -> None:
    assert list(await vendor.refusal(f"{STATE}/count", body)) == ["$"]


@pytest.mark.parametrize(
    ("group_by", "start", "longest", "longer"),
    [
        ("Hour", FROM, "2026-10-02T00:00:00Z", "2026-10-02T00:00:01Z"),
        # The day on which the clocks go back has 25 hours, one too many.
        ("Hour", "2026-10-24T23:00:00Z", "2026-10-25T23:00:00Z", "2026-10-26T00:00:00Z"),
        ("Day", FROM, "2026-11-01T01:00:00Z", "2026-11-01T01:00:01Z"),
        ("Week", "2022-05-31T09:00:00Z", "2022-08-31T09:00:00Z", "2022-08-31T09:00:01Z"),
        ("Week", "2021-11-30T09:00:00Z", "2022-02-28T09:00:00Z", "2022-02-28T09:00:01Z"),
        ("Month", "2020-02-29T00:00:00Z", "2022-02-28T00:00:00Z", "2022-02-28T00:00:01Z"),
        (None, "2020-02-29T00:00:00Z", "2022-02-28T00:00:00Z", "2022-02-28T00:00:01Z"),
    ],
)
async def test_windows_are_limited_by_their_grouping(
    vendor: Vendor, group_by: str | None, start: str, longest: str, longer: str
) -> None:
    filters = {"from": start, "groupBy": group_by}
    path = "/presence/duration/count/by-users" if group_by is None else f"{STATE}/by-date"
    for end, status in ((longest, 200), (longer, 400)):
        body = {**WHOLE, "userIds": USERS[:1], "filters": {**filters, "to": end}}
        answer = await vendor.post(path, body)
        assert answer.status_code == status
        if status == 400:
            assert list(answer.json()["errors"]) == ["filters.to"]


async def test_a_direction_may_be_left_out_or_blank_for_both(vendor: Vendor) -> None:
    path = "/conversations/totals/count/by-accounts"
    told = [
        (await vendor.post(path, changed(direction=direction))).json()
        for direction in ("", None, "Inbound", "Outbound")
    ]
    assert told[0] == told[1] == told[2]
    assert sum(one["total"] for one in told[2]["groups"]) > 0
    assert sum(one["total"] for one in told[3]["groups"]) == 0


async def test_ids_that_do_not_exist_have_no_group_beside_those_that_do(vendor: Vendor) -> None:
    unknown = NOBODY
    told = await vendor.post(
        f"{STATE}/count/by-queues", changed(filters_queues=[unknown, QUEUES[1].upper()])
    )
    assert [one["id"] for one in told.json()["groups"]] == [QUEUES[1]]
    asked = changed(userIds=["nobody", USERS[2]])
    for path in ("/presence/percentage", "/unit-of-works/contacts-per-hour"):
        told = await vendor.post(f"{path}/count/by-users", asked)
        assert [one["id"] for one in told.json()["groups"]] == [USERS[2]]


async def test_an_unknown_filter_matches_nothing(vendor: Vendor) -> None:
    told = await vendor.post(f"{STATE}/count", changed(filters_queues=[NOBODY]))
    assert told.json()["groups"][0]["value"] == 0


VIEW_NEEDS = {
    "/interactions/view-interactions": {"filters.newState"},
    "/conversations/view-interactions": {
        "filters.newState",
        "filters.channel",
        "filters.accounts",
    },
    "/messages/view-interactions": {"filters"},
    "/unit-of-works/view-interactions": {"filters.userIds", "filters"},
}


def flattened(**changes: object) -> dict[str, Any]:
    """Return a body that asks for rows, with some of its top level changed."""
    top = {name: value for name, value in WHOLE.items() if name not in {"filters", "data"}}
    order = {"orderBy": "Descending", "orderByField": "Timestamp"}
    return {**order, "filters": {**WHOLE["filters"], **top}, **changes}


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.resource)
async def test_rows_are_told_when_the_request_is_flattened(vendor: Vendor, view: View) -> None:
    body = flattened()
    if view.resource == "messages":
        # What customers send has neither a user nor a response time.
        body["filters"]["direction"] = "Outbound"
    assert (await vendor.post(view.suffix, body)).json()["interactions"]
    missing = await vendor.refusal(view.suffix, WHOLE | {"filters": {"groupBy": "Day"}})
    order = {"orderBy", "orderByField"}
    assert set(missing) == {"filters.from", "filters.to"} | order | VIEW_NEEDS[view.suffix]


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"orderBy": "Newest"}, "orderBy"),
        ({"orderByField": "Channel"}, "orderByField"),
        ({"contexts": ["Queue"]}, "contexts"),
        ({"contexts": {"type": "Queue"}}, "contexts"),
        ({"contexts": [{"type": "Account"}]}, "contexts"),
        ({"contexts": [{"type": "Data"}]}, "contexts"),
        ({"contexts": [{"type": "Data", "id": NOBODY}]}, "contexts"),
        ({"contexts": [{"type": "Data", "id": PAGE}]}, "contexts"),
        ({"filters": {"from": FROM, "to": FROM, "newState": ["Closed"]}}, "filters.from"),
        (
            {"filters": {"from": "2024-10-01T00:00:00Z", "to": TO, "newState": ["Closed"]}},
            "filters.to",
        ),
        ({"filters": {"from": FROM, "to": TO, "newState": ["Open"]}}, "filters.newState"),
    ],
)
async def test_wrong_requests_for_rows_are_refused(
    vendor: Vendor, changes: dict[str, Any], wrong: str
) -> None:
    refused = await vendor.refusal("/interactions/view-interactions", flattened(**changes))
    assert list(refused) == [wrong]


@pytest.mark.parametrize(
    ("resource", "kind"),
    [
        ("conversations", "User"),
        ("conversations", "Data"),
        ("messages", "Data"),
        ("unit-of-works", "Account"),
    ],
)
async def test_contexts_depend_on_the_family(vendor: Vendor, resource: str, kind: str) -> None:
    body = flattened(contexts=[{"type": kind, "id": REASON}])
    assert list(await vendor.refusal(f"/{resource}/view-interactions", body)) == ["contexts"]
