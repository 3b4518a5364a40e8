"""The composition root: puts the process together from its settings, and nothing else does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from strawberry import Schema

from gateway.callers import authenticator_for
from gateway.configuration.settings import Settings
from gateway.context import TIMEOUT_HEADER, Operations
from gateway.disconnect import CancelOnDisconnect
from gateway.exports import ExportDoor
from gateway.graphql.endpoint import GraphQLDoor, schema_for
from gateway.graphql.head import HeadAsGet
from gateway.graphql.streams import Streams
from gateway.graphql.trace import TRACE_HEADER
from gateway.graphql.websocket import SocketDoor
from gateway.observability.health import WatchDoors, health_routes
from gateway.observability.metrics import Metrics, Process
from gateway.observability.observing import observed
from gateway.observability.request_log import REQUEST_ID_HEADER, RequestLog
from gateway.observability.status import Sightings
from gateway.odata.door import PREFIX as ODATA
from gateway.odata.door import ODataDoor
from gateway.pages import STATIC, Keys, Site, graphiql_page
from gateway.persisted import documents_of
from gateway.queries.door import QueryDoor
from gateway.queries.loading import load_queries
from gateway.refresher import refreshing
from gateway.refusals import RefusedError, refusal, request_id_of
from gateway.rows.door import FileDoor
from gateway.rows.serving import Files
from gateway.security.authentication import Authenticator
from gateway.security.headers import SecurityHeaders
from gateway.security.limits import BodyLimit
from gateway.services import open_services
from resolvers.context import Services
from vendors.port import VendorSpec, Wiring
from vendors.registry import specs as registered

__all__ = ["create_app"]

_ASKED_HEADERS = (
    "authorization",
    "cache-control",
    "content-type",
    "if-match",
    "if-none-match",
    "if-range",
    "odata-maxversion",
    "odata-version",
    "prefer",
    "range",
    "x-api-key",
    REQUEST_ID_HEADER,
    TIMEOUT_HEADER,
    TRACE_HEADER,
)
_TOLD_HEADERS = (
    "allow",
    "content-disposition",
    "content-range",
    "etag",
    "link",
    "location",
    "odata-version",
    "preference-applied",
    "retry-after",
    "x-next-cursor",
    REQUEST_ID_HEADER,
    "x-sources",
)


def create_app(
    settings: Settings,
    *,
    specs: Mapping[str, VendorSpec[Any]] | None = None,
    wiring: Wiring | None = None,
) -> Starlette:
    """Return the application. Its lifespan opens the platforms and closes them."""
    process = _Process(
        settings,
        registered() if specs is None else specs,
        wiring or Wiring(),
        authenticator_for(settings),
    )
    schema = schema_for(settings, introspection=settings.introspection)
    door = _graphql(settings, process, schema)
    exports = ExportDoor(process.operations, settings.limits)
    odata = CancelOnDisconnect(ODataDoor(process.operations, settings.odata))
    site = _site(settings, process, schema)
    app = Starlette(
        routes=[
            *site.routes(),
            Route("/graphql", CancelOnDisconnect(HeadAsGet(door))),
            WebSocketRoute("/graphql", _sockets(settings, process, door)),
            Route("/exports/{platform}/{file}", CancelOnDisconnect(exports)),
            Route(ODATA, odata),
            Route(f"{ODATA}/{{path:path}}", odata),
            *FileDoor(process.files).routes(),
            *QueryDoor(process.files, schema, load_queries(settings, schema)).routes(),
            *health_routes(process.platforms_built),
            *process.watch_doors().routes(),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        middleware=_middleware(settings, process.metrics),
        exception_handlers={404: site.nothing_here, HTTPException: _http_error},
        lifespan=process.lifespan,
    )
    app.state.streams = process.streams
    app.state.authenticator = process.authenticator
    return app


@dataclass(slots=True)
class _Process:
    """What the doors share: it is there between start and stop."""

    settings: Settings
    specs: Mapping[str, VendorSpec[Any]]
    wiring: Wiring
    authenticator: Authenticator
    open: Operations | None = field(default=None, init=False)
    streams: Streams = field(init=False)
    sightings: Sightings = field(init=False)
    files: Files = field(init=False)
    metrics: Metrics = field(default_factory=Metrics, init=False)

    def __post_init__(self) -> None:
        self.streams = Streams(self.settings.subscriptions)
        self.sightings = Sightings(self.wiring.clock)
        self.files = Files(self.operations, self.settings.files)

    @asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        """Open the platforms for as long as the application runs."""
        settings = self.settings
        async with (
            open_services(settings, self.specs, self._watched()) as opened,
            self._observed(opened) as services,
            refreshing(settings, services),
        ):
            self.open = Operations(
                services=services,
                authenticator=self.authenticator,
                deadline=settings.deadline_seconds,
                longest_deadline=settings.longest_deadline_seconds,
                always_traced=settings.development or settings.sandboxed,
            )
            try:
                yield
            finally:
                self.open = None
                await self.files.close()
                await self.streams.stop()

    def _watched(self) -> Wiring:
        return replace(self.wiring, waits=self.metrics)

    @asynccontextmanager
    async def _observed(self, opened: Services) -> AsyncIterator[Services]:
        """Give the services as they are seen, and counted, for as long as the block lasts."""
        self.metrics.attach(Process(opened, lambda: len(self.streams)))
        try:
            yield observed(opened, (self.metrics, self.sightings))
        finally:
            self.metrics.attach(None)
            await self.authenticator.aclose()

    def operations(self) -> Operations:
        """Return what begins operations; raise RefusedError while nothing is open."""
        if self.open is None:
            headers = {"retry-after": "1"}
            raise RefusedError(503, "OVERLOADED", "The gateway is starting.", headers=headers)
        return self.open

    def platforms_built(self) -> int | None:
        """Return how many platforms are open, None while nothing is."""
        return None if self.open is None else len(self.open.services.platforms)

    def watch_doors(self) -> WatchDoors:
        """Return the doors at which it is told how all of this fares."""
        shown = self.settings.metrics_shown
        return WatchDoors(self.operations, self.sightings, self.metrics, shown)


def _graphql(settings: Settings, process: _Process, schema: Schema) -> GraphQLDoor:
    page = None
    if settings.graphiql:
        only_trusted = settings.documents.only_trusted
        page = graphiql_page(keys_required=settings.keys_required, only_trusted=only_trusted)
    documents = documents_of(
        settings.documents, lambda: process.operations().services.cache, schema
    )
    return GraphQLDoor(schema, process.operations, page, process.streams, documents)


def _site(settings: Settings, process: _Process, schema: Schema) -> Site:
    return Site(
        operations=process.operations,
        sightings=process.sightings,
        schema=schema,
        keys=Keys(settings.keys_required, settings.api_key_in_query),
        graphiql=settings.graphiql,
    )


def _sockets(settings: Settings, process: _Process, door: GraphQLDoor) -> SocketDoor:
    return SocketDoor(door.answers, process.operations, process.streams, settings.cors_origins)


def _middleware(settings: Settings, metrics: Metrics) -> list[Middleware]:
    """Return what each request passes, the outermost first."""
    hosts = [*settings.trusted_hosts] or ["*"]
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=("GET", "HEAD", "POST", "DELETE"),
            allow_headers=_ASKED_HEADERS,
            expose_headers=_TOLD_HEADERS,
        ),
        Middleware(SecurityHeaders),
        Middleware(RequestLog, metrics=metrics),
        Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False),
        Middleware(BodyLimit, most=settings.limits.body_bytes),
    ]


async def _http_error(request: Request, error: Exception) -> Response:
    """Answer what the router refuses as JSON, as everything else is."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    code, message = _ROUTER.get(status, ("BAD_USER_INPUT", "The request cannot be served."))
    headers = error.headers if isinstance(error, HTTPException) else None
    return refusal(status, code, message, request_id_of(request.scope), headers=headers or {})


_ROUTER = {
    405: ("METHOD_NOT_ALLOWED", "This is not asked for by that method."),
}
