"""The pages that people see in a browser: no network but this server's, no inline script."""

from __future__ import annotations

from gateway.pages.connecting import Keys
from gateway.pages.examples import EXAMPLES, example
from gateway.pages.graphiql import graphiql_page
from gateway.pages.rendering import STATIC
from gateway.pages.site import Site

__all__ = ["EXAMPLES", "STATIC", "Keys", "Site", "example", "graphiql_page"]
