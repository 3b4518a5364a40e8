"""Every field of Mutation as its caller meets it: made, seen in the next answer, and refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.e2e.running import Answer, Gateway, Table, running_gateway

pytestmark = pytest.mark.timeout(150)

ON, MAILS = "iadvize", "chat-tonic"
NOBODY = "999999999"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running_gateway(tmp_path_factory.mktemp("changes"), "--sandbox") as running:
        yield running


def made(gateway: Gateway, text: str, variables: Table | None = None) -> Table:
    """Make one change, and return what became of it."""
    (field,) = gateway.ask(text, {"on": ON, **(variables or {})}).data.values()
    (result,) = field["results"]
    found: Table = result
    return found


CREATE_AGENT = """
mutation Create($on: String!, $input: [CreateAgentInput!]!) {
  createAgent(platform: $on, input: $input) {
    results {
      status nativeId userErrors { field code }
      agent {
        id name email externalId languages teamIds
        channelSettings { channel enabled mostAtOnce priority }
      }
    }
  }
}
"""


def new_agent(gateway: Gateway, name: str, **more: object) -> Table:
    """Make an agent and return it."""
    given = {"givenName": "Ada", "familyName": name, "email": f"{name}@example.org", **more}
    result = made(gateway, CREATE_AGENT, {"input": given})
    assert (result["status"], result["userErrors"]) == ("DONE", [])
    agent: Table = result["agent"]
    return agent


def listed(gateway: Gateway, email: str) -> list[Table]:
    query = "query Of($emails: [String!]) { agents(filter: {emails: $emails}) { nodes { id } } }"
    nodes: list[Table] = gateway.ask(query, {"emails": [email]}).data["agents"]["nodes"]
    return nodes


def test_an_agent_lives(gateway: Gateway) -> None:
    assert listed(gateway, "Byron@example.org") == []
    chat = {"channel": "CHAT", "enabled": True, "mostAtOnce": 3, "priority": 10}
    agent = new_agent(
        gateway,
        "Byron",
        externalId="RH-1815",
        languages=["en", "fr"],
        channelSettings=[chat],
    )
    assert agent["externalId"] == "RH-1815"
    assert agent["languages"] == ["en", "fr"]
    assert chat in agent["channelSettings"]
    assert [one["id"] for one in listed(gateway, "Byron@example.org")] == [agent["id"]]

    changed = made(
        gateway,
        """mutation Change($id: ID!) {
          updateAgent(input: {id: $id, displayName: "Countess"}) {
            results { status agent { displayName email languages } }
          }
        }""",
        {"id": agent["id"]},
    )
    assert changed["agent"] == {
        "displayName": "Countess",
        "email": "Byron@example.org",
        "languages": ["en", "fr"],
    }

    delete = """mutation Delete($id: ID!) {
      deleteAgent(ids: [$id]) { results { status userErrors { field code } } }
    }"""
    assert made(gateway, delete, {"id": agent["id"]})["status"] == "DONE"
    assert listed(gateway, "Byron@example.org") == []
    again = made(gateway, delete, {"id": agent["id"]})
    assert again == {"status": "REFUSED", "userErrors": [{"field": "id", "code": "NOT_FOUND"}]}


def test_what_is_wrong_with_an_agent_is_told_by_member(gateway: Gateway) -> None:
    settings = [{"channel": "EMAIL", "enabled": True}]
    given = {"email": "nowhere", "teamId": "seven", "channelSettings": settings}
    result = made(gateway, CREATE_AGENT, {"input": given})

    assert (result["status"], result["agent"]) == ("REFUSED", None)
    assert {(one["field"], one["code"]) for one in result["userErrors"]} >= {
        ("email", "INVALID"),
        ("teamId", "INVALID"),
        ("channelSettings", "INVALID"),
    }


AVAILABILITY = """
mutation Availability($id: ID!, $available: Boolean!) {
  setAgentAvailability(
    input: {id: $id, channels: [{channel: CHAT, available: $available}]}
  ) {
    results { status agent { live { connected channels { channel available } } } }
  }
}
"""


def test_an_agent_is_made_available_and_disconnected(gateway: Gateway) -> None:
    chat = {"channel": "CHAT", "enabled": True, "mostAtOnce": 2}
    agent = new_agent(gateway, "Hopper", channelSettings=[chat])

    there = made(gateway, AVAILABILITY, {"id": agent["id"], "available": True})
    assert {"channel": "CHAT", "available": True} in there["agent"]["live"]["channels"]
    away = made(gateway, AVAILABILITY, {"id": agent["id"], "available": False})
    assert {"channel": "CHAT", "available": False} in away["agent"]["live"]["channels"]

    gone = made(
        gateway,
        """mutation Leave($id: ID!) {
          disconnectAgent(ids: [$id]) { results { status agent { live { status } } } }
        }""",
        {"id": agent["id"]},
    )
    # The list shows those who are there, and says of nobody else why they are not.
    assert gone == {"status": "DONE", "agent": {"live": {"status": "UNAVAILABLE"}}}


def test_a_customer_lives(gateway: Gateway) -> None:
    (site, *_) = gateway.ask("{ sites { nodes { nativeId } } }").data["sites"]["nodes"]
    given = {
        "externalId": "CRM-Lovelace",
        "givenName": "Annabella",
        "phone": "+441234567890",
        "siteIds": [site["nativeId"]],
    }
    create = """mutation Create($on: String!, $input: [CreateCustomerInput!]!) {
      createCustomer(platform: $on, input: $input) {
        results { status customer { id nativeId externalId givenName phone siteIds } }
      }
    }"""
    customer = made(gateway, create, {"input": given})["customer"]
    assert {name: customer[name] for name in given} == given
    pages = """query Mine($ids: [String!]) {
      customers(filter: {externalIds: $ids}) { nodes { nativeId city } }
    }"""

    def found() -> list[Table]:
        nodes: list[Table] = gateway.ask(pages, {"ids": ["CRM-Lovelace"]}).data["customers"][
            "nodes"
        ]
        return nodes

    assert found() == [{"nativeId": customer["nativeId"], "city": None}]
    change = """mutation Change($id: ID!) {
      updateCustomer(input: {id: $id, city: "London"}) { results { status customer { city } } }
    }"""
    changed = made(gateway, change, {"id": customer["id"]})
    assert changed == {"status": "DONE", "customer": {"city": "London"}}
    assert found() == [{"nativeId": customer["nativeId"], "city": "London"}]
    delete = """mutation Delete($id: ID!) {
      deleteCustomer(ids: [$id]) { results { status customer { id } } }
    }"""
    assert made(gateway, delete, {"id": customer["id"]}) == {"status": "DONE", "customer": None}
    assert found() == []
    assert "+441234567890" not in gateway.log
    assert "Annabella" not in gateway.log


def test_tags_are_made_by_one_call(gateway: Gateway) -> None:
    (site, *_) = gateway.ask("{ sites { nodes { nativeId } } }").data["sites"]["nodes"]
    names = ["Engine", "Loom", "Card"]
    answer = gateway.ask(
        """mutation Make($on: String!, $input: [CreateTagInput!]!) {
          createTags(platform: $on, input: $input) {
            results { status nativeId tag { name siteIds } }
          }
        }""",
        {"on": ON, "input": [{"name": one, "siteId": site["nativeId"]} for one in names]},
    )
    results = answer.data["createTags"]["results"]

    assert [one["tag"]["name"] for one in results] == names
    assert {tuple(one["tag"]["siteIds"]) for one in results} == {(site["nativeId"],)}
    assert writing_calls(answer) == 1


def writing_calls(answer: Answer) -> int:
    """Return how many calls of an answer changed something."""
    return sum("post" in call["endpoint"] for call in answer.calls)


def test_a_site_is_changed(gateway: Gateway) -> None:
    (site, *_) = gateway.ask("{ sites { nodes { id name } } }").data["sites"]["nodes"]
    change = """mutation Change($id: ID!, $name: String, $zone: String) {
      updateSite(input: {id: $id, name: $name, timeZone: $zone}) {
        results { status site { name } userErrors { field code } }
      }
    }"""
    renamed = made(gateway, change, {"id": site["id"], "name": "The new shop"})
    assert renamed == {"status": "DONE", "site": {"name": "The new shop"}, "userErrors": []}
    refused = made(gateway, change, {"id": site["id"], "zone": "Mars/Olympus"})
    assert refused["userErrors"] == [{"field": "timeZone", "code": "INVALID"}]
    made(gateway, change, {"id": site["id"], "name": site["name"]})


def test_a_call_becomes_a_conversation_and_ends(gateway: Gateway) -> None:
    (site, *_) = gateway.ask("{ sites { nodes { nativeId } } }").data["sites"]["nodes"]
    new_agent(gateway, "Lamarr", externalId="RH-1914")
    given = {"agentExternalId": "RH-1914", "siteId": site["nativeId"], "phone": "+33699887766"}
    told = """mutation Told($on: String!, $input: [CallbackInput!]!) {
      %s(platform: $on, input: $input) {
        results {
          status nativeId userErrors { field code }
          conversation { nativeId channel state site { nativeId } } customer { nativeId }
        }
      }
    }"""
    taken = made(gateway, told % "pickUpCallback", {"input": given})
    assert (taken["status"], taken["conversation"]["channel"]) == ("DONE", "CALL")
    assert taken["conversation"]["nativeId"] == taken["nativeId"]
    assert taken["conversation"]["site"] == {"nativeId": site["nativeId"]}
    assert taken["customer"]["nativeId"]

    ended = made(gateway, told % "hangUpCallback", {"input": given})
    assert (ended["status"], ended["nativeId"], ended["conversation"]) == ("DONE", None, None)
    again = made(gateway, told % "hangUpCallback", {"input": given})
    assert again["status"] == "REFUSED"
    assert "+33699887766" not in gateway.log


REQUEST = """
mutation Request($on: String!, $key: String, $dry: Boolean! = false) {
  requestNpsExport(
    platform: $on, period: {last: {count: 1, unit: MONTH}}, group: PROMOTER,
    idempotencyKey: $key, dryRun: $dry
  ) { results { status nativeId userErrors { field code } } }
}
"""


def test_answers_to_a_survey_are_sent_by_e_mail_once(gateway: Gateway) -> None:
    answers = [gateway.ask(REQUEST, {"on": MAILS, "key": "march"}) for _ in range(3)]

    done: Table = {"status": "DONE", "nativeId": None, "userErrors": []}
    assert [one.data["requestNpsExport"]["results"] for one in answers] == [[done]] * 3
    assert [one.calls_to(MAILS) for one in answers] == [1, 0, 0]


@pytest.mark.parametrize("on", [ON, MAILS])
def test_what_is_tried_only_is_not_sent(gateway: Gateway, on: str) -> None:
    answer = gateway.ask(REQUEST, {"on": on, "dry": True})

    assert answer.calls == []
    if on == MAILS:
        (result,) = answer.data["requestNpsExport"]["results"]
        assert result["status"] == "VALID"
    else:
        assert answer.codes == ["UNSUPPORTED"]


def test_nothing_of_a_dry_run_is_there_later(gateway: Gateway) -> None:
    query = """mutation Try($on: String!, $input: [CreateAgentInput!]!) {
      createAgent(platform: $on, input: $input, dryRun: true) {
        results { status agent { id } }
      }
    }"""
    given = {"familyName": "Ghost", "email": "ghost@example.org"}
    assert made(gateway, query, {"input": given}) == {"status": "VALID", "agent": None}
    assert listed(gateway, "ghost@example.org") == []


COUNTED = """
{
  indicators(keys: [CONVERSATIONS_STARTED], period: {calendar: LAST_WEEK}) { series { value } }
  teams { totalCount: nodes { id } }
  agents(first: 5) { nodes { label } }
}
"""


def test_what_is_kept_can_be_forgotten(gateway: Gateway) -> None:
    first = gateway.ask(COUNTED)
    assert gateway.ask(COUNTED).calls == []

    purged = gateway.ask(
        'mutation { purgeCache(platforms: ["gnatta"]) { results { platform entries } } }'
    )
    ((result),) = purged.data["purgeCache"]["results"]
    assert result["platform"] == "gnatta"
    assert result["entries"] >= 2
    assert purged.calls == []

    again = gateway.ask(COUNTED)
    assert again.data == first.data
    assert {call["platform"] for call in again.calls} == {"gnatta"}
    assert gateway.ask(COUNTED).calls == []
