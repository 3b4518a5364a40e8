"""What callers see of an error: a code and a sentence of ours, never a vendor's words.

A platform's fault shows which platform and whether to try again. A caller's fault shows its
message. Anything else is a bug: it is logged once, with its traceback, and shown as a fixed
sentence with the id of the request, by which the log can be searched.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from graphql import GraphQLError, GraphQLSyntaxError
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.types.execution import ExecutionResult, PreExecutionError

from vendors.errors import BadInputError, CallerError, PlatformError

__all__ = ["shown_errors", "told_of"]

_LOG = logging.getLogger("switchboard.errors")

_INTERNAL = "INTERNAL_SERVER_ERROR"
_INTERNAL_MESSAGE = "Something went wrong on our side."

_PLATFORM_MESSAGES: Mapping[str, str] = {
    "PLATFORM_UNREACHABLE": "The platform could not be reached.",
    "PLATFORM_TIMEOUT": "The platform did not answer in time.",
    "PLATFORM_BAD_RESPONSE": "The platform's answer was not what it should be.",
    "PLATFORM_TOO_LARGE": "The platform's answer was too large.",
    "PLATFORM_AUTH": "The platform refused our credential.",
    "PLATFORM_FORBIDDEN": "The platform does not allow this with our credential.",
    "PLATFORM_REJECTED": "The platform refused the request.",
    "PLATFORM_RATE_LIMITED": "The platform asked us to slow down.",
    "PLATFORM_ERROR": "The platform failed on its side.",
    "PLATFORM_OUTCOME_UNKNOWN": "The platform's answer was lost: it may have made the change.",
    "PLATFORM_CIRCUIT_OPEN": "The platform has failed often and is left alone for a while.",
}
_PLATFORM_MESSAGE = "The platform did not answer as it should."


def shown_errors(result: ExecutionResult, request_id: str) -> list[dict[str, Any]]:
    """Return the errors of a result as callers see them; log those that are bugs."""
    errors = result.errors or ()
    early = isinstance(result, PreExecutionError)
    shown = [_shown(error, request_id, early=early) for error in errors]
    _log_bugs(errors, shown, request_id)
    return shown


def _shown(error: GraphQLError, request_id: str, *, early: bool) -> dict[str, Any]:
    """Return one error in GraphQL's form, with our message and extensions."""
    message, extensions = _told(error, early=early)
    shown: dict[str, Any] = {"message": message}
    if error.locations is not None:
        shown["locations"] = [location.formatted for location in error.locations]
    if error.path is not None:
        shown["path"] = error.path
    shown["extensions"] = {**extensions, "requestId": request_id}
    return shown


def _told(error: GraphQLError, *, early: bool) -> tuple[str, dict[str, Any]]:
    cause = _cause(error)
    if isinstance(cause, PlatformError):
        return told_of(cause)
    if isinstance(cause, InvalidOperationTypeError):
        return "Send what changes something by POST.", {"code": BadInputError.code}
    if isinstance(cause, CallerError):
        return str(cause), {"code": cause.code, **cause.extensions}
    code = _code_of_graphql(error, cause, early=early)
    return (_INTERNAL_MESSAGE if code == _INTERNAL else error.message), {"code": code}


def told_of(error: PlatformError) -> tuple[str, dict[str, Any]]:
    """Return the message and the extensions of a platform's fault."""
    return _PLATFORM_MESSAGES.get(error.code, _PLATFORM_MESSAGE), {
        "code": error.code,
        "platform": error.platform,
        "retryable": error.retryable,
        "retryAfterSeconds": error.retry_after,
        "attempts": error.attempts,
    }


def _cause(error: GraphQLError) -> BaseException:
    """Return the first error, from which GraphQL made the others while passing it upwards."""
    cause: BaseException = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def _code_of_graphql(error: GraphQLError, cause: BaseException, *, early: bool) -> str:
    """Return the code of an error that is none of ours: where it was found tells whose doing."""
    if "code" in (error.extensions or {}):
        return str((error.extensions or {})["code"])
    if isinstance(cause, GraphQLSyntaxError):
        return "GRAPHQL_PARSE_FAILED"
    if error.path is None:
        # About the document or its variables, if it points there; or an extension broke.
        if not isinstance(cause, GraphQLError) and not error.nodes:
            return _INTERNAL
        return "GRAPHQL_VALIDATION_FAILED" if early else "BAD_USER_INPUT"
    # Found while answering: about an argument, if it was made at that place of the document. What
    # is left, such as a value that its type cannot take, is about the answer and so our doing.
    return "BAD_USER_INPUT" if isinstance(cause, GraphQLError) and cause.nodes else _INTERNAL


def _log_bugs(
    errors: Iterable[GraphQLError], shown: Sequence[Mapping[str, Any]], request_id: str
) -> None:
    """Log each cause once, in however many places of the answer it stands."""
    logged: set[int] = set()
    for error, told in zip(errors, shown, strict=True):
        cause = _cause(error)
        if told["extensions"]["code"] == _INTERNAL and id(cause) not in logged:
            logged.add(id(cause))
            about = {"request_id": request_id, "path": told.get("path")}
            _LOG.error("unexpected error", exc_info=cause, extra=about)
