"""Tables of the settings: who may ask, and how they show it."""

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, model_validator

from gateway.configuration.setting_tables import Table
from gateway.security.names import is_taken
from resolvers.context import Scope

__all__ = ["ApiKeySettings", "OidcSettings", "is_confidential"]

Algorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519"
]
"""Signatures that only the provider can make: with a shared secret, whoever checks could sign."""

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def is_confidential(address: str) -> bool:
    """Return whether nobody between can change what is fetched there: TLS, or this machine."""
    parts = urlsplit(address)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    )


def _confidential(address: str) -> str:
    if not is_confidential(address):
        raise ValueError("begin it with https://; http:// only for this machine")
    return address


def _own(name: str) -> str:
    if is_taken(name):
        raise ValueError(f"{name!r} stands for callers without a key; take another name")
    return name


def _words(value: object) -> object:
    """Return the parts of a comma-separated text; anything else as it is."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


class ApiKeySettings(Table):
    """A caller's key, by its hash: `switchboard keys new` makes both."""

    name: Annotated[str, AfterValidator(_own)] = Field(
        min_length=1, description="Who has it, for the log."
    )
    hash: str = Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the key, hexadecimal.")
    scopes: frozenset[Scope] = Field(frozenset({Scope.READ}), description="What it allows.")
    platforms: frozenset[str] | None = Field(
        None, description="The platforms that it sees; empty: all."
    )
    not_after: AwareDatetime | None = Field(
        None, description="When it ends, with an offset; what has passed revokes it."
    )


class OidcSettings(Table):
    """Who signs tokens that are taken beside keys, and what is read from them."""

    issuer: Annotated[str, AfterValidator(_confidential)] | None = Field(
        None, description="The OpenID Connect provider, as its tokens name it in `iss`."
    )
    audience: Annotated[tuple[str, ...], BeforeValidator(_words)] = Field(
        (), description="What `aud` of a token names, one of these at least."
    )
    algorithms: Annotated[tuple[Algorithm, ...], BeforeValidator(_words)] = Field(
        ("RS256", "PS256", "ES256"), min_length=1, description="Signatures that are taken."
    )
    scope_claim: str = Field("scope", description="The claim that holds scopes.")
    scope_prefix: str | None = Field(
        None, description="What ours begin with there, such as `switchboard:`."
    )
    platform_claim: str | None = Field(
        None, description="The claim that holds the platforms that are seen; empty: all are."
    )
    name_claim: str = Field(
        "sub", description="The claim that tells callers apart; logs hold a pseudonym of it."
    )
    clock_skew_seconds: int = Field(
        60, ge=0, le=300, description="How far the provider's clock may differ from ours."
    )

    @model_validator(mode="after")
    def _has_an_audience(self) -> Self:
        if self.issuer is not None and not self.audience:
            raise ValueError("audience is missing: else tokens for other services would do")
        return self
