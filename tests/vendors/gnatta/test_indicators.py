from __future__ import annotations

from datetime import timedelta

import pytest
from tests.vendors.gnatta.upstream import settings_of

from vendors.buckets import Span
from vendors.catalogue import CATALOGUE, IndicatorKey
from vendors.gnatta import indicators, reports
from vendors.gnatta.indicators import ROWS
from vendors.gnatta.parameters import is_ranked
from vendors.gnatta.reports import FIGURES, SOURCES, measurables
from vendors.gnatta.wire import ENDPOINTS
from vendors.measures import Dimension, Figure, Grain, Grouping, Merge, Unit
from vendors.records import Channel

D = Dimension
K = IndicatorKey
FILTERS = {D.CHANNEL, D.QUEUE, D.TAG}
LIVE_FILTERS = {D.QUEUE, D.TAG}

# By what the answers of a tile can be grouped, and what else its requests can be restricted by.
OFFERED: dict[str, tuple[set[Dimension], set[Dimension]]] = {
    "interactionsClosed": ({D.CHANNEL, D.QUEUE, D.AGENT, D.TAG}, FILTERS),
    "interactionsClosedByUse": ({D.TAG}, {D.CHANNEL, D.QUEUE}),
    "interactionsReceived": ({D.CHANNEL, D.QUEUE}, FILTERS),
    "interactionsReopened": ({D.CHANNEL, D.QUEUE}, FILTERS),
    "queueTime": ({D.QUEUE, D.CHANNEL}, {D.TAG}),
    "ivrTime": ({D.QUEUE, D.CHANNEL}, {D.TAG}),
    "advisorActions": ({D.AGENT}, FILTERS),
    "messageVolume/Inbound": ({D.CHANNEL, D.QUEUE, D.ACCOUNT}, FILTERS),
    "messageVolume/Outbound": ({D.CHANNEL, D.QUEUE, D.ACCOUNT, D.AGENT}, FILTERS),
    "messageTimes/AdvisorResponseTime": ({D.CHANNEL, D.QUEUE, D.ACCOUNT, D.AGENT}, FILTERS),
    "messageTimes/OriginatorWaitTime": ({D.CHANNEL, D.QUEUE, D.ACCOUNT}, FILTERS),
    "livePercentages": ({D.ACCOUNT}, LIVE_FILTERS),
    "liveTotals": ({D.CHANNEL, D.ACCOUNT}, LIVE_FILTERS | {D.ACCOUNT}),
    "liveDuration": ({D.CHANNEL, D.ACCOUNT}, LIVE_FILTERS),
    "cphByChannel": ({D.AGENT, D.CHANNEL}, LIVE_FILTERS),
    "cphByQueue": ({D.AGENT, D.QUEUE}, {D.CHANNEL, D.TAG}),
    "cphByUser": ({D.AGENT}, FILTERS),
    "cphAverage": (set(), FILTERS | {D.AGENT}),
    "presenceDuration": ({D.AGENT}, set()),
    "availabilityPercentage": ({D.AGENT}, set()),
    "advisorMetrics": ({D.AGENT}, FILTERS),
}
ALWAYS: dict[str, Dimension | None] = {
    "interactionsClosedByUse": D.TAG,
    "queueTime": D.QUEUE,
    "ivrTime": D.QUEUE,
    "livePercentages": D.ACCOUNT,
    "liveTotals": D.CHANNEL,
    "liveDuration": D.ACCOUNT,
    **dict.fromkeys(
        (
            "advisorActions",
            "cphByChannel",
            "cphByQueue",
            "cphByUser",
            "presenceDuration",
            "availabilityPercentage",
            "advisorMetrics",
        ),
        D.AGENT,
    ),
}
# The document has these tiles without dates.
COUNTED = {
    *("interactionsClosedByUse", "cphByChannel", "cphByQueue", "cphAverage"),
    *("availabilityPercentage", "advisorMetrics"),
}
KNOWN = frozenset({D.AGENT, D.QUEUE, D.ACCOUNT, D.CHANNEL, D.TAG})
ADDRESS = "0f8fad5b-d9cb-469f-a165-70867728950e"
STRINGS = {"string_types": {ADDRESS: "Address"}}


