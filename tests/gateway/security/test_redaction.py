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


@pytest.mark.parametrize("text", ["swb_", "eyJ.x", "a swb_short word", "1.2.3", "an eyJar"])
def test_what_only_begins_like_one_stays(text: str) -> None:
    assert redact(None, "info", {"event": text}) == {"event": text}
