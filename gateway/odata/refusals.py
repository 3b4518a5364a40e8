"""What the OData door answers instead of data: one error, in OData's own form."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import orjson
from starlette.responses import Response

from gateway.refusals import RefusedError, later, refused_by
from resolvers.outcomes import PlatformFailure
from vendors.errors import CallerError, PlatformError

__all__ = ["error_body", "refused", "refused_for", "unsupported"]

_ARGUMENT = "argument"
_TOO_LATE = "The rows could not be read within the time for it. Ask for a shorter period."
_ALLOWED = "`partial=allow` gives the rows that there are."


def unsupported(what: str, target: str) -> RefusedError:
    """Return the refusal of something that OData knows and this door does not."""
    message = f"{what} is not supported here."
    return RefusedError(
        HTTPStatus.NOT_IMPLEMENTED, "NOT_IMPLEMENTED", message, extensions={_ARGUMENT: target}
    )


def refused(error: PlatformError | CallerError | TimeoutError) -> RefusedError:
    """Return what is answered where that has gone wrong."""
    if isinstance(error, TimeoutError):
        return RefusedError(HTTPStatus.GATEWAY_TIMEOUT, "DEADLINE_EXCEEDED", _TOO_LATE)
    return refused_by(error)


def refused_for(failures: Sequence[PlatformFailure], truncated: Sequence[str]) -> RefusedError:
    """Return the refusal of rows of which some would be missing."""
    failed = [f"{one.platform} ({one.code})" for one in failures]
    said = [f"Rows are missing of {', '.join(failed)}."] if failed else []
    if truncated:
        said.append(f"More than can be listed is held by {', '.join(truncated)}.")
    told = {
        "platforms": [one.platform for one in failures],
        "truncated": list(truncated),
        "retryable": bool(failures) and all(one.retryable for one in failures),
    }
    message = " ".join([*said, _ALLOWED])
    code = failures[0].code if failures else "PLATFORM_TRUNCATED"
    headers = later(*(one.retry_after_seconds for one in failures))
    return RefusedError(HTTPStatus.BAD_GATEWAY, code, message, headers=headers, extensions=told)


def error_body(error: RefusedError, request_id: str) -> Response:
    """Return the answer that tells of the error."""
    about: dict[str, Any] = dict(error.extensions)
    shown: dict[str, Any] = {"code": error.code, "message": str(error)}
    target = about.pop(_ARGUMENT, None)
    if target is not None:
        shown["target"] = target
    shown["innererror"] = {**about, "requestId": request_id}
    return Response(
        orjson.dumps({"error": shown}, default=str),
        status_code=error.status,
        headers={**error.headers, "odata-version": "4.0", "cache-control": "no-store"},
        media_type="application/json",
    )
