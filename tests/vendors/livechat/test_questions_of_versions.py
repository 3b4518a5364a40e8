"""Questions asked of the planner where the version of the API decides what answers them."""

from __future__ import annotations

from collections import Counter
from statistics import fmean

import pytest
from tests.vendors.livechat.test_questions import (
    answered,
    by_group,
    contacts,
    opening,
    present,
    value,
)

from vendors.measures import Dimension, Grain


@pytest.mark.parametrize(
    ("version", "report"),
    [("3.4", "chats/surveys"), ("3.5", "chats/forms"), ("3.6", "chats/forms")],
)
async def test_survey_responses_are_those_of_surveys_or_of_forms(version: str, report: str) -> None:
    async with opening(version=version) as ask:
        answer = await ask("SURVEY_RESPONSES")
        filled = [one for one in contacts() if one.rule_id is None]
        filled += [one for one in contacts() if one.survey is not None]
        assert value(answer, "SURVEY_RESPONSES") == len(filled)
        assert ask.wire.reports == {report: 1}
        split = await ask("SURVEY_RESPONSES", group_by=(Dimension.TEAM,))
        assert sum(present(by_group(split, "SURVEY_RESPONSES")).values()) == len(filled)
        assert ask.wire.reports == {report: 1}


async def test_answers_of_forms_are_those_of_surveys_and_have_names() -> None:
    async with opening(version="3.5") as ask:
        told = await ask("livechat.forms.answers", group_by=(Dimension.TEAM, Dimension.ANSWER))
        assert ask.wire.reports == {"chats/forms": 1}
    assert by_group(told, "livechat.forms.answers") == answered()
    for series in told.series:
        group, answer = series.group
        index = answer.id.rpartition(":")[2]
        assert group.name
        assert answer.name in {f"Question {n}: Answer {int(index) + 1}" for n in (1, 2)}


async def test_the_queue_is_one_call_for_how_long_and_how_many_left() -> None:
    waited = [one for one in contacts() if one.queue_seconds is not None]
    async with opening(version="3.6") as ask:
        answer = await ask("QUEUE_TIME", "CONVERSATIONS_ABANDONED")
        assert ask.wire.reports == {"chats/queued_visitors": 1}
        seconds = [int(one.queue_seconds or 0) for one in waited if one.staff_id is not None]
        assert value(answer, "QUEUE_TIME") == pytest.approx(fmean(seconds))
        left = [one for one in waited if one.staff_id is None]
        assert value(answer, "CONVERSATIONS_ABANDONED") == len(left)
        extremes = await ask(
            "livechat.queued_visitors.queued_min", "livechat.queued_visitors.queued_max"
        )
        assert value(extremes, "livechat.queued_visitors.queued_min") == min(seconds)
        assert value(extremes, "livechat.queued_visitors.queued_max") == max(seconds)


@pytest.mark.parametrize("version", ["3.4", "3.5"])
async def test_without_the_queues_report_nothing_is_asked_about_it(version: str) -> None:
    async with opening(version=version) as ask:
        answer = await ask("QUEUE_TIME")
        assert not ask.wire.reports
        assert not [one for one in answer.series if one.value is not None]


async def test_every_group_of_every_day_is_one_call() -> None:
    async with opening(version="3.6") as ask:
        answer = await ask("livechat.groups.chats", group_by=(Dimension.TEAM,), grain=Grain.DAY)
        assert ask.wire.reports == {"chats/groups": 1}
        days = {
            tuple(member.id for member in one.group): [point.value for point in one.points]
            for one in answer.series
        }
    async with opening(version="3.6") as ask:
        chats = await ask("livechat.total_chats.total", group_by=(Dimension.TEAM,))
    totals = {group: sum(told or 0 for told in row) for group, row in days.items()}
    assert totals == by_group(chats, "livechat.total_chats.total")


async def test_the_use_of_tags_is_one_call() -> None:
    async with opening(version="3.5") as ask:
        answer = await ask("livechat.chat_usage.chats", group_by=(Dimension.TAG,))
        assert ask.wire.reports["tags/chat_usage"] == 1
    tags = Counter(tag for one in contacts() for tag in one.tags)
    assert present(by_group(answer, "livechat.chat_usage.chats")) == {
        (tag,): n for tag, n in tags.items()
    }


async def test_visitors_of_a_week_are_not_those_of_its_days() -> None:
    async with opening(version="3.6") as ask:
        week = await ask(
            "livechat.unique_visitors.unique_visitors", "livechat.unique_visitors.page_views"
        )
        assert ask.wire.reports == {"customers/unique_visitors": 1}
        days = await ask("livechat.unique_visitors.page_views", grain=Grain.DAY)
        assert ask.wire.reports == {"customers/unique_visitors": 7}
    views = value(week, "livechat.unique_visitors.page_views")
    visitors = value(week, "livechat.unique_visitors.unique_visitors")
    assert views is not None
    assert visitors is not None
    assert visitors < views
    (series,) = days.series
    assert sum(point.value or 0 for point in series.points) == views
