from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.vendors.iadvize.conftest import Measuring
from tests.vendors.iadvize.measure_calls import PARTITION, measured, told
from tests.vendors.iadvize.upstream import (
    Upstream,
    asked,
    refusing,
    saying,
    success,
    utc,
)

from vendors.buckets import bucket_edges, zone
from vendors.calls import Call
from vendors.errors import PlatformAuthError, PlatformBadResponseError, PlatformRejectedError
from vendors.iadvize.measuring import Buckets, readings
from vendors.measures import Dimension, Grain

PARIS = zone("Europe/Paris")


def test_null_is_not_zero_and_what_is_left_out_is_not_told() -> None:
    names = ("contact_answered_duration", "contact_number", "contact_waiting_number")
    asked_for = measured(figures=names)
    found = readings({"contact_answered_duration": None, "contact_number": 0}, asked_for, PARTITION)
    assert found == (told(None, "contact_answered_duration"), told(0.0))


@pytest.mark.parametrize("empty", [[], {}])
@pytest.mark.parametrize("changes", [{}, {"group_by": (Dimension.AGENT,)}, {"grain": Grain.DAY}])
def test_an_empty_answer_tells_nothing(empty: Any, changes: dict[str, Any]) -> None:  # noqa: ANN401
    assert readings(empty, measured(**changes), PARTITION) == ()


@pytest.mark.parametrize(
    ("data", "changes"),
    [
        ([{"id": 1, "contact_number": 5}], {}),
        ({"contact_number": 5}, {"group_by": (Dimension.AGENT,)}),
        ({"contact_number": 5}, {"grain": Grain.DAY}),
        ({"contact_number": "n/a"}, {}),
        ({"contact_number": {"a": 1}}, {}),
        ({"2017-03-01": {"a": 1}}, {"grain": Grain.DAY}),
        ({"sometime": 5}, {"grain": Grain.DAY}),
        ([{"contact_number": 5}], {"grain": Grain.DAY}),
        ([{"date": "2017-03-01", "name": "x", "contact_number": 5}], {"grain": Grain.DAY}),
        (
            [
                {"date": "2017-03-01", "contact_number": 5},
                {"date": "2017-03-01", "contact_number": 6},
            ],
            {"grain": Grain.DAY},
        ),
    ],
)
def test_an_answer_of_another_shape_is_a_bad_answer(data: Any, changes: dict[str, Any]) -> None:  # noqa: ANN401
    with pytest.raises(PlatformBadResponseError):
        readings(data, measured(**changes), PARTITION)


def test_rows_of_nobody_are_in_no_group_and_composite_ids_are_spelt_out() -> None:
    rows: Any = [
        {"id": None, "contact_number": 1},
        {"contact_number": 2},
        {"id": {"operator_id": 5, "website_id": 1}, "contact_number": 3},
    ]
    found = readings(rows, measured(group_by=(Dimension.AGENT,)), PARTITION)
    assert found == (told(3.0, group=("operator_id=5, website_id=1",)),)


DAYS = {"2017-03-01": 4, "2017-03-03": "0", "2017-03-02": None}
DAY_READINGS = (
    told(4.0, start=utc("2017-02-28 23:00")),
    told(0.0, start=utc("2017-03-02 23:00")),
    told(None, start=utc("2017-03-01 23:00")),
)


@pytest.mark.parametrize(
    "data",
    [
        DAYS,
        {"contact_number": DAYS},
        [{"date": day, "contact_number": value} for day, value in DAYS.items()],
        [{"day": f"{day} 00:00:00", "contact_number": value} for day, value in DAYS.items()],
        [{"id": day, "contact_number": value, "_link": "/x"} for day, value in DAYS.items()],
        {"contact_number": [{"date": day, "contact_number": value} for day, value in DAYS.items()]},
        {f"{day}T00:00:00+01:00": value for day, value in DAYS.items()},
    ],
    ids=["map", "map below", "list", "list of times", "list of ids", "list below", "ISO"],
)
def test_buckets_are_read_in_every_form_they_may_have(data: Any) -> None:  # noqa: ANN401
    assert readings(data, measured(grain=Grain.DAY), PARTITION) == DAY_READINGS


def test_no_series_at_all_tells_nothing() -> None:
    assert readings({"contact_number": None}, measured(grain=Grain.DAY), PARTITION) == ()


def test_a_bucket_that_is_left_out_is_not_told() -> None:
    found = readings({"2017-03-02": 4}, measured(grain=Grain.DAY), PARTITION)
    assert found == (told(4.0, start=utc("2017-03-01 23:00")),)


def test_buckets_outside_the_window_are_dropped_but_a_cut_one_keeps_its_beginning() -> None:
    data: Any = {"2017-02-28": 1, "2017-03-01": 2, "2017-03-02": 3, "2017-03-03": 4}
    cut = measured(grain=Grain.DAY, start=utc("2017-03-01 10:00"), end=utc("2017-03-02 10:00"))
    assert [one.start for one in readings(data, cut, PARTITION)] == [
        utc("2017-02-28 23:00"),
        utc("2017-03-01 23:00"),
    ]


async def test_a_refused_statistic_is_a_failure(measuring: Measuring, call: Call) -> None:
    for refusal, error in (
        (refusing("Value of field 'indicators' is not valid."), PlatformRejectedError),
        (refusing("Forbidden", "error"), PlatformAuthError),
    ):
        with pytest.raises(error):
            await measuring(Upstream(refusal)).measure(measured(), call)


