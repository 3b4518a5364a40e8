"""The simulator refuses what the vendor would refuse, in the vendor's words."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest
from tests.vendors.livechat.simulated import (
    BEARER,
    MONTH,
    SPRING,
    TOKEN,
    WORLD,
    ask,
    send,
)

from vendors.livechat.sandbox.access import Rate
from vendors.livechat.sandbox.app import app
from vendors.livechat.sandbox.refusals import Refusal
from vendors.port import Simulator

TOTAL = "/v3.4/reports/chats/total_chats"
ACCOUNT_ID = "5a1dbe00-0000-4000-8000-000000000001"
PAT = "fra:sandbox-livechat-pat"


def basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"}


async def test_the_version_may_stand_in_a_header() -> None:
    headers = {**BEARER, "X-API-Version": "3.4"}
    path = "/reports/chats/total_chats"
    response = await send("POST", path, headers=headers, json={"filters": SPRING})
    assert response.json() == await ask("chats/total_chats", filters=SPRING)
    both = await send("POST", TOTAL, headers=headers, json={"filters": SPRING})
    assert both.status_code == 200


@pytest.mark.parametrize(
    ("path", "header"),
    [
        ("/v3.2/reports/chats/total_chats", None),
        ("/v3.3/reports/chats/total_chats", "3.4"),
        (TOTAL, "3.6"),
        ("/reports/chats/total_chats", "3.7"),
        ("/reports/chats/total_chats", None),
    ],
)
async def test_other_versions_are_not_supported(path: str, header: str | None) -> None:
    headers = {**BEARER, "X-API-Version": header} if header else BEARER
    response = await send("POST", path, headers=headers, json={})
    assert (response.status_code, response.json()) == (
        400,
        {
            "error": {
                "type": "unsupported_version",
                "message": "Cannot call unsupported API versions.",
            }
        },
    )


@pytest.mark.parametrize("headers", [BEARER, basic(ACCOUNT_ID, PAT)])
async def test_a_bearer_token_or_a_personal_access_token_opens(headers: dict[str, str]) -> None:
    assert (await send("POST", TOTAL, headers=headers, json={})).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": TOKEN},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Bearer {TOKEN.replace(':', '%3A')}"},
        {"Authorization": f"Bearer {PAT}"},
        {"Authorization": f"Digest {TOKEN}"},
        {"Authorization": "Basic !!!"},
        {"Authorization": "Basic /w=="},
        basic(ACCOUNT_ID, TOKEN),
        basic("5a1dbe00-0000-4000-8000-000000000002", PAT),
        basic(ACCOUNT_ID, "wrong"),
    ],
)
async def test_other_credentials_do_not(headers: dict[str, str]) -> None:
    response = await send("POST", TOTAL, headers=headers, json={})
    assert (response.status_code, response.json()) == (
        401,
        {"error": {"type": "authentication", "message": "Invalid access token"}},
    )


async def test_a_token_needs_the_scope_of_the_reports() -> None:
    headers = {"Authorization": f"Bearer {TOKEN}-without-scope"}
    response = await send("POST", TOTAL, headers=headers, json={})
    assert response.status_code == 403
    assert response.json()["error"]["type"] == "authorization"


async def test_the_account_is_in_one_region() -> None:
    right = await send("POST", TOTAL, headers={**BEARER, "X-Region": "fra"}, json={})
    assert right.status_code == 200
    wrong = await send("POST", TOTAL, headers={**BEARER, "X-Region": "dal"}, json={})
    assert wrong.status_code == 421
    assert wrong.json() == {
        "error": {
            "type": "misdirected_request",
            "message": "Wrong region",
            "data": {"region": "fra"},
        }
    }


async def test_too_many_requests_are_refused() -> None:
    limited = Simulator(app(WORLD, Rate(2, 3_600)), lambda _: {})
    answers = [await send("POST", TOTAL, json={}, simulated=limited) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["error"]["type"] == "too_many_requests"
    assert "Retry-After" not in answers[2].headers


def test_the_block_lifts_by_itself() -> None:
    now = [100.0]
    rate = Rate(2, 10, clock=lambda: now[0])
    rate.check()
    now[0] = 105.0
    rate.check()
    with pytest.raises(Refusal):
        rate.check()
    now[0] = 110.0
    rate.check()
    with pytest.raises(Refusal):
        rate.check()


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("POST", "/v3.4/reports/chats/forms", 404, "not_found"),
        ("POST", "/v3.4/reports/agents/duration", 404, "not_found"),
        ("GET", "/", 404, "not_found"),
        ("PUT", TOTAL, 405, "not_allowed"),
    ],
)
async def test_other_places_and_verbs(method: str, path: str, status: int, kind: str) -> None:
    response = await send(method, path)
    assert (response.status_code, response.json()["error"]["type"]) == (status, kind)


@pytest.mark.parametrize(
    ("headers", "content", "kind"),
    [
        ({}, b"{}", "validation"),
        ({"Content-Type": "text/plain"}, b"{}", "validation"),
        ({"Content-Type": "application/json"}, b"", "validation"),
        ({"Content-Type": "application/json"}, b"{", "validation"),
        ({"Content-Type": "application/json"}, b"\xff", "validation"),
        ({"Content-Type": "application/json"}, b"[]", "validation"),
        ({"Content-Type": "application/json"}, b'"\\ud800"', "validation"),
        ({"Content-Type": "application/json"}, b'{"\\ud800": 1}', "validation"),
        ({"Content-Type": "application/json"}, b"[" * 100_000, "validation"),
        ({"Content-Type": "application/json"}, b" " * (1024 * 1024 + 1), "entity_too_large"),
    ],
)
async def test_a_body_is_an_object_in_json(
    headers: dict[str, str], content: bytes, kind: str
) -> None:
    response = await send("POST", TOTAL, headers={**BEARER, **headers}, content=content)
    assert response.json()["error"]["type"] == kind
    charset = {**BEARER, "Content-Type": "application/json; charset=utf-8"}
    assert (await send("POST", TOTAL, headers=charset, content=b"{}")).status_code == 200


CHATS: list[dict[str, Any]] = [
    {"unknown": 1},
    {"filters": None},
    {"filters": []},
    {"filters": {}},
    {"filters": {"agents": {"exists": True}}},
    {"filters": {"from": MONTH["from"]}},
    {"filters": {"to": MONTH["to"]}},
    {"filters": {"from": MONTH["to"], "to": MONTH["from"]}},
    {"filters": {**MONTH, "greetings": MONTH}},
    {"filters": {**MONTH, "surveys": [{"type": "pre_chat", **MONTH}]}},
    {"filters": {"surveys": [{"type": "pre_chat", **MONTH}, {"type": "post_chat", **SPRING}]}},
    {"filters": {"greetings": {"from": MONTH["from"]}}},
    {"filters": {**MONTH, "from": "2026-03-01"}},
    {"filters": {**MONTH, "from": "2026-03-01T00:00:00"}},
    {"filters": {**MONTH, "from": "2026-03-01T00:00:00.1234567Z"}},
    {"filters": {**MONTH, "from": "2026-03-01T00:00:00.000000Z00:00"}},
    {"filters": {**MONTH, "from": "2026-03-01T00:00:00 01:00"}},
    {"filters": {**MONTH, "from": "2026-02-30T00:00:00Z"}},
    {"filters": {**MONTH, "from": "2026-03-01T24:00:00Z"}},
    {"filters": {**MONTH, "from": "0001-01-01T00:00:00+14:00"}},
    {"filters": {**MONTH, "from": 1_772_323_200}},
    {"filters": {**MONTH, "countries": {"values": ["GB"]}}},
    {"filters": {**MONTH, "agents": {}}},
    {"filters": {**MONTH, "agents": ["joe@example.com"]}},
    {"filters": {**MONTH, "agents": {"values": []}}},
    {"filters": {**MONTH, "agents": {"values": "joe@example.com"}}},
    {"filters": {**MONTH, "agents": {"values": [7]}}},
    {"filters": {**MONTH, "agents": {"values": ["a"], "exists": True}}},
    {"filters": {**MONTH, "agents": {"values": ["a"], "exclude_values": ["b"]}}},
    {"filters": {**MONTH, "agents": {"exists": "true"}}},
    {"filters": {**MONTH, "agents": {"exists": True, "require_every_value": True}}},
    {"filters": {**MONTH, "agents": {"require_every_value": True}}},
    {"filters": {**MONTH, "tags": {"values": ["a"], "require_every_value": "yes"}}},
    {"filters": {**MONTH, "groups": [1]}},
    {"filters": {**MONTH, "groups": {"values": ["1"]}}},
    {"filters": {**MONTH, "groups": {"values": [True]}}},
    {"filters": {**MONTH, "sales": {"values": [1.5]}}},
    {"filters": {**MONTH, "event_types": {"exists": True}}},
    {"filters": {**MONTH, "event_types": {"values": ["sneeze"]}}},
    {"filters": {**MONTH, "properties": {}}},
    {"filters": {**MONTH, "properties": {"routing": {"pinned": True}}}},
    {"filters": {**MONTH, "properties": {"routing": {"pinned": {"values": [True, False]}}}}},
    {"filters": {**MONTH, "properties": {"routing": {"pinned": {"values": ["true"]}}}}},
    {"filters": {**MONTH, "properties": {"rating": {"score": {"values": [True]}}}}},
    {"filters": {**MONTH, "greetings": {}}},
    {"filters": {**MONTH, "greetings": {"values": ["18"]}}},
    {"filters": {**MONTH, "greetings": {"values": [18], "exists": True}}},
    {"filters": {**MONTH, "agent_response": {"agents": {"values": ["a"]}}}},
    {"filters": {**MONTH, "agent_response": {"first": False, "groups": {"values": [1]}}}},
    {"filters": {**MONTH, "agent_response": {"first": 1}}},
    {"filters": {**MONTH, "agent_response": {}}},
    {"filters": {**MONTH, "agent_response": {"first": True, "tags": {"values": ["a"]}}}},
    {"filters": {**MONTH, "greetings": {"values": [18], "require_every_value": True}}},
    {"filters": {**MONTH, "greetings": {"groups": [1]}}},
    {
        "filters": {
            **MONTH,
            "properties": {"rating": {"score": {"values": [1], "require_every_value": True}}},
        }
    },
    {
        "filters": {
            **MONTH,
            "surveys": [{"type": "pre_chat", "values": ["1:0"], "require_every_value": True}],
        }
    },
    {"filters": {**MONTH, "surveys": [{"type": "pre_chat", "groups": [10]}]}},
    {"filters": {**MONTH, "surveys": [{"type": "pre_chat", "from": MONTH["from"]}]}},
    {"filters": {**MONTH, "surveys": []}},
    {"filters": {**MONTH, "surveys": {"type": "pre_chat"}}},
    {"filters": {**MONTH, "surveys": [{"exists": True}]}},
    {"filters": {**MONTH, "surveys": [{"type": "mid_chat"}]}},
    {"filters": {**MONTH, "surveys": [{"type": "pre_chat", "values": ["yes"]}]}},
    {"filters": {**MONTH, "surveys": [{"type": "pre_chat", "values": ["1:0"], "exists": True}]}},
    {"distribution": "week"},
    {"distribution": None},
    {"distribution": ["day"]},
    {"timezone": "Europe/Atlantis"},
    {"timezone": "../../etc/passwd"},
    {"timezone": "+02:00"},
    {"timezone": ""},
    {"timezone": None},
]

AGENTS: list[dict[str, Any]] = [
    {"distribution": "month"},
    {"distribution": "day-hours"},
    {"timezone": "Nowhere"},
    {"filters": {}},
    {"filters": {"greetings": MONTH}},
    {"filters": {**MONTH, "agents": {"exists": True}}},
    {"filters": {**MONTH, "groups": {"exclude_values": [1]}}},
    {"filters": {**MONTH, "groups": {"exists": True}}},
    {"filters": {**MONTH, "groups": {"values": [1], "require_every_value": True}}},
    {"filters": {**MONTH, "agent_response": {"exists": True}}},
    {"filters": {**MONTH, "surveys": [{"type": "pre_chat"}]}},
    {"filters": {**MONTH, "properties": {"rating": {"score": {"values": [1]}}}}},
    {"filters": {**MONTH, "tags": {"values": ["VIP"]}}},
]


@pytest.mark.parametrize(
    ("report", "body"),
    [
        *(("chats/total_chats", body) for body in CHATS),
        *(("agents/availability", body) for body in AGENTS),
        *(("agents/performance", body) for body in AGENTS),
        ("chats/ranking", {"distribution": "week"}),
    ],
)
async def test_what_is_not_as_documented_is_refused(report: str, body: dict[str, Any]) -> None:
    response = await send("POST", f"/v3.4/reports/{report}", json=body)
    assert response.status_code == 400, response.text
    error = response.json()["error"]
    assert sorted(error) == ["message", "type"]
    assert error["type"] == "validation"


@pytest.mark.parametrize(
    "query",
    [
        "filters.from=2026-03-01T00:00:00+01:00",
        "filters.from=2026-03-01T00:00:00Z",
        "filters[from]=2026-03-01T00:00:00Z&filters[to]=2026-03-02T00:00:00Z",
        "filters.from=a&filters.from=b",
        "filters.tags.values[]=VIP",
        "filters.properties.routing.pinned.values=true",
        "filters.properties[routing][pinned].values=yes",
        "filters.surveys.type=pre_chat",
        "filters.agents=a&filters.agents.values=b",
        "filters.agents.values=b&filters.agents.values.more=c",
        "filters.groups.values=one",
        "filters.groups.values=1_0",
        "filters.agents.exists=1",
        "filters=1",
        "unknown=1",
        "distribution=day&distribution=hour",
        "=",
    ],
)
async def test_a_query_string_in_another_encoding_is_refused(query: str) -> None:
    window = "filters.from=2026-03-01T00:00:00Z&filters.to=2026-03-02T00:00:00Z"
    for whole in (query, f"{query}&{window}"):
        response = await send("GET", f"{TOTAL}?{whole}")
        assert response.status_code == 400, whole
        assert response.json()["error"]["type"] == "validation"


async def test_a_window_of_too_many_buckets_is_refused() -> None:
    century = {"from": "2000-01-01T00:00:00Z", "to": "2099-12-31T23:59:59Z"}
    filters = {"filters": century, "distribution": "hour"}
    response = await send("POST", TOTAL, json=filters)
    assert response.status_code == 400
    assert response.json()["error"]["type"] == "limit_reached"
    days = await ask("chats/total_chats", filters=century, distribution="year")
    assert len(days["records"]) == 100
