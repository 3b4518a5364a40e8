"""The table of statuses, and what Retry-After says."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st
from tests.vendors.http.asking import Noon, given

from vendors.errors import PlatformBadResponseError, PlatformError, PlatformRejectedError, Retry
from vendors.http import judge_by_status
from vendors.http.status import date_header, error_for_status, is_html, retry_after

NOON = Noon().now()


def http_date(seconds: float) -> str:
    return format_datetime(NOON + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 206, 299])
def test_successes_pass(status: int) -> None:
    judge_by_status(given(status))


@drawn(st.integers(100, 999).filter(lambda one: not 200 <= one < 300))
def test_every_other_status_is_an_error_that_keeps_it(status: int) -> None:
    error = error_for_status(given(status))
    assert isinstance(error, PlatformError)
    assert error.status == status


def test_what_the_table_does_not_know_goes_by_its_class() -> None:
    assert type(error_for_status(given(499))) is PlatformRejectedError
    assert type(error_for_status(given(304))) is PlatformBadResponseError
    assert type(error_for_status(given(101))) is PlatformBadResponseError
    assert type(error_for_status(given(999))) is PlatformBadResponseError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("1.5", 1.5),
        ("99999999", 99999999.0),
        (http_date(30), 30.0),
        (http_date(0), 0.0),
        (http_date(-1), None),
        ("", None),
        ("-7", None),
        ("1e3", None),
        ("0x10", None),
        ("7 seconds", None),
        ("1,5", None),
        ("tomorrow", None),
        ("Mon, 99 Foo 2026 99:99:99 GMT", None),
        ("9" * 400, None),
    ],
)
def test_retry_after(text: str, seconds: float | None) -> None:
    assert retry_after(given(429, retry_after=text)) == seconds


def test_a_date_counts_from_the_answers_own_date() -> None:
    answer = given(429, retry_after=http_date(90), date=http_date(60))
    assert retry_after(answer) == 30.0


@drawn(
    st.one_of(
        st.text(max_size=60), st.from_regex(r"[A-Z][a-z]{2}, \d+ [A-Z][a-z]{2} .*", fullmatch=True)
    )
)
def test_no_text_breaks_it(text: str) -> None:
    seconds = retry_after(given(429, retry_after=text, date=text))
    assert seconds is None or seconds >= 0.0


@pytest.mark.parametrize(
    ("status", "text", "retry"),
    [
        (429, "10", Retry.WAIT),
        (429, "11", Retry.NONE),
        (429, "garbage", Retry.BACKOFF),
        (503, "10", Retry.WAIT),
        (503, "11", Retry.NONE),
        (503, "", Retry.BACKOFF),
        (502, "10", Retry.BACKOFF),
    ],
)
def test_the_time_decides_on_the_retry(status: int, text: str, retry: Retry) -> None:
    error = error_for_status(given(status, retry_after=text))
    assert error is not None
    assert error.retry_as is retry


def test_a_date_is_in_utc() -> None:
    header = given(200, date="Sat, 21 Nov 2026 13:00:00 +0100").headers
    assert date_header(header) == NOON
    assert date_header(given(200, date="Sat, 21 Nov 2026 12:00:00").headers) == NOON
    assert date_header(given(200).headers) is None


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'"<html>"', b"<xml/>", b"<htmlish>", b"id;name\n1;<html>", b"<!-- <html>"]
)
def test_what_is_no_page(body: bytes) -> None:
    assert not is_html(body)


def test_a_page_far_down_is_not_looked_for() -> None:
    assert not is_html(b"<!--" * 100_000)
