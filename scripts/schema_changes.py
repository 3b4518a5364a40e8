"""Compares the schema with that of the last release, and fails on a break that nobody is told of.

.venv/bin/python -m scripts.schema_changes             what has changed, and what has to be told
.venv/bin/python -m scripts.schema_changes --released  at a release: compare with this one from now

A break is told where its name, such as `Agent.email`, stands under "Changed" or "Removed" of what
CHANGELOG.md holds of the version to come.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from graphql import build_schema, find_breaking_changes, find_dangerous_changes

__all__ = ["Comparison", "compared", "main", "name_of"]

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = ROOT / "schema" / "schema.graphql"
BASELINE = ROOT / "docs" / "schema-baseline.graphql"
CHANGELOG = ROOT / "CHANGELOG.md"

_UNRELEASED = re.compile(r"^## \[Unreleased\]\s*$(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_TELLING = re.compile(r"^### (?:Changed|Removed)\s*$(.*?)(?=^### |\Z)", re.MULTILINE | re.DOTALL)
# As graphql-core writes them: a member of a type, a directive, or a type.
_NAMES = (r"\w+\.\w+", r"@\w+", r"\b(?!Standard\b)[A-Z]\w*")


@dataclass(frozen=True, slots=True)
class Comparison:
    """What has become of a schema since its baseline, each change as a sentence."""

    breaking: Sequence[str]
    dangerous: Sequence[str]
    untold: Sequence[str]
    """Those of `breaking` that the change log does not name."""


def compared(baseline: str, schema: str, changelog: str) -> Comparison:
    """Return what has changed between two schemas, and what the change log lacks of it."""
    before, after = build_schema(baseline), build_schema(schema)
    breaking = [change.description for change in find_breaking_changes(before, after)]
    dangerous = [change.description for change in find_dangerous_changes(before, after)]
    told = _told(changelog)
    untold = [one for one in breaking if not _names(told, name_of(one))]
    return Comparison(breaking, dangerous, untold)


def name_of(change: str) -> str:
    """Return the name of what a change is about: `Type.member`, `@directive` or `Type`."""
    found = (re.search(pattern, change) for pattern in _NAMES)
    return next(match[0] for match in found if match)


def _told(changelog: str) -> str:
    unreleased = _UNRELEASED.search(changelog)
    return "".join(_TELLING.findall(unreleased[1])) if unreleased else ""


def _names(text: str, name: str) -> bool:
    """Return whether a text holds the name by itself, not as a part of another."""
    return re.search(rf"(?<![\w.@]){re.escape(name)}(?![\w.]*\w)", text) is not None


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, or make the schema the baseline; return the status to leave with."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--released", action="store_true", help="compare with this one from now")
    schema = SCHEMA.read_text(encoding="utf-8")
    if parser.parse_args(arguments).released:
        BASELINE.write_text(schema, encoding="utf-8")
        return 0
    found = compared(
        BASELINE.read_text(encoding="utf-8"), schema, CHANGELOG.read_text(encoding="utf-8")
    )
    for change in found.breaking:
        print(f"{'untold' if change in found.untold else 'told'}: {change}")
    for change in found.dangerous:
        print(f"to consider: {change}")
    if found.untold:
        names = ", ".join(dict.fromkeys(f"`{name_of(change)}`" for change in found.untold))
        print(f'Breaks clients: deprecate, or name under "Changed" or "Removed": {names}')
    return int(bool(found.untold))


if __name__ == "__main__":
    sys.exit(main())
