"""Secrets are known by their form, wherever in a text they stand."""

from __future__ import annotations

import pytest

from gateway.observability.telemetry import redact
from gateway.security.keys import new_api_key

KEY = new_api_key()
TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbmEifQ.c2lnbmF0dXJl"


@pytest.mark.parametrize("secret", [KEY, TOKEN], ids=["key", "token"])
@pytest.mark.parametrize(
    "text", ["{}", "GET /v1/agents.csv?a=1&api_key={}&b=2 HTTP/1.1", "said '{}', twice: {}", "x={}"]
)
def test_a_secret_is_cut_out_and_the_rest_stays(text: str, secret: str) -> None:
    shown = redact(None, "info", {"event": text.format(secret, secret)})["event"]
    assert secret not in shown
    assert shown.replace("[redacted]", "{}") == text


@pytest.mark.parametrize(
    "text",
    [
        "GET /v1/agents.csv?api%5Fkey={} HTTP/1.1",
        "GET /v1/agents.csv?API%5fkey={}&a=1 HTTP/1.1",
        "to=%2Fv1%2Fagents.csv%3Fapi_key%3D{}%26a%3D1",
        "Bearer%20{}",
        "[{}]",
    ],
)
@pytest.mark.parametrize("secret", [KEY, KEY.replace("_", "%5F"), TOKEN], ids=["key", "%", "token"])
def test_a_secret_is_cut_out_of_addresses_as_they_are_written(text: str, secret: str) -> None:
    shown = redact(None, "info", {"event": text.format(secret)})["event"]
    assert secret[:12] not in shown
    assert shown.startswith(text.partition("{}")[0])


@pytest.mark.parametrize("name", ["api%5Fkey", "api_key%3D", "api%5fkey%3d"])
def test_a_key_of_any_form_is_cut_out_by_its_name(name: str) -> None:
    sign = "" if name.lower().endswith("%3d") else "="
    event = redact(None, "info", {"event": f"/v1/?{name}{sign}hunter2&a=1"})
    assert event["event"] == f"/v1/?{name}{sign}[redacted]&a=1"


@pytest.mark.parametrize("text", ["swb_", "eyJ.x", "a swb_short word", "1.2.3", "an eyJar"])
def test_what_only_begins_like_one_stays(text: str) -> None:
    assert redact(None, "info", {"event": text}) == {"event": text}
