"""Every operation that a vendor documents is reached by an example, and the request is seen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLInterfaceType, GraphQLObjectType, OperationType, build_schema
from scripts.coverage_reference import PAGES
from tests.e2e.running import ROOT
from tests.operations.recording import Seen, is_template_of, nearest
from tests.operations.running import FOLDER, Desk, Document, Shown, recorded

from gateway.graphql.asking import Question
from vendors.operations import Operation
from vendors.registry import specs

pytestmark = pytest.mark.timeout(240)

NOT_REACHED: dict[str, set[str]] = {}
"""What no example reaches yet, by vendor."""
HERE: dict[str, dict[str, str]] = {
    "iadvize": {
        "/operator": "id group_id website_id website_list skill_id name external_id",
        "/operator/live": "id website_list name external_id website_id",
        "/group": "parent_id",
        "/skill": "operator_id parent_id",
        "/tag": "website_id",
        "/statistic": "resource_id",
    }
}
"""Filters that are applied here, to a list or a table that is read whole and shared by all."""
BY_ID: dict[str, dict[str, tuple[str, str, str]]] = {
    "iadvize": {
        "GET /group/{id}": ("{ teams { nodes { id } } }", "CreateTeam", "Team"),
        "GET /skill/{id}": ("{ skills { nodes { id } } }", "CreateSkill", "Skill"),
        "GET /tag/{id}": ("{ tags { nodes { id } } }", "CreateTags", "Tag"),
        "GET /operator/{id}": ("{ agents { nodes { id } } }", "CreateAgent", "Agent"),
    }
}
"""What is asked for even where a list is kept, which does not show it: the list, what makes an
entry of it, and the type of the entry."""
ELSE_LISTED = {("iadvize", "GET /operator/{id}")}
"""What is asked for only then: else the list, which other things need as well, has answered."""

OPERATIONS = [(name, one) for name, spec in specs().items() for one in spec.operations]
SCHEMA = build_schema((ROOT / "schema" / "schema.graphql").read_text(encoding="utf-8"))
REACHED = [
    (name, one)
    for name, one in OPERATIONS
    if one.example is not None and (name, f"{one.method} {one.path}") not in ELSE_LISTED
]
KEYS = {re.sub(r"[^a-z0-9]+", "-", one.title.lower()): name for name, one in specs().items()}
FILES = sorted(file for file in FOLDER.iterdir() if file.suffix != ".json")
EXAMPLES = [
    (vendor, file.name, operation)
    for file in FILES
    for key, vendor in KEYS.items()
    if file.stem == key or file.stem.startswith(f"{key}-")
    for operation in Document(file.name).operations
]
PARAMETERS = [
    (vendor, *line.split())
    for vendor in specs()
    for line in import_module(f"tests.vendors.{vendor}.documented").PARAMETERS.strip().splitlines()
]


class Answers:
    """What every file of examples was answered: asked once, when the first test wants it."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._desks: dict[str, Desk] = {}
        self._shown: dict[str, dict[str, Shown]] = {}

    def of(self, vendor: str, file: str) -> dict[str, Shown]:
        if file not in self._shown:
            document = Document(file)
            self._shown[file] = self._desk(vendor, document).show(document)
        return self._shown[file]

    def _desk(self, vendor: str, document: Document) -> Desk:
        """Return the desk of the vendor; what is changed is changed where nobody else reads."""
        if document.changes_something:
            return self._stack.enter_context(recorded(vendor))
        if vendor not in self._desks:
            self._desks[vendor] = self._stack.enter_context(recorded(vendor))
        return self._desks[vendor]


@pytest.fixture(scope="module")
def answers() -> Iterator[Answers]:
    with ExitStack() as stack:
        yield Answers(stack)


def _said(case: tuple[str, Operation]) -> str:
    vendor, one = case
    return f"{vendor}: {one.section}: {one.method} {one.path}"


@pytest.mark.parametrize("case", REACHED, ids=map(_said, REACHED))
def test_an_operation_is_reached_by_its_example(
    answers: Answers, case: tuple[str, Operation]
) -> None:
    vendor, operation = case
    assert operation.example is not None
    shown = answers.of(vendor, operation.example.file)[operation.example.operation]
    known = specs()[vendor].operations

    found = [
        seen
        for seen in shown.seen
        if seen.method == operation.method
        and operation.path in nearest(known, seen)
        and _says(seen, operation)
    ]

    assert found, sorted({(seen.method, seen.path) for seen in shown.seen})


def _says(seen: Seen, operation: Operation) -> bool:
    return all(seen.says(name, value) for name, value in operation.says.items())


