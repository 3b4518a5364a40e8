"""Changes that reach their platform and whose answers do not come back: none is made twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from tests.e2e.accounts import origin_of, through, written
from tests.e2e.faulty import Fault, FaultProxy, running_proxies
from tests.e2e.running import Answer, Gateway, Table, running_gateway, running_sandbox

from gateway.security.keys import hash_of

pytestmark = pytest.mark.timeout(150)

KEY = "the key of one who may write"
ABLE, MAILS = "iadvize", "chat-tonic"
UNKNOWN = "PLATFORM_OUTCOME_UNKNOWN"
CREATE_AGENT = """
mutation Create($on: String!, $input: [CreateAgentInput!]!, $key: String) {
  createAgent(platform: $on, input: $input, idempotencyKey: $key) {
    results { status nativeId agent { email } userErrors { field code } }
  }
}
"""
CREATE_TAGS = """
mutation Create($on: String!, $input: [CreateTagInput!]!, $key: String) {
  createTags(platform: $on, input: $input, idempotencyKey: $key) {
    results { status nativeId tag { name } userErrors { field code } }
  }
}
"""
CALLBACK = """
mutation Call($on: String!, $input: [CallbackInput!]!, $key: String) {
  %s(platform: $on, input: $input, idempotencyKey: $key) {
    results { status userErrors { field code } }
  }
}
"""
REQUEST = """
mutation Request($on: String!, $key: String) {
  requestNpsExport(
    platform: $on
    period: {between: {from: "2026-01-01T00:00:00Z", to: "2026-02-01T00:00:00Z"}}
    idempotencyKey: $key
  ) { results { status } }
}
"""
DELETE_AGENTS = """
mutation Delete($ids: [ID!]!) { deleteAgent(ids: $ids) { results { status } } }
"""


@dataclass
class House:
    gateway: Gateway
    proxies: dict[str, FaultProxy]

    def ask(self, query: str, variables: Table, seconds: str = "30") -> Answer:
        headers = {"x-api-key": KEY, "x-request-timeout": seconds}
        return self.gateway.ask(query, variables, headers)

    def results(self, query: str, variables: Table) -> list[Table]:
        (field,) = self.ask(query, variables).data.values()
        found: list[Table] = field["results"]
        return found

    @contextmanager
    def broken(self, platform: str, fault: Fault) -> Iterator[None]:
        self.proxies[platform].break_(fault)
        try:
            yield
        finally:
            self.proxies[platform].mend()

    def nodes(self, query: str) -> list[Table]:
        (field,) = self.ask(query, {}).data.values()
        found: list[Table] = field["nodes"]
        return found

    def site(self) -> str:
        sites = self.nodes(f'{{ sites(platforms: ["{ABLE}"]) {{ nodes {{ nativeId }} }} }}')
        native_id: str = sites[0]["nativeId"]
        return native_id


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("lost")
    with running_sandbox(folder) as tables, running_proxies() as proxies:
        wanted = [table for table in tables if table["key"] in {ABLE, MAILS}]
        opened = {table["key"]: proxies.open(origin_of(table)) for table in wanted}
        moved = [through(one, opened[one["key"]].origin, one["key"]) for one in wanted]
        keys = [{"name": "tests", "hash": hash_of(KEY), "scopes": ["read", "write"]}]
        file = written(moved, folder / "settings.toml", api_keys=keys)
        with running_gateway(folder, "--config", str(file)) as gateway:
            yield House(gateway, opened)


def test_an_agent_is_made_once(house: House) -> None:
    given = {"familyName": "Lost", "email": "lost@example.org"}
    asked = {"on": ABLE, "input": given, "key": "agent"}
    with house.broken(ABLE, Fault.LOST):
        (first,) = house.results(CREATE_AGENT, asked)
    (again,) = house.results(CREATE_AGENT, asked)

    assert (first["status"], first["agent"]) == ("DONE", {"email": "lost@example.org"})
    assert again == first
    query = '{ agents(filter: {emails: ["lost@example.org"]}) { nodes { nativeId } } }'
    assert house.nodes(query) == [{"nativeId": first["nativeId"]}]


def test_tags_are_made_once_by_one_call(house: House) -> None:
    names = ["Lost 1", "Lost 2", "Lost 3"]
    site = house.site()
    given = [{"name": one, "siteId": site} for one in names]
    asked = {"on": ABLE, "input": given, "key": "tags"}
    with house.broken(ABLE, Fault.LOST):
        first = house.results(CREATE_TAGS, asked)

    assert [one["tag"]["name"] for one in first] == names
    assert house.results(CREATE_TAGS, asked) == first
    told = [one["name"] for one in house.nodes("{ tags(first: 200) { nodes { name } } }")]
    assert [told.count(one) for one in names] == [1, 1, 1]


def test_a_call_is_told_of_once_and_what_became_of_it_stays_unknown(house: House) -> None:
    new = {"familyName": "Lamarr", "email": "lamarr@example.org", "externalId": "RH-1914"}
    assert house.results(CREATE_AGENT, {"on": ABLE, "input": new})[0]["status"] == "DONE"
    given = {"agentExternalId": "RH-1914", "siteId": house.site(), "phone": "+33699887766"}

    def told(name: str) -> Answer:
        return house.ask(CALLBACK % name, {"on": ABLE, "input": given, "key": "call"})

    for name in ("pickUpCallback", "hangUpCallback"):
        with house.broken(ABLE, Fault.LOST):
            lost = told(name)
        again = told(name)
        assert (lost.codes, again.codes) == ([UNKNOWN], [UNKNOWN])
        assert (len(lost.calls), len(again.calls)) == (1, 0)
    # The platform has heard of both: the call is over.
    ended = {"on": ABLE, "input": given}
    assert house.results(CALLBACK % "hangUpCallback", ended)[0]["status"] == "REFUSED"
    assert "+33699887766" not in house.gateway.log


def test_a_mail_is_asked_for_once(house: House) -> None:
    with house.broken(MAILS, Fault.CUT):
        lost = house.ask(REQUEST, {"on": MAILS, "key": "mail"})
    again = house.ask(REQUEST, {"on": MAILS, "key": "mail"})

    assert (lost.codes, again.codes) == ([UNKNOWN], [UNKNOWN])
    assert (lost.calls_to(MAILS), again.calls_to(MAILS)) == (1, 0)


def test_what_is_left_when_time_is_up_is_not_sent(house: House) -> None:
    agents = house.nodes(f'{{ agents(platforms: ["{ABLE}"], first: 3) {{ nodes {{ id }} }} }}')
    ids = [one["id"] for one in agents]
    with house.broken(ABLE, Fault.SILENT):
        late = house.ask(DELETE_AGENTS, {"ids": ids}, "2")

    assert late.codes == [UNKNOWN, "PLATFORM_TIMEOUT", "PLATFORM_TIMEOUT"]
    paths = [one["path"] for one in late.errors]
    assert paths == [["deleteAgent", "results", at] for at in range(3)]
    assert len(late.calls) == 1
