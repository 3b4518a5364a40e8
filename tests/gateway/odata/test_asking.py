"""What the OData door takes and refuses, as clients and attackers write it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.gateway.odata.tabling import WEEK, Wood, client

CONVERSATIONS = "/odata/conversations"


def forest() -> Wood:
    return Wood(oak=range(0, 600, 60))


def ids(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [one["conversation_id"] for one in answer.json()["value"]]


def refusal(answer: httpx.Response) -> tuple[int, str, str | None]:
    error = answer.json()["error"]
    return answer.status_code, error["code"], error.get("target")


async def every(http: httpx.AsyncClient, asked: dict[str, str]) -> list[str]:
    """Return the ids of all pages, by the links of the answers."""
    answer = await http.get(CONVERSATIONS, params={**WEEK, **asked})
    read = ids(answer)
    while (link := answer.json().get("@odata.nextLink")) is not None:
        answer = await http.get(link)
        read += ids(answer)
    return read


@pytest.mark.parametrize(
    ("query", "target"),
    [
        ("$%65xpand=*", "$expand"),
        ("%24%65xpand=*", "$expand"),
        ("$search%20=word", "$search"),
        ("$search+=word", "$search"),
        ("$apply=aggregate($count as n)", "$apply"),
        ("$compute=length(platform) as n", "$compute"),
    ],
)
async def test_no_spelling_of_an_option_is_passed_over(query: str, target: str) -> None:
    wood = forest()
    async with client(wood) as http:
        answer = await http.get(f"{CONVERSATIONS}?{query}")
    assert refusal(answer) == (501, "NOT_IMPLEMENTED", target)
    assert wood.lists["oak"].queries == []


@pytest.mark.parametrize(
    "query",
    [
        "$filter=channel eq 'chat'&$filter=channel eq 'email'",
        "$filter=channel eq 'chat'&%24filter=channel eq 'email'",
        "$Filter=channel eq 'chat'",
        "filter=channel eq 'chat'",
        "$inlinecount=allpages",
    ],
)
async def test_what_is_no_option_of_ours_is_an_error(query: str) -> None:
    async with client(forest()) as http:
        answer = await http.get(f"{CONVERSATIONS}?{query}")
    assert refusal(answer)[:2] == (400, "BAD_USER_INPUT")


async def test_options_may_come_escaped() -> None:
    async with client(forest()) as http:
        plain = await http.get(f"{CONVERSATIONS}?$filter=channel eq 'chat'")
        escaped = await http.get(f"{CONVERSATIONS}?%24filter=channel%20eq%20%27chat%27")
        form = await http.get(f"{CONVERSATIONS}?%24filter=channel+eq+%27chat%27")
    assert ids(plain) == ids(escaped) == ids(form) != []


@pytest.mark.parametrize("path", ["/odata/", "/odata/$metadata"])
async def test_documents_take_the_parameters_of_tables_and_no_others(path: str) -> None:
    async with client(forest()) as http:
        # Power Query sends the same query to every address of a service.
        known = await http.get(path, params={"tz": "Europe/Paris", "from": "-90d", "bucket": "day"})
        unknown = await http.get(path, params={"nonsense": "1"})
    assert known.status_code == 200
    assert refusal(unknown) == (400, "BAD_USER_INPUT", "nonsense")


async def test_a_wrong_token_is_named_as_it_was_sent() -> None:
    async with client(forest()) as http:
        answer = await http.get(CONVERSATIONS, params={"$skiptoken": "nonsense"})
    assert refusal(answer) == (400, "BAD_USER_INPUT", "$skiptoken")
    assert "nextLink" in answer.json()["error"]["innererror"]["accepted"]


@pytest.mark.parametrize("asked", [{"$skip": "5"}, {"$skip": "5", "$top": "4"}, {"$skip": "8"}])
async def test_rows_are_laid_aside_over_pages_that_end_early(asked: dict[str, str]) -> None:
    small: dict[str, Any] = {
        "limits": {"most_rows_per_page": 2, "rows_per_page": 2},
        "odata": {"most_rows": 4},
    }
    async with client(forest(), **small) as http:
        whole = await every(http, {})
        found = await every(http, asked)
    start = int(asked["$skip"])
    assert found == whole[start : start + int(asked.get("$top", "10"))]


@pytest.mark.parametrize(
    "text",
    [
        "started_at lt 2199-01-01T00:00:00Z",
        "started_at lt 9999-12-31T00:00:00Z",
        "started_at_date le 2300-12-31",
    ],
)
async def test_a_bound_that_all_rows_keep_costs_none_of_them(text: str) -> None:
    async with client(forest()) as http:
        whole = await http.get(CONVERSATIONS)
        found = await http.get(CONVERSATIONS, params={"$filter": text})
    assert ids(found) == ids(whole) != []


async def test_rows_lead_back_to_themselves_whatever_period_found_them() -> None:
    wood = Wood(oak=[90 * 86_400])
    asked = {
        "$filter": "started_at ge 2025-12-01T00:00:00Z",
        "$format": "application/json;odata.metadata=full",
    }
    async with client(wood) as http:
        (row,) = (await http.get(CONVERSATIONS, params=asked)).json()["value"]
        found = await http.get(row["@odata.id"])
    assert found.json()["conversation_id"] == row["conversation_id"]


async def test_a_number_of_rows_is_a_text_whatever_else_is_taken() -> None:
    async with client(forest()) as http:
        answer = await http.get(f"{CONVERSATIONS}/$count", headers={"accept": "application/json"})
        form = await http.get(f"{CONVERSATIONS}/$count", params={"$format": "json"})
    assert (answer.status_code, answer.text) == (200, "10")
    assert answer.headers["content-type"] == "text/plain;charset=utf-8"
    assert refusal(form)[0] == 406


@pytest.mark.parametrize("path", ["$batch", "conversations/$query"])
async def test_posts_of_the_protocol_are_not_supported(path: str) -> None:
    async with client(forest()) as http:
        answer = await http.post(f"/odata/{path}", json={"requests": []})
    assert refusal(answer) == (501, "NOT_IMPLEMENTED", "path")


@pytest.mark.parametrize(
    "moment", ["2026-03-18T12:00:00+02:00", "2026-03-18T12:00:00%2B02:00", "2026-03-18T10:00:00Z"]
)
async def test_an_offset_may_come_unescaped(moment: str) -> None:
    async with client(forest()) as http:
        answer = await http.get(f"{CONVERSATIONS}?$filter=started_at ge {moment}")
    assert len(ids(answer)) == 10


# ------------------------------------------------------------------------------- attackers


def _aliases(depth: int) -> str:
    parts = [f"@a{one}=(@a{one + 1} eq @a{one + 1})" for one in range(depth)]
    return "&".join([*parts, f"@a{depth}=true", "$filter=@a0"])


@pytest.mark.parametrize(
    "query",
    [
        _aliases(24),
        "$filter=" + " or ".join(f"length(channel) eq {one}" for one in range(1100)),
        "$orderby=" + ",".join(["channel"] * 400),
    ],
    ids=["aliases", "chain", "order"],
)
async def test_what_would_take_too_much_work_is_refused(query: str) -> None:
    wood = forest()
    async with client(wood) as http:
        answer = await http.get(f"{CONVERSATIONS}?{query}")
    assert refusal(answer)[:2] == (400, "QUERY_TOO_COMPLEX")
    assert wood.lists["oak"].queries == []


async def test_a_long_list_of_values_is_no_work() -> None:
    text = " or ".join(f"channel eq 'c{one}'" for one in range(2000))
    async with client(forest()) as http:
        answer = await http.get(f"{CONVERSATIONS}?$filter={text} or channel eq 'chat'")
    assert len(ids(answer)) == 5


@pytest.mark.parametrize(
    "text",
    [
        "(" * 3000 + "answered" + ")" * 3000,
        "not (" * 3000 + "answered" + ")" * 3000,
        "tolower(" * 3000 + "channel" + ")" * 3000 + " eq 'chat'",
        "channel eq '" + "'" * 3000,
    ],
    ids=["parentheses", "negations", "calls", "quotes"],
)
async def test_what_is_too_deep_is_refused(text: str) -> None:
    async with client(forest()) as http:
        answer = await http.get(f"{CONVERSATIONS}?$filter={text}")
    assert refusal(answer)[:2] == (400, "BAD_USER_INPUT")


# ------------------------------------------------------------------------- conversations twice


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"$filter": "channel eq 'chat'"},
        {"$orderby": "started_at desc"},
        {"$top": "3", "$count": "true"},
        {"$filter": "started_at ge 2026-03-18T00:00:00Z and started_at lt 2026-03-19T00:00:00Z"},
    ],
    ids=str,
)
async def test_the_same_question_is_not_asked_of_platforms_twice(asked: dict[str, str]) -> None:
    wood = forest()
    small: dict[str, Any] = {"limits": {"most_rows_per_page": 4, "rows_per_page": 4}}
    async with client(wood, **small) as http:
        first = await every(http, asked)
        calls = len(wood.lists["oak"].queries)
        again = await every(http, asked)
    assert (first, len(wood.lists["oak"].queries)) == (again, calls)
    assert calls > 0


# ----------------------------------------------------------------------------- pages by $skip


@pytest.mark.parametrize("filter_", [None, "channel eq 'chat'", "length(channel) ge 4"])
@pytest.mark.parametrize("size", [1, 7, 25])
async def test_pages_by_skip_are_together_all_rows(filter_: str | None, size: int) -> None:
    wood = Wood(oak=range(40), elm=range(25), ash=range(3))
    asked = {**WEEK} if filter_ is None else {**WEEK, "$filter": filter_}
    read: list[str] = []
    async with client(wood) as http:
        whole = ids(await http.get(CONVERSATIONS, params=asked))
        while True:
            skip = {"$skip": str(len(read))} if read else {}
            page = await http.get(CONVERSATIONS, params={**asked, "$top": str(size), **skip})
            read += ids(page)
            if len(ids(page)) < size:
                break
        rest = await http.get(CONVERSATIONS, params={**asked, "$skip": "10"})
    assert sorted(read) == sorted(whole)
    assert len(read) == len(set(read)) > 20
    assert sorted(read[10:]) == sorted(ids(rest))


async def test_who_reads_on_with_skip_asks_no_platform_twice() -> None:
    wood = Wood(oak=range(1500), elm=range(900))
    async with client(wood) as http:
        few = await http.get(CONVERSATIONS, params={**WEEK, "$top": "5"})
        assert [one.limit for each in wood.lists.values() for one in each.queries] == [50, 50]
        for skip in range(0, 2500, 500):
            await http.get(CONVERSATIONS, params={**WEEK, "$top": "500", "$skip": f"{skip}"})
    assert len(ids(few)) == 5
    for one in wood.lists.values():
        asked = [query.after for query in one.queries]
        assert len(asked) == len(set(asked)) > 2
