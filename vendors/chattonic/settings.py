"""What a Chat-Tonic platform can be told; what the vendor leaves undocumented is settable here."""

import re
from collections.abc import Mapping
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from vendors.buckets import zone
from vendors.errors import BadInputError
from vendors.measures import Grain
from vendors.records import Channel, PresenceStatus
from vendors.settings import Pacing, PlatformSettings

__all__ = ["ChatTonicPacing", "ChatTonicSettings", "DateFormats", "DurationUnit", "ListSettings"]

DurationUnit: TypeAlias = Literal["unknown", "seconds", "minutes", "milliseconds"]

# A format may end up in an SQL statement of the vendor, so it holds nothing but these.
_FORMAT = re.compile(r"(%[YGmVdH]|[-_/.: TWZ])*")
_ELEMENT = re.compile(r"%.")
_ELEMENTS: Mapping[Grain, frozenset[str]] = {
    Grain.YEAR: frozenset({"%Y"}),
    Grain.MONTH: frozenset({"%Y", "%m"}),
    Grain.WEEK: frozenset({"%G", "%V"}),
    Grain.DAY: frozenset({"%Y", "%m", "%d"}),
    Grain.HOUR: frozenset({"%Y", "%m", "%d", "%H"}),
}
"""What tells one bucket from another: with less they would merge, with more they would split."""


class ChatTonicPacing(Pacing):
    """Polite by default: the vendor publishes no limits, and its dashboard is slow to begin."""

    concurrency: int = Field(4, ge=1, le=200, description="Calls in flight at once, at most.")
    read_seconds: float = Field(60.0, gt=0, description="Longest wait for the next bytes.")
    call_seconds: float = Field(
        20.0, gt=0, description="Longest time of one call in all, but for the dashboard."
    )


class DateFormats(BaseModel):
    """The `dateFormatGroup` for each size of bucket; an empty one is not asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hour: str = Field("%Y-%m-%d %H", description="Hours; the one value that is documented.")
    day: str = Field("%Y-%m-%d", description="Days; inferred.")
    week: str = Field("%G-%V", description="ISO weeks; inferred.")
    month: str = Field("%Y-%m", description="Months; inferred.")
    year: str = Field("%Y", description="Years; inferred.")
    total: str = Field(
        "",
        pattern=r"^[0-9A-Za-z_-]*$",
        description=(
            "A text without dates that makes one row of any window, such as `0`, the label in the "
            "documents' sample; inferred. Empty: totals are asked by the longest bucket."
        ),
    )

    @model_validator(mode="after")
    def _every_format_names_its_bucket(self) -> "DateFormats":
        for grain, pattern in self.by_grain.items():
            exact = frozenset(_ELEMENT.findall(pattern)) == _ELEMENTS[grain]
            if not exact or not _FORMAT.fullmatch(pattern):
                message = f"the format for {grain} does not tell one {grain} from another"
                raise ValueError(message)
        if not self.by_grain:
            message = "at least one size of bucket needs a format"
            raise ValueError(message)
        return self

    @property
    def by_grain(self) -> dict[Grain, str]:
        """Return the formats that are set, the longest bucket first."""
        every = {
            Grain.YEAR: self.year,
            Grain.MONTH: self.month,
            Grain.WEEK: self.week,
            Grain.DAY: self.day,
            Grain.HOUR: self.hour,
        }
        return {grain: pattern for grain, pattern in every.items() if pattern}

    def asked_by(self, grain: Grain) -> tuple[Grain, str]:
        """Return in which buckets an answer of that grain is asked for, and their format."""
        if grain is not Grain.TOTAL:
            return grain, self.by_grain[grain]
        # The vendor cuts every answer into buckets: the longest make the shortest answer.
        return (grain, self.total) if self.total else next(iter(self.by_grain.items()))


class ListSettings(BaseModel):
    """How the lists of queries and of users are asked for and read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    page_size: int = Field(100, ge=10, le=100, description="Rows a call; 100 is the maximum.")
    max_pages: int = Field(
        50, ge=1, description="Calls for one page of ours, at most; beyond it the page is cut."
    )
    sort_parameter: str = Field(
        "sort", description="The parameter that sorts, inferred; empty: none is sent."
    )
    sort_value: str = Field(
        '{"createdAt":-1}', description="What makes it newest first; the form is inferred."
    )
    filter_by_date: bool = Field(
        default=False,
        description="Let the vendor restrict `createdAt`; that it can is inferred.",
    )
    customer_filter: str = Field(
        "",
        description=(
            "The path by which the vendor restricts to a user, such as `messageUser._id`; "
            "undocumented, so that by default the restriction is applied here."
        ),
    )


class ChatTonicSettings(PlatformSettings):
    """One Chat-Tonic app."""

    base_url: str = Field(
        description="Where the API lives, without `/api/v1`; issued by the vendor."
    )
    codename: str = Field(
        description="The app's name in paths; issued by the vendor.", min_length=1
    )
    username: str = Field(description="The account's user name.")
    password: SecretStr = Field(description="The account's password.")
    pacing: ChatTonicPacing = Field(
        default_factory=ChatTonicPacing, description="Limits of our own."
    )
    dashboard_seconds: float = Field(
        60.0, gt=0, description="Longest time of one call of the dashboard, a slow query."
    )
    duration_unit: DurationUnit = Field(
        "unknown",
        description=(
            "The unit of the operators' times, which the vendor does not document; while it is "
            "unknown they stay raw, and no indicator in seconds is made of them."
        ),
    )
    date_formats: DateFormats = Field(
        default_factory=DateFormats, description="The dashboard's bucket formats, by bucket size."
    )
    bucket_time_zone: str = Field(
        "UTC", description="The IANA zone in which the dashboard cuts its buckets; inferred."
    )
    end_inclusive: bool = Field(
        default=False,
        description=(
            "Whether `endDate` belongs to the window, which is undocumented; true sends the last "
            "millisecond before the end instead of the end."
        ),
    )
    dashboard_settling_hours: float = Field(
        24.0, ge=0, description="How long after a bucket's end the dashboard may still change it."
    )
    operator_settling_hours: float = Field(
        1.0, ge=0, description="How long after a window's end the operators' figures may change."
    )
    fresh_seconds: float = Field(
        300.0, ge=0, description="How long figures that can still change are taken as fresh."
    )
    customer_names: bool = Field(
        default=False,
        description=(
            "Whether customers are listed with the names that the bot knows; they are shown to "
            "keys that may read personal data."
        ),
    )
    lists: ListSettings = Field(
        default_factory=ListSettings, description="How queries and users are listed."
    )
    channels: dict[str, Channel] = Field(
        default_factory=dict, description="Further words of `messageUser.platform`, or other ones."
    )
    statuses: dict[str, PresenceStatus] = Field(
        default_factory=dict, description="Further words of an operator's `status`, or other ones."
    )

    @field_validator("base_url")
    @classmethod
    def _without_the_prefix(cls, value: str) -> str:
        return value.rstrip("/").removesuffix("/api/v1")

    @field_validator("bucket_time_zone")
    @classmethod
    def _is_a_zone(cls, value: str) -> str:
        try:
            zone(value)
        except BadInputError as error:
            raise ValueError(str(error)) from error
        return value
