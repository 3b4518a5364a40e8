"""One vendor misbehaves on the wire: it costs its own part of the answer, and nothing else."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from tests.e2e.accounts import credentials
from tests.e2e.asked import WEEK, by_platform, day_before, days
from tests.e2e.company import (
    BY_AGENT,
    DAILY,
    EVERYTHING,
    FIELDS,
    LISTED,
    Company,
    afternoon,
    running_company,
)
from tests.e2e.faulty import RETRY_AFTER, VENDOR_WORDS, Fault
from tests.e2e.running import Answer, Table

from vendors.registry import specs

pytestmark = pytest.mark.timeout(150)

VENDORS = sorted(specs())
# Those that a credential pays for a minute for come first, so that the minute is over at the end.
CODES = {
    Fault.UNAUTHORIZED: "PLATFORM_AUTH",
    Fault.LOGIN_PAGE: "PLATFORM_AUTH",
    Fault.RATE_LIMITED: "PLATFORM_RATE_LIMITED",
    Fault.REFUSED: "PLATFORM_UNREACHABLE",
    Fault.SILENT: "PLATFORM_TIMEOUT",
    Fault.SERVER_ERROR: "PLATFORM_ERROR",
    Fault.CUT: "PLATFORM_BAD_RESPONSE",
}
FINAL = {Fault.UNAUTHORIZED, Fault.LOGIN_PAGE}
"""Faults that somebody must mend: asking again alone cannot help."""


def items(found: Table) -> list[Table]:
    """Return the series or nodes of a field."""
    listed: list[Table] = found["series"] if "series" in found else found["nodes"]
    return listed


def part(found: Table, platform: str) -> list[Table]:
    """Return what one platform gave to a field, without the platform's own key."""
    own = [one for one in items(found) if one["platform"]["key"] == platform]
    return [{name: value for name, value in one.items() if name != "platform"} for one in own]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    with running_company(tmp_path_factory.mktemp) as running:
        yield running


every_outage = pytest.mark.parametrize(
    ("vendor", "fault"),
    [(vendor, fault) for fault in CODES for vendor in VENDORS],
    ids=lambda one: one.value if isinstance(one, Fault) else one,
)


@every_outage
def test_the_other_platforms_parts_are_whole(company: Company, vendor: str, fault: Fault) -> None:
    outage = company.outage(vendor, fault)
    data = outage.broken.data

    assert set(data) == set(FIELDS)
    for name in FIELDS:
        for other in outage.others:
            assert part(data[name], other) == part(outage.healthy[name], other), (name, other)
    started = by_platform(data["indicators"]["series"])
    assert all(started[other]["value"] is not None for other in outage.others)
    assert sum(started[other]["value"] for other in outage.others) > 0
    sources = by_platform(data["indicators"]["sources"])
    assert {sources[other]["freshness"] for other in outage.others} == {"LIVE"}


@every_outage
def test_exactly_the_broken_platform_is_named_with_the_code_of_its_fault(
    company: Company, vendor: str, fault: Fault
) -> None:
    outage = company.outage(vendor, fault)
    data = outage.broken.data

    assert "indicators" in outage.expects
    for name in FIELDS:
        source = by_platform(data[name]["sources"])[outage.platform]
        if name not in outage.expects:
            assert data[name]["failures"] == []
            assert source["freshness"] in {"LIVE", "UNSUPPORTED"}
            continue
        (failure,) = data[name]["failures"]
        assert failure["platform"] == outage.platform
        assert failure["code"] == CODES[fault]
        assert failure["retryable"] is (fault not in FINAL)
        assert failure["attempts"] <= 3
        if fault is Fault.RATE_LIMITED:
            assert 0 < failure["retryAfterSeconds"] <= RETRY_AFTER
        assert source["freshness"] == "FAILED"
        assert source["asOf"] is None


@every_outage
def test_what_is_missing_is_null_and_never_zero(
    company: Company, vendor: str, fault: Fault
) -> None:
    outage = company.outage(vendor, fault)
    data = outage.broken.data
    (series,) = part(data["indicators"], outage.platform)

    assert series["value"] is None
    assert series["note"] == "A part of it could not be fetched."
    for name in outage.expects - {"indicators"}:
        assert part(data[name], outage.platform) == []
    assert "NaN" not in outage.broken.text


