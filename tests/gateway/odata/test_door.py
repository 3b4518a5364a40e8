"""The OData door: what is answered, page by page, and what is refused, and how."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.fakes import NOW
from tests.gateway.odata.tabling import WEEK, Wood, client

from gateway.security.keys import hash_of
from vendors.errors import PlatformServerError

CONVERSATIONS = "/odata/conversations"
KEYS: dict[str, Any] = {
    "require_api_key": True,
    "api_keys": [
        {"name": "all", "hash": hash_of("key of all")},
        {"name": "oak", "hash": hash_of("key of oak"), "platforms": ["oak"]},
    ],
}


def forest(oak: int = 5, elm: int = 4) -> Wood:
    return Wood(oak=range(0, oak * 60, 60), elm=range(30, elm * 60 + 30, 60))


def ids(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [one["conversation_id"] for one in answer.json()["value"]]


def refusal(answer: httpx.Response) -> tuple[int, str, str | None]:
    error = answer.json()["error"]
    assert answer.headers["odata-version"] == "4.0"
    assert error["innererror"]["requestId"] == answer.headers["x-request-id"]
    return answer.status_code, error["code"], error.get("target")


async def every(http: httpx.AsyncClient, asked: dict[str, Any], **headers: str) -> list[list[str]]:
    """Return the ids of page after page, by the links of the answers."""
    answer = await http.get(CONVERSATIONS, params={**WEEK, **asked}, headers=headers)
    pages = [ids(answer)]
    while (link := answer.json().get("@odata.nextLink")) is not None:
        answer = await http.get(link, headers=headers)
        pages.append(ids(answer))
        assert len(pages) < 200
    return pages


# ---------------------------------------------------------------------------------- pages


async def test_a_page_is_an_odata_collection() -> None:
    async with client(forest()) as http:
        answer = await http.get(
            CONVERSATIONS, params={**WEEK, "$select": "conversation_id,answered"}
        )
    body = answer.json()
    assert answer.headers["odata-version"] == "4.0"
    assert answer.headers["content-type"] == (
        "application/json;odata.metadata=minimal;charset=utf-8"
    )
    assert answer.headers["cache-control"] == "no-store"
    assert body["@odata.context"] == (
        "https://g.test/odata/$metadata#conversations(conversation_id,answered)"
    )
    assert len(body["value"]) == 9
    assert {tuple(one) for one in body["value"]} == {("conversation_id", "answered")}
    assert "@odata.nextLink" not in body


@pytest.mark.parametrize("asked", [{}, {"$filter": "channel eq 'chat'"}, {"$skip": "3"}])
@pytest.mark.parametrize("size", [1, 2, 4])
async def test_pages_together_are_the_one_page(asked: dict[str, str], size: int) -> None:
    async with client(forest()) as http:
        (whole,) = await every(http, asked)
        pages = await every(http, asked, prefer=f"odata.maxpagesize={size}")
    joined = [one for page in pages for one in page]
    if "$skip" in asked:
        assert (len(joined), len(set(joined))) == (6, 6)
    else:
        assert sorted(joined) == sorted(whole)
    assert len(pages) > 1
    assert all(len(page) <= size for page in pages)


async def test_what_a_caller_wants_at_once_comes_on_one_page() -> None:
    wood = Wood(oak=range(6000), elm=range(4100))
    async with client(wood) as http:
        ten = await http.get(CONVERSATIONS, params={**WEEK, "$top": "10000"})
        some = await http.get(CONVERSATIONS, params={**WEEK, "$top": "5000"})
        many = await http.get(CONVERSATIONS, params={**WEEK, "$top": "10050"})
        rest = await http.get(many.json()["@odata.nextLink"])
    assert (len(ids(ten)), len(ids(some))) == (10_000, 5_000)
    assert "@odata.nextLink" not in ten.json()
    assert (len(ids(many)), len(ids(rest))) == (10_000, 50)
    assert len({*ids(many), *ids(rest)}) == 10_050
    assert "@odata.nextLink" not in rest.json()


async def test_the_preferred_size_of_a_page_is_said_to_be_kept() -> None:
    async with client(forest()) as http:
        answer = await http.get(CONVERSATIONS, headers={"prefer": "odata.maxpagesize=2"})
        other = await http.get(CONVERSATIONS, headers={"prefer": "odata.maxpagesize=none"})
    assert answer.headers["preference-applied"] == "odata.maxpagesize=2"
    assert "preference-applied" not in other.headers


async def test_the_number_of_all_is_told_whatever_is_shown() -> None:
    asked = {**WEEK, "$count": "true", "$filter": "channel eq 'chat'"}
    async with client(forest()) as http:
        top = await http.get(CONVERSATIONS, params={**asked, "$top": "1"})
        none = await http.get(CONVERSATIONS, params={**asked, "$top": "0"})
        skipped = await http.get(CONVERSATIONS, params={**asked, "$skip": "3"})
        alone = await http.get(
            f"{CONVERSATIONS}/$count", params={**WEEK, "$filter": asked["$filter"]}
        )
        small = await http.get(CONVERSATIONS, params=asked, headers={"prefer": "maxpagesize=1"})
    counts = [one.json()["@odata.count"] for one in (top, none, skipped, small)]
    assert counts == [4, 4, 4, 4]
    assert [len(ids(one)) for one in (top, none, skipped, small)] == [1, 0, 1, 1]
    assert (alone.text, alone.headers["content-type"]) == ("4", "text/plain;charset=utf-8")


async def test_rows_are_sorted_over_all_platforms() -> None:
    asked = {**WEEK, "$orderby": "started_at desc", "$skip": "1", "$top": "3"}
    async with client(forest()) as http:
        answer = await http.get(CONVERSATIONS, params=asked)
        whole = await http.get(CONVERSATIONS, params={**WEEK, "$orderby": "started_at asc"})
    newest = [one["started_at"] for one in whole.json()["value"]][::-1]
    assert newest == sorted(newest, reverse=True)
    assert [one["started_at"] for one in answer.json()["value"]] == newest[1:4]


async def test_more_than_may_be_read_is_refused_where_all_is_needed() -> None:
    limits: dict[str, Any] = {
        "limits": {"most_rows_per_page": 2, "rows_per_page": 2},
        "odata": {"most_rows": 4},
    }
    async with client(forest(), **limits) as http:
        for asked in ({"$orderby": "started_at"}, {"$count": "true"}):
            answer = await http.get(CONVERSATIONS, params={**WEEK, **asked})
            assert refusal(answer) == (400, "QUERY_TOO_COMPLEX", None)
        # A page may be shorter instead, where another can follow.
        pages = await every(http, {"$filter": "channel eq 'chat'"})
    assert sum(map(len, pages)) == 4


# ---------------------------------------------------------------------------------- links


async def test_links_lead_back_through_a_proxy() -> None:
    headers = {"host": "bi.example:8443", "prefer": "odata.maxpagesize=2"}
    async with client(forest(), root_path="/switchboard") as http:
        answer = await http.get(f"/switchboard{CONVERSATIONS}", params=WEEK, headers=headers)
        link = answer.json()["@odata.nextLink"]
        assert link.startswith("https://bi.example:8443/switchboard/odata/conversations?from=")
        following = await http.get(link, headers=headers)
        root = await http.get("/switchboard/odata/", headers=headers)
    assert len(ids(following)) == 2
    assert root.json()["@odata.context"] == ("https://bi.example:8443/switchboard/odata/$metadata")


async def test_a_link_is_of_its_question_alone() -> None:
    async with client(forest()) as http:
        answer = await http.get(
            CONVERSATIONS, params=WEEK, headers={"prefer": "odata.maxpagesize=2"}
        )
        token = httpx.URL(answer.json()["@odata.nextLink"]).params["$skiptoken"]
        other = await http.get(
            CONVERSATIONS, params={**WEEK, "platform": "oak", "$skiptoken": token}
        )
        wrong = await http.get(CONVERSATIONS, params={**WEEK, "$skiptoken": "nonsense"})
    assert refusal(other)[:2] == refusal(wrong)[:2] == (400, "BAD_USER_INPUT")


# -------------------------------------------------------------------------------- entities


async def test_a_row_is_found_by_its_key() -> None:
    key = "platform='oak',conversation_id='oak-1-60',event_id=''"
    async with client(forest()) as http:
        answer = await http.get(f"{CONVERSATIONS}({key})", params=WEEK)
        none = await http.get(f"{CONVERSATIONS}({key.replace('60', '61')})", params=WEEK)
        partly = await http.get(f"{CONVERSATIONS}(platform='oak')", params=WEEK)
        sorted_ = await http.get(f"{CONVERSATIONS}({key})", params={"$orderby": "channel"})
    body = answer.json()
    assert body["@odata.context"] == "https://g.test/odata/$metadata#conversations/$entity"
    assert (body["conversation_id"], body["event_id"]) == ("oak-1-60", "")
    assert refusal(none) == (404, "NOT_FOUND", None)
    assert refusal(partly)[0] == 400
    assert refusal(sorted_) == (501, "NOT_IMPLEMENTED", "$orderby")


async def test_everything_is_told_on_request_and_leads_to_the_row() -> None:
    wood = forest()
    first = wood.lists["oak"].items[0]
    odd = type(first)(
        platform="oak", native_id="it's a/b?c", channel=first.channel, started_at=first.started_at
    )
    wood.lists["oak"].items[0] = odd
    asked = {**WEEK, "$format": "application/json;odata.metadata=full"}
    async with client(wood) as http:
        answer = await http.get(CONVERSATIONS, params={**asked, "platform": "oak"})
        rows = answer.json()["value"]
        (row,) = (one for one in rows if one["conversation_id"] == odd.native_id)
        found = await http.get(row["@odata.id"])
        escaped = await http.get(row["@odata.id"].replace("'", "%27"))
    assert answer.headers["content-type"].startswith("application/json;odata.metadata=full")
    assert row["@odata.type"] == "#Switchboard.ConversationRow"
    assert row["started_at@odata.type"] == "#DateTimeOffset"
    assert "conversation_id@odata.type" not in row
    assert found.json() == escaped.json()
    assert found.json()["conversation_id"] == odd.native_id


async def test_nothing_is_told_beside_the_data_on_request() -> None:
    headers = {"accept": "application/json;odata.metadata=none", "prefer": "maxpagesize=2"}
    async with client(forest()) as http:
        answer = await http.get(CONVERSATIONS, params=WEEK, headers=headers)
    assert set(answer.json()) == {"value", "@odata.nextLink"}


# --------------------------------------------------------------------------------- asking


async def test_a_filter_asks_platforms_for_no_more_than_it_keeps() -> None:
    wood = forest()
    start, stop = NOW - timedelta(seconds=150), NOW - timedelta(seconds=60)
    told = [one.isoformat().replace("+00:00", "Z") for one in (start, stop)]
    text = f"platform eq 'oak' and started_at ge {told[0]} and started_at lt {told[1]}"
    async with client(wood) as http:
        found = ids(await http.get(CONVERSATIONS, params={"$filter": text}))
    assert found == ["oak-1-60", "oak-2-120"]
    assert wood.lists["elm"].queries == []
    assert {(one.start, one.end) for one in wood.lists["oak"].queries} == {(start, stop)}


@pytest.mark.parametrize(
    "text",
    [
        "platform eq 'nobody'",
        "platform eq 'oak' and platform eq 'elm'",
        "started_at ge 2026-03-01T00:00:00Z and started_at lt 2026-03-01T00:00:00Z",
        "started_at gt 2099-01-01T00:00:00Z",
    ],
)
async def test_what_nothing_can_be_asks_nobody(text: str) -> None:
    wood = forest()
    async with client(wood) as http:
        answer = await http.get(CONVERSATIONS, params={"$filter": text, "$count": "true"})
        number = await http.get(f"{CONVERSATIONS}/$count", params={"$filter": text})
    assert (ids(answer), answer.json()["@odata.count"], number.text) == ([], 0, "0")
    assert [one.queries for one in wood.lists.values()] == [[], []]


async def test_an_empty_period_has_a_whole_answer() -> None:
    long_ago = {"from": "2020-01-01", "to": "2020-01-02"}
    async with client(forest()) as http:
        answer = await http.get(CONVERSATIONS, params=long_ago)
    assert answer.json() == {
        "@odata.context": "https://g.test/odata/$metadata#conversations",
        "value": [],
    }


@pytest.mark.parametrize(
    ("asked", "status", "target"),
    [
        ({"nonsense": "1"}, 400, "nonsense"),
        ({"fields": "platform"}, 400, "fields"),
        ({"tz": "Nowhere/At_All"}, 400, "tz"),
        ({"platform": "nobody"}, 400, "platform"),
        ({"from": "soon"}, 400, "from"),
        ({"partial": "perhaps"}, 400, "partial"),
        ({"$format": "xml"}, 406, "$format"),
        ({"$format": "application/json;odata.metadata=some"}, 406, "odata.metadata"),
        ({"$expand": "platform"}, 501, "$expand"),
        ({"$search": "word"}, 501, "$search"),
    ],
    ids=str,
)
async def test_what_is_not_known_is_refused_by_name(
    asked: dict[str, str], status: int, target: str
) -> None:
    wood = forest()
    async with client(wood) as http:
        answer = await http.get(CONVERSATIONS, params=asked)
    assert refusal(answer)[::2] == (status, target)
    assert [one.queries for one in wood.lists.values()] == [[], []]


async def test_versions_and_forms_that_are_not_given_are_refused() -> None:
    async with client(forest()) as http:
        old = await http.get("/odata/", headers={"odata-maxversion": "3.0"})
        new = await http.get("/odata/", headers={"odata-maxversion": "10.0"})
        odd = await http.get("/odata/", headers={"odata-maxversion": "new"})
        atom = await http.get(CONVERSATIONS, headers={"accept": "application/atom+xml"})
        any_ = await http.get(CONVERSATIONS, headers={"accept": "text/html, */*;q=0.1"})
    assert refusal(old)[2] == refusal(odd)[2] == "OData-MaxVersion"
    assert new.status_code == 200
    assert (refusal(atom)[0], any_.status_code) == (406, 200)


# -------------------------------------------------------------------------------- failures


async def test_rows_are_never_short_without_saying_so() -> None:
    wood = forest()
    wood.lists["elm"].fails = PlatformServerError(platform="elm")
    async with client(wood) as http:
        refused = await http.get(CONVERSATIONS, params=WEEK)
        allowed = await http.get(CONVERSATIONS, params={**WEEK, "partial": "allow"})
        number = await http.get(f"{CONVERSATIONS}/$count", params=WEEK)
        narrow = await http.get(CONVERSATIONS, params={"$filter": "platform eq 'oak'"})
    assert refusal(refused) == (502, "PLATFORM_ERROR", None)
    assert "elm" in refused.json()["error"]["message"]
    assert refused.json()["error"]["innererror"]["platforms"] == ["elm"]
    assert refusal(number)[0] == 502
    assert len(ids(allowed)) == 5
    assert allowed.json()["@Switchboard.missing"] == ["elm"]
    assert "elm=failed" in allowed.headers["x-sources"]
    assert "oak=" in allowed.headers["x-sources"]
    assert len(ids(narrow)) == 5


async def test_no_more_answers_are_made_at_a_time_than_may_be() -> None:
    async with client(forest(), odata={"at_a_time": 0}) as http:
        answer = await http.get(CONVERSATIONS)
        metadata = await http.get("/odata/$metadata")
    assert refusal(answer)[:2] == (503, "OVERLOADED")
    assert answer.headers["retry-after"] == "5"
    assert metadata.status_code == 200


# ------------------------------------------------------------------------------------ keys


async def test_a_caller_without_a_key_is_asked_for_a_password_first() -> None:
    basic = base64.b64encode(b"any:key of all").decode()
    async with client(forest(), **KEYS) as http:
        none = await http.get("/odata/")
        known = await http.get("/odata/", headers={"authorization": f"Basic {basic}"})
    assert refusal(none) == (401, "UNAUTHENTICATED", None)
    assert none.headers["www-authenticate"].startswith('Basic realm="')
    assert known.status_code == 200


async def test_a_key_in_the_address_leads_through_all_pages() -> None:
    headers = {"prefer": "odata.maxpagesize=2"}
    async with client(forest(), **KEYS) as http:
        answer = await http.get(
            CONVERSATIONS, params={**WEEK, "api_key": "key of oak"}, headers=headers
        )
        following = await http.get(answer.json()["@odata.nextLink"], headers=headers)
        by_header = await http.get(
            CONVERSATIONS, params=WEEK, headers={**headers, "x-api-key": "key of oak"}
        )
    assert len(ids(following)) == 2
    assert "api_key" not in by_header.json()["@odata.nextLink"]
    async with client(forest(), **KEYS, api_key_in_query=False) as http:
        refused = await http.get(CONVERSATIONS, params={"api_key": "key of oak"})
    assert refusal(refused)[0] == 401


async def test_a_key_shows_its_platforms_alone() -> None:
    async with client(forest(), **KEYS) as http:
        answer = await http.get(
            CONVERSATIONS, params=WEEK, headers={"authorization": "Bearer key of oak"}
        )
        other = await http.get(
            CONVERSATIONS, params={"platform": "elm"}, headers={"x-api-key": "key of oak"}
        )
    assert {one.partition("-")[0] for one in ids(answer)} == {"oak"}
    assert refusal(other)[2] == "platform"


# --------------------------------------------------------------------------------- methods


@pytest.mark.parametrize("path", ["/odata/", "/odata", "/odata/$metadata", CONVERSATIONS])
async def test_a_head_is_that_of_the_answer(path: str) -> None:
    async with client(forest()) as http:
        head = await http.head(path)
        answer = await http.get(path)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "content-length", "odata-version"):
        assert head.headers[name] == answer.headers[name]


async def test_nothing_is_taken_but_questions() -> None:
    async with client(forest()) as http:
        answer = await http.post(CONVERSATIONS, json={}, headers={"expect": "100-continue"})
        patch = await http.patch(CONVERSATIONS, json={})
    assert refusal(answer)[:2] == refusal(patch)[:2] == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == "GET, HEAD"
