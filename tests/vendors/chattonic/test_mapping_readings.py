from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.vendors.chattonic.upstream import FIRST, SAMPLE, SECOND, instant

from vendors.buckets import bucket_edges, zone
from vendors.chattonic import mapping, wire
from vendors.chattonic.settings import DateFormats
from vendors.errors import PlatformBadResponseError
from vendors.measures import Dimension, Grain, MeasureCall, Reading

FORMATS = DateFormats().by_grain
ZONE = zone("UTC")
STATS = msgspec.json.decode(SAMPLE, type=wire.OperatorStats)
FIRST_OF_NOVEMBER, FIRST_OF_DECEMBER = instant("2021-11-01"), instant("2021-12-01")
ROW = b"""[{"date": "0", "totalUsers": 35756, "newUsers": 1211, "activeUsers": 1564,
"totalMessagesReceived": 436368, "messagesReceived": 17099, "totalMessagesSent": 576358,
"messagesSent": 22424, "pending": 0, "progress": 0, "resolved": 0, "failed": 0,
"userEfficiency": 0, "attention": 0, "resolution": 0, "attentionAndResolution": 0, "nps": 0,
"csat": 0}]"""


def asked(
    *figures: str,
    start: datetime = FIRST_OF_NOVEMBER,
    end: datetime = FIRST_OF_DECEMBER,
    grain: Grain = Grain.TOTAL,
    by_agent: bool = False,
) -> MeasureCall:
    return MeasureCall(
        source=figures[0].partition(".")[0],
        figures=figures,
        start=start,
        end=end,
        zone="Europe/Paris",
        grain=grain,
        group_by=(Dimension.AGENT,) if by_agent else (),
    )


def rows(**values: dict[str, float]) -> tuple[wire.DashboardRow, ...]:
    told = [{"date": name.lstrip("_").replace("_", "-")} | one for name, one in values.items()]
    return msgspec.convert(told, tuple[wire.DashboardRow, ...])


def by_start(readings: tuple[Reading, ...]) -> dict[datetime, float | None]:
    return {one.start: one.value for one in readings}


@given(
    st.sampled_from(sorted(FORMATS)),
    st.integers(946_684_800, 4_102_444_800).map(lambda second: datetime.fromtimestamp(second, UTC)),
    st.integers(1, 400),
    st.sampled_from(["UTC", "America/Bogota", "Asia/Kolkata"]),
)
def test_every_label_leads_back_to_its_bucket(
    grain: Grain, start: datetime, hours: int, name: str
) -> None:
    end = start + timedelta(hours=hours)
    where = zone(name)
    edges = bucket_edges(grain, start, end, where)[:-1]
    answer = [
        wire.DashboardRow(date=f"{edge.astimezone(where):{FORMATS[grain]}}", newUsers=float(number))
        for number, edge in enumerate(edges)
    ]
    measure = asked("dashboard.newUsers", start=start, end=end, grain=grain)
    found = by_start(mapping.row_readings(answer[::-1], measure, FORMATS[grain], where))
    assert found == {edge: float(number) for number, edge in enumerate(edges)}


def test_a_bucket_without_a_row_counts_nothing_and_has_no_level_and_no_mean() -> None:
    measure = asked(
        *("dashboard.newUsers", "dashboard.activeUsers", "dashboard.totalUsers", "dashboard.csat"),
        start=instant("2021-11-01"),
        end=instant("2021-11-03"),
        grain=Grain.DAY,
    )
    told = rows(_2021_11_02={"newUsers": 7, "activeUsers": 9, "totalUsers": 100, "csat": 0})
    first, second = instant("2021-11-01"), instant("2021-11-02")
    assert mapping.row_readings(told, measure, "%Y-%m-%d", ZONE) == (
        Reading("dashboard.newUsers", first, 0.0),
        Reading("dashboard.newUsers", second, 7.0),
        Reading("dashboard.activeUsers", first, 0.0),
        Reading("dashboard.activeUsers", second, 9.0),
        Reading("dashboard.totalUsers", first, None),
        Reading("dashboard.totalUsers", second, 100.0),
        Reading("dashboard.csat", first, None),
        # 0 is the vendor's word: nothing tells whether anybody answered.
        Reading("dashboard.csat", second, 0.0),
    )


def test_a_row_that_lacks_a_figure_did_not_measure_it() -> None:
    measure = asked("dashboard.newUsers", end=instant("2021-11-02"), grain=Grain.DAY)
    told = rows(_2021_11_01={"messagesSent": 1})
    (found,) = mapping.row_readings(told, measure, "%Y-%m-%d", ZONE)
    assert found.value is None


def test_a_bucket_that_is_cut_short_is_named_by_its_own_beginning() -> None:
    measure = asked(
        "dashboard.newUsers",
        start=instant("2021-11-01T15:30"),
        end=instant("2021-11-02T08:00"),
        grain=Grain.DAY,
    )
    told = rows(_2021_11_01={"newUsers": 1}, _2021_11_02={"newUsers": 2})
    assert by_start(mapping.row_readings(told, measure, "%Y-%m-%d", ZONE)) == {
        instant("2021-11-01"): 1.0,
        instant("2021-11-02"): 2.0,
    }


