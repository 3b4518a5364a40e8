"""Serves files of any door: makes them, or finds them, and tells how far they have come."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import parse_qsl, urlencode

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.context import Operations
from gateway.disconnect import CancelOnDisconnect
from gateway.observability.request_log import note_operation
from gateway.offsets import offsets_escaped
from gateway.refusals import RefusedError, request_id_of
from gateway.rows.answering import FileAnswer, sources_told
from gateway.rows.asking import FileRequest
from gateway.rows.filling import filled
from gateway.rows.formats import FORMS
from gateway.rows.forms import Form
from gateway.rows.jobs import Job, Jobs
from gateway.rows.problems import EXPECTED, problem, refused
from gateway.rows.settings import FileSettings
from gateway.rows.snapshots import Progress, Snapshot, Snapshots
from resolvers.context import RequestContext
from vendors.calls import Call

__all__ = ["JOBS", "Files", "form_of", "told"]

JOBS = "/v1/jobs/"
"""Where the files that are being made are told of, whichever door they were asked at."""

_METHODS = ("GET", "HEAD")
_NOT_FOUND, _MISSING = 404, 501
_JSON = "application/json"
_SOON = {"retry-after": "1", "cache-control": "no-store"}

Handler = Callable[[Request, RequestContext], Awaitable[ASGIApp]]
Reading = Callable[[Sequence[tuple[str, str]]], FileRequest]
"""Makes of the parameters of an address what is asked; raises CallerError."""


class Files:
    """The files of all doors: they share what is kept, and how much is made at a time."""

    def __init__(self, operations: Callable[[], Operations], settings: FileSettings) -> None:
        """Make files of the platforms that are open."""
        self._operations = operations
        self._settings = settings
        self._snapshots = Snapshots(settings)
        self._jobs = Jobs(settings.lifetime.total_seconds())

    def place(self, handler: Handler) -> ASGIApp:
        """Return what answers at one place of a door, for callers who are known."""
        return CancelOnDisconnect(_Place(self._begin, handler))

    async def close(self) -> None:
        """Make, and keep, no file any longer."""
        await self._jobs.close()
        self._snapshots.clear()

    async def _begin(self, request: Request) -> RequestContext:
        """Return the context of a new operation; raise RefusedError where it may not begin."""
        methods = (*_METHODS, "DELETE") if "job" in request.path_params else _METHODS
        if request.method not in methods:
            allowed = {"allow": ", ".join(methods)}
            message = "Files are asked for by GET."
            raise RefusedError(405, "METHOD_NOT_ALLOWED", message, headers=allowed)
        operations = self._operations()
        principal = await operations.principal_of(request, by_query=True)
        call = Call.within(self._settings.page_seconds, request_id=request_id_of(request.scope))
        context = RequestContext(operations.services, principal, call)
        note_operation(request.scope, context)
        return context

    async def answer(self, request: Request, context: RequestContext, reading: Reading) -> ASGIApp:
        """Return the file that is asked for, or what tells where it will be."""
        try:
            asked = reading(_parameters(request))
            snapshot = await self._snapshot(request, context, asked)
            if isinstance(snapshot, Response):
                return snapshot
        except EXPECTED as error:
            raise refused(error) from None
        return FileAnswer(snapshot, _headers(request, context, asked, snapshot), self._settings)

    async def _snapshot(
        self, request: Request, context: RequestContext, asked: FileRequest
    ) -> Snapshot | Response:
        """Return the file, or what tells where it will be."""
        key = repr(asked.question)
        # Whoever is led here to what was made for it wants that.
        going_on = request.method == "GET" and "range" in request.headers
        if asked.wait is not None or going_on or not _wants_anew(request):
            found = self._snapshots.find(key, context.clock.now(), going_on=going_on)
            if found is not None:
                return found
        if asked.wait is not None:
            return await self._behind(request, context, asked)
        return await self._snapshots.make(
            key,
            context.clock.now,
            lambda progress: filled(context, asked, self._settings, progress),
        )

    async def _behind(
        self, request: Request, context: RequestContext, asked: FileRequest
    ) -> Snapshot | Response:
        """Make the file behind the answers; return it where that is done within the wait."""
        key = repr(asked.question)
        job = Job(_owner(context), str(request.url), key)
        work = self._snapshots.make(
            key,
            context.clock.now,
            lambda progress: filled(context, asked, self._settings, progress),
            self._settings.job_seconds,
        )
        task = self._jobs.start(job, work)
        await asyncio.wait({task}, timeout=asked.wait)
        if task.done():
            return task.result()
        headers = {"location": f"{str(request.base_url).rstrip('/')}{JOBS}{job.id}", **_SOON}
        return Response(self._state(job), status_code=202, headers=headers, media_type=_JSON)

    async def job(self, request: Request, context: RequestContext) -> ASGIApp:
        """Tell how far a file has come; lead to it where it is there."""
        job = self._jobs.find(request.path_params["job"], _owner(context))
        if job is None:
            raise RefusedError(_NOT_FOUND, "NOT_FOUND", "There is no such file being made.")
        if request.method == "DELETE":
            self._jobs.cancel(job)
            return Response(status_code=204)
        if job.task is not None:
            return Response(self._state(job), headers=_SOON, media_type=_JSON)
        if isinstance(job.error, EXPECTED):
            raise refused(job.error)
        if job.error is not None:
            raise job.error
        return Response(status_code=303, headers={"location": job.place})

    def _state(self, job: Job) -> bytes:
        """Tell of the file, which others may have begun."""
        progress = self._snapshots.progress(job.key) or Progress()
        told = {"rows": progress.rows, "percent": progress.percent}
        return orjson.dumps({"job": job.id, "state": "running", **told})


def _owner(context: RequestContext) -> object:
    return (context.principal.name, context.principal.scopes, tuple(sorted(context.platforms)))


class _Place:
    """One place of the door: whoever asks there is known, and is told in one way what is wrong."""

    def __init__(
        self, begin: Callable[[Request], Awaitable[RequestContext]], handler: Handler
    ) -> None:
        self._begin = begin
        self._handler = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        # Read, so that the connection can be watched from now on.
        await request.body()
        try:
            answer = await self._handler(request, await self._begin(request))
            await answer(scope, receive, send)
        except RefusedError as error:
            await problem(error, request_id_of(scope))(scope, receive, send)


def told(body: bytes) -> Response:
    """Return what there is to ask for, as JSON."""
    headers = {"cache-control": "private, no-cache", "vary": "authorization, x-api-key"}
    return Response(body, headers=headers, media_type=_JSON)


def form_of(request: Request) -> Form:
    """Return the kind of file that is asked for; raise RefusedError where there is none."""
    name = request.path_params["form"]
    if name not in FORMS:
        message = f"There are no files of the kind {name!r}."
        raise RefusedError(_NOT_FOUND, "NOT_FOUND", message, extensions={"accepted": list(FORMS)})
    form = FORMS[name]
    if form.missing:
        message = f"Files of the kind {name!r} need the extra: install switchboard[{form.extra}]."
        raise RefusedError(_MISSING, "NOT_INSTALLED", message, extensions={"extra": form.extra})
    return form


def _wants_anew(request: Request) -> bool:
    said = request.headers.get("cache-control", "").lower()
    return "no-cache" in {one.strip() for one in said.split(",")}


def _headers(
    request: Request, context: RequestContext, asked: FileRequest, snapshot: Snapshot
) -> dict[str, str]:
    ending = snapshot.ending
    name = f"{asked.table.name}.{asked.form.name}"
    headers = {
        "content-disposition": f'attachment; filename="{name}"',
        "x-sources": sources_told(ending, context.clock.now()),
    }
    if ending.next_cursor:
        # Readers of headers take one that is there, be it empty, for another page.
        headers["x-next-cursor"] = ending.next_cursor
        headers["link"] = f'<{_next(request, ending.next_cursor)}>; rel="next"'
    return headers


def _parameters(request: Request) -> list[tuple[str, str]]:
    """Return what stands in the address, but for a key."""
    query = request.scope["query_string"].decode("latin-1")
    return parse_qsl(offsets_escaped(query), keep_blank_values=True)


def _next(request: Request, cursor: str) -> str:
    """Return the address of what follows, as the caller sees this gateway, and without any key."""
    query = [(name, value) for name, value in _parameters(request) if name != "cursor"]
    return str(request.url.replace(query=urlencode([*query, ("cursor", cursor)])))
