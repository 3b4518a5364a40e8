"""The one place that knows the OData library: it reads addresses and writes metadata.

What it gives out is ours: `Asked`, and terms. What the library reads and we do not answer is
refused here, so that nothing of an address is ever passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from odatapy.edm import Edm, csdl
from odatapy.edm.annotations import Collection, PropertyValue, Record, to_expression
from odatapy.edm.annotations import Expression as Told
from odatapy.errors import ODataLibraryException, UriParserException
from odatapy.server.adapters.common import decode_path
from odatapy.server.serializer.metadata import MetadataSerializer
from odatapy.server.uri import (
    Alias,
    Binary,
    Expression,
    ListExpression,
    Member,
    Method,
    Parser,
    Unary,
    UriInfo,
    UriInfoKind,
    UriResourceEntitySet,
    UriResourceKind,
)
from odatapy.server.uri import Literal as UriLiteral

from gateway.odata.refusals import unsupported
from gateway.odata.terms import Call, Column, Constant, Literal, Several, Term
from gateway.refusals import RefusedError
from vendors.measures import Unit

if TYPE_CHECKING:
    from gateway.odata.service import EntitySet

__all__ = ["NAMESPACE", "Asked", "Protocol"]

NAMESPACE = "Switchboard"

_ANSWERED = frozenset(
    {"$filter", "$orderby", "$select", "$top", "$skip", "$count", "$format", "$skiptoken"}
)
_KNOWN = _ANSWERED | {
    "$apply",
    "$compute",
    "$deltatoken",
    "$expand",
    "$id",
    "$index",
    "$schemaversion",
    "$search",
}
_OPERATORS = frozenset({"and", "or", "eq", "ne", "gt", "ge", "lt", "le", "in"})
_FUNCTIONS: Mapping[str, int] = {
    "contains": 2,
    "startswith": 2,
    "endswith": 2,
    "tolower": 1,
    "toupper": 1,
    "trim": 1,
    "length": 1,
    "date": 1,
    "year": 1,
    "month": 1,
    "day": 1,
    "hour": 1,
    "minute": 1,
    "second": 1,
}
_VOCABULARIES = ("Core", "Capabilities", "Measures")
_SEMANTICS = "https://oasis-tcs.github.io/odata-vocabularies/vocabularies"
_CORE, _MEASURES = "Org.OData.Core.V1", "Org.OData.Measures.V1"
_CAPABILITIES = "Org.OData.Capabilities.V1"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What an address says."""

    kind: UriInfoKind
    entity_set: str = ""
    key: Mapping[str, Literal] | None = None
    counted: bool = False
    """Whether the number of entities alone is asked for."""
    filter: Term | None = None
    order: tuple[tuple[Term, bool], ...] = ()
    """What to sort by, and whether that falls."""
    select: tuple[str, ...] | None = None
    """The wanted properties; None: all."""
    top: int | None = None
    skip: int = 0
    count: bool = False
    form: str | None = None
    """What `$format` says."""
    skiptoken: str | None = None

    @property
    def is_service(self) -> bool:
        """Return whether the list of entity sets is asked for."""
        return self.kind is UriInfoKind.SERVICE

    @property
    def is_metadata(self) -> bool:
        """Return whether the description of all of them is asked for."""
        return self.kind is UriInfoKind.METADATA


class Protocol:
    """OData over some entity sets."""

    def __init__(self, sets: Sequence[EntitySet]) -> None:
        """Describe these entity sets, and read addresses of them."""
        self._edm = Edm.from_provider(_Described(sets))

    def metadata_xml(self) -> bytes:
        """Return the description as CSDL XML."""
        return MetadataSerializer().xml(self._edm, "4.0").encode()

    def metadata_json(self) -> bytes:
        """Return the description as CSDL JSON, which OData has from version 4.01 on."""
        return MetadataSerializer().json(self._edm, "4.01").encode()

    def read(self, path: str, query: str) -> Asked:
        """Return what is asked by the path, behind the root, and the query, both as sent.

        Raises RefusedError: 400 for what cannot be read, 404 for what there is not, 501 for what
        is not supported.
        """
        _check_options(query)
        try:
            # A slash within quotes parts nothing, and quotes may have come escaped.
            info = Parser(self._edm).parse_uri(decode_path(path.replace("%27", "'")), query)
            return _asked(info)
        except UriParserException as error:
            raise RefusedError(error.status_code, _code(error.status_code), str(error)) from None
        except (ODataLibraryException, RecursionError, ValueError, OverflowError):
            message = "The address cannot be read as OData."
            raise RefusedError(400, "BAD_USER_INPUT", message) from None


