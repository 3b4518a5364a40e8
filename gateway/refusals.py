"""What a door answers when it does not answer the question: always JSON, shaped as GraphQL's."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from math import ceil
from typing import Any

import orjson
from starlette.responses import Response
from starlette.types import Scope

from gateway.security.masking import told_of
from vendors.errors import BadInputError, CallerError, ForbiddenError, PlatformError

__all__ = ["REQUEST_ID", "RefusedError", "later", "refusal", "refused_by", "request_id_of"]

REQUEST_ID = "request_id"
"""Where the id of a request is kept in its `state`."""

_NONE: Mapping[str, str] = {}
_CALLER: Mapping[str, HTTPStatus] = {
    BadInputError.code: HTTPStatus.BAD_REQUEST,
    ForbiddenError.code: HTTPStatus.FORBIDDEN,
}
_PLATFORM: Mapping[str, HTTPStatus] = {
    "PLATFORM_RATE_LIMITED": HTTPStatus.TOO_MANY_REQUESTS,
    "PLATFORM_CIRCUIT_OPEN": HTTPStatus.SERVICE_UNAVAILABLE,
    "PLATFORM_TIMEOUT": HTTPStatus.GATEWAY_TIMEOUT,
}


class RefusedError(Exception):
    """A request cannot be served as it is; what to answer instead."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        headers: Mapping[str, str] = _NONE,
        extensions: Mapping[str, Any] = _NONE,
        plain_status: int | None = None,
    ) -> None:
        """Keep the HTTP status, the code and message for the caller, and further headers.

        `plain_status` is that of an answer as plain JSON, where it is another.
        """
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers
        self.extensions = extensions
        self.plain_status = plain_status or status

    def shown(self, request_id: str) -> list[dict[str, Any]]:
        """Return the errors that a caller is shown where there is no HTTP answer."""
        extensions = {"code": self.code, **self.extensions, "requestId": request_id}
        return [{"message": str(self), "extensions": extensions}]

    def response(self, request_id: str) -> Response:
        """Return what the caller is answered."""
        return refusal(
            self.status,
            self.code,
            str(self),
            request_id,
            headers=self.headers,
            extensions=self.extensions,
        )


def refusal(
    status: int,
    code: str,
    message: str,
    request_id: str,
    *,
    headers: Mapping[str, str] = _NONE,
    extensions: Mapping[str, Any] = _NONE,
) -> Response:
    """Return an answer that holds one error and no data."""
    error = {
        "message": message,
        "extensions": {"code": code, **extensions, "requestId": request_id},
    }
    return Response(
        orjson.dumps({"errors": [error]}),
        status_code=status,
        headers=dict(headers),
        media_type="application/json",
    )


def refused_by(error: PlatformError | CallerError) -> RefusedError:
    """Return what is answered where a platform, or what the caller asks, has made it go wrong."""
    if isinstance(error, CallerError):
        status = _CALLER.get(error.code, HTTPStatus.BAD_REQUEST)
        return RefusedError(status, error.code, str(error), extensions=error.extensions)
    message, told = told_of(error)
    status = _PLATFORM.get(error.code, HTTPStatus.BAD_GATEWAY)
    code = told.pop("code")
    return RefusedError(status, code, message, headers=later(error.retry_after), extensions=told)


def later(*waits: float | None) -> dict[str, str]:
    """Return the header that says in how many seconds to ask again, where that is known."""
    known = [one for one in waits if one is not None]
    return {"retry-after": str(ceil(max(known)))} if known else {}


def request_id_of(scope: Scope) -> str:
    """Return the id of the request, as the caller gave it or as it was made."""
    return str(scope.get("state", {}).get(REQUEST_ID, ""))
