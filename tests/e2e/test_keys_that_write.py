"""What each key may change: its scopes, its platforms, and what it is shown of what it changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from tests.e2e.accounts import written
from tests.e2e.running import Answer, Gateway, Table, running_gateway, running_sandbox

from gateway.security.keys import hash_of

pytestmark = pytest.mark.timeout(150)

ABLE, OTHER = "iadvize", "gnatta"
SCOPES: dict[str, list[str]] = {
    "all": ["read", "write", "personal"],
    "writer": ["read", "write"],
    "reader": ["read", "personal"],
    "only": ["write"],
    "elsewhere": ["read", "write"],
}
CREATE_TEAM = """
mutation Create($on: String!, $dry: Boolean! = false) {
  createTeam(platform: $on, input: {name: "Night"}, dryRun: $dry, idempotencyKey: "k") {
    results { status team { id } }
  }
}
"""
CREATE_CUSTOMER = """
mutation Create($on: String!, $input: [CreateCustomerInput!]!) {
  createCustomer(platform: $on, input: $input) {
    results { status nativeId customer { nativeId phone givenName externalId } }
  }
}
"""
UPDATE_AGENT = """
mutation Change($id: ID!) {
  updateAgent(input: {id: $id, displayName: "Z"}) { results { status agent { displayName } } }
}
"""
PURGE = "mutation Purge($of: [String!]) { purgeCache(platforms: $of) { results { platform } } }"


@dataclass
class House:
    gateway: Gateway

    def ask(self, key: str, query: str, variables: Table | None = None) -> Answer:
        headers = {"x-api-key": f"the key called {key}"} if key else {}
        return self.gateway.ask(query, variables, headers)

    def agent(self) -> str:
        nodes = self.ask("all", "{ agents(first: 100) { nodes { id platform { key } } } }").data
        found: str = next(
            one["id"] for one in nodes["agents"]["nodes"] if one["platform"]["key"] == ABLE
        )
        return found


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("keys")
    with running_sandbox(folder) as tables:
        wanted = [table for table in tables if table["key"] in {ABLE, OTHER}]
        keys: list[Table] = [
            {"name": name, "hash": hash_of(f"the key called {name}"), "scopes": scopes}
            for name, scopes in SCOPES.items()
        ]
        keys[-1]["platforms"] = [OTHER]
        file = written(wanted, folder / "settings.toml", api_keys=keys)
        with running_gateway(folder, "--config", str(file)) as gateway:
            yield House(gateway)


@pytest.mark.parametrize("key", ["reader", ""], ids=["reads", "nobody"])
@pytest.mark.parametrize(
    ("query", "variables"),
    [
        (CREATE_TEAM, {"on": ABLE}),
        (CREATE_TEAM, {"on": ABLE, "dry": True}),
        (CREATE_TEAM, {"on": "nowhere"}),
        (UPDATE_AGENT, {"id": "no id"}),
        (CREATE_CUSTOMER, {"on": ABLE, "input": []}),
        (PURGE, {"of": [ABLE]}),
        (PURGE, {"of": ["nowhere"]}),
        (PURGE, {"of": []}),
    ],
    ids=["team", "dry", "nowhere", "no-id", "nothing", "purge", "purge-nowhere", "purge-nothing"],
)
def test_who_may_not_write_is_told_that_and_nothing_else(
    house: House, key: str, query: str, variables: Table
) -> None:
    answer = house.ask(key, query, variables)

    assert answer.codes == ["FORBIDDEN"]
    assert answer.calls == []


def test_writing_alone_does_not_read(house: House) -> None:
    answer = house.ask("only", CREATE_TEAM, {"on": ABLE})

    assert answer.status == 403
    assert answer.codes == ["FORBIDDEN"]


def test_other_platforms_than_its_own_are_out_of_a_keys_reach(house: House) -> None:
    agent = house.agent()
    for query, variables in (
        (CREATE_TEAM, {"on": ABLE}),
        (UPDATE_AGENT, {"id": agent}),
        (PURGE, {"of": [OTHER, ABLE]}),
    ):
        answer = house.ask("elsewhere", query, variables)
        assert answer.codes == ["BAD_USER_INPUT"], query
        assert answer.calls == []

    purged = house.ask("elsewhere", PURGE).data["purgeCache"]["results"]
    assert purged == [{"platform": OTHER}]
    assert {one["platform"] for one in house.ask("all", PURGE).data["purgeCache"]["results"]} == {
        ABLE,
        OTHER,
    }


def test_what_is_personal_is_not_shown_to_whoever_changed_it(house: House) -> None:
    given = {"externalId": "CRM-9", "givenName": "Annabella", "phone": "+441234567890"}
    hidden = house.ask("writer", CREATE_CUSTOMER, {"on": ABLE, "input": given})
    shown = house.ask("all", CREATE_CUSTOMER, {"on": ABLE, "input": given})

    ((result,), (whole,)) = (one.data["createCustomer"]["results"] for one in (hidden, shown))
    assert result["status"] == "DONE"
    number = result["customer"].pop("nativeId")
    assert number
    assert result["customer"] == {"phone": None, "givenName": None, "externalId": None}
    assert {name: whole["customer"][name] for name in given} == given
    assert "Annabella" not in hidden.text
    assert "Annabella" not in house.gateway.log


def test_a_key_of_ones_own_is_nothing_to_other_callers(house: House) -> None:
    first, other, again = (
        house.ask(one, CREATE_TEAM, {"on": ABLE}).data["createTeam"]["results"][0]
        for one in ("all", "writer", "all")
    )
    assert first == again
    assert first["team"]["id"] != other["team"]["id"]


def test_two_fields_of_a_kind_do_not_share_a_key(house: House) -> None:
    query = """mutation Two($on: String!) {
      one: createTeam(platform: $on, input: {name: "A"}, idempotencyKey: "shared") {
        results { status }
      }
      other: createTeam(platform: $on, input: {name: "B"}, idempotencyKey: "shared") {
        results { status }
      }
      skill: createSkill(platform: $on, input: {name: "A"}, idempotencyKey: "shared") {
        results { status }
      }
    }"""
    answer = house.ask("all", query, {"on": ABLE})

    (error,) = answer.errors
    assert error["path"] == ["other", "results", 0]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    done = {"results": [{"status": "DONE"}]}
    assert answer.body["data"] == {"one": done, "other": {"results": [None]}, "skill": done}


def test_no_value_of_a_change_is_in_the_log_whatever_is_wrong_with_it(house: House) -> None:
    for given in (
        {"phone": {"number": "+33611223344"}},
        {"fone": "+33611223344"},
        {"phone": "+33611223344", "siteIds": ["+33611223344"]},
        {"externalId": "+33611223344" * 4_000},
    ):
        answer = house.ask("all", CREATE_CUSTOMER, {"on": ABLE, "input": given})
        assert answer.status in {200, 400}
        told = house.ask("all", CREATE_TEAM, {"on": "+33611223344"})
        assert told.codes == ["BAD_USER_INPUT"]
    assert "+33611223344" not in house.gateway.log
