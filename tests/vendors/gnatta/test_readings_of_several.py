"""Answers that tell several figures of a group, or groups within a group."""

from __future__ import annotations

import pytest
from tests.vendors.gnatta.test_readings import call_of, counted, read
from tests.vendors.gnatta.upstream import ANA, BEN, RETURNS, SHOP, settings_of

from vendors.errors import PlatformBadResponseError
from vendors.gnatta.wire import Group, Number, Point
from vendors.measures import Dimension, Grain, Reading

CHAT = ((Dimension.CHANNEL, ("WebChat",)),)
VOICE = ((Dimension.CHANNEL, ("Voice",)),)
DESKS = settings_of(directory={"accounts": {SHOP: "Shop", RETURNS: ""}})


def told(found: tuple[Reading, ...]) -> dict[str, float | None]:
    return {"/".join((one.figure, *one.group)): one.value for one in found}


def test_every_figure_of_a_group_is_read_from_one_answer() -> None:
    outcomes = {"abandonedbycustomer": 3.0, "abandonedbyoperator": 1.0, "handled": 16.0}
    members = ("abandonedByOperator", "handled", "abandonedBeforeOperator")
    call = call_of(
        "liveTotals",
        group_by=(Dimension.ACCOUNT,),
        members=(SHOP,),
        filters=CHAT,
        figures=members,
    )
    assert told(read(call, (Group(SHOP, "Shop", outcomes),), DESKS)) == {
        f"liveTotals/abandonedByOperator/{SHOP}": 1.0,
        f"liveTotals/handled/{SHOP}": 16.0,
        f"liveTotals/abandonedBeforeOperator/{SHOP}": 3.0,
    }


def test_before_an_operator_means_another_member_on_each_channel() -> None:
    both = {"abandonedbycustomer": 3.0, "abandoned": 5.0}
    figures = ("abandonedBeforeOperator",)
    for filters, value in ((CHAT, 3.0), (VOICE, 5.0)):
        call = call_of("liveTotals", filters=filters, figures=figures)
        found = read(call, (Group(SHOP, None, both),))
        assert told(found) == {"liveTotals/abandonedBeforeOperator": value}


def test_outcomes_of_all_accounts_are_added_up_by_date() -> None:
    call = call_of(
        "liveTotals",
        end="2023-01-03T00:00Z",
        grain=Grain.DAY,
        filters=CHAT,
        figures=("handled", "total"),
    )
    days = ("2023-01-01", "2023-01-02")

    def account(member: str, *handled: float | None) -> Group:
        points = (
            Point(day, {"handled": value, "total": 4.0})
            for day, value in zip(days, handled, strict=True)
        )
        return Group(member, points=tuple(points))

    found = read(call, (account(SHOP, 1.0, None), account(RETURNS, 2.0, None)), DESKS)
    assert [(one.figure, one.start.day, one.value, one.group) for one in found] == [
        ("liveTotals/handled", 1, 3.0, ()),
        ("liveTotals/total", 1, 8.0, ()),
        ("liveTotals/handled", 2, None, ()),
        ("liveTotals/total", 2, 8.0, ()),
    ]


@pytest.mark.parametrize(
    ("values", "mean"), [((30.0, 0.0), 30.0), ((30.0, 40.0), None), ((0.0, None), None)]
)
def test_averages_of_several_accounts_are_not_made_into_one(
    values: tuple[float, Number], mean: float | None
) -> None:
    # Where a domain has live channels alone, a call may be about all of its accounts.
    groups = tuple(
        Group(member, None, {"value": value})
        for member, value in zip((SHOP, RETURNS), values, strict=True)
    )
    found = read(call_of("liveDuration", filters=VOICE), groups, DESKS)
    assert [one.value for one in found] == [mean]


def test_a_figure_that_is_not_in_the_answer_was_not_measured() -> None:
    call = call_of("liveTotals", filters=CHAT, figures=("handled", "total"))
    found = read(call, (Group(SHOP, None, {"handled": 2.0}),))
    assert told(found) == {"liveTotals/handled": 2.0}


@pytest.mark.parametrize("figures", [{}, {"ended": 3.0}, {"value": 3.0}])
def test_a_group_with_none_of_the_figures_is_a_bad_response(figures: dict[str, Number]) -> None:
    call = call_of("liveTotals", filters=CHAT, figures=("handled", "total"))
    with pytest.raises(PlatformBadResponseError, match="none of the figures"):
        read(call, (Group(SHOP, None, figures),))


