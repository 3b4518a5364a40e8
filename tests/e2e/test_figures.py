from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from math import fsum, isclose

import pytest
from tests.e2e.asked import WEEK, by_platform, day_before, days, month_edges
from tests.e2e.running import Gateway, Table

from vendors.catalogue import CATALOGUE, IndicatorKey
from vendors.measures import Merge

ZONES = ("Europe/Paris", "Asia/Kolkata", "America/New_York")
SUMS = [key.name for key in IndicatorKey if CATALOGUE[key].merge is Merge.SUM]
FEW_SUMS = ["CONVERSATIONS_STARTED", "AVAILABLE_TIME"]
EVERY = [key.name for key in IndicatorKey]

BUCKETS_AND_TOTAL = """
query Both($keys: [IndicatorKey!]!, $period: PeriodInput!, $zone: String, $by: Granularity!) {
  buckets: indicators(keys: $keys, period: $period, timeZone: $zone, granularity: $by) {
    period { start end timeZone }
    series { key platform { key } value note points { start end value } }
    failures { platform code }
  }
  total: indicators(keys: $keys, period: $period, timeZone: $zone) {
    series { key platform { key } value note }
    failures { platform code }
  }
}"""


def named(series: list[Table]) -> dict[tuple[str, str], Table]:
    """Return the series by platform and key."""
    return {(one["platform"]["key"], one["key"]): one for one in series}


def added_up(answer: Table) -> dict[str, set[str]]:
    """Check that the buckets of every series make its total; return what was so on whom."""
    assert answer["buckets"]["failures"] == []
    assert answer["total"]["failures"] == []
    totals = named(answer["total"]["series"])
    buckets = named(answer["buckets"]["series"])
    found: dict[str, set[str]] = defaultdict(set)
    for name, total in totals.items():
        values = [point["value"] for point in buckets[name]["points"]]
        measured = [value for value in values if value is not None]
        if total["value"] is None:
            assert measured == [], name
            continue
        assert isclose(fsum(measured), total["value"], rel_tol=1e-9, abs_tol=1e-6), name
        assert isclose(buckets[name]["value"], total["value"], rel_tol=1e-9, abs_tol=1e-6), name
        found[name[0]].add(name[1])
    return found


def edges_of(answer: Table) -> list[tuple[str, str]]:
    """Return the buckets, which are the same in every series."""
    (edges,) = {
        tuple((point["start"], point["end"]) for point in one["points"])
        for one in answer["buckets"]["series"]
    }
    assert edges[0][0] == answer["buckets"]["period"]["start"]
    assert edges[-1][1] == answer["buckets"]["period"]["end"]
    assert all(left[1] == right[0] for left, right in pairwise(edges))
    return list(edges)


@pytest.mark.parametrize("zone", ZONES)
def test_days_make_the_total_everywhere(gateway: Gateway, zone: str) -> None:
    asked = {"keys": SUMS, "period": days(day_before(10), WEEK), "zone": zone, "by": "DAY"}
    answer = gateway.ask(BUCKETS_AND_TOTAL, asked).data
    measured = added_up(answer)

    assert len(edges_of(answer)) == 7
    assert len(measured) == 4
    for platform, keys in measured.items():
        assert {"CONVERSATIONS_STARTED", "LOGGED_IN_TIME"} <= keys, platform
        assert len(keys) >= 7, platform


@pytest.mark.parametrize("zone", ZONES)
def test_hours_make_the_total_everywhere(gateway: Gateway, zone: str) -> None:
    """Where a zone is half an hour off, each hour is asked for by itself."""
    asked = {"keys": FEW_SUMS, "period": days(day_before(5)), "zone": zone, "by": "HOUR"}
    answer = gateway.ask(BUCKETS_AND_TOTAL, asked).data
    measured = added_up(answer)

    assert len(edges_of(answer)) in {23, 24, 25}
    assert len(measured) == 4
    assert all(keys == set(FEW_SUMS) for keys in measured.values())


