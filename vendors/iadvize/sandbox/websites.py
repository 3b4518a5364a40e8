"""`/client` and `/website`: the company, and where its visitors come from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from vendors.iadvize.sandbox import envelope, forms
from vendors.iadvize.sandbox.profile import CLIENT_ID
from vendors.iadvize.sandbox.refusals import unknown

if TYPE_CHECKING:
    from vendors.iadvize.sandbox.envelope import Payload
    from vendors.iadvize.sandbox.office import Office
    from vendors.iadvize.sandbox.query import Query
    from vendors.world import Site


_FIELDS = {
    "label": forms.FILLED,
    "url": forms.FILLED,
    "currency": forms.CURRENCY,
    "language_admin": forms.choice(
        "en", "de", "es", "it", "pt", "nl", "se", "tw", "ja", "ko", "fr"
    ),
    "timezone": forms.ZONE,
}
_OURS = {
    "label": "label",
    "url": "url",
    "currency": "currency",
    "language_admin": "language",
    "timezone": "time_zone",
}


class Client(NamedTuple):
    """The company that holds the key."""

    id: int
    lang: str
    premium_enabled: bool


CLIENT = Client(CLIENT_ID, "fr", premium_enabled=True)


def clients(_: Office, query: Query) -> Payload:
    """List the one client of the key."""
    query.filters.allow(())
    return envelope.listing(query, "client", [CLIENT], _client)


def client(_: Office, query: Query) -> Payload:
    """Show the client."""
    if query.number != CLIENT.id:
        raise unknown("client", query.id)
    return envelope.one("client", CLIENT, _client)


def websites(office: Office, query: Query) -> Payload:
    """List the websites, newest first."""
    query.filters.allow(())
    newest_first = sorted(office.sites.values(), key=lambda site: -site.id)
    return envelope.listing(query, "website", newest_first, _website)


def website(office: Office, query: Query) -> Payload:
    """Show one website."""
    found = None if query.number is None else office.sites.get(query.number)
    if found is None:
        raise unknown("website", query.id)
    return envelope.one("website", found, _website)


def update_website(office: Office, query: Query) -> Payload:
    """Change what is said of a website."""
    found = None if query.number is None else office.sites.get(query.number)
    if found is None:
        raise unknown("website", query.id)
    said = forms.read(query.form, _FIELDS)
    changed = replace(found, **{_OURS[field]: value for field, value in said.items()})
    office.sites[found.id] = changed
    return envelope.one("website", changed, _website)


def _client(found: Client) -> Payload:
    return found._asdict()


def _website(site: Site) -> Payload:
    return {
        "id": site.id,
        "url": site.url,
        "label": site.label,
        "client_id": CLIENT_ID,
        "currency": site.currency,
        "language_admin": site.language,
        "timezone": site.time_zone,
    }
