"""How people behave on each channel: whether they wait, talk or write, and how fast."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """The tempo of a channel; times are medians in seconds.

    `live` channels are answered while the customer waits, the others when somebody gets to it;
    `voice` is talk without messages; `invites` may start from an invitation on a website.
    `patience` is how long a live customer waits, and how long a letter lies before it is read.
    """

    patience: float
    live: bool = True
    voice: bool = False
    invites: bool = False
    first_reply: float = 0
    gap: float = 0
    exchanges: float = 0
    talk: float = 0


_CHAT = Pace(invites=True, first_reply=28, gap=46, exchanges=3.8, patience=170)
_CALL = Pace(voice=True, invites=True, talk=240, patience=140)
_MESSENGER = Pace(first_reply=55, gap=60, exchanges=2.8, patience=800)
_LETTER = Pace(live=False, first_reply=210, gap=60, exchanges=1, patience=2_400)

_PACES = {
    "chat": _CHAT,
    "call": _CALL,
    "video": _CALL,
    "whatsapp": _MESSENGER,
    "messenger": _MESSENGER,
    "telegram": _MESSENGER,
}


def pace(channel: str) -> Pace:
    """Return the tempo of a channel; an unknown one is answered like letters, not live."""
    return _PACES.get(channel, _LETTER)
