"""All that the descriptions by OpenAPI let be asked is answered as they say, by whatever rows."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.e2e.asked import day_before
from tests.e2e.running import Gateway

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
MOMENTS = [f"{day_before(3)}", "-2d", "today", "now", "-3h", "2026-02-30", "-1w", "", "0001-01-01"]
LIKELY = {
    "from": MOMENTS,
    "to": MOMENTS,
    "updated_since": MOMENTS,
    "tz": ["Europe/Paris", "Asia/Kathmandu", "Mars/Base", "UTC"],
    "cursor": ["x", "eyJhIjoxfQ", ""],
    "platform": ["nobody", ""],
    "order": ["platform", "-platform", "nothing"],
}
"""What a tool would send, good or bad, where the description has no more to say than `string`."""
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Range": st.sampled_from(["bytes=0-9", "bytes=-5", "bytes=99999999-", "bytes=5-2", "x"]),
        "If-None-Match": st.sampled_from(["*", '"x"', 'W/"x", "y"', "x"]),
        "If-Match": st.sampled_from(["*", '"x"']),
        "If-Range": st.sampled_from(['"x"', "yesterday"]),
        "Accept-Encoding": st.sampled_from(["gzip", "br", "gzip;q=0"]),
    },
)


@pytest.fixture(scope="module")
def described(gateway: Gateway) -> Any:  # noqa: ANN401 (the library's)
    """The description as it is read from the gateway."""
    return schemathesis.openapi.from_url(f"{gateway.origin}/v1/openapi.json")


@pytest.mark.timeout(120)
@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
@pytest.mark.parametrize("table", ["agents", "conversations", "indicators"])
def test_what_may_be_asked_is_answered_as_it_is_told(
    described: Any,  # noqa: ANN401 (the library's)
    table: str,
    form: str,
) -> None:
    operation = described[f"/v1/{table}.{form}"]["GET"]
    seen: Counter[int] = Counter()

    @given(st.data())
    @settings(
        max_examples=12,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=[*HealthCheck],
    )
    def ask(data: st.DataObject) -> None:
        case = data.draw(operation.as_strategy())
        taken = [one.name for one in operation.query if one.name in LIKELY]
        for name in taken:
            likely = st.one_of(st.none(), st.sampled_from(LIKELY[name]))
            value = data.draw(likely, label=name)
            case.query = {**(case.query or {}), name: value}
        case.query = {name: one for name, one in (case.query or {}).items() if one is not None}
        case.query.setdefault("limit", 50)
        # A key that is invented is refused, and nothing else is looked at.
        case.query.pop("api_key", None)
        case.headers = data.draw(HEADERS)
        answer = case.call()
        seen[answer.status_code] += 1
        case.validate_response(answer, checks=CHECKS)

    ask()
    assert seen[200]
    assert seen[400]
