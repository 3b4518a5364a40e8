"""What has to be set to ask Gnatta, and everything about its API that no document confirms."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from vendors.gnatta.wire import EXPORTED, PATHS
from vendors.settings import Pacing, PlatformSettings

__all__ = ["DirectorySettings", "ExportPacing", "GnattaSettings", "GroupByWords"]

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

_REPORTING = "reporting"
_EXPORTS = {export: entry for entry, export in EXPORTED.items()}

SignIn = Literal["client_application", "refresh_token", "password"]
_OF_A_USER = ("refresh_token", "username", "password")
_NEEDED: Mapping[SignIn, tuple[str, ...]] = {
    "client_application": ("client_secret",),
    "refresh_token": ("refresh_token",),
    "password": ("username", "password"),
}
"""What each way to sign in needs beside the id of the client application."""

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
    week: str = Field("Week", description="The word for weekly results.")
    month: str = Field("Month", description="The word for monthly results.")


class ExportPacing(Pacing):
    """Exports may be asked for far less often, and a large one takes its time."""

    concurrency: int = Field(1, ge=1, le=200, description="Exports at once, at most.")
    calls_per_second: float | None = Field(
        1.0, gt=0, description="Exports started in a second, at most; empty: no limit of ours."
    )
    read_seconds: float = Field(120.0, gt=0, description="Longest wait for the next bytes.")
    call_seconds: float = Field(3600.0, gt=0, description="Longest time of one export.")
    body_bytes: int = Field(
        1024 * 1024 * 1024, gt=0, description="Largest export, after decompression."
    )
    attempts: int = Field(
        2, ge=1, le=5, description="Tries of one export before its first byte, the first included."
    )


class GnattaSettings(PlatformSettings):
    """One Gnatta domain, reached as a client application or as a user."""

    base_url: str = Field(
        "https://api.gnatta.io/reporting/v1.2", description="Where the Reporting API lives."
    )
    export_base_url: str = Field(
        "",
        description="Where its CSV exports live; empty: `base_url` with `reporting` replaced by "
        "`reporting/export`.",
    )
    export_pacing: ExportPacing = Field(
        default_factory=ExportPacing, description="Limits of our own for exports."
    )
    discovery_url: str | None = Field(
        None,
        description="The OpenID discovery document of the domain, such as "
        "https://auth.gnatta.services/DOMAIN_ID/.well-known/openid-configuration.",
    )
    token_url: str | None = Field(
        None, description="The token endpoint itself; wins over `discovery_url`."
    )
    sign_in: SignIn = Field(
        "client_application",
        description="As whom to sign in: as the client application, or as a user who has the role "
        "Analytics, by a refresh token or by name and password.",
    )
    client_id: str = Field(description="The id of the client application.", min_length=1)
    client_secret: SecretStr | None = Field(
        None,
        description="The secret of the client application; a user may sign in through one without.",
    )
    refresh_token: SecretStr | None = Field(
        None, description="The refresh token of a user, for `sign_in` `refresh_token`."
    )
    username: str | None = Field(
        None, description="The name of a user, for `sign_in` `password`.", min_length=1
    )
    password: SecretStr | None = Field(
        None, description="The password of that user, for `sign_in` `password`."
    )
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
    week_starts: Literal["monday"] | None = Field(
        None,
        description="The first day of the weeks of weekly results, which no document tells; empty: "
        "weeks are made of days, or asked for with their exact bounds.",
    )
    view_contexts: tuple[Mapping[str, str], ...] = Field(
        ({"type": "Queue"}, {"type": "User"}),
        description="How contexts are asked for in view-interactions; empty: none is asked for.",
    )
    rate_limit_reset_headers: tuple[str, ...] = Field(
        ("X-Rate-Limit-Reset", "X-RateLimit-Reset", "RateLimit-Reset"),
        description="Headers that tell when the rate limit resets, the first present one counts.",
    )
    rate_limit_remaining_headers: tuple[str, ...] = Field(
        ("X-Rate-Limit-Remaining", "X-RateLimit-Remaining", "RateLimit-Remaining"),
        description="Headers that tell how many requests are left until then.",
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
    def _one_way_to_sign_in(self) -> Self:
        needed = _NEEDED[self.sign_in]
        missing = [name for name in needed if getattr(self, name) is None]
        if missing:
            raise ValueError(f"sign_in {self.sign_in!r} needs {' and '.join(missing)}")
        for name in _OF_A_USER:
            if name not in needed and getattr(self, name) is not None:
                way = next(one for one, names in _NEEDED.items() if name in names)
                raise ValueError(
                    f"{name} is for sign_in {way!r}, and this is {self.sign_in!r}: leave out one"
                )
        return self

    @property
    def as_user(self) -> bool:
        """Return whether a user signs in, whose roles count."""
        return self.sign_in != "client_application"

    @model_validator(mode="after")
    def _reachable_tokens(self) -> Self:
        if not (self.token_url or self.discovery_url):
            raise ValueError("give discovery_url or token_url")
        return self

    def path(self, entry: str) -> str:
        """Return the path of an entry of the table, as overridden here.

        An export has the path of what it exports, unless one of its own is set or known.
        """
        same = next((one for one in self._entries(entry) if one in self.paths), None)
        return PATHS[entry].suffix if same is None else self.paths[same]

    def is_guessed(self, entry: str) -> bool:
        """Return whether that path is neither documented nor set."""
        set_here = any(one in self.paths for one in self._entries(entry))
        return not (set_here or PATHS[entry].documented)

    @property
    def export_address(self) -> str | None:
        """Return where exports live; None where that is neither set nor follows from `base_url`."""
        head, found, tail = self.base_url.rstrip("/").rpartition(f"/{_REPORTING}/")
        derived = f"{head}/{_REPORTING}/export/{tail}" if found else None
        return self.export_base_url.rstrip("/") or derived

    @staticmethod
    def _entries(entry: str) -> tuple[str, ...]:
        """Return the entries whose override counts for one, the nearest first."""
        whole = _EXPORTS.get(entry)
        shared = whole is not None and PATHS.get(whole) == PATHS[entry]
        return (entry, whole) if whole is not None and shared else (entry,)
