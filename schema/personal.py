"""Personal data of customers: for keys that may read it, and noted in the answer where left out."""

from collections.abc import Callable

from strawberry import Parent

from resolvers.context import Scope
from schema.context import Info

__all__ = ["PERSONAL", "personal"]

PERSONAL = "Null for keys without the scope `personal`."
"""What is said of every such field."""


def personal(name: str, shown: str) -> Callable[[Parent[object], Info], str | None]:
    """Return what resolves the record's member of that name, which answers show as `Type.field`."""

    def resolve(root: Parent[object], info: Info) -> str | None:
        value: str | None = getattr(root, name)
        return value if value is None or info.context.sees(Scope.PERSONAL, shown) else None

    return resolve
