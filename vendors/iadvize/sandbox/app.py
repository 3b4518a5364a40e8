"""The simulator as an ASGI app: routes, the envelope of refusals, and how to reach it.

Requests are answered one after another on one thread: figures take processor time, which must not
stop the event loop that everything else of the process runs on.
"""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.routing import Route

from vendors.iadvize.sandbox.authentication import Authentication
from vendors.iadvize.sandbox.callbacks import hang_up, pick_up
from vendors.iadvize.sandbox.callmeetings import call_meetings
from vendors.iadvize.sandbox.careers import Careers
from vendors.iadvize.sandbox.conversations import conversation, conversations
from vendors.iadvize.sandbox.groups import (
    create_group,
    create_skill,
    delete_group,
    delete_skill,
    group,
    groups,
    skill,
    skills,
    update_group,
    update_skill,
)
from vendors.iadvize.sandbox.ledger import Ledger
from vendors.iadvize.sandbox.live import live, live_one, set_live
from vendors.iadvize.sandbox.office import Office
from vendors.iadvize.sandbox.operators import (
    create_operator,
    delete_operator,
    operator,
    operators,
    update_operator,
)
from vendors.iadvize.sandbox.portraits import portrait
from vendors.iadvize.sandbox.profile import API_KEY, PROFILE
from vendors.iadvize.sandbox.query import read_array, read_form, read_query
from vendors.iadvize.sandbox.refusals import Refusal, failure
from vendors.iadvize.sandbox.satisfactions import satisfaction, satisfactions
from vendors.iadvize.sandbox.statistics import Statistics
from vendors.iadvize.sandbox.tags import create_tags, tag, tags
from vendors.iadvize.sandbox.transactions import transaction, transactions
from vendors.iadvize.sandbox.visitors import (
    create_visitor,
    delete_visitor,
    update_visitor,
    visitor,
    visitors,
)
from vendors.iadvize.sandbox.websites import client, clients, update_website, website, websites
from vendors.port import Simulator

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.datastructures import Headers
    from starlette.requests import Request
    from starlette.responses import Response

    from vendors.iadvize.sandbox.envelope import Payload
    from vendors.iadvize.sandbox.query import Query
    from vendors.world import AccountProfile, World

    Answer = Callable[[Office, Query], Payload]

_BASE = "/api/2"
_CHANGES: tuple[tuple[str, str, Answer], ...] = (
    ("POST", "/group", create_group),
    ("PUT", "/group/{id}", update_group),
    ("DELETE", "/group/{id}", delete_group),
    ("POST", "/skill", create_skill),
    ("PUT", "/skill/{id}", update_skill),
    ("DELETE", "/skill/{id}", delete_skill),
    ("POST", "/operator", create_operator),
    ("PUT", "/operator/{id}", update_operator),
    ("DELETE", "/operator/{id}", delete_operator),
    ("PUT", "/operator/{id}/live", set_live),
    ("POST", "/visitor", create_visitor),
    ("PUT", "/visitor/{id}", update_visitor),
    ("DELETE", "/visitor/{id}", delete_visitor),
    ("POST", "/tag", create_tags),
    ("PUT", "/website/{id}", update_website),
    ("POST", "/odigocallback/pickup", pick_up),
    ("POST", "/odigocallback/hangup", hang_up),
)
"""What can be changed, by forms but for tags."""
_CHANGING = frozenset(method for method, _, _ in _CHANGES)
_BY_ARRAY = frozenset({create_tags})


class EscapedJSON(JSONResponse):
    """JSON in ASCII; `.json-unicode` behind a resource's name asks for the letters themselves."""

    def render(self, content: object) -> bytes:
        """Encode the content."""
        return json.dumps(content, allow_nan=False, separators=(",", ":")).encode("ascii")


def simulator(world: World, profile: AccountProfile = PROFILE) -> Simulator:
    """Return the vendor as its document describes it, with an account of the world."""
    return Simulator(app=_app(Office(world.account(profile))), settings=partial(_settings, profile))


