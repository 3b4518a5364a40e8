"""Whether the process runs, and whether it can answer. A vendor's outage changes neither."""

from __future__ import annotations

from collections.abc import Callable

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

__all__ = ["health_routes"]


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


def _answer(status: int, content: dict[str, object]) -> Response:
    headers = {"cache-control": "no-store"}
    return Response(orjson.dumps(content), status, headers=headers, media_type="application/json")
