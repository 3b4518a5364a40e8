"""JSON from a platform, straight into typed structs; whatever it is not has a name."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec

from vendors.errors import PlatformBadResponseError, PlatformError, PlatformTruncatedError, Trips
from vendors.http.message import Answer

__all__ = ["decoded"]

T = TypeVar("T")

_NO_CONTENT = 204
_BOM = b"\xef\xbb\xbf"
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_NO_JSON = (msgspec.DecodeError, RecursionError, UnicodeError)
_ANY: msgspec.json.Decoder[Any] = msgspec.json.Decoder()


def decoded(answer: Answer, decoder: msgspec.json.Decoder[T]) -> T:
    """Return the body as the decoder's type.

    204 has no body: it stands for null, or for an empty list where null does not fit.

    Raises:
        PlatformTruncatedError: if the JSON ends early.
        PlatformBadResponseError: if it is no JSON (NaN and lone surrogates are none, nor is
            nesting beyond all measure), or JSON of another shape.
    """
    if answer.status == _NO_CONTENT and not answer.body:
        return _nothing(decoder)
    body = answer.body.removeprefix(_BOM)
    try:
        return decoder.decode(body)
    except msgspec.ValidationError:
        raise _other_shape(body) from None
    except _NO_JSON:
        raise _no_json(body) from None


def _nothing(decoder: msgspec.json.Decoder[T]) -> T:
    for empty in (b"null", b"[]"):
        try:
            return decoder.decode(empty)
        except msgspec.ValidationError:
            continue
    raise PlatformBadResponseError("no content where some was asked for")


def _other_shape(body: bytes) -> PlatformError:
    """Tell an answer that holds nothing from one whose members have changed.

    A changed member belongs to one endpoint's model: it must not shut the others, too.
    """
    try:
        value = _ANY.decode(body)
    except _NO_JSON:
        # The shape failed before the end of the text was seen.
        return _no_json(body)
    holds_something = isinstance(value, dict | list) and bool(value)
    return PlatformBadResponseError(
        "JSON of another shape", trips=Trips.NOTHING if holds_something else Trips.CIRCUIT
    )


def _no_json(body: bytes) -> PlatformError:
    if body and _is_cut(body):
        return PlatformTruncatedError("JSON cut")
    return PlatformBadResponseError("no JSON" if body else "empty body")


def _is_cut(body: bytes) -> bool:
    """Return whether a string, list or object was begun that does not end."""
    bare = _STRING.sub(b"", body)
    opened = bare.count(b"{") + bare.count(b"[")
    return b'"' in bare or opened > bare.count(b"}") + bare.count(b"]")
