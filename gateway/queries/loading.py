"""Reads the folder of named queries, once, when the gateway starts."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TypeAlias

from strawberry import Schema

from gateway.configuration.complaints import ConfigurationError
from gateway.configuration.settings import Settings
from gateway.queries.documents import UnfitQueryError
from gateway.queries.named import NamedQuery, query_of
from gateway.security.shape import shape_rule

__all__ = ["Queries", "load_queries"]

_LOG = logging.getLogger("switchboard.queries")

Queries: TypeAlias = Mapping[str, NamedQuery]
"""The named queries by their names."""

_SUFFIXES = frozenset({".graphql", ".gql"})


def load_queries(settings: Settings, schema: Schema) -> Queries:
    """Return the queries of these settings' folder.

    Raises ConfigurationError where a file is no named query; it tells all that are not, each with
    its line and what to do. A shipped one that the limits forbid is left out: nobody asked for it.
    """
    folder = settings.queries.found_in()
    rules = [shape_rule(settings.limits.depth, settings.limits.aliases)]
    found: dict[str, NamedQuery] = {}
    problems: list[str] = []
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    for path in (one for one in files if one.suffix in _SUFFIXES):
        try:
            query = query_of(path, schema._schema, rules)  # noqa: SLF001 (what Strawberry itself executes; it has no public name)
        except UnfitQueryError as error:
            problems.append(f"queries: {path}:{error.line}: {error}")
            continue
        if query.name in found:
            problems.append(f"queries: {path}:1: there is another file of that name")
        found[query.name] = query
    if problems and settings.queries.folder is not None:
        raise ConfigurationError(problems)
    for problem in problems:
        _LOG.warning("a shipped query is left out", extra={"problem": problem})
    return found
