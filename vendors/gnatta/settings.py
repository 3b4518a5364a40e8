"""What has to be set to ask Gnatta, and everything about its API that no document confirms."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from vendors.gnatta.wire import PATHS
from vendors.settings import PlatformSettings

__all__ = ["DirectorySettings", "GnattaSettings", "GroupByWords"]

DOCUMENTED_CHANNELS = (
    "Facebook",
    "Instagram",
    "Email",
    "Twitter",
    "SMS",
    "Voice",
    "TrustPilot",
    "WebChat",
)

DurationUnit = Literal["milliseconds", "seconds", "minutes", "hours"]


class DirectorySettings(BaseModel):
    """Whom and what to group by: the API lists no users, queues or accounts.

    Each table maps an id to the name for people, which may be empty.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    users: Mapping[str, str] = Field({}, description="Users, by id.")
    queues: Mapping[str, str] = Field({}, description="Queues, by id.")
    accounts: Mapping[str, str] = Field({}, description="Accounts, by id.")
    channels: tuple[str, ...] = Field(
        DOCUMENTED_CHANNELS,
        description="Channels to group by, exactly as Gnatta spells them.",
    )
    tag_type: str | None = Field(
        None,
        description="The dynamic data type whose values are tags: the id of a select type, or of "
        "a string type that is reportable.",
    )
    tags: Mapping[str, str] = Field(
        {}, description="Values of that type: option ids with their names, or strings."
    )
    string_types: Mapping[str, str] = Field(
        {}, description="Dynamic data types of string editors that are reportable, by id."
    )
    string_order: Literal["Ascending", "Descending"] = Field(
        "Descending",
        description="The `orderBy` with which views are asked for data of string editors.",
    )
    learn: bool = Field(
        True, description="Whether users and queues that view-interactions shows are added."
    )

    @model_validator(mode="after")
    def _tags_of_a_type(self) -> Self:
        if self.tags and not self.tag_type:
            raise ValueError("tags are values of a dynamic data type: give tag_type")
        return self


class GroupByWords(BaseModel):
    """The words of `filters.groupBy`. The document shows `Week`; these follow its form."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hour: str = Field("Hour", description="The word for hourly results.")
    day: str = Field("Day", description="The word for daily results.")
    month: str = Field("Month", description="The word for monthly results.")


class GnattaSettings(PlatformSettings):
    """One Gnatta domain, reached as a client application."""

    base_url: str = Field(
        "https://api.gnatta.io/reporting/v1.2", description="Where the Reporting API lives."
    )
    export_base_url: str = Field(
        "",
        description="Where its CSV exports live; empty: `base_url` with `reporting` replaced by "
        "`reporting/export`.",
    )
    discovery_url: str | None = Field(
        None,
        description="The OpenID discovery document of the domain, such as "
        "https://auth.gnatta.services/DOMAIN_ID/.well-known/openid-configuration.",
    )
    token_url: str | None = Field(
        None, description="The token endpoint itself; wins over `discovery_url`."
    )
    client_id: str = Field(description="The id of the client application.", min_length=1)
    client_secret: SecretStr = Field(description="The secret of the client application.")
    scope: str | None = Field(None, description="The scope to ask for; empty: none is named.")
    client_authentication: Literal["client_secret_post", "client_secret_basic"] = Field(
        "client_secret_post", description="How the client application shows itself for a token."
    )
    duration_unit: DurationUnit = Field(
        "seconds", description="The unit in which durations come; the document names none."
    )
    paths: Mapping[str, str] = Field(
        {}, description="Paths that differ from the table in docs/platforms/gnatta.md, by entry."
    )
    group_by: GroupByWords = Field(
        default_factory=GroupByWords, description="The words of `filters.groupBy`."
    )
    view_contexts: tuple[Mapping[str, str], ...] = Field(
        ({"type": "Queue"}, {"type": "User"}),
        description="How contexts are asked for in view-interactions; empty: none is asked for.",
    )
    rate_limit_reset_headers: tuple[str, ...] = Field(
        ("X-Rate-Limit-Reset", "X-RateLimit-Reset", "RateLimit-Reset"),
        description="Headers that tell when the rate limit resets, the first present one counts.",
    )
    settling_seconds: float = Field(
        900.0,
        ge=600.0,
        description="How long after its end a figure may move; answers are cached for 600 s.",
    )
    directory: DirectorySettings = Field(
        default_factory=DirectorySettings, description="Users, queues, accounts and channels."
    )

    @field_validator("paths")
    @classmethod
    def _known_entries(cls, paths: Mapping[str, str]) -> Mapping[str, str]:
        for entry, path in paths.items():
            if entry not in PATHS:
                near = get_close_matches(entry, PATHS, n=1, cutoff=0.0)[0]
                raise ValueError(f"there is no path entry {entry!r}; the nearest is {near!r}")
            if not path.startswith("/"):
                raise ValueError(f"the path of {entry!r} begins with a slash, not {path[:1]!r}")
        return paths

    @model_validator(mode="after")
    def _reachable_tokens(self) -> Self:
        if not (self.token_url or self.discovery_url):
            raise ValueError("give discovery_url or token_url")
        return self

    def path(self, entry: str) -> str:
        """Return the path of an entry of the table, as overridden here."""
        return self.paths.get(entry, PATHS[entry].suffix)

    def is_guessed(self, entry: str) -> bool:
        """Return whether that path is neither documented nor set."""
        return entry not in self.paths and not PATHS[entry].documented
