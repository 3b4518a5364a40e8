"""`stats/nps/export`: the vendor sends an e-mail; here it is remembered instead.

What is written down is to whom the mail would go and how many answers its report would hold. The
document does not show the response: it is an empty object, and the figures are not in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from vendors.chattonic.sandbox.profile import USERNAME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vendors.chattonic.sandbox.office import Office
    from vendors.chattonic.sandbox.request import Parameters, Window

# Whose answers are asked for -> the figure that counts them.
_FIGURES = {
    "all": "answers",
    "promoter": "promoter",
    "passive": "passive",
    "detractor": "detractor",
}


class Mail(NamedTuple):
    """A mail that would have been sent."""

    to: str
    type_user: str
    window: Window
    answers: int


class Outbox:
    """The mails of one simulator, in the order in which they were asked for."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []


def export(office: Office, parameters: Parameters) -> Mapping[str, object]:
    """Write the mail with the report of the window."""
    parameters.allow("typeUser", "startDate", "endDate")
    type_user = parameters.choice("typeUser", _FIGURES)
    window = parameters.window()
    tally = office.ledger.tally(*window, office.now)
    office.outbox.mails.append(Mail(USERNAME, type_user, window, tally.of(_FIGURES[type_user])))
    return {}
