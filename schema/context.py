"""What a resolver of this schema is given beside its parent and arguments."""

import strawberry

from resolvers.context import RequestContext

__all__ = ["Info"]

Info = strawberry.Info[RequestContext, None]
