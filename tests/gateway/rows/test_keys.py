"""Who asks for files: one key in any of four places, and nothing of what others may see."""

from __future__ import annotations

import base64

import pytest
from tests.gateway.rows.serving import opened, problem_of, table_of

from gateway.security.keys import hash_of

AGENTS = "/v1/agents.csv"
KEYS = [
    {"name": name, "hash": hash_of(f"key of {name}"), "scopes": scopes}
    for name, scopes in {
        "reader": ["read"],
        "confidant": ["read", "personal"],
        "meter": ["metrics"],
    }.items()
]


async def test_a_key_is_taken_in_every_place() -> None:
    async with opened("oak", require_api_key=True, api_keys=KEYS) as files:
        key = "key of reader"
        basic = base64.b64encode(f"excel:{key}".encode()).decode()
        for headers, query in (
            ({"authorization": f"Bearer {key}"}, ""),
            ({"authorization": f"Basic {basic}"}, ""),
            ({"x-api-key": key}, ""),
            ({}, "?api_key=key+of+reader"),
        ):
            answer = await files.client.get(f"{AGENTS}{query}", headers=headers)
            assert answer.status_code == 200
            assert key not in str(answer.headers)
        paged = await files.client.get(f"{AGENTS}?limit=1&api_key=key+of+reader")
        assert "key" not in str(paged.links["next"]["url"])

        nobody = await files.get(AGENTS)
        problem_of(nobody, 401)
        assert nobody.headers["www-authenticate"].startswith("Basic ")
        problem_of(await files.get(AGENTS, x_api_key="key of meter"), 403)


@pytest.mark.parametrize("path", [AGENTS, "/odata/agents", "/q/", "/v1/agents/schema"])
async def test_keys_in_the_address_can_be_forbidden(path: str) -> None:
    keys = {"require_api_key": True, "api_keys": KEYS, "api_key_in_query": False}
    async with opened("oak", **keys) as files:
        refused = await files.get(f"{path}?api_key=key+of+reader")
        assert refused.status_code == 401
        assert "key of reader" not in refused.text
        assert (await files.get(path, x_api_key="key of reader")).status_code == 200


async def test_files_of_who_sees_more_are_not_given_to_who_sees_less() -> None:
    keys = [*KEYS, {"name": "elf", "hash": hash_of("key of elf"), "platforms": ["elm"]}]
    async with opened("oak", "elm", require_api_key=True, api_keys=keys) as files:
        every = table_of(await files.get(AGENTS, x_api_key="key of reader"))
        own = table_of(await files.get(AGENTS, x_api_key="key of elf"))

    assert {row["platform"] for row in every} == {"oak", "elm"}
    assert {row["platform"] for row in own} == {"elm"}
