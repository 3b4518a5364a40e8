"""Sorting needs all rows at once, so it takes so many of them and no more."""

from __future__ import annotations

from tests.gateway.rows.serving import opened


async def test_no_more_rows_are_sorted_than_fit_in_memory() -> None:
    async with opened("oak", "elm", files={"most_sorted": 3}) as files:
        many = await files.get("/v1/agents.csv?order=agent_id")
        few = await files.get("/v1/agents.csv?order=agent_id&platform=oak")
        unsorted = await files.get("/v1/agents.csv")

    assert many.status_code == 400
    told = many.json()
    assert (told["code"], told["parameter"]) == ("QUERY_TOO_COMPLEX", "order")
    assert told["rowLimit"] == 3
    assert "`files.most_sorted`" in told["detail"]
    assert [len(one.text.splitlines()) for one in (few, unsorted)] == [3, 5]