def family(name: str) -> str:
    return name.partition("/")[0]


def test_every_tile_that_measures_is_a_source() -> None:
    assert {family(name) for name in SOURCES} == {
        *(row.family for row in ENDPOINTS.values()),
        "interactionsClosedByUse",
    }


@pytest.mark.parametrize("name", SOURCES)
def test_each_source_offers_what_its_tiles_allow(name: str) -> None:
    groups, filters = OFFERED.get(name) or OFFERED[family(name)]
    source = SOURCES[name]
    assert set(source.groupings) == groups | filters
    assert set(source.filters or ()) == filters
    assert source.always_by is ALWAYS.get(family(name))
    for figure in (one for one in FIGURES.values() if one.source == name):
        narrower = figure.name.endswith("/totalContacts")
        assert set(figure.dimensions or ()) == ({D.AGENT} if narrower else groups)


@pytest.mark.parametrize("name", SOURCES)
def test_a_member_is_listed_unless_a_call_has_one_channel_or_all_members(name: str) -> None:
    source = SOURCES[name]
    other = {by: how for by, how in source.groupings.items() if how is not Grouping.LISTED}
    expected = {
        "queueTime": {D.CHANNEL: Grouping.EACH},
        "ivrTime": {D.CHANNEL: Grouping.EACH},
        "liveTotals": {D.CHANNEL: Grouping.EACH},
        "liveDuration": {D.CHANNEL: Grouping.EACH},
        "cphByChannel": {D.CHANNEL: Grouping.ALL},
        "cphByQueue": {D.QUEUE: Grouping.ALL},
        "interactionsClosedByUse": {D.TAG: Grouping.ALL},
    }
    assert other == expected.get(family(name), {})
    # Tiles 12 and 28 blend the channels that they are given; live ones take a single one.
    assert (source.several_at_once == {D.CHANNEL}) == (family(name) in {"queueTime", "ivrTime"})
    pairs = {(D.AGENT, by) for by, how in other.items() if how is Grouping.ALL and by is not D.TAG}
    assert source.group_pairs == pairs


@pytest.mark.parametrize("name", SOURCES)
def test_the_windows_are_the_documents(name: str) -> None:
    source = SOURCES[name]
    windows = {
        Grain.HOUR: Span(hours=24),
        Grain.DAY: Span(hours=744),
        Grain.MONTH: Span(months=24),
    }
    assert source.grains == ({} if family(name) in COUNTED else windows)
    assert source.total == Span(months=24)
    assert source.fresh_for == timedelta(minutes=10)


def test_figures_bear_the_name_of_their_source_and_of_their_member() -> None:
    for name, one in FIGURES.items():
        assert name == one.source or name.startswith(f"{one.source}/")
    assert {one.source for one in FIGURES.values()} == set(SOURCES)


def test_a_figure_says_what_it_means() -> None:
    for one in FIGURES.values():
        assert one.description.endswith(".")
        assert one.title.strip(".") == one.title != ""


def test_the_figures_are_those_of_the_tiles() -> None:
    def members(source: str) -> set[str]:
        return {name.removeprefix(source) for name, one in FIGURES.items() if one.source == source}

    chats = {"/abandonedByCustomer", "/abandonedByOperator", "/handled"}
    calls = {"/abandonedByIvr", "/abandoned", "/handled"}
    assert members("livePercentages/WebChat") == chats
    for source in ("Voice", "Voice/Inbound", "Voice/Outbound"):
        assert members(f"livePercentages/{source}") == calls
    assert members("liveTotals") == chats | calls | {"/total", "/abandonedBeforeOperator"}
    for direction in ("Inbound", "Outbound"):
        assert members(f"liveTotals/{direction}") == calls | {"/total"}
    assert members("cphByQueue/LoggedIn") == {"", "/totalContacts", "/duration"}
    assert members("advisorMetrics") == {
        "/contactsLoggedIn",
        "/contactsAvailable",
        "/cphLoggedIn",
        "/cphAvailable",
        "/timeLoggedIn",
        "/timeAvailable",
        "/unproductivePercentage",
        "/averageResponseTime",
    }


