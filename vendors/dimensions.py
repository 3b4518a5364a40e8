"""What figures are told apart and restricted by."""

from __future__ import annotations

from vendors.words import Word

__all__ = ["Dimension"]


class Dimension(Word):
    """What figures can be grouped or filtered by."""

    PLATFORM = "platform", "One configured account of a vendor."
    AGENT = "agent", "The person or bot who answers."
    CHANNEL = "channel", "Chat, call, e-mail and so on."
    TEAM = "team", "A group of agents."
    QUEUE = "queue", "A queue that work waits in."
    SKILL = "skill", "A skill that work is routed by."
    SITE = "site", "A website of the company."
    ACCOUNT = "account", "A customer-facing account, such as a mailbox or a phone line."
    TAG = "tag", "A label on conversations."
    RULE = "rule", "A targeting rule that invites visitors."
    CONTACT_TYPE = "contact_type", "How a contact began, in the platform's words."
    PAGE_TYPE = "page_type", "The type of page on which a contact began."
    ANSWER = "answer", "An answer to a question of a survey or form."
