"""Gnatta at the wire: canned answers, and a small vendor that keeps audits and its own limits."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from random import Random
from typing import Any, NamedTuple

import httpx

from vendors.gnatta.client import GnattaClient
from vendors.gnatta.settings import GnattaSettings
from vendors.port import Platform, Wiring

BASE = "https://gnatta.test/reporting/v1.2"
TOKEN_URL = "https://auth.test/connect/token"

ANA = "5f1d6a0e-6f0c-4a57-9a55-0f6b1f0f7f11"
BEN = "0a4be3a5-3c1b-4e0e-8a43-6d3f1a0f4c22"
RETURNS = "8155c1f3-25e5-4cac-b4d3-36a108b70821"
ORDERS = "f1c56f3c-7702-4a6e-afcb-d69b542f010c"
SHOP = "3fa85f64-5717-4562-b3fc-2c963f66afa6"


def settings_of(**changes: object) -> GnattaSettings:
    """Settings of an account; None takes a setting out."""
    values: dict[str, object] = {
        "key": "gn",
        "vendor": "gnatta",
        "base_url": BASE,
        "token_url": TOKEN_URL,
        "client_id": "app",
        "client_secret": "s3cret",
        "directory": {
            "users": {ANA: "Ana Ruiz", BEN: ""},
            "queues": {RETURNS: "Returns", ORDERS: "Orders"},
            "accounts": {SHOP: "Shop"},
        },
        **changes,
    }
    kept = {name: value for name, value in values.items() if value is not None}
    return GnattaSettings.model_validate(kept)


def granted(token: str = "t1", **members: object) -> httpx.Response:
    return httpx.Response(200, json={"access_token": token, "token_type": "Bearer", **members})


class Upstream:
    """Answers with what it was given, in turn, and remembers what was asked."""

    def __init__(
        self,
        answers: Iterable[httpx.Response] | Callable[[httpx.Request], httpx.Response] = (),
        logins: Iterable[httpx.Response] = (),
    ) -> None:
        self._answer = answers if callable(answers) else _each(answers)
        self._logins = list(logins)
        self.requests: list[httpx.Request] = []
        self.bearers: list[str] = []
        self.logins: list[httpx.Request] = []

    def wiring(self) -> Wiring:
        return Wiring(transport=httpx.MockTransport(self))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.host != "gnatta.test":
            self.logins.append(request)
            return self._logins.pop(0) if self._logins else granted(expires_in=3600)
        self.requests.append(request)
        # A repeated request is the same object with another header.
        self.bearers.append(request.headers["Authorization"].removeprefix("Bearer "))
        return self._answer(request)

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(request.content) for request in self.requests]

    @property
    def paths(self) -> list[str]:
        return [request.url.path.removeprefix("/reporting/v1.2") for request in self.requests]


def _each(answers: Iterable[httpx.Response]) -> Callable[[httpx.Request], httpx.Response]:
    left = list(answers)
    return lambda _: left.pop(0)


class Opened(NamedTuple):
    upstream: Upstream
    client: GnattaClient
    platform: Platform


class Audit(NamedTuple):
    """One audit as the vendor keeps it."""

    reference: str
    at: datetime
    text: str
    """The instant as it is written in an answer."""


def view_interactions(
    audits: Sequence[Audit], random: Random
) -> Callable[[httpx.Request], httpx.Response]:
    """A vendor that lists audits in the order asked for, 1000 at most, equal ones in any order."""

    def answer(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        filters, descending = body["filters"], body["orderBy"] == "Descending"
        start, end = (datetime.fromisoformat(filters[name]) for name in ("from", "to"))
        assert start < end
        found = [audit for audit in audits if start <= audit.at < end]
        random.shuffle(found)
        if body["orderByField"] == "Timestamp":
            found.sort(key=lambda audit: audit.at, reverse=descending)
        else:
            found.sort(key=lambda audit: audit.reference, reverse=descending)
        rows = [
            {"reference": one.reference, "channel": "Email", "timestamp": one.text}
            for one in found[:1000]
        ]
        return httpx.Response(200, json={"interactions": rows})

    return answer
