from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.vendors.gnatta.upstream import ANA, BEN, ORDERS, RETURNS, SHOP, settings_of

from vendors.buckets import bucket_edges, zone
from vendors.errors import PlatformBadResponseError
from vendors.gnatta import mapping
from vendors.gnatta.measuring import Question, question, readings
from vendors.gnatta.settings import GnattaSettings
from vendors.gnatta.wire import Answer, Group, Number, Point
from vendors.measures import Dimension, Grain, MeasureCall, Member, Reading

SETTINGS = settings_of()
BERLIN = "Europe/Berlin"


def call_of(
    source: str = "interactionsClosed",
    start: str = "2023-01-01T00:00Z",
    end: str = "2023-01-02T00:00Z",
    *,
    grain: Grain = Grain.TOTAL,
    zone_name: str = "UTC",
    group_by: tuple[Dimension, ...] = (),
    members: tuple[str, ...] = (),
    filters: tuple[tuple[Dimension, tuple[str, ...]], ...] = (),
    figures: tuple[str, ...] = (),
) -> MeasureCall:
    return MeasureCall(
        source=source,
        figures=tuple(f"{source}/{one}" if one else source for one in figures) or (source,),
        start=datetime.fromisoformat(start),
        end=datetime.fromisoformat(end),
        zone=zone_name,
        grain=grain,
        group_by=group_by,
        members=members,
        filters=filters,
    )


def known_of(settings: GnattaSettings) -> Callable[[Dimension], tuple[Member, ...]]:
    names = mapping.directory(settings)
    return lambda dimension: tuple(Member(one) for one in names.get(dimension, ()))


def asked_of(call: MeasureCall, settings: GnattaSettings = SETTINGS) -> Question:
    """Return the question that this call becomes, of all that the settings know."""
    return question(call, settings, known_of(settings))


def read(
    call: MeasureCall,
    groups: tuple[Group, ...],
    settings: GnattaSettings = SETTINGS,
    **beside: Number,
) -> tuple[Reading, ...]:
    """Read an answer to the question that this call becomes."""
    return readings(call, asked_of(call, settings), Answer(groups, beside), settings)


def counted(value: Number, member: str | None = None, name: str | None = None) -> Group:
    return Group(member, name, {"value": value})


def by_date(
    *points: tuple[str, Number], member: str | None = None, name: str | None = "Total"
) -> tuple[Group, ...]:
    dated = tuple(Point(date, {"value": value}) for date, value in points)
    return (Group(member, name, points=dated),)


def values_of(found: tuple[Reading, ...]) -> dict[str, float | None]:
    return {f"{one.start:%Y-%m-%dT%H:%MZ}": one.value for one in found}


# ------------------------------------------------------------------------------------ totals


def test_a_count_is_one_reading_at_the_start_of_the_call() -> None:
    call = call_of()
    found = read(call, (counted(12.0, name="Total"),), SETTINGS)
    assert found == (Reading("interactionsClosed", call.start, 12.0),)


def test_no_group_is_nothing_measured() -> None:
    assert read(call_of(), (), SETTINGS) == ()


def test_groups_that_nobody_asked_for_are_a_bad_response() -> None:
    with pytest.raises(PlatformBadResponseError):
        read(call_of(), (counted(1.0), counted(2.0)), SETTINGS)


@pytest.mark.parametrize(
    ("unit", "value", "seconds"),
    [
        ("seconds", 90.0, 90.0),
        ("milliseconds", 1500.0, 1.5),
        ("minutes", 1.5, 90.0),
        ("hours", 0.5, 1800.0),
        ("minutes", "00:01:30", 90.0),
        ("seconds", "1.02:03:04", 93784.0),
        ("hours", "10.00:00:00.5000000", 864000.5),
        ("seconds", None, None),
        ("seconds", 0.0, 0.0),
        ("seconds", "00:00:00", 0.0),
    ],
)
def test_durations_become_seconds(unit: str, value: Number, seconds: float | None) -> None:
    call = call_of("presenceDuration/Available", group_by=(Dimension.AGENT,), members=(ANA,))
    groups = (counted(value, ANA, "ana"),)
    found = read(call, groups, settings_of(duration_unit=unit))
    assert [one.value for one in found] == [seconds]


@pytest.mark.parametrize("value", ["", "90", "PT1M", "1:2:3:4", "-00:01:00"])
def test_a_duration_in_another_form_is_a_bad_response(value: str) -> None:
    with pytest.raises(PlatformBadResponseError):
        read(call_of("messageTimes/AdvisorResponseTime"), (counted(value),), SETTINGS)


def test_a_count_as_a_text_is_a_bad_response() -> None:
    with pytest.raises(PlatformBadResponseError):
        read(call_of(), (counted("00:00:12"),), SETTINGS)


