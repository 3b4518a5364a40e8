"""Questions asked of the planner, answered by the simulator, held against what the world knows."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from math import isclose
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fakes import FakeCache, FakeClock, context_of
from tests.vendors.livechat.simulated import ACCOUNT, NOW, ORIGIN, SIMULATOR, WORLD

from resolvers.context import Limits
from resolvers.indicators import measure
from resolvers.outcomes import Freshness
from resolvers.planner.request import MeasureRequest
from resolvers.planner.series import MeasureAnswer
from vendors.buckets import local_midnight, zone
from vendors.livechat import SPEC
from vendors.livechat.mapping import ranking_score
from vendors.livechat.sandbox.archive import Archive
from vendors.livechat.settings import LiveChatSettings
from vendors.measures import Dimension, Grain
from vendors.port import Platform, Wiring
from vendors.records import Channel
from vendors.world import Contact

LONDON = "Europe/London"
FIRST, DAYS = date(2026, 3, 2), 7
GROUPS = ("0", "1", "2")
ANSWERS = "livechat.surveys.answers"
ARCHIVE = Archive(WORLD)


class Wire(httpx.AsyncBaseTransport):
    """The way to the simulator, and what went along it."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self._app = httpx.ASGITransport(SIMULATOR.app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return await self._app.handle_async_request(request)

    @property
    def reports(self) -> Counter[str]:
        return Counter(request.url.path.partition("/reports/")[2] for request in self.requests)

    @property
    def filters(self) -> list[dict[str, Any]]:
        return [json.loads(request.content)["filters"] for request in self.requests]


@dataclass
class Asked:
    wire: Wire
    platform: Platform
    clock: FakeClock

    async def __call__(self, *items: str, **more: Any) -> MeasureAnswer:  # noqa: ANN401 - members of the request
        """Ask about a week, with nothing kept of what was asked before."""
        self.wire.requests.clear()
        context = context_of(
            self.platform,
            clock=self.clock,
            cache=FakeCache(self.clock),
            limits=Limits(most_calls=1000),
        )
        return await measure(context, asking(*items, **more), [self.platform])


def asking(*items: str, first: date = FIRST, days: int = DAYS, **more: Any) -> MeasureRequest:  # noqa: ANN401 - members of the request
    where = zone(LONDON)
    return MeasureRequest(
        items=items,
        start=local_midnight(first, where),
        end=local_midnight(first + timedelta(days=days), where),
        zone=LONDON,
        **more,
    )


@asynccontextmanager
async def opening(**changes: object) -> AsyncIterator[Asked]:
    wire, clock = Wire(), FakeClock(NOW)
    table = {"key": "lc", "vendor": "livechat", **SIMULATOR.settings(ORIGIN), **changes}
    platform = SPEC.build(LiveChatSettings.model_validate(table), Wiring(clock, wire))
    yield Asked(wire, platform, clock)
    await platform.close()


@pytest.fixture
async def ask() -> AsyncIterator[Asked]:
    async with opening() as asked:
        yield asked


def contacts(first: date = FIRST, days: int = DAYS) -> list[Contact]:
    window = asking(first=first, days=days)
    return list(ACCOUNT.contacts(window.start, window.end))


def value(answer: MeasureAnswer, item: str) -> float | None:
    (series,) = [one for one in answer.series if one.item == item]
    return series.value


def by_group(answer: MeasureAnswer, item: str) -> dict[tuple[str, ...], float | None]:
    return {
        tuple(member.id for member in one.group): one.value
        for one in answer.series
        if one.item == item
    }


def present(found: Mapping[tuple[str, ...], float | None]) -> dict[tuple[str, ...], float]:
    """Return what is not zero: a platform need not know of those who did nothing."""
    return {group: number for group, number in found.items() if number}


# ---------------------------------------------------------------------------- further indicators


