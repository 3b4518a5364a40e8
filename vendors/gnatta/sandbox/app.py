"""The simulator as an ASGI app: routes, the envelope of refusals, and how to reach it.

Requests are answered one after another on one thread: figures take processor time, which must not
stop the event loop that everything else of the process runs on.
"""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vendors.gnatta.sandbox import export
from vendors.gnatta.sandbox.guards import API, EXPORT, LIMITS, Authentication, Limits, RateLimiting
from vendors.gnatta.sandbox.identity import Identity
from vendors.gnatta.sandbox.keeping import Keeping
from vendors.gnatta.sandbox.ledger import Ledger
from vendors.gnatta.sandbox.operations import averages, operations
from vendors.gnatta.sandbox.profile import CLIENTS, DOMAIN_ID, PROFILE
from vendors.gnatta.sandbox.refusals import Refusal, problem
from vendors.gnatta.sandbox.tenant import DATA_TYPES, REASON_ID, Tenant
from vendors.gnatta.sandbox.view import MOST_EXPORTED, VIEWS
from vendors.port import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from starlette.requests import Request

    from vendors.gnatta.sandbox.answers import Document
    from vendors.gnatta.sandbox.export import Sheet
    from vendors.world import World

    Ask = Callable[[Ledger, object], Document]

_VERSION = "v1.2"
_EXPORTABLE = frozenset({"*/*", "text/csv"})


def simulator(world: World, *, cached: bool = False, limits: Limits = LIMITS) -> Simulator:
    """Return the vendor as its article describes it, with an account of the world.

    `cached` keeps every answer for 10 minutes, as the vendor does.
    """
    tenant = Tenant(world.account(PROFILE))
    keeping = Keeping(world.clock) if cached else None
    identity = Identity(world.clock)
    desk = Desk(Ledger(tenant), keeping)
    app = Starlette(
        routes=[*identity.routes(), *desk.routes()],
        middleware=[
            Middleware(RateLimiting, clock=world.clock, limits=limits),
            Middleware(Authentication, identity=identity),
        ],
        exception_handlers={Refusal: _refused, HTTPException: _not_routed},
    )
    app.router.redirect_slashes = False
    return Simulator(app=app, settings=partial(_settings, tenant))


def _settings(tenant: Tenant, origin: str) -> Mapping[str, Any]:
    ((client_id, secret),) = CLIENTS.items()
    return {
        "base_url": f"{origin}{API}{_VERSION}",
        "export_base_url": f"{origin}{EXPORT}{_VERSION}",
        "discovery_url": f"{origin}/{DOMAIN_ID}/.well-known/openid-configuration",
        "client_id": client_id,
        "client_secret": secret,
        "time_zone": PROFILE.time_zone,
        "directory": {
            **{kind: dict(names) for kind, names in tenant.directory.items()},
            "tag_type": REASON_ID,
            "tags": dict(DATA_TYPES[REASON_ID].options),
            "string_types": {one.id: one.name for one in DATA_TYPES.values() if one.free_text},
        },
    }


class Desk:
    """Answers one request after another."""

    def __init__(self, ledger: Ledger, keeping: Keeping | None) -> None:
        self._ledger = ledger
        self._keeping = keeping
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="gnatta-sandbox")

    def routes(self) -> Iterator[Route]:
        """Yield the routes of the reporting and of the export API."""
        for operation in operations():
            yield self._reporting(operation.suffix, operation.answer)
            yield self._export(operation.suffix, operation.answer, export.groups)
        for view in VIEWS:
            yield self._reporting(view.suffix, view.answer)
            every = partial(view.answer, most=MOST_EXPORTED)
            yield self._export(view.suffix, every, export.interactions)
        for suffix, operation in averages():
            yield self._export(suffix, operation.answer, export.averages)

    def _reporting(self, suffix: str, ask: Ask) -> Route:
        async def endpoint(request: Request) -> Response:
            return await self._answer(request, ask, JSONResponse)

        return Route(f"{API}{_VERSION}{suffix}", endpoint, methods=["POST"])

    def _export(self, suffix: str, ask: Ask, sheet: Callable[[Document], Sheet]) -> Route:
        def response(document: Document) -> Response:
            return Response(sheet(document).csv(), media_type="text/csv")

        async def endpoint(request: Request) -> Response:
            if request.headers.get("Accept", "*/*") not in _EXPORTABLE:
                raise HTTPException(404)
            return await self._answer(request, ask, response)

        return Route(f"{EXPORT}{_VERSION}{suffix}", endpoint, methods=["POST"])

    async def _answer(
        self, request: Request, ask: Ask, respond: Callable[[Document], Response]
    ) -> Response:
        value = _json(request.headers.get("Content-Type", ""), body := await request.body())
        key = (request.url.path, body)
        kept = None if self._keeping is None else self._keeping.get(key)
        if kept is not None:
            return kept
        loop = asyncio.get_running_loop()
        response = await loop.run_in_executor(
            self._thread, lambda: respond(ask(self._ledger, value))
        )
        if self._keeping is not None:
            self._keeping.put(key, response)
        return response


def _json(content_type: str, body: bytes) -> object:
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(415)
    try:
        return json.loads(body)
    except ValueError as error:
        raise Refusal({"$": ["The body is not valid JSON."]}) from error


async def _refused(_: Request, refusal: Exception) -> Response:
    return refusal.response if isinstance(refusal, Refusal) else problem(400)


async def _not_routed(_: Request, error: Exception) -> Response:
    """Answer what no route takes: another path, another method, another content."""
    status = error.status_code if isinstance(error, HTTPException) else 404
    return problem(status, headers=getattr(error, "headers", None))