# Our own origin is not in here: it is the caller who knows it.
LEAKS = re.compile(
    r"127\.0\.0\.1|localhost|https?:|Traceback|aiohttp|httpx|ClientConnector|Errno|Error\(|\.py\b"
    rf"|{VENDOR_WORDS}|<html"
)


@every_outage
def test_nothing_of_the_vendor_shows(company: Company, vendor: str, fault: Fault) -> None:
    text = company.outage(vendor, fault).broken.text

    assert not LEAKS.search(text)
    for proxy in company.accounts.values():
        assert f":{proxy.port}" not in text
    for secret in credentials(company.sandbox):
        assert secret not in text


@pytest.mark.parametrize("vendor", VENDORS)
def test_while_a_platform_wants_to_be_left_alone_it_is_and_waiting_helps(
    company: Company, vendor: str
) -> None:
    key, proxy = company.account(vendor, "limited")
    proxy.break_(Fault.RATE_LIMITED)
    asked = {"period": afternoon(2), "platforms": [key]}
    first = company.gateway.ask(EVERYTHING, asked)
    again = company.gateway.ask(EVERYTHING, asked)

    assert first.calls
    assert again.calls == []
    for answer in (first, again):
        (failure,) = answer.data["indicators"]["failures"]
        assert failure["code"] == "PLATFORM_RATE_LIMITED"
        assert failure["retryable"] is True
        assert 0 < failure["retryAfterSeconds"] <= RETRY_AFTER


def test_a_platform_that_is_late_does_not_make_the_others_late(company: Company) -> None:
    """All four have a second account that never answers; the caller's deadline is short."""
    late = [company.account(vendor, "late") for vendor in VENDORS]
    for _, proxy in late:
        proxy.break_(Fault.SILENT)
    period = afternoon(2)
    healthy = company.control.ask(EVERYTHING, {"period": period}).data
    whole = list(company.keys.values())
    asked = {"period": period, "platforms": [*whole, *(key for key, _ in late)]}
    answer = company.gateway.ask(EVERYTHING, asked, headers={"x-request-timeout": "4"})

    for name in FIELDS:
        for platform in whole:
            assert part(answer.data[name], platform) == part(healthy[name], platform)
    failures = answer.data["indicators"]["failures"]
    assert {failure["platform"] for failure in failures} == {key for key, _ in late}
    assert {failure["code"] for failure in failures} == {"PLATFORM_TIMEOUT"}


@pytest.mark.parametrize("vendor", VENDORS)
def test_an_older_answer_stands_in_and_says_so_unless_access_was_withdrawn(
    company: Company, vendor: str
) -> None:
    key, proxy = company.account(vendor, "stale")
    asked = {"period": afternoon(2), "platforms": [key]}
    before = company.gateway.ask(LISTED, asked)
    called = {
        name: before.data[name]["sources"][0]
        for name in ("conversations", "agents")
        if by_platform(
            company.control.ask(EVERYTHING, {"period": afternoon(2)}).data[name]["sources"]
        )[company.keys[vendor]]["calls"]
    }
    assert called
    proxy.break_(Fault.SERVER_ERROR)
    during = company.gateway.ask(LISTED, asked)
    proxy.break_(Fault.UNAUTHORIZED)
    withdrawn = company.gateway.ask(LISTED, asked)

    for name, source in called.items():
        assert source["freshness"] == "LIVE"
        assert during.data[name]["nodes"] == before.data[name]["nodes"]
        (failure,) = during.data[name]["failures"]
        assert (failure["platform"], failure["code"]) == (key, "PLATFORM_ERROR")
        assert failure["staleAgeSeconds"] >= 0
        assert during.data[name]["sources"] == [{**source, "freshness": "STALE"}]
        assert withdrawn.data[name]["nodes"] == []
        refused = {"platform": key, "code": "PLATFORM_AUTH", "staleAgeSeconds": None}
        assert withdrawn.data[name]["failures"] == [refused]
        assert withdrawn.data[name]["sources"] == [{"freshness": "FAILED", "asOf": None}]


