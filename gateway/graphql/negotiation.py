"""What kind of answer a request asks for, by its `Accept` header."""

from __future__ import annotations

from collections.abc import Mapping
from email.message import Message
from functools import lru_cache

__all__ = [
    "GRAPHQL_RESPONSE",
    "JSON",
    "accepts_parts",
    "prefers_html",
    "wants_events",
    "wants_graphql_response",
]

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"
_HTML = "text/html"
_EVENTS = "text/event-stream"
_PARTS = "multipart/mixed"


def prefers_html(accept: str) -> bool:
    """Return whether a page is asked for by name, and liked at least as well as JSON.

    Programs send `*/*` or nothing; they are not given a page.
    """
    weights = _weights(accept)
    html = weights.get(_HTML, 0.0)
    return html > 0 and html >= max(weights.get(JSON, 0.0), weights.get(GRAPHQL_RESPONSE, 0.0))


def wants_graphql_response(accept: str) -> bool:
    """Return whether GraphQL's own media type is asked for, at least as well as plain JSON."""
    weights = _weights(accept)
    own = weights.get(GRAPHQL_RESPONSE, 0.0)
    return own > 0 and own >= weights.get(JSON, 0.0)


def wants_events(accept: str) -> bool:
    """Return whether server-sent events are asked for by name, and liked better than JSON."""
    weights = _weights(accept)
    events = weights.get(_EVENTS, 0.0)
    return events > max(weights.get(JSON, 0.0), weights.get(GRAPHQL_RESPONSE, 0.0))


@lru_cache(maxsize=256)
def accepts_parts(accept: str) -> bool:
    """Return whether an answer in parts may be sent, where the operation has one.

    Who names the older form of parts, by `deferSpec`, cannot read the present one.
    """
    for part in accept.split(","):
        named = _read(part)
        if named.get_content_type() == _PARTS and named.get_param("deferspec") is None:
            return _weight(named) > 0
    return False


@lru_cache(maxsize=256)
def _weights(accept: str) -> Mapping[str, float]:
    """Return the weight of each media type that is named; what cannot be read weighs nothing."""
    return {
        part.partition(";")[0].strip().lower(): _weight(_read(part)) for part in accept.split(",")
    }


def _read(part: str) -> Message:
    message = Message()
    message["content-type"] = part.strip() or "*/*"
    return message


def _weight(named: Message) -> float:
    try:
        return float(str(named.get_param("q", "1")))
    except ValueError:
        return 0.0
