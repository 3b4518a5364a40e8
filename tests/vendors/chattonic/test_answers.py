"""Every indicator of Chat-Tonic, answered from the simulator, is what the simulator's rows make."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from math import fsum
from typing import Any

import pytest
from tests.vendors.chattonic.answered import App, asking, midnight
from tests.vendors.chattonic.simulated import Row, Vendor

from vendors.measures import Dimension, Grain
from vendors.records import Channel

START = midnight(date(2026, 11, 2))
END = START + timedelta(days=14)
HOUR = 3_600


def added(rows: Sequence[Row], *names: str) -> float:
    return fsum(row[name] for row in rows for name in names)


def over(numerator: float, denominator: float) -> float | None:
    return numerator / denominator if denominator else None


def weighed(rows: Sequence[Row], name: str, weight: str) -> float | None:
    return over(fsum(row[name] * row[weight] for row in rows), added(rows, weight))


OF_OPERATORS: Mapping[str, Callable[[Sequence[Row]], float | None]] = {
    "CONVERSATIONS_CLOSED": lambda rows: added(rows, "queriesResolved"),
    "HANDLE_TIME": lambda rows: weighed(rows, "avgDurationResolved", "queriesResolved"),
    "LOGGED_IN_TIME": lambda rows: added(rows, "onlineTime", "awayTime"),
    "AVAILABLE_TIME": lambda rows: added(rows, "onlineTime"),
    "UNAVAILABLE_TIME": lambda rows: added(rows, "awayTime"),
    "AVAILABILITY_RATE": lambda rows: over(
        added(rows, "onlineTime"), added(rows, "onlineTime", "awayTime")
    ),
    "CONTACTS_PER_HOUR": lambda rows: over(
        added(rows, "queriesResolved") * HOUR, added(rows, "onlineTime")
    ),
    "SURVEY_RESPONSES": lambda rows: added(rows, "numberOfResponsesNps"),
    "NPS": lambda rows: weighed(rows, "nps", "numberOfResponsesNps"),
}
OF_THE_APP: Mapping[str, tuple[str, ...]] = {
    "CONVERSATIONS_STARTED": ("pending", "progress", "resolved"),
    "MESSAGES_RECEIVED": ("messagesReceived",),
    "MESSAGES_SENT": ("messagesSent",),
    "USERS_NEW": ("newUsers",),
    "USERS_ACTIVE": ("activeUsers",),
}
FORMATS = {Grain.HOUR: "%Y-%m-%d %H", Grain.DAY: "%Y-%m-%d", Grain.WEEK: "%G-%V"}


@pytest.fixture(scope="module")
def vendor() -> Vendor:
    return Vendor()


@pytest.fixture
def app(vendor: Vendor) -> App:
    return App(vendor)


def near(value: float | None) -> object:
    return None if value is None else pytest.approx(value)


async def test_two_weeks_are_what_their_rows_make(app: App, vendor: Vendor) -> None:
    operators = await vendor.operators(START, END)
    (row,) = await vendor.rows("%Y", START, END)
    found = {one.item: one for one in await app.series(*OF_OPERATORS, *OF_THE_APP)}
    assert len(app.requests) == 2
    for name, make in OF_OPERATORS.items():
        assert found[name].value == near(make(operators)), name
    for name, members in OF_THE_APP.items():
        assert found[name].value == added([row], *members), name
    assert {one.note for one in found.values()} == {None}
    assert None not in {one.value for one in found.values()}


@pytest.mark.parametrize("grain", FORMATS)
async def test_buckets_of_the_app_are_its_rows(app: App, vendor: Vendor, grain: Grain) -> None:
    rows = await vendor.rows(FORMATS[grain], START, END)
    for one in await app.series(*OF_THE_APP, grain=grain):
        assert [p.value for p in one.points] == [added([r], *OF_THE_APP[one.item]) for r in rows]
    # One call for all, and one more for who was active in the whole period.
    assert len(app.requests) <= 2


async def test_buckets_of_operators_are_asked_one_by_one(app: App, vendor: Vendor) -> None:
    found = await app.series(*OF_OPERATORS, grain=Grain.DAY, days=3)
    assert len(app.requests) == 3
    for at in range(3):
        start = START + timedelta(days=at)
        operators = await vendor.operators(start, start + timedelta(days=1))
        for one in found:
            assert one.points[at].value == near(OF_OPERATORS[one.item](operators)), one.item


async def test_agents_are_the_operators_of_one_call(app: App, vendor: Vendor) -> None:
    operators = {row["_id"]: row for row in await vendor.operators(START, END)}
    found = await app.series(*OF_OPERATORS, group_by=(Dimension.AGENT,))
    assert len(found) == len(OF_OPERATORS) * len(operators)
    assert len(app.requests) == 1
    for one in found:
        row = operators[one.group[0].id]
        assert one.value == near(OF_OPERATORS[one.item]([row])), one.item
        assert one.group[0].name == row["displayName"]


async def test_agents_restrict_what_is_theirs(app: App, vendor: Vendor) -> None:
    some = [row for row in await vendor.operators(START, END) if row["queriesResolved"]][:2]
    ids = tuple(row["_id"] for row in some)
    found = await app.series(*OF_OPERATORS, filters=((Dimension.AGENT, ids),))
    for one in found:
        assert one.value == near(OF_OPERATORS[one.item](some)), one.item
    answer = await app.answer(asking("MESSAGES_SENT", filters=((Dimension.AGENT, ids),)))
    assert "cannot be restricted by AGENT" in (answer.sources[0].note or "")


@pytest.mark.parametrize(
    "members",
    [{"group_by": (Dimension.CHANNEL,)}, {"channels": (Channel.WHATSAPP,)}],
    ids=["group", "filter"],
)
async def test_channels_cannot_be_told_apart(app: App, members: dict[str, Any]) -> None:
    answer = await app.answer(asking(*OF_OPERATORS, *OF_THE_APP, **members))
    assert app.requests == []
    for name in (*OF_OPERATORS, *OF_THE_APP):
        assert name in (answer.sources[0].note or "")


async def test_nobody_asked_is_no_score(app: App, vendor: Vendor) -> None:
    found = await app.series("NPS", "SURVEY_RESPONSES", grain=Grain.HOUR, days=1)
    scores, answers = (
        [point.value for point in one.points] for one in sorted(found, key=lambda one: one.item)
    )
    asked = [value is not None for value in scores]
    assert asked == [bool(value) for value in answers]
    assert {True, False} == set(asked)
    hours = [await vendor.operators(_hour(at), _hour(at + 1)) for at in range(24)]
    assert scores == [near(OF_OPERATORS["NPS"](rows)) for rows in hours]


def _hour(at: int) -> datetime:
    return START + timedelta(hours=at)


@pytest.mark.parametrize(("unit", "seconds"), [("minutes", 60.0), ("milliseconds", 0.001)])
async def test_times_come_in_the_unit_that_is_set(
    vendor: Vendor, unit: str, seconds: float
) -> None:
    as_told = {one.item: one.value for one in await App(vendor).series(*OF_OPERATORS)}
    found = {
        one.item: one.value for one in await App(vendor, duration_unit=unit).series(*OF_OPERATORS)
    }
    times = {"HANDLE_TIME", "LOGGED_IN_TIME", "AVAILABLE_TIME", "UNAVAILABLE_TIME"}
    for name, value in found.items():
        expected = as_told[name]
        assert expected is not None
        by = seconds if name in times else 1.0
        assert value == near(expected / (seconds if name == "CONTACTS_PER_HOUR" else 1.0) * by)


async def test_indicators_in_seconds_are_not_measured_without_a_unit(vendor: Vendor) -> None:
    app = App(vendor, duration_unit="unknown")
    one = await app.one("HANDLE_TIME")
    assert (one.value, one.note) == (None, "The platform does not measure it.")
    assert app.requests == []


@pytest.mark.parametrize("total", ["", "0"])
async def test_users_of_two_years_are_known_where_one_row_can_be_asked(
    vendor: Vendor, total: str
) -> None:
    app = App(vendor, date_formats={"total": total})
    first, days = date(2025, 12, 20), 24
    start = midnight(first)
    (row,) = await vendor.rows("0", start, start + timedelta(days=days))
    active = await app.one("USERS_ACTIVE", first=first, days=days)
    assert active.value == (row["activeUsers"] if total else None)
    # What adds up has a total either way.
    new = await app.one("USERS_NEW", first=first, days=days)
    assert new.value == row["newUsers"]
    assert len(app.requests) == 1
