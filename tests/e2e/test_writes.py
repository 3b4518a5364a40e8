"""Changes through the whole house: a gateway, a proxy that loses answers, and a simulator."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

import orjson
import pytest
from tests.e2e.accounts import origin_of, through, written
from tests.e2e.faulty import VENDOR_WORDS, Fault, FaultProxy, running_proxies
from tests.e2e.running import Answer, Gateway, Table, running_gateway, running_sandbox

from gateway.security.keys import hash_of

pytestmark = pytest.mark.timeout(150)

KEY = "the key of one who may write"
CREATE = """
mutation Create($on: String!, $input: [CreateTeamInput!]!, $key: String, $dry: Boolean! = false) {
  createTeam(platform: $on, input: $input, idempotencyKey: $key, dryRun: $dry) {
    results { status nativeId team { id name parentId } userErrors { field code message } }
  }
}
"""
UPDATE = """
mutation Update($id: ID!) {
  updateTeam(input: {id: $id, name: "Day"}) { results { status team { id name } } }
}
"""
DELETE = """
mutation Delete($ids: [ID!]!) {
  deleteTeam(ids: $ids) { results { status team { id } userErrors { field code } } }
}
"""
TEAMS = "{ teams(first: 200) { nodes { id nativeId name platform { key } } } }"


class Writer:
    """A caller of a gateway, whose key lets it write."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    @property
    def log(self) -> str:
        return self._gateway.log

    def ask(self, query: str, variables: Table | None = None) -> Answer:
        return self._gateway.ask(query, variables, {"x-api-key": KEY})

    def get(self, path: str, headers: Table) -> Answer:
        return self._gateway.get(path, {**headers, "x-api-key": KEY})


@dataclass
class Account:
    gateway: Writer
    proxy: FaultProxy
    key: str
    others: list[str]

    def create(self, *names: str, key: str | None = None, dry: bool = False) -> list[Table]:
        asked = {"on": self.key, "input": [{"name": one} for one in names], "key": key, "dry": dry}
        results: list[Table] = self.gateway.ask(CREATE, asked).data["createTeam"]["results"]
        return results

    def teams(self) -> list[str]:
        nodes = self.gateway.ask(TEAMS).data["teams"]["nodes"]
        return [one["name"] for one in nodes if one["platform"]["key"] == self.key]


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    folder = tmp_path_factory.mktemp("writes")
    with running_sandbox(folder) as tables, running_proxies() as proxies:
        able = next(table for table in tables if table["vendor"] == "iadvize")
        proxy = proxies.open(origin_of(able))
        others = [table for table in tables if table is not able]
        pacing = {"attempts": 1, "call_seconds": 20}
        moved = through(able, proxy.origin, able["key"], pacing=pacing)
        keys = [{"name": "tests", "hash": hash_of(KEY), "scopes": ["read", "write"]}]
        file = written([moved, *others], folder / "settings.toml", api_keys=keys)
        with running_gateway(folder, "--config", str(file)) as gateway:
            yield Account(Writer(gateway), proxy, able["key"], [one["key"] for one in others])


def test_a_team_lives(account: Account) -> None:
    (made,) = account.create("Night")
    team = made["team"]

    assert (made["status"], made["userErrors"], team["name"]) == ("DONE", [], "Night")
    assert "Night" in account.teams()

    (changed,) = account.gateway.ask(UPDATE, {"id": team["id"]}).data["updateTeam"]["results"]
    assert changed == {"status": "DONE", "team": {"id": team["id"], "name": "Day"}}
    assert "Day" in account.teams()

    twice = {"ids": [team["id"]] * 2}
    gone, again = account.gateway.ask(DELETE, twice).data["deleteTeam"]["results"]
    assert gone == {"status": "DONE", "team": None, "userErrors": []}
    assert again["status"] == "REFUSED"
    assert again["userErrors"] == [{"field": "id", "code": "NOT_FOUND"}]
    assert "Day" not in account.teams()


def test_skills_are_changed_in_their_turn(account: Account) -> None:
    query = """
    mutation Two($on: String!) {
      first: createSkill(platform: $on, input: {name: "A", position: 7}) {
        results { skill { nativeId position } }
      }
      second: createSkill(platform: $on, input: {name: "B"}) { results { skill { nativeId } } }
    }
    """
    data = account.gateway.ask(query, {"on": account.key}).data
    (first,), (second,) = data["first"]["results"], data["second"]["results"]

    assert first["skill"]["position"] == 7
    assert int(second["skill"]["nativeId"]) == int(first["skill"]["nativeId"]) + 1


def test_a_dry_run_makes_no_call(account: Account) -> None:
    asked = {"on": account.key, "input": [{"name": "Dry"}, {"name": " "}], "dry": True}
    answer = account.gateway.ask(CREATE, asked)
    good, bad = answer.data["createTeam"]["results"]

    assert (good["status"], good["team"]) == ("VALID", None)
    assert [one["code"] for one in bad["userErrors"]] == ["MISSING"]
    assert answer.calls == []
    assert "Dry" not in account.teams()


def test_an_answer_that_is_lost_does_not_double_a_team(account: Account) -> None:
    account.proxy.break_(Fault.LOST)
    try:
        (first,) = account.create("Lost", key="lost-1")
        (again,) = account.create("Lost", key="lost-1")
    finally:
        account.proxy.mend()
    (later,) = account.create("Lost", key="lost-1")

    assert first["status"] == "DONE"
    assert first == again == later
    assert account.teams().count("Lost") == 1


def test_platforms_that_take_no_changes_are_not_asked(account: Account) -> None:
    for key in account.others:
        answer = account.gateway.ask(CREATE, {"on": key, "input": [{"name": "x"}]})
        assert answer.codes == ["UNSUPPORTED"]
        assert answer.calls == []


def test_the_audit_log_has_no_values(account: Account) -> None:
    account.create("Ana Ruiz")
    lines = [orjson.loads(line) for line in account.gateway.log.splitlines()]
    audit = [one for one in lines if one.get("logger") == "switchboard.audit"]

    assert audit[-1]["change"] == "CreateTeam"
    assert audit[-1]["outcome"] == "done"
    assert audit[-1]["native_id"].isdecimal()
    assert audit[-1]["request_id"]
    assert "Ana Ruiz" not in account.gateway.log


@pytest.mark.parametrize(
    ("accept", "status", "says"),
    [("application/json", 405, "using GET"), ("text/event-stream", 200, "by POST")],
)
def test_no_address_changes_anything(account: Account, accept: str, status: int, says: str) -> None:
    query = f'mutation{{createTeam(platform:"{account.key}",input:{{name:"Link"}}){{__typename}}}}'
    answer = account.gateway.get(f"/graphql?query={quote(query)}", {"accept": accept})

    assert answer.status == status
    assert says in answer.text
    assert "Link" not in account.teams()


# Last: the platform asks to be left alone for a while.
def test_a_fault_is_one_error_at_its_item(account: Account) -> None:
    account.proxy.break_(Fault.RATE_LIMITED)
    try:
        asked = {"on": account.key, "input": [{"name": "Fault"}]}
        answer = account.gateway.ask(CREATE, asked)
    finally:
        account.proxy.mend()

    (error,) = answer.errors
    assert error["path"] == ["createTeam", "results", 0]
    assert error["extensions"]["code"] == "PLATFORM_RATE_LIMITED"
    assert answer.body["data"] == {"createTeam": {"results": [None]}}
    assert VENDOR_WORDS not in answer.text
