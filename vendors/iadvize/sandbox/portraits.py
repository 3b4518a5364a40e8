"""`/operator/{id}/profile`: what an operator shows of themselves.

It names the operator by `user_id`, as no other resource does. The bot, and who speaks none of the
languages here, have written nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from vendors.iadvize.sandbox import envelope, operators

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vendors.iadvize.sandbox.envelope import Payload
    from vendors.iadvize.sandbox.office import Office
    from vendors.iadvize.sandbox.query import Query


class _Portrait(NamedTuple):
    status: str | None = None
    description: str | None = None
    city: str | None = None
    country: str | None = None


_PORTRAITS: Mapping[str, _Portrait] = {
    "fr": _Portrait(
        "À votre écoute jusqu'à 18 h",
        "Je réponds aux questions sur les commandes et les retours.",
        "Nîmes",
        "France",
    ),
    "es": _Portrait(
        "Hoy con ganas de ayudar", "Llevo años entre cajas y envíos.", "Málaga", "España"
    ),
    "de": _Portrait(
        "Gern für Sie da", "Ich kenne jedes Regal im Lager.", "Würzburg", "Deutschland"
    ),
    "en": _Portrait(
        "Here all morning", "I know every shelf of the stock.", "Leeds", "United Kingdom"
    ),
}
"""By the language that an operator speaks best."""


def portrait(office: Office, query: Query) -> Payload:
    """Show the profile of one operator."""
    member = operators.find(office, query).member
    spoken = () if member.bot else member.languages
    shown = next((_PORTRAITS[one] for one in spoken if one in _PORTRAITS), _Portrait())
    handle = f"{member.given}.{member.family}".lower() if shown.status else None
    return envelope.success(
        {
            "user_id": member.id,
            **shown._asdict(),
            "facebook": handle,
            "twitter": handle and handle.replace(".", "_"),
        }
    )
