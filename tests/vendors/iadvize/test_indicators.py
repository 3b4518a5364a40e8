from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import pytest
from msgspec.structs import replace
from tests.vendors.iadvize.upstream import settings_of

from vendors.buckets import Span
from vendors.iadvize.indicators import FIGURES, ROWS, SOURCES
from vendors.iadvize.reports import OPERATOR_FIGURES, OPERATOR_SOURCES, TABLES, measurables
from vendors.measures import Dimension, Figure, Grain, Grouping, Merge, Term, Unit, Zoning
from vendors.records import Channel

ALL = frozenset(
    {"chat", "call", "video", "facebook", "twitter", "facebookBusinessOnMessenger"}
    | {"sms", "whatsapp"}
)
CCV = frozenset({"chat", "call", "video"})
CV = frozenset({"chat", "video"})
C = frozenset({"chat"})

# Each indicator of the documents, in their order and by the channels on which they have it.
DOCUMENTED: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        (
            "contact_answered_after_first_message_duration",
            "contact_answered_duration",
            "contact_closed_after_last_message_duration",
            "contact_duration",
            "contact_number",
            "contact_sent_message_number",
            "contact_received_message_number",
            "contact_unanswered_number",
        ),
        ALL,
    ),
    **dict.fromkeys(
        (
            "contact_missed_number",
            "contact_missed_with_busy_operators_number",
            "contact_missed_with_no_operators_number",
            "contact_simultaneous_number",
        ),
        C,
    ),
    **dict.fromkeys(
        (
            "contact_waiting_abort_number",
            "contact_waiting_answered_number",
            "contact_waiting_before_quit_duration",
            "contact_waiting_duration",
            "contact_waiting_number",
        ),
        CV,
    ),
    **dict.fromkeys(
        (
            "contact_per_hour_average_number",
            "contact_per_hour_number",
            "rule_contact_rate",
            "rule_display_number",
            "targeting_rule_triggered",
            "max_and_partial_occupation_duration",
            "max_occupation_duration",
            "max_occupation_rate",
            "non_production_duration",
            "non_production_rate",
            "presentation_duration",
            "production_smoothed_duration",
        ),
        CCV,
    ),
    **dict.fromkeys(
        (
            "presence_duration",
            "presence_smoothed_duration",
            "occupation_rate",
            "non_occupation_duration",
            "non_occupation_rate",
            "max_and_partial_occupation_rate",
            "production_duration",
        ),
        ALL,
    ),
    **dict.fromkeys(
        (
            "satisfaction_delay_rate",
            "satisfaction_global_rate",
            "satisfaction_resolution_rate",
            "satisfaction_respondent_number",
            "satisfaction_respondent_rate",
            "satisfaction_welcome_rate",
            "occupation_duration",
        ),
        CCV,
    ),
    **dict.fromkeys(
        (
            "conversion_rate",
            "cart_after_contact_amount",
            "cart_global_amount",
            "transaction_after_contact_amount",
            "transaction_after_contact_number",
            "transaction_total_amount",
            "transaction_total_number",
            "transaction_after_contact_duration",
            "transaction_after_conversation_amount_per_hour",
            "transaction_missed_with_busy_operators_amount",
            "transaction_missed_with_busy_operators_number",
            "transaction_missed_with_no_operators_amount",
            "transaction_missed_with_no_operators_number",
            "transaction_amount_per_conversation",
        ),
        ALL,
    ),
}
RATIOS = {
    "contact_per_hour_average_number": ("contact_number", "production_smoothed_duration"),
    "contact_per_hour_number": ("contact_number", "production_duration"),
    "max_occupation_rate": ("max_occupation_duration", "production_duration"),
    "non_production_rate": ("non_production_duration", "presence_duration"),
    "occupation_rate": ("occupation_duration", "production_duration"),
    "non_occupation_rate": ("non_occupation_duration", "production_duration"),
    "max_and_partial_occupation_rate": (
        "max_and_partial_occupation_duration",
        "production_duration",
    ),
    "satisfaction_respondent_rate": ("satisfaction_respondent_number", "contact_number"),
    "cart_after_contact_amount": (
        "transaction_after_contact_amount",
        "transaction_after_contact_number",
    ),
    "cart_global_amount": ("transaction_total_amount", "transaction_total_number"),
    "transaction_after_conversation_amount_per_hour": (
        "transaction_after_contact_amount",
        "production_duration",
    ),
    "transaction_amount_per_conversation": ("transaction_after_contact_amount", "contact_number"),
}
ANSWERED = {"contact_number": 1.0, "contact_unanswered_number": -1.0}
WEIGHTS: dict[str, dict[str, float]] = {
    "contact_answered_after_first_message_duration": ANSWERED,
    "contact_answered_duration": ANSWERED,
    "contact_closed_after_last_message_duration": {"contact_number": 1.0},
    "contact_duration": {"contact_number": 1.0},
    "contact_simultaneous_number": {"presence_duration": 1.0},
    "contact_waiting_before_quit_duration": {"contact_waiting_abort_number": 1.0},
    "contact_waiting_duration": {"contact_waiting_number": 1.0},
    "rule_contact_rate": {"rule_display_number": 1.0},
    "satisfaction_delay_rate": {"satisfaction_respondent_number": 1.0},
    "satisfaction_global_rate": {"satisfaction_respondent_number": 1.0},
    "satisfaction_resolution_rate": {"satisfaction_respondent_number": 1.0},
    "satisfaction_welcome_rate": {"satisfaction_respondent_number": 1.0},
    "conversion_rate": {"contact_number": 1.0},
    "transaction_after_contact_duration": {"transaction_after_contact_number": 1.0},
}


