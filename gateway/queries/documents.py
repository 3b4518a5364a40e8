"""A file of a named query as it is written: what its comments say, and the document itself.

The comment lines before the document are the description, but for those that are rules:

    # How many conversations began a day.
    # rows: indicators.series.points
    # $from: The first day.
    query DailyVolumes($from: DateTime!) { ... }
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from graphql import (
    DocumentNode,
    GraphQLError,
    Node,
    OperationDefinitionNode,
    OperationType,
    parse,
)

__all__ = ["Source", "UnfitQueryError", "line_of", "read_source"]

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_RESERVED = frozenset({"openapi"})
"""What other addresses of the door are called."""
_RULE = re.compile(r"rows:\s*(.*)")
_SAID = re.compile(r"\$([A-Za-z_]\w*):\s*(.*)")
_PATH = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")


class UnfitQueryError(ValueError):
    """A file is no named query; the message says why, and what to do."""

    def __init__(self, message: str, line: int = 1) -> None:
        """Keep why, and the line that it is about."""
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class Source:
    """What a file says."""

    name: str
    description: str
    path: tuple[str, ...]
    """The flatten rule: which member of which makes the rows."""
    rule_line: int
    said: Mapping[str, str]
    """What is said of each variable."""
    document: DocumentNode
    operation: OperationDefinitionNode


def line_of(node: Node) -> int:
    """Return the line on which a part of the document begins."""
    return node.loc.start_token.line if node.loc else 1


def read_source(path: Path) -> Source:
    """Return what a file says; raise UnfitQueryError where it is no named query."""
    if not _NAME.fullmatch(path.stem) or path.stem in _RESERVED:
        message = "the file's name is the query's: lower-case letters, digits, `-` and `_`"
        raise UnfitQueryError(f"{message}, and not `openapi`")
    try:
        text = path.read_text(encoding="utf-8")
        document = parse(text)
    except (OSError, UnicodeDecodeError) as error:
        raise UnfitQueryError(f"cannot be read: {error}") from None
    except GraphQLError as error:
        line = error.locations[0].line if error.locations else 1
        raise UnfitQueryError(error.message, line) from None
    rule, said, description = _comments(text)
    operation = _operation(document)
    return Source(
        name=path.stem,
        description=description,
        path=tuple(rule[1].split(".")),
        rule_line=rule[0],
        said=said,
        document=document,
        operation=operation,
    )


def _comments(text: str) -> tuple[tuple[int, str], dict[str, str], str]:
    """Return the rule with its line, what is said of variables, and the description."""
    rules: list[tuple[int, str]] = []
    said: dict[str, str] = {}
    words: list[str] = []
    for number, comment in _leading(text):
        if rule := _RULE.fullmatch(comment):
            rules.append((number, rule[1].strip()))
        elif of_variable := _SAID.fullmatch(comment):
            said[of_variable[1]] = of_variable[2]
        else:
            words.append(comment)
    if len(rules) != 1:
        message = "says which list makes the rows in one comment line before the document, such as"
        raise UnfitQueryError(f"{message} `# rows: indicators.series.points`")
    line, rule_said = rules[0]
    if not _PATH.fullmatch(rule_said):
        message = f"`# rows: {rule_said}` is no path: name members with dots between them"
        raise UnfitQueryError(message, line)
    if not words:
        raise UnfitQueryError("says in a comment before the document what it tells")
    return rules[0], said, " ".join(words)


def _leading(text: str) -> Iterator[tuple[int, str]]:
    """Yield the comments before the document that say anything, with their lines."""
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            return
        if comment := stripped.lstrip("#").strip():
            yield number, comment


def _operation(document: DocumentNode) -> OperationDefinitionNode:
    """Return the one operation, which reads; raise UnfitQueryError for anything else."""
    found = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    if len(found) != 1:
        line = line_of(found[1]) if found else 1
        raise UnfitQueryError("holds exactly one operation: make a file of each", line)
    (operation,) = found
    if operation.operation is not OperationType.QUERY:
        message = f"is a {operation.operation.value}: a file is made of a query alone"
        raise UnfitQueryError(message, line_of(operation))
    return operation
