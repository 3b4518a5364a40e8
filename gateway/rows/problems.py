"""What the file door answers where it has no file: problem details (RFC 9457), always as JSON."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus

import orjson
from starlette.responses import Response

from gateway.refusals import RefusedError, later, refused_by
from gateway.rows.filling import ShortError
from gateway.rows.spool import SpoolFullError
from resolvers.outcomes import PlatformFailure
from vendors.errors import CallerError, PlatformError, TooComplexError

__all__ = ["EXPECTED", "problem", "refused"]

EXPECTED = (CallerError, PlatformError, ShortError, SpoolFullError, OSError)
"""What goes wrong while a file is made, and is nobody's mistake in a program."""

_MEDIA_TYPE = "application/problem+json"
_BAD_REQUEST, _BAD_GATEWAY, _NO_ROOM, _LATE = 400, 502, 503, 504
_LATER = "60"
_LOG = logging.getLogger("switchboard.files")


def problem(error: RefusedError, request_id: str) -> Response:
    """Return the answer; `parameter` and `accepts` say what was wrong with what was asked."""
    told = {_NAMES.get(name, name): value for name, value in error.extensions.items()}
    body = {
        "type": "about:blank",
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "detail": str(error),
        "code": error.code,
        **told,
        "requestId": request_id,
    }
    return Response(
        orjson.dumps(body, default=str),
        status_code=error.status,
        headers={"cache-control": "no-store", **error.headers},
        media_type=_MEDIA_TYPE,
    )


_NAMES: Mapping[str, str] = {"argument": "parameter", "accepted": "accepts"}


def refused(error: Exception) -> RefusedError:
    """Return how it is told that a file could not be made."""
    if isinstance(error, ShortError):
        return _short(error)
    if isinstance(error, PlatformError):
        return _short(ShortError([PlatformFailure.of(error)], ()))
    if isinstance(error, CallerError):
        return refused_by(error)
    if isinstance(error, SpoolFullError):
        message = "The file would be larger than files may be here. Ask for fewer rows or columns."
        return RefusedError(_BAD_REQUEST, TooComplexError.code, message)
    if not isinstance(error, TimeoutError):
        _LOG.error("a file could not be written", exc_info=error)
        message = "The gateway has no room for files at the moment."
        return RefusedError(_NO_ROOM, "OVERLOADED", message, headers={"retry-after": _LATER})
    message = "The file was not made within its time. Ask for fewer rows, or with `limit`."
    return RefusedError(_LATE, "DEADLINE_EXCEEDED", message)


def _short(error: ShortError) -> RefusedError:
    """Return a refusal that names every platform whose rows would be missing."""
    failed = [
        {"platform": one.platform, "code": one.code, "retryable": one.retryable}
        for one in error.failures
    ]
    truncated = [
        {"platform": key, "code": _TRUNCATED, "retryable": False} for key in error.truncated
    ]
    names = [one.platform for one in error.failures]
    told = ", ".join(dict.fromkeys([*names, *error.truncated]))
    further = f" {_LISTED}" if truncated else ""
    message = f"Rows of {told} would be missing. `partial=allow` takes what there is.{further}"
    return RefusedError(
        _BAD_GATEWAY,
        "ROWS_MISSING",
        message,
        headers=later(*(one.retry_after_seconds for one in error.failures)),
        extensions={"platforms": [*failed, *truncated]},
    )


_TRUNCATED = "TRUNCATED"
_LISTED = "A platform that is truncated holds more than it can be made to list."
