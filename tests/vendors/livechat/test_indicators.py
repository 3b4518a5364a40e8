from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest
from tests.vendors.livechat.upstream import settings_of

from vendors.buckets import Span
from vendors.catalogue import CATALOGUE, IndicatorKey
from vendors.livechat.indicators import GROUPED_ROWS
from vendors.livechat.reports import FIGURES, ROWS, SINCE, SOURCES, TABLES, UNTIL, measurables
from vendors.measures import Dimension, Grain, Grouping, IndicatorRow, Merge, Term, Unit
from vendors.records import Channel

Parts = Mapping[str, float]

EXPECTED: Mapping[str, tuple[Parts, Parts]] = {
    "CONVERSATIONS_STARTED": ({"total_chats.total": 1}, {}),
    "CONVERSATIONS_UNANSWERED": ({"total_chats_unreplied.total": 1}, {}),
    "FIRST_RESPONSE_TIME": (
        {"first_response_time.first_response_time": 1},
        {"first_response_time.count": 1},
    ),
    "RESPONSE_TIME": ({"response_time.response_time": 1}, {"response_time.count": 1}),
    "HANDLE_TIME": ({"duration.duration": 1}, {"duration.count": 1}),
    "LOGGED_IN_TIME": ({"performance.logged_in_time": 1}, {}),
    "AVAILABLE_TIME": ({"performance.accepting_chats_time": 1}, {}),
    "UNAVAILABLE_TIME": ({"performance.not_accepting_chats_time": 1}, {}),
    "OCCUPIED_TIME": ({"performance.chatting_time": 1}, {}),
    "COVERAGE_TIME": ({"availability.total": 1}, {}),
    "AVAILABILITY_RATE": (
        {"performance.accepting_chats_time": 1},
        {"performance.logged_in_time": 1},
    ),
    "OCCUPANCY_RATE": (
        {"performance.chatting_time": 1},
        {"performance.accepting_chats_time": 1},
    ),
    "CONTACTS_PER_HOUR": (
        {"performance.chats_count": 1},
        {"performance.accepting_chats_time": 1 / 3600},
    ),
    "RATED_GOOD": ({"ratings.good": 1}, {}),
    "RATED_BAD": ({"ratings.bad": 1}, {}),
    "RATINGS": ({"ratings.good": 1, "ratings.bad": 1}, {}),
    "SATISFACTION_RATE": ({"ratings.good": 1}, {"ratings.good": 1, "ratings.bad": 1}),
    "SURVEY_RESPONSES": ({"surveys.count": 1}, {}),
    "INVITATIONS_SHOWN": ({"greetings_conversion.displayed": 1}, {}),
    "INVITATIONS_ACCEPTED": ({"greetings_conversion.accepted": 1}, {}),
    "INVITATION_RATE": (
        {"greetings_conversion.accepted": 1},
        {"greetings_conversion.displayed": 1},
    ),
}
BY_AGENT: Mapping[str, tuple[Parts, Parts]] = {
    "CONVERSATIONS_STARTED": ({"performance.chats_count": 1}, {}),
    "FIRST_RESPONSE_TIME": (
        {"performance.first_response_time": 1},
        {"performance.first_response_chats_count": 1},
    ),
    "RATED_GOOD": ({"performance.chats_rated_good": 1}, {}),
    "RATED_BAD": ({"performance.chats_rated_bad": 1}, {}),
    "RATINGS": ({"performance.chats_rated_good": 1, "performance.chats_rated_bad": 1}, {}),
    "SATISFACTION_RATE": (
        {"performance.chats_rated_good": 1},
        {"performance.chats_rated_good": 1, "performance.chats_rated_bad": 1},
    ),
}


def parts(row: IndicatorRow) -> tuple[Parts, Parts]:
    def of(terms: tuple[Term, ...]) -> Parts:
        return {term.figure: term.times for term in terms}

    return of(row.value), of(row.weight)


def test_each_indicator_is_made_of_the_figures_of_the_catalogue() -> None:
    tables = measurables(settings_of(version="3.4"))
    assert {key: parts(row) for key, row in tables.indicators.items()} == EXPECTED


def test_by_agent_some_are_made_of_the_report_that_lists_agents() -> None:
    by_agent = {
        key: parts(row)
        for (key, dimension), row in GROUPED_ROWS.items()
        if dimension is Dimension.AGENT
    }
    assert by_agent == BY_AGENT
    assert all(GROUPED_ROWS[key, Dimension.AGENT].caveat for key in BY_AGENT)


def test_by_tag_chats_are_those_of_the_report_that_lists_tags() -> None:
    by_tag = {key: parts(row) for (key, one), row in GROUPED_ROWS.items() if one is Dimension.TAG}
    assert by_tag == {
        **{key: EXPECTED[key] for key in BY_AGENT},
        "CONVERSATIONS_STARTED": ({"tags.chats": 1}, {}),
    }


