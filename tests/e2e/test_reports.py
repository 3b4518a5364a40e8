from __future__ import annotations

from typing import Any

import pytest
from tests.e2e.asked import WEEK, capable, day_before, days
from tests.e2e.running import Answer, Gateway, Table

from resolvers.reports.catalogue import UNIFIED


@pytest.mark.parametrize("key", UNIFIED)
def test_every_unified_report_is_a_table(gateway: Gateway, key: str) -> None:
    answer = gateway.ask(
        """query Table($key: String!, $items: [IndicatorKey!]!, $period: PeriodInput!) {
          report(key: $key, period: $period) {
            key title columns { name type unit title }
            rows { platform group { dimension nativeId name } start end values notes }
            totals { platform values notes currency } totalCount
            failures { code } sources { platform freshness }
          }
          indicators(keys: $items, period: $period, combined: true) {
            series { key platform { key } value currency }
          }
        }""",
        {"key": key, "items": [*UNIFIED[key].items], "period": days(day_before(10), WEEK)},
    ).data
    report = answer["report"]
    numbers = [one for one in report["columns"] if one["type"] == "NUMBER"]
    grouped = bool(UNIFIED[key].group_by)

    assert report["failures"] == []
    assert [one["name"] for one in numbers] == [item.lower() for item in UNIFIED[key].items]
    assert report["totalCount"] == len(report["rows"])
    for source in report["sources"]:
        own = [row for row in report["rows"] if row["platform"] == source["platform"]]
        told = [cell for row in own for cell in (*row["values"], *row["notes"])]
        measured = any(cell is not None for cell in told)
        assert measured is True or source["freshness"] == "UNSUPPORTED", source
    assert all(len(row["values"]) == len(numbers) for row in report["rows"])
    assert any(value for row in report["rows"] for value in row["values"])
    totals = report["totals"]
    assert totals
    assert all(len(row["values"]) == len(row["notes"]) == len(numbers) for row in totals)
    if grouped:
        assert all(row["group"] for row in report["rows"])
        return
    series = {
        (one["platform"]["key"], one["key"]): one
        for one in answer["indicators"]["series"]
        if one["platform"]
    }
    for row in report["rows"]:
        expected = [series[row["platform"], item]["value"] for item in UNIFIED[key].items]
        assert row["values"] == expected
    whole = {
        (one["key"], one["currency"]): one["value"]
        for one in answer["indicators"]["series"]
        if not one["platform"]
    }
    shown = {
        (item, row["currency"] if "AMOUNT" in item or "ORDER" in item else None): value
        for row in totals
        for item, value in zip(UNIFIED[key].items, row["values"], strict=True)
        if value is not None
    }
    assert shown == {key: value for key, value in whole.items() if value is not None}


def test_rows_are_ordered_by_a_column_and_those_without_a_value_come_last(gateway: Gateway) -> None:
    query = """query Ordered($descending: Boolean!, $period: PeriodInput!) {
      report(key: "AGENT_PERFORMANCE", period: $period,
             orderBy: {column: "handle_time", descending: $descending}) {
        columns { name type } rows { values }
      }
    }"""
    for descending in (True, False):
        asked = {"descending": descending, "period": days(day_before(10), WEEK)}
        report = gateway.ask(query, asked).data["report"]
        names = [one["name"] for one in report["columns"] if one["type"] == "NUMBER"]
        values = [row["values"][names.index("handle_time")] for row in report["rows"]]
        measured = [value for value in values if value is not None]
        assert measured == sorted(measured, reverse=descending)
        assert values == [*measured, *[None] * (len(values) - len(measured))]
        assert None in values
        assert len(set(measured)) > 5


CATALOGUE = """{ reportCatalogue {
  key title description items groupBy platformKeys
} }"""


def test_the_unified_reports_stand_first_in_the_catalogue(gateway: Gateway) -> None:
    found = gateway.ask(CATALOGUE).data["reportCatalogue"]
    unified = [one for one in found if not one["platformKeys"]]

    assert found[: len(unified)] == unified
    assert [one["key"] for one in unified] == list(UNIFIED)
    for one in unified:
        assert one["items"] == [*UNIFIED[one["key"]].items]
        assert one["groupBy"] == [dimension.name for dimension in UNIFIED[one["key"]].group_by]
        assert one["title"]
        assert one["description"]


def test_every_platform_has_tables_of_its_own(gateway: Gateway) -> None:
    found = gateway.ask(CATALOGUE).data["reportCatalogue"]
    own = [one for one in found if one["platformKeys"]]

    assert {key for one in own for key in one["platformKeys"]} == capable(gateway, "MEASURES")
    for one in own:
        report = gateway.ask(
            """query Own($key: String!, $period: PeriodInput!) {
              report(key: $key, period: $period) {
                columns { name type } rows { platform values }
                failures { code } sources { platform }
              }
            }""",
            {"key": one["key"], "period": days(day_before(10), WEEK)},
        ).data["report"]
        assert report["failures"] == [], one["key"]
        assert [source["platform"] for source in report["sources"]] == one["platformKeys"]
        numbers = [column["name"] for column in report["columns"] if column["type"] == "NUMBER"]
        assert numbers == [item.lower() for item in one["items"]]
        assert all(len(row["values"]) == len(numbers) for row in report["rows"])