def test_a_row_of_the_very_end_is_left_out() -> None:
    days = asked("dashboard.newUsers", end=instant("2021-11-02"), grain=Grain.DAY)
    told = rows(_2021_11_01={"newUsers": 1}, _2021_11_02={"newUsers": 50})
    assert by_start(mapping.row_readings(told, days, "%Y-%m-%d", ZONE)) == {
        instant("2021-11-01"): 1.0
    }
    years = asked("dashboard.newUsers", "dashboard.activeUsers", end=instant("2022-01-01"))
    told = rows(_2021={"newUsers": 1, "activeUsers": 3}, _2022={"newUsers": 50, "activeUsers": 60})
    found = mapping.total_readings(told, years, Grain.YEAR, "%Y", ZONE)
    assert [one.value for one in found] == [1.0, 3.0]


@pytest.mark.parametrize(
    "labels",
    [
        ["0"],
        ["2021-11-01 00"],
        ["2021-10-31"],
        ["2021-11-05"],
        ["2021-11-1"],
        ["01/11/2021"],
        [""],
        ["2021-11-01", "2021-11-01"],
    ],
)
def test_a_label_that_names_no_bucket_of_the_window_is_no_answer(labels: list[str]) -> None:
    measure = asked("dashboard.newUsers", end=instant("2021-11-03"), grain=Grain.DAY)
    told = [wire.DashboardRow(date=one, newUsers=1.0) for one in labels]
    with pytest.raises(PlatformBadResponseError):
        mapping.row_readings(told, measure, "%Y-%m-%d", ZONE)


def test_buckets_of_another_zone_begin_at_its_midnights() -> None:
    measure = asked(
        "dashboard.newUsers",
        start=instant("2021-10-30T22:00"),
        end=instant("2021-10-31T23:00"),
        grain=Grain.DAY,
    )
    found = mapping.row_readings((), measure, "%Y-%m-%d", zone("Europe/Paris"))
    # The day on which summer time ends has 25 hours.
    assert by_start(found) == {instant("2021-10-30T22:00"): 0.0}


def test_two_hours_of_one_label_are_not_told_apart() -> None:
    start = instant("2021-10-31T00:00")
    measure = asked(
        "dashboard.newUsers", start=start, end=instant("2021-10-31T02:00"), grain=Grain.HOUR
    )
    where = zone("Europe/Paris")
    told = [wire.DashboardRow(date="2021-10-31 02", newUsers=9.0)]
    found = mapping.row_readings(told, measure, "%Y-%m-%d %H", where)
    assert by_start(found) == {start: None, start + timedelta(hours=1): None}
    nothing = mapping.row_readings((), measure, "%Y-%m-%d %H", where)
    assert by_start(nothing) == {start: 0.0, start + timedelta(hours=1): 0.0}


def test_a_total_adds_what_adds_up_and_leaves_out_what_does_not() -> None:
    measure = asked(
        *("dashboard.newUsers", "dashboard.activeUsers", "dashboard.totalUsers", "dashboard.nps"),
        start=instant("2020-12-01"),
        end=instant("2021-02-01"),
    )
    told = rows(
        _2020={"newUsers": 3, "activeUsers": 5, "totalUsers": 90, "nps": 10},
        _2021={"newUsers": 4, "activeUsers": 6, "totalUsers": 94, "nps": 20},
    )
    assert mapping.total_readings(told, measure, Grain.YEAR, "%Y", ZONE) == (
        Reading("dashboard.newUsers", instant("2020-12-01"), 7.0),
    )


def test_a_total_of_one_row_has_every_figure() -> None:
    measure = asked(
        *("dashboard.newUsers", "dashboard.activeUsers", "dashboard.totalUsers", "dashboard.nps"),
    )
    told = rows(_2021={"newUsers": 3, "activeUsers": 5, "totalUsers": 90, "nps": 10})
    found = mapping.total_readings(told, measure, Grain.YEAR, "%Y", ZONE)
    assert [one.value for one in found] == [3.0, 5.0, 90.0, 10.0]
    assert {one.start for one in found} == {measure.start}


def test_a_total_of_no_row_counted_nothing() -> None:
    measure = asked("dashboard.newUsers", "dashboard.activeUsers", "dashboard.nps")
    found = mapping.total_readings((), measure, Grain.YEAR, "%Y", ZONE)
    assert {one.figure: one.value for one in found} == {
        "dashboard.newUsers": 0.0,
        "dashboard.activeUsers": 0.0,
    }


def test_the_vendors_own_sample_is_a_total() -> None:
    told = msgspec.json.decode(ROW, type=tuple[wire.DashboardRow, ...])
    measure = asked("dashboard.newUsers", "dashboard.totalUsers", "dashboard.csat")
    found = mapping.total_readings(told, measure, Grain.YEAR, "%Y", ZONE)
    assert [one.value for one in found] == [1211.0, 35756.0, 0.0]


