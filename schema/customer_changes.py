"""Changes of customers."""

import strawberry
from strawberry import ID

from resolvers.node_ids import NodeKind
from schema.changing import created, deleted, filled, payload_type, shown, thing, updated
from schema.customers import Customer
from vendors import writes

__all__ = ["CustomerMutation"]

_LEFT = " Left out or null: as it is, or up to the platform."


_CUSTOMERS = payload_type(
    "Customer",
    "a customer",
    shown(
        "customer",
        Customer,
        thing(NodeKind.CUSTOMER),
        "The customer as they are now; null where there is none.",
    ),
)


@strawberry.input(description="What can be said of a customer.")
class _CustomerMembers:
    """The members that making and changing have in common."""

    external_id: str | None = strawberry.field(
        description="The company's own id of the customer." + _LEFT, default=None
    )
    given_name: str | None = strawberry.field(description="The given name." + _LEFT, default=None)
    family_name: str | None = strawberry.field(description="The family name." + _LEFT, default=None)
    email: str | None = strawberry.field(description="The e-mail address." + _LEFT, default=None)
    phone: str | None = strawberry.field(description="The telephone number." + _LEFT, default=None)
    address: str | None = strawberry.field(description="Street and house." + _LEFT, default=None)
    postal_code: str | None = strawberry.field(description="The postal code." + _LEFT, default=None)
    city: str | None = strawberry.field(description="The town." + _LEFT, default=None)
    country: str | None = strawberry.field(
        description="The country, as the platform writes it." + _LEFT, default=None
    )
    site_ids: list[str] | None = strawberry.field(
        description="The platform's own ids of sites." + _LEFT, default=None
    )


@strawberry.input(description="A customer to be made.")
class CreateCustomerInput(_CustomerMembers):
    """A new customer."""


@strawberry.input(description="What is to be changed of a customer.")
class UpdateCustomerInput(_CustomerMembers):
    """A changed customer."""

    id: ID = strawberry.field(description="The global id of the customer.")


def _members(given: _CustomerMembers) -> writes.CustomerMembers:
    return filled(writes.CustomerMembers, given)


@strawberry.type
class CustomerMutation:
    """The part of Mutation that is about customers."""

    create_customer = created(
        _CUSTOMERS,
        CreateCustomerInput,
        lambda one: writes.CreateCustomer(members=_members(one)),
        "Make customers on a platform that offers CREATE_CUSTOMER.",
    )
    update_customer = updated(
        _CUSTOMERS,
        UpdateCustomerInput,
        NodeKind.CUSTOMER,
        lambda one, native_id: writes.UpdateCustomer(native_id=native_id, members=_members(one)),
        "Change customers on a platform that offers UPDATE_CUSTOMER.",
    )
    delete_customer = deleted(
        _CUSTOMERS,
        NodeKind.CUSTOMER,
        lambda native_id: writes.DeleteCustomer(native_id=native_id),
        "Delete customers on a platform that offers DELETE_CUSTOMER.",
    )