def test_a_live_figure_is_of_the_channels_that_have_it() -> None:
    def channels(name: str) -> set[str]:
        return set(FIGURES[name].channels or ())

    assert channels("liveTotals/abandonedByCustomer") == {"WebChat"}
    assert channels("liveTotals/abandonedByIvr") == {"Voice"}
    assert channels("liveTotals/handled") == {"WebChat", "Voice"}
    assert channels("liveTotals/Inbound/handled") == {"Voice"}
    assert channels("liveDuration") == {"WebChat", "Voice"}
    assert channels("liveDuration/Outbound") == {"Voice"}


def test_figures_add_up_only_where_nothing_is_counted_twice() -> None:
    for one in FIGURES.values():
        assert D.TAG not in one.additive_over
        if is_ranked(one.source):
            assert (one.merge, one.additive_over) == (Merge.DISTINCT, frozenset())
        elif one.unit is Unit.COUNT:
            assert {D.AGENT, D.CHANNEL, D.QUEUE, D.ACCOUNT} <= one.additive_over
        elif one.merge is Merge.MEAN and not one.weight:
            # Two of them make none, whatever they are of; over channels not even that is tried.
            assert one.additive_over == {D.AGENT, D.QUEUE, D.ACCOUNT}
        else:
            assert one.additive_over == {D.PLATFORM, D.AGENT}


def test_means_without_a_weight_are_those_that_the_platform_counts_nothing_for() -> None:
    means = {
        family(name) for name, one in FIGURES.items() if one.merge is Merge.MEAN and not one.weight
    }
    assert means == {
        "messageTimes",
        "queueTime",
        "ivrTime",
        "liveDuration",
        "livePercentages",
        "cphByUser",
        "cphAverage",
        "advisorMetrics",
    }


@pytest.mark.parametrize("name", [n for n, one in FIGURES.items() if one.merge is Merge.RATIO])
def test_a_ratio_can_be_made_of_its_parts(name: str) -> None:
    one = FIGURES[name]
    assert one.numerator
    assert one.denominator
    times = 1.0 if one.unit is Unit.RATE else 1 / 3600
    assert {term.times for term in one.denominator} == {times}


