"""Things by their global id, of whatever kind and platform."""

from typing import Annotated

import strawberry

from resolvers.nodes import node, nodes
from schema.context import Info
from schema.nodes import Node

__all__ = ["NodeQuery"]


async def _node(
    info: Info,
    id: Annotated[strawberry.ID, strawberry.argument(description="The thing's id.")],
) -> Node | None:
    return await node(info.context, id)  # type: ignore[return-value]  # the types read the records


async def _nodes(
    info: Info,
    ids: Annotated[list[strawberry.ID], strawberry.argument(description="The things' ids.")],
) -> list[Node | None] | None:
    return await nodes(info.context, ids)  # type: ignore[return-value]  # the types read the records


@strawberry.type
class NodeQuery:
    """The part of Query that fetches by id."""

    node: Node | None = strawberry.field(
        description=(
            "The thing of that id; null where it is gone, or where its platform cannot fetch by id."
        ),
        resolver=_node,
    )
    nodes: list[Node | None] | None = strawberry.field(
        description="The things of these ids, in their order; null where one is gone.",
        resolver=_nodes,
    )