@pytest.mark.parametrize(("percent", "share"), [(50.0, 0.5), (0.0, 0.0), (None, None)])
def test_percentages_become_fractions(percent: Number, share: float | None) -> None:
    call = call_of("availabilityPercentage/Available", group_by=(Dimension.AGENT,), members=(ANA,))
    assert [one.value for one in read(call, (counted(percent, ANA),))] == [share]
    shares = call_of(
        "livePercentages/WebChat",
        group_by=(Dimension.ACCOUNT,),
        members=(SHOP,),
        figures=("handled",),
    )
    assert [one.value for one in read(shares, (Group(SHOP, None, {"handled": percent}),))] == [
        share
    ]


def test_an_advisors_figures_have_their_own_units() -> None:
    members = {
        "contactsLoggedIn": (14.0, 14.0),
        "cphAvailable": (2.0, 2.0),
        "timeAvailable": (360.0, 21600.0),
        "unproductivePercentage": (25.0, 0.25),
        "averageResponseTime": (0.0, None),
    }
    call = call_of(
        "advisorMetrics",
        group_by=(Dimension.AGENT,),
        members=(ANA,),
        figures=tuple(members),
    )
    row = Group(ANA, "ana", {name.lower(): raw for name, (raw, _) in members.items()})
    assert [one.value for one in read(call, (row,), settings_of(duration_unit="minutes"))] == [
        value for _, value in members.values()
    ]


WITHIN = (
    Group(
        ANA,
        "ana",
        {"totalcontacts": 14.0, "duration": 18000.0, "average": 1.4},
        parts=(
            Group("Email", None, {"value": 2.0}),
            Group(None, "facebook", {"value": 0.8}),
        ),
    ),
)


@pytest.mark.parametrize("turned", [False, True])
def test_channels_within_a_user_have_the_users_time(*, turned: bool) -> None:
    by = (Dimension.AGENT, Dimension.CHANNEL)
    call = call_of(
        "cphByChannel/Available",
        group_by=by[::-1] if turned else by,
        members=(ANA,),
        figures=("", "duration"),
    )
    found = {(one.figure, one.group): one.value for one in read(call, WITHIN)}
    name = "cphByChannel/Available"
    pairs = [((ANA, channel), value) for channel, value in (("Email", 2.0), ("Facebook", 0.8))]
    expected: dict[tuple[str, tuple[str, ...]], float] = {}
    for pair, value in pairs:
        group = pair[::-1] if turned else pair
        expected |= {(name, group): value, (f"{name}/duration", group): 18000.0}
    assert found == expected


def test_without_its_channels_a_user_has_their_average() -> None:
    call = call_of(
        "cphByChannel/Available",
        group_by=(Dimension.AGENT,),
        members=(ANA,),
        figures=("", "totalContacts", "duration"),
    )
    assert [(one.value, one.group, one.names) for one in read(call, WITHIN)] == [
        (1.4, (ANA,), ("ana",)),
        (14.0, (ANA,), ("ana",)),
        (18000.0, (ANA,), ("ana",)),
    ]


def test_a_member_within_a_user_that_was_not_asked_for_is_a_bad_response() -> None:
    by = (Dimension.AGENT, Dimension.CHANNEL)
    call = call_of("cphByChannel/Available", group_by=by, members=(ANA,))
    strange = Group(ANA, None, {"duration": 1.0}, parts=(Group("Fax", None, {"value": 1.0}),))
    with pytest.raises(PlatformBadResponseError):
        read(call, (strange,))


def test_the_average_of_the_users_stands_beside_them() -> None:
    call = call_of("cphAverage/Available")
    groups = (counted(2.0, ANA), counted(1.0, BEN))
    assert read(call, groups, average=1.5) == (Reading(call.source, call.start, 1.5),)
    assert [one.value for one in read(call, groups, average=None)] == [None]
    with pytest.raises(PlatformBadResponseError):
        read(call, groups)


def test_an_hourly_rate_of_zero_is_zero_and_no_rate_is_null() -> None:
    call = call_of("cphByUser/Available", group_by=(Dimension.AGENT,), members=(ANA, BEN))
    found = read(call, (counted(0.0, ANA), counted(None, BEN)))
    assert [one.value for one in found] == [0.0, None]
