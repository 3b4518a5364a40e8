"""What platforms list beside conversations and agents, and what refers to it, over real sockets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
from tests.e2e.accounts import written
from tests.e2e.asked import by_platform, capable, day_before, days
from tests.e2e.running import Gateway, Table, running_gateway, running_sandbox
from tests.e2e.test_paging import nodes, pages

from gateway.security.keys import hash_of

SHORT = {
    "teams": "TEAMS",
    "skills": "SKILLS",
    "tags": "TAGS",
    "sites": "SITES",
    "clients": "CLIENTS",
}
LONG = {
    "customers": ("CUSTOMERS", "id firstSeenAt"),
    "transactions": ("TRANSACTIONS", "id madeAt"),
    "surveyResponses": ("SURVEY_RESPONSES", "id answeredAt"),
    "callMeetings": ("CALL_MEETINGS", "nativeId startsAt"),
}
PAGE = """query Page($first: Int, $after: String%s) {
  page: %s(first: $first, after: $after%s) {
    edges { cursor node { %s platform { key } } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    failures { code }
    sources { platform freshness calls note }
  }
}"""


def question(field: str) -> str:
    """Return the question for a page of that list."""
    shown = LONG[field][1] if field in LONG else "id"
    dated = field in LONG and field != "customers"
    asked = (", $period: PeriodInput", ", period: $period") if dated else ("", "")
    return PAGE % (asked[0], field, asked[1], shown)


@pytest.mark.parametrize("field", SHORT)
def test_a_short_list_is_paged_and_says_who_has_none(gateway: Gateway, field: str) -> None:
    small = pages(gateway, question(field), 1)
    (whole,) = pages(gateway, question(field), 200)

    assert nodes(small) == [edge["node"] for edge in whole["edges"]] != []
    shown = {node["platform"]["key"] for node in nodes(small)}
    assert shown == capable(gateway, SHORT[field])
    for key, source in by_platform(whole["sources"]).items():
        assert (source["freshness"] == "UNSUPPORTED") is (key not in shown)
        assert (source["note"] is None) is (key in shown)


@pytest.mark.parametrize("field", LONG)
def test_a_long_list_is_the_same_whatever_the_size_of_its_pages(
    gateway: Gateway, field: str
) -> None:
    capability, shown = LONG[field]
    id_, at = shown.split()
    if field == "customers":
        variables = None
        first = gateway.ask(question(field), {"first": 90}).data["page"]
        large = [edge["node"] for edge in first["edges"]]
        small: list[Table] = []
        after = None
        while len(small) < 63:
            page = gateway.ask(question(field), {"first": 7, "after": after}).data["page"]
            small += [edge["node"] for edge in page["edges"]]
            after = page["pageInfo"]["endCursor"]
        assert small == large[: len(small)]
    else:
        # Longer than one list of the vendor's may span.
        variables = {"period": days(day_before(40), 38)}
        size = 20 if field == "callMeetings" else 60
        small = nodes(pages(gateway, question(field), size, variables))
        assert small == nodes(pages(gateway, question(field), 200, variables))
    assert len({node[id_] for node in small}) == len(small) > 20
    times = [datetime.fromisoformat(node[at]) for node in small]
    assert all(newer >= older for newer, older in pairwise(times))
    assert {node["platform"]["key"] for node in small} == capable(gateway, capability)


def test_appointments_may_lie_ahead(gateway: Gateway) -> None:
    answer = gateway.ask(
        "query Ahead($period: PeriodInput) { callMeetings(period: $period) "
        "{ nodes { status startsAt customer { id } skill { label } site { label } } } }",
        {"period": days(day_before(0), 2)},
    )
    found = answer.data["callMeetings"]["nodes"]

    assert {one["status"] for one in found if one["status"] != "PENDING"} <= {
        "IN_PROGRESS",
        "DONE",
        "FAILED",
    }
    assert all(one["skill"]["label"] and one["site"]["label"] for one in found)


LINKED = """query Linked($period: PeriodInput) {
  conversations(period: $period, first: 200) {
    nodes {
      platform { key }
      siteId site { nativeId currency client { nativeId } }
      skillId skill { nativeId }
      teamId team { nativeId }
      tagIds tags { nativeId }
      nativeId transactions { conversationId amount currency site { label } agent { label } }
    }
    failures { code }
  }
  agents(first: 200) {
    nodes {
      platform { key } teamIds teams { nativeId } skillIds skills { nativeId }
      siteIds sites { nativeId }
    }
  }
}"""


def test_what_is_referred_to_is_had_by_one_list_of_each_kind(cold_gateway: Gateway) -> None:
    answer = cold_gateway.ask(LINKED, {"period": days(day_before(4))})
    (key,) = capable(cold_gateway, "TRANSACTIONS")
    talks = [one for one in answer.data["conversations"]["nodes"] if one["platform"]["key"] == key]
    staff = [one for one in answer.data["agents"]["nodes"] if one["platform"]["key"] == key]

    assert len(talks) > 10
    for one in talks:
        assert one["site"]["nativeId"] == one["siteId"]
        assert one["skill"]["nativeId"] == one["skillId"]
        assert [tag["nativeId"] for tag in one["tags"]] == one["tagIds"]
        assert all(sale["conversationId"] == one["nativeId"] for sale in one["transactions"])
    assert any(one["tags"] for one in talks)
    sales = [sale for one in talks for sale in one["transactions"]]
    assert sales
    assert all(sale["currency"] and sale["site"]["label"] for sale in sales)
    for one in staff:
        assert {team["nativeId"] for team in one["teams"]} == set(one["teamIds"])
        assert {skill["nativeId"] for skill in one["skills"]} == set(one["skillIds"])
        assert {site["nativeId"] for site in one["sites"]} == set(one["siteIds"])
    calls = [call["endpoint"] for call in answer.calls if call["platform"] == key]
    for endpoint in ("website", "skill", "group", "tag", "client", "operator", "transaction"):
        assert calls.count(endpoint) == 1, endpoint


def test_platforms_without_lists_leave_what_refers_to_them_open(gateway: Gateway) -> None:
    answer = gateway.ask(LINKED, {"period": days(day_before(4))})
    without = set(capable(gateway, "AGENTS")) - capable(gateway, "TEAMS")

    others = [one for one in answer.data["agents"]["nodes"] if one["platform"]["key"] in without]
    assert others
    assert {(one["teams"], one["sites"]) for one in others} == {(None, None)}
    listed = capable(gateway, "SKILLS")
    assert {one["platform"]["key"] for one in others if one["skills"] is not None} <= listed
    assert any(one["skills"] is None for one in others)


NODES = """query Nodes($ids: [ID!]!) {
  nodes(ids: $ids) { __typename id ... on Customer { nativeId } }
}"""


def test_everything_with_an_id_is_found_by_it(gateway: Gateway) -> None:
    fields = [*SHORT, "customers", "transactions", "surveyResponses"]
    (key,) = capable(gateway, "CUSTOMER_BY_ID")
    asked = " ".join(
        f'{field}(first: 2, platforms: ["{key}"]) {{ nodes {{ __typename id }} }}'
        for field in fields
    )
    listed = gateway.ask(f"{{ {asked} }}").data
    things = [one for field in fields for one in listed[field]["nodes"]]

    found = gateway.ask(NODES, {"ids": [one["id"] for one in things]}).data["nodes"]

    assert [(one["__typename"], one["id"]) for one in found] == [
        (one["__typename"], one["id"]) for one in things
    ]
    assert len({one["__typename"] for one in things}) == len(fields)


def test_a_platform_that_fetches_no_customer_by_id_says_so(gateway: Gateway) -> None:
    (key,) = capable(gateway, "CUSTOMERS") - capable(gateway, "CUSTOMER_BY_ID")
    listed = gateway.ask(f'{{ customers(first: 1, platforms: ["{key}"]) {{ nodes {{ id }} }} }}')
    (one,) = listed.data["customers"]["nodes"]

    answer = gateway.ask(NODES, {"ids": [one["id"]]})

    assert answer.codes == ["UNSUPPORTED"]
    assert answer.body["data"] == {"nodes": [None]}


def test_a_cursor_of_one_list_is_refused_by_another(gateway: Gateway) -> None:
    page = gateway.ask(question("teams"), {"first": 1}).data["page"]
    answer = gateway.ask(question("skills"), {"first": 1, "after": page["pageInfo"]["endCursor"]})

    assert answer.codes == ["BAD_USER_INPUT"]


# ------------------------------------------------------------------------------ personal data

KEYS = {"reader": ["read"], "support": ["read", "personal"]}
PERSONAL = """query Personal($period: PeriodInput) {
  customers(first: 3, filter: {siteIds: ["2101", "2102"]}) {
    nodes { nativeId email givenName familyName phone address postalCode city country browser
            externalId sites { label } }
  }
  transactions(period: $period, first: 3, filter: {linked: true}) {
    nodes { customerEmail customer { email } conversation { messages { text } } amount }
  }
  surveyResponses(period: $period, first: 3) { nodes { comment scores { value } } }
  callMeetings(period: $period, first: 3) { nodes { phone status } }
}"""
WITHHELD = {
    *(
        f"Customer.{name}"
        for name in (
            "email",
            "givenName",
            "familyName",
            "phone",
            "address",
            "postalCode",
            "city",
            "country",
            "browser",
            "externalId",
        )
    ),
    "Transaction.customerEmail",
    "Conversation.messages",
    "SurveyResponse.comment",
    "CallMeeting.phone",
}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Table]]:
    """A gateway for which keys are needed; asks it for personal data by the key of that name."""
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as tables:
        keys = [
            {"name": name, "hash": hash_of(f"key of {name}"), "scopes": scopes}
            for name, scopes in KEYS.items()
        ]
        folder: Path = tmp_path_factory.mktemp("guarded")
        file = written(tables, folder / "settings.toml", require_api_key=True, api_keys=keys)
        with running_gateway(folder, "--config", str(file)) as gateway:

            def ask(name: str, query: str = PERSONAL) -> Table:
                variables = {"period": days(day_before(3))} if query is PERSONAL else {}
                headers = {"authorization": f"Bearer key of {name}"}
                body = gateway.ask(query, variables, headers).body
                assert "@example.org" not in gateway.log
                return body

            yield ask


def test_keys_without_the_scope_see_no_personal_data_and_are_told_so(
    guarded: Callable[..., Table],
) -> None:
    body = guarded("reader")

    assert "errors" not in body
    data = body["data"]
    for one in data["customers"]["nodes"]:
        assert one["nativeId"]
        assert one["sites"]
        assert {one[name] for name in one if name not in {"nativeId", "sites"}} == {None}
    for one in data["transactions"]["nodes"]:
        assert one["amount"] > 0
        assert one["customerEmail"] is None
        assert one["customer"] == {"email": None}
        assert one["conversation"] == {"messages": None}
    assert {one["comment"] for one in data["surveyResponses"]["nodes"]} == {None}
    assert {one["phone"] for one in data["callMeetings"]["nodes"]} == {None}
    withheld = body["extensions"]["switchboard"]["withheld"]
    assert withheld["scope"] == "personal"
    assert sorted(withheld["fields"]) == sorted(WITHHELD)
    assert "@example.org" not in str(body)


def test_keys_with_the_scope_see_it_and_nothing_is_withheld(
    guarded: Callable[..., Table],
) -> None:
    body = guarded("support")

    assert all(one["email"].endswith("@example.org") for one in body["data"]["customers"]["nodes"])
    for one in body["data"]["transactions"]["nodes"]:
        assert one["customerEmail"] == one["customer"]["email"]
    assert "withheld" not in body["extensions"]["switchboard"]


def test_who_may_not_read_the_companys_ids_may_not_try_them(
    guarded: Callable[..., Table],
) -> None:
    query = '{ customers(filter: {externalIds: ["CRM-1"]}) { nodes { nativeId } } }'

    (error,) = guarded("reader", query)["errors"]
    assert error["extensions"]["code"] == "FORBIDDEN"
    assert "errors" not in guarded("support", query)
