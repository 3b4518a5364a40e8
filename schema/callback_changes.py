"""What platforms are told of calls that agents make, and what they are asked to send by e-mail."""

from typing import Annotated

import strawberry

from resolvers.writes import Result
from schema.changing import created, payload_of, payload_type, shown
from schema.context import Info
from schema.conversations import Conversation
from schema.customers import Customer
from schema.windows import PERIOD, TIME_ZONE, PeriodInput, read_period
from schema.writes import DryRun, IdempotencyKey, PlatformKey, named
from vendors import writes
from vendors.writes import NpsGroup

__all__ = ["CallbackMutation"]


async def _conversation(info: Info, result: Result) -> object:
    if result.native_id is None:
        return None
    key = result.platform, result.native_id
    return await info.context.loaders.links.conversation.load(key)


async def _customer(info: Info, result: Result) -> object:
    if "customer_id" not in result.ids:
        return None
    key = result.platform, result.ids["customer_id"]
    return await info.context.loaders.links.customer.load(key)


_CALLBACKS = payload_type(
    "Callback",
    "a call",
    shown(
        "conversation",
        Conversation,
        _conversation,
        "The conversation that the platform made of the call; null where it told none.",
    ),
    shown(
        "customer",
        Customer,
        _customer,
        "The customer who is called; null where the platform told none.",
    ),
)
_REQUESTS = payload_type("NpsExport", "a request for the answers to a survey")


@strawberry.input(description="A call that an agent makes.")
class CallbackInput:
    """A call."""

    agent_external_id: str = strawberry.field(description="The company's own id of the agent.")
    site_id: str = strawberry.field(description="The platform's own id of the site it is for.")
    phone: str = strawberry.field(description="The number that is called.")


def _told(kind: type[writes.Callback], given: CallbackInput) -> writes.Callback:
    return kind(agent_external_id=given.agent_external_id, site_id=given.site_id, phone=given.phone)


async def _request_nps_export(
    info: Info,
    platform: PlatformKey,
    period: Annotated[PeriodInput | None, PERIOD] = None,
    time_zone: Annotated[str | None, TIME_ZONE] = None,
    group: Annotated[
        NpsGroup, strawberry.argument(description="Whose answers are wanted.")
    ] = NpsGroup.ALL,
    idempotency_key: IdempotencyKey = None,
    dry_run: DryRun = False,
) -> _REQUESTS | None:  # type: ignore[valid-type]  # made here
    on = named(info, platform)
    asked = read_period(info.context, period, time_zone)
    change = writes.RequestNpsExport(start=asked.start, end=asked.end, group=group)
    return await payload_of(info, _REQUESTS, [(on, change)], idempotency_key, dry_run=dry_run)


@strawberry.type
class CallbackMutation:
    """The part of Mutation that is about calls, and about what is sent by e-mail."""

    pick_up_callback = created(
        _CALLBACKS,
        CallbackInput,
        lambda one: _told(writes.PickUpCallback, one),
        "Tell a platform that offers PICK_UP_CALLBACK that agents took calls. Each is told once, "
        "whatever goes wrong.",
    )
    hang_up_callback = created(
        _CALLBACKS,
        CallbackInput,
        lambda one: _told(writes.HangUpCallback, one),
        "Tell a platform that offers HANG_UP_CALLBACK that calls ended. Each is told once, "
        "whatever goes wrong.",
    )
    request_nps_export = strawberry.mutation(
        resolver=_request_nps_export,
        description="Have a platform that offers REQUEST_NPS_EXPORT send the answers to its survey "
        "by e-mail, to the owner of the credential. It is asked once, whatever goes wrong.",
    )
