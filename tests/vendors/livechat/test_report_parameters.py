"""Reports with parameters through the schema, answered by the simulator as the world has it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fakes import FakeCache, context_of
from tests.vendors.livechat.simulated import ACCOUNT, WORLD
from tests.vendors.livechat.test_questions import Asked, opening

from resolvers.context import Limits
from schema import build_schema
from vendors.buckets import local_midnight, zone
from vendors.livechat.sandbox.archive import Archive
from vendors.livechat.sandbox.chats import Chat
from vendors.livechat.sandbox.profile import FORMS

SCHEMA = build_schema()
REPORT = """
query(
  $key: String!, $days: PeriodInput!, $grain: Granularity!, $by: [Dimension!]
  $told: [ReportParameterInput!]!, $filter: IndicatorFilter
) {
  report(
    key: $key, period: $days, timeZone: "Europe/London", granularity: $grain, groupBy: $by
    parameters: $told, filter: $filter
  ) {
    columns { name type } rows { group { nativeId } start values } totals { values }
    failures { code }
  }
}
"""
FIRST, DAYS = date(2026, 3, 2), 7
TOTAL, CONTINUOUS = 0, 1
Elements = Callable[[Chat], Collection[str]]


async def report(ask: Asked, key: str, *told: dict[str, Any], **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any variable
    """Return the report of a week, with nothing kept of what was asked before."""
    result = await executed(ask, key, *told, **more)
    assert result.errors is None, result.errors
    assert result.data is not None
    found: dict[str, Any] = result.data["report"]
    assert found["failures"] == []
    return found


async def executed(ask: Asked, key: str, *told: dict[str, Any], **more: Any) -> Any:  # noqa: ANN401 - any variable, and what the library returns
    ask.wire.requests.clear()
    context = context_of(
        ask.platform,
        clock=ask.clock,
        cache=FakeCache(ask.clock),
        limits=Limits(most_calls=1000),
    )
    stop = FIRST + timedelta(days=DAYS)
    period = {"between": {"from": f"{FIRST}T00:00:00", "to": f"{stop}T00:00:00"}}
    variables = {"key": key, "days": period, "grain": "TOTAL", "told": list(told), **more}
    return await SCHEMA.execute(REPORT, context_value=context, variable_values=variables)


def window() -> tuple[datetime, datetime]:
    where = zone("Europe/London")
    return local_midnight(FIRST, where), local_midnight(FIRST + timedelta(days=DAYS), where)


START, END = window()
ARCHIVE = Archive(WORLD)
CHATS = ARCHIVE.chats(START - ARCHIVE.reach, END)


# ------------------------------------------------------------------ any filter at all, by itself


def _answers(type_: str) -> Elements:
    def given_in(chat: Chat) -> Collection[str]:
        filled = [one for one in chat.surveys if one.type == type_]
        return {f"{answer}:{index}" for one in filled for answer, index in one.answers}

    return given_in


def _answer_ids(type_: str) -> list[str]:
    return [
        f"{question.answer_id}:{index}"
        for form in FORMS[type_].values()
        for question in form.questions
        for index in (0, 1, 9)
    ]


def _groups_of(type_: str) -> Elements:
    return lambda chat: {str(chat.group)} if any(s.type == type_ for s in chat.surveys) else set()


@dataclass(frozen=True)
class Kind:
    """A parameter, what it looks at in a chat, and values that may be given."""

    elements: Elements
    values: list[str]
    key: str | None = None
    every: bool = True
    exists: bool = True
    most: int = 3


EMAILS = [member.email for member in ACCOUNT.people]
GROUPS = ["0", "1", "2", "7"]
SALES = sorted({str(sale) for chat in CHATS for sale in chat.sales})[:6]
KINDS: dict[str, Kind] = {
    "agents": Kind(lambda chat: chat.agents, [*EMAILS, "nobody@example.com"]),
    "tags": Kind(lambda chat: chat.tags, ["VIP", "size", "spam", "crème & café", "none"]),
    "sales": Kind(lambda chat: set(map(str, chat.sales)), [*SALES, "1"]),
    "goals": Kind(lambda chat: set(map(str, chat.goals)), ["1", "2"]),
    "groups": Kind(lambda chat: {str(chat.group)}, GROUPS),
    "event_types": Kind(
        lambda chat: chat.events,
        ["message", "rich_message", "form", "system_message"],
        exists=False,
    ),
    "greetings": Kind(
        lambda chat: set(map(str, chat.greetings)), ["1", "18", "19", "20"], every=False
    ),
    "properties routing.continuous": Kind(
        lambda chat: {str(chat.continuous).lower()},
        ["true", "false"],
        key="routing.continuous",
        every=False,
        most=1,
    ),
    "properties rating.score": Kind(
        lambda chat: {"good": {"1"}, "bad": {"0"}}.get(chat.rating or "", set[str]()),
        ["0", "1"],
        key="rating.score",
        every=False,
        most=1,
    ),
    "surveys post": Kind(
        _answers("post_chat"), _answer_ids("post_chat"), key="post_chat", every=False
    ),
    "surveys pre": Kind(_answers("pre_chat"), _answer_ids("pre_chat"), "pre_chat", every=False),
    "surveys.groups post": Kind(_groups_of("post_chat"), GROUPS, "post_chat"),
    "customer_countries": Kind(lambda chat: {chat.contact.customer.country}, ["GB", "FR", "IE"]),
}
# A survey of which only the group is told has to be filled in, too.
FILLED = {"surveys.groups post": "post_chat"}
LATER = {"customer_countries"}


@dataclass(frozen=True)
class Told:
    """A parameter as it is given, and which chats it keeps."""

    kind: str
    way: str
    values: tuple[str, ...] = ()
    exists: bool = True
    every: bool = False

    def input(self, version: str) -> dict[str, Any]:
        name = self.kind.partition(" ")[0]
        if version != "3.4":
            name = name.replace("surveys", "forms")
        found: dict[str, Any] = {"name": name}
        if KINDS[self.kind].key:
            found["key"] = KINDS[self.kind].key
        if self.way == "exists":
            return {**found, "exists": self.exists}
        return {**found, self.way: list(self.values), "requireEveryValue": self.every}

    def keeps(self, chat: Chat) -> bool:
        filled = FILLED.get(self.kind)
        if filled and not any(one.type == filled for one in chat.surveys):
            return False
        elements, values = set(KINDS[self.kind].elements(chat)), set(self.values)
        if self.way == "exists":
            return bool(elements) is self.exists
        has = values <= elements if self.every else bool(values & elements)
        return has if self.way == "values" else not has


@st.composite
def told(draw: st.DrawFn, kinds: Collection[str]) -> Told:
    kind = draw(st.sampled_from(sorted(kinds)))
    known = KINDS[kind]
    ways = ["values", "excludeValues", *(["exists"] if known.exists else [])]
    way = draw(st.sampled_from(ways))
    if way == "exists":
        return Told(kind, way, exists=draw(st.booleans()))
    values = draw(
        st.lists(st.sampled_from(known.values), min_size=1, max_size=known.most, unique=True)
    )
    return Told(kind, way, tuple(values), every=known.every and draw(st.booleans()))


def by_survey(type_: str) -> Callable[[Chat], datetime | None]:
    return lambda chat: next((one.at for one in chat.surveys if one.type == type_), None)


PERIODS: Mapping[str, Callable[[Chat], datetime | None]] = {
    "chats": lambda chat: chat.started,
    "greetings": lambda chat: chat.started if chat.greetings else None,
    "surveys.pre_chat": by_survey("pre_chat"),
    "surveys.post_chat": by_survey("post_chat"),
}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_filters_keep_what_the_archive_says(data: st.DataObject) -> None:
    version = data.draw(st.sampled_from(["3.4", "3.6"]))
    kinds = set(KINDS) - (LATER if version == "3.4" else set())
    chosen = data.draw(
        st.lists(told(kinds), min_size=1, max_size=3, unique_by=lambda one: one.kind)
    )
    period = data.draw(st.sampled_from(sorted(PERIODS)))
    word = period if version == "3.4" else period.replace("surveys", "forms")
    inputs = [one.input(version) for one in chosen]
    inputs.append({"name": "period_of", "values": [word]})
    moments = [
        at
        for chat in CHATS
        if all(one.keeps(chat) for one in chosen)
        and (at := PERIODS[period](chat)) is not None
        and START <= at < END
    ]

    async def compare() -> None:
        async with opening(version=version) as ask:
            whole = await report(ask, "livechat.total_chats", *inputs)
            days = await report(ask, "livechat.total_chats", *inputs, grain="DAY")
            (row,) = whole["rows"]
            counts = [one["values"][TOTAL] for one in days["rows"]]
            assert len(counts) == DAYS
            assert row["values"][TOTAL] == sum(counts) == len(moments)
            (totals,) = days["totals"]
            assert totals["values"][TOTAL] == len(moments)

    asyncio.run(compare())


# ------------------------------------------------------------------ figures, groups, other reports


def column(found: dict[str, Any], name: str) -> int:
    numbers = [one["name"] for one in found["columns"] if one["type"] == "NUMBER"]
    return numbers.index(name)


def within(chat: Chat) -> bool:
    return START <= chat.started < END


async def test_filtered_averages_and_ratings_are_those_of_the_chats() -> None:
    vips = [chat for chat in CHATS if within(chat) and "VIP" in chat.tags]
    waits = [chat.first_response for chat in vips if chat.first_response is not None]
    vip = {"name": "tags", "values": ["VIP"]}
    async with opening() as ask:
        waiting = await report(ask, "livechat.first_response_time", vip)
        (row,) = waiting["rows"]
        mean = column(waiting, "livechat.first_response_time.first_response_time")
        assert row["values"][mean] == pytest.approx(sum(waits) / len(waits) / 1000)
        rated = await report(ask, "livechat.ratings", vip)
        (row,) = rated["rows"]
        good = [chat for chat in vips if chat.rating == "good"]
        assert row["values"][column(rated, "livechat.ratings.good")] == len(good) > 0


async def test_parameters_narrow_each_member_of_what_is_grouped_by() -> None:
    async with opening() as ask:
        greeted = {"name": "greetings", "exists": True}
        by_agent = await report(ask, "livechat.total_chats", greeted, by=["AGENT"])
        expected = {
            email: sum(within(c) and c.agent == email and bool(c.greetings) for c in CHATS)
            for email in EMAILS
        }
        shown = {row["group"][0]["nativeId"]: row["values"][TOTAL] for row in by_agent["rows"]}
        assert {email: shown.get(email, 0) for email in EMAILS} == expected
        by_tag = await report(ask, "livechat.tags", {"name": "groups", "values": ["1"]}, by=["TAG"])
        found = {row["group"][0]["nativeId"]: row["values"][TOTAL] for row in by_tag["rows"]}
        for tag, count in found.items():
            assert count == sum(within(c) and c.group == 1 and tag in c.tags for c in CHATS)
        assert len(found) > 3
        by_group = await report(
            ask, "livechat.ratings", {"name": "agents", "values": [EMAILS[0]]}, by=["TEAM"]
        )
        good = column(by_group, "livechat.ratings.good")
        for row in by_group["rows"]:
            (group,) = row["group"]
            assert row["values"][good] == sum(
                within(c)
                and str(c.group) == group["nativeId"]
                and c.agent == EMAILS[0]
                and c.rating == "good"
                for c in CHATS
            )


@pytest.mark.parametrize(("version", "word"), [("3.4", "surveys"), ("3.6", "forms")])
async def test_an_answer_is_chosen_as_often_as_chats_are_found_by_it(
    version: str, word: str
) -> None:
    async with opening(version=version) as ask:
        for type_ in FORMS:
            of_type = {"name": word, "key": type_, "exists": True}
            rows = await report(ask, f"livechat.{word}", of_type, by=["ANSWER"])
            at = column(rows, f"livechat.{word}.answers")
            shown = {row["group"][0]["nativeId"]: row["values"][at] for row in rows["rows"]}
            assert set(shown) == {
                one for chat in CHATS if within(chat) for one in _answers(type_)(chat)
            }
            for answer in sorted(shown)[::4]:
                by_answer = {"name": word, "key": type_, "values": [answer]}
                chats = await report(ask, "livechat.total_chats", by_answer)
                assert chats["rows"][0]["values"][TOTAL] == shown[answer] > 0


async def test_what_else_was_answered_is_told_of_those_who_chose_an_answer() -> None:
    async with opening() as ask:
        form = FORMS["post_chat"][0]
        chosen = f"{form.questions[1].answer_id}:0"
        by_answer = {"name": "surveys", "key": "post_chat", "values": [chosen]}
        found = await report(ask, "livechat.surveys", by_answer, by=["TEAM", "ANSWER"])
    count = column(found, "livechat.surveys.count")
    at = column(found, "livechat.surveys.answers")
    kept = [c for c in CHATS if within(c) and chosen in _answers("post_chat")(c)]
    assert len(kept) > 1
    others = Counter(one for chat in kept for one in _answers("post_chat")(chat))
    assert {
        tuple(one["nativeId"] for one in row["group"]): row["values"][at] for row in found["rows"]
    } == {("0", one): times for one, times in others.items()}
    assert {row["values"][count] for row in found["rows"]} == {None}


async def test_the_report_on_agents_is_of_those_that_are_told() -> None:
    async with opening() as ask:
        some = {"name": "agents", "values": EMAILS[:2]}
        found = await report(ask, "livechat.performance", some, by=["AGENT"])
        assert {row["group"][0]["nativeId"] for row in found["rows"]} == set(EMAILS[:2])
        at = column(found, "livechat.performance.chats_count")
        for row in found["rows"]:
            (agent,) = row["group"]
            assert row["values"][at] == sum(
                within(c) and c.agent == agent["nativeId"] for c in CHATS
            )
        rest = {"name": "agents", "excludeValues": EMAILS[:2]}
        others = await report(ask, "livechat.performance", rest)
        (row,) = others["rows"]
        assert row["values"][at] == sum(
            within(c) and c.agent not in {None, *EMAILS[:2]} for c in CHATS
        )


async def test_a_query_string_answers_the_same_as_a_body() -> None:
    inputs: list[dict[str, Any]] = [
        {"name": "properties", "key": "routing.continuous", "values": ["true"]},
        {"name": "tags", "excludeValues": ["VIP", "size"], "requireEveryValue": True},
        {"name": "agent_response.exists", "values": ["true"]},
        {"name": "agent_response.first", "values": ["true"]},
        {"name": "agent_response.agents", "excludeValues": [EMAILS[0]]},
    ]
    answers = []
    for method in ("GET", "POST"):
        async with opening(method=method) as ask:
            answers.append(await report(ask, "livechat.total_chats", *inputs, grain="DAY"))
            assert {one.method for one in ask.wire.requests} == {method}
    assert answers[0] == answers[1]
    assert sum(row["values"][TOTAL] for row in answers[0]["rows"]) == sum(
        within(c)
        and c.continuous
        and not {"VIP", "size"} <= set(c.tags)
        and c.replied
        and c.agent != EMAILS[0]
        for c in CHATS
    )


@pytest.mark.parametrize(
    ("key", "told", "more"),
    [
        ("performance", {"name": "agents", "exists": True}, {}),
        ("performance", {"name": "groups", "excludeValues": ["1"]}, {}),
        ("performance", {"name": "tags", "values": ["VIP"]}, {}),
        ("availability", {"name": "groups", "values": ["1"]}, {"by": ["TEAM"]}),
        ("total_chats", {"name": "event_types", "values": ["sneeze"]}, {}),
        ("total_chats", {"name": "event_types", "exists": True}, {}),
        ("total_chats", {"name": "surveys", "key": "mid_chat", "exists": True}, {}),
        ("total_chats", {"name": "surveys", "exists": True}, {}),
        ("total_chats", {"name": "groups", "values": ["sales"]}, {}),
        ("total_chats", {"name": "groups", "values": ["1"], "exists": True}, {}),
        ("total_chats", {"name": "agent_response.agents", "values": ["a@b.c"]}, {}),
        ("total_chats", {"name": "period_of", "values": ["sales"]}, {}),
        ("total_chats", {"name": "forms", "key": "pre_chat", "exists": True}, {}),
        ("total_chats", {"name": "customer_countries", "values": ["GB"]}, {}),
        (
            "total_chats",
            {"name": "properties", "key": "rating.score", "values": ["0", "1"]},
            {},
        ),
        (
            "total_chats",
            {"name": "groups", "values": ["1"]},
            {"filter": {"members": [{"dimension": "TEAM", "ids": ["1"]}]}},
        ),
        ("total_chats", {"name": "tags", "values": ["VIP"]}, {"by": ["TAG"]}),
        ("total_chats", {"name": "agents", "values": ["a@b.c"]}, {"by": ["AGENT"]}),
    ],
    ids=str,
)
async def test_what_cannot_be_told_is_said_before_any_call(
    key: str, told: dict[str, Any], more: dict[str, Any]
) -> None:
    async with opening() as ask:
        result = await executed(ask, f"livechat.{key}", told, **more)
        (error,) = result.errors
        assert error.extensions["argument"] == "parameters"
        assert error.extensions["accepted"]
        assert ask.wire.requests == []
