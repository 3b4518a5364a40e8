"""The simulator agrees with itself and with the world that it draws on."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.vendors.livechat.simulated import (
    ACCOUNT,
    AUTUMN,
    MONTH,
    NOW,
    ORIGIN,
    SPRING,
    TOKEN,
    WORLD,
    ask,
    contacts,
)

from vendors.livechat.sandbox import simulator
from vendors.livechat.sandbox.figures import Tally
from vendors.livechat.sandbox.profile import GROUPS, PROFILE
from vendors.world import World

ZONES = ("Europe/London", "America/New_York", "Asia/Kolkata", "Pacific/Chatham", "UTC")
DISTRIBUTIONS = ("hour", "day", "day-hours", "month", "year")
AVAILABLE = ("available", "busy")
EXACT = 1e-12

moments = st.sampled_from((SPRING, AUTUMN)).flatmap(
    lambda window: st.integers(-86_400, 4 * 86_400).map(
        lambda seconds: datetime.fromisoformat(window["from"]) + timedelta(seconds=seconds)
    )
)
windows = st.tuples(moments, moments).map(
    lambda pair: {"from": min(pair).isoformat(), "to": max(pair).isoformat()}
)


def total(answer: dict[str, Any], field: str) -> float:
    found: float = sum(record.get(field, 0) for record in answer["records"].values())
    return found


def merged(records: Iterable[dict[str, Any]], field: str, weight: str) -> tuple[float, int]:
    """Return a mean and its weight, merged from parts as whoever reads the reports has to."""
    parts = [(record.get(weight, 0), record.get(field, 0)) for record in records]
    weights = sum(part for part, _ in parts)
    return sum(part * value for part, value in parts) / weights if weights else 0.0, weights


def approximately(mean: float, weight: int) -> object:
    return (pytest.approx(mean, rel=EXACT), weight)


def mean(values: Iterable[float | None]) -> object:
    measured = [value for value in values if value is not None]
    return pytest.approx(sum(measured) / len(measured), rel=1e-9)


def emails() -> list[str]:
    return [member.email for member in ACCOUNT.people]


@given(window=windows, zone=st.sampled_from(ZONES), distribution=st.sampled_from(DISTRIBUTIONS))
@settings(deadline=None, max_examples=15)
async def test_a_total_is_the_sum_of_its_buckets_and_what_the_world_knows(
    window: dict[str, str], zone: str, distribution: str
) -> None:
    known = contacts(window)
    common: dict[str, Any] = {"filters": window, "timezone": zone, "distribution": distribution}

    chats = await ask("chats/total_chats", **common)
    assert chats["total"] == total(chats, "total") == len(known)

    ratings = await ask("chats/ratings", **common)
    assert ratings["total"] == total(ratings, "chats") == len(known)
    assert total(ratings, "good") == sum(one.rating == "good" for one in known)

    engagement = await ask("chats/engagement", **common)
    origins = [name for record in engagement["records"].values() for name in record]
    started = sum(total(engagement, name) for name in set(origins) - {"total"})
    assert engagement["total"] == total(engagement, "total") == started == len(known)

    duration = await ask("chats/duration", **common)
    assert duration["total"] == total(duration, "count")
    assert duration["total"] == sum(one.staff_id is not None for one in known)

    first = await ask("chats/first_response_time", **common)
    assert first["total"] == len(known)
    assert total(first, "count") == sum(one.answered for one in known)

    tags = await ask("chats/tags", **common)
    used = Counter[str]()
    for record in tags["records"].values():
        used.update(record)
    assert used == Counter(tag for one in known for tag in one.tags)


@given(window=windows)
@settings(deadline=None, max_examples=6)
async def test_the_agents_add_up(window: dict[str, str]) -> None:
    performance = await ask("agents/performance", filters=window)
    records, summary = performance["records"], performance["summary"]
    for field in ("chats_count", "chats_rated_good", "chats_rated_bad"):
        assert summary[field] == sum(record[field] for record in records.values())
    assigned = await ask("chats/total_chats", filters={**window, "agents": {"exists": True}})
    everybody = await ask("chats/total_chats", filters=window)
    alone = await ask("chats/total_chats", filters={**window, "agents": {"exists": False}})
    assert summary["chats_count"] == assigned["total"] == everybody["total"] - alone["total"]

    field, weight = "first_response_time", "first_response_chats_count"
    average, weights = merged(records.values(), field, weight)
    assert weights == summary[weight]
    assert average == pytest.approx(summary.get(field, 0), rel=EXACT)
    report = await ask("chats/first_response_time", filters=window)
    assert merged(report["records"].values(), field, "count") == approximately(average, weights)


@pytest.mark.parametrize(
    ("report", "fields"),
    [
        ("duration", ("duration", "agents_chatting_duration")),
        ("response_time", ("response_time",)),
        ("first_response_time", ("first_response_time",)),
    ],
)
async def test_means_merge_by_their_counts_over_buckets_and_agents(
    report: str, fields: tuple[str, ...]
) -> None:
    whole = await ask(f"chats/{report}", filters=MONTH, distribution="year")
    (expected,) = whole["records"].values()
    days = await ask(f"chats/{report}", filters=MONTH)
    people = []
    for email in emails():
        filters = {**MONTH, "agents": {"values": [email]}}
        people += (await ask(f"chats/{report}", filters=filters, distribution="hour"))[
            "records"
        ].values()
    for field in fields:
        wanted = approximately(expected[field], expected["count"])
        assert merged(days["records"].values(), field, "count") == wanted
        assert merged(people, field, "count") == wanted


async def test_means_are_those_of_the_chats() -> None:
    window = {"from": "2026-03-30T00:00:00Z", "to": "2026-03-30T22:59:59.999999Z"}
    known = [one for one in contacts(window) if one.staff_id is not None]
    answered = [one for one in known if one.answered]

    duration = (await ask("chats/duration", filters=window))["records"]["2026-03-30"]
    assert duration["duration"] == mean(one.duration_seconds for one in known)
    assert duration["agents_chatting_duration"] == mean(one.handle_seconds for one in known)
    first = (await ask("chats/first_response_time", filters=window))["records"]["2026-03-30"]
    assert first["first_response_time"] == mean(one.first_response_seconds for one in answered)
    response = (await ask("chats/response_time", filters=window))["records"]["2026-03-30"]
    by_chat = [
        [(reply - asked).total_seconds() for asked, reply in one.replies] for one in answered
    ]
    expected = sum(sum(waits) / len(waits) for waits in by_chat) / len(by_chat)
    assert response["response_time"] == pytest.approx(expected, abs=0.001)


async def test_the_ranking_counts_rated_chats_and_scores_as_the_vendor_does() -> None:
    ranking = await ask("chats/ranking", filters=MONTH)
    assert sorted(ranking) == ["name", "records"]
    performance = await ask("agents/performance", filters=MONTH)
    for email, record in ranking["records"].items():
        person = performance["records"][email]
        assert record["good"] == person["chats_rated_good"]
        assert record["total"] == record["good"] + record["bad"]
    ratings = await ask("chats/ratings", filters=MONTH)
    assert sum(record["bad"] for record in ranking["records"].values()) == total(ratings, "bad")


@pytest.mark.parametrize(
    ("good", "bad", "score"),
    [
        (0, 2, 0.11473482425785904),
        (13, 6, 0.42326713031463276),
        (1070, 215, 0.8029689181922964),
        (2502, 426, 0.8361489669658251),
    ],
)
def test_the_score_is_the_published_one(good: int, bad: int, score: float) -> None:
    tally = Tally(ratings=Counter(good=good, bad=bad))
    assert tally.score() == pytest.approx(score, rel=EXACT)


@pytest.mark.parametrize("window", [SPRING, AUTUMN])
async def test_availability_is_the_same_by_hour_by_day_and_in_the_world(
    window: dict[str, str],
) -> None:
    days = await ask("agents/availability", filters=window)
    hours = await ask("agents/availability", filters=window, distribution="hour")
    start = datetime.fromisoformat(window["from"])
    end = datetime.fromisoformat(window["to"]) + timedelta(microseconds=1)
    numbers = [member.id for member in ACCOUNT.people]
    known = ACCOUNT.coverage(numbers, start, end, AVAILABLE) / 3_600
    assert known > 0
    assert days["total"] == hours["total"] == pytest.approx(known, rel=EXACT)
    assert total(days, "hours") == pytest.approx(known, rel=EXACT)
    for day, record in days["records"].items():
        minutes = sum(
            bucket["minutes"] for hour, bucket in hours["records"].items() if hour[:10] == day
        )
        assert record["hours"] == pytest.approx(minutes / 60, rel=EXACT)


async def test_availability_is_a_union_and_that_of_one_agent_is_their_time_of_accepting() -> None:
    whole = (await ask("agents/availability", filters=MONTH))["total"]
    performance = (await ask("agents/performance", filters=MONTH))["records"]
    alone = []
    for email in emails():
        answer = await ask("agents/availability", filters={**MONTH, "agents": {"values": [email]}})
        assert answer["total"] * 3_600 == pytest.approx(
            performance[email]["accepting_chats_time"], rel=EXACT
        )
        alone.append(answer["total"])
    assert max(alone) < whole < sum(alone)
    for group in GROUPS:
        answer = await ask(
            "agents/availability", filters={**MONTH, "groups": {"values": [group.id]}}
        )
        assert 0 < answer["total"] <= whole


async def test_chatting_is_having_chats_in_hand_while_accepting_them() -> None:
    overrun = 0.0
    performance = (await ask("agents/performance", filters=SPRING))["records"]
    start, end = (datetime.fromisoformat(SPRING[name]) for name in ("from", "to"))
    for member in ACCOUNT.people:
        held = ACCOUNT.occupied(member.id, start, end)
        there = [
            state for state in ACCOUNT.presence(member.id, start, end) if state.state in AVAILABLE
        ]
        chatting = sum(
            max(0.0, (min(one.end, two.end) - max(one.start, two.start)).total_seconds())
            for one in held
            for two in there
        )
        assert performance[member.email]["chatting_time"] == chatting
        overrun += sum(one.seconds for one in held) - chatting
    assert overrun > 0, "somebody ended a chat after they had left for lunch"


async def test_the_times_of_an_agent_fit_together_and_add_up_over_days() -> None:
    month = {"from": "2026-02-01T00:00:00Z", "to": "2026-02-28T23:59:59.999999Z"}
    whole = (await ask("agents/performance", filters=month, distribution="hour"))["records"]
    assert set(whole) == set(emails())
    sums: dict[str, Counter[str]] = {email: Counter() for email in whole}
    for day in range(1, 29):
        date = f"2026-02-{day:02d}"
        filters = {"from": f"{date}T00:00:00Z", "to": f"{date}T23:59:59.999999Z"}
        for email, record in (await ask("agents/performance", filters=filters))["records"].items():
            sums[email].update({name: n for name, n in record.items() if isinstance(n, int)})
    for email, record in whole.items():
        assert sums[email] == {name: n for name, n in record.items() if isinstance(n, int)}
        assert (
            record["accepting_chats_time"] + record["not_accepting_chats_time"]
            == record["logged_in_time"]
        )
        assert 0 < record["chatting_time"] <= record["accepting_chats_time"]


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
async def test_greetings_add_up_to_those_of_the_world(distribution: str) -> None:
    answer = await ask(
        "chats/greetings_conversion", filters={"greetings": AUTUMN}, distribution=distribution
    )
    sums: dict[int, Counter[str]] = {rule.id: Counter() for rule in PROFILE.rules}
    for record in answer["records"].values():
        for greeting, outcomes in record.items():
            assert sorted(outcomes) == ["accepted", "canceled", "displayed", "goals"]
            sums[int(greeting)].update(outcomes)
    start = datetime.fromisoformat(AUTUMN["from"])
    end = datetime.fromisoformat(AUTUMN["to"]) + timedelta(microseconds=1)
    for number, known in ACCOUNT.greetings(start, end).items():
        assert sums[number] == Counter(
            accepted=known.accepted,
            canceled=known.canceled,
            displayed=known.displayed,
            goals=known.goals,
        )
    assert answer["total"] == sum(one["accepted"] for one in sums.values()) > 0
    engagement = await ask("chats/engagement", filters=AUTUMN)
    assert total(engagement, "started_by_customer_from_greeting") == answer["total"]


async def test_every_answer_of_a_survey_was_given_by_somebody_who_filled_it_in() -> None:
    surveys = (await ask("chats/surveys", filters=MONTH))["records"]
    assert set(surveys) == {str(group.id) for group in GROUPS}
    filled = 0
    for forms in surveys.values():
        for form in forms.values():
            questions = [counts for name, counts in form.items() if name != "count"]
            assert questions
            assert all(sum(counts.values()) == form["count"] for counts in questions)
            assert all(count > 0 for counts in questions for count in counts.values())
            filled += form["count"]
    known = contacts()
    assert filled == sum(one.survey is not None for one in known) + sum(
        one.rule_id is None for one in known
    )


async def test_the_same_seed_tells_the_same_and_another_does_not() -> None:
    again = simulator(World(7, lambda: NOW))
    other = simulator(World(8, lambda: NOW))
    for report in ("chats/duration", "chats/surveys", "agents/performance"):
        expected = await ask(report, filters=SPRING)
        assert await ask(report, again, filters=SPRING) == expected
        assert await ask(report, other, filters=SPRING) != expected


async def test_what_is_kept_of_a_day_is_what_it_came_to_in_the_end() -> None:
    day = {"from": "2023-02-17T00:00:00Z", "to": "2023-02-17T23:59:59.999999Z"}
    sales = [sale.at for one in contacts(day) for sale in one.sales]
    closed = datetime(2023, 2, 18, tzinfo=UTC)
    assert max(sales) > closed, "a chat of this day leads to an order on the next"
    held = next(one for one in contacts(day) if (one.handle_seconds or 0) > 300)
    assert held.assigned_at is not None
    during = held.assigned_at + timedelta(seconds=100)

    now = [during]
    moving = simulator(World(7, lambda: now[0]))
    early = await ask("chats/duration", moving, filters=day)
    with_sale = {**day, "sales": {"exists": True}}
    for moment in (closed, max(sales), closed + timedelta(days=7)):
        now[0] = moment
        bought = await ask("chats/total_chats", moving, filters=with_sale)
        assert bought["total"] == len([at for at in sales if at <= moment])
    for report in ("chats/duration", "chats/tags", "chats/surveys", "agents/performance"):
        assert await ask(report, moving, filters=day) == await ask(report, filters=day)
    # A clock that is set back is not told what is still to come.
    now[0] = during
    assert await ask("chats/duration", moving, filters=day) == early


async def test_many_may_ask_at_once() -> None:
    fresh = simulator(World(7, lambda: NOW))
    answers = await asyncio.gather(
        *(ask("chats/total_chats", fresh, filters=SPRING) for _ in range(8))
    )
    expected = await ask("chats/total_chats", filters=SPRING)
    assert all(answer == expected for answer in answers)


async def test_there_is_a_history_of_years_and_a_day_has_a_believable_volume() -> None:
    filters = {"from": "2024-03-04T00:00:00Z", "to": "2024-03-10T23:59:59.999999Z"}
    records = (await ask("chats/total_chats", filters=filters))["records"]
    workdays = [record["total"] for record in list(records.values())[:5]]
    assert all(50 <= volume <= 170 for volume in workdays)


def test_the_settings_reach_the_account() -> None:
    assert simulator(WORLD).settings(ORIGIN) == {
        "base_url": ORIGIN,
        "access_token": TOKEN,
        "time_zone": "Europe/London",
        "groups": [
            {"id": 0, "name": "General"},
            {"id": 1, "name": "Deliveries"},
            {"id": 2, "name": "Returns"},
        ],
    }
