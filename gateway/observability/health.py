"""How the process fares: that it runs, that it can answer, what it has seen, what it counts.

A vendor's outage changes neither `/healthz` nor `/readyz`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import msgspec
import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.context import Operations
from gateway.observability.metrics import Metrics
from gateway.observability.status import Sightings, status_of
from gateway.refusals import RefusedError, request_id_of
from resolvers.context import Principal, Scope
from vendors.port import Platform

__all__ = ["WatchDoors", "health_routes", "seen_by"]

_NOT_KEPT = {"cache-control": "no-store"}


def health_routes(platforms: Callable[[], int | None]) -> list[Route]:
    """Return `/healthz` and `/readyz`; `platforms` counts those built, None before they are."""

    async def healthz(_request: Request) -> Response:
        return _answer(200, {"status": "ok"})

    async def readyz(_request: Request) -> Response:
        built = platforms()
        if built is None:
            return _answer(503, {"status": "starting"})
        return _answer(200, {"status": "ready", "platforms": built})

    return [Route("/healthz", healthz), Route("/readyz", readyz)]


@dataclass(frozen=True, slots=True)
class WatchDoors:
    """`/status.json` for whoever may read, and `/metrics` for whoever the settings say."""

    operations: Callable[[], Operations]
    sightings: Sightings
    metrics: Metrics
    metrics_shown: Literal["open", "key", "off"]

    def routes(self) -> list[Route]:
        """Return the routes; that of the metrics only where they are shown to anybody."""
        shown = [] if self.metrics_shown == "off" else [Route("/metrics", self.counted)]
        return [Route("/status.json", self.status), *shown]

    async def status(self, request: Request) -> Response:
        """Answer how the platforms fare that this caller sees. None of them is asked."""
        try:
            operations = self.operations()
            principal = await operations.principal_of(request)
        except RefusedError as error:
            return error.response(request_id_of(request.scope))
        services = operations.services
        told = status_of(seen_by(operations, principal), self.sightings, services.clock)
        headers = {**_NOT_KEPT, "vary": "Authorization, X-API-Key"}
        content = msgspec.json.encode(told)
        return Response(content, headers=headers, media_type="application/json")

    async def counted(self, request: Request) -> Response:
        """Answer with the metrics, in the form that `Accept` prefers."""
        try:
            if self.metrics_shown == "key":
                await self.operations().principal_of(request, scope=Scope.METRICS)
        except RefusedError as error:
            return error.response(request_id_of(request.scope))
        page, media_type = self.metrics.page(request.headers.get("accept", ""))
        return Response(page, headers={**_NOT_KEPT, "content-type": media_type})


def seen_by(operations: Operations, principal: Principal) -> list[Platform]:
    """Return the platforms that a caller sees."""
    return [
        platform
        for key, platform in operations.services.platforms.items()
        if principal.platforms is None or key in principal.platforms
    ]


def _answer(status: int, content: dict[str, object]) -> Response:
    return Response(orjson.dumps(content), status, headers=_NOT_KEPT, media_type="application/json")
