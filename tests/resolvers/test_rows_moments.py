"""Moments as BI tools write them: one reading, half-open periods, and a refusal that helps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.rows.moments import MOMENTS, read_moment, read_period
from vendors.errors import BadInputError

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 3, 30, 13, 45, 10, tzinfo=UTC)
ZONES = st.sampled_from(["UTC", "Europe/Paris", "Asia/Kolkata", "America/Santiago"]).map(ZoneInfo)
BOUNDS = datetime(2015, 1, 1), datetime(2030, 1, 1)  # noqa: DTZ001 (as Hypothesis wants them)
INSTANTS = st.datetimes(*BOUNDS, timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-03-01T10:00:00Z", "2026-03-01T10:00:00+00:00"),
        ("2026-03-01T10:00:00+02:00", "2026-03-01T08:00:00+00:00"),
        ("2026-03-01T10:00:00", "2026-03-01T09:00:00+00:00"),
        ("2026-03-01", "2026-02-28T23:00:00+00:00"),
        (" today ", "2026-03-29T22:00:00+00:00"),
        # The day before had 23 hours.
        ("yesterday", "2026-03-28T23:00:00+00:00"),
        ("now", "2026-03-30T13:45:10+00:00"),
        ("-2h", "2026-03-30T11:00:00+00:00"),
        ("-0d", "2026-03-29T22:00:00+00:00"),
        ("-7d", "2026-03-22T23:00:00+00:00"),
        ("-1w", "2026-03-22T23:00:00+00:00"),
        ("-1mo", "2026-01-31T23:00:00+00:00"),
        ("-1y", "2024-12-31T23:00:00+00:00"),
        ("1772359200000", "2026-03-01T10:00:00+00:00"),
    ],
)
def test_a_text_means_a_moment(text: str, meant: str) -> None:
    assert read_moment(text, PARIS, NOW, "from").isoformat() == meant


@pytest.mark.parametrize(
    "text",
    [
        "soon",
        "2026",
        "20260301",
        "-d",
        "-7",
        "7d",
        "-99999y",
        "-7x",
        "2026-13-01",
        "2026-W10-1",
        "NOW",
        "9999999999999999",
        "2026-03-01T10:00:00 02:00",
    ],
)
def test_what_is_not_understood_says_what_would_be(text: str) -> None:
    with pytest.raises(BadInputError) as raised:
        read_moment(text, PARIS, NOW, "from")

    assert raised.value.extensions == {"argument": "from", "accepted": MOMENTS}


@pytest.mark.parametrize("text", ["1900-01-01", "2400-01-01", "2001-01-01"])
def test_a_period_has_its_limits(text: str) -> None:
    with pytest.raises(BadInputError) as raised:
        read_period(text, None, PARIS, NOW)

    assert raised.value.extensions["argument"] == "from"


@given(moment=INSTANTS, where=ZONES)
def test_an_instant_is_read_as_it_is_written(moment: datetime, where: ZoneInfo) -> None:
    whole = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    millis = round(whole.timestamp() * 1000)

    assert read_moment(moment.isoformat(), where, NOW, "to") == moment
    assert read_moment(str(millis), where, NOW, "to") == whole


@given(now=INSTANTS, where=ZONES, days=st.integers(0, 400))
def test_days_back_are_local_days(now: datetime, where: ZoneInfo, days: int) -> None:
    found = read_moment(f"-{days}d", where, now, "from").astimezone(where)

    assert found.date() == now.astimezone(where).date() - timedelta(days=days)
    assert found == datetime(found.year, found.month, found.day, tzinfo=where)


@given(text=st.text(max_size=30))
def test_no_text_breaks_it(text: str) -> None:
    try:
        found = read_moment(text, PARIS, NOW, "from")
    except BadInputError as error:
        assert error.extensions["accepted"] == MOMENTS  # noqa: PT017 (some texts are moments)
    else:
        assert found.tzinfo is UTC


def test_without_words_it_is_the_last_seven_days() -> None:
    period = read_period(None, None, PARIS, NOW)

    assert period.start.astimezone(PARIS).isoformat() == "2026-03-24T00:00:00+01:00"
    assert period.end.astimezone(PARIS).isoformat() == "2026-03-31T00:00:00+02:00"


def test_one_end_alone_is_enough() -> None:
    since = read_period("2026-03-01", None, PARIS, NOW)
    until = read_period(None, "2026-03-30", PARIS, NOW)

    assert since.end.astimezone(PARIS).isoformat() == "2026-03-31T00:00:00+02:00"
    assert until.start.astimezone(PARIS).isoformat() == "2026-03-23T00:00:00+01:00"


def test_a_period_does_not_end_before_it_begins() -> None:
    with pytest.raises(BadInputError):
        read_period("2026-03-02", "2026-03-02", PARIS, NOW)


def test_the_same_words_mean_the_same_period_for_a_day() -> None:
    later = NOW + timedelta(hours=6)

    assert read_period("-7d", None, PARIS, NOW) == read_period("-7d", None, PARIS, later)


def test_an_end_before_which_there_is_no_week_is_refused() -> None:
    with pytest.raises(BadInputError) as error:
        read_period(None, "0001-01-01", ZoneInfo("UTC"), datetime(2026, 3, 1, tzinfo=UTC))

    assert error.value.extensions["argument"] == "to"
