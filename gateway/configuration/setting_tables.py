"""Tables of the settings: what an operation may ask for, and what is kept for how long."""

from datetime import timedelta
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from resolvers.cached import Lifetime
from resolvers.context import Lifetimes, Limits
from resolvers.planner.store import SeriesLifetimes

__all__ = [
    "DocumentSettings",
    "LifetimeSettings",
    "LifetimesSettings",
    "LimitSettings",
    "SeriesLifetimeSettings",
    "Table",
]

_LONGEST_PERSONAL = timedelta(minutes=15)


class Table(BaseModel):
    """A table of the configuration, in which every name is known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LimitSettings(Table):
    """What one operation may ask for."""

    page_size: int = Field(Limits().page_size, ge=1, description="Items of a page by default.")
    most_per_page: int = Field(Limits().most_per_page, ge=1, description="Items of a page.")
    most_items: int = Field(Limits().most_items, ge=1, description="Items of all pages together.")
    most_calls: int = Field(
        Limits().most_calls,
        ge=1,
        description="Calls to platforms that an operation may make, of all kinds together.",
    )
    fields: dict[str, int] = Field(
        default_factory=dict,
        description='How often an operation may ask for a field, such as `{"Agent.profile" = 50}`.',
    )
    most_points: int = Field(Limits().most_points, ge=1, description="Points of series.")
    rows_per_page: int = Field(Limits().rows_per_page, ge=1, description="Flat rows by default.")
    most_rows_per_page: int = Field(Limits().most_rows_per_page, ge=1, description="Flat rows.")
    most_rows: int = Field(Limits().most_rows, ge=1, description="Flat rows of all pages.")
    depth: int = Field(15, ge=1, description="Levels of fields.")
    aliases: int = Field(30, ge=0, description="Aliases, counted wherever a fragment is spread.")
    tokens: int = Field(1000, ge=1, description="Tokens of a document: validation is quadratic.")
    body_bytes: int = Field(64 * 1024, ge=1, description="Bytes of a request's body.")
    downloads: int = Field(4, ge=0, description="Files handed on at a time, in all; 0: none.")
    download_seconds: float = Field(3600.0, gt=0, description="Time of one file, in seconds.")


class LifetimeSettings(Table):
    """How long something is used, in seconds; `refreshing` and `on_failure` begin after `fresh`."""

    fresh: timedelta = Field(description="Served without a question.", ge=timedelta(0))
    refreshing: timedelta = Field(
        timedelta(0), description="Served while it is fetched anew.", ge=timedelta(0)
    )
    on_failure: timedelta = Field(
        timedelta(0), description="Served, marked stale, when the platform fails.", ge=timedelta(0)
    )

    @model_validator(mode="after")
    def _personal_data_is_short_lived(self) -> Self:
        if self.fresh + max(self.refreshing, self.on_failure) > _LONGEST_PERSONAL:
            raise ValueError("what may hold personal data lives 15 minutes at most")
        return self


def _lifetime(default: Lifetime) -> Any:  # noqa: ANN401 (a field's default, as pydantic types it)
    return Field(
        default_factory=lambda: LifetimeSettings(
            fresh=default.fresh, refreshing=default.refreshing, on_failure=default.on_failure
        ),
        description="How long it is used.",
    )


class SeriesLifetimeSettings(Table):
    """How long measured values are used, in seconds."""

    refreshing: timedelta = Field(
        SeriesLifetimes().refreshing, description="Past its freshness, while it is fetched anew."
    )
    on_failure: timedelta = Field(
        SeriesLifetimes().on_failure, description="Past its freshness, when the platform fails."
    )
    final: timedelta = Field(
        SeriesLifetimes().final, description="What can no longer change is kept for so long."
    )


class LifetimesSettings(Table):
    """How long what was fetched is used, by what it is."""

    agents: LifetimeSettings = _lifetime(Lifetimes().agents)
    conversations: LifetimeSettings = _lifetime(Lifetimes().conversations)
    conversation: LifetimeSettings = _lifetime(Lifetimes().conversation)
    presence: LifetimeSettings = _lifetime(Lifetimes().presence)
    series: SeriesLifetimeSettings = Field(
        default_factory=SeriesLifetimeSettings, description="Measured values."
    )


class DocumentSettings(Table):
    """Documents that callers name instead of sending them."""

    folder: Path | None = Field(
        None,
        description="The folder of trusted documents: `*.graphql`, and the JSON that Relay, "
        "Apollo and GraphQL Code Generator write.",
    )
    only_trusted: bool = Field(False, description="Whether nothing but these is answered.")
    registering: bool = Field(
        True, description="Whether callers may register documents (automatic persisted queries)."
    )
    lifetime: timedelta = Field(
        timedelta(days=1), gt=timedelta(0), description="How long a registered one is kept."
    )
    bytes_per_key: int = Field(
        4 * 1024 * 1024, ge=1024, description="What one key may have registered; the oldest goes."
    )

    def complaint(self) -> str | None:
        """Return what is missing, if anything is."""
        if self.folder is None:
            return "documents.folder is missing" if self.only_trusted else None
        found = self.folder.is_dir()
        return None if found else f"documents.folder: there is no folder {str(self.folder)!r}"
