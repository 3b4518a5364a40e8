from __future__ import annotations

import io
import logging
from typing import Any, Literal

import orjson
import pytest
import structlog

from gateway.observability.telemetry import configure_logging, redact

KEY = "swb_0123456789abcdefghij"


pytestmark = pytest.mark.usefixtures("own_logging")


def logged(stream: io.StringIO) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in stream.getvalue().splitlines()]


@pytest.fixture
def stream() -> io.StringIO:
    stream = io.StringIO()
    configure_logging("info", "auto", stream)
    return stream


def test_what_is_no_terminal_gets_json_lines(stream: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(request_id="r1"):
        logging.getLogger("switchboard.any").info("hello %s", "you", extra={"calls": 3})
    (line,) = logged(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "hello you",
        "level": "info",
        "logger": "switchboard.any",
        "calls": 3,
        "request_id": "r1",
    }


def test_an_error_is_one_line_with_its_traceback(stream: io.StringIO) -> None:
    try:
        int("first line\nsecond line")
    except ValueError:
        logging.getLogger("switchboard.any").exception("unexpected error")
    (line,) = logged(stream)
    assert "Traceback" in line["exception"]
    assert "\\nsecond line" in line["exception"]


def test_people_get_text() -> None:
    stream = io.StringIO()
    configure_logging("info", "console", stream)
    try:
        int("broken")
    except ValueError:
        logging.getLogger("switchboard.any").exception("unexpected", extra={"api_key": KEY})
    text = stream.getvalue()
    assert "unexpected" in text
    assert "ValueError: invalid literal" in text
    assert KEY not in text


def test_people_are_shown_no_secret_by_a_traceback() -> None:
    stream = io.StringIO()
    configure_logging("info", "console", stream)
    try:
        int(f"api_key={KEY}")
    except ValueError:
        logging.getLogger("switchboard.any").exception("unexpected")
    assert "ValueError: invalid literal" in stream.getvalue()
    assert KEY not in stream.getvalue()


@pytest.mark.parametrize("shape", ["json", "console"])
def test_a_secret_is_cut_out_however_deep_it_is(shape: Literal["json", "console"]) -> None:
    stream = io.StringIO()
    configure_logging("info", shape, stream)
    about = {
        "problems": [f"no such key: {KEY}"],
        "pairs": ((f"Bearer {KEY}",),),
        "sent": {"headers": {"Authorization": "Basic dTpw", "x": f"api_key={KEY}"}},
        "error": ValueError(KEY),
        "raw": KEY.encode(),
        "set": {KEY},
        "count": 3,
    }
    logging.getLogger("switchboard.any").info("odd", extra=about)
    assert "odd" in stream.getvalue()
    assert "no such key" in stream.getvalue()
    assert KEY not in stream.getvalue()
    assert "dTpw" not in stream.getvalue()


def test_levels(stream: io.StringIO) -> None:
    logging.getLogger("switchboard.any").debug("too much")
    logging.getLogger("httpx").info("GET https://vendor.test/?api_key=hunter2")
    logging.getLogger("uvicorn.error").info("Started server process")
    logging.getLogger("strawberry.execution").error("a traceback for each field")
    logging.getLogger("uvicorn.error").error("something else")
    assert [line["event"] for line in logged(stream)] == ["something else"]


def test_libraries_that_log_by_structlog_come_the_same_way(
    stream: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    structlog.get_logger("library").warning("hello", token=KEY, number=1)
    structlog.get_logger("stamina.instrumentation").warning("a retry")
    (line,) = logged(stream)
    assert (line["event"], line["number"], line["token"]) == ("hello", 1, "[redacted]")
    assert capsys.readouterr().out == ""


def test_what_json_has_no_word_for_is_shown_somehow(stream: io.StringIO) -> None:
    logging.getLogger("switchboard.any").info("odd", extra={"what": {1: object()}, "set": {1}})
    (line,) = logged(stream)
    assert "object" in line["what"]["1"]


@pytest.mark.parametrize(
    "name", ["authorization", "Authorization", "api_key", "x-api-key", "token", "access_token"]
)
def test_what_is_named_as_a_secret_is_not_logged(name: str) -> None:
    assert redact(None, "info", {name: KEY, "other": 1}) == {name: "[redacted]", "other": 1}


@pytest.mark.parametrize(
    "text",
    [
        f"GET /v1?api_key={KEY}&x=1",
        f"Authorization: Bearer {KEY}",
        f"authorization: basic {KEY}",
        f'{{"password": "{KEY}"}}',
        f"client_secret={KEY}",
        f"token: {KEY}",
        f"apikey = '{KEY}'",
    ],
)
def test_what_looks_like_a_secret_is_cut_out_of_texts(text: str) -> None:
    event = redact(None, "info", {"event": text, "exception": text})
    assert KEY not in str(event)


@pytest.mark.parametrize(
    "text", ["Basic authentication is used", "the token has expired", "bearer of news", "secrets"]
)
def test_ordinary_texts_stay_as_they_are(text: str) -> None:
    assert redact(None, "info", {"event": text}) == {"event": text}
