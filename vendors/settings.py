"""The settings that every platform has, whatever its vendor.

A vendor derives its own model; the process reads it from a `[[platforms]]` table. Unknown keys are
refused. A secret is a `SecretStr`, and any secret may come from a file as `<name>_file`.
"""

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Pacing", "PlatformSettings"]


class Pacing(BaseModel):
    """How hard a platform may be asked, and for how long an answer is awaited."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    concurrency: int = Field(10, ge=1, le=200, description="Calls in flight at once, at most.")
    calls_per_second: float | None = Field(
        None, gt=0, description="Calls started in a second, at most; empty: no limit of ours."
    )
    connect_seconds: float = Field(2.0, gt=0, description="Longest wait for a connection.")
    read_seconds: float = Field(10.0, gt=0, description="Longest wait for the next bytes.")
    call_seconds: float = Field(30.0, gt=0, description="Longest time of one call in all.")
    body_bytes: int = Field(
        10 * 1024 * 1024, gt=0, description="Largest answer that is read, after decompression."
    )
    attempts: int = Field(3, ge=1, le=5, description="Tries of one call, the first included.")


class PlatformSettings(BaseModel):
    """One configured account of a vendor."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str = Field(
        description="The name by which callers know the platform.",
        pattern=r"^[a-z0-9][a-z0-9._-]*$",
    )
    vendor: str = Field(description="The kind of system: the name of a vendor folder.")
    title: str = Field("", description="The name for people; empty: the key.")
    base_url: str = Field(description="Where its API lives.")
    time_zone: str = Field("UTC", description="The account's IANA time zone.")
    pacing: Pacing = Field(default_factory=Pacing, description="Limits of our own.")
    ca_file: str | None = Field(
        None, description="A PEM file of further certificate authorities to trust."
    )
