"""iAdvize faked at the wire: canned answers, and a list of conversations that pages as it does."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import httpx

from vendors.iadvize.settings import IadvizeSettings
from vendors.port import Wiring

NOW = datetime(2017, 6, 15, 10, 42, 30, tzinfo=UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@dataclass
class FixedClock:
    instant: datetime = NOW

    def now(self) -> datetime:
        return self.instant


def settings_of(**changes: object) -> IadvizeSettings:
    given: dict[str, object] = {
        "key": "ia",
        "vendor": "iadvize",
        "api_key": "s3cret",
        "pacing": {"attempts": 1},
    }
    return IadvizeSettings.model_validate(given | changes)


@dataclass
class Upstream:
    """The API at the wire: every request is kept and answered by `answer`."""

    answer: Callable[[httpx.Request], httpx.Response]
    requests: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.answer(request)

    def wiring(self) -> Wiring:
        return Wiring(clock=FixedClock(), transport=httpx.MockTransport(self))

    @property
    def request(self) -> httpx.Request:
        (only,) = self.requests
        return only


def asked(request: httpx.Request) -> dict[str, str]:
    """Return the query string's members, each of which stands there once."""
    pairs = parse_qsl(request.url.query.decode(), keep_blank_values=True)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def filters_of(request: httpx.Request) -> dict[str, str]:
    """Return the values of a request's filters."""
    found = {}
    for name, value in asked(request).items():
        if match := re.fullmatch(r"filters\[(\w+)\]", name):
            found[match[1]] = value
    return found


def success(
    data: object, status: int = 200, pagination: Mapping[str, object] | None = None
) -> httpx.Response:
    body = {"meta": {"status": "success"}, "data": data}
    return httpx.Response(
        status, json=body if pagination is None else body | {"pagination": pagination}
    )


def failure(message: str, word: str = "fail", status: int = 200) -> httpx.Response:
    return httpx.Response(status, json={"meta": {"status": word, "message": message}})


def saying(data: object) -> Callable[[httpx.Request], httpx.Response]:
    return lambda _: success(data)


def refusing(message: str, word: str = "fail") -> Callable[[httpx.Request], httpx.Response]:
    return lambda _: failure(message, word)


def paged(rows: list[Any], request: httpx.Request) -> httpx.Response:
    """Return the page that was asked for; beyond the last one that one again, as iAdvize does."""
    page, limit = int(asked(request)["page"]), int(asked(request)["limit"])
    pages = max(1, -(-len(rows) // limit))
    at = (min(page, pages) - 1) * limit
    pagination = {"page": page, "pages": pages, "limit": limit, "count": len(rows)}
    return success(rows[at : at + limit], pagination=pagination)


@dataclass
class Conversations:
    """The list of conversations, newest first, by local time, as strict as it is documented."""

    rows: list[dict[str, Any]]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        filters = filters_of(request)
        first, last = filters["from"], filters["to"]
        if _three_months_after(first) < last:
            return failure("The interval is over 3 months.")
        rows = [row for row in self.rows if first <= row["created_at"] <= last]
        for name, value in filters.items():
            if name not in {"from", "to"}:
                rows = [row for row in rows if _matches(row, name, value)]
        # Those of one second come in no order of ours.
        rows.sort(key=lambda row: (row["created_at"], hash((row["id"], 7))), reverse=True)
        return paged(rows, request)


def _matches(row: Mapping[str, Any], name: str, value: str) -> bool:
    if name == "tag_id":
        return int(value) in row["tag_list"]
    column = {"visitor_id": "visitor_uid"}.get(name, name)
    return str(row[column]) == value


def _three_months_after(text: str) -> str:
    start = datetime.fromisoformat(text)
    month = start.month + 3
    moved = (start.year + (month > 12), (month - 1) % 12 + 1)
    # A day that the month does not have is taken for its last: the strictest reading.
    day = start.day
    while True:
        try:
            end = start.replace(year=moved[0], month=moved[1], day=day)
        except ValueError:
            day -= 1
            continue
        return min(end, start + timedelta(days=89)).strftime("%Y-%m-%d %H:%M:%S")


def conversation(number: int, created_at: str, **members: object) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": number,
        "channel": "chat",
        "visitor_uid": "0a15",
        "history": [],
        "operator_answer": True,
        "operator_closed": True,
        "waitinglist": False,
        "page_type": "product",
        "created_at": created_at,
        "closed_at": created_at,
        "website_id": 1,
        "operator_id": 7,
        "skill_id": None,
        "tag_list": [],
        "rule_id": 3,
        "xmpp_id": "0d1a1c1e-0000-4000-8000-000000000000",
        "_link": f"/conversation/{number}",
    }
    return row | members


OPERATOR: Mapping[str, Any] = {
    "id": 123,
    "name": "Ana Ruiz",
    "first_name": "Ana",
    "pseudo": "Ana",
    "email": "ana@example.test",
    "external_id": "E-9",
    "role": "operator",
    "roles": ["operator", "expert"],
    "chat_enabled": True,
    "call_enabled": False,
    "video_enabled": True,
    "chat_max_number": 4,
    "chat_and_call": False,
    "chat_priority": 0,
    "call_priority": 10,
    "video_priority": 0,
    "language_list": ["en", "fr"],
    "language_admin": "fr",
    "group_id": 1984,
    "website_list": [1, 2],
    "skill_list": [32, 33],
    "sso_key": "never-shown",
    "_link": "/operator/123",
}


def live(number: int, **members: object) -> dict[str, Any]:
    """Return an operator's state as the documents show it."""
    closed = {
        "enabled": False,
        "slot_number": 0,
        "slot_max_number": 1,
        "busy": False,
        "available": False,
    }
    chat = {
        "enabled": True,
        "slot_number": 2,
        "slot_max_number": 4,
        "busy": False,
        "available": True,
    }
    state: dict[str, Any] = {"id": number, "connected": True, "chat": chat}
    return state | {"call": closed, "video": closed} | members
