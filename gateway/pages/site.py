"""The pages about the gateway and its platforms, each as its caller may see it.

They are whole without a script. What asks vendors has an address of its own, so that the first
page is there at once and takes those parts in as they come.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from strawberry import Schema

from gateway import __version__
from gateway.context import Operations
from gateway.disconnect import CancelOnDisconnect
from gateway.graphql.asking import Question, answer_to
from gateway.graphql.negotiation import prefers_html
from gateway.observability.health import seen_by
from gateway.observability.status import Sightings, status_of
from gateway.pages.answers import answered
from gateway.pages.connecting import Keys, place_of, places_of, power_bi_file, tools_behind
from gateway.pages.examples import QUESTIONS, example, variables_of
from gateway.pages.figures import figures_of
from gateway.pages.platform_cards import PlatformCard, card_of, failure_words, headline_of
from gateway.pages.rendering import VARY, origin_of, page_of, root_of
from gateway.pages.tools import DESCRIPTION, KEY_NAME
from gateway.refusals import RefusedError, request_id_of
from vendors.port import Platform

__all__ = ["Site"]

_HERE = (
    *("graphql", "v1/", "v1/openapi.json", "odata/", "q/", "q/openapi.json"),
    *("connect", "status", "status.json", "healthz", "readyz", "metrics"),
)
_NOT_FOUND = 404
_NOTHING = "There is nothing here."
_UNAUTHENTICATED = 401
_KEYLESS = {_UNAUTHENTICATED, 403}


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Serves the pages over what the other doors share."""

    operations: Callable[[], Operations]
    """Raises RefusedError while nothing is open."""
    sightings: Sightings
    schema: Schema
    keys: Keys
    graphiql: bool

    def routes(self) -> list[Route]:
        """Return where the pages are."""
        return [
            Route("/", self.home),
            Route("/connect", self.connect),
            Route(f"/connect/{DESCRIPTION}", self.power_bi),
            Route("/status", self.status),
            Route("/figures/{platform}", self._watched(self.figures)),
            Route("/questions/{name}", self._watched(self.question)),
        ]

    async def home(self, request: Request) -> Response:
        """Answer at the root: a page for browsers, JSON for programs."""
        refused, platforms = await self._seen_by(request)
        if not prefers_html(request.headers.get("accept", "")):
            return _about(request, platforms)
        return self._page(
            request,
            "home",
            refused=refused,
            cards=self._cards(platforms),
            now=None if refused else self._now(),
            questions=QUESTIONS,
        )

    async def connect(self, request: Request) -> Response:
        """Answer how each tool reads this gateway; it tells nothing of platforms."""
        return self._page(
            request,
            "connect",
            keys=self.keys,
            key_name=KEY_NAME,
            groups=tools_behind(request.app.routes, origin=origin_of(request), keys=self.keys),
        )

    async def power_bi(self, request: Request) -> Response:
        """Answer what Power BI Desktop opens to read this gateway; it holds no key."""
        headers = {"content-disposition": f'attachment; filename="{DESCRIPTION}"'}
        body = power_bi_file(origin_of(request))
        return Response(body, media_type="application/json", headers=headers)

    async def status(self, request: Request) -> Response:
        """Answer how each platform fares, without asking any."""
        refused, platforms = await self._seen_by(request)
        if refused is not None:
            return self._refused(request, refused)
        cards = self._cards(platforms)
        headline = headline_of(cards)
        return self._page(request, "status", cards=cards, headline=headline, now=self._now())

    async def figures(self, request: Request) -> Response:
        """Answer the last days of a platform."""
        operation = await self.operations().begin(request)
        platform = operation.platforms.get(request.path_params["platform"])
        if platform is None:
            raise RefusedError(_NOT_FOUND, "NOT_FOUND", "There is no such platform here.")
        figures = await figures_of(platform, self.schema, operation)
        return self._page(
            request,
            "figures",
            card=self._cards([platform])[0],
            figures=figures,
            failure_words=failure_words(figures.failure),
            now=self._now(),
        )

    async def question(self, request: Request) -> Response:
        """Answer one of the questions of the first page, as tables."""
        asked = next((q for q in QUESTIONS if q.name == request.path_params["name"]), None)
        if asked is None:
            raise RefusedError(_NOT_FOUND, "NOT_FOUND", "There is no such question here.")
        operation = await self.operations().begin(request)
        variables = orjson.loads(variables_of(asked.name) or "{}")
        answer = await answer_to(Question(example(asked.name), variables), self.schema, operation)
        return self._page(request, "question", question=asked, answer=answered(answer))

    async def nothing_here(self, request: Request, _error: Exception) -> Response:
        """Answer where no door is: a page for browsers."""
        return self._refused(request, RefusedError(_NOT_FOUND, "NOT_FOUND", _NOTHING))

    def _now(self) -> datetime:
        return self.operations().services.clock.now()

    async def _seen_by(self, request: Request) -> tuple[RefusedError | None, list[Platform]]:
        """Return the platforms that this caller may see, and why there are none."""
        try:
            operations = self.operations()
            principal = await operations.principal_of(request)
        except RefusedError as error:
            return error, []
        return None, seen_by(operations, principal)

    def _cards(self, platforms: list[Platform]) -> list[PlatformCard]:
        if not platforms:
            return []
        status = status_of(platforms, self.sightings, self.operations().services.clock)
        return [card_of(*each) for each in zip(platforms, status.platforms, strict=True)]

    def _watched(self, page: Callable[[Request], Any]) -> ASGIApp:
        """Return the page as an application that ends when its caller goes."""

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            request = Request(scope, receive)
            # Read, so that the connection can be watched from now on.
            await request.body()
            try:
                response = await page(request)
            except RefusedError as error:
                response = self._refused(request, error)
            await response(scope, receive, send)

        return CancelOnDisconnect(serve)

    def _refused(self, request: Request, error: RefusedError) -> Response:
        """Return why there is nothing to see: a page for browsers."""
        if not prefers_html(request.headers.get("accept", "")):
            return error.response(request_id_of(request.scope))
        # A browser that is challenged to Basic asks for a name and a password by itself; the page
        # asks for the key alone.
        challenge = {"www-authenticate": "Bearer"} if error.status == _UNAUTHENTICATED else {}
        headers = {**error.headers, **challenge}
        return self._page(request, "refused", status=error.status, headers=headers, refused=error)

    def _page(self, request: Request, name: str, **values: Any) -> Response:  # noqa: ANN401 (any)
        refused: RefusedError | None = values.get("refused")
        values["key_wanted"] = refused is not None and refused.status in _KEYLESS
        return page_of(
            request,
            name,
            here=request.url.path.removeprefix(root_of(request)),
            graphiql=self.graphiql,
            **values,
        )


def _about(request: Request, platforms: list[Platform]) -> Response:
    """Return, for programs, what is here and where."""
    root, here = root_of(request), places_of(request.app.routes)
    about = {
        "name": "Switchboard",
        "version": __version__,
        "platforms": [
            {
                "key": platform.key,
                "title": platform.title,
                "vendor": platform.vendor,
                "capabilities": sorted(platform.capabilities),
            }
            for platform in platforms
        ],
        "links": {name: f"{root}/{name}" for name in _HERE if place_of(name) in here},
    }
    return Response(orjson.dumps(about), media_type="application/json", headers=dict(VARY))
