"""The file door: `GET|HEAD /v1/<table>.<form>`, and beside it what there is to ask for."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp

from gateway.refusals import RefusedError
from gateway.rows.asking import asked_of
from gateway.rows.described import schema_of, tables_told
from gateway.rows.formats import FORMS
from gateway.rows.openapi import openapi
from gateway.rows.serving import JOBS, Files, Handler, form_of, told
from resolvers.context import RequestContext
from resolvers.rows.registry import tables
from resolvers.rows.table import RowTable

__all__ = ["FileDoor"]

_NOT_FOUND = 404


class FileDoor:
    """Serves everything under `/v1/`."""

    def __init__(self, files: Files) -> None:
        """Serve tables of the platforms that are open."""
        self._files = files

    def routes(self) -> list[Route]:
        """Return where it is found."""
        places: Mapping[str, Handler] = {
            "/v1/": self._list,
            "/v1/openapi.json": self._openapi,
            f"{JOBS}{{job}}": self._files.job,
            "/v1/{table}/schema": self._schema,
            "/v1/{table}.{form}": self._file,
            "/v1/{rest:path}": self._nothing,
        }
        return [Route(path, self._files.place(handler)) for path, handler in places.items()]

    async def _file(self, request: Request, context: RequestContext) -> ASGIApp:
        table, form = _table(request, context), form_of(request)
        return await self._files.answer(
            request, context, lambda parameters: asked_of(context, table, form, parameters)
        )

    @staticmethod
    async def _list(_request: Request, context: RequestContext) -> ASGIApp:
        return told(tables_told(tables(context.platforms.values()).values()))

    @staticmethod
    async def _openapi(request: Request, context: RequestContext) -> ASGIApp:
        server = str(request.base_url).rstrip("/")
        return told(openapi(tables(context.platforms.values()).values(), server))

    @staticmethod
    async def _schema(request: Request, context: RequestContext) -> ASGIApp:
        return told(schema_of(_table(request, context)))

    @staticmethod
    async def _nothing(request: Request, context: RequestContext) -> ASGIApp:
        raise _unknown(request.path_params["rest"], context)


def _table(request: Request, context: RequestContext) -> RowTable:
    name = request.path_params["table"]
    found = tables(context.platforms.values()).get(name)
    if found is None:
        raise _unknown(name, context)
    return found


def _unknown(name: str, context: RequestContext) -> RefusedError:
    accepted = [f"{one}.{{{','.join(FORMS)}}}" for one in tables(context.platforms.values())]
    message = f"There is no table {name!r} here."
    return RefusedError(_NOT_FOUND, "NOT_FOUND", message, extensions={"accepted": accepted})