@pytest.mark.parametrize("vendor", VENDORS)
def test_days_that_are_known_are_told_when_others_cannot_be_had(
    company: Company, vendor: str
) -> None:
    key, proxy = company.account(vendor, "partial")
    first = day_before(9)

    def asked(days: int) -> Table:
        stop = day_before(9 - days)
        between = {"from": f"{first}T00:00:00Z", "to": f"{stop}T00:00:00Z"}
        answer = company.gateway.ask(DAILY, {"period": {"between": between}, "platforms": [key]})
        found: Table = answer.data["indicators"]
        return found

    two = asked(2)
    proxy.break_(Fault.SERVER_ERROR)
    three = asked(3)
    proxy.mend()
    again = asked(3)

    (known,), (cut,), (whole,) = two["series"], three["series"], again["series"]
    assert three["failures"] == [{"platform": key, "code": "PLATFORM_ERROR"}]
    assert three["sources"] == [{"platform": key, "freshness": "PARTIAL"}]
    assert [point["value"] for point in cut["points"]] == [
        *(point["value"] for point in known["points"]),
        None,
    ]
    assert cut["value"] is None
    assert cut["points"][-1]["final"] is False
    assert again["failures"] == []
    assert whole["value"] == sum(point["value"] for point in whole["points"])
    assert whole["value"] > known["value"]


def test_one_things_platform_is_down_and_the_field_is_null_with_one_error(
    company: Company,
) -> None:
    """A field that belongs to one platform cannot say it beside the answer."""
    abilities = company.control.ask("{ platforms { vendor capabilities } }").data["platforms"]
    (vendor,) = [one["vendor"] for one in abilities if "CONVERSATION_BY_ID" in one["capabilities"]]
    key, proxy = company.account(vendor, "single")
    listed = company.gateway.ask(LISTED, {"period": afternoon(2), "platforms": [key]}).data
    conversation = listed["conversations"]["nodes"][0]["id"]
    proxy.break_(Fault.SERVER_ERROR)

    answer = company.gateway.ask("query N($id: ID!) { node(id: $id) { id } }", {"id": conversation})

    assert answer.status == 200
    assert answer.body["data"] == {"node": None}
    (error,) = answer.errors
    assert error["path"] == ["node"]
    assert_tells_of_the_fault(error, answer, key)


def test_a_conversation_whose_agent_cannot_be_had_keeps_all_else(company: Company) -> None:
    abilities = company.control.ask("{ platforms { vendor capabilities } }").data["platforms"]
    (vendor,) = [one["vendor"] for one in abilities if "CONVERSATION_BY_ID" in one["capabilities"]]
    key, proxy = company.account(vendor, "agents")
    query = """query Q($platforms: [String!], $period: PeriodInput!, $with: Boolean!) {
      conversations(period: $period, platforms: $platforms, first: 20) {
        nodes { nativeId agentId agent @include(if: $with) { label } }
        failures { code staleAgeSeconds }
      }
    }"""
    asked = {"period": afternoon(2), "platforms": [key]}
    before = company.gateway.ask(query, {**asked, "with": False}).data["conversations"]["nodes"]
    known = [place for place, node in enumerate(before) if node["agentId"]]
    proxy.break_(Fault.SERVER_ERROR)
    answer = company.gateway.ask(query, {**asked, "with": True})

    assert answer.status == 200
    told = answer.body["data"]["conversations"]
    assert told["nodes"] == [{**node, "agent": None} for node in before]
    # Where the page has become stale meanwhile it stands in, and only that is said.
    assert all(one["staleAgeSeconds"] is not None for one in told["failures"])
    assert known
    paths = [["conversations", "nodes", place, "agent"] for place in known]
    assert sorted(error["path"] for error in answer.errors) == paths
    for error in answer.errors:
        assert_tells_of_the_fault(error, answer, key)


def assert_tells_of_the_fault(error: Table, answer: Answer, platform: str) -> None:
    assert error["extensions"]["code"] == "PLATFORM_ERROR"
    assert error["extensions"]["platform"] == platform
    assert error["extensions"]["retryable"] is True
    assert error["extensions"]["requestId"] == answer.headers["x-request-id"]
    assert not LEAKS.search(answer.text)


