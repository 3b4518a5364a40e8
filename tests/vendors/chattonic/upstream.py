"""Chat-Tonic faked at the wire: an app whose answers a test sets, and a list that moves."""

from __future__ import annotations

import random
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
import msgspec

from vendors.chattonic.settings import ChatTonicSettings
from vendors.port import Wiring

NOW = datetime(2021, 12, 1, 10, 42, 30, tzinfo=UTC)
LOGIN = "/api/v1/user/login"

# The vendor's own sample, with a second operator who has something to show.
SAMPLE = b"""{
"status": true,
"operators": [{
  "name": {"givenName": "Chamo", "familyName": "Sac2"}, "origins": ["5ed94dd1fdda89cee4cb61"],
  "profile": 500, "_id": "5ed96d95aef725fdfb", "displayName": "Chamo Sac2",
  "onlineTime": 0, "awayTime": 0, "freeTime": 0, "queriesResolved": 0,
  "avgDurationResolved": 0, "queriesAssigned": 0, "sumDuration": 0, "nps": 0,
  "lastConnection": null, "numberOfResponsesNps": 0, "queryInProgress": 0,
  "originsName": "Tengo otro tipo de consultas"
}, {
  "name": {"givenName": "Chamo", "familyName": "Operator"}, "origins": [],
  "profile": 500, "_id": "5f286ede4dbdcf209af", "displayName": "Chamo Operator",
  "status": "online", "onlineTime": 480, "awayTime": 20, "freeTime": 100,
  "queriesResolved": 4, "avgDurationResolved": 12.5, "queriesAssigned": 5, "sumDuration": 50,
  "nps": -50, "lastConnection": 1638354150, "numberOfResponsesNps": 2, "queryInProgress": 1,
  "originsName": "all"
}],
"queryPending": 3
}"""
FIRST, SECOND = "5ed96d95aef725fdfb", "5f286ede4dbdcf209af"


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@dataclass
class FixedClock:
    instant: datetime = NOW

    def now(self) -> datetime:
        return self.instant


def settings_of(**changes: object) -> ChatTonicSettings:
    given: dict[str, object] = {
        "key": "ct",
        "vendor": "chattonic",
        "base_url": "https://ct.test",
        "codename": "acme",
        "username": "ana@acme.test",
        "password": "s3cret pass",
        "pacing": {"attempts": 1},
    }
    return ChatTonicSettings.model_validate(given | changes)


def jwt(**claims: object) -> str:
    def part(value: object) -> str:
        return urlsafe_b64encode(msgspec.json.encode(value)).decode().rstrip("=")

    return f"{part({'alg': 'ES512', 'typ': 'JWT'})}.{part(claims)}.c2lnbmF0dXJl"


def logged_in(token: str = "t0ken", **members: object) -> httpx.Response:
    body = {"id": "5d7f", "username": "ana@acme.test", "appCodename": "acme", "token": token}
    return httpx.Response(200, json=body | members)


@dataclass
class Upstream:
    """The app at the wire: logs in, and answers everything else by `answer`."""

    answer: Callable[[httpx.Request], httpx.Response]
    login: Callable[[httpx.Request], httpx.Response] = lambda _: logged_in()
    logins: list[httpx.Request] = field(default_factory=list)
    requests: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == LOGIN:
            self.logins.append(request)
            return self.login(request)
        self.requests.append(request)
        return self.answer(request)

    def wiring(self) -> Wiring:
        return Wiring(clock=FixedClock(), transport=httpx.MockTransport(self))

    @property
    def request(self) -> httpx.Request:
        (only,) = self.requests
        return only


def saying(json: object, status: int = 200) -> Callable[[httpx.Request], httpx.Response]:
    return lambda _: httpx.Response(status, json=json)


def asked(request: httpx.Request) -> dict[str, str]:
    """Return the query string's members, each of which stands there once."""
    found = parse_qs(request.url.query.decode(), strict_parsing=True)
    return {name: value for name, (value,) in found.items()}


def case(number: int, at: datetime, status: str = "pending", **members: object) -> dict[str, Any]:
    written = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"_id": f"q{number}", "status": status, "createdAt": written} | members


@dataclass
class MovingList:
    """The list of queries, paged by number, newest first; `between` is run after every page.

    Queries that share an instant come in another order with every page.
    """

    cases: list[dict[str, Any]]
    between: Callable[[MovingList], None] = lambda _: None
    seed: int = 0
    most: int = 100
    pages: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._next = len(self.cases)

    def arrive(self, at: datetime, status: str = "pending") -> str:
        self._next += 1
        self.cases.append(case(self._next, at, status))
        return f"q{self._next}"

    def __call__(self, request: httpx.Request) -> httpx.Response:
        wanted = asked(request)
        skip, limit = int(wanted["skip"]), min(int(wanted["limit"]), self.most)
        status = msgspec.json.decode(wanted.get("query", "{}")).get("status")
        self._random.shuffle(self.cases)
        listed = sorted(
            (one for one in self.cases if status in {None, one["status"]}),
            key=lambda one: one["createdAt"],
            reverse=True,
        )
        page = listed[skip : skip + limit]
        self.pages += 1
        self.between(self)
        return httpx.Response(200, json={"limit": limit, "skip": skip, "objects": page})


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)