async def test_invitations_are_those_that_were_sent_in_the_period(ask: Asked) -> None:
    answer = await ask("INVITATIONS_SHOWN", "INVITATIONS_ACCEPTED", "INVITATION_RATE")

    window = asking()
    sent = ACCOUNT.greetings(window.start, window.end).values()
    shown, accepted = sum(one.displayed for one in sent), sum(one.accepted for one in sent)
    assert shown > accepted > 0
    assert value(answer, "INVITATIONS_SHOWN") == shown
    assert value(answer, "INVITATIONS_ACCEPTED") == accepted
    assert value(answer, "INVITATION_RATE") == accepted / shown
    assert ask.wire.reports == {"chats/greetings_conversion": 1}
    assert ask.wire.filters == [
        {
            "greetings": {
                "from": "2026-03-02T00:00:00+00:00",
                "to": "2026-03-08T23:59:59.999999+00:00",
            }
        }
    ]


async def test_surveys_were_filled_in_before_and_after_chats(ask: Asked) -> None:
    answer = await ask("SURVEY_RESPONSES")

    every = contacts()
    filled = sum((one.rule_id is None) + (one.survey is not None) for one in every)
    assert value(answer, "SURVEY_RESPONSES") == filled > 0
    assert ask.wire.reports == {"chats/surveys": 1}


async def test_chats_began_in_one_of_three_ways(ask: Asked) -> None:
    names = ("from_greeting", "without_greeting")
    items = [f"livechat.engagement.started_by_customer_{name}" for name in names]
    items += ["livechat.engagement.started_by_agent", "livechat.engagement.total"]

    answer = await ask(*items)

    parts = [value(answer, item) or 0 for item in items]
    assert parts[0] == sum(one.rule_id is not None for one in contacts())
    assert sum(parts[:3]) == parts[3] == len(contacts())
    assert ask.wire.reports == {"chats/engagement": 1}


async def test_every_report_tells_its_own_total(ask: Asked) -> None:
    reports = ("duration", "response_time", "first_response_time", "ratings", "tags")
    answer = await ask(*(f"livechat.{one}.total" for one in reports))

    assert value(answer, "livechat.tags.total") == len(contacts())
    assert all(one.value for one in answer.series)
    assert ask.wire.reports == {f"chats/{one}": 1 for one in reports}


# ------------------------------------------------------------------------------------- dimensions


async def test_chats_by_tag_are_one_call_whatever_the_buckets(ask: Asked) -> None:
    bearing = Counter(tag for one in contacts() for tag in one.tags)
    for grain in (Grain.TOTAL, Grain.DAY, Grain.HOUR):
        answer = await ask("CONVERSATIONS_STARTED", group_by=(Dimension.TAG,), grain=grain)
        found = by_group(answer, "CONVERSATIONS_STARTED")
        assert found == {(tag,): count for tag, count in bearing.items()}
        assert ask.wire.reports == {"chats/tags": 1}


async def test_a_day_on_which_a_tag_was_not_used_is_zero(ask: Asked) -> None:
    answer = await ask("CONVERSATIONS_STARTED", group_by=(Dimension.TAG,), grain=Grain.HOUR)

    for series in answer.series:
        points = [point.value for point in series.points]
        assert 0 in points
        assert None not in points


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2025, 10, 26)], ids=str)
async def test_hours_of_the_day_are_made_of_hours_when_clocks_change(ask: Asked, day: date) -> None:
    asked: dict[str, Any] = {"first": day, "days": 1, "grain": Grain.HOUR_OF_DAY}
    answer = await ask("CONVERSATIONS_STARTED", group_by=(Dimension.TAG,), **asked)

    bearing = Counter(
        (tag, one.started_at.astimezone(zone(LONDON)).hour)
        for one in contacts(day, 1)
        for tag in one.tags
    )
    told = {
        (series.group[0].id, hour): point.value
        for series in answer.series
        for hour, point in enumerate(series.points)
        if point.value
    }
    assert told == bearing
    assert ask.wire.reports == {"chats/tags": 1}