def _named(key: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    row = ROWS[key]
    return tuple(t.figure for t in row.value), tuple(t.figure for t in row.weight)


def test_the_indicators_are_made_of_figures() -> None:
    available, unavailable = "presenceDuration/Available", "presenceDuration/Unavailable"
    assert {key: _named(key) for key in ROWS} == {
        K.CONVERSATIONS_STARTED: (("interactionsReceived",), ()),
        K.CONVERSATIONS_CLOSED: (("interactionsClosed",), ()),
        K.CONVERSATIONS_REOPENED: (("interactionsReopened",), ()),
        K.CONVERSATIONS_UNANSWERED: (("liveTotals/abandonedByOperator",), ()),
        K.CONVERSATIONS_ABANDONED: (("liveTotals/abandonedBeforeOperator",), ()),
        K.CONVERSATIONS_HANDLED: (("liveTotals/handled",), ()),
        K.MESSAGES_RECEIVED: (("messageVolume/Inbound",), ()),
        K.MESSAGES_SENT: (("messageVolume/Outbound",), ()),
        K.RESPONSE_TIME: (("messageTimes/AdvisorResponseTime",), ()),
        K.CUSTOMER_WAIT_TIME: (("messageTimes/OriginatorWaitTime",), ()),
        K.QUEUE_TIME: (("queueTime",), ()),
        K.HANDLE_TIME: (("liveDuration",), ()),
        K.IVR_TIME: (("ivrTime",), ()),
        K.LOGGED_IN_TIME: ((available, unavailable), ()),
        K.AVAILABLE_TIME: ((available,), ()),
        K.UNAVAILABLE_TIME: ((unavailable,), ()),
        K.AVAILABILITY_RATE: ((available,), (available, unavailable)),
        K.CONTACTS_PER_HOUR: (("cphByUser/Available/byHours",), (available,)),
    }
    assert {key: row.channels for key, row in ROWS.items() if row.channels} == {
        K.HANDLE_TIME: {"WebChat", "Voice"},
        K.IVR_TIME: {"Voice"},
    }


@pytest.mark.parametrize("key", ROWS)
def test_units_and_merging_agree_with_the_catalogue(key: str) -> None:
    row = ROWS[key]
    indicator = CATALOGUE[IndicatorKey(key)]
    figures = [FIGURES[term.figure] for term in row.value]
    if indicator.merge is Merge.RATIO:
        assert row.weight
        return
    assert {one.unit for one in figures} == {indicator.unit}
    assert {one.merge for one in figures} == {indicator.merge}


def test_no_indicator_needs_a_figure_of_the_reports_alone() -> None:
    named = {t.figure for row in ROWS.values() for t in (*row.value, *row.weight)}
    assert named <= indicators.FIGURES.keys() < FIGURES.keys()


def test_all_is_measured_where_all_members_are_known() -> None:
    tables = measurables(settings_of(settling_seconds=1200, directory=STRINGS), KNOWN)
    assert {name: one.groupings for name, one in tables.sources.items()} == {
        name: one.groupings for name, one in SOURCES.items()
    }
    assert {one.settling for one in tables.sources.values()} == {timedelta(minutes=20)}
    assert tables.figures == FIGURES
    assert tables.indicators == ROWS
    assert tables.channels["WebChat"] is Channel.CHAT
    assert len(tables.channels) == 8


@pytest.mark.parametrize(
    ("without", "families", "keys"),
    [
        (
            D.AGENT,
            {
                "advisorActions",
                "cphByChannel",
                "cphByQueue",
                "cphByUser",
                "cphAverage",
                "presenceDuration",
                "availabilityPercentage",
                "advisorMetrics",
            },
            {
                K.LOGGED_IN_TIME,
                K.AVAILABLE_TIME,
                K.UNAVAILABLE_TIME,
                K.AVAILABILITY_RATE,
                K.CONTACTS_PER_HOUR,
            },
        ),
        (D.QUEUE, {"queueTime", "ivrTime", "cphByQueue"}, {K.QUEUE_TIME, K.IVR_TIME}),
        (
            D.ACCOUNT,
            {"livePercentages", "liveTotals", "liveDuration"},
            {
                K.CONVERSATIONS_UNANSWERED,
                K.CONVERSATIONS_ABANDONED,
                K.CONVERSATIONS_HANDLED,
                K.HANDLE_TIME,
            },
        ),
        (D.TAG, set(), set()),
    ],
)
def test_what_must_be_named_is_not_measured_before_it_is_known(
    without: Dimension, families: set[str], keys: set[str]
) -> None:
    tables = measurables(settings_of(), KNOWN - {without})
    lost = {family(name) for name in SOURCES.keys() - tables.sources.keys()}
    assert lost == families | {"interactionsClosedByUse"}
    assert {one.source for one in tables.figures.values()} == tables.sources.keys()
    assert ROWS.keys() - tables.indicators.keys() == keys
    assert all(without not in one.groupings for one in tables.sources.values())


def test_without_queues_there_is_no_grouping_by_queue() -> None:
    tables = measurables(settings_of(), {D.AGENT, D.CHANNEL})
    assert set(tables.sources["interactionsClosed"].groupings) == {D.AGENT, D.CHANNEL}
    assert "AVAILABLE_TIME" in tables.indicators


def test_a_configured_channel_without_a_word_of_ours_is_other() -> None:
    settings = settings_of(directory={"channels": ["Email", "Fax"]})
    assert measurables(settings, KNOWN).channels == {"Email": Channel.EMAIL, "Fax": Channel.OTHER}


@pytest.mark.parametrize(
    ("channels", "always"),
    [
        (("Email", "WebChat", "Voice"), D.ACCOUNT),
        (("WebChat", "Voice"), D.CHANNEL),
        (("Voice",), D.CHANNEL),
    ],
)
def test_where_all_channels_are_live_their_durations_are_told_apart(
    channels: tuple[str, ...], always: Dimension
) -> None:
    tables = measurables(settings_of(directory={"channels": channels}), KNOWN)
    for direction in ("", "/Inbound", "/Outbound"):
        assert tables.sources[f"liveDuration{direction}"].always_by is always
        assert tables.sources[f"liveTotals{direction}"].always_by is D.CHANNEL
    assert tables.sources["livePercentages/Voice"].always_by is D.ACCOUNT


@pytest.mark.parametrize(
    ("unit", "time", "mean"),
    [
        ("seconds", None, "0 as null"),
        ("milliseconds", "milliseconds ÷ 1000", "milliseconds ÷ 1000; 0 as null"),
        ("minutes", "minutes × 60", "minutes × 60; 0 as null"),
        ("hours", "hours × 3600", "hours × 3600; 0 as null"),
    ],
)
def test_the_conversion_in_force_is_told(unit: str, time: str | None, mean: str) -> None:
    figures = measurables(settings_of(duration_unit=unit), KNOWN).figures

    def told(of: Unit, merge: Merge) -> set[str | None]:
        return {one.conversion for one in figures.values() if one.unit is of and one.merge is merge}

    assert told(Unit.SECONDS, Merge.SUM) == {time}
    assert told(Unit.SECONDS, Merge.MEAN) == {mean}
    assert told(Unit.RATE, Merge.MEAN) == told(Unit.RATE, Merge.RATIO) == {"percent ÷ 100"}
    assert told(Unit.PER_HOUR, Merge.RATIO) == told(Unit.PER_HOUR, Merge.MEAN) == {None}
    counts: list[Figure] = [one for one in figures.values() if one.unit is Unit.COUNT]
    assert {one.name: one.conversion for one in counts if one.conversion} == {
        "liveTotals/abandonedBeforeOperator": "WebChat: abandonedByCustomer; Voice: abandoned"
    }


def test_the_native_reports_hold_every_figure_once() -> None:
    columns = [name for names in reports.TABLES.values() for name in names]
    assert sorted(columns) == sorted(FIGURES)


def test_values_are_ranked_where_a_type_of_a_string_editor_is_known() -> None:
    tables = measurables(settings_of(directory=STRINGS), frozenset({D.CHANNEL}))
    assert tables.sources["interactionsClosedByUse"].groupings == {
        D.CHANNEL: Grouping.LISTED,
        D.TAG: Grouping.ALL,
    }
    assert tables.parameters["dataType"].choices == (ADDRESS,)
    assert "interactionsClosedByUse" not in measurables(settings_of(), KNOWN).figures


def test_weeks_are_asked_for_where_their_first_day_is_known() -> None:
    plain = measurables(settings_of(), KNOWN).sources
    known = measurables(settings_of(week_starts="monday"), KNOWN).sources
    assert all(Grain.WEEK not in one.grains for one in plain.values())
    for name, source in known.items():
        weeks = {Grain.WEEK: Span(months=3)} if plain[name].grains else {}
        assert source.grains == {**plain[name].grains, **weeks}


@pytest.mark.parametrize("name", SOURCES)
def test_each_source_takes_the_parameters_of_its_tiles(name: str) -> None:
    tables = measurables(settings_of(directory=STRINGS), KNOWN)
    from_any = {"interactionsClosed", "interactionsClosedByUse", "liveTotals"}
    from_any |= {"liveDuration", "livePercentages"}
    presence = {"presenceDuration", "availabilityPercentage"}
    ranked = {"orderBy", "dataType"} if name == "interactionsClosedByUse" else set()
    states = {"oldState"} if family(name) in from_any else set()
    data = set() if family(name) in presence else {"data"}
    assert set(tables.sources[name].parameters) == states | data | ranked
    assert set(tables.parameters) == {"oldState", "data", "orderBy", "dataType"}
