"""What the OData door keeps from callers and from logs, and how long it works for them."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from starlette.types import Message
from tests.fakes import context_of, platform_of
from tests.gateway.odata.tabling import WEEK, Wood, client, opened
from tests.resolvers.test_conversations import Listing

from gateway.odata.answering import found
from gateway.odata.asking import question_of
from gateway.odata.protocol import Protocol
from gateway.odata.service import entity_sets
from gateway.odata.settings import ODataSettings
from gateway.security.keys import hash_of
from resolvers.context import Principal, RequestContext, Scope
from resolvers.rows.columns import RowColumn, RowType
from resolvers.rows.registry import STANDARD
from resolvers.rows.table import RowPage, RowRequest, RowTable
from vendors.calls import Call
from vendors.port import ConversationQuery, Page
from vendors.records import Conversation

CONVERSATIONS = "/odata/conversations"
SECRET = "a-key-that-nobody-may-see"


class Silent(Listing):
    """A list that never comes."""

    def __init__(self, key: str) -> None:
        super().__init__(key, [1])
        self.begun = asyncio.Event()
        self.left = False

    async def conversations(self, query: ConversationQuery, _call: Call) -> Page[Conversation]:
        self.queries.append(query)
        self.begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.left = True
        return Page((), (), has_more=False)


async def test_an_answer_has_its_time_and_no_more() -> None:
    wood = Wood(oak=[1])
    wood.lists["oak"] = silent = Silent("oak")
    async with client(wood, odata={"seconds": 0.05}) as http:
        answer = await http.get(CONVERSATIONS, params=WEEK)
        number = await http.get(f"{CONVERSATIONS}/$count", params=WEEK)
    for one in (answer, number):
        assert one.status_code == 504
        assert one.json()["error"]["code"] == "DEADLINE_EXCEEDED"
    assert silent.begun.is_set()


async def test_work_for_a_caller_who_has_gone_is_ended() -> None:
    wood = Wood(oak=[1])
    wood.lists["oak"] = silent = Silent("oak")
    sent: list[Message] = []

    async def gone() -> Message:
        await silent.begun.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "server": ("g.test", 80),
        "client": ("127.0.0.1", 1),
        "root_path": "",
        "path": CONVERSATIONS,
        "raw_path": CONVERSATIONS.encode(),
        "query_string": b"",
        "headers": [(b"host", b"g.test")],
    }
    async with opened(wood) as app, asyncio.timeout(20):
        await app(scope, gone, send)
    assert silent.left
    assert sent == []


async def test_a_platform_that_says_nothing_is_named() -> None:
    wood = Wood(oak=[1], elm=[2])
    wood.lists["oak"] = Silent("oak")
    async with client(wood, odata={"page_seconds": 0.2}) as http:
        refused = await http.get(CONVERSATIONS, params=WEEK)
        partial = await http.get(CONVERSATIONS, params={**WEEK, "partial": "allow"})
    assert refused.status_code == 502
    assert refused.json()["error"]["innererror"]["platforms"] == ["oak"]
    assert [one["platform"] for one in partial.json()["value"]] == ["elm"]
    assert partial.json()["@Switchboard.missing"] == ["oak"]


@pytest.mark.parametrize(
    "query", ["", "&$filter=nonsense eq 1", "&nonsense=1", "&$expand=x", "&$skiptoken=x"]
)
async def test_a_key_in_the_address_is_told_nowhere(
    query: str, caplog: pytest.LogCaptureFixture
) -> None:
    keys: dict[str, Any] = {
        "require_api_key": True,
        "api_keys": [{"name": "one", "hash": hash_of(SECRET)}],
    }
    caplog.set_level(logging.DEBUG)
    async with client(Wood(oak=range(3)), **keys) as http:
        answer = await http.get(f"{CONVERSATIONS}?api_key={SECRET}{query}")
    assert (answer.status_code == 200) is (query == "")
    assert SECRET not in answer.text + str(answer.headers)
    ours = [one for one in caplog.records if not one.name.startswith("httpx")]
    assert ours
    assert all(SECRET not in str(vars(one)) for one in ours)


@pytest.mark.parametrize("path", ["/odata/", "/odata/$metadata", CONVERSATIONS, "/odata/nothing"])
async def test_whoever_has_no_key_is_asked_for_a_password(path: str) -> None:
    keys: dict[str, Any] = {
        "require_api_key": True,
        "api_keys": [{"name": "one", "hash": hash_of(SECRET)}],
    }
    async with client(Wood(oak=[1]), **keys) as http:
        answers = [await http.get(path), await http.head(path)]
    for one in answers:
        assert one.status_code == 401
        assert one.headers["www-authenticate"].startswith('Basic realm="')
    assert answers[1].content == b""


# --------------------------------------------------------------------------- personal data


def test_no_key_of_a_table_is_personal() -> None:
    hidden = {name for name, one in STANDARD.items() if one.personal}
    assert hidden
    assert all(STANDARD[name].personal.isdisjoint(STANDARD[name].key) for name in hidden)


async def _people(
    _context: RequestContext, _request: RowRequest, _first: int, _after: str | None
) -> RowPage:
    return RowPage((("oak", "Ada"), ("elm", "Grace")))


PEOPLE = RowTable(
    name="people",
    noun="person",
    title="People",
    description="People.",
    columns=(
        RowColumn(name="platform", title="P", type=RowType.TEXT, description="P"),
        RowColumn(name="name", title="N", type=RowType.TEXT, description="N", personal=True),
    ),
    key=("platform",),
    read=_people,
)


@pytest.mark.parametrize(
    ("query", "blind", "seeing"),
    [
        ("", [("oak", None), ("elm", None)], [("oak", "Ada"), ("elm", "Grace")]),
        ("$filter=name eq 'Ada'", [], [("oak", "Ada")]),
        ("$filter=startswith(name,'A')&$select=platform", [], [("oak", "Ada")]),
        ("$orderby=name desc", [("oak", None), ("elm", None)], [("elm", "Grace"), ("oak", "Ada")]),
    ],
)
async def test_what_is_withheld_is_found_out_by_no_question(
    query: str, blind: list[tuple[str, str | None]], seeing: list[tuple[str, str | None]]
) -> None:
    sets = entity_sets([PEOPLE])
    asked = Protocol(tuple(sets.values())).read("people", query)
    for scopes, expected in (
        (frozenset({Scope.READ}), blind),
        (frozenset({Scope.READ, Scope.PERSONAL}), seeing),
    ):
        platforms = (platform_of("oak"), platform_of("elm"))
        context = context_of(*platforms, principal=Principal("key", scopes))
        question = question_of(context, sets["people"], asked, query)
        told = await found(context, question, ODataSettings(), 10)
        assert list(told.rows) == expected
