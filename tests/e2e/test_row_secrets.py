"""A key is taken in four places at every door of rows, and told in none."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from tests.e2e.accounts import written
from tests.e2e.asked import calls_made, day_before
from tests.e2e.running import Gateway, Table, running_gateway, running_sandbox

from gateway.security.keys import hash_of
from resolvers.rows.registry import STANDARD

KEY, OTHER, WRONG = "words-of-a-reader", "words-of-another", "words-of-nobody"
CONFIDANT = "words-of-a-confidant"
DAY = f"from={day_before(3)}&to={day_before(2)}&tz=UTC"
PATHS = ("/v1/agents.csv", f"/v1/conversations.parquet?{DAY}", "/odata/agents", "/q/agents-now.csv")
LISTS = ("/v1/", "/v1/openapi.json", "/v1/agents/schema", "/odata/", "/odata/$metadata", "/q/")


class Guarded(NamedTuple):
    """A gateway that asks for a key, a client of it, and where it keeps what it was told."""

    gateway: Gateway
    client: httpx.Client
    kept: Path

    def by_address(self, path: str, key: str = KEY, **headers: str) -> httpx.Response:
        sign = "&" if "?" in path else "?"
        return self.client.get(f"{path}{sign}api_key={key}", headers=headers)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    folder = tmp_path_factory.mktemp("secrets")
    kept = folder / "kept"
    kept.mkdir()
    keys: list[Table] = [
        {"name": f"key-{at}", "hash": hash_of(one)} for at, one in enumerate((KEY, OTHER))
    ]
    keys.append({"name": "own", "hash": hash_of(CONFIDANT), "scopes": ["read", "personal"]})
    with running_sandbox(folder) as tables:
        file = written(
            tables,
            folder / "settings.toml",
            require_api_key=True,
            metrics="open",
            api_keys=keys,
            cache={"backend": "disk", "path": str(kept / "cache.db")},
            log={"level": "debug"},
        )
        with (
            running_gateway(folder, "--config", str(file)) as gateway,
            httpx.Client(base_url=gateway.origin, timeout=75.0, trust_env=False) as client,
        ):
            client.headers = httpx.Headers({"accept": "*/*", "accept-encoding": "identity"})
            yield Guarded(gateway, client, kept)


def ways(key: str) -> list[dict[str, str]]:
    users = [base64.b64encode(f"{user}:{key}".encode()).decode() for user in ("anybody", "")]
    basic = [{"authorization": f"Basic {one}"} for one in users]
    return [{"authorization": f"Bearer {key}"}, {"x-api-key": key}, *basic]


@pytest.mark.parametrize("path", [*PATHS, *LISTS])
def test_four_places_open_one_door_to_the_same_bytes(guarded: Guarded, path: str) -> None:
    first = guarded.by_address(path)
    assert first.status_code == 200, first.text
    calls = calls_made(guarded.gateway)

    answers = [guarded.by_address(path, OTHER)]
    answers += [guarded.client.get(path, headers=one) for key in (KEY, OTHER) for one in ways(key)]
    assert {one.status_code for one in answers} == {200}
    # What is kept is kept of the question, whoever asks it and by which key.
    assert {one.content for one in answers} == {first.content}
    assert {one.headers.get("etag") for one in answers} == {first.headers.get("etag")}
    assert calls_made(guarded.gateway) == calls
    assert {one.headers["referrer-policy"] for one in (first, *answers)} == {"no-referrer"}


def refusals(guarded: Guarded) -> list[tuple[httpx.Response, int]]:
    """Ask for what there is not, by every door, with a key in the address."""
    ask = guarded.by_address
    return [
        (ask("/v1/agents.csv?colour=red"), 400),
        (ask("/v1/agents.csv?limit=1&cursor=x"), 400),
        (ask("/v1/nothing.csv"), 404),
        (ask("/v1/agents.csv", range="bytes=99999999-"), 416),
        (ask("/v1/agents.csv", **{"if-match": '"x"'}), 412),
        (ask("/odata/agents?$filter=nothing eq 1"), 400),
        (ask("/odata/nothing"), 404),
        (ask("/q/agents-now.csv?colour=red"), 400),
        (ask("/q/nothing.csv"), 404),
        (ask("/v1/agents.csv", WRONG), 401),
        (ask("/v1/agents.csv", f"{KEY}&api_key={WRONG}"), 400),
        # Where no key may stand in the address, it is not told either.
        (ask("/graphql?query={nothing}"), 401),
        (ask("/status.json"), 401),
        (ask("/nothing"), 404),
    ]


def made_behind(guarded: Guarded) -> list[httpx.Response]:
    """Return what is told of a file that is made behind the answers, up to where it is."""
    answers = [guarded.by_address(f"/v1/conversations.csv?{DAY}&wait=0&fields=platform")]
    assert answers[0].status_code == 202
    place = answers[0].headers["location"]
    while (answer := guarded.by_address(place)).status_code == 200:
        answers.append(answer)
    assert answer.status_code == 303
    return [*answers, answer]


def test_a_key_in_an_address_is_told_nowhere(guarded: Guarded) -> None:
    answers = []
    for answer, status in refusals(guarded):
        assert answer.status_code == status, answer.text
        answers.append(answer)
    for path in ("/v1/agents.json?limit=1&shape=page", "/q/agents-now.json?limit=1&shape=page"):
        answers.append(guarded.by_address(path))
        assert answers[-1].links["next"]["url"]
    answers += made_behind(guarded)

    for answer in answers:
        said = answer.text + str(answer.headers)
        assert not any(key in said for key in (KEY, WRONG)), answer.request.url.path
    kept = b"".join(one.read_bytes() for one in guarded.kept.iterdir())
    assert kept
    for key in (KEY, OTHER, WRONG):
        assert key not in guarded.gateway.log
        assert key.encode() not in kept
    assert '"path": "/v1/agents.csv"' in guarded.gateway.log.replace('":"', '": "')


@pytest.mark.parametrize(
    "path", ["/v1/customers.json?limit=400&shape=page", "/odata/customers?$top=400"]
)
def test_what_is_personal_is_in_no_file_of_a_key_that_may_not_read_it(
    guarded: Guarded, path: str
) -> None:
    """Whoever asks first: the one file is never given for the other."""
    rows = {}
    for key in (KEY, CONFIDANT, OTHER):
        told = guarded.client.get(path, headers={"x-api-key": key}).json()
        rows[key] = told["rows"] if "rows" in told else told["value"]
    personal = STANDARD["customers"].personal

    assert rows[KEY] == rows[OTHER]
    assert any(row["email"] for row in rows[CONFIDANT])
    assert {row[name] for row in rows[KEY] for name in personal} == {None}
    assert [{**row, **dict.fromkeys(personal)} for row in rows[CONFIDANT]] == rows[KEY]
    assert {*rows[KEY][0]} == {*rows[CONFIDANT][0]}
