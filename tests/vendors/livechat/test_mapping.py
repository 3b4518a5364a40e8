from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vendors.buckets import bucket_edges, zone
from vendors.errors import PlatformBadResponseError
from vendors.livechat import mapping, wire
from vendors.livechat.settings import LabelFormats
from vendors.measures import Dimension, Grain, MeasureCall, Reading
from vendors.records import Agent

LABELS = LabelFormats()
MIDNIGHT = datetime(2021, 4, 8, tzinfo=UTC)

TOTAL_CHATS = {
    "name": "total-chats-report",
    "total": 369,
    "records": {
        "2021-04-08": {"total": 37, "continuous": 15},
        "2021-04-09": {"total": 48, "continuous": 1},
        "2021-04-10": {"total": 59, "continuous": 51},
        "2021-04-11": {"total": 21, "continuous": 7},
        "2021-04-12": {},
        "2021-04-13": {"total": 33, "continuous": 30},
        "2021-04-14": {},
        "2021-04-15": {"total": 171, "continuous": 52},
    },
}
DURATION = {
    "total": 369,
    "records": {
        "2021-04-08": {"agents_chatting_duration": 10800, "count": 37, "duration": 12100},
        "2021-04-09": {"agents_chatting_duration": 7200, "count": 48, "duration": 8400},
        "2021-04-10": {"agents_chatting_duration": 3600, "count": 59, "duration": 4000},
        "2021-04-11": {"agents_chatting_duration": 10800, "count": 21, "duration": 12200},
        "2021-04-12": {},
        "2021-04-13": {"agents_chatting_duration": 7200, "count": 33, "duration": 8000},
        "2021-04-14": {},
        "2021-04-15": {"agents_chatting_duration": 3600, "count": 171, "duration": 5500},
    },
}
PERFORMANCE = {
    "records": {
        "smith@example.com": {
            "accepting_chats_time": 35296,
            "chats_count": 4,
            "chats_rated_bad": 0,
            "chats_rated_good": 2,
            "chatting_time": 55,
            "first_response_chats_count": 3,
            "first_response_time": 9.666666666666666,
            "logged_in_time": 45304,
            "not_accepting_chats_time": 10008,
        },
        "agent@example.com": {
            "accepting_chats_time": 24567,
            "chats_count": 13,
            "chats_rated_bad": 3,
            "chats_rated_good": 5,
            "chatting_time": 275,
            "first_response_chats_count": 8,
            "first_response_time": 8.133333,
            "logged_in_time": 32110,
            "not_accepting_chats_time": 7543,
        },
    },
    "summary": {
        "chats_count": 17,
        "chats_rated_bad": 3,
        "chats_rated_good": 7,
        "first_response_chats_count": 11,
        "first_response_time": 8.55151490909091,
    },
}
RANKING = {
    "records": {
        "smith@example.com": {"total": 2, "good": 0, "bad": 2, "score": 0.11473482425785904},
        "agent@example.com": {"total": 19, "good": 13, "bad": 6, "score": 0.42326713031463276},
    }
}
AVAILABILITY = {
    "total": 19.59,
    "records": {
        "2021-04-08": {"hours": 0},
        "2021-04-09": {"hours": 0},
        "2021-04-10": {"hours": 0.15},
        "2021-04-11": {"hours": 7.85},
        "2021-04-12": {"hours": 7.99},
        "2021-04-13": {"hours": 2.28},
        "2021-04-14": {"hours": 1.32},
        "2021-04-15": {"hours": 0},
    },
}
SHAPES: dict[str, Any] = {
    "total_chats": wire.Report[wire.TotalChats],
    "duration": wire.Report[wire.Duration],
    "response_time": wire.Report[wire.ResponseTime],
    "ratings": wire.Report[wire.Ratings],
}


def day(number: int, month: int = 4) -> datetime:
    return datetime(2021, month, number, tzinfo=UTC)


