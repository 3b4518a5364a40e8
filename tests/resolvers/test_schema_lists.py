"""Lists through the schema: what one platform's failure costs, and what links cost and lack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from graphql import GraphQLError
from tests.fakes import NOW, context_of, platform_of

from resolvers.context import Principal, RequestContext, Scope
from schema import build_schema
from vendors.calls import Call
from vendors.errors import PlatformServerError
from vendors.port import ConversationQuery, HistoryQuery, Page
from vendors.records import (
    CallMeeting,
    CallMeetingStatus,
    Channel,
    Client,
    Conversation,
    Customer,
    Dated,
    Listed,
    Site,
    Skill,
    SurveyQuestion,
    SurveyResponse,
    SurveyScore,
    Tag,
    Team,
    Transaction,
)

SCHEMA = build_schema()
READER = Principal("reader", frozenset({Scope.READ}))
AT = NOW - timedelta(hours=1)


class House:
    """A platform that has one of everything, and may fail to tell of each."""

    conversation_filters: frozenset[str] = frozenset()
    directory_kinds: frozenset[type[Listed]] = frozenset({Team, Skill, Tag, Site, Client})
    fetched_kinds: frozenset[type[Listed | Dated]] = frozenset({Customer, Team})
    history_filters: Mapping[type[Dated], frozenset[str]] = {
        Customer: frozenset({"customer_ids"}),
        Transaction: frozenset(),
        SurveyResponse: frozenset(),
        CallMeeting: frozenset(),
    }

    def __init__(self) -> None:
        self.failing: set[str] = set()
        self.asked: list[str] = []
        self.records: tuple[Any, ...] = (
            Team(platform="one", native_id="1", name="Sales", parent_id="2"),
            Team(platform="one", native_id="2", name="All"),
            Skill(platform="one", native_id="3", name="Returns", parent_id="3", position=1),
            Tag(platform="one", native_id="4", name="late", site_ids=("5", "gone")),
            Site(platform="one", native_id="5", name="Shop", client_id="6", currency="SEK"),
            Client(platform="one", native_id="6", language="sv", premium=False),
            Customer(platform="one", native_id="u", entry_id="7", at=AT, email="ana@example.test"),
            Transaction(
                platform="one",
                native_id="8",
                at=AT,
                amount=0.0,
                site_id="5",
                conversation_id="c",
                customer_id="u",
            ),
            SurveyResponse(
                platform="one",
                native_id="9",
                at=AT,
                scores=(
                    SurveyScore(question=SurveyQuestion.OTHER, native_question="q", value=0.0),
                ),
                comment="Thanks",
            ),
            CallMeeting(
                platform="one",
                native_id="10",
                at=AT,
                status=CallMeetingStatus.FAILED,
                phone="+331",
                skill_id="3",
            ),
        )

    def _of(self, kind: type[Any], name: str = "") -> tuple[Any, ...]:
        self.asked.append(" ".join((kind.__name__, *name.split())))
        if kind.__name__ in self.failing:
            raise PlatformServerError("broken")
        return tuple(one for one in self.records if type(one) is kind)

    async def directory(self, kind: type[Any], _call: Call) -> tuple[Any, ...]:
        return self._of(kind)

    async def history(self, kind: type[Any], _query: HistoryQuery, _call: Call) -> Page[Any]:
        items = self._of(kind)
        return Page(items, tuple(one.native_id for one in items), has_more=False)

    async def fetch(self, kind: type[Any], native_id: str, _call: Call) -> Any:  # noqa: ANN401 - of any kind
        return next((one for one in self._of(kind, native_id) if one.record_id == native_id), None)

    async def sales_of(
        self, _conversations: Sequence[Conversation], _call: Call
    ) -> tuple[Transaction, ...]:
        return self._of(Transaction)

    async def conversations(self, _query: ConversationQuery, _call: Call) -> Page[Conversation]:
        talk = Conversation(
            platform="one",
            native_id="c",
            channel=Channel.CHAT,
            started_at=AT,
            team_id="1",
            skill_id="3",
            site_id="5",
            customer_id="u",
            tag_ids=("4", "gone"),
            messages=(),
        )
        return Page((talk,), ("c",), has_more=False)

    async def conversation(self, _native_id: str, call: Call) -> Conversation | None:
        query = ConversationQuery(start=AT, end=NOW, limit=1)
        return (await self.conversations(query, call)).items[0]


def context_with(house: House, **changes: Any) -> RequestContext:  # noqa: ANN401 - arguments of the context
    ports = ("conversations", "conversation_by_id", "directories", "histories", "fetches", "sales")
    every: dict[str, Any] = dict.fromkeys(ports, house)
    one = platform_of("one", **every)
    return context_of(one, platform_of("two"), **changes)


async def run(context: RequestContext, query: str) -> tuple[Any, list[GraphQLError]]:
    result = await SCHEMA.execute(query, context_value=context)
    return result.data, list(result.errors or ())


TALKS = """{ conversations { nodes {
  site { name currency client { language premium } } skill { name parent { name } }
  team { name parent { name parent { name } } } tags { name sites { name } }
  customer { email }
  transactions { amount currency customer { nativeId } conversation { nativeId } }
} failures { code } } }"""


async def test_everything_a_conversation_refers_to_is_had_by_one_list_of_each_kind() -> None:
    house = House()
    data, errors = await run(context_with(house), TALKS)

    assert errors == []
    assert data["conversations"]["nodes"] == [
        {
            "site": {
                "name": "Shop",
                "currency": "SEK",
                "client": {"language": "sv", "premium": False},
            },
            "skill": {"name": "Returns", "parent": {"name": "Returns"}},
            "team": {"name": "Sales", "parent": {"name": "All", "parent": None}},
            "tags": [{"name": "late", "sites": [{"name": "Shop"}]}],
            "customer": {"email": "ana@example.test"},
            "transactions": [
                {
                    "amount": 0.0,
                    "currency": "SEK",
                    "customer": {"nativeId": "u"},
                    "conversation": {"nativeId": "c"},
                }
            ],
        }
    ]
    assert sorted(house.asked) == sorted(
        ["Site", "Client", "Skill", "Team", "Tag", "Customer", "Transaction"]
    )


async def test_a_list_that_fails_is_told_where_it_is_referred_to_and_costs_nothing_else() -> None:
    house = House()
    house.failing = {"Tag", "Customer"}
    data, errors = await run(context_with(house), TALKS)
    (talk,) = data["conversations"]["nodes"]

    assert (talk["tags"], talk["customer"], talk["transactions"][0]["customer"]) == (
        None,
        None,
        None,
    )
    assert talk["site"]["name"] == "Shop"
    at = ["conversations", "nodes", 0]
    assert sorted(map(str, (error.path for error in errors))) == sorted(
        map(
            str,
            ([*at, "tags"], [*at, "customer"], [*at, "transactions", 0, "customer"]),
        )
    )


ALL = "{ %s { nodes { __typename } failures { platform code } sources { platform freshness } } }"


async def test_a_list_that_fails_is_data_beside_the_others() -> None:
    kinds = {
        "teams": "Team",
        "skills": "Skill",
        "tags": "Tag",
        "sites": "Site",
        "clients": "Client",
        "customers": "Customer",
        "transactions": "Transaction",
        "surveyResponses": "SurveyResponse",
        "callMeetings": "CallMeeting",
    }
    for field, kind in kinds.items():
        house = House()
        whole, errors = await run(context_with(house), ALL % field)
        assert errors == []
        assert {one["__typename"] for one in whole[field]["nodes"]} == {kind}
        house.failing = {kind}
        data, errors = await run(context_with(house), ALL % field)
        assert errors == []
        assert data[field] == {
            "nodes": [],
            "failures": [{"platform": "one", "code": "PLATFORM_ERROR"}],
            "sources": [
                {"platform": "one", "freshness": "FAILED"},
                {"platform": "two", "freshness": "UNSUPPORTED"},
            ],
        }


PERSONAL = """{
  customers { nodes { nativeId email phone } }
  transactions { nodes { customerEmail amount } }
  surveyResponses { nodes { comment scores { question nativeQuestion value } } }
  callMeetings { nodes { phone status skill { name } } }
}"""


async def test_what_is_left_out_is_noted_and_what_is_not_there_is_not() -> None:
    context = context_with(House(), principal=READER)
    data, errors = await run(context, PERSONAL)

    assert errors == []
    assert data["customers"]["nodes"] == [{"nativeId": "u", "email": None, "phone": None}]
    assert data["surveyResponses"]["nodes"] == [
        {
            "comment": None,
            "scores": [{"question": "OTHER", "nativeQuestion": "q", "value": 0.0}],
        }
    ]
    assert data["callMeetings"]["nodes"] == [
        {"phone": None, "status": "FAILED", "skill": {"name": "Returns"}}
    ]
    assert sorted(context.withheld) == [
        "CallMeeting.phone",
        "Customer.email",
        "SurveyResponse.comment",
    ]
    whole = context_with(House())
    seen, _ = await run(whole, PERSONAL)
    assert seen["customers"]["nodes"][0]["email"] == "ana@example.test"
    assert not whole.withheld


async def test_a_thing_of_a_short_list_is_found_in_it_or_by_itself() -> None:
    house = House()
    context = context_with(house)
    data, _ = await run(context, "{ teams { nodes { id name } } tags { nodes { id } } }")
    ids = [one["id"] for one in (*data["teams"]["nodes"], *data["tags"]["nodes"])]
    house.asked.clear()
    house.records = house.records[1:]
    asked = " ".join(f'n{place}: node(id: "{one}") {{ id }}' for place, one in enumerate(ids))

    found, errors = await run(context_with(house), f"{{ {asked} }}")

    assert errors == []
    # The team that is gone from the list is asked for by itself, and is gone there as well.
    assert [found[f"n{place}"] and found[f"n{place}"]["id"] for place in range(3)] == [
        ids[0],
        None,
        ids[2],
    ]
    assert sorted(house.asked) == ["Tag", "Team", "Team 1"]


async def test_the_only_thing_of_a_short_list_is_asked_for_by_itself_and_kept() -> None:
    house = House()
    data, _ = await run(context_with(house), "{ teams { nodes { id } } tags { nodes { id } } }")
    team, tag = data["teams"]["nodes"][1]["id"], data["tags"]["nodes"][0]["id"]
    house.asked.clear()
    context = context_with(house)

    for asked in (f'node(id: "{team}")', f'nodes(ids: ["{team}", "{tag}"])'):
        found, errors = await run(context, f"{{ it: {asked} {{ id }} }}")
        assert errors == []
        assert team in str(found)

    # The tag cannot be fetched by an id, and the team was kept.
    assert house.asked == ["Team 1", "Tag"]


async def test_a_thing_by_itself_is_found_in_a_list_that_is_kept() -> None:
    house = House()
    context = context_with(house)
    data, _ = await run(context, "{ teams { nodes { id } } }")
    team = data["teams"]["nodes"][0]["id"]
    house.asked.clear()

    found, _ = await run(context, f'{{ node(id: "{team}") {{ id }} }}')

    assert found["node"]["id"] == team
    assert house.asked == []


async def test_the_only_thing_of_a_short_list_that_is_gone_is_asked_for_once() -> None:
    house = House()
    data, _ = await run(context_with(house), "{ teams { nodes { id } } }")
    team = data["teams"]["nodes"][1]["id"]
    house.asked.clear()
    house.records = house.records[1:]

    found, errors = await run(context_with(house), f'{{ node(id: "{team}") {{ id }} }}')

    assert (found["node"], errors) == (None, [])
    assert house.asked == ["Team 1"]
