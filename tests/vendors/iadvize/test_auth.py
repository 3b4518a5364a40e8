from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

import httpx
import pytest
from tests.vendors.iadvize.conftest import Connect
from tests.vendors.iadvize.upstream import Upstream, failure, saying, settings_of, success

from vendors.calls import Call
from vendors.errors import (
    PlatformAuthError,
    PlatformBadResponseError,
    PlatformError,
    PlatformForbiddenError,
    PlatformNotFoundError,
    PlatformRateLimitedError,
    PlatformRejectedError,
    PlatformServerError,
)
from vendors.http.message import Answer
from vendors.iadvize.auth import fingerprint, judge


def answer(response: httpx.Response) -> Answer:
    return Answer(response.status_code, response.headers, response.content)


async def test_the_key_goes_in_its_header(connected: Connect, call: Call) -> None:
    upstream = Upstream(saying([]))
    await connected(upstream).operators(call)
    assert upstream.request.headers["X-API-Key"] == "s3cret"
    assert "key=" not in str(upstream.request.url)
    assert "Authorization" not in upstream.request.headers


async def test_the_key_may_go_in_the_query_behind_what_is_there(
    connected: Connect, call: Call
) -> None:
    upstream = Upstream(saying([]))
    client = connected(upstream, auth="query", api_key="s3 cret&x")
    await client.operators_live((("name", "a b"),), call)
    assert upstream.request.url.raw_path == (
        b"/api/2/operator/live?full=1&filters%5Bname%5D=a%20b&page=1&limit=100&key=s3%20cret%26x"
    )
    assert "X-API-Key" not in upstream.request.headers


async def test_the_key_may_be_the_user_name_of_basic(connected: Connect, call: Call) -> None:
    upstream = Upstream(saying([]))
    await connected(upstream, auth="basic").operators(call)
    words = b64encode(b"s3cret:x").decode()
    assert upstream.request.headers["Authorization"] == f"Basic {words}"
    assert "X-API-Key" not in upstream.request.headers


async def test_the_query_key_goes_along_where_there_is_no_other_parameter(
    connected: Connect, call: Call
) -> None:
    upstream = Upstream(saying([]))
    await connected(upstream, auth="query").operator_live("1", call)
    assert upstream.request.url.raw_path == b"/api/2/operator/1/live?key=s3cret"


def test_the_fingerprint_is_of_the_key_alone() -> None:
    printed = fingerprint(settings_of())
    assert printed == sha256(b"s3cret").hexdigest()[:16]
    assert printed == fingerprint(settings_of(base_url="https://ha.iadvize.com/api/2"))
    assert printed != fingerprint(settings_of(api_key="other"))


@pytest.mark.parametrize("status", [200, 400, 403, 404])
def test_success_is_what_the_envelope_says(status: int) -> None:
    judge(answer(success({}, status=status)))


@pytest.mark.parametrize("status", [200, 400, 401, 404])
@pytest.mark.parametrize(
    ("word", "message", "error"),
    [
        ("error", "Forbidden", PlatformAuthError),
        ("fail", "Value of field 'from' is not valid.", PlatformRejectedError),
        ("fail", "Unknown 'operator' with 'id' 456.", PlatformNotFoundError),
        ("fail", "Unknown 'operator' with 'id' 456", PlatformNotFoundError),
        ("maybe", "?", PlatformBadResponseError),
    ],
)
def test_a_refusal_is_what_the_envelope_says_whatever_the_status(
    status: int, word: str, message: str, error: type[PlatformError]
) -> None:
    with pytest.raises(error) as raised:
        judge(answer(failure(message, word, status)))
    assert type(raised.value) is error
    assert raised.value.status == status


def test_a_refusal_without_a_message_is_one_too() -> None:
    with pytest.raises(PlatformRejectedError):
        judge(Answer(200, httpx.Headers(), b'{"meta":{"status":"fail"}}'))


@pytest.mark.parametrize(
    ("message", "logged"),
    [
        ("Field 'from' is missing.", "Field 'from' is missing"),
        ("Value of field 'tag_id' is not valid.", "Value of field 'tag_id' is not valid"),
        ("Unknown 'visitor' with 'id' 0a15.", "Unknown 'visitor' with 'id'"),
        ("Nothing for ana@example.test", "refused by the envelope"),
    ],
)
def test_no_more_of_a_message_is_kept_than_the_documents_show(message: str, logged: str) -> None:
    with pytest.raises(PlatformError) as raised:
        judge(answer(failure(message)))
    assert str(raised.value) == logged


@pytest.mark.parametrize(
    ("status", "error"),
    [(429, PlatformRateLimitedError), (500, PlatformServerError), (503, PlatformServerError)],
)
def test_a_status_of_the_server_itself_counts_whatever_the_envelope_says(
    status: int, error: type[PlatformError]
) -> None:
    for response in (success({}, status=status), failure("Forbidden", "error", status)):
        with pytest.raises(error):
            judge(answer(response))


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, b"", PlatformAuthError),
        (403, b"no", PlatformForbiddenError),
        (404, b"{}", PlatformNotFoundError),
        (400, b'{"meta":[]}', PlatformRejectedError),
        (200, b"<!DOCTYPE html><html></html>", PlatformAuthError),
        (302, b"", PlatformBadResponseError),
    ],
)
def test_the_status_counts_where_there_is_no_envelope(
    status: int, body: bytes, error: type[PlatformError]
) -> None:
    with pytest.raises(error):
        judge(Answer(status, httpx.Headers(), body))


def test_a_body_without_envelope_is_left_to_its_reader() -> None:
    judge(Answer(200, httpx.Headers(), b'{"data":[]}'))
