from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import strawberry
from graphql import GraphQLError
from strawberry.dataloader import DataLoader
from strawberry.extensions import SchemaExtension

from gateway.security.masking import shown_errors
from vendors import errors
from vendors.errors import (
    BadInputError,
    ForbiddenError,
    PlatformError,
    PlatformRateLimitedError,
    TooComplexError,
)

SECRET = "https://vendor.test/?api_key=hunter2 said: broken"

RAISED: dict[str, Exception] = {
    "bug": ValueError(SECRET),
    "input": BadInputError("Say when.", argument="period", accepted=["today"]),
    "complex": TooComplexError("Too much."),
    "forbidden": ForbiddenError("No.", extensions={"scope": "write"}),
    "limited": PlatformRateLimitedError(
        SECRET, platform="birch-fr", operation="list", retry_after=2.5, attempts=3, status=429
    ),
    "graphql": GraphQLError("Ours.", extensions={"code": "OURS"}),
}


async def load_none(keys: list[str]) -> list[str]:
    raise KeyError(keys[0] + SECRET)


@strawberry.type
class Query:
    @strawberry.field
    def raises(self, what: str) -> str | None:
        raise RAISED[what]

    @strawberry.field
    def required(self, what: str) -> str:
        raise RAISED[what]

    @strawberry.field
    def too_large(self) -> int | None:
        return 2**40

    @strawberry.field
    def missing(self) -> int:
        return None  # type: ignore[return-value]  # what a bug returns

    @strawberry.field
    def number(self, of: int = 1) -> int | None:
        return of

    @strawberry.field
    def moment(self, at: datetime) -> str | None:
        return at.isoformat()

    @strawberry.field
    async def agents(self, info: strawberry.Info[DataLoader[str, str], None]) -> list[str | None]:
        return [await info.context.load("a")]

    @strawberry.field
    async def agent(
        self, info: strawberry.Info[DataLoader[str, str], None], key: str
    ) -> str | None:
        return await info.context.load(key)


SCHEMA = strawberry.Schema(Query)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Silence Strawberry's own log, as the gateway does."""
    logger = logging.getLogger("strawberry.execution")
    logger.disabled = True
    yield
    logger.disabled = False


async def shown(query: str, variables: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    context = DataLoader(load_fn=load_none)
    result = await SCHEMA.execute(query, variables, context_value=context)
    return shown_errors(result, "request 7")


async def only(query: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
    (error,) = await shown(query, variables)
    assert error["extensions"].pop("requestId") == "request 7"
    return error


async def test_a_platforms_fault_shows_a_code_and_never_its_words() -> None:
    error = await only('{raises(what:"limited")}')
    assert error == {
        "message": "The platform asked us to slow down.",
        "locations": [{"line": 1, "column": 2}],
        "path": ["raises"],
        "extensions": {
            "code": "PLATFORM_RATE_LIMITED",
            "platform": "birch-fr",
            "retryable": True,
            "retryAfterSeconds": 2.5,
            "attempts": 3,
        },
    }


@pytest.mark.parametrize(
    "kind",
    [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, PlatformError)
    ],
)
async def test_every_kind_of_platform_fault_has_a_sentence(
    kind: type[PlatformError], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(RAISED, "any", kind(SECRET, platform="birch"))
    error = await only('{raises(what:"any")}')
    assert error["extensions"]["code"] == kind.code
    assert error["message"].startswith("The platform")
    assert "as it should" not in error["message"]
    assert "hunter2" not in str(error)


@pytest.mark.parametrize(
    ("what", "message", "extensions"),
    [
        (
            "input",
            "Say when.",
            {"code": "BAD_USER_INPUT", "argument": "period", "accepted": ["today"]},
        ),
        ("complex", "Too much.", {"code": "QUERY_TOO_COMPLEX"}),
        ("forbidden", "No.", {"code": "FORBIDDEN", "scope": "write"}),
        ("graphql", "Ours.", {"code": "OURS"}),
    ],
)
async def test_what_is_meant_for_the_caller_is_shown(
    what: str, message: str, extensions: dict[str, Any]
) -> None:
    error = await only(f'{{raises(what:"{what}")}}')
    assert (error["message"], error["extensions"]) == (message, extensions)


@pytest.mark.parametrize("field", ['raises(what:"bug")', 'required(what:"bug")'])
async def test_a_bug_is_masked_and_logged_with_its_traceback(
    field: str, caplog: pytest.LogCaptureFixture
) -> None:
    error = await only(f"{{{field}}}")
    assert error["message"] == "Something went wrong on our side."
    assert error["extensions"] == {"code": "INTERNAL_SERVER_ERROR"}
    (record,) = caplog.records
    assert record.exc_info is not None
    assert record.exc_info[1] is RAISED["bug"]
    assert vars(record)["request_id"] == "request 7"


@pytest.mark.parametrize("field", ["tooLarge", "missing"])
async def test_an_answer_that_its_type_cannot_take_is_a_bug(
    field: str, caplog: pytest.LogCaptureFixture
) -> None:
    error = await only(f"{{{field}}}")
    assert error["extensions"] == {"code": "INTERNAL_SERVER_ERROR"}
    assert error["message"] == "Something went wrong on our side."
    assert len(caplog.records) == 1


async def test_one_bug_in_many_places_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    errors = await shown('{a:agent(key:"x") b:agent(key:"x") c:agent(key:"y") agents}')
    assert {error["extensions"]["code"] for error in errors} == {"INTERNAL_SERVER_ERROR"}
    assert len(errors) == 4
    assert len(caplog.records) == 1


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        ("{", None, "GRAPHQL_PARSE_FAILED"),
        ("{nothing}", None, "GRAPHQL_VALIDATION_FAILED"),
        ('{number(of:"x")}', None, "GRAPHQL_VALIDATION_FAILED"),
        ('{moment(at:"yesterday")}', None, "GRAPHQL_VALIDATION_FAILED"),
        ("query($n:Int!){number(of:$n)}", {}, "BAD_USER_INPUT"),
        ("query($n:Int!){number(of:$n)}", {"n": "x"}, "BAD_USER_INPUT"),
        ("query($n:Int=1){number(of:$n)}", {"n": None}, "BAD_USER_INPUT"),
        ("query($at:DateTime!){moment(at:$at)}", {"at": "yesterday"}, "BAD_USER_INPUT"),
    ],
)
async def test_what_is_wrong_with_the_request_is_told(
    query: str,
    variables: dict[str, Any] | None,
    code: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    error = await only(query, variables)
    assert error["extensions"] == {"code": code}
    assert error["message"] != "Something went wrong on our side."
    assert not caplog.records


@pytest.mark.parametrize("hook", ["on_operation", "on_parse", "on_validate", "on_execute"])
async def test_a_broken_extension_is_a_bug(hook: str, caplog: pytest.LogCaptureFixture) -> None:
    def broken(_self: SchemaExtension) -> Iterator[None]:
        yield from map(int, [SECRET])

    extension = type("Broken", (SchemaExtension,), {hook: broken})
    result = await strawberry.Schema(Query, extensions=[extension]).execute("{number}")
    (error,) = shown_errors(result, "request 7")
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert "hunter2" not in str(error)
    assert len(caplog.records) == 1


async def test_a_whole_answer_shows_no_errors() -> None:
    assert await shown("{number}") == []