async def test_rows_that_come_in_pages_are_read_to_the_end(
    measuring: Measuring, call: Call
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        page = int(asked(request).get("page", "1"))
        rows = [{"id": 10 * page + at, "contact_number": at} for at in range(2)]
        return success(rows, pagination={"page": page, "pages": 2})

    upstream = Upstream(answer)
    grouped = measured(group_by=(Dimension.AGENT,))
    found = await measuring(upstream).measure(grouped, call)
    assert [one.group for one in found] == [("10",), ("11",), ("20",), ("21",)]
    assert len(upstream.requests) == 2


async def test_rows_that_repeat_for_ever_end(measuring: Measuring, call: Call) -> None:
    rows = [{"id": 1, "contact_number": 1}]
    upstream = Upstream(lambda _: success(rows, pagination={"pages": 10**9}))
    grouped = measured(group_by=(Dimension.AGENT,))
    assert len(await measuring(upstream).measure(grouped, call)) == 1
    assert len(upstream.requests) == 2


# ------------------------------------------------------------------------------------- labels


@pytest.mark.parametrize(
    ("grain", "label", "starts"),
    [
        (Grain.DAY, "2017-03-01", ["2017-02-28 23:00"]),
        (Grain.DAY, "2017-03-26", ["2017-03-25 23:00"]),
        (Grain.MONTH, "2017-03", ["2017-02-28 23:00"]),
        (Grain.MONTH, "2017-04-01", ["2017-03-31 22:00"]),
        (Grain.MONTH, "2017-04-01 00:00:00", ["2017-03-31 22:00"]),
        (Grain.HOUR, "2017-03-01 13", ["2017-03-01 12:00"]),
        (Grain.HOUR, "2017-03-01 13:00", ["2017-03-01 12:00"]),
        (Grain.HOUR, "2017-03-01 13:00:00", ["2017-03-01 12:00"]),
        (Grain.HOUR, "2017-03-01T13:00:00", ["2017-03-01 12:00"]),
        (Grain.HOUR, "2017-03-01T13:00:00+01:00", ["2017-03-01 12:00"]),
        (Grain.HOUR, "2017-03-01T12:00:00Z", ["2017-03-01 12:00"]),
        # An hour that comes twice, and one that does not come.
        (Grain.HOUR, "2017-10-29 02:00", ["2017-10-29 00:00", "2017-10-29 01:00"]),
        (Grain.HOUR, "2017-03-26 02:00", []),
    ],
)
def test_a_label_names_the_beginning_of_its_bucket(
    grain: Grain, label: str, starts: list[str]
) -> None:
    assert Buckets(grain, PARIS).starts(label) == tuple(map(utc, starts))


@pytest.mark.parametrize(
    ("grain", "label"),
    [
        (Grain.DAY, ""),
        (Grain.DAY, "total"),
        (Grain.DAY, "2017-02-30"),
        (Grain.DAY, "2017-03-01 13:00"),
        (Grain.DAY, "2017-03-01T00:00:00Z"),
        (Grain.MONTH, "2017-03-02"),
        (Grain.HOUR, "2017-03-01 13:30"),
        (Grain.HOUR, "13"),
    ],
)
def test_a_label_that_names_no_bucket_is_a_bad_answer(grain: Grain, label: str) -> None:
    with pytest.raises(PlatformBadResponseError):
        Buckets(grain, PARIS).starts(label)


async def test_further_labels_may_be_set(measuring: Measuring, call: Call) -> None:
    upstream = Upstream(saying({"01/03/2017": 4}))
    port = measuring(upstream, bucket_labels=["%Y%m", "%d/%m/%Y"])
    assert await port.measure(measured(grain=Grain.DAY), call) == (told(4.0),)


def test_hours_of_a_night_of_25_are_told_in_their_order() -> None:
    night = measured(grain=Grain.HOUR, start=utc("2017-10-28 23:00"), end=utc("2017-10-29 03:00"))
    labels = ("01:00", "02:00", "02:00", "03:00")
    rows: Any = [
        {"date": f"2017-10-29 {label}", "contact_number": at} for at, label in enumerate(labels)
    ]
    found = readings(rows, night, PARTITION)
    assert [(one.start, one.value) for one in found] == [
        (utc("2017-10-28 23:00") + timedelta(hours=at), float(at)) for at in range(4)
    ]


@given(
    st.integers(946_684_800, 2_145_916_800),
    st.sampled_from([Grain.HOUR, Grain.DAY, Grain.MONTH]),
    st.sampled_from(["Europe/Paris", "Asia/Kolkata", "America/Sao_Paulo", "Australia/Lord_Howe"]),
)
def test_every_bucket_is_found_by_its_own_label(second: int, grain: Grain, name: str) -> None:
    where = ZoneInfo(name)
    formats = {Grain.HOUR: "%Y-%m-%d %H:%M:%S", Grain.DAY: "%Y-%m-%d", Grain.MONTH: "%Y-%m"}
    instant = datetime.fromtimestamp(second, UTC)
    start = bucket_edges(grain, instant, instant + timedelta(seconds=1), where)[0]
    label = start.astimezone(where).strftime(formats[grain])
    assert start in Buckets(grain, where).starts(label)
