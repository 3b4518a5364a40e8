"""Every vendor's table of operations is that of its documents, and every native figure answers.

A further vendor is found by the registry; what its documents offer stands beside its own tests, in
`documented.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest
from tests.operations.running import Desk, recorded
from tests.simulators import VENDORS

from gateway.graphql.asking import Question
from vendors.measures import Figure, Source
from vendors.port import Wiring
from vendors.registry import specs

pytestmark = pytest.mark.timeout(240)

ONE_SOURCE = """
query OneSource($native: [String!]!, $period: PeriodInput!, $by: [Dimension!]) {
  indicators(native: $native, period: $period, groupBy: $by) {
    series { key value note }
    failures { platform code }
    sources { platform freshness }
  }
}
"""
UP_TO_NOW = {"last": {"count": 8, "unit": "DAY"}}
"""A week and today: what is told of now has no value for a period that is over."""
SILENT = {
    "satisfaction": "the documents say that it answers nothing any more",
    "liveDuration/Outbound": "nobody calls customers in the simulators' world",
    "livePercentages/Voice/Outbound": "as above",
}
"""The sources without any value, and why."""


@pytest.fixture(scope="module", params=VENDORS)
def vendor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def documents(vendor: str) -> ModuleType:
    return import_module(f"tests.vendors.{vendor}.documented")


@pytest.fixture(scope="module")
def desk(vendor: str) -> Iterator[Desk]:
    with recorded(vendor) as one:
        yield one


def test_the_table_is_what_the_documents_offer(vendor: str, documents: ModuleType) -> None:
    lines = documents.DOCUMENTED.strip().splitlines()
    # Columns are two blanks apart.
    offered = [tuple(part.strip() for part in line.split("  ") if part.strip()) for line in lines]
    table = [(one.section, one.method, one.path) for one in specs()[vendor].operations]

    assert Counter(table) == Counter(offered)
    assert len(set(table)) == len(table)


def test_what_the_documents_strike_out_is_called_deprecated(
    vendor: str, documents: ModuleType
) -> None:
    told = {one.path for one in specs()[vendor].operations if one.deprecated}

    assert told == getattr(documents, "STRUCK_OUT", set())


def test_addresses_that_no_document_shows_are_called_inferred(
    vendor: str, documents: ModuleType
) -> None:
    table = {(one.section, one.path) for one in specs()[vendor].operations}
    told = {(one.section, one.path) for one in specs()[vendor].operations if one.documented}

    assert told == getattr(documents, "SHOWN", table)


def _sources(desk: Desk) -> dict[str, tuple[dict[str, Figure], Source]]:
    """Return each source that the accounts of the desk have, with its figures as asked for."""
    found: dict[str, tuple[dict[str, Figure], Source]] = {}
    for settings in desk.settings.platforms:
        platform = specs()[settings.vendor].build(settings, Wiring())
        assert platform.measures is not None
        tables = platform.measures.measurables
        for name, figure in tables.figures.items():
            figures, _ = found.setdefault(figure.source, ({}, tables.sources[figure.source]))
            figures[f"{settings.vendor}.{name}"] = figure
    return found


def _grouped(figures: Iterable[Figure], source: Source) -> list[str]:
    """Return by what a source is asked: what it always names, so that nothing is merged."""
    by = source.always_by
    if by is None or not all(one.dimensions is None or by in one.dimensions for one in figures):
        return []
    return [by.name]


def test_every_native_figure_answers_source_by_source(desk: Desk) -> None:
    for name, (figures, source) in _sources(desk).items():
        by = _grouped(figures.values(), source)
        asked = {"native": list(figures), "period": UP_TO_NOW, "by": by}
        shown = desk.ask(Question(ONE_SOURCE, asked, "OneSource"))
        assert shown.answer.get("errors") is None, name
        told: dict[str, Any] = shown.answer["data"]["indicators"]

        assert shown.seen, name
        assert told["failures"] == [], name
        assert {one["key"] for one in told["series"]} == set(figures)
        assert {one["freshness"] for one in told["sources"]} <= {"LIVE", "UNSUPPORTED"}
        values = [one["value"] for one in told["series"] if one["value"] is not None]
        assert bool(values) is (name not in SILENT), name
