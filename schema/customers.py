"""Customers: who they are, for keys that may know it."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import Parent

from resolvers.context import Scope
from resolvers.histories import HistoryFilter, history
from resolvers.node_ids import NodeKind
from schema.context import Info
from schema.entries import entries_of, id_of, platform_of
from schema.nodes import Node
from schema.paging import AFTER, FIRST, Connection
from schema.personal import PERSONAL, personal
from schema.platforms import PLATFORMS, Platform
from schema.sites import Site
from vendors import records
from vendors.records import Channel

__all__ = ["Customer", "CustomerQuery"]


def _seen_at(root: Parent[records.Customer]) -> datetime | None:
    return root.at


async def _sites(root: Parent[records.Customer], info: Info) -> list[Site] | None:
    return await entries_of(info, records.Site, root, root.site_ids)  # type: ignore[no-any-return]


@strawberry.type(
    description="A customer on one platform. All but the ids, sites and times is personal data."
)
class Customer(Node):
    """A customer."""

    id: strawberry.ID = strawberry.field(
        description="An opaque id: the same for the same customer, for ever.",
        resolver=id_of(NodeKind.CUSTOMER),
    )
    native_id: str = strawberry.field(
        description="The platform's own id, by which conversations and sales name the customer."
    )
    platform: Platform = strawberry.field(
        description="The platform that knows the customer.", resolver=platform_of
    )
    first_seen_at: datetime | None = strawberry.field(
        description="When the platform came to know the customer.", resolver=_seen_at
    )
    external_id: str | None = strawberry.field(
        description=f"The company's own id of the customer. {PERSONAL}",
        resolver=personal("external_id", "Customer.externalId"),
    )
    given_name: str | None = strawberry.field(
        description=f"The given name. {PERSONAL}",
        resolver=personal("given_name", "Customer.givenName"),
    )
    family_name: str | None = strawberry.field(
        description=f"The family name. {PERSONAL}",
        resolver=personal("family_name", "Customer.familyName"),
    )
    email: str | None = strawberry.field(
        description=f"The e-mail address. {PERSONAL}", resolver=personal("email", "Customer.email")
    )
    phone: str | None = strawberry.field(
        description=f"The telephone number. {PERSONAL}",
        resolver=personal("phone", "Customer.phone"),
    )
    address: str | None = strawberry.field(
        description=f"Street and house. {PERSONAL}",
        resolver=personal("address", "Customer.address"),
    )
    postal_code: str | None = strawberry.field(
        description=f"The postal code. {PERSONAL}",
        resolver=personal("postal_code", "Customer.postalCode"),
    )
    city: str | None = strawberry.field(
        description=f"The town. {PERSONAL}", resolver=personal("city", "Customer.city")
    )
    country: str | None = strawberry.field(
        description=f"The country, as the platform writes it. {PERSONAL}",
        resolver=personal("country", "Customer.country"),
    )
    browser: str | None = strawberry.field(
        description=f"The browser. {PERSONAL}", resolver=personal("browser", "Customer.browser")
    )
    channel: Channel | None = strawberry.field(
        description="The channel on which the platform knows the customer, where it has one."
    )
    native_channel: str | None = strawberry.field(description="The platform's word for it.")
    account_id: str | None = strawberry.field(description="The platform's id of the account.")
    site_ids: list[str] | None = strawberry.field(description="The platform's ids of sites.")
    sites: list[Site] | None = strawberry.field(
        description="The sites on which the customer was met; null where that is not told.",
        resolver=_sites,
    )

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Return whether the value is a customer."""
        return isinstance(value, records.Customer)


@strawberry.input(
    description=(
        "Which customers are wanted; members that are left out mean all. A platform that cannot "
        "apply one of them is not asked, and its source says so."
    )
)
class CustomerFilter:
    """Restricts customers."""

    native_ids: list[str] | None = strawberry.field(
        description="The platforms' own ids, as conversations and sales name them.", default=None
    )
    external_ids: list[str] | None = strawberry.field(
        description="The company's own ids. It needs a key with the scope `personal`.",
        default=None,
    )
    site_ids: list[str] | None = strawberry.field(description="Ids of sites.", default=None)
    account_ids: list[str] | None = strawberry.field(description="Ids of accounts.", default=None)


def _wanted(info: Info, given: CustomerFilter) -> HistoryFilter:
    if given.external_ids:
        # Whoever may not read them may not try them either.
        info.context.require(Scope.PERSONAL)
    return HistoryFilter(
        customer_ids=tuple(given.native_ids or ()),
        external_ids=tuple(given.external_ids or ()),
        site_ids=tuple(given.site_ids or ()),
        account_ids=tuple(given.account_ids or ()),
    )


async def _customers(
    info: Info,
    filter: Annotated[
        CustomerFilter | None, strawberry.argument(description="Which customers are wanted.")
    ] = None,
    platforms: Annotated[list[str] | None, PLATFORMS] = None,
    first: Annotated[int | None, FIRST] = None,
    after: Annotated[str | None, AFTER] = None,
) -> Connection[Customer] | None:
    context = info.context
    return await history(  # type: ignore[return-value]  # the type reads the record
        context,
        records.Customer,
        None,
        _wanted(info, filter or CustomerFilter()),
        context.choose(platforms),
        first=context.page_size(first),
        after=after,
    )


@strawberry.type
class CustomerQuery:
    """The part of Query that is about customers."""

    customers: Connection[Customer] | None = strawberry.field(
        description="The customers of all platforms that list them, those who came last first.",
        resolver=_customers,
    )