def terms(found: Iterable[Term]) -> dict[str, float]:
    return {term.figure: term.times for term in found}


# ------------------------------------------------------------------------------------- figures


def test_all_57_figures_are_there_on_the_channels_of_the_documents() -> None:
    assert len(DOCUMENTED) == 57
    assert {name: one.channels for name, one in FIGURES.items()} == DOCUMENTED


def test_figures_are_known_by_their_own_names_and_told_apart_by_title() -> None:
    assert all(name == one.name and one.title for name, one in FIGURES.items())
    assert len({one.title for one in FIGURES.values()}) == len(FIGURES)


@pytest.mark.parametrize(
    ("suffix", "units"),
    [
        ("_duration", {Unit.SECONDS}),
        ("_rate", {Unit.RATE}),
        ("_amount", {Unit.MONEY}),
        ("_number", {Unit.COUNT, Unit.PER_HOUR}),
        ("_triggered", {Unit.COUNT}),
        ("_per_hour", {Unit.MONEY}),
        ("_per_conversation", {Unit.MONEY}),
    ],
)
def test_units_are_what_the_names_say(suffix: str, units: set[Unit]) -> None:
    found = {one.unit for name, one in FIGURES.items() if name.endswith(suffix)}
    assert found == units


def test_ratios_are_made_of_the_parts_that_they_are_ratios_of() -> None:
    found = {
        name: (*terms(one.numerator), *terms(one.denominator))
        for name, one in FIGURES.items()
        if one.merge is Merge.RATIO
    }
    assert found == RATIOS


def test_a_ratio_by_the_hour_counts_hours_of_seconds() -> None:
    for name, one in FIGURES.items():
        if one.merge is Merge.RATIO:
            (times,) = terms(one.denominator).values()
            assert times == (1 / 3600 if "per_hour" in name else 1.0)


def test_means_are_weighed_by_what_they_are_means_over() -> None:
    found = {name: terms(one.weight) for name, one in FIGURES.items() if one.merge is Merge.MEAN}
    assert found == WEIGHTS


def test_smoothed_times_are_unions_which_nothing_adds_up() -> None:
    unions = {name: one for name, one in FIGURES.items() if one.merge is Merge.UNION}
    assert set(unions) == {
        "presentation_duration",
        "production_smoothed_duration",
        "presence_smoothed_duration",
    }
    assert {one.additive_over for one in unions.values()} == {frozenset()}


def test_websites_totals_add_up_over_websites_only() -> None:
    whole = frozenset({Dimension.PLATFORM, Dimension.SITE})
    names = {"transaction_total_amount", "transaction_total_number", "cart_global_amount"}
    assert {name for name, one in FIGURES.items() if one.additive_over == whole} == names


def test_presence_adds_up_over_agents_but_not_over_what_they_serve() -> None:
    shared = {Dimension.CHANNEL, Dimension.TEAM, Dimension.SKILL, Dimension.SITE, Dimension.QUEUE}
    times = [
        one for name, one in FIGURES.items() if one.merge is Merge.SUM and one.unit is Unit.SECONDS
    ]
    assert len(times) == 7
    for one in times:
        assert Dimension.AGENT in one.additive_over
        assert not shared & one.additive_over


