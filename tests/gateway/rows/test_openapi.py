"""The description by OpenAPI is valid, and true."""

from __future__ import annotations

import json
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from tests.gateway.rows.serving import ORIGIN, opened

from gateway.rows.formats import FORMS
from resolvers.rows.registry import STANDARD


async def described() -> dict[str, Any]:
    async with opened("oak") as files:
        told: dict[str, Any] = json.loads((await files.get("/v1/openapi.json")).text)
        return told


async def test_it_is_valid() -> None:
    document = await described()

    OpenAPIV31SpecValidator(document).validate()
    assert document["servers"] == [{"url": ORIGIN}]


async def test_it_tells_every_table_in_every_form() -> None:
    document = await described()

    assert {f"/v1/{table}.{form}" for table in STANDARD for form in FORMS} <= set(document["paths"])
    for name, table in STANDARD.items():
        row = document["components"]["schemas"][name]
        assert [*row["properties"]] == [*table.names]


@pytest.mark.parametrize("form", FORMS)
async def test_what_it_tells_is_taken(form: str) -> None:
    values = {
        "from": "-7d",
        "to": "today",
        "tz": "Europe/Paris",
        "platform": "oak",
        "updated_since": "-2d",
        "limit": "5",
        "wait": "30",
    }
    document = await described()
    path = f"/v1/conversations.{form}"
    operation = document["paths"][path]["get"]
    named = {one["name"]: one["schema"] for one in operation["parameters"]}
    enums = {name: schema["enum"][-1] for name, schema in named.items() if "enum" in schema}
    asked = {**values, **enums, "fields": "platform,started_at"}

    assert set(named) - set(asked) == {"cursor", "order"}
    async with opened("oak") as files:
        answer = await files.client.get(path, params=asked)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] in operation["responses"]["200"]["content"]
