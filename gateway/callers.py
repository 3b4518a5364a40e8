"""Who may ask, as the settings say it."""

from __future__ import annotations

from gateway.configuration.settings import Settings
from gateway.security.authentication import ApiKey, Authenticator
from gateway.security.jwt import SignedTokens
from gateway.security.jwt_keys import ProviderKeys
from resolvers.context import Scope

__all__ = ["authenticator_for", "keys_of"]


def authenticator_for(settings: Settings) -> Authenticator:
    """Return what tells who asks; nothing is fetched before it is needed."""
    return Authenticator(
        keys_of(settings),
        required=settings.keys_required,
        # Nobody unknown changes anything but what is simulated.
        anonymous=frozenset(Scope) - (set() if settings.sandboxed else {Scope.WRITE}),
        tokens=_tokens(settings),
        query_keys=settings.api_key_in_query,
    )


def keys_of(settings: Settings) -> list[ApiKey]:
    """Return the keys of callers."""
    return [ApiKey(**dict(key)) for key in settings.api_keys]


def _tokens(settings: Settings) -> SignedTokens | None:
    issuer = settings.oidc.issuer
    if issuer is None:
        return None
    return SignedTokens(settings.oidc, settings.sealing_secret, ProviderKeys(issuer))
