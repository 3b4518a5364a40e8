"""What all changes answer: an item for each that was asked for, and what is wrong with it."""

from typing import Annotated

import strawberry
from strawberry import Parent
from strawberry.utils.str_converters import to_camel_case

import schema.enums  # noqa: F401 - the enums must be known before a type refers to them
from resolvers.context import Scope
from resolvers.node_ids import NodeKind, read_node_id
from resolvers.writes import Result, WriteStatus
from schema.context import Info
from vendors import writes
from vendors.errors import BadInputError
from vendors.port import Platform

__all__ = ["DryRun", "IdempotencyKey", "PlatformKey", "UserError", "WriteResult", "meant", "named"]

PlatformKey = Annotated[str, strawberry.argument(description="The key of the platform.")]
IdempotencyKey = Annotated[
    str | None,
    strawberry.argument(
        description="A text of your own, by which the same changes are made once: sent again with "
        "the same input within a day, they are answered with what became of them the first time."
    ),
]
DryRun = Annotated[
    bool,
    strawberry.argument(
        description="Whether to say only what would be refused; nothing is sent to the platform."
    ),
]

_SENTENCES = {
    writes.RefusalCode.MISSING: "It must be given.",
    writes.RefusalCode.INVALID: "The platform does not take this value.",
    writes.RefusalCode.NOT_FOUND: "There is nothing of this id on the platform.",
    writes.RefusalCode.REFUSED: "The platform refused the change.",
}
_NAMES = {"native_id": "id", "start": "period", "end": "period"}
"""The members of changes that go by another name in the input."""


def _field(root: Parent[writes.Refusal]) -> str | None:
    return None if root.field is None else to_camel_case(_NAMES.get(root.field, root.field))


def _message(root: Parent[writes.Refusal]) -> str:
    return _SENTENCES[root.code]


@strawberry.type(description="Something that is wrong with a change, which its author can mend.")
class UserError:
    """A refusal."""

    field: str | None = strawberry.field(
        description="The member of the input that is wrong; null: the platform does not say.",
        resolver=_field,
    )
    code: writes.RefusalCode = strawberry.field(description="What is wrong with it.")
    message: str = strawberry.field(description="The same for people.", resolver=_message)


def _user_errors(root: Parent[Result]) -> list[UserError]:
    return list(root.refusals)  # type: ignore[arg-type]  # the type reads the records


@strawberry.interface(description="What became of one change.")
class WriteResult:
    """A result."""

    status: WriteStatus = strawberry.field(description="What became of it.")
    native_id: str | None = strawberry.field(
        description="The platform's own id of what was, or was to be, changed."
    )
    user_errors: list[UserError] = strawberry.field(
        description="What is wrong with it; empty where nothing was refused.",
        resolver=_user_errors,
    )

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Return whether the value is a result."""
        return isinstance(value, Result)


def meant(info: Info, token: str, kind: NodeKind) -> tuple[Platform, str]:
    """Return the platform and its own id of what a global id names; raise BadInputError.

    Whoever may not write is told that, whatever else is wrong: ForbiddenError.
    """
    context = info.context
    context.require(Scope.WRITE)
    found = read_node_id(context.services.sealer, token)
    platform = context.platforms.get(found.platform)
    if found.kind is not kind or platform is None:
        message = f"This is not the id of a {kind.name.lower()} that you can see."
        raise BadInputError(message, argument="id")
    return platform, found.native_id


def named(info: Info, key: str) -> Platform:
    """Return the platform of that key; raise BadInputError, or ForbiddenError as `meant` does."""
    info.context.require(Scope.WRITE)
    (platform,) = info.context.choose([key], "platform")
    return platform
