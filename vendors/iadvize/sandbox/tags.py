"""`/tag`: the labels of conversations. They are made several at once, each of one website."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vendors.iadvize.sandbox import envelope
from vendors.iadvize.sandbox.refusals import Refusal, invalid, missing, unknown, unknown_field

if TYPE_CHECKING:
    from vendors.iadvize.sandbox.envelope import Payload
    from vendors.iadvize.sandbox.labels import Tag
    from vendors.iadvize.sandbox.office import Office
    from vendors.iadvize.sandbox.query import Query

_FIELDS = ("name", "website_id")


def tags(office: Office, query: Query) -> Payload:
    """List the tags, those of one website if need be."""
    query.filters.allow({"website_id"})
    site = query.filters.number("website_id")
    found = office.labels.of(site) if site is None or site in office.sites else []
    return envelope.listing(query, "tag", found, lambda one: _tag(office, one))


def tag(office: Office, query: Query) -> Payload:
    """Show one tag."""
    found = office.labels.get(query.number)
    if found is None:
        raise unknown("tag", query.id)
    return envelope.one("tag", found, lambda one: _tag(office, one))


def create_tags(office: Office, query: Query) -> Payload:
    """Make all of these tags, or none of them."""
    made = office.labels.create([_read(office, row) for row in query.rows])
    return envelope.success(
        [
            {"id": one.id, "name": one.name, "website_id": one.site_id, "_link": f"/tag/{one.id}"}
            for one in made
        ]
    )


def _read(office: Office, row: Any) -> tuple[str, int]:  # noqa: ANN401 (as it came)
    if not isinstance(row, dict):
        raise Refusal("The body is not an array of objects.")
    for field in row:
        if field not in _FIELDS:
            raise unknown_field(field)
    for field in _FIELDS:
        if field not in row:
            raise missing(field)
    name, site_id = row["name"], row["website_id"]
    if not isinstance(name, str) or not name.strip():
        raise invalid("name")
    if not isinstance(site_id, int) or isinstance(site_id, bool):
        raise invalid("website_id")
    office.check_sites((site_id,))
    return name, site_id


def _tag(office: Office, found: Tag) -> Payload:
    sites = list(office.sites) if found.site_id is None else [found.site_id]
    return {"id": found.id, "name": found.name, "website_id": sites}
