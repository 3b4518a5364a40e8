"""LiveChat faked at the wire, and an account that talks to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeAlias

import httpx
import msgspec

from vendors.livechat.client import LiveChatClient
from vendors.livechat.settings import LiveChatSettings
from vendors.port import MeasuresPort, Platform, Wiring

NOW = datetime(2021, 4, 15, 10, 42, 30, tzinfo=UTC)


@dataclass
class FixedClock:
    instant: datetime = NOW

    def now(self) -> datetime:
        return self.instant


@dataclass
class Upstream:
    """LiveChat at the wire: canned answers, the last of them again and again."""

    answers: list[httpx.Response]
    requests: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        canned = self.answers[min(len(self.requests), len(self.answers)) - 1]
        return httpx.Response(canned.status_code, headers=canned.headers, content=canned.content)

    def wiring(self) -> Wiring:
        return Wiring(clock=FixedClock(), transport=httpx.MockTransport(self))

    @property
    def request(self) -> httpx.Request:
        (only,) = self.requests
        return only

    @property
    def body(self) -> dict[str, Any]:
        return msgspec.json.decode(self.request.content, type=dict[str, Any])


def settings_of(**changes: object) -> LiveChatSettings:
    given: dict[str, object] = {
        "key": "lc",
        "vendor": "livechat",
        "access_token": "dal:secret",
        "pacing": {"attempts": 1},
    }
    return LiveChatSettings.model_validate(given | changes)


def report(records: Mapping[str, Any], **members: object) -> httpx.Response:
    return httpx.Response(200, json={"name": "a-report", "records": records, **members})


def refusal(status: int, kind: str, **members: object) -> httpx.Response:
    return httpx.Response(status, json={"error": {"type": kind, "message": "No.", **members}})


@dataclass
class Opened:
    upstream: Upstream
    client: LiveChatClient
    platform: Platform

    @property
    def requests(self) -> list[httpx.Request]:
        return self.upstream.requests

    @property
    def measures(self) -> MeasuresPort:
        assert self.platform.measures is not None
        return self.platform.measures


Open: TypeAlias = Callable[..., Opened]
