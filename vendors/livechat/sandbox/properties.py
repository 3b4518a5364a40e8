"""The default properties of a chat that can be filtered on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from vendors.livechat.sandbox.chats import Chat
    from vendors.livechat.sandbox.grammar import Scalar


@dataclass(frozen=True, slots=True)
class Property:
    """A property: the type of its values, and its value for a chat, None where it is not set."""

    of: type[Scalar]
    value: Callable[[Chat], Scalar | None]


_SCORES = {"good": 1, "bad": 0}

# Namespace and name -> property. Nobody writes offline messages here, pins chats or lets them idle.
PROPERTIES = {
    ("routing", "continuous"): Property(bool, lambda chat: chat.continuous),
    ("routing", "unreplied"): Property(bool, lambda chat: not chat.replied),
    ("routing", "unassigned"): Property(bool, lambda chat: chat.agent is None),
    ("routing", "offline_message"): Property(bool, lambda _: False),
    ("routing", "pinned"): Property(bool, lambda _: False),
    ("routing", "idle"): Property(bool, lambda _: False),
    ("rating", "score"): Property(int, lambda chat: _SCORES.get(chat.rating or "")),
    ("rating", "comment"): Property(str, lambda chat: chat.comment),
    ("source", "customer_client_id"): Property(str, lambda chat: chat.client),
    ("ecommerce", "has_sale"): Property(bool, lambda chat: bool(chat.sales)),
}


def elements(chat: Chat, known: Property | None) -> tuple[Scalar, ...]:
    """Return the value of a property as what a filter looks at; no chat has an unknown one."""
    value = known.value(chat) if known is not None else None
    return () if value is None else (value,)
