"""A change of the schema that breaks clients is found, and passes only where it is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import build_schema
from scripts.schema_changes import BASELINE, CHANGELOG, SCHEMA, compared, name_of

BEFORE = """
directive @seen(by: String) repeatable on FIELD | QUERY
interface Named { name: String }
type Query { agent(id: ID!, name: String): Agent  found: Found }
type Agent implements Named { name: String  email: String }
type Team { name: String }
union Found = Agent | Team
enum Channel { CHAT CALL }
input Filter { name: String }
extend type Query { agents(filter: Filter, channel: Channel): [Agent!] }
"""
CHANGELOG_OF = """# Changelog
## [Unreleased]
### Added
- `Agent.email`
### {section}
- {text}
### Fixed
- `Agent.email` is right.
## [1.0.0] - 2026-01-01
### Removed
- `Agent.email`
"""
BREAKS = {
    "Agent.email": ("  email: String }", "}"),
    "Agent.name": ("Named { name: String  email", "Named { name: [String]  email"),
    "Query.agent": ("agent(id: ID!, name: String)", "agent(id: ID!)"),
    "Query.agents": ("agents(filter: Filter,", "agents(filter: Filter, first: Int!,"),
    "Channel.CALL": ("CHAT CALL", "CHAT"),
    "Filter.size": ("Filter { name: String }", "Filter { name: String  size: Int! }"),
    "Team": ("Agent | Team", "Agent"),
    "Agent": ("type Agent implements Named", "type Agent"),
    "Named": ("interface Named", "type Named"),
    "@seen": ("directive @seen(by: String) repeatable on FIELD | QUERY", ""),
}
"""What breaks clients, by the name under which it has to be told: a text, and what replaces it."""


def after(name: str) -> str:
    right, wrong = BREAKS[name]
    assert right in BEFORE
    changed = BEFORE.replace(right, wrong)
    return changed.replace("implements Named ", "") if name == "Named" else changed


@pytest.mark.parametrize("name", BREAKS)
def test_what_breaks_clients_is_found_under_its_name(name: str) -> None:
    found = compared(BEFORE, after(name), CHANGELOG_OF.format(section="Changed", text="nothing"))

    assert name in {name_of(one) for one in found.untold}
    assert found.untold == found.breaking


@pytest.mark.parametrize("section", ["Changed", "Removed"])
@pytest.mark.parametrize("name", BREAKS)
def test_what_is_told_may_pass(name: str, section: str) -> None:
    changelog = CHANGELOG_OF.format(section=section, text=f"`{name}` is another.")

    found = compared(BEFORE, after(name), changelog)

    assert name in {name_of(one) for one in found.breaking}
    assert name not in {name_of(one) for one in found.untold}


@pytest.mark.parametrize(
    ("section", "text"),
    [
        ("Deprecated", "`Agent.email`"),
        ("Removed", "`Agent.emails`"),
        ("Removed", "`OtherAgent.email`"),
        ("Removed", "`Agent.email.address`"),
        ("Removed", "`Agent`"),
    ],
    ids=["section", "longer", "prefixed", "deeper", "type"],
)
def test_another_section_or_name_does_not_tell_it(section: str, text: str) -> None:
    found = compared(BEFORE, after("Agent.email"), CHANGELOG_OF.format(section=section, text=text))

    assert found.untold


def test_what_breaks_nobody_needs_no_word() -> None:
    more = BEFORE.replace("email: String }", 'email: String @deprecated(reason: "x")  age: Int }')
    more = more.replace("CHAT CALL", "CHAT CALL EMAIL")

    found = compared(BEFORE, more, "")

    assert found.breaking == []
    assert found.dangerous == ["Enum value Channel.EMAIL was added."]


def test_all_that_breaks_clients_is_told() -> None:
    texts = (path.read_text(encoding="utf-8") for path in (BASELINE, SCHEMA, CHANGELOG))

    assert compared(*texts).untold == []


def test_the_baseline_is_a_schema_as_it_was_exported() -> None:
    text = Path(BASELINE).read_text(encoding="utf-8")
    query = build_schema(text).query_type

    assert query is not None
    assert query.fields.keys() >= {"platforms", "indicators", "report"}
