"""Every example runs as it stands, and the product shows the same ones as this folder holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.e2e.running import ROOT, Gateway, Table, running_gateway

pytestmark = pytest.mark.timeout(240)

FOLDER = ROOT / "examples"
EXAMPLES = sorted(FOLDER.glob("*.graphql"))
FIRST = FOLDER / "first-look.graphql"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running_gateway(tmp_path_factory.mktemp("examples"), "--sandbox") as running:
        yield running


def variables_of(example: Path) -> Table:
    """Return the variables that lie beside the example."""
    file = example.with_suffix(".json")
    found: Table = orjson.loads(file.read_bytes()) if file.exists() else {}
    return found


def found_under(name: str, answer: object) -> Iterator[Any]:
    """Return every member of that name, however deep it stands."""
    if isinstance(answer, dict):
        yield from (value for key, value in answer.items() if key == name)
        answer = list(answer.values())
    if isinstance(answer, list):
        for one in answer:
            yield from found_under(name, one)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_answered_in_full(gateway: Gateway, example: Path) -> None:
    text = example.read_text(encoding="utf-8")
    if "_YEAR" in text:
        now = datetime.now(UTC)
        gateway.lived_through(datetime(now.year, 1, 1, tzinfo=UTC), now + timedelta(days=1))
    data = gateway.ask(text, variables_of(example)).data

    assert data
    assert all(value is not None for value in data.values())
    assert [failure for found in found_under("failures", data) for failure in found] == []
    freshness = set(found_under("freshness", data))
    assert freshness <= {"LIVE", "CACHED", "STALE", "UNSUPPORTED"}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_says_first_what_it_asks(example: Path) -> None:
    first, *_ = example.read_text(encoding="utf-8").splitlines()

    assert first.startswith("# ")
    assert len(first) > 20


def test_variables_belong_to_examples() -> None:
    assert {file.stem for file in FOLDER.glob("*.json")} <= {file.stem for file in EXAMPLES}
    assert FIRST in EXAMPLES
    assert len(EXAMPLES) >= 6


class _Tabs(HTMLParser):
    """The questions with which GraphiQL opens."""

    def __init__(self) -> None:
        super().__init__()
        self.questions: list[str] = []

    def handle_starttag(self, _tag: str, attributes: list[tuple[str, str | None]]) -> None:
        examples = dict(attributes).get("data-examples")
        if examples is not None:
            self.questions = orjson.loads(examples)


def test_graphiql_opens_with_the_first_look_and_shows_no_other_examples(gateway: Gateway) -> None:
    page = gateway.get("/graphql", headers={"accept": "text/html"})
    tabs = _Tabs()
    tabs.feed(page.text)

    assert page.headers["content-type"].startswith("text/html")
    assert tabs.questions[0] == FIRST.read_text(encoding="utf-8")
    known = {example.read_text(encoding="utf-8") for example in EXAMPLES}
    assert set(tabs.questions) <= known
