"""The simulator as an ASGI app: routes, who may pass, and the shape of refusals.

`Accept` and `Content-Type` are documented for every request, also for those without a body. What
the vendor does without them is not, and they change nothing here: a request that lacks them is
answered all the same.

Requests are answered one after another on one thread: figures take processor time, which must not
stop the event loop that everything else of the process runs on.
"""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Route

from vendors.chattonic.sandbox.access import Gate
from vendors.chattonic.sandbox.cases import cases
from vendors.chattonic.sandbox.dashboard import dashboard
from vendors.chattonic.sandbox.mail import Outbox, export
from vendors.chattonic.sandbox.office import Office
from vendors.chattonic.sandbox.operators import operators
from vendors.chattonic.sandbox.profile import CODENAME, PASSWORD, PROFILE, USERNAME
from vendors.chattonic.sandbox.refusals import Refusal, failure
from vendors.chattonic.sandbox.request import Parameters
from vendors.chattonic.sandbox.users import users
from vendors.port import Simulator

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from vendors.world import World

    Answer = Callable[[Office, Parameters], object]

_BASE = "/api/v1"
_RESOURCES: Mapping[str, Answer] = {
    "stats/operator": operators,
    "stats/bigquery": dashboard,
    "stats/nps/export": export,
    "query": cases,
    "messageuser": users,
}


def simulator(world: World) -> Simulator:
    """Return the vendor as its document describes it, with an account of the world."""
    return Simulator(app=application(world), settings=_settings)


def application(world: World, clock: Callable[[], float] = time.time) -> Starlette:
    """Return the app; tokens end by the clock, and mails go to `app.state.outbox`."""
    gate, outbox = Gate(clock), Outbox()
    office = Office(world.account(PROFILE), outbox)
    desk = ThreadPoolExecutor(max_workers=1, thread_name_prefix="chattonic-sandbox")

    async def login(request: Request) -> Response:
        return JSONResponse(gate.login(await request.body()))

    app = Starlette(
        routes=[
            Route(f"{_BASE}/user/login", login, methods=["POST"]),
            *(
                Route(f"{_BASE}/{{codename}}/{path}", _endpoint(gate, office, desk, answer))
                for path, answer in _RESOURCES.items()
            ),
        ],
        exception_handlers={Refusal: _refused, HTTPException: _not_routed},
    )
    app.state.outbox = outbox
    app.router.redirect_slashes = False
    return app


def _endpoint(
    gate: Gate, office: Office, desk: ThreadPoolExecutor, answer: Answer
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        gate.check(request.headers.get("authorization", ""))
        if request.path_params["codename"] != CODENAME:
            raise Refusal("App not found", HTTPStatus.NOT_FOUND)
        parameters = Parameters(request.url.query)
        loop = asyncio.get_running_loop()
        return JSONResponse(await loop.run_in_executor(desk, answer, office, parameters))

    return endpoint


async def _refused(_: Request, refusal: Exception) -> Response:
    status = refusal.status if isinstance(refusal, Refusal) else HTTPStatus.BAD_REQUEST
    return JSONResponse(failure(str(refusal)), status_code=status)


async def _not_routed(_: Request, error: Exception) -> Response:
    """Answer what no route takes: another path, or another method."""
    status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.NOT_FOUND
    return JSONResponse(failure(HTTPStatus(status).phrase), status_code=status)


def _settings(origin: str) -> Mapping[str, Any]:
    return {
        "base_url": origin,
        "codename": CODENAME,
        "username": USERNAME,
        "password": PASSWORD,
        "duration_unit": "seconds",
        "time_zone": PROFILE.time_zone,
    }
