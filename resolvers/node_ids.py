"""Global ids: opaque, stable, and naming the platform to nobody but ourselves."""

from __future__ import annotations

import msgspec

from resolvers.ports import Sealer
from vendors.errors import BadInputError
from vendors.words import Word

__all__ = ["NodeId", "NodeKind", "node_id", "read_node_id"]

_PURPOSE = "node"


class NodeKind(Word):
    """The kinds of things that have a global id."""

    CONVERSATION = "C", "A conversation."
    AGENT = "A", "An agent."
    PLATFORM = "P", "A platform."
    TEAM = "T", "A team."
    SKILL = "K", "A skill."
    TAG = "G", "A tag."
    SITE = "S", "A site."
    CLIENT = "L", "A client."
    CUSTOMER = "U", "A customer."
    TRANSACTION = "X", "A transaction."
    SURVEY_RESPONSE = "V", "A survey response."


class NodeId(msgspec.Struct, frozen=True, array_like=True):
    """What a global id stands for."""

    kind: NodeKind
    platform: str
    native_id: str


def node_id(sealer: Sealer, kind: NodeKind, platform: str, native_id: str) -> str:
    """Return the global id of a thing: the same for the same thing, for ever."""
    return sealer.seal(_PURPOSE, msgspec.msgpack.encode((kind.value, platform, native_id)))


def read_node_id(sealer: Sealer, token: str) -> NodeId:
    """Return what the id stands for; raise BadInputError where it is no id of ours."""
    content = sealer.unseal(_PURPOSE, token)
    try:
        return msgspec.msgpack.decode(content or b"", type=NodeId)
    except msgspec.MsgspecError:
        message = "This is not an id that Switchboard gave out."
        raise BadInputError(
            message, argument="id", accepted="an `id` from an earlier answer"
        ) from None
