"""Flat rows: one field, connection and row type for each table of the registry, made of it.

Tools that turn GraphQL into tables need every step to be nullable, columns that are plain scalars,
and arguments that are texts or whole numbers. Instants and days are texts here, since such tools
know no other scalars than GraphQL's own.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import make_dataclass
from datetime import UTC, date, datetime
from inspect import Parameter, Signature
from keyword import iskeyword
from typing import Annotated, Any, NamedTuple

import strawberry

from resolvers.outcomes import PlatformFailure as Failure
from resolvers.outcomes import SourceStatus as Source
from resolvers.rows.asking import parameters_of, read_request, size_of
from resolvers.rows.columns import Cell, Row, RowColumn, RowType
from resolvers.rows.registry import STANDARD
from resolvers.rows.table import RowArgument, RowPage, RowTable
from schema.context import Info
from schema.failures import PlatformFailure, SourceStatus
from schema.paging import PageInfo
from schema.selection import selected

__all__ = ["RowQuery"]

_SCALARS: Mapping[RowType, object] = {
    RowType.TEXT: str | None,
    RowType.INTEGER: int | None,
    RowType.NUMBER: float | None,
    RowType.BOOLEAN: bool | None,
    RowType.INSTANT: str | None,
    RowType.DATE: str | None,
}
_AS_TEXT: Mapping[RowType, str] = {
    RowType.INSTANT: " An ISO 8601 text that ends in `Z`.",
    RowType.DATE: " A text such as 2026-03-01.",
}
_SELECTED_APART = frozenset({"fields"})
"""What a selection says itself."""
_OFFSET = len("+00:00")
_CURSOR = "Where reading goes on behind the last row of a page; null for those before it."


class _Edge(NamedTuple):
    node: object
    cursor: str | None = None


class _Rows(NamedTuple):
    """What a connection of rows shows."""

    edges: Sequence[_Edge]
    nodes: Sequence[object]
    page_info: PageInfo
    failures: Sequence[Failure]
    sources: Sequence[Source]
    truncated: bool


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(map(str.capitalize, rest))


def _pascal(name: str) -> str:
    return "".join(map(str.capitalize, name.split("_")))


def _object(name: str, description: str, fields: Mapping[str, tuple[object, str]]) -> Any:  # noqa: ANN401 (a class that is made here)
    """Return the GraphQL type of these fields, each with its type and description."""
    members = {field: strawberry.field(description=said) for field, (_, said) in fields.items()}
    annotations = {field: kind for field, (kind, _) in fields.items()}
    made = type(name, (), {"__annotations__": annotations, "__doc__": description, **members})
    return strawberry.type(made, description=description)


def _described(column: RowColumn) -> str:
    return f"{column.description}{_AS_TEXT.get(column.type, '')}"


def _connection(table: RowTable) -> Any:  # noqa: ANN401 (a class that is made here)
    """Return the type of the table's pages."""
    stem = f"{_pascal(table.noun)}Row"
    columns = {one.name: (_SCALARS[one.type], _described(one)) for one in table.columns}
    row: Any = _object(stem, f"One row of `{table.name}`. {table.description}", columns)
    members = {"node": (row | None, "The row."), "cursor": (str | None, _CURSOR)}
    edge: Any = _object(f"{stem}Edge", f"One row of `{table.name}`, in a connection.", members)
    return _object(
        f"{stem}Connection",
        f"One page of `{table.name}`.",
        {
            "edges": (list[edge | None] | None, "The rows."),
            "nodes": (list[row | None] | None, "The rows alone."),
            "page_info": (PageInfo, "Where the page stands; no cursor ends an empty one."),
            "failures": (
                list[PlatformFailure],
                "The platforms whose rows, from here on, are missing, and why.",
            ),
            "sources": (list[SourceStatus], "The share of each platform that was asked."),
            "truncated": (
                bool,
                "Whether a platform holds more in the period than it can be made to list.",
            ),
        },
    )


def _instant(cell: Any) -> str:  # noqa: ANN401 (a cell that is told by its column's type)
    moment: datetime = cell
    return f"{moment.astimezone(UTC).isoformat()[:-_OFFSET]}Z"


def _day(cell: Any) -> str:  # noqa: ANN401 (a cell that is told by its column's type)
    day: date = cell
    return day.isoformat()


_WRITERS: Mapping[RowType, Callable[[Any], str]] = {
    RowType.INSTANT: _instant,
    RowType.DATE: _day,
}