@pytest.mark.timeout(150)
@pytest.mark.parametrize("zone", ZONES)
def test_months_make_the_total_everywhere(gateway: Gateway, zone: str) -> None:
    first, stop = month_edges(2)
    began = datetime.combine(first, time(), UTC) - timedelta(days=1)
    gateway.lived_through(began, datetime.combine(stop, time(), UTC) + timedelta(days=1))
    asked = {"keys": SUMS, "period": days(first, (stop - first).days), "zone": zone, "by": "MONTH"}
    answer = gateway.ask(BUCKETS_AND_TOTAL, asked).data
    measured = added_up(answer)

    assert len(edges_of(answer)) == 2
    assert len(measured) == 4
    assert all("CONVERSATIONS_STARTED" in keys for keys in measured.values())


def test_a_day_begins_at_midnight_of_the_asked_zone(gateway: Gateway) -> None:
    """Places in which it is never the same time count other conversations to the same date."""
    values = []
    for zone in ZONES:
        asked = {"keys": FEW_SUMS[:1], "period": days(day_before(4)), "zone": zone, "by": "DAY"}
        answer = gateway.ask(BUCKETS_AND_TOTAL, asked).data
        assert answer["buckets"]["period"]["timeZone"] == zone
        values.append([one["value"] for one in answer["buckets"]["series"]])

    assert len({tuple(found) for found in values}) == len(ZONES)


def test_at_least_twenty_indicators_are_measured_by_somebody(gateway: Gateway) -> None:
    answer = gateway.ask(
        """query Every($keys: [IndicatorKey!]!) {
          indicators(keys: $keys, period: {calendar: LAST_WEEK}, combined: true) {
            series { key platform { key } platforms value note unit currency }
            failures { platform code } sources { platform freshness }
          }
        }""",
        {"keys": EVERY},
    ).data["indicators"]
    measured = {one["key"] for one in answer["series"] if one["value"] is not None}
    own = [one for one in answer["series"] if one["platform"]]

    assert answer["failures"] == []
    assert len(measured) >= 20
    assert len(named(own)) == len(EVERY) * 4
    for one in own:
        if one["unit"] == "RATE" and one["value"] is not None:
            assert 0.0 <= one["value"] <= 1.0, one
        if one["unit"] == "MONEY" and one["value"] is not None:
            assert one["currency"], one


def test_channels_have_the_same_words_everywhere_and_make_the_total(gateway: Gateway) -> None:
    answer = gateway.ask(
        """query Channels($period: PeriodInput!) {
          apart: indicators(keys: [CONVERSATIONS_STARTED], period: $period, groupBy: [CHANNEL],
                            combined: true) {
            series { platform { key } platforms value group { dimension channel name nativeId } }
            sources { platform freshness note } failures { code }
          }
          whole: indicators(keys: [CONVERSATIONS_STARTED], period: $period) {
            series { platform { key } value }
          }
        }""",
        {"period": days(day_before(10), WEEK)},
    ).data
    apart = answer["apart"]
    able = {
        key
        for key, one in by_platform(apart["sources"]).items()
        if one["freshness"] != "UNSUPPORTED"
    }
    sums: dict[str, float] = defaultdict(float)
    channels: dict[str, float] = defaultdict(float)
    for one in apart["series"]:
        (member,) = one["group"]
        assert member["dimension"] == "CHANNEL"
        if one["platform"]:
            sums[one["platform"]["key"]] += one["value"]
            channels[member["channel"]] += one["value"]

    assert apart["failures"] == []
    assert len(able) >= 2
    whole = {key: one["value"] for key, one in by_platform(answer["whole"]["series"]).items()}
    assert sums == {key: whole[key] for key in able}
    together = {one["group"][0]["channel"]: one["value"] for one in combined(apart["series"])}
    assert together == channels
    shared = [one for one in combined(apart["series"]) if len(one["platforms"]) > 1]
    assert shared


def combined(series: list[Table]) -> Iterator[Table]:
    return (one for one in series if not one["platform"])