@pytest.mark.parametrize(
    ("vendor", "request_"), [(name, one) for name, all_ in BY_ID.items() for one in all_]
)
def test_what_a_kept_list_does_not_show_is_asked_for_by_its_id(vendor: str, request_: str) -> None:
    listed, operation, kind = BY_ID[vendor][request_]
    (document,) = (
        Document(file) for name, file, one in EXAMPLES if (name, one) == (vendor, operation)
    )
    method, path = request_.split()
    field = f"{operation[0].lower()}{operation[1:]}"
    made = Question(document.text, document.variables.get(operation, {}), operation)
    node = Question(f"query($id: ID!) {{ node(id: $id) {{ id ... on {kind} {{ nativeId }} }} }}")
    at = f"{field}.results.0.{kind.lower()}.id"
    with recorded(vendor) as desk:
        shown = desk.ask_beside(Question(listed), made, node, at)

    assert shown.answer["data"]["node"]["nativeId"]
    known = specs()[vendor].operations
    assert [one for one in shown.seen if one.method == method and path in nearest(known, one)]


@pytest.mark.parametrize(("vendor", "file", "operation"), EXAMPLES)
def test_an_example_is_answered_in_full(
    answers: Answers, vendor: str, file: str, operation: str
) -> None:
    answer = answers.of(vendor, file)[operation].answer

    assert answer.get("errors") is None
    for name, part in answer["data"].items():
        assert _failures(part) == []
        if Document(file).operations[operation] is OperationType.MUTATION:
            assert _statuses(part) == {"DONE"}, part
        else:
            assert _tells(part), (name, part)


def _under(name: str, part: object) -> Iterator[Any]:
    """Return every member of that name, however deep it stands."""
    if isinstance(part, dict):
        yield from (value for key, value in part.items() if key == name)
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    for one in inner:
        yield from _under(name, one)


def _failures(part: object) -> list[Any]:
    return [one for failures in _under("failures", part) for one in failures]


def _statuses(part: object) -> set[Any]:
    return {result["status"] for results in _under("results", part) for result in results}


def _tells(part: Any) -> bool:  # noqa: ANN401 - whatever a field answers
    """Return whether an answer holds a value: a figure, a row, an item, a member of one."""
    if isinstance(part, list):
        return any(_tells(one) for one in part)
    if not isinstance(part, dict):
        return part is not None
    for name, values in (("series", ("value",)), ("rows", ("values",)), ("nodes", tuple[str]())):
        if name in part:
            told = [one for each in values for one in _under(each, part[name])] or part[name]
            return any(_tells(one) for one in told)
    return any(_tells(one) for one in part.values())


@pytest.mark.parametrize("vendor", specs())
def test_what_is_not_reached_yet_is_named(vendor: str) -> None:
    missing = [one for name, one in OPERATIONS if name == vendor and one.example is None]

    assert {f"{one.method} {one.path}" for one in missing} == NOT_REACHED.get(vendor, set())
    assert all(not one.reached for one in missing)


@pytest.mark.parametrize("case", REACHED, ids=map(_said, REACHED))
def test_the_fields_by_which_it_is_reached_are_in_the_schema(
    case: tuple[str, Operation],
) -> None:
    fields = [re.match(r"([A-Z]\w+)\.(\w+)", where) for where in case[1].reached]

    for one in filter(None, fields):
        found = SCHEMA.type_map[one[1]]
        assert isinstance(found, GraphQLObjectType | GraphQLInterfaceType)
        assert one[2] in found.fields
    assert case[1].reached


def test_every_file_of_examples_is_of_a_vendor_and_says_what_it_is_about() -> None:
    assert [file.name for file in FILES] == sorted({file for _, file, _ in EXAMPLES})
    for file in FILES:
        first, *_ = file.read_text(encoding="utf-8").splitlines()
        assert re.match(r"# .{20,}[.?]$", first), file.name
    assert {file.stem for file in FOLDER.glob("*.json")} <= {file.stem for file in FILES}


@pytest.mark.parametrize("vendor", specs())
def test_a_documented_parameter_is_sent_by_an_example(answers: Answers, vendor: str) -> None:
    seen = [
        one
        for name, file, operation in EXAMPLES
        if name == vendor
        for one in answers.of(vendor, file)[operation].seen
    ]
    silent = {
        f"{path} {name}"
        for of, path, name in PARAMETERS
        if of == vendor
        and not any(is_template_of(path, one.path) and name in one.names() for one in seen)
    }
    here = {
        f"{path} filters[{name}]"
        for path, names in HERE.get(vendor, {}).items()
        for name in names.split()
    }

    assert silent == here


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_pages_are_current(page: Path) -> None:
    written = page.read_text(encoding="utf-8")

    assert written == PAGES[page](), "run `.venv/bin/python -m scripts.coverage_reference`"