def _code(status: int) -> str:
    return "NOT_FOUND" if status == 404 else "BAD_USER_INPUT"  # noqa: PLR2004 (HTTP's own)


def _check_options(query: str) -> None:
    """Refuse what OData knows and we do not, before it is looked at any further."""
    for part in query.split("&"):
        name = part.partition("=")[0].replace("%24", "$")
        if name in _KNOWN and name not in _ANSWERED:
            raise unsupported(f"`{name}`", name)


# ------------------------------------------------------------------------------- addresses


def _asked(info: UriInfo) -> Asked:
    form = None if info.format is None else info.format.format
    if info.kind in {UriInfoKind.SERVICE, UriInfoKind.METADATA}:
        return Asked(kind=info.kind, form=form)
    if info.kind is not UriInfoKind.RESOURCE:
        raise unsupported("This kind of address", "path")
    entity_set, key, counted = _resource(info)
    return Asked(
        kind=info.kind,
        entity_set=entity_set,
        key=key,
        counted=counted,
        filter=None if info.filter is None else _term(info.filter.expression),
        order=() if info.orderby is None else tuple(_orders(info)),
        select=_selected(info),
        top=None if info.top is None else info.top.value,
        skip=0 if info.skip is None else info.skip.value,
        count=info.count is not None and info.count.value,
        form=form,
        skiptoken=info.skiptoken,
    )


def _resource(info: UriInfo) -> tuple[str, Mapping[str, Literal] | None, bool]:
    """Return the entity set, the key of the entity if there is one, and whether to count."""
    first, *more = info.resource_parts
    if not isinstance(first, UriResourceEntitySet) or first.type_filter:
        raise unsupported("This kind of address", "path")
    counted = [part.kind for part in more] == [UriResourceKind.COUNT]
    if more and not counted:
        raise unsupported("Addressing a part of an entity", "path")
    key = None
    if first.key_predicates:
        key = {name: _literal(value) for name, value in first.typed_keys.items()}
    return first.entity_set.name, key, counted


def _orders(info: UriInfo) -> Iterator[tuple[Term, bool]]:
    for item in info.orderby.items if info.orderby is not None else ():
        yield _term(item.expression), item.descending


def _selected(info: UriInfo) -> tuple[str, ...] | None:
    if info.select is None or any(item.star for item in info.select.items):
        return None
    for item in info.select.items:
        if len(item.path) != 1 or item.type_cast or item.operation:
            raise unsupported(f"`{item.path_str}` in `$select`", "$select")
    return tuple(dict.fromkeys(item.path[0] for item in info.select.items))


def _term(expression: Expression) -> Term:
    for kind, read in _READERS.items():
        if isinstance(expression, kind):
            return read(expression)
    raise unsupported(f"`{expression!r}`", "$filter")


def _binary(expression: Binary) -> Term:
    name = expression.operator.value
    if name not in _OPERATORS:
        raise unsupported(f"The operator `{name}`", "$filter")
    if name not in {"and", "or"}:
        return Call(name, (_term(expression.left), _term(expression.right)))
    # A chain of hundreds is not hundreds of levels deep.
    parts: list[Expression] = [expression.right]
    left = expression.left
    while isinstance(left, Binary) and left.operator is expression.operator:
        parts.append(left.right)
        left = left.left
    return Call(name, tuple(map(_term, [left, *reversed(parts)])))


def _unary(expression: Unary) -> Term:
    if expression.operator.value != "not":
        raise unsupported(f"The operator `{expression.operator.value}`", "$filter")
    return Call("not", (_term(expression.operand),))


def _function(expression: Method) -> Term:
    name = expression.method.value
    if name not in _FUNCTIONS:
        raise unsupported(f"The function `{name}`", "$filter")
    return Call(name, tuple(map(_term, expression.parameters)))


def _member(expression: Member) -> Term:
    plain = not (
        expression.lambda_variable
        or expression.lambda_expression
        or expression.count
        or expression.root_uri_info
    )
    if not plain or len(expression.path) != 1:
        raise unsupported(f"`{expression.path_str}`", "$filter")
    return Column(expression.path[0])