DECLARED = """{ reportCatalogue {
  key platformKeys columns { name title type unit description }
  parameters { name type ways choices key { description choices } dimension needs { name value } }
} }"""
TOLD = """query Told($key: String!, $period: PeriodInput!, $told: [ReportParameterInput!],
                   $filter: IndicatorFilter, $groupBy: [Dimension!]) {
  report(key: $key, period: $period, parameters: $told, filter: $filter, groupBy: $groupBy) {
    columns { name title type unit description }
    rows { platform group { dimension nativeId name } values notes }
    failures { code } sources { freshness note calls }
  }
}"""


def _told(gateway: Gateway, key: str, **variables: Any) -> Answer:  # noqa: ANN401 - any variable
    return gateway.ask(TOLD, {"key": key, "period": days(day_before(10), WEEK), **variables})


def _declared(gateway: Gateway) -> list[Table]:
    found: list[Table] = gateway.ask(DECLARED).data["reportCatalogue"]
    assert any(one["parameters"] for one in found)
    return found


def test_the_columns_of_the_catalogue_are_those_of_the_table(gateway: Gateway) -> None:
    for one in _declared(gateway):
        assert _told(gateway, one["key"]).data["report"]["columns"] == one["columns"], one["key"]


def test_only_vendors_own_reports_have_parameters_and_take_no_others(gateway: Gateway) -> None:
    strange = [{"name": "weather", "values": ["rain"]}]
    for one in _declared(gateway):
        refused = _told(gateway, one["key"], told=strange)

        assert refused.codes == ["BAD_USER_INPUT"]
        assert refused.calls == []
        extensions = refused.errors[0]["extensions"]
        assert extensions["argument"] == "parameters"
        if one["platformKeys"]:
            names = sorted(parameter["name"] for parameter in one["parameters"])
            assert extensions["accepted"] == names, one["key"]
        else:
            assert one["parameters"] == []


def test_a_parameter_of_a_dimension_restricts_as_the_filter_by_it_does(gateway: Gateway) -> None:
    """Two ways to one question: wherever a report offers both, they agree."""
    agreed = 0
    for one in _declared(gateway):
        for parameter in one["parameters"]:
            dimension = parameter["dimension"]
            if dimension is None or "VALUES" not in parameter["ways"] or parameter["needs"]:
                continue
            ids = [row["group"][0]["nativeId"] for row in _rows(gateway, one, groupBy=[dimension])]
            for member in dict.fromkeys(ids[:2]):
                by_filter = {"members": [{"dimension": dimension, "ids": [member]}]}
                told = [{"name": parameter["name"], "values": [member]}]
                filtered = _rows(gateway, one, filter=by_filter)
                restricted = _rows(gateway, one, told=told)
                agreed += _agree(filtered, restricted, f"{one['key']} {parameter['name']}")
    assert agreed


def _rows(gateway: Gateway, report: Table, **variables: Any) -> list[Table]:  # noqa: ANN401 - any variable
    answer = _told(gateway, report["key"], **variables).data["report"]
    assert answer["failures"] == [], report["key"]
    rows: list[Table] = answer["rows"]
    return rows


def _agree(filtered: list[Table], restricted: list[Table], what: str) -> int:
    """Return how many values agree; what can be had in one way alone is passed over."""
    if len(filtered) != len(restricted):
        return 0
    pairs = [
        (one, other)
        for row, same in zip(filtered, restricted, strict=True)
        for one, other, *notes in zip(
            row["values"], same["values"], row["notes"], same["notes"], strict=True
        )
        if notes == [None, None]
    ]
    assert [one for one, _ in pairs] == [other for _, other in pairs], what
    return sum(one is not None for one, _ in pairs)


def test_rows_of_vendors_own_reports_name_who_they_are_about(gateway: Gateway) -> None:
    named = {
        row["group"][0]["name"]
        for one in _declared(gateway)
        if one["platformKeys"]
        for row in _rows(gateway, one, groupBy=["AGENT"])
    }
    assert len(named - {None}) > 1


def test_what_is_told_of_a_parameter_is_in_no_log_trace_or_message(gateway: Gateway) -> None:
    """It may be somebody's address, be it taken or refused."""
    address = "nobody.of-ours@example.com"
    for one in _declared(gateway):
        for parameter in one["parameters"]:
            told = {"name": parameter["name"], "values": [address]}
            key = parameter["key"] and {"key": (parameter["key"]["choices"] or ["routing.idle"])[0]}
            answer = _told(gateway, one["key"], told=[{**told, **(key or {})}])
            assert address not in answer.text
    assert address not in gateway.log
