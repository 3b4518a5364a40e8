"""What an operation costs is bounded, in calls, and told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.gateway.fakes import Grove
from tests.gateway.serving import open_client, real_settings

from gateway.app import create_app
from gateway.configuration.complaints import ConfigurationError
from gateway.configuration.reading import load
from vendors.registry import specs

TRACED = {"X-Switchboard-Trace": "1"}
AGENTS = "{agents{nodes{nativeId live{status}}}}"


async def ask(client: httpx.AsyncClient, query: str) -> dict[str, Any]:
    response = await client.post("/graphql", json={"query": query}, headers=TRACED)
    answer: dict[str, Any] = response.json()
    return answer


async def test_the_calls_are_planned_and_told() -> None:
    grove = Grove()
    async with open_client(grove, real_settings(grove, "birch-fr", "birch-uk")) as client:
        first = await ask(client, "{agents{nodes{nativeId}}}")
        assert first["extensions"]["switchboard"]["cost"] == {"calls": 2, "callLimit": 200}
        again = await ask(client, "{agents{nodes{nativeId}}}")
        assert again["extensions"]["switchboard"]["cost"]["calls"] == 0


async def test_lists_count_too_and_what_does_not_fit_is_not_asked() -> None:
    grove = Grove()
    settings = real_settings(grove, "birch-fr", "birch-uk", limits={"most_calls": 1})
    async with open_client(grove, settings) as client:
        answer = await ask(client, "{agents{nodes{nativeId}}}")
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "QUERY_TOO_COMPLEX"
    assert (error["extensions"]["calls"], error["extensions"]["callLimit"]) == (2, 1)
    assert len(answer["extensions"]["switchboard"]["calls"]) <= 1


async def test_what_is_deferred_is_of_the_same_budget() -> None:
    grove = Grove()
    settings = real_settings(grove, "birch-fr", "birch-uk", limits={"most_calls": 1})
    query = """{
      agents(platforms: ["birch-fr"]) { nodes { nativeId } }
      ... @defer { later: agents(platforms: ["birch-uk"]) { nodes { nativeId } } }
    }"""
    headers = {**TRACED, "Accept": "multipart/mixed, application/json"}
    async with open_client(grove, settings) as client:
        answer = await client.post("/graphql", json={"query": query}, headers=headers)
    first, last = (json.loads(part) for part in _parts(answer.text))
    assert len(first["data"]["agents"]["nodes"]) == 2
    told = json.dumps(last)
    assert "QUERY_TOO_COMPLEX" in told
    assert last["extensions"]["switchboard"]["cost"] == {"calls": 1, "callLimit": 1}
    assert len(last["extensions"]["switchboard"]["calls"]) == 1


def _parts(text: str) -> list[str]:
    """Return the bodies of an answer in parts."""
    return [one.partition("\r\n\r\n")[2] for one in text.split("\r\n---")[:-1] if "{" in one]


@pytest.mark.parametrize("execution", ["compiled", "graphql-core"])
async def test_a_field_is_asked_for_so_often(execution: str) -> None:
    limits = {"fields": {"Agent.live": 1, "Query.platforms": 1}}
    async with open_client(limits=limits, execution=execution) as client:
        for _ in range(3):
            answer = await ask(client, AGENTS)
            (error,) = answer["errors"]
            assert error["path"] == ["agents", "nodes", 1, "live"]
            assert error["extensions"]["code"] == "QUERY_TOO_COMPLEX"
            assert error["extensions"]["fieldLimit"] == 1
            assert "errors" not in await ask(client, "{platforms{key}}")
        twice = await ask(client, "{platforms{key} again:platforms{title}}")
        assert [one["path"] for one in twice["errors"]] == [["again"]]


def test_a_limit_of_no_field_is_a_mistake() -> None:
    grove = Grove()
    settings = real_settings(grove, limits={"fields": {"Agent.profil": 5}})
    with pytest.raises(ConfigurationError, match=r"did you mean Agent\.profile\?"):
        create_app(settings, specs=grove.specs())


def test_limits_of_fields_are_read_from_a_file(empty_folder: Path) -> None:
    file = empty_folder / "switchboard.toml"
    file.write_text('[limits]\nfields = {"Agent.profile" = 50}\n', encoding="utf-8")
    assert load(specs(), {}, file).settings.limits.fields == {"Agent.profile": 50}


async def test_a_trusted_document_has_a_limit_of_its_own(tmp_path: Path) -> None:
    for name, most in (("few", 1), ("many", 2)):
        text = f"# most_calls: {most}\n{{agents{{nodes{{nativeId}}}}}}\n"
        (tmp_path / f"{name}.graphql").write_text(text, encoding="utf-8")
    grove = Grove()
    settings = real_settings(
        grove, "birch-fr", "birch-uk", documents={"folder": tmp_path}, limits={"most_calls": 1}
    )
    async with open_client(grove, settings) as client:
        few = await client.get("/graphql", params={"documentId": "few"}, headers=TRACED)
        assert few.json()["errors"][0]["extensions"]["callLimit"] == 1
        many = await client.get("/graphql", params={"documentId": "many"}, headers=TRACED)
        assert "errors" not in many.json()
        assert many.json()["extensions"]["switchboard"]["cost"]["callLimit"] == 2
