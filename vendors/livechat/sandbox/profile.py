"""The account that the simulator shows: its people, groups, greetings, surveys and credentials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vendors.world import STAFF, AccountProfile, Queue, Rule, Site, Skill

if TYPE_CHECKING:
    from collections.abc import Callable

    from vendors.world import Contact

REGION = "fra"
ACCESS_TOKEN = f"{REGION}:sandbox-livechat-token"
# Valid, but nobody gave it the scope of the reports.
UNSCOPED_TOKEN = f"{REGION}:sandbox-livechat-token-without-scope"
ACCOUNT_ID = "5a1dbe00-0000-4000-8000-000000000001"
PERSONAL_ACCESS_TOKEN = f"{REGION}:sandbox-livechat-pat"
SCOPE = "reports_read"
BEARER_SCOPES = {ACCESS_TOKEN: frozenset({SCOPE}), UNSCOPED_TOKEN: frozenset[str]()}
BASIC_SCOPES = {(ACCOUNT_ID, PERSONAL_ACCESS_TOKEN): frozenset({SCOPE})}

# A queue of the world is a group here, with the same id and name; 0 is an id like any other.
GROUPS = (Queue(0, "General", 61), Queue(1, "Deliveries", 62), Queue(2, "Returns", 63))

PROFILE = AccountProfile(
    "livechat",
    time_zone="Europe/London",
    channels=("chat",),
    staff=tuple(STAFF[index] for index in (0, 1, 3, 4, 5, 8, 10, 11)),
    queues=GROUPS,
    skills=(Skill(61, "General"), Skill(62, "Deliveries"), Skill(63, "Returns")),
    sites=(
        Site(301, "Shop UK", "https://uk.example.com", "GBP", "Europe/London", "en"),
        Site(302, "Outlet UK", "https://outlet.example.com", "GBP", "Europe/London", "en"),
    ),
    rules=(Rule(1, "Welcome back"), Rule(18, "Basket over £50"), Rule(19, "Delivery page")),
    tags=("delivery", "return", "refund", "size", "complaint", "crème & café", "spam", "VIP"),
    contacts_per_day=95,
    weekend_contacts_per_day=60,
    max_slots=3,
    rated_share=0.34,
    rule_share=0.28,
    reference_prefix="LC",
)

# Greeting -> the group that it invites to.
GREETING_GROUPS = {1: 0, 18: 1, 19: 1}

# A goal is reached when a chat leads to an order.
ORDER_GOAL = 1

_PAGES = ("home", "product", "category", "cart", "account")


@dataclass(frozen=True, slots=True)
class Question:
    """A question with a choice of answers; `choice` is the index of the one that was selected."""

    answer_id: str
    choice: Callable[[Contact], int]


@dataclass(frozen=True, slots=True)
class Form:
    """A survey of one group."""

    survey_id: str
    questions: tuple[Question, ...]


def _page(contact: Contact) -> int:
    return _PAGES.index(contact.page_type)


def _recommendation(contact: Contact) -> int:
    return contact.survey.nps if contact.survey else 0


def _solved(contact: Contact) -> int:
    """Yes, partly, no."""
    resolution = contact.survey.resolution if contact.survey else 0.0
    return (resolution < 0.75) + (resolution < 0.4)  # noqa: PLR2004 - thirds, roughly


def _form(number: int, *choices: Callable[[Contact], int]) -> Form:
    """Number a survey and its questions as the vendor does: with 18 digits."""
    base = 163_654_772_984_900_000 + number * 1_000
    questions = tuple(
        Question(str(base + index), choice) for index, choice in enumerate(choices, start=1)
    )
    return Form(str(base), questions)


# Type of survey -> group -> what is asked there.
FORMS = {
    "pre_chat": {group.id: _form(10 + group.id, _page) for group in GROUPS},
    "post_chat": {group.id: _form(20 + group.id, _recommendation, _solved) for group in GROUPS},
}