def _app(office: Office) -> Starlette:
    desk = ThreadPoolExecutor(max_workers=1, thread_name_prefix="iadvize-sandbox")
    ledger = Ledger(office)
    statistics, careers = Statistics(office, ledger), Careers(office, ledger)
    routes: tuple[tuple[str, Answer, type[JSONResponse]], ...] = (
        ("/client", clients, EscapedJSON),
        ("/client/{id}", client, EscapedJSON),
        ("/website", websites, EscapedJSON),
        ("/website/{id}", website, EscapedJSON),
        ("/operator", operators, EscapedJSON),
        ("/operator/live", live, EscapedJSON),
        ("/operator/{id}", operator, EscapedJSON),
        ("/operator/{id}/live", live_one, EscapedJSON),
        ("/operator/{id}/statistic", lambda _, query: careers.statistic(query), EscapedJSON),
        ("/operator/{id}/profile", portrait, EscapedJSON),
        ("/group", groups, EscapedJSON),
        ("/group/{id}", group, EscapedJSON),
        ("/skill", skills, EscapedJSON),
        ("/skill/{id}", skill, EscapedJSON),
        ("/tag", tags, EscapedJSON),
        ("/tag/{id}", tag, EscapedJSON),
        ("/visitor", visitors, EscapedJSON),
        ("/visitor/{id}", visitor, EscapedJSON),
        ("/transaction", transactions, EscapedJSON),
        ("/transaction/{id}", transaction, EscapedJSON),
        ("/satisfaction", satisfactions, EscapedJSON),
        ("/satisfaction/{id}", satisfaction, EscapedJSON),
        ("/callmeeting", call_meetings, EscapedJSON),
        ("/conversation", conversations, EscapedJSON),
        ("/conversation/{id}", conversation, EscapedJSON),
        ("/conversation.json-unicode", conversations, JSONResponse),
        ("/conversation.json-unicode/{id}", conversation, JSONResponse),
        ("/statistic", lambda _, query: statistics.statistic(query), EscapedJSON),
    )
    app = Starlette(
        routes=[
            Route(_BASE + path, _endpoint(office, desk, answer, response), methods=["GET"])
            for path, answer, response in routes
        ]
        + [
            Route(_BASE + path, _endpoint(office, desk, answer, EscapedJSON), methods=[method])
            for method, path, answer in _CHANGES
        ],
        middleware=[Middleware(Authentication)],
        exception_handlers={Refusal: _refused, HTTPException: _not_routed},
    )
    app.router.redirect_slashes = False
    return app


def _endpoint(
    office: Office, desk: ThreadPoolExecutor, answer: Answer, response: type[JSONResponse]
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        query = read_query(request.path_params.get("id", ""), request.query_params.multi_items())
        if request.method in _CHANGING:
            query = _written(query, answer, request.headers, await request.body())
        loop = asyncio.get_running_loop()
        return response(await loop.run_in_executor(desk, answer, office, query))

    return endpoint


def _written(query: Query, answer: Answer, headers: Headers, body: bytes) -> Query:
    kind = headers.get("content-type", "")
    if answer in _BY_ARRAY:
        return replace(query, rows=read_array(kind, body))
    return replace(query, form=read_form(kind, body))


async def _refused(_: Request, refusal: Exception) -> Response:
    status = refusal.http_status if isinstance(refusal, Refusal) else 400
    return JSONResponse(failure(str(refusal)), status_code=status)


async def _not_routed(request: Request, error: Exception) -> Response:
    """Answer what no route takes: another path, or another method."""
    status = error.status_code if isinstance(error, HTTPException) else 404
    name = request.url.path.removeprefix(f"{_BASE}/")
    unrouted = f"Unknown resource '{name}'."
    message = unrouted if status == HTTPStatus.NOT_FOUND else HTTPStatus(status).phrase
    return JSONResponse(failure(message), status_code=status)


def _settings(profile: AccountProfile, origin: str) -> Mapping[str, Any]:
    return {
        "base_url": f"{origin}{_BASE}",
        "api_key": API_KEY,
        "time_zone": profile.time_zone,
        "websites": [
            {
                "id": site.id,
                "label": site.label,
                "time_zone": site.time_zone,
                "currency": site.currency,
            }
            for site in profile.sites
        ],
        "channels": list(profile.channels),
        "channel_mode": "optional",
    }
