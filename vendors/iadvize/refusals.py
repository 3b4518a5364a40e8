"""What iAdvize refuses: what is known before it is asked, and what its sentences say.

The document names no member that must be written but those of tags and callbacks; a name is taken
as needed, and of an operator an address as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from vendors.buckets import zone
from vendors.errors import BadInputError, PlatformError, PlatformNotFoundError
from vendors.iadvize.write_forms import CHANNEL_WORDS, OPERATIONS, ours, said
from vendors.records import Channel, ChannelSetting
from vendors.writes import (
    Change,
    CreateAgent,
    HangUpCallback,
    PickUpCallback,
    Refusal,
    RefusalCode,
    SetAgentAvailability,
    UpdateAgent,
    UpdateSite,
    WriteRefusedError,
)

__all__ = ["known_refusals", "refused"]

Check = Callable[[Any], RefusalCode | None]

_ROLES = frozenset({"expert", "operator", "manager", "admin"})
_AGENT_LANGUAGES = frozenset({"de", "en", "es", "fr"})
_SITE_LANGUAGES = frozenset({"en", "de", "es", "it", "pt", "nl", "se", "tw", "ja", "ko", "fr"})
_PRIORITIES = frozenset({None, 0, 10})
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_DIGITS = 18
"""More than any of its ids has."""
_LANGUAGE = re.compile(r"[a-z]{2}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_SAID: Mapping[str, RefusalCode] = {
    "is missing": RefusalCode.MISSING,
    "is not valid": RefusalCode.INVALID,
}
_SENTENCE = re.compile(r"'(?P<field>\w+)' (?P<said>is missing|is not valid)")
_UNKNOWN = re.compile(r"Unknown '(?P<resource>\w+)' with")
_NAMED: Mapping[str, str] = {
    "agent_external_id": "operator",
    "team_id": "group",
    "skill_ids": "skill",
    "site_id": "website",
    "site_ids": "website",
}
"""The members by which a change names something of another resource, and which."""
_OWN = frozenset({"native_id", "parent_id"})
"""The members by which it names something of its own."""


def known_refusals(change: Change) -> Iterator[Refusal]:
    """Yield what iAdvize cannot take in a change, member by member."""
    told = said(change)
    for name in _NEEDED.get(type(change), ()):
        if name not in told:
            yield Refusal(RefusalCode.MISSING, name)
    checks = {**_COMMON, **_CHECKS.get(type(change), {})}
    for name, value in told.items():
        code = checks[name](value) if name in checks else None
        if code is not None:
            yield Refusal(code, name)


def refused(change: Change, error: PlatformError) -> WriteRefusedError:
    """Return the refusal that an answer stands for, with the member that is wrong if it tells."""
    if isinstance(error, PlatformNotFoundError):
        return WriteRefusedError(Refusal(RefusalCode.NOT_FOUND, _lost(change, str(error))))
    found = _SENTENCE.search(str(error))
    if found is None:
        return WriteRefusedError(Refusal(RefusalCode.REFUSED))
    return WriteRefusedError(Refusal(_SAID[found["said"]], ours(change, found["field"])))


def _lost(change: Change, sentence: str) -> str | None:
    """Return the member that names nothing, where only one of them can be it."""
    found = _UNKNOWN.search(sentence)
    resource = None if found is None else found["resource"]
    own = resource in {None, OPERATIONS[type(change)].resource}
    members = [
        name
        for name in said(change)
        if (own and name in _OWN) or (name in _NAMED and resource in {None, _NAMED[name]})
    ]
    return members[0] if len(members) == 1 else None


def _if(good: bool) -> RefusalCode | None:
    return None if good else RefusalCode.INVALID


def _is_number(text: str) -> bool:
    return len(text) <= _DIGITS and text.isascii() and text.isdecimal()


def _id(text: str) -> RefusalCode | None:
    return _if(_is_number(text))


def _ids(texts: tuple[str, ...]) -> RefusalCode | None:
    return _if(all(map(_is_number, texts)))


def _filled(text: str) -> RefusalCode | None:
    return None if text.strip() else RefusalCode.MISSING


def _like(pattern: re.Pattern[str]) -> Check:
    return lambda text: _if(pattern.fullmatch(text) is not None)


def _address(text: str) -> RefusalCode | None:
    return _filled(text) or _if(_ADDRESS.fullmatch(text) is not None)


def _among(words: Collection[str]) -> Check:
    return lambda text: _if(text in words)


def _roles(roles: tuple[str, ...]) -> RefusalCode | None:
    return _if(bool(roles) and _ROLES.issuperset(roles))


def _languages(languages: tuple[str, ...]) -> RefusalCode | None:
    return _if(all(_LANGUAGE.fullmatch(one) for one in languages))


def _time_zone(name: str) -> RefusalCode | None:
    try:
        zone(name)
    except BadInputError:
        return RefusalCode.INVALID
    return None


def _each_once(channels: list[Channel]) -> bool:
    return len(set(channels)) == len(channels) and CHANNEL_WORDS.keys() >= set(channels)


def _channels(channels: tuple[tuple[Channel, bool], ...]) -> RefusalCode | None:
    if not channels:
        return RefusalCode.MISSING
    return _if(_each_once([channel for channel, _ in channels]))


def _settings(settings: tuple[ChannelSetting, ...]) -> RefusalCode | None:
    """Refuse room for several anywhere but in chats: a call and a video are one at a time.

    Whether chats can be turned into videos is told, and no field of the document changes it.
    """
    return _if(
        _each_once([one.channel for one in settings])
        and all(one.priority in _PRIORITIES and one.from_chat is None for one in settings)
        and all(
            one.most_at_once is None or (one.channel is Channel.CHAT and one.most_at_once >= 1)
            for one in settings
        )
    )


_COMMON: Mapping[str, Check] = {
    "native_id": _id,
    "parent_id": _id,
    "team_id": _id,
    "site_id": _id,
    "site_ids": _ids,
    "skill_ids": _ids,
    "name": _filled,
}
_AGENT: Mapping[str, Check] = {
    "family_name": _filled,
    "email": _address,
    "roles": _roles,
    "languages": _languages,
    "admin_language": _among(_AGENT_LANGUAGES),
    "channel_settings": _settings,
}
_CALLBACK: Mapping[str, Check] = {"agent_external_id": _filled, "phone": _filled}
_CHECKS: Mapping[type[Change], Mapping[str, Check]] = {
    CreateAgent: _AGENT,
    UpdateAgent: _AGENT,
    SetAgentAvailability: {"channels": _channels},
    UpdateSite: {
        "url": _filled,
        "currency": _like(_CURRENCY),
        "language": _among(_SITE_LANGUAGES),
        "time_zone": _time_zone,
    },
    PickUpCallback: _CALLBACK,
    HangUpCallback: _CALLBACK,
}
_NEEDED: Mapping[type[Change], tuple[str, ...]] = {CreateAgent: ("family_name", "email")}
"""What must be said where a change could be made without it."""
