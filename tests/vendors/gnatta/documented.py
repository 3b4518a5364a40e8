"""What the article on tiles offers, tile by tile: by date, as a count, and each of these as a file.

Of most tiles the article tells that there is such a request, and not its address. The addresses
here are those that follow from the three that it shows. Tiles 24 and 29 define words.
"""

from __future__ import annotations

from collections.abc import Iterator

BOTH, COUNT = ("by-date", "count"), ("count",)

TILES: dict[int, tuple[str, str, tuple[str, ...]]] = {
    1: ("interactions/state", "", BOTH),
    2: ("interactions/state", "by-channels", BOTH),
    3: ("interactions/state", "by-data", BOTH),
    4: ("interactions/state", "by-queues", BOTH),
    5: ("interactions/state", "by-users", BOTH),
    6: ("interactions/state", "", BOTH),
    7: ("interactions/state", "by-channels", BOTH),
    8: ("interactions/state", "by-queues", BOTH),
    9: ("interactions/state", "", BOTH),
    10: ("interactions/state", "by-channels", BOTH),
    11: ("interactions/state", "by-queues", BOTH),
    12: ("interactions/times", "by-queues", BOTH),
    13: ("unit-of-works/actions", "by-users", BOTH),
    14: ("messages/volume", "", BOTH),
    15: ("messages/volume", "by-channels", BOTH),
    16: ("messages/volume", "by-queues", BOTH),
    17: ("messages/volume", "by-accounts", BOTH),
    18: ("messages/volume", "by-users", BOTH),
    19: ("messages/times", "", BOTH),
    20: ("messages/times", "by-channels", BOTH),
    21: ("messages/times", "by-queues", BOTH),
    22: ("messages/times", "by-accounts", BOTH),
    23: ("messages/times", "by-users", BOTH),
    25: ("conversations/percentages", "by-accounts", BOTH),
    26: ("conversations/totals", "by-accounts", BOTH),
    27: ("conversations/durations", "by-accounts", BOTH),
    28: ("interactions/times", "by-queues", BOTH),
    30: ("unit-of-works/contacts-per-hour", "by-channels", COUNT),
    31: ("unit-of-works/contacts-per-hour", "by-queues", COUNT),
    32: ("unit-of-works/contacts-per-hour", "by-users", BOTH),
    33: ("unit-of-works/contacts-per-hour", "by-users", BOTH),
    34: ("presence/duration", "by-users", BOTH),
    35: ("presence/percentage", "by-users", COUNT),
    36: ("advisors/metrics", "by-users", COUNT),
}
VIEWS = ("interactions", "conversations", "messages", "unit-of-works")
SHOWN = {
    ("Access", "/{domain}/.well-known/openid-configuration"),
    ("Tile 1", "/reporting/v1.2/interactions/state/by-date"),
    ("Tile 1", "/reporting/v1.2/interactions/state/count"),
    ("Tile 2", "/reporting/v1.2/interactions/state/by-date/by-channels"),
    # Of files the article says that `reporting` becomes `reporting/export`.
    ("Tile 1", "/reporting/export/v1.2/interactions/state/by-date"),
    ("Tile 1", "/reporting/export/v1.2/interactions/state/count"),
    ("Tile 2", "/reporting/export/v1.2/interactions/state/by-date/by-channels"),
}
"""The addresses that the documents show."""
_JSON, _FILE = "/reporting/v1.2", "/reporting/export/v1.2"


def _lines() -> Iterator[str]:
    yield "Access  GET  /{domain}/.well-known/openid-configuration"
    yield "Access  POST  /{domain}/connect/token"
    for number, (measure, by, kinds) in TILES.items():
        for kind in kinds:
            path = "/".join(filter(None, (measure, kind, by)))
            yield f"Tile {number}  POST  {_JSON}/{path}"
            # The average of tile 33 stands beside others' figures, and is exported from its own.
            own = f"{measure}/average/{kind}" if number == 33 else path
            yield f"Tile {number}  POST  {_FILE}/{own}"
    for view in VIEWS:
        yield f"Tile 37  POST  {_JSON}/{view}/view-interactions"
        yield f"Tile 37  POST  {_FILE}/{view}/view-interactions"


DOCUMENTED = "\n".join(_lines())

_STATE = f"{_JSON}/interactions/state"
_LIVE = f"{_JSON}/conversations/{{measure}}"
PARAMETERS = f"""
{_STATE}/by-date                                 oldState
{_STATE}/by-date                                 newState
{_STATE}/by-date                                 timeZone
{_STATE}/by-date                                 filters.groupBy
{_STATE}/by-date                                 filters.from
{_STATE}/by-date                                 filters.to
{_STATE}/count                                   filters.channels
{_STATE}/count                                   filters.queues
{_STATE}/count                                   filters.data.id
{_STATE}/count                                   filters.data.values
{_STATE}/count/by-channels                       filters.channels
{_STATE}/count/by-queues                         filters.queues
{_STATE}/count/by-users                          userIds
{_STATE}/by-date/by-data                         data.id
{_STATE}/by-date/by-data                         data.values
{_STATE}/count/by-data                           orderBy
{_JSON}/unit-of-works/actions/count/by-users     action
{_JSON}/unit-of-works/actions/count/by-users     userIds
{_JSON}/messages/volume/count                    direction
{_JSON}/messages/volume/count/by-accounts        accounts
{_JSON}/messages/times/count                     responseTime
{_LIVE}/count/by-accounts                        filters.channel
{_LIVE}/count/by-accounts                        direction
{_LIVE}/count/by-accounts                        accounts
{_JSON}/unit-of-works/contacts-per-hour/count/by-users  userState
{_JSON}/presence/duration/count/by-users         userState
{_JSON}/{{audits}}/view-interactions             orderBy
{_JSON}/{{audits}}/view-interactions             orderByField
{_JSON}/{{audits}}/view-interactions             contexts.type
"""
"""The properties of requests that the article names, on one of the paths that take each."""
