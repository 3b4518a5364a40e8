"""The account that is simulated: its people, queues, channels, volumes and credentials."""

from __future__ import annotations

from typing import NamedTuple

from vendors.world import STAFF, AccountProfile, Hours, Queue, Site, Skill, Team

DOMAIN_ID = "sandbox-domain"
CLIENTS = {"sandbox-client": "sandbox-secret"}
SCOPES = ("reporting",)
ANALYTICS = "Analytics"


class Login(NamedTuple):
    """Somebody who signs in by name and password, and a refresh token from an earlier sign-in."""

    password: str
    refresh_token: str
    roles: tuple[str, ...]


LOGINS = {
    "analyst": Login("analyst-secret", "analyst-refresh", (ANALYTICS,)),
    "advisor": Login("advisor-secret", "advisor-refresh", ()),
}

_UK, _IRELAND = 3101, 3102

PROFILE = AccountProfile(
    name="gnatta",
    time_zone="Europe/London",
    channels=("email", "chat", "messenger", "twitter", "sms", "call"),
    channel_weights=(0.34, 0.24, 0.12, 0.08, 0.06, 0.16),
    staff=(
        STAFF[3],
        STAFF[1],
        STAFF[4],
        STAFF[5],
        STAFF[9],
        STAFF[11],
        STAFF[0],
        STAFF[13],
        STAFF[7],
    ),
    teams=(Team(11, "Front line"), Team(12, "Resolution")),
    skills=(Skill(21, "Deliveries"), Skill(22, "Returns"), Skill(23, "Products")),
    queues=(
        Queue(31, "Deliveries", 21),
        Queue(32, "Returns", 22),
        Queue(33, "Refunds", 22),
        Queue(34, "Product advice", 23),
    ),
    sites=(
        Site(_UK, "Shop UK", "https://uk.example.com", "GBP", "Europe/London", "en"),
        Site(_IRELAND, "Shop Ireland", "https://ie.example.com", "EUR", "Europe/Dublin", "en"),
    ),
    contacts_per_day=105,
    weekend_contacts_per_day=65,
    opening=(*(Hours(8, 20),) * 5, Hours(9, 18), Hours(10, 16)),
    reference_prefix="GN",
)

# What the vendor calls the channels; it has two more that this account does not use.
CHANNEL_NAMES = {
    "email": "Email",
    "chat": "WebChat",
    "messenger": "Facebook",
    "twitter": "Twitter",
    "sms": "SMS",
    "call": "Voice",
}
CHANNELS = ("Facebook", "Instagram", "Email", "Twitter", "SMS", "Voice", "TrustPilot", "WebChat")
LIVE_CHANNELS = ("WebChat", "Voice")


class Desk(NamedTuple):
    """A customer-facing account: a mailbox, a page, a line, a chat widget."""

    name: str
    channel: str
    site_ids: tuple[int, ...]


DESKS = (
    Desk("care@uk.example.com", "email", (_UK,)),
    Desk("care@ie.example.com", "email", (_IRELAND,)),
    Desk("Chat on uk.example.com", "chat", (_UK,)),
    Desk("Chat on ie.example.com", "chat", (_IRELAND,)),
    Desk("Shop UK on Facebook", "messenger", (_UK,)),
    Desk("Shop Ireland on Facebook", "messenger", (_IRELAND,)),
    Desk("@shop_care", "twitter", (_UK, _IRELAND)),
    Desk("SMS +44 7700 900123", "sms", (_UK, _IRELAND)),
    Desk("Phone +44 20 7946 0123", "call", (_UK,)),
    Desk("Phone +353 20 912 3456", "call", (_IRELAND,)),
)

# The tenant's dynamic data: what advisors choose when they close, and what the workflow fills in.
REASON = "Contact reason"
PAGE = "Page of origin"
PAGES = ("home", "product", "category", "cart", "account")
