"""The account that is simulated: its websites, people and volumes, and what the vendor adds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from vendors.world import STAFF, AccountProfile, Hours, Queue, Rule, Site, Skill, Team

if TYPE_CHECKING:
    from collections.abc import Mapping

API_KEY = "sandbox-iadvize-key"
CLIENT_ID = 41

# Nobody reopens a conversation here: the document knows one end of it and no other.
PROFILE = AccountProfile(
    name="iadvize",
    time_zone="Europe/Paris",
    channels=("chat", "call"),
    channel_weights=(0.82, 0.18),
    staff=(STAFF[0], STAFF[8], STAFF[10], STAFF[12], STAFF[3]),
    teams=(Team(11, "Conseil"), Team(12, "Service client")),
    skills=(Skill(21, "Commandes"), Skill(22, "Retours"), Skill(23, "Produits")),
    queues=(Queue(31, "Commandes", 21), Queue(32, "Retours", 22), Queue(33, "Produits", 23)),
    sites=(
        Site(2101, "Boutique", "https://boutique.example.com", "EUR", "Europe/Paris", "fr"),
        Site(2102, "Outlet", "https://outlet.example.com", "EUR", "Europe/Paris", "fr"),
    ),
    rules=(Rule(501, "Panier"), Rule(502, "Fiche produit"), Rule(503, "Sortie")),
    contacts_per_day=100,
    weekend_contacts_per_day=65,
    opening=(*(Hours(8, 20),) * 5, Hours(9, 19), Hours(10, 18)),
    abandonment_rate=0.03,
    reopen_rate=0.0,
    bot=True,
    bot_share=0.05,
)

# Who works outside of groups, and who without skills; the live list treats them differently.
WITHOUT_GROUP = frozenset({STAFF[0].email, STAFF[12].email})
WITHOUT_SKILLS = frozenset({STAFF[0].email, STAFF[8].email})

TAG_IDS = {name: 601 + index for index, name in enumerate(PROFILE.tags)}

PAGE_TYPES = ("home", "product", "category", "cart", "account")
CONTACT_TYPES = ("proactive", "reactive")


@dataclass(frozen=True, slots=True)
class Counted:
    """How many conversations each operator had had at a moment, by the operator's id."""

    at: datetime
    conversations: Mapping[int, int]


# The latest that has come is counted from: whoever asks about now need not wait for all the past.
# With the world's usual seed both lead to the same numbers, to which a test holds them.
COUNTED = (
    Counted(
        datetime(2026, 10, 1, tzinfo=UTC),
        {901: 15_321, 902: 21_327, 903: 23_703, 904: 22_502, 905: 16_100, 900: 20_688},
    ),
    Counted(datetime.min.replace(tzinfo=UTC), {}),
)
# What a conversation adds to the experience of an operator, of which the document shows a number.
POINTS_PER_CONVERSATION = 10

# What a visitor whom nobody could take would have been worth: the vendor estimates it too.
EXPECTED_CONVERSION = 0.12
EXPECTED_BASKET = 64