def test_agents_are_told_apart_on_every_platform_and_have_names(gateway: Gateway) -> None:
    answer = gateway.ask(
        """query Agents($period: PeriodInput!) {
          indicators(keys: [CONVERSATIONS_STARTED, AVAILABLE_TIME, HANDLE_TIME], period: $period,
                     groupBy: [AGENT], combined: true) {
            series { key platform { key } value weight group { dimension nativeId name } }
            sources { platform freshness note } failures { code }
          }
          total: indicators(keys: [AVAILABLE_TIME], period: $period) {
            series { platform { key } value }
          }
        }""",
        {"period": days(day_before(10), WEEK)},
    ).data
    found = answer["indicators"]

    assert found["failures"] == []
    assert all(one["freshness"] != "UNSUPPORTED" for one in found["sources"])
    assert list(combined(found["series"])) == [], "agents of two platforms are never one"
    assert all(one["group"][0]["name"] for one in found["series"])
    present: dict[str, float] = defaultdict(float)
    for one in found["series"]:
        assert [member["dimension"] for member in one["group"]] == ["AGENT"]
        if one["key"] == "AVAILABLE_TIME":
            present[one["platform"]["key"]] += one["value"] or 0.0
    whole = by_platform(answer["total"]["series"])
    assert present.keys() == whole.keys()
    for platform, seconds in present.items():
        assert isclose(seconds, whole[platform]["value"], rel_tol=1e-9), platform


def test_a_filter_restricts_to_its_members(gateway: Gateway) -> None:
    answer = gateway.ask(
        """query One($period: PeriodInput!) {
          all: indicators(keys: [CONVERSATIONS_STARTED], period: $period, groupBy: [CHANNEL]) {
            series { platform { key } value group { channel } }
          }
          chat: indicators(keys: [CONVERSATIONS_STARTED], period: $period,
                           filter: {channels: [CHAT]}) {
            series { platform { key } value note }
            sources { platform freshness note }
          }
        }""",
        {"period": days(day_before(10), WEEK)},
    ).data
    chat = {
        one["platform"]["key"]: one["value"]
        for one in answer["all"]["series"]
        if one["group"][0]["channel"] == "CHAT"
    }
    restricted = by_platform(answer["chat"]["series"])
    sources = by_platform(answer["chat"]["sources"])

    assert chat
    assert {key: restricted[key]["value"] for key in chat} == chat
    for key in restricted.keys() - chat.keys():
        assert restricted[key]["value"] is None
        assert sources[key]["freshness"] == "UNSUPPORTED"


def test_native_figures_are_asked_by_their_own_names(gateway: Gateway) -> None:
    platforms = gateway.ask("{ platforms { key vendor nativeFigures { name unit } } }").data
    names = [one["nativeFigures"][0]["name"] for one in platforms["platforms"]]
    answer = gateway.ask(
        """query Native($native: [String!]!, $period: PeriodInput!) {
          indicators(native: $native, period: $period) {
            series { key platform { key vendor } value note indicator { key description } }
            failures { code }
          }
        }""",
        {"native": names, "period": days(day_before(4))},
    ).data["indicators"]

    assert answer["failures"] == []
    assert {one["key"] for one in answer["series"]} == set(names)
    for one in answer["series"]:
        assert one["key"].startswith(one["platform"]["vendor"] + ".")
        assert one["indicator"]["key"] == one["key"]
        assert one["indicator"]["description"]


def test_the_catalogue_tells_how_each_platform_measures(gateway: Gateway) -> None:
    answer = gateway.ask(
        """{
          indicatorCatalogue {
            key title description unit merge weighedBy
            sources { platform formula weighedBy figures caveat }
          }
          platforms { key nativeFigures { name } }
        }"""
    ).data
    figures = {
        one["key"]: {figure["name"] for figure in one["nativeFigures"]}
        for one in answer["platforms"]
    }

    assert [one["key"] for one in answer["indicatorCatalogue"]] == EVERY
    for one in answer["indicatorCatalogue"]:
        assert one["title"]
        assert one["description"]
        for source in one["sources"]:
            assert source["formula"]
            assert set(source["figures"]) <= figures[source["platform"]]
    measured = {one["key"] for one in answer["indicatorCatalogue"] if one["sources"]}
    assert len(measured) >= 30