async def test_tags_overlap_and_have_no_sum(ask: Asked) -> None:
    answer = await ask("livechat.tags.chats")

    (series,) = answer.series
    assert series.value is None
    assert series.note is not None
    assert "TAG" in series.note


async def test_what_tags_are_not_rows_of_is_asked_tag_by_tag(ask: Asked) -> None:
    answer = await ask("RATED_GOOD", group_by=(Dimension.TAG,))

    good = Counter(tag for one in contacts() if one.rating == "good" for tag in one.tags)
    assert present(by_group(answer, "RATED_GOOD")) == {(tag,): n for tag, n in good.items()}
    tags = {tag for one in contacts(date(2026, 3, 1), 30) for tag in one.tags}
    assert ask.wire.reports == {"chats/tags": 1, "chats/ratings": len(tags)}


async def test_several_tags_and_groups_are_one_filter(ask: Asked) -> None:
    tags = (Dimension.TAG, ("spam", "crème & café"))
    groups = (Dimension.TEAM, ("2", "0"))
    whole = await ask("CONVERSATIONS_STARTED", filters=(tags,))
    (filters,) = ask.wire.filters
    assert filters["tags"] == {"values": ["crème & café", "spam"]}
    bearing = [one for one in contacts() if {"spam", "crème & café"}.intersection(one.tags)]
    assert value(whole, "CONVERSATIONS_STARTED") == len(bearing)

    fewer = await ask("CONVERSATIONS_STARTED", filters=(tags, groups))
    (filters,) = ask.wire.filters
    assert filters["groups"] == {"values": [0, 2]}
    assert 0 < (value(fewer, "CONVERSATIONS_STARTED") or 0) < len(bearing)


async def test_greetings_are_told_apart_and_chosen_from_one_answer(ask: Asked) -> None:
    items = ("INVITATIONS_SHOWN", "INVITATION_RATE")
    answer = await ask(*items, group_by=(Dimension.RULE,), grain=Grain.DAY)
    window = asking()
    sent = ACCOUNT.greetings(window.start, window.end)
    assert by_group(answer, "INVITATIONS_SHOWN") == {
        (str(number),): one.displayed for number, one in sent.items()
    }
    assert ask.wire.reports == {"chats/greetings_conversion": 1}

    chosen = await ask("INVITATIONS_SHOWN", filters=((Dimension.RULE, ("1", "19")),))
    assert value(chosen, "INVITATIONS_SHOWN") == sent[1].displayed + sent[19].displayed
    assert ask.wire.reports == {"chats/greetings_conversion": 1}


async def test_greetings_are_narrowed_by_their_own_groups(ask: Asked) -> None:
    answer = await ask("INVITATIONS_SHOWN", group_by=(Dimension.TEAM,))

    window = asking()
    sent = ACCOUNT.greetings(window.start, window.end)
    assert by_group(answer, "INVITATIONS_SHOWN") == {
        ("0",): sent[1].displayed,
        ("1",): sent[18].displayed + sent[19].displayed,
        ("2",): 0,
    }
    narrowed = [one["greetings"]["groups"] for one in ask.wire.filters]
    assert sorted(one["values"][0] for one in narrowed) == [0, 1, 2]


async def test_surveys_by_group_are_one_call_and_named(ask: Asked) -> None:
    whole = value(await ask("SURVEY_RESPONSES"), "SURVEY_RESPONSES")
    answer = await ask("SURVEY_RESPONSES", group_by=(Dimension.TEAM,))

    found = by_group(answer, "SURVEY_RESPONSES")
    assert set(found) == {(group,) for group in GROUPS}
    assert sum(found.values(), start=0) == whole  # type: ignore[arg-type]  # a sum of None would fail
    names = {one.group[0].id: one.group[0].name for one in answer.series}
    assert names == {"0": "General", "1": "Deliveries", "2": "Returns"}
    assert ask.wire.reports == {"chats/surveys": 1}


