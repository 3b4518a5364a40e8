"""Changes whose answers get lost, are cut off, or go together: none is made twice."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

import pytest
from tests.fakes import NOW, FakeCache, FakeClock, context_of
from tests.resolvers.changeable import Changeable, agent, customer, platform_with, tag, written

from resolvers.context import RequestContext
from resolvers.writes import Result, WriteStatus
from vendors.errors import (
    BadInputError,
    PlatformError,
    PlatformOutcomeUnknownError,
    PlatformRateLimitedError,
    PlatformTimeoutError,
    PlatformUnreachableError,
)
from vendors.writes import (
    AgentMembers,
    Change,
    CreateAgent,
    CreateCustomer,
    CreateTag,
    CustomerMembers,
    DeleteAgent,
    HangUpCallback,
    NpsGroup,
    PickUpCallback,
    Refusal,
    RefusalCode,
    RequestNpsExport,
    UpdateAgent,
)

ADA = CreateAgent(members=AgentMembers(family_name="Byron", email="Ada@example.org"))
KNOWN = CustomerMembers(external_id="CRM-1", city="London")
CALLED = {"agent_external_id": "RH-1", "site_id": "1", "phone": "+33699887766"}
ONCE: tuple[Change, ...] = (
    PickUpCallback(**CALLED),
    HangUpCallback(**CALLED),
    RequestNpsExport(start=NOW - timedelta(days=1), end=NOW, group=NpsGroup.ALL),
    CreateCustomer(members=CustomerMembers(city="London")),
)
once = pytest.mark.parametrize("change", ONCE, ids=lambda change: type(change).__name__)


@pytest.fixture
def vendor() -> Changeable:
    return Changeable()


class Operations:
    """Operations of one caller, one after another, over one cache."""

    def __init__(self, vendor: Changeable) -> None:
        self.platform = platform_with(vendor)
        self.clock = FakeClock()
        self.cache = FakeCache(self.clock)

    def next(self, seconds: float = 30.0) -> RequestContext:
        clock, cache = self.clock, self.cache
        return context_of(self.platform, clock=clock, cache=cache, seconds=seconds)


@pytest.fixture
def operations(vendor: Changeable) -> Operations:
    return Operations(vendor)


def done(native_id: str | None, **ids: str) -> Result:
    return Result(WriteStatus.DONE, "a", native_id, (), ids)


def tags(*names: str) -> list[CreateTag]:
    return [CreateTag(name=name, site_id="1") for name in names]


def is_unknown(result: object) -> bool:
    return isinstance(result, PlatformOutcomeUnknownError) and not result.retryable


async def test_tags_go_together_and_are_answered_in_their_order(
    operations: Operations, vendor: Changeable
) -> None:
    results = await written(operations.next(), *tags("x", "", "y"), ADA, *tags("z"))

    assert vendor.sent == [tuple(tags("x", "y", "z")), (ADA,)]
    missing = Refusal(RefusalCode.MISSING, "name")
    assert results[1] == Result(WriteStatus.REFUSED, "a", None, (missing,))
    assert [results[at] for at in (0, 2, 4)] == [done("100"), done("101"), done("102")]
    assert results[3] == done("103")


async def test_what_is_refused_together_is_refused_of_each(
    operations: Operations, vendor: Changeable
) -> None:
    vendor.refuses = Refusal(RefusalCode.NOT_FOUND, "site_id")
    refused = Result(WriteStatus.REFUSED, "a", None, (vendor.refuses,))

    assert await written(operations.next(), *tags("x", "y"), key="k") == [refused] * 2
    vendor.refuses = None
    assert await written(operations.next(), *tags("x", "y"), key="k") == [refused] * 2
    assert len(vendor.sent) == 1


async def test_tags_whose_answer_is_lost_are_found_each_by_itself(
    operations: Operations, vendor: Changeable
) -> None:
    vendor.tags.append(tag("x", "1"))
    vendor.fault = PlatformTimeoutError(platform="a")

    found = await written(operations.next(), *tags("x", "y", "z", "z"), key="k")
    assert found[:2] == [done("101"), done("102")]
    assert all(map(is_unknown, found[2:]))
    assert len(vendor.sent) == 1


async def test_what_a_key_knows_is_not_sent_again_with_what_it_does_not(
    operations: Operations, vendor: Changeable
) -> None:
    first = await written(operations.next(), *tags("x", "y"), key="k")
    again = await written(operations.next(), *tags("x", "y", "z"), key="k")

    assert again == [*first, done("102")]
    assert vendor.sent == [tuple(tags("x", "y")), tuple(tags("z"))]


async def test_a_key_for_another_input_stops_that_item_alone(
    operations: Operations, vendor: Changeable
) -> None:
    await written(operations.next(), *tags("x"), key="k")
    other, new = await written(operations.next(), *tags("other", "new"), key="k")

    assert isinstance(other, BadInputError)
    assert new == done("101")
    assert vendor.sent[1:] == [tuple(tags("new"))]


async def test_an_agent_whose_answer_is_lost_is_found_by_the_address(
    operations: Operations, vendor: Changeable
) -> None:
    vendor.agents_there.append(agent("other@example.org", "1"))
    vendor.fault = PlatformTimeoutError(platform="a")

    assert await written(operations.next(), ADA, key="k") == [done("101")]
    vendor.agents_there[-1] = agent("ada@EXAMPLE.org", "101")
    assert await written(operations.next(), ADA, key="k") == [done("101")]
    assert len(vendor.sent) == 1


async def test_an_agent_who_was_there_before_was_not_made(
    operations: Operations, vendor: Changeable
) -> None:
    vendor.agents_there.append(agent("ada@example.org", "1"))
    vendor.fault, vendor.loses = PlatformTimeoutError(platform="a"), False

    (result,) = await written(operations.next(), ADA, key="k")
    assert is_unknown(result)


async def test_a_customer_whose_answer_is_lost_is_found_by_the_companys_own_id(
    operations: Operations, vendor: Changeable
) -> None:
    vendor.customers.append(customer(KNOWN, "1"))
    vendor.fault = PlatformTimeoutError(platform="a")
    results = await written(operations.next(), CreateCustomer(members=KNOWN), key="k")

    assert results == [done("101", customer_id="uid-101")]
    vendor.fault = None
    assert await written(operations.next(), CreateCustomer(members=KNOWN), key="k") == results
    assert len(vendor.sent) == 1


@once
@pytest.mark.parametrize("loses", [True, False], ids=["done", "not-done"])
async def test_what_cannot_be_looked_up_is_sent_once_and_stays_unknown(
    operations: Operations, vendor: Changeable, change: Change, *, loses: bool
) -> None:
    vendor.fault, vendor.loses = PlatformTimeoutError(platform="a"), loses
    assert is_unknown((await written(operations.next(), change, key="k"))[0])
    vendor.fault = None

    for _ in range(2):
        assert is_unknown((await written(operations.next(), change, key="k"))[0])
    assert (len(vendor.sent), vendor.searches) == (1, 0)


@once
async def test_a_caller_who_goes_away_does_not_have_it_made_twice(
    operations: Operations, vendor: Changeable, change: Change, caplog: pytest.LogCaptureFixture
) -> None:
    vendor.holds.clear()
    with caplog.at_level(logging.INFO, logger="switchboard.audit"):
        sending = asyncio.create_task(written(operations.next(), change, key="k"))
        await vendor.reached.wait()
        sending.cancel()
        await asyncio.wait([sending])
    vendor.holds.set()

    assert sending.cancelled()
    (line,) = map(vars, caplog.records)
    assert (line["outcome"], line["codes"]) == ("failed", ["PLATFORM_OUTCOME_UNKNOWN"])
    assert is_unknown((await written(operations.next(), change, key="k"))[0])
    assert len(vendor.sent) == 1


async def test_what_else_a_change_is_about_is_told_again_by_its_key(
    operations: Operations, vendor: Changeable
) -> None:
    told = done("conversation-7", customer_id="uid-7", site_id="1")
    for _ in range(2):
        assert await written(operations.next(), ONCE[0], key="k") == [told]
    assert len(vendor.sent) == 1


async def test_a_key_is_for_one_kind_of_change(operations: Operations, vendor: Changeable) -> None:
    await written(operations.next(), ONCE[0], key="k")
    await written(operations.next(), ONCE[1], key="k")

    assert vendor.sent == [(ONCE[0],), (ONCE[1],)]


async def test_a_dry_run_does_not_use_its_key_up(
    operations: Operations, vendor: Changeable
) -> None:
    tried = await written(operations.next(), *tags("x"), key="k", dry_run=True)
    assert tried == [Result(WriteStatus.VALID, "a")]
    assert operations.cache.entries == {}

    assert await written(operations.next(), *tags("other"), key="k") == [done("100")]
    assert vendor.sent == [tuple(tags("other"))]


async def test_what_is_left_when_time_is_up_is_not_sent_and_says_so(
    operations: Operations, vendor: Changeable
) -> None:
    first, second = DeleteAgent(native_id="1"), DeleteAgent(native_id="2")
    vendor.holds.clear()
    context = operations.next(1.0)
    working = asyncio.create_task(written(context, first, second, ADA, key="k"))
    await vendor.reached.wait()
    await asyncio.sleep(context.call.remaining + 0.01)
    vendor.holds.set()

    told, *rest = await working
    assert told == done("1")
    for each in rest:
        assert isinstance(each, PlatformTimeoutError)
        assert (each.attempts, each.platform) == (0, "a")
    assert vendor.sent == [(first,)]
    assert await written(operations.next(), first, second, ADA, key="k") == [
        done("1"),
        done("2"),
        done("100"),
    ]


def _late(error: PlatformError) -> PlatformError:
    error.sent = isinstance(error, PlatformRateLimitedError)
    return error


@pytest.mark.parametrize(
    "fault",
    [
        _late(PlatformRateLimitedError(platform="a", attempts=2)),
        _late(PlatformUnreachableError(platform="a", attempts=2)),
        # One try was answered, or not; the next was not let out of the house.
        _late(PlatformRateLimitedError(platform="a", attempts=1)),
    ],
    ids=["slowed-down", "no-connection", "not-let-out"],
)
async def test_the_last_of_several_tries_does_not_say_what_became_of_the_first(
    operations: Operations, vendor: Changeable, fault: PlatformError
) -> None:
    vendor.fault = fault
    change = UpdateAgent(native_id="1", members=AgentMembers(given_name="Ada"))
    (result,) = await written(operations.next(), change)

    assert isinstance(result, PlatformOutcomeUnknownError)
    assert result.retryable


async def test_what_was_deleted_by_a_try_that_was_lost_is_deleted(
    operations: Operations, vendor: Changeable
) -> None:
    change = DeleteAgent(native_id="1")
    vendor.fault = PlatformTimeoutError(platform="a")
    await written(operations.next(), change, key="k")
    vendor.fault, vendor.refuses = None, Refusal(RefusalCode.NOT_FOUND, "native_id")

    assert await written(operations.next(), change, key="k") == [done("1")]
    (other,) = await written(operations.next(), change, key="other")
    assert isinstance(other, Result)
    assert other.status is WriteStatus.REFUSED


async def test_the_only_try_says_whether_it_was_made(
    operations: Operations, vendor: Changeable
) -> None:
    vendor.fault = fault = PlatformRateLimitedError(platform="a", attempts=1, status=429)
    change = UpdateAgent(native_id="1", members=AgentMembers(given_name="Ada"))

    assert await written(operations.next(), change) == [fault]


async def test_the_audit_log_tells_a_repeat_from_a_change(
    operations: Operations, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="switchboard.audit"):
        for _ in range(2):
            await written(operations.next(), *tags("secret"), ONCE[0], key="k")
        await written(operations.next(), *tags("secret"), dry_run=True)

    told = [vars(one) for one in caplog.records]
    lines = [(one["change"], one["outcome"], one["repeat"], one["dry_run"]) for one in told]
    assert lines == [
        ("CreateTag", "done", False, False),
        ("PickUpCallback", "done", False, False),
        ("CreateTag", "done", True, False),
        ("PickUpCallback", "done", True, False),
        ("CreateTag", "valid", False, True),
    ]
    assert "secret" not in str(told)
    assert "+3369" not in str(told)
