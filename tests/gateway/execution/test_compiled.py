"""What is compiled, what is left to graphql-core, and how what is to come is awaited."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from types import CodeType
from typing import Any

import pytest
import strawberry
from graphql import parse
from strawberry.extensions import ParserCache, SchemaExtension
from strawberry.types.execution import ExecutionResult

from gateway.configuration.settings import Settings
from gateway.execution import compiled_execution
from gateway.execution.source import compiled
from gateway.graphql.endpoint import schema_for


class Company:
    """What the operation of a test may meet."""

    def __init__(self, **found: Callable[[], Any]) -> None:
        self.found = found


Info = strawberry.Info[Company, None]


@strawberry.type
class Person:
    name: str
    friends: list[Person]

    @strawberry.field
    def slow(self, info: Info) -> str:
        return info.context.found["slow"]()  # type: ignore[no-any-return]

    @strawberry.field
    def sure(self, info: Info) -> str:
        return info.context.found["sure"]()  # type: ignore[no-any-return]


@strawberry.type
class Query:
    @strawberry.field
    def person(self, info: Info) -> Person | None:
        return info.context.found["person"]()  # type: ignore[no-any-return]

    @strawberry.field
    def people(self, info: Info) -> list[Person]:
        return info.context.found["people"]()  # type: ignore[no-any-return]

    @strawberry.field
    def word(self, info: Info, given: int | None = None) -> str | None:
        assert given in {None, 54321}
        return info.context.found["word"]()  # type: ignore[no-any-return]


@strawberry.type
class Mutation:
    @strawberry.mutation
    def word(self) -> str:
        return "changed"


class Seen(SchemaExtension):
    """Notes for each operation whether compiled code answered it."""

    noted: list[bool]

    def on_execute(self) -> Iterator[None]:
        self.noted.append(self.execution_context.result is not None)
        yield


def schema_of(
    noted: list[bool], *, most_fields: int = 1000, from_use: int = 1
) -> strawberry.Schema:
    seen = type("SeenHere", (Seen,), {"noted": noted})
    return strawberry.Schema(
        Query,
        Mutation,
        extensions=[
            lambda: ParserCache(maxsize=100),
            compiled_execution(most_fields=most_fields, from_use=from_use),
            seen,
        ],
    )


def company(**found: Callable[[], Any]) -> Company:
    ann = Person(name="ann", friends=[])
    known: dict[str, Callable[[], Any]] = {
        "word": lambda: "word",
        "slow": lambda: "slow",
        "sure": lambda: "sure",
        "person": lambda: ann,
        "people": lambda: [ann, ann],
    }
    return Company(**{**known, **found})


class TestWhatIsCompiled:
    @pytest.mark.parametrize(
        ("query", "is_compiled"),
        [
            ("{ word }", True),
            ("query A { word } query B { people { name } }", True),
            ("query A($x: Boolean = true) { word @include(if: $x) }", True),
            ("{ ...F } fragment F on Query { word }", True),
            ("{ __typename }", True),
            ("{ __schema { types { name } } }", False),
            ('{ ... on Query { __type(name: "Query") { name } } }', False),
            ("mutation { word }", False),
            ("query A($x: Int!) { word(given: $x) }", False),
        ],
    )
    async def test_by_document(self, query: str, is_compiled: bool) -> None:
        noted: list[bool] = []
        schema = schema_of(noted)
        result = await schema.execute(query, context_value=company(), operation_name=None)
        assert noted == [is_compiled]
        assert (result.data is None) == ("Int!" in query)

    async def test_small_answers_from_the_second_use_and_large_ones_at_once(self) -> None:
        noted: list[bool] = []
        schema = schema_of(noted, from_use=2)
        for query in ("{ word }", "{ word }", "{ people { friends { name } } }"):
            await schema.execute(query, context_value=company())
        assert noted == [False, True, True]

    async def test_the_least_recently_used_operations_are_forgotten(self) -> None:
        noted: list[bool] = []
        schema = schema_of(noted, from_use=2, most_fields=5)
        for query in ("{ a: word }", "{ b: word }", "{ c: word }", "{ b: word }"):
            for _ in range(2):
                await schema.execute(query, context_value=company())
        assert noted == [False, True, False, True, False, True, True, True]
        noted.clear()
        await schema.execute("{ a: word }", context_value=company())
        assert noted == [False]

    async def test_a_hook_that_sees_each_field_leaves_all_to_graphql_core(self) -> None:
        class Upper(SchemaExtension):
            def resolve(self, _next: Callable[..., str], *args: object, **kwargs: object) -> str:
                return _next(*args, **kwargs).upper()

        extensions = [compiled_execution(most_fields=10, from_use=1), Upper]
        schema = strawberry.Schema(Query, extensions=extensions)
        result = await schema.execute("{ word }", context_value=company())
        assert result.data == {"word": "WORD"}

    async def test_each_decision_of_skip_and_include_has_code_of_its_own(self) -> None:
        noted: list[bool] = []
        schema = schema_of(noted)
        names = "abcde"
        declared = ", ".join(f"${name}: Boolean!" for name in names)
        fields = " ".join(f"{name}: word @include(if: ${name})" for name in names)
        for number in range(2 ** len(names)):
            wanted = [name for place, name in enumerate(names) if number >> place & 1]
            result = await schema.execute(
                f"query A({declared}) {{ __typename {fields} }}",
                {name: name in wanted for name in names},
                context_value=company(),
            )
            assert result.data == {"__typename": "Query", **dict.fromkeys(wanted, "word")}
        assert all(noted)

    def test_nothing_of_a_document_is_in_the_code(self) -> None:
        schema = schema_of([])
        query = """{ strange: word(given: 54321) people { other: name } ...Odd }
            fragment Odd on Query { word }"""
        core = schema._schema  # noqa: SLF001 - what is executed has no public name
        executor = schema.execution_context_class.build(core, parse(query))
        assert not isinstance(executor, list)
        answering, fields = compiled(executor)
        texts = {
            text
            for function in answering.__globals__.values()
            if getattr(getattr(function, "__code__", None), "co_filename", "") == "<operation>"
            for text in _texts(function.__code__)
        }
        assert fields == 4
        assert "name" in texts
        assert not texts & {"strange", "other", "Odd", 54321}

    def test_the_setting_switches_it_off(self) -> None:
        both = Settings(), Settings(execution="graphql-core")
        counts = [len(schema_for(one, introspection=True).extensions) for one in both]
        assert counts[0] == counts[1] + 1


def _texts(code: CodeType) -> set[Any]:
    return {*code.co_names, *code.co_varnames, *(one for one in code.co_consts if one is not None)}


async def asked(query: str, **found: Callable[[], Any]) -> ExecutionResult:
    noted: list[bool] = []
    result = await schema_of(noted).execute(query, context_value=company(**found))
    assert noted == [True]
    return result


class Gate:
    """Something to wait for, and what became of who did."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.reached = asyncio.Event()
        self.cancelled = 0

    async def wait(self, value: Any = "opened") -> Any:  # noqa: ANN401 - any value
        self.reached.set()
        try:
            await self.opened.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return value