async def test_surveys_have_no_buckets_and_are_asked_bucket_by_bucket(ask: Asked) -> None:
    whole = value(await ask("SURVEY_RESPONSES"), "SURVEY_RESPONSES")
    answer = await ask("SURVEY_RESPONSES", grain=Grain.DAY)

    assert value(answer, "SURVEY_RESPONSES") == whole
    assert ask.wire.reports == {"chats/surveys": DAYS}


def answered(first: date = FIRST, days: int = DAYS) -> Counter[tuple[str, str]]:
    """Return how often each answer was chosen in each group, as the world has it."""
    found = Counter[tuple[str, str]]()
    window = asking(first=first, days=days)
    for chat in ARCHIVE.chats(window.start, window.end):
        chosen = (answer for survey in chat.surveys for answer in survey.answers)
        found.update((str(chat.group), f"{answer}:{index}") for answer, index in chosen)
    return found


async def test_each_answer_of_surveys_is_told_in_one_call(ask: Asked) -> None:
    answer = await ask(ANSWERS, group_by=(Dimension.ANSWER,))

    chosen = Counter[tuple[str, ...]]()
    for (_, one), times in answered().items():
        chosen[one,] += times
    assert by_group(answer, ANSWERS) == chosen
    assert len(chosen) > len(GROUPS)
    assert ask.wire.reports == {"chats/surveys": 1}
    whole = await ask(ANSWERS, "livechat.surveys.count")
    assert value(whole, ANSWERS) == chosen.total() != value(whole, "livechat.surveys.count")


@pytest.mark.parametrize(
    "by", [(Dimension.TEAM, Dimension.ANSWER), (Dimension.ANSWER, Dimension.TEAM)]
)
async def test_the_answers_of_each_group_are_told_in_one_call(
    ask: Asked, by: tuple[Dimension, ...]
) -> None:
    answer = await ask(ANSWERS, group_by=by)
    step = 1 if by[0] is Dimension.TEAM else -1
    assert by_group(answer, ANSWERS) == {one[::step]: times for one, times in answered().items()}
    assert ask.wire.reports == {"chats/surveys": 1}


async def test_answers_can_be_restricted_by_group_and_by_answer(ask: Asked) -> None:
    told = {one: times for (group, one), times in answered().items() if group == "1"}
    some = tuple(sorted(told)[:2])
    of_group = await ask(ANSWERS, group_by=(Dimension.ANSWER,), filters=((Dimension.TEAM, ("1",)),))
    assert present(by_group(of_group, ANSWERS)) == {(one,): n for one, n in told.items()}
    of_some = await ask(ANSWERS, filters=((Dimension.ANSWER, some),))
    assert value(of_some, ANSWERS) == sum(told[one] for one in some)


async def test_the_answers_of_an_agents_chats_are_a_call_for_each_agent(ask: Asked) -> None:
    answer = await ask(ANSWERS, group_by=(Dimension.AGENT, Dimension.ANSWER))
    agents = {member[0] for member in by_group(answer, ANSWERS)}
    window = asking()
    chosen = Counter(
        (str(chat.agent), f"{answer}:{index}")
        for chat in ARCHIVE.chats(window.start, window.end)
        for survey in chat.surveys
        for answer, index in survey.answers
        if chat.agent is not None
    )
    assert present(by_group(answer, ANSWERS)) == chosen
    assert ask.wire.reports["chats/surveys"] >= len(agents) > 1


async def test_the_answers_of_each_day_are_a_call_a_day(ask: Asked) -> None:
    answer = await ask(ANSWERS, group_by=(Dimension.ANSWER,), grain=Grain.DAY)
    assert ask.wire.reports == {"chats/surveys": DAYS}
    for one in answer.series:
        for day, point in enumerate(one.points):
            chosen = Counter[str]()
            for (_, told), times in answered(FIRST + timedelta(days=day), 1).items():
                chosen[told] += times
            assert point.value == chosen.get(one.group[0].id)


