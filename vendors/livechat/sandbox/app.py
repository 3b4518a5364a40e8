"""The simulator as a web application: routes, the envelope of errors, the way to each report."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING, TypeAlias

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Route

from vendors.livechat.sandbox import agent_reports, chat_reports, later_reports
from vendors.livechat.sandbox.access import (
    FAREWELLS,
    Rate,
    check_credentials,
    check_region,
    version_of,
)
from vendors.livechat.sandbox.archive import Archive
from vendors.livechat.sandbox.conditions import OF_3_4, OF_3_5
from vendors.livechat.sandbox.grammar import members
from vendors.livechat.sandbox.profile import ACCESS_TOKEN, GROUPS, PROFILE
from vendors.livechat.sandbox.query import parameters
from vendors.livechat.sandbox.refusals import Refusal
from vendors.livechat.sandbox.request import PARAMETERS
from vendors.port import Simulator

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from vendors.world import World

_BODY_BYTES = 1024 * 1024
# The vendor tells no numbers; a reload of two years by days must pass.
_GENEROUS = (3_000, 10.0)
_Report: TypeAlias = "Callable[[Mapping[str, object], Archive], dict[str, object]]"
_OF_AGENTS = {("agents", name): report for name, report in agent_reports.REPORTS.items()}
_OF_3_4: Mapping[tuple[str, str], _Report] = {
    **{("chats", name): report for name, report in chat_reports.reports(OF_3_4).items()},
    **_OF_AGENTS,
}
# Since 3.5 there are forms in place of surveys.
_KEPT: Mapping[tuple[str, str], _Report] = {
    **{
        ("chats", name): report
        for name, report in chat_reports.reports(OF_3_5).items()
        if name != "surveys"
    },
    **_OF_AGENTS,
}
_REPORTS: Mapping[str, Mapping[tuple[str, str], _Report]] = {
    "3.4": _OF_3_4,
    "3.5": {**_KEPT, **later_reports.OF_3_5},
    "3.6": {**_KEPT, **later_reports.OF_3_5, **later_reports.OF_3_6},
}
# What the router refuses by itself -> how the vendor says so.
_UNROUTED: Mapping[int, str] = {HTTPStatus.METHOD_NOT_ALLOWED: "not_allowed"}


def simulator(world: World) -> Simulator:
    """Return the vendor as documented, over the account of the world that is made for it."""
    return Simulator(app=app(world, Rate(*_GENEROUS)), settings=settings)


def settings(origin: str) -> dict[str, object]:
    """Return the settings of a platform that reaches the simulator at `origin`."""
    return {
        "base_url": origin,
        "access_token": ACCESS_TOKEN,
        "time_zone": PROFILE.time_zone,
        "groups": [{"id": group.id, "name": group.name} for group in GROUPS],
    }


def app(world: World, rate: Rate) -> Starlette:
    """Return the application, limited to a rate."""
    reports = _Reports(Archive(world), rate)
    methods = ["GET", "POST"]
    return Starlette(
        routes=[
            Route("/v{version}/reports/{resource}/{action}", reports.answer, methods=methods),
            Route("/reports/{resource}/{action}", reports.answer, methods=methods),
        ],
        exception_handlers={HTTPException: _unrouted},
    )


class _Reports:
    """Answers a report after every check that comes before it."""

    def __init__(self, archive: Archive, rate: Rate) -> None:
        self._archive = archive
        self._rate = rate
        # One at a time: what a day is made of is made once, however many ask for it at once.
        self._lock = Lock()

    async def answer(self, request: Request) -> Response:
        """Answer a request with a report or with a refusal."""
        try:
            version = version_of(request.path_params.get("version"), request.headers)
            content = await self._report(request, _REPORTS[version])
        except Refusal as refusal:
            return JSONResponse(refusal.body, refusal.status)
        return JSONResponse(content, headers=FAREWELLS.get(version))

    async def _report(
        self, request: Request, reports: Mapping[tuple[str, str], _Report]
    ) -> dict[str, object]:
        check_credentials(request.headers)
        check_region(request.headers)
        self._rate.check()
        report = reports.get((request.path_params["resource"], request.path_params["action"]))
        if report is None:
            raise Refusal("not_found")
        asked = members(await _parameters(request), "", PARAMETERS)
        return await run_in_threadpool(self._make, report, asked)

    def _make(self, report: _Report, asked: Mapping[str, object]) -> dict[str, object]:
        with self._lock:
            return report(asked, self._archive)


async def _parameters(request: Request) -> object:
    if request.method != "POST":
        return parameters(request.query_params.multi_items())
    media_type = request.headers.get("Content-Type", "").partition(";")[0]
    if media_type.strip().lower() != "application/json":
        raise Refusal("validation", "Content-Type must be application/json")
    body = await request.body()
    if len(body) > _BODY_BYTES:
        raise Refusal("entity_too_large")
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Refusal("validation") from None


def _unrouted(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.NOT_FOUND
    refusal = Refusal(_UNROUTED.get(status, "not_found"))
    return JSONResponse(refusal.body, refusal.status)
