"""Tables as files: which there are, what each takes, and where it is to be had."""

from typing import Annotated

import strawberry
from strawberry import Parent

from resolvers import exports
from schema.context import Info
from schema.parameters import ReportParameter
from schema.platforms import PLATFORMS, Platform
from vendors.measures import Dimension, Grain

__all__ = ["ExportDefinition", "ExportQuery"]


def _parameters(root: Parent[exports.Table]) -> list[ReportParameter]:
    return list(root.export.parameters)  # type: ignore[arg-type]  # the type reads the record


def _platform(root: Parent[exports.Table]) -> Platform:
    return root.platform  # type: ignore[return-value]  # the type reads the record


@strawberry.type(
    description="A table that a platform gives as a file: got by GET, never within a query."
)
class ExportDefinition:
    """One entry of the catalogue of exports."""

    name: str = strawberry.field(
        description="Its name, unique on its platform.", resolver=lambda root: root.export.name
    )
    title: str = strawberry.field(
        description="Its name for people.", resolver=lambda root: root.export.title
    )
    description: str = strawberry.field(
        description="What it holds.", resolver=lambda root: root.export.description
    )
    platform: Platform = strawberry.field(
        description="The platform that gives it.", resolver=_platform
    )
    path: str = strawberry.field(
        description=(
            "The path of the file on this gateway. It takes `from` and `to` (ISO 8601), "
            "`granularity`, `time_zone`, the filters by the names of dimensions in lower case, "
            "and the parameters; each of them several times for several values."
        )
    )
    media_type: str = strawberry.field(
        description="What kind of file it is.", resolver=lambda root: root.export.media_type
    )
    granularities: list[Grain] = strawberry.field(
        description="The sizes of the buckets that it can have, the one by default first.",
        resolver=lambda root: root.export.grains,
    )
    filters: list[Dimension] = strawberry.field(
        description="What it can be restricted by.", resolver=lambda root: root.export.filters
    )
    parameters: list[ReportParameter] = strawberry.field(
        description="What else it can be told.", resolver=_parameters
    )
    most_rows: int | None = strawberry.field(
        description="How many rows the platform gives at most; null: it names no limit.",
        resolver=lambda root: root.export.most_rows,
    )
    documented: bool = strawberry.field(
        description="Whether the vendor's documents show its address; else it is inferred.",
        resolver=lambda root: root.export.documented,
    )


def _catalogue(
    info: Info, platforms: Annotated[list[str] | None, PLATFORMS] = None
) -> list[ExportDefinition] | None:
    return exports.tables(info.context.choose(platforms))  # type: ignore[return-value]  # the type reads the record


@strawberry.type
class ExportQuery:
    """The part of Query that is about exports."""

    export_catalogue: list[ExportDefinition] | None = strawberry.field(
        description="The tables that can be had as files; asks no platform.", resolver=_catalogue
    )
