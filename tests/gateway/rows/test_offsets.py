"""Offsets of instants in addresses, as people and tools write them."""

from __future__ import annotations

import pytest
from tests.gateway.rows.serving import opened

from gateway.offsets import offsets_escaped


@pytest.mark.parametrize(
    ("query", "read"),
    [
        ("from=2026-03-01T00:00:00+01:00&x=a+b", "from=2026-03-01T00:00:00%2B01:00&x=a+b"),
        ("from=2026-03-01T00%3A00+0100&to=x", "from=2026-03-01T00%3A00%2B0100&to=x"),
        ("to=2026-03-01T00:00:00.5+01", "to=2026-03-01T00:00:00.5%2B01"),
        ("from=2026-03-01T00:00:00%2B01:00", "from=2026-03-01T00:00:00%2B01:00"),
        ("$filter=a+ge+2026-03-01T00:00:00Z+and+b+eq+10", None),
        ("$filter=a+ge+2026-03-01T00:00+and+b", None),
        ("name=T10:00+12345", None),
    ],
)
def test_a_plus_sign_of_an_offset_is_one(query: str, read: str | None) -> None:
    assert offsets_escaped(query) == (query if read is None else read)


@pytest.mark.parametrize("offset", ["+01:00", "%2B01:00", "+01%3A00", "+0100", "+01"])
@pytest.mark.parametrize("name", ["from", "to", "updated_since"])
async def test_an_offset_is_one_whether_its_sign_is_escaped_or_not(name: str, offset: str) -> None:
    asked = {"from": "2026-02-28", "to": "2026-03-03", "updated_since": "", "limit": "1"}
    asked[name] = f"2026-03-01T00:00:00{offset}"
    query = "&".join(f"{one}={text}" for one, text in asked.items())

    async with opened("oak") as files:
        answer = await files.get(f"/v1/indicators.csv?{query}")
        assert answer.status_code == 200, answer.text
        told = await files.get(f"/v1/indicators.csv?{query}&tz=Mars/Base")
    assert told.json()["parameter"] == "tz"