def measuring(*figures: str, **changes: object) -> MeasureCall:
    measure = MeasureCall(
        source=figures[0].partition(".")[0],
        figures=figures,
        start=MIDNIGHT,
        end=MIDNIGHT + timedelta(days=8),
        zone="UTC",
        grain=Grain.DAY,
    )
    return msgspec.structs.replace(measure, **changes)


def chats(answer: dict[str, Any], *figures: str, **changes: object) -> tuple[Reading, ...]:
    measure = measuring(*figures, **changes)
    report = msgspec.json.decode(msgspec.json.encode(answer), type=SHAPES[measure.source])
    return mapping.chats_readings(measure, report, LABELS)


def by_hour(*labels: str, **changes: object) -> tuple[Reading, ...]:
    records = {label: {"total": number} for number, label in enumerate(labels, 1)}
    return chats({"records": records}, "total_chats.total", grain=Grain.HOUR, **changes)


def availability(answer: dict[str, Any], **changes: object) -> tuple[Reading, ...]:
    report = msgspec.convert(answer, wire.Report[wire.Availability])
    measure = measuring("availability.total", **changes)
    return mapping.availability_readings(measure, report, LABELS)


def ranking(answer: dict[str, Any], **changes: object) -> tuple[Reading, ...]:
    report = msgspec.convert(answer, wire.Report[wire.Ranking])
    figures = ("ranking.total", "ranking.good", "ranking.bad", "ranking.score")
    return mapping.ranking_readings(measuring(*figures, grain=Grain.TOTAL, **changes), report)


def performance(answer: dict[str, Any], *figures: str, **changes: object) -> tuple[Reading, ...]:
    report = msgspec.convert(answer, wire.PerformanceReport)
    named = tuple(f"performance.{figure}" for figure in figures)
    measure = measuring(*named, grain=Grain.TOTAL, **changes)
    return mapping.performance_readings(measure, report)


# ------------------------------------------------------------------------------- chats reports


def test_an_empty_bucket_is_zero_chats() -> None:
    readings = chats(TOTAL_CHATS, "total_chats.total")
    assert [(one.start.day, one.value) for one in readings] == [
        (8, 37),
        (9, 48),
        (10, 59),
        (11, 21),
        (12, 0),
        (13, 33),
        (14, 0),
        (15, 171),
    ]


def test_an_empty_bucket_has_no_average() -> None:
    readings = chats(DURATION, "duration.duration", "duration.count")
    assert [(one.figure, one.value) for one in readings if one.start == day(12)] == [
        ("duration.duration", None),
        ("duration.count", 0),
    ]


def test_a_zero_that_is_left_out_is_told_as_zero() -> None:
    records = {"2021-04-11": {"bad": 1, "chats": 3}, "2021-04-13": {"chats": 2}}
    readings = chats({"records": records}, "ratings.good", "ratings.bad", "ratings.chats")
    assert [one.value for one in readings] == [0, 1, 3, 0, 0, 2]


def test_an_average_without_chats_is_no_average() -> None:
    records = {"2021-04-08": {"count": 0, "response_time": 0.0}, "2021-04-09": {"count": 2}}
    readings = chats({"records": records}, "response_time.response_time", "response_time.count")
    assert [one.value for one in readings] == [None, 0, None, 2]


def test_a_bucket_that_is_not_named_is_not_told() -> None:
    records = {"2021-04-09": {"total": 4}}
    assert chats({"records": records, "total": 4}, "total_chats.total") == (
        Reading("total_chats.total", day(9), 4),
    )


def test_a_total_is_the_sum_of_the_buckets() -> None:
    figures = ("total_chats.total", "total_chats.continuous")
    assert chats(TOTAL_CHATS, *figures, grain=Grain.TOTAL) == (
        Reading("total_chats.total", MIDNIGHT, 369),
        Reading("total_chats.continuous", MIDNIGHT, 156),
    )


def test_a_total_average_is_weighted_by_the_chats() -> None:
    (reading,) = chats(DURATION, "duration.duration", grain=Grain.TOTAL)
    assert reading.value == pytest.approx(6904.065, abs=0.001)


