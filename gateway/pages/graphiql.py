"""GraphiQL, from our own files, opened on the examples."""

from __future__ import annotations

from collections.abc import Callable

import orjson
from starlette.requests import Request
from starlette.responses import Response

from gateway.pages.examples import EXAMPLES, QUESTIONS, example, variables_of
from gateway.pages.rendering import page_of, root_of

__all__ = ["graphiql_page"]

_KNOWN = {
    **{name: name for name in (*EXAMPLES, *(question.name for question in QUESTIONS))},
    **{str(number): name for number, name in enumerate(EXAMPLES)},
}


_ONLY_TRUSTED = """\
# Only trusted documents are answered here: those that whoever runs this gateway has put into its
# folder of documents. The text of one can be sent from this page; any other is refused, and so is
# the question for the schema.
"""


def graphiql_page(
    *, keys_required: bool, only_trusted: bool = False
) -> Callable[[Request], Response]:
    """Return what answers a browser that opens the GraphQL endpoint.

    `?example=` brings one to the front: by its name, or by its number among the tabs. Where only
    trusted documents are answered, the page says so in place of the examples.
    """
    headers = '{\n  "Authorization": "Bearer "\n}' if keys_required else ""

    def page(request: Request) -> Response:
        asked = None if only_trusted else _KNOWN.get(request.query_params.get("example", ""))
        tabs = [(_ONLY_TRUSTED, "")] if only_trusted else _tabs(asked)
        return page_of(
            request,
            "graphiql",
            endpoint=f"{root_of(request)}/graphql",
            examples=orjson.dumps([text for text, _ in tabs]).decode(),
            variables=orjson.dumps([variables for _, variables in tabs]).decode(),
            asked="yes" if asked else "",
            request_headers=headers,
        )

    return page


def _tabs(first: str | None) -> list[tuple[str, str]]:
    """Return the examples with their variables, that one in front."""
    names = [*filter(None, [first]), *(name for name in EXAMPLES if name != first)]
    return [(example(name), variables_of(name)) for name in names]
