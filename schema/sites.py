"""Sites, their clients, and the tags of conversations."""

from typing import Annotated

import strawberry
from strawberry import Parent

from resolvers.directories import DirectoryFilter, listed
from resolvers.node_ids import NodeKind
from schema.context import Info
from schema.entries import entries_of, entry_of, id_of, platform_of
from schema.nodes import Node
from schema.paging import AFTER, FIRST, Connection
from schema.platforms import PLATFORMS, Platform
from schema.teams import NAMED
from vendors import records

__all__ = ["Client", "Site", "SiteQuery", "Tag"]


@strawberry.type(description="The company that holds an account.")
class Client(Node):
    """A client."""

    id: strawberry.ID = strawberry.field(
        description="An opaque id: the same for the same client, for ever.",
        resolver=id_of(NodeKind.CLIENT),
    )
    native_id: str = strawberry.field(description="The platform's own id.")
    platform: Platform = strawberry.field(
        description="The platform that knows the client.", resolver=platform_of
    )
    language: str | None = strawberry.field(description="Its language, by ISO 639-1.")
    premium: bool | None = strawberry.field(
        description="Whether it has what the vendor calls premium features."
    )

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Return whether the value is a client."""
        return isinstance(value, records.Client)


async def _client(root: Parent[records.Site], info: Info) -> Client | None:
    return await entry_of(info, records.Client, root, root.client_id)  # type: ignore[no-any-return]


@strawberry.type(description="A website or shop on which customers are met.")
class Site(Node):
    """A site."""

    id: strawberry.ID = strawberry.field(
        description="An opaque id: the same for the same site, for ever.",
        resolver=id_of(NodeKind.SITE),
    )
    native_id: str = strawberry.field(description="The platform's own id.")
    platform: Platform = strawberry.field(
        description="The platform that knows the site.", resolver=platform_of
    )
    label: str = strawberry.field(description="What to show people: the name, or the id.")
    name: str | None = strawberry.field(description="The name.")
    url: str | None = strawberry.field(description="Its address.")
    client_id: str | None = strawberry.field(description="The platform's id of its client.")
    client: Client | None = strawberry.field(
        description="The company that it belongs to.", resolver=_client
    )
    currency: str | None = strawberry.field(
        description="The ISO 4217 code of the amounts of its sales."
    )
    language: str | None = strawberry.field(description="The language of its administrators.")
    time_zone: str | None = strawberry.field(description="Its IANA time zone.")

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Return whether the value is a site."""
        return isinstance(value, records.Site)


async def _sites(root: Parent[records.Tag], info: Info) -> list[Site] | None:
    return await entries_of(info, records.Site, root, root.site_ids)  # type: ignore[no-any-return]


@strawberry.type(description="A label that agents of one platform put on conversations.")
class Tag(Node):
    """A tag."""

    id: strawberry.ID = strawberry.field(
        description="An opaque id: the same for the same tag, for ever.",
        resolver=id_of(NodeKind.TAG),
    )
    native_id: str = strawberry.field(description="The platform's own id.")
    platform: Platform = strawberry.field(
        description="The platform that knows the tag.", resolver=platform_of
    )
    label: str = strawberry.field(description="What to show people: the name, or the id.")
    name: str | None = strawberry.field(description="The name.")
    site_ids: list[str] | None = strawberry.field(
        description="The platform's ids of the sites whose conversations can have it."
    )
    sites: list[Site] | None = strawberry.field(
        description="The sites whose conversations can have it; null where that is not told.",
        resolver=_sites,
    )

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Return whether the value is a tag."""
        return isinstance(value, records.Tag)


@strawberry.input(description="Which tags are wanted; members that are left out mean all.")
class TagFilter:
    """Restricts tags."""

    native_ids: list[str] | None = strawberry.field(
        description="The platforms' own ids.", default=None
    )
    name: str | None = strawberry.field(description=NAMED, default=None)
    site_ids: list[str] | None = strawberry.field(description="Ids of sites.", default=None)


@strawberry.input(description="Which sites are wanted; members that are left out mean all.")
class SiteFilter:
    """Restricts sites."""

    native_ids: list[str] | None = strawberry.field(
        description="The platforms' own ids.", default=None
    )
    name: str | None = strawberry.field(description=NAMED, default=None)
    client_ids: list[str] | None = strawberry.field(description="Ids of clients.", default=None)


async def _all_tags(
    info: Info,
    filter: Annotated[
        TagFilter | None, strawberry.argument(description="Which tags are wanted.")
    ] = None,
    platforms: Annotated[list[str] | None, PLATFORMS] = None,
    first: Annotated[int | None, FIRST] = None,
    after: Annotated[str | None, AFTER] = None,
) -> Connection[Tag] | None:
    context, given = info.context, filter or TagFilter()
    wanted = DirectoryFilter(
        native_ids=tuple(given.native_ids or ()),
        name=given.name,
        site_ids=tuple(given.site_ids or ()),
    )
    chosen, size = context.choose(platforms), context.page_size(first)
    return await listed(context, records.Tag, wanted, chosen, first=size, after=after)  # type: ignore[return-value]  # the type reads the record


async def _all_sites(
    info: Info,
    filter: Annotated[
        SiteFilter | None, strawberry.argument(description="Which sites are wanted.")
    ] = None,
    platforms: Annotated[list[str] | None, PLATFORMS] = None,
    first: Annotated[int | None, FIRST] = None,
    after: Annotated[str | None, AFTER] = None,
) -> Connection[Site] | None:
    context, given = info.context, filter or SiteFilter()
    wanted = DirectoryFilter(
        native_ids=tuple(given.native_ids or ()),
        name=given.name,
        client_ids=tuple(given.client_ids or ()),
    )
    chosen, size = context.choose(platforms), context.page_size(first)
    return await listed(context, records.Site, wanted, chosen, first=size, after=after)  # type: ignore[return-value]  # the type reads the record


async def _all_clients(
    info: Info,
    platforms: Annotated[list[str] | None, PLATFORMS] = None,
    first: Annotated[int | None, FIRST] = None,
    after: Annotated[str | None, AFTER] = None,
) -> Connection[Client] | None:
    context = info.context
    chosen, size = context.choose(platforms), context.page_size(first)
    return await listed(  # type: ignore[return-value]  # the type reads the record
        context, records.Client, DirectoryFilter(), chosen, first=size, after=after
    )


@strawberry.type
class SiteQuery:
    """The part of Query that is about sites, clients and tags."""

    tags: Connection[Tag] | None = strawberry.field(
        description="The tags of all platforms that list them, by platform and name.",
        resolver=_all_tags,
    )
    sites: Connection[Site] | None = strawberry.field(
        description="The sites of all platforms that list them, by platform and name.",
        resolver=_all_sites,
    )
    clients: Connection[Client] | None = strawberry.field(
        description="The clients of all platforms that list them, by platform.",
        resolver=_all_clients,
    )
