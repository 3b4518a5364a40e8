"""Changes of sites and tags."""

import strawberry
from strawberry import ID

from resolvers.node_ids import NodeKind
from schema.changing import created, entry, filled, payload_type, shown, updated
from schema.sites import Site, Tag
from vendors import records, writes

__all__ = ["SiteMutation"]

_LEFT = " Left out or null: as it is."
_NOW = "The {0} as it is now; null where there is none."

_TAGS = payload_type("Tag", "a tag", shown("tag", Tag, entry(records.Tag), _NOW.format("tag")))
_SITES = payload_type(
    "Site", "a site", shown("site", Site, entry(records.Site), _NOW.format("site"))
)


@strawberry.input(description="A tag to be made.")
class CreateTagInput:
    """A new tag."""

    name: str = strawberry.field(description="Its name.")
    site_id: str = strawberry.field(description="The platform's own id of the site it is for.")


@strawberry.input(description="What is to be changed of a site.")
class UpdateSiteInput:
    """A changed site."""

    id: ID = strawberry.field(description="The global id of the site.")
    name: str | None = strawberry.field(description="Its name." + _LEFT, default=None)
    url: str | None = strawberry.field(description="Its address." + _LEFT, default=None)
    currency: str | None = strawberry.field(
        description="Its currency, by ISO 4217." + _LEFT, default=None
    )
    language: str | None = strawberry.field(
        description="The language of the platform's own pages about it." + _LEFT, default=None
    )
    time_zone: str | None = strawberry.field(
        description="Its IANA time zone." + _LEFT, default=None
    )


@strawberry.type
class SiteMutation:
    """The part of Mutation that is about sites and tags."""

    create_tags = created(
        _TAGS,
        CreateTagInput,
        lambda one: filled(writes.CreateTag, one),
        "Make tags on a platform that offers CREATE_TAG: all of them by one call.",
    )
    update_site = updated(
        _SITES,
        UpdateSiteInput,
        NodeKind.SITE,
        lambda one, native_id: filled(writes.UpdateSite, one, native_id=native_id),
        "Change sites on a platform that offers UPDATE_SITE.",
    )
