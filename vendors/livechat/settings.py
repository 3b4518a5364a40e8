"""What must be known to ask LiveChat's Reports API for one account."""

from datetime import timedelta
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PositiveInt,
    SecretStr,
    model_validator,
)

from vendors.settings import Pacing, PlatformSettings

__all__ = ["Group", "LabelFormats", "LiveChatSettings", "Release"]


def _as_issued(secret: SecretStr) -> SecretStr:
    """Undo what copying does to a token: blanks around it, and the colon of a redirect URL."""
    return SecretStr(secret.get_secret_value().strip().replace("%3A", ":"))


Release: TypeAlias = tuple[int, int]
Token = Annotated[SecretStr, AfterValidator(_as_issued)]


class Group(BaseModel):
    """One group of agents. The Reports API lists none, so they are named here."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: int = Field(ge=0, description="LiveChat's number of the group.")
    name: str = Field("", description="The group's name for people.")


class LabelFormats(BaseModel):
    """How a report names its buckets, as `strptime` patterns; only `day` is documented."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hour: tuple[str, ...] = Field(
        (
            "%Y-%m-%d %H",
            "%Y-%m-%d %H:%M",
            "%Y-%m-%dT%H:%M:%S%z",
            "%Y-%m-%dT%H:%M:%S.%f%z",
            "%H:%M",
            "%H",
        ),
        description="Names of hours; one without a date is taken for a window of one day only.",
    )
    day: tuple[str, ...] = Field(("%Y-%m-%d",), description="Names of days.")
    month: tuple[str, ...] = Field(("%Y-%m",), description="Names of months.")
    year: tuple[str, ...] = Field(("%Y",), description="Names of years.")


class LiveChatSettings(PlatformSettings):
    """One LiveChat account, by an access token or by a Personal Access Token."""

    base_url: str = Field("https://api.livechatinc.com", description="Where its API lives.")
    access_token: Token | None = Field(
        None, description="OAuth access token of an agent with the scope reports_read."
    )
    account_id: str | None = Field(
        None, description="Account (a UUID) that made the Personal Access Token."
    )
    personal_access_token: Token | None = Field(
        None, description="Personal Access Token with the scope reports_read."
    )
    version: str = Field("3.4", pattern=r"^\d+\.\d+$", description="Version of the Reports API.")
    version_in: Literal["url", "header"] = Field(
        "url", description="Whether the version stands in the address or in X-API-Version."
    )
    method: Literal["POST", "GET"] = Field(
        "POST", description="HTTP method of the reports; LiveChat prefers POST for long filters."
    )
    region: str | None = Field(
        None,
        pattern=r"^[a-z0-9-]{1,16}$",
        description="Data centre to name in X-Region, such as dal or fra; empty: not named, and "
        "learnt when LiveChat answers that the request was misdirected.",
    )
    groups: tuple[Group, ...] = Field((), description="Groups by which figures may be split.")
    agents_look_back: timedelta = Field(
        timedelta(days=30),
        gt=timedelta(0),
        description="How far back an agent must have appeared in the performance report to be "
        "listed.",
    )
    tags_look_back: timedelta = Field(
        timedelta(days=30),
        gt=timedelta(0),
        description="How far back a tag must have been used to be one by which figures are split.",
    )
    longest_window_days: PositiveInt | None = Field(
        None, description="Days that one report may span; empty: no limit, as none is documented."
    )
    total_distribution: Literal["day", "month", "year"] = Field(
        "year",
        description="Buckets in which a chats report is asked for when one value is wanted.",
    )
    sub_second_ends: bool = Field(
        True, description="Whether windows end at .999999 rather than at the whole last second."
    )
    settling: timedelta = Field(
        timedelta(days=1),
        ge=timedelta(0),
        description="How long after a bucket's end its chats may still go on or be rated.",
    )
    bucket_labels: LabelFormats = Field(
        default_factory=LabelFormats, description="How the reports name their buckets."
    )
    pacing: Pacing = Field(
        # LiveChat gives up by itself after 15 s, and its answer says more than our silence.
        default_factory=lambda: Pacing(concurrency=4, read_seconds=16.0),
        description="Limits of our own; LiveChat has limits too, but does not publish them.",
    )

    @model_validator(mode="after")
    def _one_credential(self) -> Self:
        personal = (self.account_id, self.personal_access_token)
        complete = all(personal) and self.access_token is None
        alone = bool(self.access_token) and not any(personal)
        if not (complete or alone):
            message = "give either access_token, or account_id together with personal_access_token"
            raise ValueError(message)
        return self

    @property
    def release(self) -> Release:
        """The version as numbers, in whose order 3.10 comes after 3.9."""
        major, minor = self.version.split(".")
        return int(major), int(minor)

    def secret_parts(self) -> tuple[str, ...]:
        """Return what proves who asks: the bearer token, or the account and its token."""
        secrets: tuple[Any, ...] = (self.access_token, self.personal_access_token)
        told = [one.get_secret_value() for one in secrets if one is not None]
        return (*([self.account_id] if self.account_id else []), *told)