async def test_surveys_are_not_told_by_answer(ask: Asked) -> None:
    for item in ("livechat.surveys.count", "SURVEY_RESPONSES"):
        answer = await ask(item, group_by=(Dimension.ANSWER,))
        assert not [one for one in answer.series if one.value is not None]
        assert not ask.wire.reports


# ---------------------------------------------------------------------------------------- channel


async def test_every_indicator_is_that_of_its_only_channel(ask: Asked) -> None:
    assert ask.platform.measures
    items = tuple(ask.platform.measures.measurables.indicators)
    plain = await ask(*items)
    sent = ask.wire.filters

    narrowed = await ask(*items, channels=(Channel.CHAT, Channel.EMAIL))
    assert [one.value for one in narrowed.series] == [one.value for one in plain.series]
    assert sorted(map(str, ask.wire.filters)) == sorted(map(str, sent))

    grouped = await ask(*items, group_by=(Dimension.CHANNEL,))
    assert {one.item: one.value for one in grouped.series} == {
        one.item: one.value for one in plain.series
    }
    assert {(one.group[0].id, one.group[0].channel) for one in grouped.series} == {
        ("chat", Channel.CHAT)
    }
    assert sorted(map(str, ask.wire.filters)) == sorted(map(str, sent))


async def test_other_channels_are_not_measured_and_not_asked_for(ask: Asked) -> None:
    answer = await ask("CONVERSATIONS_STARTED", channels=(Channel.EMAIL,))

    assert [one.freshness for one in answer.sources] == [Freshness.UNSUPPORTED]
    assert value(answer, "CONVERSATIONS_STARTED") is None
    assert ask.wire.requests == []


# ------------------------------------------------------------------------------------------ pairs


PAIRS: list[tuple[str, tuple[Dimension, Dimension], Callable[[Contact], list[tuple[str, str]]]]] = [
    (
        "CONVERSATIONS_STARTED",
        (Dimension.TAG, Dimension.CHANNEL),
        lambda one: [(tag, "chat") for tag in one.tags],
    ),
    (
        "RATED_GOOD",
        (Dimension.CHANNEL, Dimension.TAG),
        lambda one: [("chat", tag) for tag in one.tags if one.rating == "good"],
    ),
]


@pytest.mark.parametrize(("item", "pair", "groups"), PAIRS, ids=["one call", "a call each"])
async def test_a_pair_is_what_the_world_says(
    ask: Asked,
    item: str,
    pair: tuple[Dimension, Dimension],
    groups: Callable[[Contact], list[tuple[str, str]]],
) -> None:
    answer = await ask(item, group_by=pair)

    expected = Counter(group for one in contacts() for group in groups(one))
    assert present(by_group(answer, item)) == expected


async def test_agents_of_each_group_are_one_call_a_group(ask: Asked) -> None:
    pair = (Dimension.AGENT, Dimension.TEAM)
    items = ("CONVERSATIONS_STARTED", "LOGGED_IN_TIME", "OCCUPANCY_RATE", "FIRST_RESPONSE_TIME")
    answer = await ask(*items, group_by=pair)
    assert ask.wire.reports == {"agents/performance": len(GROUPS)}
    assert answer.sources[0].note is None

    apart = by_group(answer, "CONVERSATIONS_STARTED")
    whole = by_group(
        await ask("CONVERSATIONS_STARTED", group_by=(Dimension.AGENT,)), "CONVERSATIONS_STARTED"
    )
    # A chat of this account stands in one group.
    added: Counter[tuple[str, ...]] = Counter()
    for (agent, _), count in apart.items():
        added[agent,] += int(count or 0)
    assert added == present(whole)
    turned = await ask("CONVERSATIONS_STARTED", group_by=pair[::-1])
    assert by_group(turned, "CONVERSATIONS_STARTED") == {
        group[::-1]: count for group, count in apart.items()
    }