def test_contacts_add_up_over_all_but_tags() -> None:
    contacts = FIGURES["contact_number"].additive_over
    assert contacts == frozenset(Dimension) - {Dimension.TAG}


def test_what_no_agent_had_a_part_in_does_not_add_up_over_agents() -> None:
    for name in ("rule_display_number", "contact_missed_number", "rule_contact_rate"):
        assert Dimension.AGENT not in FIGURES[name].additive_over
        assert Dimension.SITE in FIGURES[name].additive_over


def test_a_merged_figure_adds_up_no_further_than_its_parts() -> None:
    for one in FIGURES.values():
        for term in (*one.weight, *one.numerator, *one.denominator):
            assert one.additive_over <= FIGURES[term.figure].additive_over


def test_satisfaction_alone_is_deprecated() -> None:
    deprecated = {name for name, one in FIGURES.items() if one.deprecated}
    assert deprecated == {name for name in FIGURES if name.startswith("satisfaction_")}


def has_caveat(figure: Figure, word: str) -> bool:
    return word in (figure.caveat or "")


def test_caveats_say_what_is_not_as_it_seems() -> None:
    estimates = {name for name, one in FIGURES.items() if has_caveat(one, "estimate")}
    assert estimates == {name for name in FIGURES if "_missed_" in name}
    bots = {name for name, one in FIGURES.items() if has_caveat(one, "bots")}
    assert bots == {
        "contact_answered_after_first_message_duration",
        "contact_answered_duration",
        "contact_closed_after_last_message_duration",
    }
    gone = {name for name, one in FIGURES.items() if has_caveat(one, "later documents")}
    waiting = {name for name in FIGURES if name.startswith("contact_waiting_")}
    assert gone == waiting | {"contact_simultaneous_number"}
    money = {name for name, one in FIGURES.items() if one.unit is Unit.MONEY}
    assert {name for name, one in FIGURES.items() if has_caveat(one, "currency")} == money


def test_every_figure_stands_in_one_table() -> None:
    every = {**FIGURES, **OPERATOR_FIGURES}
    assert sorted(name for names in TABLES.values() for name in names) == sorted(every)
    assert {table: len(names) for table, names in TABLES.items()} == {
        "contacts": 22,
        "presence": 15,
        "satisfaction": 6,
        "transactions": 14,
        "operator_statistic": 3,
        "operator_live": 13,
    }


# ------------------------------------------------------------------------- source and settings


@pytest.mark.parametrize("name", ["statistic", "satisfaction"])
def test_the_source_says_what_the_statistics_can(name: str) -> None:
    source = SOURCES[name]
    assert (source.name, source.endpoint) == (name, "GET /statistic")
    assert set(source.grains) == {Grain.HOUR, Grain.DAY, Grain.MONTH}
    assert source.figures_per_bucketed_call == 1
    assert source.zoning is Zoning.PARTITION
    assert source.grouped_grains == frozenset()
    assert source.groupings == {
        Dimension.AGENT: Grouping.ALL,
        Dimension.TEAM: Grouping.ALL,
        Dimension.SKILL: Grouping.ALL,
        Dimension.RULE: Grouping.ALL,
        Dimension.CONTACT_TYPE: Grouping.ALL,
        Dimension.PAGE_TYPE: Grouping.ALL,
        Dimension.CHANNEL: Grouping.EACH,
        Dimension.SITE: Grouping.EACH,
    }
    assert source.several_at_once == {Dimension.SITE}
    assert {one.source for one in FIGURES.values()} == set(SOURCES)


def test_the_settings_adapt_the_tables() -> None:
    tables = measurables(
        settings_of(
            statistic_months=1,
            settling="PT6H",
            fresh_for="PT5M",
            channels=["chat", "facebookBusinessOnMessenger", "pigeon"],
            websites=[{"id": 1, "currency": "EUR"}],
        )
    )
    source = tables.sources["statistic"]
    assert source.total == Span(months=1)
    assert set(source.grains.values()) == {Span(months=1)}
    assert (source.settling, source.fresh_for) == (timedelta(hours=6), timedelta(minutes=5))
    assert source.always_by is Dimension.CHANNEL
    assert replace(tables.sources["satisfaction"], name="statistic") == source
    assert tables.channels == {
        "chat": Channel.CHAT,
        "facebookBusinessOnMessenger": Channel.MESSENGER,
        "pigeon": Channel.OTHER,
    }
    (partition,) = tables.partitions
    assert (partition.sites, partition.currency) == (("1",), "EUR")