def test_a_total_average_of_one_bucket_is_given_as_it_came() -> None:
    records = {"2021": {"count": 3, "response_time": 14.22}}
    (reading,) = chats({"records": records}, "response_time.response_time", grain=Grain.TOTAL)
    assert reading.value == 14.22


def test_a_total_does_not_depend_on_how_buckets_are_named() -> None:
    records = {"spring": {"total": 1}, "T-2": {"total": 2}}
    (reading,) = chats({"records": records}, "total_chats.total", grain=Grain.TOTAL)
    assert reading.value == 3


@pytest.mark.parametrize(
    ("total", "expected"), [(0, [0.0, None]), (None, [None, None]), (7, [None, None])]
)
def test_a_total_without_buckets_is_zero_only_where_the_total_says_so(
    total: int | None, expected: list[float | None]
) -> None:
    answer: dict[str, Any] = {"records": {}, "total": total}
    readings = chats(answer, "duration.count", "duration.duration", grain=Grain.TOTAL)
    assert [one.value for one in readings] == expected


def test_the_unreplied_chats_are_read_like_all_chats() -> None:
    report = msgspec.convert(TOTAL_CHATS, wire.Report[wire.TotalChats])
    measure = measuring("total_chats_unreplied.total", grain=Grain.TOTAL)
    (reading,) = mapping.chats_readings(measure, report, LABELS)
    assert reading == Reading("total_chats_unreplied.total", MIDNIGHT, 369)


# -------------------------------------------------------------------------------- bucket names


def test_days_begin_at_midnight_of_the_zone_that_was_asked() -> None:
    start = datetime(2021, 4, 7, 22, tzinfo=UTC)
    readings = chats(
        TOTAL_CHATS,
        "total_chats.total",
        zone="Europe/Paris",
        start=start,
        end=start + timedelta(days=8),
    )
    assert [one.start for one in readings] == [start + timedelta(days=n) for n in range(8)]


def test_days_of_23_and_25_hours_begin_at_their_own_midnights() -> None:
    records = {f"2021-03-{number}": {"total": 1} for number in (27, 28, 29)}
    readings = chats(
        {"records": records},
        "total_chats.total",
        zone="Europe/Paris",
        start=datetime(2021, 3, 26, 23, tzinfo=UTC),
        end=datetime(2021, 3, 29, 22, tzinfo=UTC),
    )
    assert [one.start.hour for one in readings] == [23, 23, 22]


@pytest.mark.parametrize(
    ("grain", "label", "start"),
    [
        (Grain.MONTH, "2021-04", datetime(2021, 3, 31, 22, tzinfo=UTC)),
        (Grain.YEAR, "2021", datetime(2020, 12, 31, 23, tzinfo=UTC)),
    ],
)
def test_months_and_years_begin_at_local_midnight(
    grain: Grain, label: str, start: datetime
) -> None:
    (reading,) = chats(
        {"records": {label: {"total": 5}}},
        "total_chats.total",
        grain=grain,
        zone="Europe/Paris",
        start=start,
        end=datetime(2021, 4, 30, 22, tzinfo=UTC),
    )
    assert reading.start == start


def test_a_bucket_that_the_window_cuts_keeps_its_own_beginning() -> None:
    start = MIDNIGHT + timedelta(hours=10)
    records = {"2021-04-08": {"total": 5}}
    (reading,) = chats({"records": records}, "total_chats.total", start=start)
    assert reading.start == MIDNIGHT


@pytest.mark.parametrize(
    "label",
    [
        "2021-04-08 09",
        "2021-04-08 09:00",
        "2021-04-08T09:00:00+02:00",
        "2021-04-08T07:00:00Z",
        "2021-04-08T07:00:00.000000+00:00",
    ],
)
def test_an_hour_is_read_in_each_known_form(label: str) -> None:
    (reading,) = by_hour(label, zone="Europe/Paris")
    assert reading.start == datetime(2021, 4, 8, 7, tzinfo=UTC)


