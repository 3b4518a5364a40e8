"""Describes entity sets in OData's own language (CSDL), by the model of the OData library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from odatapy.edm import csdl
from odatapy.edm.annotations import Collection, PropertyValue, Record, to_expression
from odatapy.edm.annotations import Expression as Told

from gateway.odata.expressions import FUNCTIONS
from vendors.measures import Unit

if TYPE_CHECKING:
    from gateway.odata.service import EntitySet

__all__ = ["NAMESPACE", "Described"]

NAMESPACE = "Switchboard"

_VOCABULARIES = ("Core", "Capabilities", "Measures")
_SEMANTICS = "https://oasis-tcs.github.io/odata-vocabularies/vocabularies"
_CORE, _MEASURES = "Org.OData.Core.V1", "Org.OData.Measures.V1"
_CAPABILITIES = "Org.OData.Capabilities.V1"


class Described(csdl.CsdlAbstractEdmProvider):
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
        """Return the one schema that there is."""
        return [self._schema_of_all]

    def get_references(self) -> list[csdl.CsdlReference]:
        """Return the vocabularies by which it is annotated."""
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
    names: list[Told] = [to_expression(name) for name in FUNCTIONS]
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
