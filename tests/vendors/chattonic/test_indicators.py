from __future__ import annotations

from datetime import timedelta

import pytest
from tests.manuals import manual_of
from tests.vendors.chattonic.upstream import settings_of

from vendors.catalogue import CATALOGUE, IndicatorKey
from vendors.chattonic import wire
from vendors.chattonic.indicators import FIGURES, TIMES, measurables
from vendors.chattonic.reports import TABLES
from vendors.measures import Dimension, Grain, Grouping, Merge, Term, Unit, Zoning

IN_SECONDS = {
    "HANDLE_TIME",
    "LOGGED_IN_TIME",
    "AVAILABLE_TIME",
    "UNAVAILABLE_TIME",
    "CONTACTS_PER_HOUR",
}
ALWAYS = {
    "CONVERSATIONS_STARTED",
    "CONVERSATIONS_CLOSED",
    "MESSAGES_RECEIVED",
    "MESSAGES_SENT",
    "AVAILABILITY_RATE",
    "SURVEY_RESPONSES",
    "NPS",
    "USERS_NEW",
    "USERS_ACTIVE",
}


def test_every_number_that_the_vendor_sends_is_a_figure() -> None:
    dashboard = set(wire.DashboardRow.__struct_fields__) - {"date"}
    attributes = {"id", "displayName", "name", "origins", "originsName", "status"}
    attributes |= {"profile", "lastConnection"}
    operator = set(wire.Operator.__struct_fields__) - attributes
    assert {f"dashboard.{name}" for name in dashboard} | {
        f"operator.{name}" for name in {*operator, "queryPending"}
    } == set(FIGURES)


def test_indicators_in_seconds_are_offered_once_the_unit_is_known() -> None:
    assert set(measurables(settings_of()).indicators) == ALWAYS
    for unit in ("seconds", "minutes", "milliseconds"):
        known = measurables(settings_of(duration_unit=unit))
        assert set(known.indicators) == ALWAYS | IN_SECONDS


def test_times_have_no_unit_until_it_is_known() -> None:
    times = {"onlineTime", "awayTime", "freeTime", "sumDuration", "avgDurationResolved"}
    raw = measurables(settings_of()).figures
    known = measurables(settings_of(duration_unit="seconds")).figures
    for name in (f"operator.{time}" for time in times):
        assert raw[name].unit is Unit.UNKNOWN
        # Of two apps one may count minutes: only their own operators are added up.
        assert raw[name].additive_over == {Dimension.AGENT}
        assert known[name].unit is Unit.SECONDS
        assert known[name].additive_over == {Dimension.AGENT, Dimension.PLATFORM}
    changed = {name for name, one in known.items() if one != raw[name]}
    assert changed == {f"operator.{time}" for time in times}


@pytest.mark.parametrize("unit", ["unknown", "seconds"])
def test_the_tables_fit_together(unit: str) -> None:
    tables = measurables(settings_of(duration_unit=unit))
    for name, source in tables.sources.items():
        assert source.name == name
    for name, figure in tables.figures.items():
        assert figure.name == name
        assert figure.source in tables.sources
        assert figure.description
        for term in figure.weight:
            assert tables.figures[term.figure].source == figure.source
    for key, row in tables.indicators.items():
        assert row.indicator == key
        assert IndicatorKey(key) in CATALOGUE
        sources = {tables.figures[term.figure].source for term in (*row.value, *row.weight)}
        assert len(sources) == 1


def test_levels_and_distinct_counts_are_never_added_up() -> None:
    assert {name for name, one in FIGURES.items() if one.merge is Merge.SNAPSHOT} == {
        "dashboard.totalUsers",
        "dashboard.totalMessagesReceived",
        "dashboard.totalMessagesSent",
        "operator.queryInProgress",
        "operator.queryPending",
    }
    distinct = FIGURES["dashboard.activeUsers"]
    assert distinct.merge is Merge.DISTINCT
    assert distinct.additive_over == frozenset()