@pytest.mark.parametrize("row", [*ROWS, *GROUPED_ROWS.values()])
def test_a_row_fits_the_catalogue(row: IndicatorRow) -> None:
    indicator = CATALOGUE[IndicatorKey(row.indicator)]
    figures = [FIGURES[term.figure] for term in (*row.value, *row.weight)]
    assert bool(row.weight) == (indicator.merge in {Merge.MEAN, Merge.RATIO})
    # Value and weight stand in one answer, and so cost one call.
    assert len({figure.source for figure in figures}) == 1
    if indicator.merge is not Merge.RATIO:
        assert {FIGURES[term.figure].unit for term in row.value} == {indicator.unit}
        assert {FIGURES[term.figure].merge for term in row.value} == {indicator.merge}


def test_each_figure_belongs_to_a_source_and_is_weighed_within_it() -> None:
    for name, figure in FIGURES.items():
        report = name.partition(".")[0]
        assert SOURCES[figure.source].endpoint == SOURCES[report].endpoint
        assert bool(figure.weight) == (figure.merge is Merge.MEAN), name
        assert all(FIGURES[term.figure].source == figure.source for term in figure.weight)
        assert figure.unit is not Unit.UNKNOWN


def test_every_figure_stands_in_one_table_of_the_vendor() -> None:
    assert sorted(name for names in TABLES.values() for name in names) == sorted(FIGURES)
    assert set(TABLES) == set(SOURCES) - {"tags_total"}


def test_nothing_is_added_up_that_overlaps() -> None:
    for figure in FIGURES.values():
        # A survey that was filled in stands in one group; a chat may go from one to another.
        in_one_group = figure.source in {"surveys", "forms"}
        assert (Dimension.TEAM in figure.additive_over) == in_one_group
        assert Dimension.TAG not in figure.additive_over
    for name in ("total_chats.total", "performance.chats_count", "duration.count", "surveys.count"):
        assert Dimension.AGENT not in FIGURES[name].additive_over
    assert Dimension.AGENT in FIGURES["performance.logged_in_time"].additive_over
    assert Dimension.RULE in FIGURES["greetings_conversion.displayed"].additive_over
    assert FIGURES["availability.total"].additive_over == frozenset()
    assert FIGURES["ranking.score"].merge is Merge.DISTINCT


@pytest.mark.parametrize("report", ["surveys", "forms"])
def test_answers_are_added_up_and_do_not_make_the_surveys(report: str) -> None:
    count, answers = FIGURES[f"{report}.count"], FIGURES[f"{report}.answers"]
    additive = {name for name, one in FIGURES.items() if Dimension.ANSWER in one.additive_over}
    assert additive == {"surveys.answers", "forms.answers"}
    assert set(count.dimensions or ()) == SOURCES[report].groupings.keys() - {Dimension.ANSWER}
    assert answers.dimensions is None
    assert "do not add up to the surveys" in str(answers.caveat)


ROWS_OF_A_CALL = {
    "tags": {Dimension.TAG},
    "greetings_conversion": {Dimension.RULE},
    "surveys": {Dimension.TEAM, Dimension.ANSWER},
    "forms": {Dimension.TEAM, Dimension.ANSWER},
    "groups": {Dimension.TEAM},
    "chat_usage": {Dimension.TAG},
    "ranking": {Dimension.AGENT},
    "performance": {Dimension.AGENT},
}
FILTERS = {
    "greetings_conversion": {Dimension.CHANNEL, Dimension.TEAM},
    "performance": {Dimension.AGENT, Dimension.CHANNEL, Dimension.TEAM},
    "availability": {Dimension.AGENT, Dimension.CHANNEL, Dimension.TEAM},
    "chat_usage": {Dimension.CHANNEL, Dimension.TEAM},
    "queued_visitors": {Dimension.CHANNEL, Dimension.TEAM},
    "unique_visitors": {Dimension.CHANNEL},
}
OF_CHATS = {Dimension.AGENT, Dimension.CHANNEL, Dimension.TAG, Dimension.TEAM}


@pytest.mark.parametrize("name", list(SOURCES))
def test_a_report_lists_the_members_of_its_rows(name: str) -> None:
    """The others are filters, which take several members and answer for them together."""
    groupings = SOURCES[name].groupings
    listed = {one for one, way in groupings.items() if way is Grouping.ALL}
    assert listed == ROWS_OF_A_CALL.get(name, set())
    assert {frozenset(one) for one in SOURCES[name].group_pairs} == (
        {frozenset(listed)} if len(listed) > 1 else set()
    )
    assert groupings.keys() == FILTERS.get(name, OF_CHATS) | listed
    assert SOURCES[name].several_at_once == groupings.keys() - listed


