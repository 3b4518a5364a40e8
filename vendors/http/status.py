"""What an HTTP status means: a table from statuses to errors, and what Retry-After says.

A platform that tells of its failures by other means (an envelope, an error member) has a judge of
its own and falls back on `judge_by_status`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

import httpx

from vendors.errors import (
    PlatformAuthError,
    PlatformBadResponseError,
    PlatformError,
    PlatformForbiddenError,
    PlatformNotFoundError,
    PlatformRateLimitedError,
    PlatformRejectedError,
    PlatformServerError,
    PlatformTimeoutError,
    Retry,
    Trips,
)
from vendors.http.message import Answer

__all__ = ["date_header", "error_for_status", "is_html", "judge_by_status", "retry_after"]

_LONGEST_WAIT = 10.0
"""Seconds of Retry-After that are waited for within one call; beyond, the caller is told."""


class _Row(NamedTuple):
    error: type[PlatformError]
    retry: Retry | None = None
    trips: Trips | None = None
    waits: bool = False
    """Whether a Retry-After decides on the retry."""


_SERVER = _Row(PlatformServerError)
_ASK_LATER = _Row(PlatformServerError, waits=True)
_REJECTED = _Row(PlatformRejectedError)

_STATUSES: Mapping[int, _Row] = {
    401: _Row(PlatformAuthError),
    403: _Row(PlatformForbiddenError),
    404: _Row(PlatformNotFoundError),
    408: _Row(PlatformTimeoutError, retry=Retry.FRESH_ONCE, trips=Trips.NOTHING),
    410: _Row(PlatformNotFoundError),
    429: _Row(PlatformRateLimitedError, waits=True),
    501: _Row(PlatformServerError, retry=Retry.NONE),
    503: _ASK_LATER,
    505: _Row(PlatformServerError, retry=Retry.NONE),
}
_CLASSES: Mapping[int, _Row] = {
    # A redirect is never followed: the credential in a header of its own would go along.
    3: _Row(PlatformBadResponseError),
    4: _REJECTED,
    5: _SERVER,
}
_NO_HTTP = _Row(PlatformBadResponseError)

_NUMBER = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,6})?")
_HTML = re.compile(
    rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_HEAD = 1024
_BOM = b"\xef\xbb\xbf"


def judge_by_status(answer: Answer) -> None:
    """Raise the error that the status stands for; a page for people in place of data is one too.

    Raises:
        PlatformError: of the class that the table gives. HTML with a 2xx status is a login page:
            PlatformAuthError.
    """
    if error := error_for_status(answer):
        raise error


def error_for_status(answer: Answer) -> PlatformError | None:
    """Return the error that this answer's status stands for, or None for a success."""
    status = answer.status
    if httpx.codes.is_success(status):
        if is_html(answer.body):
            return PlatformAuthError("a page for people in place of data", status=status)
        return None
    row = _STATUSES.get(status) or _CLASSES.get(status // 100, _NO_HTTP)
    if row.waits:
        return _later(row, answer)
    return row.error(f"status {status}", status=status, retry=row.retry, trips=row.trips)


def is_html(body: bytes) -> bool:
    """Return whether a body is a page for people."""
    return _HTML.match(body[:_HEAD].removeprefix(_BOM)) is not None


def retry_after(answer: Answer) -> float | None:
    """Return the seconds that Retry-After asks for, or None where it says nothing usable.

    A date counts from the answer's own `Date`, so that a clock that is wrong, theirs or ours,
    does not matter. A date in the past, a negative number and garbage are None.
    """
    text = answer.headers.get("retry-after", "").strip()
    if _NUMBER.fullmatch(text):
        return float(text)
    # A date begins with a weekday; the parser alone would read a date into "12 garbage".
    date = _http_date(text) if text[:1].isalpha() else None
    if date is None:
        return None
    sent = date_header(answer.headers) or answer.received or datetime.now(UTC)
    seconds = (date - sent).total_seconds()
    return seconds if seconds >= 0.0 else None


def date_header(headers: Mapping[str, str], name: str = "date") -> datetime | None:
    """Return an HTTP date in UTC, or None where there is none that can be read."""
    text = headers.get(name, "")
    return _http_date(text) if text else None


def _later(row: _Row, answer: Answer) -> PlatformError:
    seconds = retry_after(answer)
    if seconds is None:
        retry = Retry.BACKOFF
    else:
        retry = Retry.WAIT if seconds <= _LONGEST_WAIT else Retry.NONE
    return row.error(
        f"status {answer.status}", status=answer.status, retry_after=seconds, retry=retry
    )


def _http_date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, IndexError, OverflowError):
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
