from __future__ import annotations

from datetime import timedelta

import pytest
from tests.vendors.gnatta.upstream import ANA, settings_of

from vendors.buckets import Span
from vendors.catalogue import CATALOGUE
from vendors.gnatta import reports
from vendors.gnatta.indicators import FIGURES, ROWS, SOURCES, measurables
from vendors.measures import Dimension, Grain, Grouping, Member, Merge, Unit
from vendors.records import Channel

D = Dimension

GROUPINGS = {
    "interactionsClosed": {D.CHANNEL, D.QUEUE, D.AGENT},
    "interactionsReceived": {D.CHANNEL, D.QUEUE},
    "interactionsReopened": {D.CHANNEL, D.QUEUE},
    "messageVolume/Inbound": {D.CHANNEL, D.QUEUE, D.ACCOUNT},
    "messageVolume/Outbound": {D.CHANNEL, D.QUEUE, D.ACCOUNT, D.AGENT},
    "messageTimes/AdvisorResponseTime": {D.CHANNEL, D.QUEUE, D.ACCOUNT, D.AGENT},
    "messageTimes/OriginatorWaitTime": {D.CHANNEL, D.QUEUE, D.ACCOUNT},
    "presenceDuration/Available": {D.AGENT},
    "presenceDuration/Unavailable": {D.AGENT},
}
KNOWN = {one: (Member("m"),) for one in (D.AGENT, D.QUEUE, D.ACCOUNT, D.CHANNEL)}


def test_each_source_is_grouped_as_its_tiles_allow() -> None:
    assert {name: set(one.groupings) for name, one in SOURCES.items()} == GROUPINGS
    assert {how for one in SOURCES.values() for how in one.groupings.values()} == {Grouping.LISTED}


def test_the_windows_are_the_documents() -> None:
    for one in SOURCES.values():
        assert one.grains == {
            Grain.HOUR: Span(hours=24),
            Grain.DAY: Span(hours=744),
            Grain.MONTH: Span(months=24),
        }
        assert one.total == Span(months=24)
        assert one.fresh_for == timedelta(minutes=10)


def test_presence_is_always_by_user() -> None:
    assert {name for name, one in SOURCES.items() if one.always_by is D.AGENT} == {
        "presenceDuration/Available",
        "presenceDuration/Unavailable",
    }
    assert {one.always_by for one in SOURCES.values()} == {None, D.AGENT}


def test_each_source_has_the_figure_of_its_name() -> None:
    assert FIGURES.keys() == SOURCES.keys()
    assert all(name == one.source for name, one in FIGURES.items())


def test_figures_add_up_only_where_nothing_is_counted_twice() -> None:
    for name, one in FIGURES.items():
        presence = name.startswith("presenceDuration")
        assert D.TAG not in one.additive_over
        assert (D.CHANNEL in one.additive_over) == (one.unit is Unit.COUNT)
        assert (D.AGENT in one.additive_over) == (one.unit is Unit.COUNT or presence)
        assert (one.merge is Merge.MEAN) == (not one.additive_over)


def test_averages_have_no_weight() -> None:
    means = {name for name, one in FIGURES.items() if one.merge is Merge.MEAN}
    assert means == {"messageTimes/AdvisorResponseTime", "messageTimes/OriginatorWaitTime"}
    assert all(FIGURES[name].weight == () for name in means)


def test_the_indicators_are_made_of_figures() -> None:
    terms = {
        key: (tuple(t.figure for t in row.value), tuple(t.figure for t in row.weight))
        for key, row in ROWS.items()
    }
    available, unavailable = "presenceDuration/Available", "presenceDuration/Unavailable"
    assert terms == {
        "CONVERSATIONS_STARTED": (("interactionsReceived",), ()),
        "CONVERSATIONS_CLOSED": (("interactionsClosed",), ()),
        "CONVERSATIONS_REOPENED": (("interactionsReopened",), ()),
        "MESSAGES_RECEIVED": (("messageVolume/Inbound",), ()),
        "MESSAGES_SENT": (("messageVolume/Outbound",), ()),
        "RESPONSE_TIME": (("messageTimes/AdvisorResponseTime",), ()),
        "CUSTOMER_WAIT_TIME": (("messageTimes/OriginatorWaitTime",), ()),
        "LOGGED_IN_TIME": ((available, unavailable), ()),
        "AVAILABLE_TIME": ((available,), ()),
        "UNAVAILABLE_TIME": ((unavailable,), ()),
        "AVAILABILITY_RATE": ((available,), (available, unavailable)),
    }


@pytest.mark.parametrize("key", ROWS)
def test_units_and_merging_agree_with_the_catalogue(key: str) -> None:
    row = ROWS[key]
    indicator = next(one for name, one in CATALOGUE.items() if name == key)
    figures = [FIGURES[term.figure] for term in row.value]
    if indicator.merge is Merge.RATIO:
        assert row.weight
        return
    assert {one.unit for one in figures} == {indicator.unit}
    assert {one.merge for one in figures} == {indicator.merge}


def test_all_is_measured_where_all_members_are_known() -> None:
    tables = measurables(settings_of(settling_seconds=1200), KNOWN)
    assert {name: set(one.groupings) for name, one in tables.sources.items()} == GROUPINGS
    assert {one.settling for one in tables.sources.values()} == {timedelta(minutes=20)}
    assert tables.figures == FIGURES
    assert tables.indicators == ROWS
    assert tables.channels["WebChat"] is Channel.CHAT
    assert len(tables.channels) == 8


def test_without_users_there_is_no_presence_and_no_grouping_by_user() -> None:
    tables = measurables(settings_of(), {**KNOWN, D.AGENT: ()})
    assert set(GROUPINGS) - set(tables.sources) == {
        "presenceDuration/Available",
        "presenceDuration/Unavailable",
    }
    assert tables.figures.keys() == tables.sources.keys()
    assert ROWS.keys() - tables.indicators.keys() == {
        "LOGGED_IN_TIME",
        "AVAILABLE_TIME",
        "UNAVAILABLE_TIME",
        "AVAILABILITY_RATE",
    }
    assert all(D.AGENT not in one.groupings for one in tables.sources.values())


def test_without_queues_there_is_no_grouping_by_queue() -> None:
    tables = measurables(settings_of(), {D.AGENT: (Member(ANA),), D.CHANNEL: (Member("SMS"),)})
    assert set(tables.sources["interactionsClosed"].groupings) == {D.AGENT, D.CHANNEL}
    assert "AVAILABLE_TIME" in tables.indicators


def test_a_configured_channel_without_a_word_of_ours_is_other() -> None:
    settings = settings_of(directory={"channels": ["Email", "Fax"]})
    assert measurables(settings, KNOWN).channels == {"Email": Channel.EMAIL, "Fax": Channel.OTHER}


def test_the_native_reports_hold_every_figure_once() -> None:
    columns = [name for names in reports.TABLES.values() for name in names]
    assert sorted(columns) == sorted(FIGURES)
