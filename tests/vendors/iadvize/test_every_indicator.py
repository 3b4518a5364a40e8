"""Each of the 57 indicators of the document is a figure of ours, and is asked for by its name."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest
from tests.operations.running import recorded
from tests.vendors.iadvize.documented import INDICATORS

from gateway.graphql.asking import Question

QUERY = """
query EveryIndicator($native: [String!]!) {
  indicators(native: $native, period: { calendar: YESTERDAY }) {
    series { key value }
    failures { platform code }
  }
}
"""
SATISFACTION = "satisfaction_"
"""The indicators that are not served any more."""
ELSEWHERE = {"satisfaction_respondent_number"}


@pytest.mark.timeout(120)
def test_every_documented_indicator_is_asked_for_and_told() -> None:
    named = INDICATORS.split()
    with recorded("iadvize") as desk:
        shown = desk.ask(Question(QUERY, {"native": [f"iadvize.{one}" for one in named]}))
    told = shown.answer["data"]["indicators"]
    requests = [parse_qs(seen.query).get("filters[indicators]", [""])[0] for seen in shown.seen]
    asked = {name for request in requests for name in request.split(",")} - {""}
    silent = {one["key"] for one in told["series"] if one["value"] is None}

    assert len(named) == len(set(named)) == 57
    assert asked == set(named)
    assert told["failures"] == []
    assert {one["key"] for one in told["series"]} == {f"iadvize.{one}" for one in named}
    assert silent == {f"iadvize.{one}" for one in named if one.startswith(SATISFACTION)}
