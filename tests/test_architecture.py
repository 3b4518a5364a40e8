"""The shape of the house: sizes, names, folders, and who may know a vendor's name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from vendors.registry import specs

ROOT = Path(__file__).parent.parent
LAYERS = ("gateway", "schema", "resolvers", "vendors")
MODULES = sorted(path for layer in LAYERS for path in (ROOT / layer).rglob("*.py"))
VENDORS = sorted(specs())

LONGEST_FILE = 400
LONGEST_FUNCTION = 60
UNNAMED = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "base"}
SHAPE = {
    "__init__.py",
    "auth.py",
    "client.py",
    "indicators.py",
    "mapping.py",
    "measuring.py",
    "reports.py",
    "sandbox",
    "settings.py",
    "wire.py",
}
MORE = {
    "arguments.py",
    "drill_through.py",
    "export_tables.py",
    "exports.py",
    "filters.py",
    "list_mapping.py",
    "lists.py",
    "operations.py",
    "parameters.py",
    "profiles.py",
    "refusals.py",
    "survey_mapping.py",
    "walking.py",
    "write_forms.py",
    "writes.py",
}
"""What a vendor has that lists more than agents and conversations, whose lists need a walk, or that
takes changes."""


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=_shown)
def test_files_and_functions_can_be_seen_at_once(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert len(text.splitlines()) <= LONGEST_FILE
    for function in _functions(ast.parse(text)):
        length = (function.end_lineno or 0) - function.lineno + 1
        assert length <= LONGEST_FUNCTION, f"{function.name} has {length} lines"


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("path", MODULES, ids=_shown)
def test_modules_are_named_for_an_idea(path: Path) -> None:
    assert path.stem not in UNNAMED


@pytest.mark.parametrize("path", MODULES, ids=_shown)
def test_a_module_says_first_what_it_is_for(path: Path) -> None:
    said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))

    assert said


def test_there_are_four_vendors() -> None:
    assert VENDORS == ["chattonic", "gnatta", "iadvize", "livechat"]


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_vendor_has_the_same_shape(vendor: str) -> None:
    folder = ROOT / "vendors" / vendor
    found = {path.name for path in folder.iterdir() if path.name != "__pycache__"}

    assert found >= SHAPE
    assert found <= SHAPE | MORE
    assert (folder / "sandbox" / "__init__.py").is_file()


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_vendor_gives_out_its_spec_and_nothing_else(vendor: str) -> None:
    module = __import__(f"vendors.{vendor}", fromlist=["SPEC"])

    assert module.__all__ == ["SPEC"]
    assert specs()[vendor] is module.SPEC


def test_no_vendor_is_named_outside_its_folder() -> None:
    """A vendor's name stands in its own folder, its tests and documents, and nowhere else."""
    names = re.compile(r"iadvize|livechat|chat.?tonic|gnatta", re.IGNORECASE)
    above = [
        path
        for layer in LAYERS
        for path in (ROOT / layer).rglob("*")
        if path.suffix in {".py", ".graphql", ".html", ".js", ".css"}
        and "graphiql" not in path.parts
        and not (layer == "vendors" and path.relative_to(ROOT / "vendors").parts[0] in VENDORS)
    ]
    assert above

    found = [_shown(path) for path in above if names.search(path.read_text(encoding="utf-8"))]

    assert found == []


@pytest.mark.parametrize("path", MODULES, ids=_shown)
def test_nothing_is_left_for_others(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert not re.search(r"\b(TODO|FIXME|XXX)\b|NotImplementedError", text)