def test_by_default_a_call_may_span_three_months_and_settles_when_sales_have() -> None:
    source = measurables(settings_of()).sources["statistic"]
    assert source.total == Span(months=3)
    # Two days until a sale, the rest of its day, and the night in which that day is completed.
    assert source.settling == timedelta(hours=48 + 24 + 5)


def test_a_channel_may_be_left_out_where_the_settings_say_so() -> None:
    tables = measurables(settings_of(channel_mode="optional"))
    assert tables.sources["statistic"].always_by is None
    plain = {name: replace(one, description="") for name, one in tables.figures.items()}
    assert {name: plain[name] for name in FIGURES} == FIGURES
    assert plain.keys() == {**FIGURES, **OPERATOR_FIGURES}.keys()
    # No two of them say the same, nor what the title says.
    said = {one.description for one in tables.figures.values()}
    assert len(said - {one.title for one in plain.values()}) == len(plain)
    assert all(text.endswith(".") for text in said)


@pytest.mark.parametrize(
    ("channels", "one"),
    [(["call", "chat"], {"call"}), (["instagram", "chat"], {"chat"}), (["instagram"], set())],
    ids=["first", "first that tells", "none"],
)
def test_or_else_websites_totals_are_asked_on_one_channel(
    channels: list[str], one: set[str]
) -> None:
    tables = measurables(settings_of(channels=channels))
    totals = {name for name, figure in FIGURES.items() if figure.dimensions is not None}
    assert totals == {"transaction_total_amount", "transaction_total_number", "cart_global_amount"}
    for name, figure in FIGURES.items():
        assert tables.figures[name].channels == (one if name in totals else figure.channels)


def test_satisfaction_makes_no_indicator_unless_it_is_served() -> None:
    assert ROWS.keys() - measurables(settings_of()).indicators.keys() == {"SURVEY_RESPONSES"}
    assert measurables(settings_of(satisfaction_served=True)).indicators == ROWS


def test_satisfaction_is_asked_apart_from_what_is_served() -> None:
    asked_apart = {name for name, one in FIGURES.items() if one.source == "satisfaction"}
    assert asked_apart == {name for name, one in FIGURES.items() if one.deprecated}


# ----------------------------------------------------------------------------------- operators


def test_what_is_told_of_operators_is_of_now_and_of_one_a_call() -> None:
    assert {one.source for one in OPERATOR_FIGURES.values()} == set(OPERATOR_SOURCES)
    for source in OPERATOR_SOURCES.values():
        assert source.snapshot
        assert source.groupings == {Dimension.AGENT: Grouping.EACH}
        assert source.always_by is Dimension.AGENT
        assert not source.grains


def test_figures_of_operators_are_named_by_where_they_stand() -> None:
    now = {
        f"operator_live.{channel}.{word}"
        for channel in ("chat", "call", "video")
        for word in ("available", "busy", "slot_number", "slot_max_number")
    }
    ever = {"conversation_number", "experience", "satisfaction_global_rate"}
    assert set(OPERATOR_FIGURES) == {
        *now,
        *(f"operator_statistic.{name}" for name in ever),
        "operator_live.connected",
    }
    assert len({one.title for one in OPERATOR_FIGURES.values()}) == len(OPERATOR_FIGURES)
    assert {one.merge for one in OPERATOR_FIGURES.values()} == {Merge.SNAPSHOT}


def test_flags_say_how_they_are_counted() -> None:
    flags = {name for name, one in OPERATOR_FIGURES.items() if one.conversion}
    assert {name.rpartition(".")[2] for name in flags} == {"available", "busy", "connected"}
    assert {one.conversion for one in FIGURES.values()} == {None}


def test_an_operators_experience_and_satisfaction_belong_to_nobody_else() -> None:
    alone = {name for name, one in OPERATOR_FIGURES.items() if not one.additive_over}
    assert alone == {
        "operator_statistic.experience",
        "operator_statistic.satisfaction_global_rate",
    }