@pytest.mark.parametrize("source", ["AdvisorResponseTime", "OriginatorWaitTime"])
@pytest.mark.parametrize("value", [0.0, "00:00:00", None])
def test_an_average_of_zero_is_no_measurement(source: str, value: Number) -> None:
    found = read(call_of(f"messageTimes/{source}"), (counted(value),), SETTINGS)
    assert [one.value for one in found] == [None]


@pytest.mark.parametrize("source", ["interactionsClosed", "messageVolume/Inbound"])
def test_a_count_of_zero_is_zero(source: str) -> None:
    found = read(call_of(source), (counted(0.0),), SETTINGS)
    assert [one.value for one in found] == [0.0]


# ------------------------------------------------------------------------------------ buckets


def test_labels_without_offset_are_local_to_the_calls_zone() -> None:
    call = call_of(
        start="2023-03-24T23:00Z", end="2023-03-27T22:00Z", grain=Grain.DAY, zone_name=BERLIN
    )
    groups = by_date(
        ("2023-03-25T00:00:00", 1.0), ("2023-03-26T00:00:00", 2.0), ("2023-03-27", 3.0)
    )
    assert values_of(read(call, groups, SETTINGS)) == {
        "2023-03-24T23:00Z": 1.0,
        "2023-03-25T23:00Z": 2.0,
        "2023-03-26T22:00Z": 3.0,
    }


def test_labels_with_an_offset_are_instants() -> None:
    call = call_of(
        start="2023-03-25T23:00Z", end="2023-03-27T22:00Z", grain=Grain.DAY, zone_name=BERLIN
    )
    groups = by_date(("2023-03-25T23:00:00Z", 1.0), ("2023-03-27T00:00:00+02:00", 2.0))
    assert values_of(read(call, groups, SETTINGS)) == {
        "2023-03-25T23:00Z": 1.0,
        "2023-03-26T22:00Z": 2.0,
    }


def test_an_hour_that_comes_twice_keeps_its_order() -> None:
    call = call_of(
        start="2023-10-29T00:00Z", end="2023-10-29T03:00Z", grain=Grain.HOUR, zone_name=BERLIN
    )
    groups = by_date(
        ("2023-10-29T02:00:00", 1.0), ("2023-10-29T02:00:00", 2.0), ("2023-10-29T03:00:00", 3.0)
    )
    assert values_of(read(call, groups, SETTINGS)) == {
        "2023-10-29T00:00Z": 1.0,
        "2023-10-29T01:00Z": 2.0,
        "2023-10-29T02:00Z": 3.0,
    }


@pytest.mark.parametrize(
    "labels",
    [
        ("01:00:00+11:00", "01:00:00+10:30", "02:00:00+10:30"),
        ("01:00:00+11:00", "01:30:00+10:30", "02:00:00+10:30"),
        ("01:00:00", "01:00:00", "02:00:00"),
        ("01:00:00", "01:30:00", "02:00:00"),
    ],
)
def test_half_an_hour_that_comes_twice_is_named_by_itself_or_its_hour(
    labels: tuple[str, ...],
) -> None:
    # On Lord Howe Island it was 02:00 at 15:00, and then 01:30 again.
    call = call_of(
        start="2026-04-04T14:00Z",
        end="2026-04-04T16:30Z",
        grain=Grain.HOUR,
        zone_name="Australia/Lord_Howe",
    )
    points = ((f"2026-04-05T{label}", float(at)) for at, label in enumerate(labels))
    assert values_of(read(call, by_date(*points), SETTINGS)) == {
        "2026-04-04T14:00Z": 0.0,
        "2026-04-04T15:00Z": 1.0,
        "2026-04-04T15:30Z": 2.0,
    }


def test_hours_of_a_half_hour_zone_begin_at_half_past() -> None:
    call = call_of(
        start="2023-01-01T18:30Z",
        end="2023-01-01T20:30Z",
        grain=Grain.HOUR,
        zone_name="Asia/Kolkata",
    )
    groups = by_date(("2023-01-02T00:00:00", 1.0), ("2023-01-02T01:00:00", 2.0))
    assert values_of(read(call, groups, SETTINGS)) == {
        "2023-01-01T18:30Z": 1.0,
        "2023-01-01T19:30Z": 2.0,
    }


def test_a_day_without_a_midnight_is_labelled_by_its_date() -> None:
    # In Sao Paulo the clocks went from midnight to one on 4 November 2018.
    call = call_of(
        start="2018-11-04T03:00Z",
        end="2018-11-05T02:00Z",
        grain=Grain.DAY,
        zone_name="America/Sao_Paulo",
    )
    groups = by_date(("2018-11-04T00:00:00", 5.0))
    assert values_of(read(call, groups, SETTINGS)) == {"2018-11-04T03:00Z": 5.0}


