"""A file is whole, or there is none: nothing fails behind a 200."""

from __future__ import annotations

import csv
import io

import pytest
from tests.gateway.odata.tabling import Wood, client
from tests.resolvers.test_conversations import Listing

from gateway.rows.formats import FORMS
from resolvers.rows.registry import STANDARD
from vendors.calls import Call
from vendors.errors import PlatformUnreachableError
from vendors.port import ConversationQuery, Page
from vendors.records import Conversation

SMALL = {"limits": {"rows_per_page": 4, "most_rows_per_page": 4}}
PATH = "/v1/conversations"


class Failing(Listing):
    """A platform that gives some pages of its list, and then none."""

    async def conversations(self, query: ConversationQuery, call: Call) -> Page[Conversation]:
        if query.after is not None and len(self.queries) > 2:
            self.fails = PlatformUnreachableError(platform=self.key)
        return await super().conversations(query, call)


@pytest.fixture
def wood() -> Wood:
    """Two platforms, of which one gives out on the way."""
    wood = Wood(oak=range(0, 4000, 100), elm=range(50, 4050, 100))
    wood.lists["oak"] = Failing("oak", range(0, 4000, 100))
    return wood


@pytest.mark.parametrize("form", FORMS)
async def test_what_fails_on_a_later_page_fails_the_whole_file(wood: Wood, form: str) -> None:
    async with client(wood, **SMALL) as http:
        answer = await http.get(f"{PATH}.{form}")

    assert answer.status_code == 502, answer.text
    assert len(wood.lists["elm"].queries) > 1, "rows had been read before"
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["code"] == "ROWS_MISSING"
    assert [one["platform"] for one in told["platforms"]] == ["oak"]
    assert "oak" in told["detail"]


async def test_whoever_takes_what_there_is_is_told_what_is_not(wood: Wood) -> None:
    async with client(wood, **SMALL) as http:
        answer = await http.get(f"{PATH}.csv?partial=allow&fields=platform,conversation_id")
        page = await http.get(f"{PATH}.json?partial=allow&shape=page")

    rows = list(csv.DictReader(io.StringIO(answer.text)))
    of_elm = [row for row in rows if row["platform"] == "elm"]
    assert len(of_elm) == 40
    assert 0 < len(rows) - len(of_elm) < 40
    # It gave some: what is missing is the rest.
    told = dict(one.split(";")[0].split("=") for one in answer.headers["x-sources"].split(", "))
    assert told == {"oak": "partial", "elm": "live"}
    told = {one["platform"]: one["freshness"] for one in page.json()["sources"]}
    assert told["oak"] in {"partial", "failed"}


async def test_a_whole_one_is_whole_however_small_its_pages_are() -> None:
    async with client(Wood(oak=range(0, 4000, 100), elm=[7]), **SMALL) as http:
        whole = await http.get(f"{PATH}.csv")

    assert len(list(csv.DictReader(io.StringIO(whole.text)))) == 41
    assert whole.text.splitlines()[0] == ",".join(STANDARD["conversations"].names)