async def test_tags_of_each_agent_and_each_group(ask: Asked) -> None:
    by_team = await ask("CONVERSATIONS_STARTED", group_by=(Dimension.TAG, Dimension.TEAM))
    assert ask.wire.reports == {"chats/tags": len(GROUPS)}
    by_agent = await ask("CONVERSATIONS_STARTED", group_by=(Dimension.TAG, Dimension.AGENT))
    agents = ask.wire.reports["chats/tags"]
    assert ask.wire.reports == {"agents/performance": 1, "chats/tags": agents}

    rated = await ask("SATISFACTION_RATE", group_by=(Dimension.TAG, Dimension.AGENT))
    assert rated.sources[0].note is None
    assert ask.wire.reports["chats/ratings"] == agents * len({one.group[0] for one in rated.series})

    bearing = Counter(tag for one in contacts() for tag in one.tags)
    handled = Counter(tag for one in contacts() if one.staff_id for tag in one.tags)
    for answer, expected in ((by_team, bearing), (by_agent, handled)):
        added: Counter[str] = Counter()
        for (tag, _), count in by_group(answer, "CONVERSATIONS_STARTED").items():
            added[tag] += int(count or 0)
        assert +added == expected


# ---------------------------------------------------------------------------------------- ranking


async def test_a_score_is_recomputed_for_all_agents_and_never_merged(ask: Asked) -> None:
    names = [f"livechat.ranking.{one}" for one in ("good", "bad", "score")]
    whole = await ask(*names)
    good, bad, score = (value(whole, name) for name in names)
    assert good
    assert bad
    assert score == ranking_score(good, bad)
    assert ask.wire.reports == {"chats/ranking": 1}

    agents = await ask(*names, group_by=(Dimension.AGENT,))
    for agent, told in by_group(agents, names[2]).items():
        own_good, own_bad = (by_group(agents, name)[agent] for name in names[:2])
        assert told == pytest.approx(ranking_score(own_good or 0, own_bad or 0))

    days = await ask(*names, grain=Grain.DAY)
    assert ask.wire.reports == {"chats/ranking": DAYS}
    assert value(days, names[0]) == good
    (series,) = [one for one in days.series if one.item == names[2]]
    assert any(point.value is not None for point in series.points)
    assert (series.value, series.note is None) == (None, False)


# -------------------------------------------------------------------------------------- agreement


def _sums(answer: MeasureAnswer) -> dict[str, float]:
    found: Counter[str] = Counter()
    for one in answer.series:
        found[one.item] += one.value or 0  # type: ignore[assignment]  # durations are added, too
    return dict(found)


def _agree(one: Mapping[str, float], other: Mapping[str, float]) -> None:
    assert one.keys() == other.keys()
    for item, told in one.items():
        assert isclose(told, other[item], rel_tol=1e-6, abs_tol=1e-6), item


@settings(max_examples=6, deadline=None)
@given(st.dates(date(2025, 10, 20), date(2026, 3, 28)), st.integers(1, 3))
def test_totals_are_the_sums_of_hours_days_and_groups(first: date, days: int) -> None:
    times = ("hour", "day")
    items = ("INVITATIONS_SHOWN", "INVITATIONS_ACCEPTED", "livechat.engagement.started_by_agent")
    adding: list[tuple[str, Dimension]] = [
        ("INVITATIONS_SHOWN", Dimension.RULE),
        ("SURVEY_RESPONSES", Dimension.TEAM),
        ("LOGGED_IN_TIME", Dimension.AGENT),
        ("COVERAGE_TIME", Dimension.CHANNEL),
    ]

    async def compare() -> None:
        async with opening() as ask:
            window: dict[str, Any] = {"first": first, "days": days}
            whole = _sums(await ask(*items, **window))
            for grain in times:
                _agree(whole, _sums(await ask(*items, **window, grain=Grain(grain))))
            for item, dimension in adding:
                parts = await ask(item, **window, group_by=(dimension,))
                _agree(_sums(await ask(item, **window)), _sums(parts))

    asyncio.run(compare())
