"""What must be known to ask iAdvize's REST API 2.0 for one account."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from vendors.buckets import zone
from vendors.errors import BadInputError
from vendors.measures import Partition
from vendors.settings import PlatformSettings

__all__ = ["IadvizeSettings", "Website"]


def _known_zone(name: str) -> str:
    """Refuse a name that is no IANA time zone."""
    try:
        zone(name)
    except BadInputError as error:
        raise ValueError(str(error)) from error
    return name


def _without_repeats(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


ZoneName = Annotated[str, AfterValidator(_known_zone)]
Resource = Literal["group", "skill", "operator", "visitor", "tag", "website", "odigocallback"]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class Website(BaseModel):
    """One website of the account. Its figures are in its own zone and currency."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)

    id: str = Field(description="iAdvize's number of the website.", min_length=1)
    label: str = Field("", description="The website's name for people.")
    time_zone: ZoneName | None = Field(None, description="IANA time zone; empty: the account's.")
    currency: Currency | None = Field(None, description="ISO 4217 code; empty: the account's.")


class IadvizeSettings(PlatformSettings):
    """One iAdvize account, by its API key."""

    base_url: str = Field(
        "https://sd.iadvize.com/api/2",
        description="Where its API lives; the high-availability platform has its own address.",
    )
    time_zone: ZoneName = Field(
        "Europe/Paris",
        description="IANA time zone of the account; a website's own zone comes first.",
    )
    currency: Currency | None = Field(
        None, description="ISO 4217 code of the account's amounts; a website's own comes first."
    )
    api_key: SecretStr = Field(description="The account's API key.", min_length=1)
    auth: Literal["header", "query", "basic"] = Field(
        "header",
        description="Where the key goes: the X-API-Key header, the query parameter key, or HTTP "
        "Basic as the user name. A query ends up in logs on the way.",
    )
    websites: tuple[Website, ...] = Field(
        (),
        description="Websites to measure, with zone and currency; empty: the whole account in one.",
    )
    channels: Annotated[tuple[str, ...], AfterValidator(_without_repeats)] = Field(
        ("chat",), min_length=1, description="Channels that the account has, in iAdvize's words."
    )
    channel_mode: Literal["each", "optional"] = Field(
        "each",
        description="Whether figures are asked for each channel by itself, or may be asked without "
        "one. iAdvize does not say what it answers then.",
    )
    satisfaction_served: bool = Field(
        default=False,
        description="Whether its API still answers the figures of satisfaction surveys. iAdvize "
        "says that it no longer does; until this is set, no indicator is made of them.",
    )
    statistic_months: int = Field(
        3, ge=1, le=120, description="Months that one call for figures may span."
    )
    conversation_days: int = Field(
        88,
        ge=1,
        le=3660,
        description="Days that one conversation list may span. iAdvize allows three months; 88 "
        "days are fewer than any three months have, an hour of summer time included.",
    )
    list_days: int = Field(
        27,
        ge=1,
        le=3660,
        description="Days that one list of sales, survey responses or call meetings may span. "
        "iAdvize allows a month of sales and says nothing of the others; 27 days are fewer than "
        "any month has.",
    )
    sale_days: int = Field(
        2,
        ge=0,
        le=60,
        description="Days after a conversation's end in which a sale may be put down to it; the "
        "sales of several conversations are read from the lists of these days.",
    )
    visitor_pages: int = Field(
        20, ge=1, description="Calls for one page of customers, at most; beyond it the page is cut."
    )
    survey_notes: Literal["fraction", "percent"] = Field(
        "fraction",
        description="How the notes of surveys are written: 0.86 or 86. iAdvize calls them "
        "percentages; the one rate that its document shows is a fraction.",
    )
    page_size: int = Field(100, ge=1, le=100, description="Rows of one page, at most.")
    visitor_filter: str = Field(
        "visitor_id",
        pattern=r"^\w+$",
        description="The filter by which conversations of one customer are asked for.",
    )
    presence_view: Literal["available", "connected", "all"] = Field(
        "connected",
        description="Which agents the live list is asked for: iAdvize's own default, those who "
        "are connected, or those and the offline ones by a second call.",
    )
    settling: timedelta = Field(
        timedelta(days=3, hours=5),
        ge=timedelta(0),
        description="How long after a bucket's end its figures may still move: a sale is put down "
        "to a contact for two days, and a day's sales are complete at five the next morning.",
    )
    fresh_for: timedelta = Field(
        timedelta(minutes=2),
        ge=timedelta(0),
        description="How long the figures of an open bucket are taken as fresh.",
    )
    writes: tuple[Resource, ...] = Field(
        get_args(Resource),
        description="What may be changed, in iAdvize's words. Its documents took all of these out "
        "in 2020 but operator; where they are gone, name operator alone.",
    )
    write_lists: Literal["numbered", "brackets", "commas"] = Field(
        "numbered",
        description="How several values of one field are written: skill_list[0]=1 as by PHP's "
        "http_build_query, skill_list[]=1, or skill_list=1,2. iAdvize does not say.",
    )
    bucket_labels: tuple[str, ...] = Field(
        (),
        description="Further strptime patterns of the names of buckets, tried after the ISO forms.",
    )

    def zone_of(self, website: str | None) -> ZoneInfo:
        """Return the zone in which that website's times are written."""
        own = next((one.time_zone for one in self.websites if one.id == website), None)
        return zone(own or self.time_zone)

    def currency_of(self, website: str | None) -> str | None:
        """Return the currency of that website's amounts, or None where it is not set."""
        own = next((one.currency for one in self.websites if one.id == website), None)
        return own or self.currency

    @property
    def several_zones(self) -> bool:
        """Return whether times are written in the zones of several places."""
        return any(one.time_zone not in {None, self.time_zone} for one in self.websites)

    def unlike(self, website: str, time_zone: str | None, currency: str | None) -> bool:
        """Return whether that website has another zone or currency than these settings say."""
        return time_zone != self.zone_of(website).key or currency != self.currency_of(website)

    @property
    def partitions(self) -> tuple[Partition, ...]:
        """Return the websites by zone and currency: those of one kind share a call."""
        if not self.websites:
            return (Partition(time_zone=self.time_zone, currency=self.currency),)
        alike: dict[tuple[str, str | None], list[str]] = {}
        for one in self.websites:
            kind = one.time_zone or self.time_zone, one.currency or self.currency
            alike.setdefault(kind, []).append(one.id)
        return tuple(
            # The key names the sites: what is kept for it means nothing for other sites.
            Partition(
                key=f"{name} {currency or '-'} {','.join(sites)}",
                time_zone=name,
                currency=currency,
                sites=tuple(sites),
            )
            for (name, currency), sites in alike.items()
        )