async def _failing() -> str:
    message = "broken"
    raise ValueError(message)


class TestWhatIsAwaited:
    async def test_what_is_below_a_value_does_not_wait_for_its_neighbours(self) -> None:
        gate = Gate()

        async def slow() -> str:
            # Opened by what is below the other field: it would wait for ever if that waited for it.
            gate.opened.set()
            return "slow"

        async def person() -> Person:
            return Person(name="ann", friends=[])

        query = "{ word person { slow } }"
        found: dict[str, Callable[[], Awaitable[Any]]] = {
            "word": gate.wait,
            "person": person,
            "slow": slow,
        }
        result = await asyncio.wait_for(asked(query, **found), 5)
        assert result.data == {"word": "opened", "person": {"slow": "slow"}}

    @pytest.mark.parametrize("query", ["{ word }", "{ word other: word }"])
    async def test_who_asked_goes_away(self, query: str) -> None:
        gate = Gate()
        task = asyncio.create_task(asked(query, word=gate.wait))
        await gate.reached.wait()
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert gate.cancelled == query.count("word")

    async def test_what_became_of_no_use_is_ended(self) -> None:
        gate = Gate()
        result = await asyncio.wait_for(
            asked("{ person { slow sure } word }", slow=gate.wait, sure=_failing), 5
        )
        assert result.data == {"person": None, "word": "word"}
        assert [error.path for error in result.errors or ()] == [["person", "sure"]]
        assert gate.cancelled == 1

    async def test_a_future_that_others_may_await_is_left_alone(self) -> None:
        shared: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        result = await asyncio.wait_for(
            asked("{ person { slow sure } }", slow=lambda: shared, sure=_failing), 5
        )
        assert result.data == {"person": None}
        assert not shared.cancelled()
        shared.set_result("later")

    async def test_values_that_are_there_before_an_error_are_not_waited_for(self) -> None:
        gate = Gate()

        def broken() -> str:
            message = "broken"
            raise ValueError(message)

        result = await asyncio.wait_for(
            asked("{ people { slow sure } }", slow=gate.wait, sure=broken), 5
        )
        assert result.data is None
        assert [error.path for error in result.errors or ()] == [["people", 0, "sure"]]
        gate.opened.set()
        await asyncio.sleep(0)

    async def test_what_a_broken_list_still_holds_is_ended(self) -> None:
        gate = Gate()
        result = await asyncio.wait_for(
            asked("{ people { name } }", people=lambda: [None, gate.wait()]), 5
        )
        assert result.data is None
        assert [error.path for error in result.errors or ()] == [["people", 0]]
        await asyncio.wait_for(gate.reached.wait(), 5)
        gate.opened.set()
        await asyncio.sleep(0)

    async def test_futures_that_are_done(self) -> None:
        loop = asyncio.get_running_loop()

        def done() -> asyncio.Future[str]:
            future: asyncio.Future[str] = loop.create_future()
            future.set_result("done")
            return future

        result = await asked("{ word other: word people { slow } }", word=done, slow=done)
        assert result.data == {
            "word": "done",
            "other": "done",
            "people": [{"slow": "done"}, {"slow": "done"}],
        }

    async def test_who_asked_goes_away_when_further_values_are_to_come(self) -> None:
        gate, first = Gate(), asyncio.Event()

        async def person() -> Person:
            await first.wait()
            return Person(name="ann", friends=[])

        task = asyncio.create_task(
            asked("{ word person { slow } }", word=gate.wait, person=person, slow=gate.wait)
        )
        await gate.reached.wait()
        first.set()
        for _ in range(3):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert gate.cancelled == 2

    async def test_a_resolver_that_is_cancelled_cancels_the_operation(self) -> None:
        async def gone() -> str:
            raise asyncio.CancelledError

        gate = Gate()
        with pytest.raises(asyncio.CancelledError):
            await asked("{ word person { slow } }", word=gone, slow=gate.wait)
        assert gate.cancelled == 1