def test_a_bucket_that_the_call_cuts_is_named_by_its_own_beginning() -> None:
    call = call_of(start="2023-01-15T12:00Z", end="2023-02-10T00:00Z", grain=Grain.MONTH)
    groups = by_date(("2023-01-01T00:00:00", 1.0), ("2023-02-01T00:00:00", 2.0))
    assert values_of(read(call, groups, SETTINGS)) == {
        "2023-01-01T00:00Z": 1.0,
        "2023-02-01T00:00Z": 2.0,
    }


def test_a_bucket_that_begins_at_the_end_was_not_asked_for() -> None:
    call = call_of(end="2023-01-03T00:00Z", grain=Grain.DAY)
    groups = by_date(("2023-01-01", 1.0), ("2023-01-02", 2.0), ("2023-01-03", 3.0))
    assert list(values_of(read(call, groups, SETTINGS)).values()) == [1.0, 2.0]


def test_a_missing_bucket_has_no_reading() -> None:
    call = call_of(end="2023-01-03T00:00Z", grain=Grain.DAY)
    found = read(call, by_date(("2023-01-02", 2.0)), SETTINGS)
    assert values_of(found) == {"2023-01-02T00:00Z": 2.0}


@pytest.mark.parametrize(
    "labels",
    [
        ("2022-12-31",),
        ("2023-01-04",),
        ("2023-01-01T01:00:00",),
        ("2023-01-01T00:00:00+01:00",),
        ("2023-01-01", "2023-01-01"),
        ("2023-01-01", "2023-01-01T00:00:00Z"),
        ("Monday",),
        ("2023-01",),
        ("",),
    ],
)
def test_an_unknown_label_is_a_bad_response(labels: tuple[str, ...]) -> None:
    call = call_of(end="2023-01-03T00:00Z", grain=Grain.DAY)
    with pytest.raises(PlatformBadResponseError):
        read(call, by_date(*((label, 1.0) for label in labels)), SETTINGS)


HOUR = timedelta(hours=1)
WINDOWS = st.tuples(
    st.sampled_from((Grain.HOUR, Grain.DAY, Grain.MONTH)),
    st.sampled_from(("UTC", BERLIN, "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")),
    st.integers(0, 3 * 365 * 24).map(lambda n: datetime(2022, 1, 1, tzinfo=UTC) + n * HOUR),
    st.integers(1, 24),
)


@given(WINDOWS, st.booleans())
def test_every_bucket_of_a_window_is_read_whichever_way_it_is_labelled(
    window: tuple[Grain, str, datetime, int],
    aware: bool,
) -> None:
    grain, name, first, count = window
    where = zone(name)
    length = {Grain.HOUR: HOUR, Grain.DAY: timedelta(days=1)}
    end = first + count * length.get(grain, timedelta(days=30))
    edges = bucket_edges(grain.value, first, end, where)
    call = call_of(
        start=edges[0].isoformat(), end=edges[-1].isoformat(), grain=grain, zone_name=name
    )

    def label(edge: datetime) -> str:
        local = edge.astimezone(where)
        return local.isoformat() if aware else local.replace(tzinfo=None).isoformat()

    points = [(label(edge), float(at)) for at, edge in enumerate(edges[:-1])]
    found = read(call, by_date(*points), SETTINGS)
    assert [(one.start, one.value) for one in found] == [
        (edge, float(at)) for at, edge in enumerate(edges[:-1])
    ]


# ------------------------------------------------------------------------------------- groups


def test_each_group_is_its_member() -> None:
    call = call_of(group_by=(Dimension.QUEUE,), members=(RETURNS, ORDERS))
    groups = (counted(3.0, RETURNS.upper(), "Returns desk"), counted(0.0, ORDERS))
    assert read(call, groups, SETTINGS) == (
        Reading("interactionsClosed", call.start, 3.0, (RETURNS,), ("Returns desk",)),
        Reading("interactionsClosed", call.start, 0.0, (ORDERS,), (None,)),
    )


def test_a_group_without_id_is_known_by_its_name() -> None:
    channels = call_of(group_by=(Dimension.CHANNEL,), members=("Email", "SMS"))
    found = read(channels, (counted(3.0, None, "SMS"),), SETTINGS)
    assert found[0].group == ("SMS",)
    users = call_of(group_by=(Dimension.AGENT,), members=(ANA, BEN))
    found = read(users, (counted(3.0, None, "ana ruiz"),), SETTINGS)
    assert found[0].group == (ANA,)


@pytest.mark.parametrize("group", [counted(1.0, SHOP, "Shop"), counted(1.0)])
def test_a_group_that_was_not_asked_for_is_a_bad_response(group: Group) -> None:
    call = call_of(group_by=(Dimension.AGENT,), members=(ANA, BEN))
    with pytest.raises(PlatformBadResponseError):
        read(call, (group,), SETTINGS)


def test_an_absent_group_has_no_reading() -> None:
    call = call_of(group_by=(Dimension.AGENT,), members=(ANA, BEN))
    found = read(call, (counted(1.0, ANA, "ana"),), SETTINGS)
    assert [one.group for one in found] == [(ANA,)]
