"""Serves `/odata/`: the flat tables by OData 4.0, to read.

Everything is read before the first byte is sent, so that nothing fails in the middle of an answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.context import Operations
from gateway.observability.request_log import note_operation
from gateway.odata.addresses import Asked
from gateway.odata.answering import Found, counted, found
from gateway.odata.asking import Question, check_parameters, question_of
from gateway.odata.formats import Form, form_of
from gateway.odata.protocol import JSON_SINCE, VERSION, Protocol
from gateway.odata.refusals import error_body, refused, unsupported
from gateway.odata.service import EntitySet, entity_sets
from gateway.odata.settings import ODataSettings
from gateway.odata.writing import collection, entity, service_document, sources_told
from gateway.offsets import offsets_escaped
from gateway.pages.rendering import origin_of
from gateway.places import Places
from gateway.refusals import RefusedError, request_id_of
from resolvers.context import RequestContext
from resolvers.rows.registry import tables
from vendors.calls import Call
from vendors.errors import CallerError, PlatformError

__all__ = ["PREFIX", "ODataDoor"]

PREFIX = "/odata"
_METHODS = ("GET", "HEAD")
_JSON, _XML, _TEXT = "application/json", "application/xml", "text/plain"
_POSTED = ("$batch", "$query")
"""Where OData has questions posted to, or several at once."""
_KEPT = 32
_NONE: Mapping[str, str] = {}


class _Service(NamedTuple):
    """What callers who see the same platforms are shown."""

    sets: Mapping[str, EntitySet]
    protocol: Protocol
    metadata: Mapping[str, bytes]


class _Asking(NamedTuple):
    """One request, read so far."""

    context: RequestContext
    service: _Service
    asked: Asked
    root: str
    """The address of the service, with a slash at its end."""
    query: str
    key: str | None
    """The key that stood in the address."""
    headers: Mapping[str, str]
    version: float
    """The latest version that the caller knows."""


class ODataDoor:
    """Serves `/odata/` and all that lies below it."""

    def __init__(self, operations: Callable[[], Operations], settings: ODataSettings) -> None:
        """Serve so many at a time, each for so long, as the settings say."""
        self._operations = operations
        self._settings = settings
        full = f"{settings.at_a_time} answers are made at a time"
        self._places = Places(settings.at_a_time, full)
        self._services: dict[tuple[str, ...], _Service] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        # Read, so that the connection can be watched from now on.
        await request.body()
        try:
            answer = await self._answer(request)
        except RefusedError as error:
            answer = error_body(error, request_id_of(scope))
        if request.method == "HEAD":
            answer = _Head(answer)
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        place = _path(request).rpartition("/")[2]
        if request.method == "POST" and place in _POSTED:
            raise unsupported(f"`{place}`", "path")
        if request.method not in _METHODS:
            message = "Tables are read by GET."
            headers = {"allow": ", ".join(_METHODS)}
            raise RefusedError(405, "METHOD_NOT_ALLOWED", message, headers=headers)
        asking = await self._read(request)
        if not (asking.asked.is_service or asking.asked.is_metadata):
            return await self._rows(asking)
        try:
            check_parameters(asking.service.sets.values(), asking.query)
        except CallerError as error:
            raise refused(error) from None
        if asking.asked.is_metadata:
            return _described(asking)
        form = _form(asking, _JSON)
        body = service_document(asking.root, asking.service.sets.values(), form.level)
        return _response(body, form)

    async def _read(self, request: Request) -> _Asking:
        """Return what is asked; raise RefusedError. No platform is asked."""
        operations = self._operations()
        key = _query_key(request) if operations.authenticator.query_keys else None
        principal = await operations.principal_of(request, by_query=True)
        version = _version(request.headers)
        call = Call.within(self._settings.page_seconds, request_id=request_id_of(request.scope))
        context = RequestContext(operations.services, principal, call)
        note_operation(request.scope, context)
        service = self._service(context)
        query = offsets_escaped(request.scope["query_string"].decode("latin-1"))
        return _Asking(
            context=context,
            service=service,
            asked=service.protocol.read(_path(request), query),
            root=f"{origin_of(request)}{PREFIX}/",
            query=query,
            key=key,
            headers=request.headers,
            version=version,
        )

    def _service(self, context: RequestContext) -> _Service:
        seen = tuple(sorted(context.platforms))
        service = self._services.get(seen)
        if service is None:
            sets = entity_sets(tables(context.platforms.values()).values())
            protocol = Protocol(tuple(sets.values()))
            metadata = {_XML: protocol.metadata_xml(), _JSON: protocol.metadata_json()}
            service = _Service(sets, protocol, metadata)
            if len(self._services) >= _KEPT:
                self._services.pop(next(iter(self._services)))
            self._services[seen] = service
        return service

    async def _rows(self, asking: _Asking) -> Response:
        asked, context = asking.asked, asking.context
        form = _form(asking, _TEXT if asked.counted else _JSON)
        try:
            question = question_of(
                context, asking.service.sets[asked.entity_set], asked, asking.query
            )
            with self._places.taken():
                async with asyncio.timeout(self._settings.seconds):
                    return await self._found(asking, question, form)
        except (PlatformError, CallerError, TimeoutError) as error:
            raise refused(error) from None

    async def _found(self, asking: _Asking, question: Question, form: Form) -> Response:
        context, settings = asking.context, self._settings
        if question.asked.counted:
            told = await counted(context, question, settings)
            return _response(str(told.count).encode(), form, _sources(context, told))
        if question.asked.key is not None:
            told = await found(context, question, settings, 1)
            return self._single(asking, question, told, form)
        size, applied = _page_size(asking)
        told = await found(context, question, settings, size)
        body = await asyncio.to_thread(
            collection, asking.root, question, told, form.level, asking.key
        )
        return _response(body, form, {**applied, **_sources(context, told)})

    @staticmethod
    def _single(asking: _Asking, question: Question, told: Found, form: Form) -> Response:
        headers = _sources(asking.context, told)
        if not told.rows:
            message = "There is no such row in the period that is asked about."
            raise RefusedError(HTTPStatus.NOT_FOUND, "NOT_FOUND", message, headers=headers)
        body = entity(asking.root, question, told.rows[0], form.level)
        return _response(body, form, headers)


class _Head(Response):
    """The head of an answer, without its body."""

    def __init__(self, answer: Response) -> None:
        super().__init__(status_code=answer.status_code)
        self.raw_headers = answer.raw_headers


def _described(asking: _Asking) -> Response:
    """Return the metadata: whoever knows no later version takes them as XML, whatever is said."""
    forms = (_XML, _JSON) if asking.version >= float(JSON_SINCE) else (_XML,)
    form = _form(asking, *forms)
    version = VERSION if form.media_type == _XML else JSON_SINCE
    return _response(asking.service.metadata[form.media_type], form, {"odata-version": version})


def _response(body: bytes, form: Form, headers: Mapping[str, str] = _NONE) -> Response:
    own = {"content-type": form.content_type, "cache-control": "no-store"}
    return Response(body, headers={"odata-version": VERSION, **headers, **own})


def _sources(context: RequestContext, told: Found) -> dict[str, str]:
    said = sources_told(told.sources, context.clock.now())
    return {"x-sources": said} if said else {}


def _form(asking: _Asking, *offered: str) -> Form:
    # Clients take JSON throughout, and mean by it what is never given as such.
    accept = asking.headers.get("accept") if _JSON in offered else None
    return form_of(accept, asking.asked.form, *offered)


def _page_size(asking: _Asking) -> tuple[int, dict[str, str]]:
    """Return how many rows a page has, and what is said of what the caller prefers."""
    most = asking.context.services.limits.most_rows_per_page
    for part in asking.headers.get("prefer", "").split(","):
        name, _, value = part.strip().partition("=")
        if name.strip().lower() in {"odata.maxpagesize", "maxpagesize"}:
            text = value.strip(' "')
            if text.isdecimal() and text.isascii() and 0 < int(text) <= most:
                return int(text), {"preference-applied": f"{name.strip()}={text}"}
    return most, {}


def _version(headers: Mapping[str, str]) -> float:
    """Return the latest version that the caller knows; raise RefusedError where that is too old."""
    told = headers.get("odata-maxversion", JSON_SINCE).partition(";")[0]
    try:
        latest = float(told)
    except ValueError:
        latest = 0.0
    if latest >= float(VERSION):
        return latest
    message = f"This is OData {VERSION}."
    about = {"argument": "OData-MaxVersion", "accepted": [VERSION, JSON_SINCE]}
    raise RefusedError(HTTPStatus.BAD_REQUEST, "BAD_USER_INPUT", message, extensions=about)


def _query_key(request: Request) -> str | None:
    """Return the key in the address: who follows a link to the next page sends nothing else."""
    query = request.scope["query_string"].decode("latin-1")
    return next((value for name, value in parse_qsl(query) if name == "api_key"), None)


def _path(request: Request) -> str:
    """Return the path below the service as it was sent: a key may hold an escaped slash."""
    sent: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    path = sent.decode("latin-1").partition("?")[0]
    path = path.removeprefix(request.scope.get("root_path", ""))
    return path.removeprefix(PREFIX).strip("/")
