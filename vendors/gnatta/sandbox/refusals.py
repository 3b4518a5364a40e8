"""What the vendor refuses, as problem details; its document tells the statuses but no bodies."""

from __future__ import annotations

from http import HTTPStatus
from secrets import token_hex
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TYPES = {
    400: "https://tools.ietf.org/html/rfc9110#section-15.5.1",
    401: "https://tools.ietf.org/html/rfc9110#section-15.5.2",
    403: "https://tools.ietf.org/html/rfc9110#section-15.5.4",
    404: "https://tools.ietf.org/html/rfc9110#section-15.5.5",
    405: "https://tools.ietf.org/html/rfc9110#section-15.5.6",
    415: "https://tools.ietf.org/html/rfc9110#section-15.5.16",
    429: "https://tools.ietf.org/html/rfc6585#section-4",
}
_INVALID = "One or more validation errors occurred."


class Refusal(Exception):  # noqa: N818 (the vendor answers it; nothing went wrong)
    """A body that is answered with 400, for every reason that it gives, by property."""

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        super().__init__(_INVALID)
        self.errors = errors

    @property
    def response(self) -> JSONResponse:
        """The answer."""
        return problem(400, members={"title": _INVALID, "errors": self.errors})


def problem(
    status: int,
    *,
    headers: Mapping[str, str] | None = None,
    members: Mapping[str, object] | None = None,
) -> JSONResponse:
    """Return problem details (RFC 9457) of a status; members override and add to the usual."""
    body = {
        "type": _TYPES[status],
        "title": HTTPStatus(status).phrase,
        "status": status,
        **(members or {}),
        "traceId": f"00-{token_hex(16)}-{token_hex(8)}-00",
    }
    return JSONResponse(
        body, status_code=status, headers=headers, media_type="application/problem+json"
    )
