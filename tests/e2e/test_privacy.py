"""What is personal is in the answers to those who may read it, and nowhere else."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.e2e.accounts import written
from tests.e2e.running import Answer, Gateway, running_gateway, running_sandbox
from tests.stores import RedisServer, running_redis

QUERY = """
query Everything($period: PeriodInput, $wanted: [String!]) {
  conversations(period: $period, first: 20) {
    nodes { id nativeId messages { text } customer { givenName email } agent { id email } }
  }
  customers(first: 20) {
    nodes { id email givenName familyName phone address postalCode city browser externalId }
  }
  again: customers(first: 5, filter: {externalIds: $wanted}) { nodes { email phone } }
  transactions(period: $period, first: 20) { nodes { id customerEmail } }
  surveyResponses(period: $period, first: 20) { nodes { id comment } }
  callMeetings(period: $period, first: 20) { nodes { nativeId phone } }
  indicators(keys: [CONVERSATIONS_STARTED], groupBy: [AGENT], period: $period) {
    series { group { nativeId } value }
  }
}
"""
PERSONAL = frozenset(
    {"text", "comment", "phone", "address", "postalCode", "browser", "externalId"}
    | {"givenName", "familyName"}
)
SHORTEST = 6
"""What is shorter, such as a postal code, may stand anywhere by chance."""
MISSPELT = '{ customers(first: 5, filter: {externalIds: "%s", nothing: 1}) { nodes { email } } }'


def leaves(answer: object, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of an answer with the name of the field that it stands under."""
    if isinstance(answer, Mapping):
        for key, value in answer.items():
            yield from leaves(value, key)
    elif isinstance(answer, list):
        for one in answer:
            yield from leaves(one, name)
    elif isinstance(answer, str):
        yield name, answer


def personal_in(data: object) -> set[str]:
    """Return the personal data in an answer: what stands in its fields, and all addresses."""
    told = [(name, text) for name, text in leaves(data) if len(text) >= SHORTEST]
    return {text for name, text in told if name in PERSONAL or "email" in name.lower()}


def found_in(raw: bytes, values: set[str]) -> set[str]:
    """Return those of the values that can be read in some bytes, or in what they encode."""
    read = [raw, *map(_decoded, re.findall(rb"[A-Za-z0-9+/_-]{12,}", raw))]
    whole = b"\n".join(read).lower()
    return {value for value in values if value.encode().lower() in whole}


def _decoded(token: bytes) -> bytes:
    whole = token[:-1] if len(token) % 4 == 1 else token
    return base64.urlsafe_b64decode(whole + b"=" * (-len(whole) % 4))


def asked(gateway: Gateway) -> Answer:
    """Ask for all that is personal, twice, and for some of it by what is personal itself."""
    now = datetime.now(UTC)
    bounds = {"from": (now - timedelta(days=3)).isoformat(), "to": now.isoformat()}
    variables = {"period": {"between": bounds}, "wanted": ["CRM-000017"]}
    answer = gateway.ask(QUERY, variables)
    external = [text for name, text in leaves(answer.data["customers"]) if name == "externalId"]
    again = gateway.ask(QUERY, {**variables, "wanted": external})
    assert {text for _, text in leaves(again.data["again"])}
    assert gateway.ask(MISSPELT % external[0]).codes == ["GRAPHQL_VALIDATION_FAILED"]
    return again


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[dict[str, object]]]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as found:
        yield found


@pytest.fixture
def store() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server


@pytest.mark.parametrize("backend", ["disk", "redis"])
def test_what_is_personal_is_kept_and_logged_nowhere_in_the_clear(
    backend: str, tables: list[dict[str, object]], store: RedisServer, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    place = {"disk": {"path": str(kept / "cache.db")}, "redis": {"url": store.url}}[backend]
    file = written(
        tables,
        tmp_path / "settings.toml",
        cache={"backend": backend, **place},
        log={"level": "debug"},
    )
    with running_gateway(tmp_path, "--config", str(file)) as gateway:
        answer = asked(gateway)
        values = personal_in(answer.data)
        assert {"@example.org" in value for value in values} == {True, False}
        assert len(values) > len(QUERY.splitlines())

        ids = "\n".join(text for name, text in leaves(answer.data) if name == "id")
        assert found_in(ids.encode(), values) == set()
        assert found_in(str(answer.body["extensions"]).encode(), values) == set()
    assert found_in(gateway.log.encode(), values) == set()
    on_disk = b"".join(one.read_bytes() for one in kept.iterdir())
    assert (on_disk != b"") is (backend == "disk")
    assert found_in(on_disk, values) == set()
    dumped = store.dump()
    assert (dumped != b"") is (backend == "redis")
    assert found_in(dumped, values) == set()


def test_what_looks_for_it_finds_it() -> None:
    hidden = base64.urlsafe_b64encode(b"~~~Mary.Major@example.org")

    assert found_in(b"x " + hidden, {"mary.major@example.org", "+331"}) == {
        "mary.major@example.org"
    }