@pytest.mark.parametrize("labels", [["2019"], ["0", "1"], ["2021", "0"], ["2021", "2021"]])
def test_a_total_of_other_labels_is_no_answer(labels: list[str]) -> None:
    told = [wire.DashboardRow(date=one, newUsers=1.0) for one in labels]
    with pytest.raises(PlatformBadResponseError):
        mapping.total_readings(told, asked("dashboard.newUsers"), Grain.YEAR, "%Y", ZONE)


def test_a_total_is_not_known_where_a_row_does_not_tell_its_part() -> None:
    told = rows(_2021={"newUsers": 3}, _2020={})
    measure = asked("dashboard.newUsers", start=instant("2020-12-01"))
    assert mapping.total_readings(told, measure, Grain.YEAR, "%Y", ZONE) == ()


def test_operators_are_told_apart_by_their_ids_and_named() -> None:
    measure = asked("operator.onlineTime", "operator.queriesResolved", by_agent=True)
    start = measure.start
    assert mapping.operator_readings(STATS, measure, 1.0) == (
        Reading("operator.onlineTime", start, 0.0, (FIRST,), ("Chamo Sac2",)),
        Reading("operator.onlineTime", start, 480.0, (SECOND,), ("Chamo Operator",)),
        Reading("operator.queriesResolved", start, 0.0, (FIRST,), ("Chamo Sac2",)),
        Reading("operator.queriesResolved", start, 4.0, (SECOND,), ("Chamo Operator",)),
    )


def test_a_mean_over_nothing_is_not_measured() -> None:
    measure = asked("operator.nps", "operator.avgDurationResolved", by_agent=True)
    found = mapping.operator_readings(STATS, measure, 1.0)
    assert [one.value for one in found] == [None, -50.0, None, 12.5]


@pytest.mark.parametrize("seconds", [1.0, 60.0, 0.001])
def test_times_and_nothing_else_are_turned_into_seconds(seconds: float) -> None:
    times = ("onlineTime", "awayTime", "freeTime", "avgDurationResolved", "sumDuration")
    others = ("queriesResolved", "queriesAssigned", "nps", "numberOfResponsesNps")
    measure = asked(*(f"operator.{name}" for name in (*times, *others)))
    found = mapping.operator_readings(STATS, measure, seconds)
    raw = [480.0, 20.0, 100.0, 12.5, 50.0]
    assert [one.value for one in found] == [*(one * seconds for one in raw), 4.0, 5.0, -50.0, 2.0]


def test_operators_together_are_added_and_their_means_weighed() -> None:
    third = msgspec.structs.replace(
        STATS.operators[1], id="3", queriesResolved=12.0, avgDurationResolved=20.5, nps=100.0
    )
    stats = msgspec.structs.replace(STATS, operators=(*STATS.operators, third))
    measure = asked(
        *("operator.queriesResolved", "operator.avgDurationResolved", "operator.nps"),
        *("operator.queryInProgress", "operator.queryPending"),
    )
    found = mapping.operator_readings(stats, measure, 1.0)
    assert [one.value for one in found] == [16.0, 18.5, 25.0, 2.0, 3.0]
    assert {one.group for one in found} == {()}


def test_what_nobody_was_asked_has_no_mean() -> None:
    stats = msgspec.structs.replace(STATS, operators=STATS.operators[:1])
    measure = asked("operator.nps", "operator.avgDurationResolved", "operator.queriesResolved")
    found = mapping.operator_readings(stats, measure, 1.0)
    assert [one.value for one in found] == [None, None, 0.0]
    nobody = msgspec.structs.replace(STATS, operators=())
    found = mapping.operator_readings(nobody, measure, 1.0)
    assert [one.value for one in found] == [None, None, 0.0]


def test_a_sum_is_not_known_where_an_operator_does_not_tell_its_part() -> None:
    stats = msgspec.structs.replace(STATS, operators=(*STATS.operators, wire.Operator(id="3")))
    measure = asked("operator.onlineTime", "operator.nps", "operator.queryPending")
    found = mapping.operator_readings(stats, measure, 1.0)
    assert [one.value for one in found] == [None, None, 3.0]


def test_what_waits_for_the_whole_app_belongs_to_no_operator() -> None:
    measure = asked("operator.queryPending", "operator.queryInProgress", by_agent=True)
    found = mapping.operator_readings(STATS, measure, 1.0)
    assert [(one.figure, one.value) for one in found] == [
        ("operator.queryInProgress", 0.0),
        ("operator.queryInProgress", 1.0),
    ]


@pytest.mark.parametrize(
    "told", [b"{}", b"[]", b"null", b'{"status":true}', b'{"operators":[{"onlineTime":1}]}']
)
def test_what_are_no_operators_is_refused(told: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(told, type=wire.OperatorStats)
