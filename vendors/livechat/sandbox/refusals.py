"""What the vendor refuses, in the shape in which it says so."""

from __future__ import annotations

from http import HTTPStatus

# Type -> status and usual message. The vendor documents types and messages, but no statuses.
_KINDS = {
    "authentication": (HTTPStatus.UNAUTHORIZED, "Invalid access token"),
    "authorization": (HTTPStatus.FORBIDDEN, "Authorization error"),
    "validation": (HTTPStatus.BAD_REQUEST, "Wrong format of request"),
    "unsupported_version": (HTTPStatus.BAD_REQUEST, "Cannot call unsupported API versions."),
    "limit_reached": (HTTPStatus.BAD_REQUEST, "Limit reached"),
    "not_found": (HTTPStatus.NOT_FOUND, "Not found"),
    "not_allowed": (HTTPStatus.METHOD_NOT_ALLOWED, "Method not allowed"),
    "entity_too_large": (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Entity too large"),
    "misdirected_request": (HTTPStatus.MISDIRECTED_REQUEST, "Wrong region"),
    "too_many_requests": (HTTPStatus.TOO_MANY_REQUESTS, "Too many requests"),
}


class Refusal(Exception):  # noqa: N818 - it is an answer, not an error of ours
    """A request that the vendor answers with an error of type `kind`."""

    def __init__(
        self, kind: str, message: str | None = None, data: dict[str, object] | None = None
    ) -> None:
        self.status, usual = _KINDS[kind]
        # What came as half a character cannot go back as UTF-8.
        said = (message or usual).encode(errors="replace").decode()
        error: dict[str, object] = {"type": kind, "message": said}
        if data is not None:
            error["data"] = data
        self.body = {"error": error}
        super().__init__(f"{kind}: {said}")


def invalid(path: str, problem: str) -> Refusal:
    """Return the refusal of a parameter that is not as documented."""
    return Refusal("validation", f"`{path}` {problem}")