class _Shown:
    """Shows the rows of one table."""

    def __init__(self, table: RowTable) -> None:
        cells = make_dataclass(f"{_pascal(table.noun)}Cells", table.names, slots=True)
        self._make: Callable[..., object] = cells
        self._written = tuple(
            (place, _WRITERS[column.type])
            for place, column in enumerate(table.columns)
            if column.type in _WRITERS
        )

    def page(self, page: RowPage) -> _Rows:
        """Return the page as GraphQL's types read it."""
        nodes = [self._make(*self._texts(row)) for row in page.rows]
        info = PageInfo(
            has_next_page=page.has_next,
            has_previous_page=False,
            start_cursor=None,
            end_cursor=page.end_cursor,
        )
        edges = [_Edge(node) for node in nodes]
        if edges:
            edges[-1] = _Edge(nodes[-1], page.end_cursor)
        short = bool(page.truncated)
        return _Rows(edges, nodes, info, page.failures, page.sources, short)

    def _texts(self, row: Row) -> list[Cell]:
        cells = list(row)
        for place, write in self._written:
            if cells[place] is not None:
                cells[place] = write(cells[place])
        return cells


def _resolver(table: RowTable, connection: object) -> Callable[..., Awaitable[_Rows]]:
    """Return what resolves the table's field, with the arguments that the table takes."""
    taken = [one for one in parameters_of(table) if one.name not in _SELECTED_APART]
    names = {_python(one.name): one.name for one in taken}
    columns = {_camel(name): name for name in table.names}
    shown = _Shown(table)

    async def resolve(
        info: Info, first: int | None = None, after: str | None = None, **given: str | None
    ) -> _Rows:
        context = info.context
        size = size_of(context, first)
        request = read_request(
            context,
            table,
            {names[name]: text for name, text in given.items()},
            fields=_wanted(info, columns),
            after=after,
        )
        context.take_rows(size)
        return shown.page(await table.page(context, request, first=size, after=after))

    arguments = {one.name: _told(one) for one in taken}
    parameters = [
        _parameter("info", Info, Parameter.empty),
        *(_parameter(_python(name), _text(name, said)) for name, said in arguments.items()),
        _parameter("first", Annotated[int | None, strawberry.argument(description=_FIRST)]),
        _parameter("after", Annotated[str | None, strawberry.argument(description=_AFTER)]),
    ]
    resolve.__signature__ = Signature(parameters, return_annotation=connection | None)  # type: ignore[attr-defined,operator]  # as inspect reads it
    return resolve


_FIRST = "How many rows to give at most; the settings say how many may be asked for at once."
_AFTER = "Go on behind this `endCursor`, of the same question."


def _python(name: str) -> str:
    """Return the parameter of that name, where that is no word of Python's."""
    return f"{name}_" if iskeyword(name) else name


def _told(argument: RowArgument) -> str:
    """Return what is said of an argument: all of them are texts."""
    said = argument.description
    if argument.several:
        said += " Commas between them."
    if argument.choices:
        said += f" There are {', '.join(argument.choices)}."
    if argument.default:
        said += f" By default {', '.join(argument.default)}."
    return said if said.endswith((".", "`")) else f"{said}."


def _text(name: str, description: str) -> object:
    return Annotated[str | None, strawberry.argument(name=_camel(name), description=description)]


def _parameter(name: str, kind: object, default: object = None) -> Parameter:
    return Parameter(name, Parameter.POSITIONAL_OR_KEYWORD, annotation=kind, default=default)


def _wanted(info: Info, columns: Mapping[str, str]) -> frozenset[str]:
    """Return the columns that the field selects, in whatever way."""
    names = selected(info, "nodes") | selected(info, "edges", "node")
    return frozenset(columns[name] for name in names if name in columns)


def _query() -> Any:  # noqa: ANN401 (a class that is made here)
    fields: dict[str, Any] = {}
    annotations: dict[str, Any] = {}
    for table in STANDARD.values():
        connection = _connection(table)
        annotations[f"{table.noun}_rows"] = connection | None
        fields[f"{table.noun}_rows"] = strawberry.field(
            resolver=_resolver(table, connection),
            description=f"{table.description} As flat rows, for tools that read tables.",
        )
    return strawberry.type(type("RowQuery", (), {"__annotations__": annotations, **fields}))


RowQuery = _query()
"""The part of Query that is about flat rows."""