def test_what_the_vendor_gives_no_weight_for_has_none() -> None:
    means = {name: one.weight for name, one in FIGURES.items() if one.merge is Merge.MEAN}
    assert means == {
        "dashboard.userEfficiency": (),
        "dashboard.attention": (),
        "dashboard.resolution": (),
        "dashboard.attentionAndResolution": (),
        "dashboard.nps": (),
        "dashboard.csat": (),
        "operator.avgDurationResolved": (Term("operator.queriesResolved"),),
        "operator.nps": (Term("operator.numberOfResponsesNps"),),
    }


def test_indicators_are_made_as_the_catalogue_says() -> None:
    rows = measurables(settings_of(duration_unit="seconds")).indicators
    started = rows["CONVERSATIONS_STARTED"]
    assert [term.figure for term in started.value] == [
        "dashboard.pending",
        "dashboard.progress",
        "dashboard.resolved",
    ]
    assert rows["CONTACTS_PER_HOUR"].weight == (Term("operator.onlineTime", 1 / 3600),)
    assert rows["LOGGED_IN_TIME"].value == rows["AVAILABILITY_RATE"].weight
    assert rows["NPS"].weight == (Term("operator.numberOfResponsesNps"),)
    assert rows["HANDLE_TIME"].weight == (Term("operator.queriesResolved"),)


def test_sources_follow_the_settings() -> None:
    settings = settings_of(
        date_formats={"month": ""},
        dashboard_settling_hours=2,
        operator_settling_hours=3,
        fresh_seconds=90,
    )
    sources = measurables(settings).sources
    dashboard, operator, now = sources["dashboard"], sources["operator"], sources["operator_now"]
    assert set(dashboard.grains) == {Grain.HOUR, Grain.DAY, Grain.WEEK, Grain.YEAR}
    assert dashboard.zoning is Zoning.PARTITION
    assert dashboard.groupings == {}
    assert (dashboard.settling, operator.settling) == (timedelta(hours=2), timedelta(hours=3))
    assert dashboard.fresh_for == operator.fresh_for == timedelta(seconds=90)
    assert operator.groupings == now.groupings == {Dimension.AGENT: Grouping.ALL}
    assert operator.grains == {}
    assert now.snapshot
    assert not operator.snapshot


@pytest.mark.parametrize(
    ("unit", "first"),
    [
        ("unknown", None),
        ("seconds", None),
        ("minutes", "minutes × 60"),
        ("milliseconds", "milliseconds ÷ 1000"),
    ],
)
def test_figures_say_how_they_are_converted(unit: str, first: str | None) -> None:
    figures = measurables(settings_of(duration_unit=unit)).figures
    for name, one in figures.items():
        parts = (one.conversion or "").split("; ")
        assert (parts[0] == first) is (name in TIMES and first is not None)
    merged = {name for name, one in figures.items() if one.conversion}
    summed = {name for name, one in FIGURES.items() if one.merge is Merge.SUM}
    weighed = {name for name, one in FIGURES.items() if one.weight}
    assert merged == summed | weighed | {"operator.queryInProgress"}


def test_there_are_no_channels_teams_or_sites_to_ask_by() -> None:
    tables = measurables(settings_of(duration_unit="minutes"))
    assert tables.channels == {}
    offered = {one for source in tables.sources.values() for one in source.groupings}
    assert offered == {Dimension.AGENT}
    assert {tables.sources[one.source].filters for one in tables.figures.values()} == {None}


def test_every_figure_stands_in_a_table_and_in_the_manual() -> None:
    assert sorted(name for names in TABLES.values() for name in names) == sorted(FIGURES)
    manual = manual_of("chattonic")
    fields = {name.partition(".")[2] for name in FIGURES}
    assert [name for name in sorted(fields) if f"`{name}`" not in manual] == []


def test_every_setting_stands_in_the_manual() -> None:
    settings = settings_of()
    manual = manual_of("chattonic")
    own = set(type(settings).model_fields) - {"key", "vendor", "title", "time_zone", "ca_file"}
    names = (
        own | set(type(settings.lists).model_fields) | set(type(settings.date_formats).model_fields)
    )
    assert [name for name in sorted(names) if f"`{name}`" not in manual] == []
