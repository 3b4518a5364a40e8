"""The gateway's core figures are what one counts in the raw world, on every platform.

Nothing of the simulators stands between: the same seed tells the same contacts here.
`REFERENCE_CASES=3000` in the environment asks more questions.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from math import isclose

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.reference.house import House, opened_house
from tests.reference.periods import Interval, buckets
from tests.reference.questions import GRAINS, ZONES, periods
from tests.reference.raw import Definition, Definitions, Sum, definitions
from tests.simulators import VENDORS

from resolvers.merge import Amount
from resolvers.planner.request import MeasureRequest
from resolvers.planner.series import Series
from vendors.measures import Dimension, Grain
from vendors.world import Account, StaffMember, World

CASES = int(os.environ.get("REFERENCE_CASES", "60")) // len(VENDORS)


@pytest.fixture(scope="module")
def house() -> Iterator[tuple[House, asyncio.Runner]]:
    with opened_house() as opened:
        yield opened


@st.composite
def requests(draw: st.DrawFn, known: Definitions) -> MeasureRequest:
    """Return a question about one core figure, of everybody or of each."""
    item = draw(st.sampled_from(sorted(known.figures)))
    by_agent = item not in known.not_by_agent and draw(st.booleans())
    # Months of messages take long to count one by one, and are weeks of days like others.
    grains = [grain for grain in GRAINS if grain is not Grain.MONTH]
    grain, zone = draw(st.sampled_from(grains)), draw(st.sampled_from(ZONES))
    start, end = draw(periods(grain, zone))
    return MeasureRequest(
        items=(item,),
        start=start,
        end=end,
        zone=zone,
        grain=grain,
        group_by=(Dimension.AGENT,) if by_agent else (),
        channels=known.channels,
    )


@pytest.mark.timeout(60 + CASES)
@pytest.mark.parametrize("vendor", VENDORS)
def test_core_figures_are_counted_in_the_raw_world(
    vendor: str, house: tuple[House, asyncio.Runner]
) -> None:
    asked, runner = house
    known = definitions(vendor)
    account = World().account(known.profile)
    compared, null = 0, 0

    @settings(max_examples=CASES)
    @given(requests(known))
    def check(request: MeasureRequest) -> None:
        nonlocal compared, null
        answer = runner.run(asked.ask(request, (vendor,)))
        assert answer.failures == ()
        members = {known.agent_id(member): member for member in account.staff}
        for series in answer.series:
            if series.note:
                # What cannot be had with these bounds is held to the plain questions.
                null += 1
                continue
            member = members.get(series.group[0].id) if series.group else None
            if series.group and member is None:
                assert not any(amount.value for amount in series.amounts)
                continue
            check_series(series, request, known.figures[request.items[0]], account, member)
            compared += len(series.amounts)

    check()

    assert compared > CASES
    assert null < compared / 10


def check_series(
    series: Series,
    request: MeasureRequest,
    count: Definition,
    account: Account,
    member: StaffMember | None,
) -> None:
    """Compare every bucket, and the whole."""
    slots = buckets(request.grain, request.start, request.end, request.zone)
    for stretches, amount in zip(slots, series.amounts, strict=True):
        if not stretches:
            assert amount.value is None
            continue
        counted = counted_over(stretches, count, account, member)
        assert is_that(amount, counted, grouped=bool(series.group)), (series, stretches, counted)
    counted = counted_over([(request.start, request.end)], count, account, member)
    assert is_that(series.total, counted, grouped=bool(series.group)), (series, counted)


def counted_over(
    stretches: Sequence[Interval],
    count: Definition,
    account: Account,
    member: StaffMember | None,
) -> Sum:
    """Return what is counted in stretches of time that together are one bucket."""
    sums = [count(account, start, end, member) for start, end in stretches]
    below = [one.below for one in sums if one.below is not None]
    return Sum(sum(one.above for one in sums), sum(below) if below else None)


def is_that(amount: Amount, counted: Sum, *, grouped: bool) -> bool:
    """Return whether a value is what was counted; who did nothing may be left out of a group."""
    value = counted.above
    if counted.below is not None:
        if counted.below == 0:
            return amount.value is None
        value = counted.above / counted.below
    if amount.value is None:
        return grouped and value == 0
    weighs = counted.below is not None and amount.weight is not None
    return isclose(amount.value, value, rel_tol=1e-9, abs_tol=1e-6) and (
        not weighs or isclose(amount.weight or 0, counted.below or 0, rel_tol=1e-9)
    )
