"""Parley's simulator: one talk every 40 minutes, two people, and a token to know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from vendors.port import Simulator
from vendors.world import World

_TOKEN = "sandbox-parley"
_EVERY = timedelta(minutes=40)
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_STAFF = ({"id": "p1", "name": "Ada Example"}, {"id": "p2", "name": "Ben Example"})

_DESKS = ({"id": "d1", "called": "Front desk", "people": ["p1", "p2"]},)


def simulator(_world: World) -> Simulator:
    """Return the simulator; it needs nothing of the world."""
    routes = [
        Route("/staff", _guarded(lambda _request: list(_STAFF))),
        Route("/desks", _guarded(lambda _request: list(_DESKS))),
        Route("/talks", _guarded(_talks)),
        Route("/talks/figures", _guarded(_figures)),
    ]
    return Simulator(Starlette(routes=routes), _settings)


def _settings(origin: str) -> Mapping[str, Any]:
    return {"base_url": origin, "token": _TOKEN}


def _guarded(answer: Any) -> Any:  # noqa: ANN401 - an endpoint
    async def endpoint(request: Request) -> JSONResponse:
        if request.headers.get("authorization") != f"Bearer {_TOKEN}":
            return JSONResponse({"error": "who are you"}, 401)
        return JSONResponse(answer(request))

    return endpoint


def _happened(start: datetime, end: datetime, who: list[str]) -> Iterator[dict[str, Any]]:
    number = -(-(start - _EPOCH) // _EVERY)
    while (at := _EPOCH + number * _EVERY) < min(end, datetime.now(UTC)):
        person = _STAFF[number % 2]["id"]
        if not who or person in who:
            yield {"id": f"t{number}", "who": person, "at": at.isoformat()}
        number += 1


def _window(request: Request) -> tuple[datetime, datetime]:
    given = request.query_params
    return datetime.fromisoformat(given["from"]), datetime.fromisoformat(given["to"])


def _talks(request: Request) -> list[dict[str, Any]]:
    listed = list(_happened(*_window(request), []))
    return listed[::-1][: int(request.query_params["limit"])]


def _figures(request: Request) -> list[dict[str, Any]]:
    start, end = _window(request)
    where = ZoneInfo(request.query_params["zone"])
    grain = request.query_params["by"]
    who = request.query_params.getlist("who")
    found = []
    while start < end:
        stop = end if grain == "total" else min(end, _next(start, grain, where))
        count = len(list(_happened(start, stop, who)))
        at = _begin(start, grain, where).isoformat()
        found.append({"at": at, "talks": count, "seconds": 30.0 if count else None})
        start = stop
    return found


def _begin(at: datetime, grain: str, where: ZoneInfo) -> datetime:
    local = at.astimezone(where)
    whole = {"minute": 0, "second": 0, "microsecond": 0}
    if grain == "hour":
        return local.replace(**whole).astimezone(UTC)  # type: ignore[arg-type]  # members by name
    if grain == "day":
        return local.replace(hour=0, **whole).astimezone(UTC)  # type: ignore[arg-type]  # as above
    return at


def _next(at: datetime, grain: str, where: ZoneInfo) -> datetime:
    begin = _begin(at, grain, where)
    if grain == "hour":
        return begin + timedelta(hours=1)
    local = begin.astimezone(where) + timedelta(days=1, hours=6)
    return _begin(local, "day", where)
