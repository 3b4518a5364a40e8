"""One named query: all that is known of it when its file is loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphql import (
    ArgumentNode,
    ASTValidationRule,
    DirectiveNode,
    DocumentNode,
    GraphQLSchema,
    ListValueNode,
    ObjectFieldNode,
    StringValueNode,
    ValueNode,
    VariableNode,
    Visitor,
    parse,
    specified_rules,
    validate,
    visit,
)

from gateway.queries.documents import UnfitQueryError, line_of, read_source
from gateway.queries.preparing import prepared
from gateway.queries.shaping import Shape, shape_of
from gateway.queries.variables import Variable, variables_of
from resolvers.context import RequestContext
from resolvers.rows.columns import titled
from resolvers.rows.table import Reader, RowPage, RowRequest, RowTable

__all__ = ["NamedQuery", "query_of"]

_ZONES = frozenset({"timeZone", "tz"})


@dataclass(frozen=True, slots=True)
class Bound:
    """Which variables stand where arguments, and members of objects, are given."""

    variables: Mapping[str, frozenset[str]]
    """Those by the name of the argument."""
    zone: str | None = None
    """The zone that the document itself names."""

    def parameter(self, argument: str) -> str:
        """Return the variable by which an argument is given; itself where there is not one."""
        found = self.variables.get(argument.rsplit(".", 1)[-1], frozenset())
        return next(iter(found)) if len(found) == 1 else argument

    def zone_of(self, values: Mapping[str, object]) -> tuple[str | None, str]:
        """Return the zone that a call names, and by which parameter, by these values."""
        names = sorted({one for name in _ZONES for one in self.variables.get(name, ())})
        given = [(str(values[one]), one) for one in names if values.get(one)]
        return given[0] if given else (self.zone, "timeZone")


@dataclass(frozen=True, slots=True)
class NamedQuery:
    """A query, and the flat table that its answers make."""

    name: str
    description: str
    text: str
    """What is executed."""
    shape: Shape
    variables: tuple[Variable, ...]
    defaults: Mapping[str, object]
    bound: Bound

    def table(self, read: Reader | None = None) -> RowTable:
        """Return the table of its rows, which are read in that way."""
        return RowTable(
            name=self.name,
            noun=self.name,
            title=titled(self.name.replace("-", "_")),
            description=self.description,
            columns=self.shape.columns,
            key=(),
            read=read or _unread,
        )

    def zone(self, values: Mapping[str, object]) -> tuple[str | None, str]:
        """Return the zone of times without an offset, and the parameter that names it."""
        return self.bound.zone_of({**self.defaults, **values})


async def _unread(
    _context: RequestContext, _request: RowRequest, _first: int, _after: str | None
) -> RowPage:
    return RowPage(())


def query_of(
    path: Path, schema: GraphQLSchema, rules: Sequence[type[ASTValidationRule]]
) -> NamedQuery:
    """Return the query of a file; raise UnfitQueryError where it cannot be answered as rows.

    `rules` are those that the schema's own limits make.
    """
    source = read_source(path)
    _check(source.document, schema, specified_rules)
    found = _Found()
    visit(source.document, found)
    if found.directives:
        (first, *_) = found.directives
        message = f"`@{first.name.value}` changes what an answer holds: take it out"
        raise UnfitQueryError(message, line_of(first))
    shape = shape_of(schema, source)
    if not shape.columns:
        raise UnfitQueryError("makes no column: select scalars", source.rule_line)
    text = prepared(source.document, schema, shape.paged)
    _check(parse(text), schema, [*specified_rules, *rules], line_of(source.operation))
    variables = variables_of(schema, source)
    return NamedQuery(
        name=source.name,
        description=source.description,
        text=text,
        shape=shape,
        variables=variables,
        defaults={one.name: one.argument.default[0] for one in variables if one.argument.default},
        bound=Bound({name: frozenset(held) for name, held in found.bound.items()}, found.zone),
    )


def _check(
    document: DocumentNode,
    schema: GraphQLSchema,
    rules: Sequence[type[ASTValidationRule]],
    line: int | None = None,
) -> None:
    """Raise UnfitQueryError where the document does not fit the schema."""
    for error in validate(schema, document, rules, max_errors=1):
        first = error.locations[0].line if error.locations else 1
        raise UnfitQueryError(error.message, first if line is None else line)


class _Found(Visitor):
    """What stands in a document: directives, zones, and which variables are given where."""

    def __init__(self) -> None:
        super().__init__()
        self.directives: list[DirectiveNode] = []
        self.bound: dict[str, set[str]] = {}
        self.zone: str | None = None

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:  # noqa: ANN401 (as in the base)
        self.directives.append(node)

    def enter_argument(self, node: ArgumentNode, *_: Any) -> None:  # noqa: ANN401 (as in the base)
        self._note(node.name.value, node.value)

    def enter_object_field(self, node: ObjectFieldNode, *_: Any) -> None:  # noqa: ANN401 (as in the base)
        self._note(node.name.value, node.value)

    def _note(self, name: str, value: ValueNode) -> None:
        if isinstance(value, StringValueNode) and name in _ZONES:
            self.zone = value.value
        for one in value.values if isinstance(value, ListValueNode) else (value,):
            if isinstance(one, VariableNode):
                self.bound.setdefault(name, set()).add(one.name.value)