def test_buckets_are_those_that_a_report_can_be_cut_into() -> None:
    of_chats = {Grain.HOUR, Grain.DAY, Grain.MONTH, Grain.YEAR}
    fewer: Mapping[str, set[Grain]] = {
        "availability": {Grain.HOUR, Grain.DAY},
        "greetings_conversion": {Grain.HOUR, Grain.DAY},
        **{key: set() for key in ("surveys", "forms", "ranking", "performance", "tags_total")},
        **{key: set() for key in ("chat_usage", "unique_visitors")},
    }
    for name, source in SOURCES.items():
        assert set(source.grains) == fewer.get(name, of_chats)


def test_what_stands_beside_the_records_has_neither_buckets_nor_rows() -> None:
    beside = [one for one in FIGURES.values() if one.grains is not None]
    assert {one.name for one in beside} == {
        f"{report}.total"
        for report in (
            "duration",
            "response_time",
            "first_response_time",
            "ratings",
            "tags",
            "greetings_conversion",
        )
    }
    for figure in beside:
        groupings = SOURCES[figure.source].groupings
        assert figure.grains == frozenset()
        assert figure.dimensions is not None
        assert all(groupings[one] is Grouping.EACH for one in figure.dimensions)


def test_whatever_is_changed_says_how() -> None:
    changed = {
        "availability",
        "ranking",
        "greetings_conversion",
        "surveys",
        "forms",
        "performance",
    }
    assert {one.source for one in FIGURES.values() if one.conversion} == changed
    assert "3600" in str(FIGURES["availability.total"].conversion)
    assert FIGURES["performance.chats_count"].conversion is None
    assert FIGURES["response_time.response_time"].conversion is None


def test_there_is_one_channel() -> None:
    assert measurables(settings_of()).channels == {"chat": Channel.CHAT}


def test_windows_and_settling_are_those_of_the_settings() -> None:
    default = measurables(settings_of()).sources["ratings"]
    assert default.grains == dict.fromkeys((Grain.HOUR, Grain.DAY, Grain.MONTH, Grain.YEAR))
    assert (default.total, default.settling) == (None, timedelta(days=1))
    cut = measurables(settings_of(longest_window_days=30, settling=60))
    for name, source in cut.sources.items():
        assert source.total == Span(days=30)
        assert source.settling == timedelta(minutes=1)
        assert source.grains == dict.fromkeys(SOURCES[name].grains, Span(days=30))


OF_3_4 = {"surveys"}
OF_3_5 = {"forms", "chat_usage"}
OF_3_6 = OF_3_5 | {"groups", "queued_visitors", "unique_visitors"}
CHANGING = SINCE.keys() | UNTIL.keys()


@pytest.mark.parametrize(
    ("version", "served"),
    [("3.3", OF_3_4), ("3.4", OF_3_4), ("3.5", OF_3_5), ("3.6", OF_3_6), ("3.10", OF_3_6)],
)
def test_what_a_version_lacks_is_not_there_to_be_asked(version: str, served: set[str]) -> None:
    tables = measurables(settings_of(version=version))
    assert tables.sources.keys() & CHANGING == served
    assert tables.sources.keys() - CHANGING == SOURCES.keys() - CHANGING
    assert {one.source for one in tables.figures.values()} == tables.sources.keys()
    assert tables.reports.keys() & CHANGING == served
    for row in (*tables.indicators.values(), *tables.alternatives.values()):
        assert {term.figure for term in (*row.value, *row.weight)} <= tables.figures.keys()


@pytest.mark.parametrize(
    ("version", "more"),
    [
        ("3.5", {}),
        (
            "3.6",
            {
                "QUEUE_TIME": (
                    {"queued_visitors.queued_avg": 1},
                    {"queued_visitors.queued_count": 1},
                ),
                "CONVERSATIONS_ABANDONED": ({"queued_visitors.left_queue_count": 1}, {}),
            },
        ),
    ],
)
def test_later_versions_count_forms_and_then_the_queue(
    version: str, more: Mapping[str, tuple[Parts, Parts]]
) -> None:
    rows = measurables(settings_of(version=version)).indicators
    expected = {**EXPECTED, "SURVEY_RESPONSES": ({"forms.count": 1}, {}), **more}
    assert {key: parts(row) for key, row in rows.items()} == expected


def test_what_is_replaced_says_so() -> None:
    assert {one.source for one in FIGURES.values() if one.deprecated} == {"surveys"}


def test_extremes_and_visitors_are_never_added() -> None:
    apart = {name for name, one in FIGURES.items() if one.merge is Merge.DISTINCT}
    assert apart == {
        "ranking.score",
        "unique_visitors.unique_visitors",
        *(f"queued_visitors.{one}" for one in ("queued_min", "queued_max")),
        *(f"queued_visitors.{one}" for one in ("left_queue_min", "left_queue_max")),
    }
    assert all(not FIGURES[name].additive_over for name in apart)