def test_when_all_are_down_the_gateway_still_answers(company: Company) -> None:
    query = """query Down($platforms: [String!], $period: PeriodInput!) {
      total: indicators(keys: [CONVERSATIONS_STARTED], period: $period, platforms: $platforms) {
        series { value } failures { platform code } sources { platform freshness }
      }
      byAgent: indicators(keys: [AVAILABLE_TIME], period: $period, platforms: $platforms,
                          groupBy: [AGENT]) {
        series { value } failures { platform code } sources { platform freshness }
      }
      report(key: "AVAILABILITY", period: $period, platforms: $platforms) {
        rows { values } totals { values }
        failures { platform code } sources { platform freshness }
      }
    }"""
    down = [company.account(vendor, "down") for vendor in VENDORS]
    keys = {key for key, _ in down}
    for _, proxy in down:
        proxy.break_(Fault.REFUSED)
    asked = {"period": afternoon(2), "platforms": sorted(keys)}
    answer = company.gateway.ask(query, asked)

    for name in ("total", "byAgent", "report"):
        found = answer.data[name]
        assert {failure["platform"] for failure in found["failures"]} == keys, name
        assert {failure["code"] for failure in found["failures"]} == {"PLATFORM_UNREACHABLE"}
        assert {source["freshness"] for source in found["sources"]} == {"FAILED"}, name
    assert {value for row in answer.data["report"]["rows"] for value in row["values"]} == {None}
    for path in ("/healthz", "/readyz"):
        assert company.gateway.get(path).status == 200, path
    assert not LEAKS.search(answer.text)

    for _, proxy in down:
        proxy.mend()
    for key in keys:
        assert_recovers(company, key, afternoon(2))


def test_a_platform_that_cannot_name_its_agents_has_failed(company: Company) -> None:
    """It must be asked for their names first: that it is down does not mean that it cannot."""
    week = days(day_before(9), WEEK)
    able = [
        one["platform"]
        for one in company.control.ask(BY_AGENT, {"period": week}).data["indicators"]["sources"]
        if one["freshness"] != "UNSUPPORTED"
    ]
    assert able
    for vendor in (name for name, key in company.keys.items() if key in able):
        key, proxy = company.account(vendor, "names")
        proxy.break_(Fault.SERVER_ERROR)
        asked = {"period": week, "platforms": [key]}
        found = company.gateway.ask(BY_AGENT, asked).data["indicators"]
        proxy.mend()
        again = company.gateway.ask(BY_AGENT, asked).data["indicators"]

        assert found["failures"] == [{"platform": key, "code": "PLATFORM_ERROR"}]
        assert found["sources"] == [{"platform": key, "freshness": "FAILED"}]
        assert again["failures"] == []
        assert any(one["value"] for one in again["series"])


def assert_recovers(company: Company, platform: str, period: Table) -> None:
    """Ask until the platform's part is whole again: none is left alone for more than a minute."""
    until = time.monotonic() + 100
    while True:
        data = company.gateway.ask(EVERYTHING, {"period": period, "platforms": [platform]}).data
        failures = [failure for name in FIELDS for failure in data[name]["failures"]]
        if not failures:
            break
        assert time.monotonic() < until, failures
        time.sleep(0.5)
    (series,) = data["indicators"]["series"]
    assert series["value"] is not None


@every_outage
def test_a_platform_that_is_well_again_is_asked_again(
    company: Company, vendor: str, fault: Fault
) -> None:
    outage = company.outage(vendor, fault)
    company.accounts[outage.platform].mend()
    assert_recovers(company, outage.platform, afternoon(outage.days_ago))
    data = company.gateway.ask(
        EVERYTHING, {"period": afternoon(outage.days_ago), "platforms": [outage.platform]}
    ).data

    (series,) = part(data["indicators"], outage.platform)
    assert [series] == part(outage.healthy["indicators"], outage.vendor)
    listed = part(data["conversations"], outage.platform)
    before = part(outage.healthy["conversations"], outage.vendor)
    assert [one["nativeId"] for one in listed] == [one["nativeId"] for one in before]


def test_the_log_tells_of_the_faults_and_of_no_secret(company: Company) -> None:
    company.outage(VENDORS[0], Fault.SERVER_ERROR)
    log = company.gateway.log

    assert "PLATFORM_ERROR" in log
    assert VENDOR_WORDS not in log
    assert "Traceback" not in log
    for secret in credentials(company.sandbox):
        assert secret not in log