def _several(expression: ListExpression) -> Term:
    values = [_term(item) for item in expression.items]
    if not all(isinstance(one, Constant) for one in values):
        raise unsupported("`in` of other than literals", "$filter")
    return Several(tuple(one.value for one in values if isinstance(one, Constant)))


def _alias(expression: Alias) -> Term:
    if expression.expression is None:
        message = f"`@{expression.name}` has no value."
        raise RefusedError(400, "BAD_USER_INPUT", message)
    return _term(expression.expression)


_READERS: Mapping[type, Callable[[Any], Term]] = {
    Binary: _binary,
    Unary: _unary,
    Method: _function,
    Member: _member,
    ListExpression: _several,
    UriLiteral: lambda one: Constant(_literal(one.value)),
    Alias: _alias,
}


def _literal(value: object) -> Literal:
    if isinstance(value, Decimal):
        return float(value)
    if value is None or isinstance(value, str | int | float | datetime | date):
        return value
    raise unsupported(f"A literal such as `{value}`", "$filter")


# -------------------------------------------------------------------------------- metadata


class _Described(csdl.CsdlAbstractEdmProvider):
    """The description of the entity sets, as the library wants it."""

    def __init__(self, sets: Sequence[EntitySet]) -> None:
        container = csdl.CsdlEntityContainer(
            name="Tables",
            entity_sets=[_set_of(one) for one in sets],
            annotations=[_functions()],
        )
        types = [_type_of(one) for one in sets]
        self._schema_of_all = csdl.CsdlSchema(
            namespace=NAMESPACE, entity_types=types, entity_container=container
        )

    def get_schemas(self) -> list[csdl.CsdlSchema]:
        return [self._schema_of_all]

    def get_references(self) -> list[csdl.CsdlReference]:
        return [
            csdl.CsdlReference(
                uri=f"{_SEMANTICS}/Org.OData.{name}.V1.xml",
                includes=[csdl.CsdlInclude(namespace=f"Org.OData.{name}.V1")],
            )
            for name in _VOCABULARIES
        ]


def _set_of(one: EntitySet) -> csdl.CsdlEntitySet:
    return csdl.CsdlEntitySet(
        name=one.name,
        type=f"{NAMESPACE}.{one.type_name}",
        annotations=[_described(one.table.description), *_RESTRICTED],
    )


def _type_of(one: EntitySet) -> csdl.CsdlEntityType:
    return csdl.CsdlEntityType(
        name=one.type_name,
        key=[csdl.CsdlPropertyRef(name) for name in one.table.key],
        properties=[
            csdl.CsdlProperty(
                name=column.name,
                type=one.types[column.name],
                nullable=column.name not in one.table.key,
                precision=6 if one.types[column.name] == "Edm.DateTimeOffset" else None,
                annotations=_notes(column.description, column.unit),
            )
            for column in one.table.columns
        ],
    )


def _notes(description: str, unit: Unit | None) -> list[csdl.CsdlAnnotation]:
    notes = [_described(description)]
    if unit not in {None, Unit.UNKNOWN}:
        notes.append(csdl.CsdlAnnotation(term=f"{_MEASURES}.Unit", value=str(unit)))
    return notes


def _functions() -> csdl.CsdlAnnotation:
    names: list[Told] = [to_expression(name) for name in _FUNCTIONS]
    return csdl.CsdlAnnotation(term=f"{_CAPABILITIES}.FilterFunctions", value=Collection(names))


def _restriction(term: str, member: str) -> csdl.CsdlAnnotation:
    """Return what says that this cannot be done."""
    no = PropertyValue(member, to_expression(value=False))
    record = Record(property_values=[no])
    return csdl.CsdlAnnotation(term=f"{_CAPABILITIES}.{term}", value=record)


_RESTRICTED = (
    _restriction("InsertRestrictions", "Insertable"),
    _restriction("UpdateRestrictions", "Updatable"),
    _restriction("DeleteRestrictions", "Deletable"),
    _restriction("SearchRestrictions", "Searchable"),
    _restriction("ExpandRestrictions", "Expandable"),
)


def _described(description: str) -> csdl.CsdlAnnotation:
    return csdl.CsdlAnnotation(term=f"{_CORE}.Description", value=description)
