"""The simulator's versions: what each serves, and that the later reports agree with the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from tests.vendors.livechat.simulated import (
    AUTUMN,
    BEARER,
    MONTH,
    ORIGIN,
    SIMULATOR,
    SPRING,
    ask,
    contacts,
    send,
)

from vendors.calls import Call
from vendors.livechat import SPEC
from vendors.livechat.settings import LiveChatSettings
from vendors.measures import Dimension, Grain, MeasureCall
from vendors.port import Wiring
from vendors.world import Contact

SERVED = {
    "chats/total_chats": {"3.4", "3.5", "3.6"},
    "chats/surveys": {"3.4"},
    "chats/forms": {"3.5", "3.6"},
    "tags/chat_usage": {"3.5", "3.6"},
    "chats/groups": {"3.6"},
    "chats/queued_visitors": {"3.6"},
    "customers/unique_visitors": {"3.6"},
}


async def later(report: str, version: str = "3.6", **parameters: object) -> dict[str, Any]:
    response = await send("POST", f"/v{version}/reports/{report}", json=parameters)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


@pytest.mark.parametrize("report", list(SERVED))
@pytest.mark.parametrize("version", ["3.4", "3.5", "3.6"])
async def test_each_version_serves_its_reports_and_no_other(report: str, version: str) -> None:
    response = await send("POST", f"/v{version}/reports/{report}", json={"filters": SPRING})
    assert response.status_code == (200 if version in SERVED[report] else 404)
    headers = {**BEARER, "X-API-Version": version}
    again = await send("POST", f"/reports/{report}", headers=headers, json={"filters": SPRING})
    assert again.json() == response.json()


@pytest.mark.parametrize(
    ("version", "header"), [("3.4", "Deprecation"), ("3.5", "Legacy"), ("3.6", None)]
)
async def test_a_version_that_is_to_end_says_when(version: str, header: str | None) -> None:
    response = await send("POST", f"/v{version}/reports/chats/total_chats", json={})
    told = response.headers.keys() & {"deprecation", "legacy"}
    assert told == ({header.lower()} if header else set())


@pytest.mark.parametrize("window", [SPRING, AUTUMN])
async def test_forms_are_the_surveys_in_another_shape(window: dict[str, str]) -> None:
    forms, surveys = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for record in (await later("chats/forms", "3.5", filters=window))["records"]:
        forms[str(record["group_id"]), record["form_id"]] += record["count"]
        for field in record["fields"]:
            assert all(answer["count"] > 0 for answer in field["answers"])
    for group, found in (await ask("chats/surveys", filters=window))["records"].items():
        surveys.update({(group, survey): told["count"] for survey, told in found.items()})
    assert forms == surveys
    assert forms.total() > 0


@pytest.mark.parametrize("groups", [[0], [1, 2], [0, 1, 2]])
async def test_tags_and_groups_agree_with_the_chats(groups: list[int]) -> None:
    filters = {**MONTH, "groups": {"values": groups}}
    usage = await later("tags/chat_usage", "3.5", filters=filters)
    tags = Counter[str]()
    for bucket in (await ask("chats/tags", filters=filters))["records"].values():
        tags.update(bucket)
    assert usage == {"name": "tags-chat-usage-report", "records": dict(tags)}
    by_group = await later("chats/groups", filters=filters)
    chats = (await ask("chats/total_chats", filters=filters))["total"]
    found = Counter[str]()
    for bucket in by_group["records"].values():
        found.update(bucket)
    assert found.total() == by_group["total"] == chats
    assert set(found) == {str(group) for group in groups}


async def test_the_queue_is_what_the_world_knows_of_it() -> None:
    days = (await later("chats/queued_visitors", filters=MONTH))["records"].values()
    waited = [one for one in contacts() if one.queue_seconds is not None]
    for part, people in (
        ("queued", [one for one in waited if one.staff_id is not None]),
        ("left_queue", [one for one in waited if one.staff_id is None]),
    ):
        told = [day[part] for day in days if day.get(part)]
        seconds = [int(one.queue_seconds or 0) for one in people]
        assert sum(one["count"] for one in told) == len(seconds) > 0
        assert min(one["min"] for one in told) == min(seconds)
        assert max(one["max"] for one in told) == max(seconds)
        assert sum(one["count"] * one["avg"] for one in told) == pytest.approx(sum(seconds))


async def test_there_are_more_visitors_than_customers_and_more_pages_than_visitors() -> None:
    summary = (await later("customers/unique_visitors", filters=MONTH))["summary"]
    customers = {one.customer_id for one in contacts()}
    assert len(customers) < summary["unique_visitors"] < summary["page_views"]


@pytest.mark.parametrize(
    ("report", "parameters"),
    [
        ("tags/chat_usage", {"distribution": "day"}),
        ("tags/chat_usage", {"filters": {**SPRING, "tags": {"values": ["spam"]}}}),
        ("tags/chat_usage", {"filters": {**SPRING, "groups": {"exclude_values": [0]}}}),
        ("customers/unique_visitors", {"filters": {**SPRING, "groups": {"values": [0]}}}),
        ("customers/unique_visitors", {"distribution": "day"}),
        ("chats/groups", {"distribution": "week"}),
        ("chats/forms", {"filters": {}}),
    ],
)
async def test_what_a_later_report_does_not_know_is_refused(
    report: str, parameters: dict[str, Any]
) -> None:
    response = await send("POST", f"/v3.6/reports/{report}", json=parameters)
    assert (response.status_code, response.json()["error"]["type"]) == (400, "validation")


@pytest.mark.parametrize("version", ["3.4", "3.5", "3.6"])
@pytest.mark.parametrize("version_in", ["url", "header"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_everything_that_is_offered_is_served(
    version: str, version_in: str, method: str
) -> None:
    """Each source of a version is asked once, whole and cut, by group and by tag."""
    given = {"key": "lc", "vendor": "livechat", **SIMULATOR.settings(ORIGIN)}
    given |= {"version": version, "version_in": version_in, "method": method}
    settings = LiveChatSettings.model_validate(given)
    wiring = Wiring(transport=httpx.ASGITransport(SIMULATOR.app))
    platform = SPEC.build(settings, wiring)
    assert platform.measures is not None
    tables = platform.measures.measurables
    window = contacts(SPRING)[0].started_at.replace(hour=0, minute=0, second=0, microsecond=0)
    for name, source in tables.sources.items():
        figures = tuple(one for one, figure in tables.figures.items() if figure.source == name)
        measure = MeasureCall(
            source=name,
            figures=figures,
            start=window,
            end=window.replace(day=window.day + 1),
            zone="UTC",
            grain=Grain.DAY if Grain.DAY in source.grains else Grain.TOTAL,
            group_by=(source.always_by,) if source.always_by else (),
            filters=((Dimension.TEAM, ("0", "1")),)
            if Dimension.TEAM in source.several_at_once
            else (),
        )
        readings = await platform.measures.measure(measure, Call.within(10.0))
        assert {one.figure for one in readings} == set(figures), name
    await platform.close()


ANSWERED = [{"type": "post_chat", "exists": True}]


@pytest.mark.parametrize("version", ["3.5", "3.6"])
async def test_since_3_5_forms_are_filtered_by_and_surveys_are_not(version: str) -> None:
    chats = "chats/total_chats"
    found = await later(chats, version, filters={**MONTH, "forms": ANSWERED})
    assert found == await ask(chats, filters={**MONTH, "surveys": ANSWERED})
    assert found["total"] == sum(one.survey is not None for one in contacts())
    window = {"forms": [{"type": "pre_chat", **MONTH}]}
    assert (await later(chats, version, filters=window))["total"] > 0
    for path, filters in (
        (f"/v{version}/reports/{chats}", {**MONTH, "surveys": ANSWERED}),
        (f"/v3.4/reports/{chats}", {**MONTH, "forms": ANSWERED}),
        (f"/v3.4/reports/{chats}", {**MONTH, "customer_countries": {"values": ["GB"]}}),
    ):
        response = await send("POST", path, json={"filters": filters})
        assert (response.status_code, response.json()["error"]["type"]) == (400, "validation")


@pytest.mark.parametrize(
    ("countries", "known"),
    [
        ({"values": ["GB", "FR"]}, lambda one: one.customer.country in {"GB", "FR"}),
        ({"values": ["FR"]}, lambda one: one.customer.country == "FR"),
        ({"exclude_values": ["GB"]}, lambda one: one.customer.country != "GB"),
        ({"exists": True}, lambda _: True),
    ],
    ids=["any", "one", "none", "exists"],
)
async def test_since_3_5_chats_are_filtered_by_the_customers_country(
    countries: dict[str, Any], known: Callable[[Contact], bool]
) -> None:
    filters = {**MONTH, "customer_countries": countries}
    found = await later("chats/total_chats", "3.5", filters=filters)
    assert found["total"] == sum(map(known, contacts()))


@pytest.mark.parametrize(
    "filters",
    [
        {"customer_countries": {"values": ["gb"]}},
        {"customer_countries": {"values": ["GBR"]}},
        {"customer_countries": {"values": [44]}},
        {"forms": [{"type": "mid_chat"}]},
        {"forms": [{"type": "pre_chat", "values": ["77"]}]},
    ],
)
async def test_a_filter_of_a_later_version_is_read_strictly(filters: dict[str, Any]) -> None:
    body = {"filters": {**SPRING, **filters}}
    response = await send("POST", "/v3.6/reports/chats/total_chats", json=body)
    assert (response.status_code, response.json()["error"]["type"]) == (400, "validation")


async def test_forms_have_no_query_string() -> None:
    params = {f"filters.{name}": [value] for name, value in SPRING.items()}
    params["filters.forms.type"] = ["pre_chat"]
    response = await send("GET", "/v3.6/reports/chats/total_chats", params=params)
    assert (response.status_code, response.json()["error"]["type"]) == (400, "validation")
