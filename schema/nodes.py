"""Things with a global id."""

import strawberry

__all__ = ["Node"]


@strawberry.interface(description="A thing that can be fetched again by its id.")
class Node:
    """Relay's node."""

    id: strawberry.ID = strawberry.field(
        description="An opaque id: the same for the same thing, for ever."
    )
