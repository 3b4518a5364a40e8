"""What iAdvize can be told to change, by forms and, of tags alone, by JSON.

Its document gives the methods and the answers. An id stands in the answer to what was created;
deleting, and setting who is available, answer without data.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from vendors.calls import Call
from vendors.errors import (
    PlatformBadResponseError,
    PlatformNotFoundError,
    PlatformRejectedError,
)
from vendors.http.message import Ask
from vendors.iadvize import wire
from vendors.iadvize.client import IadvizeClient
from vendors.iadvize.mapping import as_text
from vendors.iadvize.refusals import known_refusals, refused
from vendors.iadvize.settings import IadvizeSettings
from vendors.iadvize.write_forms import OPERATIONS, form
from vendors.writes import (
    Callback,
    Change,
    Create,
    CreateCustomer,
    CreateTag,
    Delete,
    Made,
    Refusal,
    UpdateCustomer,
)

__all__ = ["IadvizeWrites"]


class IadvizeWrites:
    """The changes that one account takes."""

    def __init__(self, client: IadvizeClient, settings: IadvizeSettings) -> None:
        """Change by that client what the settings allow."""
        self._client = client
        self._settings = settings

    @property
    def changes(self) -> frozenset[type[Change]]:
        """Return the changes of the resources that the settings name."""
        offered = self._settings.writes
        return frozenset(kind for kind, one in OPERATIONS.items() if one.resource in offered)

    def refusals(self, change: Change) -> tuple[Refusal, ...]:
        """Return what iAdvize cannot take: ids that are no numbers, words that it does not have."""
        return tuple(known_refusals(change))

    async def make(self, change: Change, call: Call) -> Made:
        """Make the change; one that names nothing which is there is refused.

        What was deleted by a try whose answer was lost is gone when it is tried again.
        """
        if isinstance(change, CreateTag):
            (made,) = await self.make_together((change,), call)
            return made
        try:
            return await self._sent(change, call)
        except PlatformNotFoundError as error:
            if isinstance(change, Delete) and error.attempts > 1:
                return Made(change.native_id)
            raise refused(change, error) from None
        except PlatformRejectedError as error:
            raise refused(change, error) from None

    async def make_together(self, changes: Sequence[Change], call: Call) -> tuple[Made, ...]:
        """Make tags by one call; what iAdvize refuses of one it refuses for all of them."""
        tags = [one for one in changes if isinstance(one, CreateTag)]
        if len(tags) != len(changes) or not tags:
            message = "iAdvize takes nothing but tags together"
            raise TypeError(message)
        ask = _ask(
            tags[0], json=[{"name": one.name, "website_id": int(one.site_id)} for one in tags]
        )
        try:
            answer = await self._client.fetch(ask, wire.CreatedTags, call)
        except (PlatformNotFoundError, PlatformRejectedError) as error:
            raise refused(tags[0], error) from None
        return _found(tags, answer.data)

    async def _sent(self, change: Change, call: Call) -> Made:
        native_id: str | None = getattr(change, "native_id", None)
        ask = _ask(change, native_id, form=form(change, self._settings.write_lists))
        if isinstance(change, CreateCustomer):
            return _customer((await self._client.fetch(ask, wire.Created[wire.Visitor], call)).data)
        if isinstance(change, Create):
            made = await self._client.fetch(ask, wire.Created[wire.Numbered], call)
            return Made(str(made.data.id))
        if isinstance(change, UpdateCustomer):
            changed = (await self._client.fetch(ask, wire.Told[wire.Visitor], call)).data
            return _customer(changed) if isinstance(changed, wire.Visitor) else Made(native_id)
        if isinstance(change, Callback):
            told = (await self._client.fetch(ask, wire.Told[wire.PickedUp], call)).data
            return _picked_up(told) if isinstance(told, wire.PickedUp) else Made()
        await self._client.send(ask, call)
        return Made(native_id)


def _ask(
    change: Change,
    native_id: str | None = None,
    *,
    form: tuple[tuple[str, str], ...] = (),
    json: object = None,
) -> Ask:
    operation = OPERATIONS[type(change)]
    path = (operation.resource, native_id, operation.below)
    words = (operation.resource, operation.below, operation.method.lower())
    return Ask(
        endpoint=" ".join(filter(None, words)),
        path="/".join(filter(None, path)),
        method=operation.method,
        form=form,
        json=json,
        group=f"{operation.resource} change",
        idempotent=change.repeatable,
    )


def _customer(told: wire.Visitor) -> Made:
    """Return the id of a visitor, and the one by which conversations name them."""
    return Made(str(told.id), _ids(customer_id=told.unique_id))


def _picked_up(told: wire.PickedUp) -> Made:
    ids = _ids(
        customer_id=told.visitor_uid,
        site_id=told.website_id,
        rule_id=told.targeting_rule_id,
        skill_id=told.skill_id,
    )
    return Made(as_text(told.conversation_id), ids)


def _ids(**told: wire.Id | None) -> Mapping[str, str]:
    return {name: str(value) for name, value in told.items() if value is not None}


def _found(tags: Sequence[CreateTag], told: Sequence[wire.Tag]) -> tuple[Made, ...]:
    """Return the id of each tag, by its name and website: the order is not promised."""
    left: defaultdict[tuple[str | None, str], list[str]] = defaultdict(list)
    for one in told:
        sites = one.website_id if isinstance(one.website_id, list) else [one.website_id]
        for site in sites:
            left[one.name, str(site)].append(str(one.id))
    try:
        return tuple(Made(left[one.name, str(int(one.site_id))].pop(0)) for one in tags)
    except IndexError:
        raise PlatformBadResponseError("a tag that the answer does not tell of") from None
