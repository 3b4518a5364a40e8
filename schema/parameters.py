"""Parameters of vendors' own reports and figures: as they are declared, and as they are given."""

from collections.abc import Sequence
from dataclasses import dataclass

import strawberry
from strawberry import Parent

import schema.enums  # noqa: F401 - the enums must be known before a type refers to them
from resolvers.given import Given
from vendors import parameters
from vendors.measures import Dimension
from vendors.parameters import ParameterType, Way

__all__ = ["ReportParameter", "ReportParameterInput", "read_parameters"]


@dataclass(frozen=True, slots=True)
class _Key:
    description: str
    choices: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Need:
    name: str
    value: str


@strawberry.type(description="What the key of a parameter names.")
class ReportParameterKey:
    """The key of a parameter that is one of many of its kind."""

    description: str = strawberry.field(description="What it names.")
    choices: list[str] = strawberry.field(description="The keys that there are; empty: any.")


@strawberry.type(description="A parameter, with its value, that another one needs beside it.")
class ReportParameterNeed:
    """What must be given as well."""

    name: str = strawberry.field(description="The name of the parameter.")
    value: str = strawberry.field(description="The value that it must have.")


def _key(root: Parent[parameters.Parameter]) -> ReportParameterKey | None:
    return None if root.keyed is None else _Key(root.keyed, root.keys)  # type: ignore[return-value]  # the type reads it


def _needs(root: Parent[parameters.Parameter]) -> list[ReportParameterNeed]:
    return [_Need(*one) for one in root.needs]  # type: ignore[misc]  # the type reads it


@strawberry.type(description="One thing that a vendor's own report can be told.")
class ReportParameter:
    """A parameter as it is declared."""

    name: str = strawberry.field(description="Its name.")
    description: str = strawberry.field(description="What it restricts to.")
    type: ParameterType = strawberry.field(description="What its values are.")
    ways: list[Way] = strawberry.field(description="How it can be given; one way at a time.")
    choices: list[str] = strawberry.field(
        description="The values that there are; empty: any of the type."
    )
    most: int | None = strawberry.field(description="How many values it takes; null: any number.")
    require_every_value: bool = strawberry.field(
        description="Whether all of the values can be demanded at once.",
        resolver=lambda root: root.every,
    )
    key: ReportParameterKey | None = strawberry.field(
        description="What `key` names; null where it has none.", resolver=_key
    )
    excludes: list[str] = strawberry.field(
        description="The parameters beside which it is not taken."
    )
    needs: list[ReportParameterNeed] = strawberry.field(
        description="The parameters without which it is not taken.", resolver=_needs
    )
    required: bool = strawberry.field(description="Whether nothing is answered without it.")
    dimension: Dimension | None = strawberry.field(
        description=(
            "The dimension whose members it restricts to: not together with a grouping or filter "
            "by it, unless the platform tells all members in one call."
        )
    )


@strawberry.input(description="One parameter: exactly one of `values`, `excludeValues`, `exists`.")
class ReportParameterInput:
    """A parameter as it is given."""

    name: str = strawberry.field(description="Its name, as in `reportCatalogue`.")
    key: str | None = strawberry.field(
        description="Which of many, where the parameter has a key.", default=None
    )
    values: list[str] | None = strawberry.field(
        description="What has any of these; numbers and booleans as text.", default=None
    )
    exclude_values: list[str] | None = strawberry.field(
        description="What has none of these.", default=None
    )
    exists: bool | None = strawberry.field(
        description="What has a value at all (true), or has none (false).", default=None
    )
    require_every_value: bool | None = strawberry.field(
        description="Whether all of the values are demanded, not any of them.", default=None
    )


def read_parameters(given: list[ReportParameterInput] | None) -> tuple[Given, ...]:
    """Return what was given, as it was given."""
    return tuple(
        Given(
            name=one.name,
            key=one.key,
            values=None if one.values is None else tuple(one.values),
            exclude_values=None if one.exclude_values is None else tuple(one.exclude_values),
            exists=one.exists,
            every=bool(one.require_every_value),
        )
        for one in given or ()
    )
