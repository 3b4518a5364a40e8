"""Events behind figures through the schema: what is asked for, what it costs, what is left out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from graphql import GraphQLError
from tests.fakes import EVERYTHING, NOW, FakeCache, FakeClock, context_of, platform_of

from resolvers.context import Principal, RequestContext, Scope
from schema import build_schema
from vendors.calls import Call, CallRecord
from vendors.drill_through import (
    DataValue,
    EventContext,
    EventOrder,
    FigureEvent,
    FigureEventQuery,
    FigureEvents,
)
from vendors.errors import PlatformServerError
from vendors.measures import Dimension, Figure, Measurables, Merge, Source, Unit
from vendors.parameters import Argument, Parameter
from vendors.port import Page
from vendors.records import Agent, Channel

SCHEMA = build_schema()
OVER = ', period: { between: { from: "2026-03-17T00:00:00Z", to: "2026-03-18T10:30:00Z" } }'
READER = Principal("reader", frozenset({Scope.READ}))
CLOSED = FigureEvents(
    contexts=frozenset(EventContext),
    filters=frozenset({Dimension.CHANNEL, Dimension.QUEUE}),
    note="Some are others.",
)
COUNT = {"unit": Unit.COUNT, "merge": Merge.SUM, "title": "A count"}
TABLES = Measurables(
    sources={"closed": Source(name="closed", endpoint="closed", parameters=("page",))},
    parameters={"page": Parameter(name="page", description="A page.", choices=("cart", "home"))},
    figures={
        name: Figure(name=name, source="closed", **COUNT)  # type: ignore[arg-type]  # members by name
        for name in ("closed", "there")
    },
    indicators={},
    channels={"WebChat": Channel.CHAT, "Mail": Channel.EMAIL, "Letter": Channel.EMAIL},
)


class Book:
    """Lists what it is given, in the order that it is asked for, and notes what it was asked."""

    measurables = TABLES

    def __init__(self, *events: FigureEvent) -> None:
        self._events = events
        self.queries: list[FigureEventQuery] = []
        self.listings = 0
        self.broken = False

    @property
    def drillable(self) -> Mapping[str, FigureEvents]:
        return {"closed": CLOSED}

    async def events(self, query: FigureEventQuery, call: Call) -> Page[FigureEvent]:
        self.queries.append(query)
        call.log.add(CallRecord(platform="one", endpoint="events", status=200, seconds=0.0))
        if self.broken:
            raise PlatformServerError("broken", platform="one")

        def rank(one: FigureEvent) -> str:
            by_time = query.order is EventOrder.TIMESTAMP
            return f"{one.at.isoformat()} {one.native_id}" if by_time else one.native_id

        found = sorted(self._events, key=rank, reverse=query.descending)
        ids = [one.native_id for one in found]
        rest = found[ids.index(query.after) + 1 :] if query.after else found
        kept = tuple(rest[: query.limit])
        places = tuple(one.native_id for one in kept)
        return Page(kept, places, has_more=len(rest) > len(kept), truncated=len(found) > 3)

    async def agents(self, _call: Call) -> tuple[Agent, ...]:
        self.listings += 1
        return (Agent(platform="one", native_id="7", name="Ana"),)


def event(number: int, **members: Any) -> FigureEvent:  # noqa: ANN401 - members of the record
    told: dict[str, Any] = {
        "platform": "one",
        "reference": "A-1",
        "native_id": f"A-1@{number}",
        "at": NOW - timedelta(minutes=number),
        **members,
    }
    return FigureEvent(**told)


def context_with(book: Book, **changes: Any) -> RequestContext:  # noqa: ANN401 - arguments of the context
    ports: dict[str, Any] = dict.fromkeys(("drill_through", "agents", "measures"), book)
    return context_of(platform_of("one", **ports), platform_of("two"), **changes)


async def run(context: RequestContext, query: str) -> tuple[Any, list[GraphQLError]]:
    result = await SCHEMA.execute(query, context_value=context)
    return result.data, list(result.errors or ())


def asked(selection: str, arguments: str = "") -> str:
    given = f'platform: "one", figure: "fake.closed"{arguments}'
    return f"{{ drillThrough({given}) {{ {selection} }} }}"


async def test_an_event_is_told_with_its_agent_by_one_list() -> None:
    told = {
        "channel": Channel.CHAT,
        "native_channel": "WebChat",
        "agent_id": "7",
        "queue_id": "q",
        "queue_name": "Returns",
        "account_id": "a",
        "account_name": "Shop",
        "data": (DataValue(id="d", value="x"), DataValue(id="e")),
    }
    book = Book(event(1, **told), event(2, agent_id="7"), event(3, agent_id="8"))
    data, errors = await run(
        context_with(book),
        asked(
            "nodes { reference nativeId at channel nativeChannel agentId agent { name } queueId "
            "queueName accountId accountName data { nativeId value } platform { key } }"
        ),
    )
    assert errors == []
    first, second, third = data["drillThrough"]["nodes"]
    assert first == {
        "reference": "A-1",
        "nativeId": "A-1@1",
        "at": "2026-03-18T10:29:00Z",
        "channel": "CHAT",
        "nativeChannel": "WebChat",
        "agentId": "7",
        "agent": {"name": "Ana"},
        "queueId": "q",
        "queueName": "Returns",
        "accountId": "a",
        "accountName": "Shop",
        "data": [{"nativeId": "d", "value": "x"}, {"nativeId": "e", "value": None}],
        "platform": {"key": "one"},
    }
    assert (second["agent"], third["agent"]) == ({"name": "Ana"}, None)
    assert book.listings == 1
    assert len(book.queries) == 1


@pytest.mark.parametrize(
    ("selection", "contexts"),
    [
        ("nodes { reference at channel }", ()),
        ("pageInfo { hasNextPage }", ()),
        ("nodes { agent { name } }", (EventContext.AGENT,)),
        ("edges { node { who: agentId queueName } }", (EventContext.AGENT, EventContext.QUEUE)),
        ("nodes { ... on FigureEvent { data { nativeId } } }", (EventContext.DATA,)),
        (
            "edges { node { accountId } } nodes { data { nativeId } }",
            (EventContext.ACCOUNT, EventContext.DATA),
        ),
    ],
)
async def test_only_what_is_selected_is_asked_for(
    selection: str, contexts: tuple[EventContext, ...]
) -> None:
    book = Book(event(1))
    _, errors = await run(context_with(book), asked(selection))
    assert errors == []
    assert [query.contexts for query in book.queries] == [contexts]


async def test_arguments_reach_the_platform_in_its_words() -> None:
    book = Book(event(1))
    arguments = (
        ', period: { between: { from: "2026-03-01T00:00:00Z", to: "2026-03-02T00:00:00Z" } }, '
        'filter: { channels: [EMAIL], members: [{ dimension: QUEUE, ids: ["q"] }] }, '
        "orderBy: { field: REFERENCE, descending: false }, first: 5"
    )
    _, errors = await run(context_with(book), asked("nodes { at }", arguments))
    assert errors == []
    (query,) = book.queries
    assert (query.start.day, query.end.day, query.limit) == (1, 2, 5)
    assert (query.order, query.descending) == (EventOrder.REFERENCE, False)
    assert query.filters == (
        (Dimension.QUEUE, ("q",)),
        (Dimension.CHANNEL, ("Mail", "Letter")),
    )


async def test_a_figure_is_told_its_parameters_and_a_page_is_of_them() -> None:
    book = Book(event(1), event(2))
    context = context_with(book)
    told = ', first: 1, parameters: [{ name: "page", values: ["home", "cart", "home"] }]'
    data, errors = await run(context, asked("pageInfo { endCursor }", told))
    assert errors == []
    assert book.queries[0].arguments == (Argument(name="page", values=("cart", "home")),)
    after = data["drillThrough"]["pageInfo"]["endCursor"]
    _, errors = await run(context, asked("nodes { at }", f', first: 1, after: "{after}"'))
    assert "other arguments" in errors[0].message
    for wrong in ('name: "pages", values: ["cart"]', 'name: "page", values: ["basket"]'):
        _, errors = await run(context, asked("nodes { at }", f", parameters: [{{ {wrong} }}]"))
        assert errors[0].original_error is not None
    assert len(book.queries) == 1


async def test_a_channel_that_the_platform_does_not_have_has_no_events() -> None:
    book = Book(event(1))
    data, errors = await run(
        context_with(book), asked("nodes { at }", ", filter: { channels: [SMS] }")
    )
    assert (errors, data["drillThrough"]["nodes"], book.queries) == ([], [], [])


@pytest.mark.parametrize("order", ["TIMESTAMP", "REFERENCE"])
@pytest.mark.parametrize("descending", ["true", "false"])
async def test_pages_follow_each_other_in_any_order(order: str, descending: str) -> None:
    book = Book(*(event(n) for n in range(1, 6)))
    context = context_with(book)
    seen: list[str] = []
    after = ""
    for _ in range(5):
        arguments = f", first: 2, orderBy: {{ field: {order}, descending: {descending} }}{after}"
        data, errors = await run(
            context,
            asked("nodes { nativeId } pageInfo { hasNextPage endCursor } truncated", arguments),
        )
        assert errors == []
        page = data["drillThrough"]
        assert page["truncated"] is not page["pageInfo"]["hasNextPage"]
        seen += [one["nativeId"] for one in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = f', after: "{page["pageInfo"]["endCursor"]}"'
    expected = [f"A-1@{n}" for n in range(1, 6)]
    newest_first = (order == "TIMESTAMP") is (descending == "true")
    assert seen == (expected if newest_first else expected[::-1])
    assert len(book.queries) == 3


async def test_a_cursor_is_of_its_question() -> None:
    book = Book(event(1), event(2))
    context = context_with(book)
    data, _ = await run(context, asked("pageInfo { endCursor }", ", first: 1"))
    after = data["drillThrough"]["pageInfo"]["endCursor"]
    other = f', first: 1, orderBy: {{ descending: false }}, after: "{after}"'
    _, errors = await run(context, asked("nodes { at }", other))
    assert "other arguments" in errors[0].message


async def test_a_page_is_kept_for_a_while_and_counted_when_it_is_asked() -> None:
    clock = FakeClock()
    cache = FakeCache(clock)
    book = Book(event(1))
    calls = []
    for _ in range(2):
        context = context_with(book, clock=clock, cache=cache)
        data, _ = await run(context, asked("sources { freshness calls note }", OVER))
        calls.append(data["drillThrough"]["sources"])
    assert calls == [
        [{"freshness": "LIVE", "calls": 1, "note": "Some are others."}],
        [{"freshness": "CACHED", "calls": 0, "note": "Some are others."}],
    ]
    clock.pass_(minutes=2)
    book.broken = True
    data, _ = await run(
        context_with(book, clock=clock, cache=cache),
        asked("nodes { at } failures { code } sources { freshness }", OVER),
    )
    found = data["drillThrough"]
    assert found["failures"] == [{"code": "PLATFORM_ERROR"}]
    assert found["sources"] == [{"freshness": "STALE"}]
    assert len(found["nodes"]) == 1


async def test_a_failure_costs_the_field_and_nothing_beside_it() -> None:
    book = Book(event(1))
    book.broken = True
    query = asked("nodes { at } failures { platform code } sources { freshness }")
    data, errors = await run(
        context_with(book), query.replace("{ drill", "{ platforms { key } drill", 1)
    )
    assert errors == []
    assert data["platforms"] == [{"key": "one"}, {"key": "two"}]
    assert data["drillThrough"] == {
        "nodes": [],
        "failures": [{"platform": "one", "code": "PLATFORM_ERROR"}],
        "sources": [{"freshness": "FAILED"}],
    }


async def test_a_list_that_goes_on_behind_nothing_is_told_to_be_cut() -> None:
    class Empty(Book):
        async def events(self, query: FigureEventQuery, call: Call) -> Page[FigureEvent]:
            await super().events(query, call)
            return Page((), (), has_more=True)

    data, errors = await run(
        context_with(Empty()), asked("nodes { at } truncated pageInfo { hasNextPage endCursor }")
    )

    assert errors == []
    assert data["drillThrough"] == {
        "nodes": [],
        "truncated": True,
        "pageInfo": {"hasNextPage": False, "endCursor": None},
    }


async def test_values_of_data_are_personal() -> None:
    book = Book(event(1, data=(DataValue(id="d", value="x"),)))
    for principal, value, withheld in (
        (EVERYTHING, "x", []),
        (READER, None, ["EventData.value"]),
    ):
        context = context_with(book, principal=principal)
        data, errors = await run(context, asked("nodes { data { nativeId value } }"))
        assert errors == []
        assert data["drillThrough"]["nodes"] == [{"data": [{"nativeId": "d", "value": value}]}]
        assert list(context.withheld) == withheld


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ('platform: "one", figure: "fake.there"', "There are no events behind 'fake.there'"),
        ('platform: "one", figure: "fake.nothing"', "There are no events behind"),
        ('platform: "one", figure: "other.closed"', "There are no events behind"),
        ('platform: "one", figure: "closed"', "There are no events behind"),
        ('platform: "two", figure: "fake.closed"', "does not list the events"),
        ('platform: "six", figure: "fake.closed"', "no platform 'six'"),
        (
            (
                'platform: "one", figure: "fake.closed", '
                'filter: { members: [{ dimension: AGENT, ids: ["7"] }] }'
            ),
            "not filtered by AGENT",
        ),
    ],
)
async def test_what_has_no_events_is_refused_before_a_call(arguments: str, message: str) -> None:
    book = Book(event(1))
    _, errors = await run(
        context_with(book), f"{{ drillThrough({arguments}) {{ nodes {{ at }} }} }}"
    )
    assert message in errors[0].message
    assert book.queries == []


async def test_a_refusal_names_what_has_events() -> None:
    query = asked("nodes { at }").replace("fake.closed", "fake.there")
    _, errors = await run(context_with(Book()), query)
    assert errors[0].original_error is not None
    assert errors[0].original_error.extensions["accepted"] == ["fake.closed"]  # type: ignore[attr-defined]  # a caller's error


async def test_the_catalogue_tells_which_figures_have_events() -> None:
    query = "{ platforms { capabilities nativeFigures { name drillThrough } } }"
    data, _ = await run(context_with(Book()), query)
    one, two = data["platforms"]
    assert one["nativeFigures"] == [
        {"name": "fake.closed", "drillThrough": True},
        {"name": "fake.there", "drillThrough": False},
    ]
    assert "DRILL_THROUGH" in one["capabilities"]
    assert two["nativeFigures"] == []
    assert "DRILL_THROUGH" not in two["capabilities"]