@pytest.mark.parametrize("label", ["09:00", "09"])
def test_an_hour_without_a_date_belongs_to_the_only_day(label: str) -> None:
    start = datetime(2021, 4, 7, 22, tzinfo=UTC)
    window = {"zone": "Europe/Paris", "start": start}
    (reading,) = by_hour(label, end=start + timedelta(days=1), **window)
    assert reading.start == datetime(2021, 4, 8, 7, tzinfo=UTC)
    with pytest.raises(PlatformBadResponseError, match="several days"):
        by_hour(label, end=start + timedelta(days=1, seconds=1), **window)


@pytest.mark.parametrize(
    ("grain", "label"),
    [
        (Grain.DAY, "2021-04"),
        (Grain.DAY, "08.04.2021"),
        (Grain.HOUR, "2021-04-08"),
        (Grain.HOUR, "nine"),
        (Grain.MONTH, "April"),
        (Grain.YEAR, "21"),
    ],
)
def test_a_name_of_no_known_form_is_a_bad_response(grain: Grain, label: str) -> None:
    with pytest.raises(PlatformBadResponseError, match="no known form"):
        chats({"records": {label: {}}}, "total_chats.total", grain=grain)


def test_a_bucket_outside_the_window_is_a_bad_response_unless_it_is_empty() -> None:
    empty: dict[str, Any] = {"records": {"2021-04-07": {}, "2021-04-16": {}}}
    assert chats(empty, "total_chats.total") == ()
    with pytest.raises(PlatformBadResponseError, match="not asked"):
        chats({"records": {"2021-04-07": {"total": 1}}}, "total_chats.total")


def test_the_hour_that_the_clock_shows_twice_is_not_told() -> None:
    night = {
        "zone": "Europe/Paris",
        "start": datetime(2021, 10, 30, 22, tzinfo=UTC),
        "end": datetime(2021, 10, 31, 23, tzinfo=UTC),
    }
    readings = by_hour("2021-10-31 01", "2021-10-31 02", "2021-10-31 03", **night)
    assert [one.start.hour for one in readings] == [23, 2]
    told = by_hour("2021-10-31T02:00:00+02:00", "2021-10-31T02:00:00+01:00", **night)
    assert [one.start.hour for one in sorted(told, key=lambda one: one.start)] == [0, 1]


def test_the_hour_that_the_clock_shows_twice_is_told_by_a_window_that_holds_it_once() -> None:
    start = datetime(2021, 10, 31, 1, tzinfo=UTC)
    (reading,) = by_hour(
        "2021-10-31 02", zone="Europe/Paris", start=start, end=start + timedelta(hours=1)
    )
    assert reading.start == start


def test_the_hour_that_the_clock_never_shows_holds_nothing() -> None:
    window = {
        "zone": "Europe/Paris",
        "start": datetime(2021, 3, 27, 23, tzinfo=UTC),
        "end": datetime(2021, 3, 28, 22, tzinfo=UTC),
    }
    records = {"2021-03-28 01": {"total": 1}, "2021-03-28 02": {}, "2021-03-28 03": {"total": 3}}
    readings = chats({"records": records}, "total_chats.total", grain=Grain.HOUR, **window)
    assert [(one.start.hour, one.value) for one in readings] == [(0, 1), (1, 3)]
    with pytest.raises(PlatformBadResponseError, match="not asked"):
        by_hour("2021-03-28 02", **window)


def test_hours_that_do_not_begin_the_asked_zones_hours_are_a_bad_response() -> None:
    with pytest.raises(PlatformBadResponseError, match="within"):
        by_hour("2021-04-08T09:00:00Z", zone="Asia/Kolkata")


