"""The door of named queries: `GET|HEAD /q/<name>.<form>`, and beside it what there is to ask for.

Files are made, kept and given out as those of tables are.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp
from strawberry import Schema

from gateway.queries.asking import asked_of_query
from gateway.queries.described import openapi_of, queries_told, query_told
from gateway.queries.loading import Queries
from gateway.queries.named import NamedQuery
from gateway.refusals import RefusedError
from gateway.rows.formats import FORMS
from gateway.rows.serving import Files, Handler, form_of, told
from resolvers.context import RequestContext

__all__ = ["QueryDoor"]

_NOT_FOUND = 404


class QueryDoor:
    """Serves everything under `/q/`."""

    def __init__(self, files: Files, schema: Schema, queries: Queries) -> None:
        """Serve these queries, which fit the schema."""
        self._files = files
        self._schema = schema
        self._queries = queries

    def routes(self) -> list[Route]:
        """Return where it is found."""
        places: Mapping[str, Handler] = {
            "/q/": self._list,
            "/q/openapi.json": self._openapi,
            "/q/{query}/schema": self._columns,
            "/q/{query}.{form}": self._file,
            "/q/{rest:path}": self._nothing,
        }
        return [Route(path, self._files.place(handler)) for path, handler in places.items()]

    async def _file(self, request: Request, context: RequestContext) -> ASGIApp:
        query, form = self._named(request.path_params["query"]), form_of(request)
        return await self._files.answer(
            request,
            context,
            lambda parameters: asked_of_query(context, self._schema, query, form, parameters),
        )

    async def _list(self, _request: Request, _context: RequestContext) -> ASGIApp:
        return told(queries_told(self._queries.values()))

    async def _openapi(self, request: Request, _context: RequestContext) -> ASGIApp:
        return told(openapi_of(self._queries, str(request.base_url).rstrip("/")))

    async def _columns(self, request: Request, _context: RequestContext) -> ASGIApp:
        return told(query_told(self._named(request.path_params["query"])))

    async def _nothing(self, request: Request, _context: RequestContext) -> ASGIApp:
        raise self._unknown(request.path_params["rest"])

    def _named(self, name: str) -> NamedQuery:
        if name not in self._queries:
            raise self._unknown(name)
        return self._queries[name]

    def _unknown(self, name: str) -> RefusedError:
        accepted = [f"{one}.{{{','.join(FORMS)}}}" for one in self._queries]
        message = f"There is no query {name!r} here."
        return RefusedError(_NOT_FOUND, "NOT_FOUND", message, extensions={"accepted": accepted})
