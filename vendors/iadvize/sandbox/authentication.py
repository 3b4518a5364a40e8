"""The key of the account: in a header, in the query, or as the user name of HTTP Basic."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse

from vendors.iadvize.sandbox.profile import API_KEY
from vendors.iadvize.sandbox.refusals import FORBIDDEN

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


class Authentication:
    """Answers whoever comes without the key."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request with the key pass."""
        if scope["type"] == "http" and not _known(Request(scope)):
            await JSONResponse(FORBIDDEN, status_code=403)(scope, receive, send)
            return
        await self.app(scope, receive, send)


def _known(request: Request) -> bool:
    given = (
        request.headers.get("x-api-key")
        or request.query_params.get("key")
        or _user_name(request.headers.get("authorization", ""))
    )
    return hmac.compare_digest(given.encode(), API_KEY.encode())


def _user_name(authorization: str) -> str:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(encoded, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""