@given(
    st.sampled_from(["UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata", "Africa/Cairo"]),
    st.datetimes(datetime(2015, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001 (made local below)
    st.integers(1, 60),
)
def test_every_day_of_any_window_is_read_back_to_its_own_edge(
    name: str, moment: datetime, days: int
) -> None:
    where = zone(name)
    first = moment.replace(tzinfo=where).astimezone(UTC)
    edges = bucket_edges("day", first, first + timedelta(days=days), where)
    labels = [edge.astimezone(where).date().isoformat() for edge in edges[:-1]]
    readings = chats(
        {"records": {label: {"total": 1} for label in labels}},
        "total_chats.total",
        zone=name,
        start=edges[0],
        end=edges[-1],
    )
    assert [one.start for one in readings] == edges[:-1]


# ------------------------------------------------------------------------------------- windows


@pytest.mark.parametrize(
    ("where", "sub_second", "expected"),
    [
        ("UTC", True, ("2021-04-08T00:00:00+00:00", "2021-04-15T23:59:59.999999+00:00")),
        ("UTC", False, ("2021-04-08T00:00:00+00:00", "2021-04-15T23:59:59+00:00")),
        ("Europe/Paris", True, ("2021-04-08T02:00:00+02:00", "2021-04-16T01:59:59.999999+02:00")),
    ],
)
def test_a_window_ends_with_its_last_instant(
    where: str, sub_second: bool, expected: tuple[str, str]
) -> None:
    window = mapping.bounds(day(8), day(16), where, sub_second=sub_second)
    assert window == expected


def test_each_end_of_a_window_has_the_offset_of_its_own_day() -> None:
    start, end = datetime(2021, 3, 27, 23, tzinfo=UTC), datetime(2021, 3, 28, 22, tzinfo=UTC)
    assert mapping.bounds(start, end, "Europe/Paris", sub_second=True) == (
        "2021-03-28T00:00:00+01:00",
        "2021-03-28T23:59:59.999999+02:00",
    )


# -------------------------------------------------------------------------------- availability


def test_hours_of_a_day_become_seconds_and_zero_stays_zero() -> None:
    values = {one.start.day: one.value for one in availability(AVAILABILITY)}
    assert values[8] == 0
    assert values[10] == pytest.approx(540)
    assert values[11] == pytest.approx(28_260)


def test_minutes_of_an_hour_become_seconds() -> None:
    records = {"2021-04-08 09": {"minutes": 30}, "2021-04-08 10": {"minutes": 0}}
    readings = availability({"records": records, "total": 0.5}, grain=Grain.HOUR)
    assert [one.value for one in readings] == [1800, 0]


def test_an_availability_that_is_left_out_is_not_told() -> None:
    (reading,) = availability({"records": {"2021-04-08": {}}})
    assert reading.value is None


def test_availability_adds_over_days_whatever_the_undocumented_total_means() -> None:
    (reading,) = availability(AVAILABILITY | {"total": 1175.4}, grain=Grain.TOTAL)
    assert reading.value == pytest.approx(19.59 * 3600)


# ------------------------------------------------------------------- performance, for all agents


def test_performance_of_all_is_the_vendors_summary() -> None:
    readings = performance(PERFORMANCE, "chats_count", "first_response_time")
    assert readings == (
        Reading("performance.chats_count", MIDNIGHT, 17),
        Reading("performance.first_response_time", MIDNIGHT, 8.55151490909091),
    )


def test_times_of_all_are_added_up_over_the_agents() -> None:
    readings = performance(
        PERFORMANCE,
        "accepting_chats_time",
        "not_accepting_chats_time",
        "chatting_time",
        "logged_in_time",
    )
    assert [one.value for one in readings] == [59_863, 17_551, 330, 77_414]


def test_without_a_summary_its_figures_are_not_told() -> None:
    answer = {"records": PERFORMANCE["records"]}
    readings = performance(answer, "chats_count", "first_response_time", "chatting_time")
    assert [one.value for one in readings] == [None, None, 330]


def test_performance_of_nobody_is_zero_and_has_no_average() -> None:
    answer: dict[str, Any] = {"records": {}, "summary": {}}
    readings = performance(answer, "chats_count", "first_response_time", "logged_in_time")
    assert [one.value for one in readings] == [0, None, 0]


# ---------------------------------------------------------------------- performance, by the agent


def test_performance_by_agent_is_told_in_the_order_of_their_keys() -> None:
    figures = ("chats_count", "first_response_time", "logged_in_time")
    readings = performance(PERFORMANCE, *figures, group_by=(Dimension.AGENT,))
    assert [(one.group, one.value) for one in readings] == [
        (("agent@example.com",), 13),
        (("agent@example.com",), 8.133333),
        (("agent@example.com",), 32_110),
        (("smith@example.com",), 4),
        (("smith@example.com",), 9.666666666666666),
        (("smith@example.com",), 45_304),
    ]


def test_an_agents_fields_that_are_left_out_are_zero_and_its_average_is_not_told() -> None:
    answer = {"records": {"a+b.c@example.com": {"logged_in_time": 5}}}
    figures = ("chats_count", "first_response_time", "chatting_time", "logged_in_time")
    readings = performance(answer, *figures, group_by=(Dimension.AGENT,))
    assert [one.value for one in readings] == [0, None, 0, 5]
    assert {one.group for one in readings} == {("a+b.c@example.com",)}


# ------------------------------------------------------------------------------------- ranking


def test_ranking_by_agent_gives_the_vendors_own_score() -> None:
    readings = ranking(RANKING, group_by=(Dimension.AGENT,))
    assert [(one.group[0], one.value) for one in readings] == [
        ("agent@example.com", 19),
        ("agent@example.com", 13),
        ("agent@example.com", 6),
        ("agent@example.com", 0.42326713031463276),
        ("smith@example.com", 2),
        ("smith@example.com", 0),
        ("smith@example.com", 2),
        ("smith@example.com", 0.11473482425785904),
    ]


def test_ranking_of_all_adds_ratings_and_recomputes_the_score() -> None:
    readings = ranking(RANKING)
    assert [one.value for one in readings] == [21, 13, 8, mapping.ranking_score(13, 8)]


def test_an_agent_without_ratings_has_no_score() -> None:
    answer = {"records": {"new@example.com": {"score": 0}}}
    readings = ranking(answer, group_by=(Dimension.AGENT,))
    assert [one.value for one in readings] == [0, 0, 0, None]
    assert [one.value for one in ranking({"records": {}})] == [0, 0, 0, None]


@pytest.mark.parametrize(
    ("good", "bad", "published"),
    [
        (0, 2, 0.11473482425785904),
        (13, 6, 0.42326713031463276),
        (10, 2, 0.5194200469),
        (2, 0, 0.3312764381),
        (1070, 215, 0.8029689181922964),
        (2164, 443, 0.8094273999034496),
        (2502, 426, 0.8361489669658251),
    ],
)
def test_the_score_is_the_published_one(good: int, bad: int, published: float) -> None:
    assert mapping.ranking_score(good, bad) == pytest.approx(published, abs=1e-10)


def test_nobody_rated_is_no_score() -> None:
    assert mapping.ranking_score(0, 0) is None


@given(st.integers(0, 5000), st.integers(0, 5000))
def test_a_score_is_a_fraction_and_better_than_its_mirror_image(good: int, bad: int) -> None:
    score, mirrored = mapping.ranking_score(good, bad), mapping.ranking_score(bad, good)
    if score is not None and mirrored is not None:
        assert 0 <= score <= 1
        assert (score > mirrored) == (good > bad)


# --------------------------------------------------------------------------------------- agents


def test_agents_are_the_keys_of_the_report_and_bots_have_no_address() -> None:
    report = msgspec.convert(
        {"records": {"zoe@example.com": {}, "5c9871d5372c824cbf22d860": {}}},
        wire.PerformanceReport,
    )
    assert mapping.agents(report, "lc") == (
        Agent(platform="lc", native_id="5c9871d5372c824cbf22d860"),
        Agent(platform="lc", native_id="zoe@example.com", email="zoe@example.com"),
    )
