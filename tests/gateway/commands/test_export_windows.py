"""Periods cut into windows: without gap or overlap, and never within a bucket."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.commands.export.windows import WINDOW, uncut_because, windows_of
from resolvers.periods import Period
from resolvers.rows.registry import STANDARD
from resolvers.rows.table import RowRequest
from vendors.buckets import floor_to, zone
from vendors.errors import BadInputError
from vendors.measures import Grain

NOW = datetime(2026, 6, 15, 12, 30, tzinfo=UTC)
ZONES = ("UTC", "Europe/Paris", "Asia/Kolkata", "America/St_Johns", "Australia/Lord_Howe")
CUT = [one for one in Grain if one not in {Grain.TOTAL, Grain.HOUR_OF_DAY}]

REFUSED = {
    Grain.WEEK: ("day", "month", "year"),
    Grain.MONTH: ("day", "week"),
    Grain.YEAR: ("day", "week", "month"),
}

moments = st.datetimes(
    min_value=datetime(2024, 1, 1),  # noqa: DTZ001 (made aware below)
    max_value=datetime(2026, 12, 1),  # noqa: DTZ001 (made aware below)
).map(lambda one: one.replace(tzinfo=UTC, microsecond=0))
periods = st.tuples(moments, moments).filter(lambda pair: pair[0] < pair[1])


def asked(
    period: tuple[datetime, datetime],
    zone_name: str,
    told: Mapping[str, str] | None = None,
    since: datetime | None = None,
) -> RowRequest:
    return RowRequest(
        period=Period(*period, zone_name, "a period"),
        arguments={name: tuple(text.split(",")) for name, text in (told or {}).items()},
        updated_since=since,
    )


@given(
    period=periods,
    zone_name=st.sampled_from(ZONES),
    table=st.sampled_from(["conversations", "transactions", "call_meetings"]),
    unit=st.sampled_from([None, *WINDOW.choices]),
)
def test_lists_are_cut_without_gap_or_overlap(
    period: tuple[datetime, datetime], zone_name: str, table: str, unit: str | None
) -> None:
    windows = windows_of(STANDARD[table], asked(period, zone_name), NOW, unit)
    assert (windows[0].start, windows[-1].end) == period
    assert all(one.end == other.start for one, other in pairwise(windows))
    assert all(one.start < one.end for one in windows)
    # What is still to come is one window with the present.
    assert all(one.start < NOW for one in windows[1:])


@given(
    period=periods,
    zone_name=st.sampled_from(ZONES),
    grain=st.sampled_from(CUT),
    table=st.sampled_from(["indicators", "report_volume"]),
    unit=st.sampled_from([None, *WINDOW.choices]),
)
def test_no_bucket_is_cut(
    period: tuple[datetime, datetime], zone_name: str, grain: Grain, table: str, unit: str | None
) -> None:
    request = asked(period, zone_name, {"bucket": grain.value})
    if unit in REFUSED.get(grain, ()):
        with pytest.raises(BadInputError) as caught:
            windows_of(STANDARD[table], request, NOW, unit)
        assert unit not in caught.value.extensions["accepted"]
        return
    windows = windows_of(STANDARD[table], request, NOW, unit)
    assert (windows[0].start, windows[-1].end) == period
    for one, other in pairwise(windows):
        assert one.end == other.start
        assert floor_to(grain.value, one.end, zone(zone_name)) == one.end


@given(period=periods, since=moments, grain=st.sampled_from(CUT))
def test_what_lies_before_the_wanted_is_not_read(
    period: tuple[datetime, datetime], since: datetime, grain: Grain
) -> None:
    for table, told in (("conversations", {}), ("indicators", {"bucket": grain.value})):
        every = windows_of(STANDARD[table], asked(period, "UTC", told), NOW)
        read = windows_of(STANDARD[table], asked(period, "UTC", told, since), NOW)
        assert read == every[-len(read) :]
        skipped = every[: -len(read)]
        wanted = since if table == "conversations" else floor_to(grain.value, since, zone("UTC"))
        assert all(one.end <= wanted for one in skipped)


MONTHS = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("agents", {}),
        ("platforms", {}),
        ("customers", {}),
        ("indicators", {"bucket": "total"}),
        ("indicators", {"bucket": "hour_of_day"}),
        ("indicators", {"group": "agent"}),
        ("indicators", {"keys": "SALES_AMOUNT"}),
        ("indicators", {"native": "oak.leaves"}),
        ("report_agent_performance", {}),
        ("report_sales", {}),
        ("report_volume", {"bucket": "total"}),
    ],
)
def test_what_depends_on_the_whole_period_is_one_window(table: str, told: dict[str, str]) -> None:
    request = asked(MONTHS, "UTC", told)
    assert uncut_because(STANDARD[table], request)
    assert windows_of(STANDARD[table], request, NOW) == (MONTHS,)
    assert windows_of(STANDARD[table], request, NOW, "whole") == (MONTHS,)
    with pytest.raises(BadInputError) as caught:
        windows_of(STANDARD[table], request, NOW, "month")
    assert caught.value.extensions["accepted"] == ["whole"]


@pytest.mark.parametrize("table", ["indicators", "report_volume"])
def test_figures_without_groups_and_money_are_read_month_by_month(table: str) -> None:
    assert len(windows_of(STANDARD[table], asked(MONTHS, "UTC"), NOW)) == 4


@pytest.mark.parametrize(
    ("days", "length"), [(10, timedelta(days=1)), (100, timedelta(days=7)), (730, None)]
)
def test_longer_periods_have_longer_windows(days: int, length: timedelta | None) -> None:
    start = datetime(2024, 1, 1, tzinfo=UTC)
    request = asked((start, start + timedelta(days=days)), "UTC")
    windows = windows_of(STANDARD["conversations"], request, NOW)
    assert len(windows) <= 31
    if length is not None:
        assert windows[1].end - windows[1].start == length
