"""The pages that people see in a browser: no network but this server's, no inline script."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from html import escape
from pathlib import Path
from string import Template

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from gateway import __version__
from gateway.negotiation import prefers_html
from gateway.security.headers import page_policy
from vendors.port import Platform

__all__ = ["EXAMPLES", "STATIC", "example", "graphiql_page", "landing"]

STATIC = Path(__file__).parent / "static"
_TEMPLATES = Path(__file__).parent / "templates"
_HOMES = (Path(__file__).parent / "examples", Path(__file__).parents[1] / "examples")
"""The examples are in the package where it is installed, and beside it in a clone."""
_EXAMPLES = next(home for home in _HOMES if home.is_dir())

EXAMPLES = (
    "first-look",
    "response-times-by-day",
    "by-channel",
    "available-now",
    "agents-at-work",
    "conversations-with-messages",
)
"""The examples that GraphiQL opens with, the first in front."""


_ONLY_TRUSTED = """\
# Only trusted documents are answered here: those that whoever runs this gateway has put into its
# folder of documents. The text of one can be sent from this page; any other is refused, and so is
# the question for the schema.
"""


def example(name: str) -> str:
    """Return the text of an example."""
    return (_EXAMPLES / f"{name}.graphql").read_text(encoding="utf-8")


def graphiql_page(
    *, keys_required: bool, only_trusted: bool = False
) -> Callable[[Request], Response]:
    """Return what answers a browser that opens the GraphQL endpoint.

    Where only trusted documents are answered, the page says so in place of the examples.
    """
    template = _template("graphiql")
    texts = [_ONLY_TRUSTED] if only_trusted else [example(name) for name in EXAMPLES]
    examples = orjson.dumps(texts).decode()
    headers = '{\n  "Authorization": "Bearer "\n}' if keys_required else ""

    def page(request: Request) -> Response:
        root = str(request.scope.get("root_path", ""))
        return _page(
            template, root=root, endpoint=f"{root}/graphql", examples=examples, headers=headers
        )

    return page


def landing(request: Request, platforms: Iterable[Platform], *, keys_required: bool) -> Response:
    """Return what stands at the root: a page for browsers, JSON for programs."""
    root = str(request.scope.get("root_path", ""))
    if prefers_html(request.headers.get("accept", "")):
        return _landing_page(request, root, platforms, keys_required=keys_required)
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
        "links": {name: f"{root}/{name}" for name in ("graphql", "healthz", "readyz")},
    }
    return Response(orjson.dumps(about), media_type="application/json", headers=_VARY)


_VARY: Mapping[str, str] = {"vary": "Accept, Authorization, X-API-Key"}


def _landing_page(
    request: Request, root: str, platforms: Iterable[Platform], *, keys_required: bool
) -> Response:
    return _page(
        _template("landing"),
        {"platforms": _table(platforms)},
        root=root,
        version=__version__,
        origin=f"{request.url.scheme}://{request.url.netloc}{root}",
        key_hint=" -H 'Authorization: Bearer YOUR-KEY'" if keys_required else "",
    )


def _table(platforms: Iterable[Platform]) -> str:
    rows = [
        f"<tr><td><code>{escape(platform.key)}</code></td><td>{escape(platform.title)}</td>"
        f"<td>{escape(_abilities(platform))}</td></tr>"
        for platform in platforms
    ]
    if not rows:
        return '<p class="quiet">None that can be shown without a key.</p>'
    head = "<tr><th>Key</th><th>Title</th><th>What it can do</th></tr>"
    return f"<table>{head}{''.join(rows)}</table>"


def _abilities(platform: Platform) -> str:
    """Return what the platform can do, in words for people."""
    return ", ".join(one.value.replace("_", " ") for one in sorted(platform.capabilities))


@cache
def _template(name: str) -> Template:
    return Template((_TEMPLATES / f"{name}.html").read_text(encoding="utf-8"))


def _page(template: Template, markup: Mapping[str, str] | None = None, **texts: str) -> Response:
    """Return the page with the texts, escaped, and the markup, as it is, in their places."""
    escaped = {name: escape(text) for name, text in texts.items()}
    page = template.substitute({**escaped, **(markup or {})})
    return HTMLResponse(page, headers={"content-security-policy": page_policy(), **_VARY})
