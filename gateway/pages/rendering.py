"""Makes pages from templates: every text in them is escaped."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from gateway import __version__
from gateway.pages.wording import ago, day, moment, quantity
from gateway.security.headers import page_policy

__all__ = ["STATIC", "VARY", "origin_of", "page_of", "root_of", "snippet_of"]

STATIC = Path(__file__).parent.parent / "static"
TEMPLATES = Path(__file__).parent.parent / "templates"
VARY: Mapping[str, str] = {"vary": "Accept, Authorization, X-API-Key"}
"""What the answers of pages depend on."""
_NONE: Mapping[str, str] = {}


def root_of(request: Request) -> str:
    """Return the path under which a proxy shows the gateway; empty at a host of its own."""
    # Below a mount the one is longer; the other is what it was before.
    return str(request.scope.get("app_root_path", request.scope.get("root_path", "")))


def origin_of(request: Request) -> str:
    """Return the address of the gateway as this caller reaches it, without a slash at its end.

    Behind a proxy that is trusted the scheme is the one that it was asked by.
    """
    return f"{request.url.scheme}://{request.url.netloc}{root_of(request)}"


def page_of(
    request: Request,
    name: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] = _NONE,
    **values: object,
) -> Response:
    """Return the page of that template, with what every page knows."""
    text = (
        _pages()
        .get_template(f"{name}.html")
        .render(
            root=root_of(request),
            origin=origin_of(request),
            version=__version__,
            **values,
        )
    )
    policy = {"content-security-policy": page_policy()}
    return HTMLResponse(text, status, headers={**policy, **VARY, **headers})


def snippet_of(name: str, **values: object) -> str:
    """Return the text of a template that is no page."""
    return _texts().get_template(name).render(**values).rstrip("\n")


@cache
def _pages() -> Environment:
    pages = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters |= {"ago": ago, "day": day, "moment": moment, "quantity": quantity}
    return pages


@cache
def _texts() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=False,  # noqa: S701 (programs, not pages; a page escapes them whole)
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
